"""Drift checks by the running product: queued, done by its worker, stored, told on GitHub and in a chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bot.config import CONFIG_PATH
from bot.drift.live import read_structure, render_file
from bot.store import DriftCheck
from jobs.parts import Parts, make_parts
from tests.end_to_end.site import BOOKSHOP, Repo, Site
from tests.jobs.processes import wait_until

CONFIG = (BOOKSHOP / CONFIG_PATH).read_text() + "drift: {environments: [production]}\n"
SCHEDULE = "schedule: {cron: '* * * * *'}"
ENDED = ("none", "drift", "could_not_check")


@dataclass(frozen=True)
class Checks:
    """The checks of one repository."""

    repo: Repo
    parts: Parts

    @classmethod
    def of(cls, site: Site, repo: Repo) -> Checks:
        return cls(repo, make_parts(site.settings))

    def run(self, cause: str | None = None) -> DriftCheck:
        """Queues a check, and waits until it has ended."""
        installation = self.parts.github.find_installation(self.repo.name)
        assert installation is not None
        check = self.parts.store.ensure_drift_check(self.repo.name, installation, cause or uuid4().hex)
        self.parts.queue.enqueue_check(check.id, check.attempts)
        return self.wait_for(check.id)

    def wait_for(self, check_id: int) -> DriftCheck:
        """The check once it has ended."""

        def has_ended() -> bool:
            self.repo.site.processes.check()
            return self.parts.store.get_drift_check(check_id).status in ENDED

        wait_until(has_ended, f"the drift check {check_id} ends", deadline_seconds=400)
        return self.parts.store.get_drift_check(check_id)

    def wait_for_issue(self, state: str, words: str) -> None:
        """Waits until the issue is in that state and has those words."""

        def is_so() -> bool:
            self.repo.site.processes.check()
            if not self.parts.store.list_drift_checks(self.repo.name):
                return False
            issue = find_issue(self.repo, 1)
            return issue["state"] == state and words in issue["body"]

        wait_until(is_so, f"the issue is {state}: {words}", deadline_seconds=400)


def execute(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.long
def test_what_was_found_is_stored(site: Site, fresh_database: Callable[[], sa.Engine]) -> None:
    repo = site.create_repo({CONFIG_PATH: CONFIG})
    checks = Checks.of(site, repo)
    unreachable = checks.run()
    assert (unreachable.status, unreachable.commit) == ("could_not_check", repo.git("rev-parse", "HEAD"))
    assert unreachable.detail == f"production: the bot has no URL for {repo.name}/production, and no snapshot was sent"

    live = fresh_database()
    execute(live, "CREATE TABLE by_hand (id integer PRIMARY KEY)")
    with live.connect() as connection:
        site.store.set_snapshot(repo.name, "production", render_file(read_structure(connection)))
    sent = checks.run()
    assert sent.status == "drift"

    site.set_live_url(repo.name, "production", live.url.render_as_string(hide_password=False))
    first = checks.run()
    assert (first.snapshots, first.since) == (sent.snapshots, sent.since)
    assert (first.status, first.detail) == ("drift", None)
    assert first.counts is not None
    assert first.counts["correctness"] > 1
    assert set(first.snapshots or {}) == {"production"}
    execute(live, "ALTER TABLE by_hand ADD COLUMN more text")
    second = checks.run()
    assert second.snapshots != first.snapshots
    assert second.since == first.since

    repo.folder.joinpath(CONFIG_PATH).write_text("drift: [1]")
    repo.commit("A config that cannot be read")
    broken = checks.run()
    assert broken.status == "could_not_check"
    assert CONFIG_PATH in (broken.detail or "")
    assert broken.since == second.since
    assert not list((site.settings.data_dir / "drift").iterdir())


@pytest.mark.long
def test_one_issue_follows_what_is_found(site: Site, fresh_database: Callable[[], sa.Engine]) -> None:
    repo = site.create_repo({CONFIG_PATH: CONFIG})
    checks, live = Checks.of(site, repo), fresh_database()
    site.set_live_url(repo.name, "production", live.url.render_as_string(hide_password=False))
    assert checks.run().status == "could_not_check"  # an empty database is not without drift
    issue = find_issue(repo, 1)
    assert (issue["title"], issue["state"]) == ("Schema drift", "open")
    assert "is it the right database?" in issue["body"]

    execute(live, "CREATE TABLE by_hand (id integer PRIMARY KEY)")
    assert checks.run().status == "drift"
    drifted = find_issue(repo, 1)
    for words in ("by\\_hand: only in production", "made by hand", "erDiagram", "DROP TABLE by_hand", "```diff"):
        assert words in drifted["body"]
    assert checks.run().status == "drift"
    assert find_issue(repo, 1) == drifted
    (check,) = site.playground.list_check_runs(repo.name, "main")
    assert (check["name"], check["conclusion"]) == ("Specwright drift", "neutral")
    assert check["output"]["title"].startswith("Drift: ")

    repo.folder.joinpath(CONFIG_PATH).write_text((BOOKSHOP / CONFIG_PATH).read_text())
    repo.commit("No live database")
    assert checks.run().status == "none"
    assert find_issue(repo, 1)["state"] == "closed"
    repo.folder.joinpath(CONFIG_PATH).write_text(CONFIG)
    repo.commit("With it again")
    assert checks.run().status == "drift"
    assert find_issue(repo, 1)["state"] == "open"
    assert find_issue(repo, 1)["body"] == drifted["body"]


def find_issue(repo: Repo, number: int) -> dict[str, Any]:
    return repo.site.playground.get_issue(repo.name, number)


def test_the_schedule_finds_it_tells_it_and_sees_it_go(site: Site, fresh_database: Callable[[], sa.Engine]) -> None:
    """By RQ's cron, every minute; nobody asks for a check."""
    repo = site.create_repo({CONFIG_PATH: CONFIG.replace("drift: {", "drift: {schedule: {cron: '* * * * *'}, ")})
    checks, live = Checks.of(site, repo), fresh_database()
    site.set_live_url(repo.name, "production", live.url.render_as_string(hide_password=False))
    execute(live, "CREATE TABLE by_hand (id integer PRIMARY KEY)")
    site.store.ensure_installation(checks.parts.github.find_installation(repo.name) or 0, "acme", add=[repo.name])
    checks.wait_for_issue("open", "only in production")
    execute(live, "CREATE TABLE also_by_hand (id integer PRIMARY KEY)")
    checks.wait_for_issue("open", "also")
    repo.folder.joinpath(CONFIG_PATH).write_text(CONFIG.replace("environments: [production]", SCHEDULE))
    repo.commit("Without the live database")
    checks.wait_for_issue("closed", "No drift")
    repo.folder.joinpath(CONFIG_PATH).write_text((BOOKSHOP / CONFIG_PATH).read_text())
    repo.commit("Without a schedule")
    assert any(check.cause.startswith("schedule ") for check in site.store.list_drift_checks(repo.name))

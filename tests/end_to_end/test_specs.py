"""Three specs against the example repository, each from the label to where it should end."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.config import CONFIG_PATH
from tests.end_to_end.site import BOOKSHOP, ROOT, WRITER, Site

SPECS = ROOT / "examples" / "specs"


def test_new_tables_with_relations_become_a_draft_that_says_what_is_open(site: Site) -> None:
    repo = site.create_repo()
    issue = repo.open_spec((SPECS / "01-loyalty.md").read_text())
    run = repo.wait_for_end(issue)
    assert (run.status, run.detail) == ("draft", None), repo.get_status(issue)
    branch = f"specwright/{issue}-loyalty-programme-points-tiers-and"
    assert repo.list_branches() == ["main", run.branch]
    assert (run.branch or "").startswith(branch)
    (pull,) = repo.list_pull_requests()
    assert (pull["draft"], pull["head"]["sha"], pull["base"]["ref"]) == (True, run.head_commit, "main")
    assert re.search(r"^\| lint \| ☐&nbsp;open \| \d warnings?, ", pull["body"], re.MULTILINE)
    assert re.search(r"^\*\*warning\*\* `unindexed-foreign-key` \(\[the rule\]", pull["body"], re.MULTILINE)
    assert re.search(r"^\| Old code \| ✓ goes on running: [1-9]\d* tests ", pull["body"], re.MULTILINE)
    for words in ("PostgreSQL 18", "AC-1", "alembic downgrade e9a1f4427c83", "erDiagram", "**not implemented**"):
        assert words in pull["body"]
    assert f"#{pull['number']}" in repo.get_status(issue) or pull["html_url"] in repo.get_status(issue)
    (check,) = site.playground.list_check_runs(repo.name, run.branch or "")
    assert (check["name"], check["conclusion"]) == ("Specwright", "success")
    reactions = site.playground.get_issue(repo.name, issue)["reactions"]
    assert reactions["eyes"] == 1


LIVE = """
CREATE TABLE order_items (quantity smallint);
INSERT INTO order_items SELECT 1 FROM generate_series(1, 20000);
ANALYZE;
"""


@pytest.mark.long
def test_the_branch_holds_one_commit_with_what_the_spec_asks_for(
    site: Site, fresh_database: Callable[[], sa.Engine]
) -> None:
    config = (BOOKSHOP / CONFIG_PATH).read_text() + "drift: {environments: [production, staging]}\n"
    repo = site.create_repo({CONFIG_PATH: config})
    live = fresh_database()
    with live.begin() as connection:
        connection.exec_driver_sql(LIVE)
    site.set_live_url(repo.name, "production", live.url.render_as_string(hide_password=False))
    issue = repo.open_spec((SPECS / "02-orders-status.md").read_text())
    run = repo.wait_for_end(issue)
    assert run.status == "draft", repo.get_status(issue)
    repo.git("fetch", "--quiet", "origin", run.branch or "")
    assert repo.git("rev-list", "--count", "main..FETCH_HEAD") == "1"
    message = repo.git("log", "-1", "--format=%an %ae%n%b", "FETCH_HEAD")
    assert message.startswith("specwright[bot] ")
    assert re.search(rf"^Co-authored-by: {WRITER} <\d+\+{WRITER}@users\.noreply\.github\.com>$", message, re.MULTILINE)
    changed = repo.git("diff", "--name-only", "main", "FETCH_HEAD").splitlines()
    assert f"specs/{issue}-orders-returns-shipping-and-priority.yml" in changed
    assert "bookshop/models/order.py" in changed
    (check,) = site.playground.list_check_runs(repo.name, run.branch or "")
    assert check["conclusion"] == "success"
    paths = [path for path in changed if path.startswith("migrations/versions/")]
    revisions = read_chain([repo.git("show", f"FETCH_HEAD:{path}") for path in paths], "e9a1f4427c83")
    assert len(revisions) > 1
    (pull,) = repo.list_pull_requests()
    check_deploy_order(pull["body"], revisions)
    assert re.search(r"^\| Old code \| [✓☐] .*[1-9]\d* tests of the old code pass ", pull["body"], re.MULTILINE)
    assert "`order_items` is written anew (about 20,000 rows, " in pull["body"]
    assert "**staging** could not be asked: the bot has no URL for " in pull["body"]


def read_chain(texts: list[str], base: str) -> list[str]:
    """The revisions in their order, each on the one before it, the first on the base."""
    below = {
        re.findall(r"^down_revision\b.* = .(\w+).$", text, re.MULTILINE)[0]: re.findall(
            r"^revision\b.* = .(\w+).$", text, re.MULTILINE
        )[0]
        for text in texts
    }
    chain = [base]
    while chain[-1] in below:
        chain.append(below[chain[-1]])
    assert len(chain) == len(texts) + 1
    return chain[1:]


def check_deploy_order(body: str, revisions: list[str]) -> None:
    """The commands lead over all revisions in their order, up and down; the change has something for each time."""
    section = body.partition("## How to deploy")[2].partition("\n## ")[0]
    phases = re.findall(r"^\| \*\*(\w+)\*\*.*`alembic upgrade (\w+)`.*`alembic downgrade (\w+)`", section, re.MULTILINE)
    ends = [up for _, up, _ in phases]
    assert [phase for phase, _, _ in phases] == ["Before", "With", "After"]
    assert ends == sorted(ends, key=revisions.index)
    assert ends[-1] == revisions[-1]
    assert [down for _, _, down in phases] == ["e9a1f4427c83", *ends[:-1]]


def test_a_gap_is_asked_about_and_the_answer_goes_on(site: Site) -> None:
    repo = site.create_repo()
    text = (SPECS / "03-gap.md").read_text()
    issue = repo.open_spec(text)
    run = repo.wait_for_end(issue)
    assert run.status == "asked"
    status = repo.get_status(issue)
    for words in ("campaigns", "balance", "expires_at", "payment_reference"):
        assert words in status
    assert repo.list_branches() == ["main"]
    assert repo.list_pull_requests() == []

    answer = text.replace("| campaign_id | integer | yes | | references campaigns(id) |\n", "")
    answer = answer.replace("| balance | | no", "| balance | numeric(10, 2) | no").replace("TBD", "timestamptz")
    answer = answer.replace("| varchar(64) | no | | unique |", "| varchar(64) | yes | | unique |")
    site.playground.edit_issue(repo.name, issue, WRITER, body=answer.partition("\n")[2])
    again = repo.wait_for_end(issue, after=run.id)
    assert again.status == "draft", repo.get_status(issue)
    (pull,) = repo.list_pull_requests()
    assert "gift_cards" in pull["body"]

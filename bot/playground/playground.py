"""The playground by hand: accounts, repositories, Apps, and what people do, for the demo and the tests.

Every verb takes plain values and gives the API's JSON, so the same verbs are served as POST /_playground/VERB.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from bot.playground.access import Permission
from bot.playground.actions import apps, repositories, teams
from bot.playground.actions.accounts import ensure_account
from bot.playground.actions.checks import list_check_runs
from bot.playground.actions.comments import list_comment_reactions
from bot.playground.errors import Refused, not_found
from bot.playground.faults import Fault, Kind
from bot.playground.people import Person
from bot.playground.shapes.app import render_app, render_installation
from bot.playground.shapes.check_run import render_check_run
from bot.playground.shapes.issue import render_comment, render_issue, render_reaction
from bot.playground.shapes.pull_request import render_full_pull
from bot.playground.shapes.repository import render_repository
from bot.playground.shapes.user import render_public_user
from bot.playground.site import Site, Work
from bot.playground.tables import App, Comment, Delivery, Installation, Issue, PullRequest, Repository
from bot.playground.webhooks.log import list_deliveries, redeliver
from bot.playground.webhooks.send import Sender

Json = dict[str, Any]
HEADING = re.compile(r"\A\s*#[ \t]+(?P<title>[^\n]+?)[ \t#]*\n(?P<body>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Playground:
    """The verbs. Each raises `Refused` when GitHub would."""

    site: Site
    sender: Sender

    def create_account(self, login: str, kind: str = "User", name: str | None = None) -> Json:
        """A person or an organization, with a `token` for people; the one that is there when there is one."""
        with self.site.open() as work:
            account = ensure_account(work, login, kind, name)
            return {**render_public_user(work, account), "token": account.token}

    def create_repository(
        self,
        name: str,
        source: str | None = None,
        private: bool = False,
        description: str | None = None,
        has_drafts: bool = True,
        collaborators: dict[str, Permission] | None = None,
    ) -> Json:
        """The repository owner/name with the files of a folder (or of a repository's HEAD) as its first commit."""
        owner, _, short = name.partition("/")
        with self.site.open() as work:
            made = repositories.create_repository(
                work,
                ensure_account(work, owner, "Organization"),
                short,
                private=private,
                description=description,
                has_drafts=has_drafts,
            )
            for login, permission in (collaborators or {}).items():
                repositories.set_permission(work, made, ensure_account(work, login), permission)
            if source is not None:
                repositories.fill_repository(work, made, Path(source).absolute())
            return render_repository(work, made)

    def set_permission(self, repository: str, login: str, permission: Permission) -> Json:
        """A person's role in a repository; `none` takes it away."""
        with self.site.open() as work:
            account = ensure_account(work, login)
            repositories.set_permission(work, _get_repository(work, repository), account, permission)
            return {"login": account.login, "permission": permission}

    def ensure_team_member(self, organization: str, team: str, login: str, state: str = "active") -> Json:
        """Somebody in a team (its slug) of an organization; `pending` is an invitation that is open."""
        with self.site.open() as work:
            account, owner = ensure_account(work, login), ensure_account(work, organization, "Organization")
            member = teams.ensure_team_member(work, owner, team, account, state)
            return {"team": team, "login": account.login, "state": member.state}

    def list_reactions(self, repository: str, comment: int) -> list[Json]:
        """The reactions to a comment (its id), oldest first: who and what."""
        with self.site.open() as work:
            found = _get_repository(work, repository)
            row = work.session.get(Comment, comment)
            if row is None or row.issue.repository_id != found.id:
                raise not_found()
            return [render_reaction(work, reaction) for reaction in list_comment_reactions(work, row)]

    def ensure_app(
        self,
        manifest: str | Json,
        public_key: str,
        owner: str,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
    ) -> Json:
        """The App of a manifest (its YAML text, or the mapping), with the public half (PEM) of its key.

        One of that name that is there gets this key and these webhooks; its permissions stay.
        """
        read = yaml.safe_load(manifest) if isinstance(manifest, str) else manifest
        with self.site.open() as work:
            account = ensure_account(work, owner, "Organization")
            return render_app(work, apps.ensure_app(work, read, account, public_key, webhook_url, webhook_secret))

    def install_app(
        self, app: str, account: str, repositories: Sequence[str] | None = None, sender: str | None = None
    ) -> Json:
        """Installs the App (its slug) on an account, for those repositories (owner/name) or for all."""
        with self.site.open() as work:
            target, chosen = _get_account(work, account), repositories
            covered = None if chosen is None else [_get_repository(work, name) for name in chosen]
            who = _get_account(work, sender or account)
            installation = apps.install_app(work, _get_app(work, app), target, who, covered)
            return render_installation(work, installation)

    def set_installation_repositories(self, app: str, account: str, repositories: Sequence[str]) -> Json:
        """Chooses the repositories that the installation covers."""
        with self.site.open() as work:
            installation = _get_installation(work, app, account)
            chosen = [_get_repository(work, name) for name in repositories]
            apps.set_repositories(work, installation, _get_account(work, account), chosen)
            return render_installation(work, installation)

    def uninstall_app(self, app: str, account: str) -> Json:
        """Takes the App off the account."""
        with self.site.open() as work:
            apps.uninstall_app(work, _get_installation(work, app, account), _get_account(work, account))
            return {}

    def revoke_tokens(self, app: str, account: str) -> Json:
        """Ends the tokens that the installation has now."""
        with self.site.open() as work:
            apps.revoke_tokens(work, _get_installation(work, app, account))
            return {}

    def open_issue(self, repository: str, author: str, title: str, body: str = "", labels: Sequence[str] = ()) -> Json:
        """An issue by that person."""
        with self.site.open() as work:
            return render_issue(work, _sign_in(work, author).open_issue(repository, title, body, labels))

    def open_issue_from_markdown(self, repository: str, author: str, text: str, labels: Sequence[str] = ()) -> Json:
        """An issue whose title is the text's first heading."""
        found = HEADING.match(text)
        if found is None:
            raise Refused(422, "the text must begin with a heading: # Title")
        return self.open_issue(repository, author, found["title"], found["body"].strip("\n"), labels)

    def edit_issue(
        self, repository: str, number: int, actor: str, title: str | None = None, body: str | None = None
    ) -> Json:
        """Changes an issue or a pull request."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            issue = person.get_issue(repository, number)
            person.edit_issue(issue, title, body)
            return render_issue(work, issue)

    def set_state(self, repository: str, number: int, actor: str, state: str) -> Json:
        """Closes an issue or a pull request, or opens it again."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            issue = person.get_issue(repository, number)
            change = {"closed": person.close_issue, "open": person.reopen_issue}[state]
            change(issue)
            return render_issue(work, issue)

    def delete_issue(self, repository: str, number: int, actor: str) -> Json:
        """Deletes an issue."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            person.delete_issue(person.get_issue(repository, number))
            return {}

    def add_label(self, repository: str, number: int, actor: str, label: str) -> Json:
        """Puts a label on."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            issue = person.get_issue(repository, number)
            person.add_label(issue, label)
            return render_issue(work, issue)

    def remove_label(self, repository: str, number: int, actor: str, label: str) -> Json:
        """Takes a label off."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            issue = person.get_issue(repository, number)
            person.remove_label(issue, label)
            return render_issue(work, issue)

    def add_comment(self, repository: str, number: int, author: str, body: str) -> Json:
        """A comment by that person."""
        with self.site.open() as work:
            person = _sign_in(work, author)
            return render_comment(work, person.comment(person.get_issue(repository, number), body))

    def merge_pull_request(self, repository: str, number: int, actor: str, method: str = "merge") -> Json:
        """Merges a pull request."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            return {"sha": person.merge(person.get_issue(repository, number), method), "merged": True}

    def set_draft(self, repository: str, number: int, actor: str, draft: bool) -> Json:
        """Turns a pull request into a draft, or makes it ready for review."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            issue = person.get_issue(repository, number)
            person.set_draft(issue, draft)
            return render_full_pull(work, issue)

    def set_locked(self, repository: str, number: int, actor: str, locked: bool) -> Json:
        """Locks or unlocks a conversation."""
        with self.site.open() as work:
            person = _sign_in(work, actor)
            issue = person.get_issue(repository, number)
            person.set_locked(issue, locked)
            return render_issue(work, issue)

    def get_issue(self, repository: str, number: int) -> Json:
        """The issue as it stands, with its `comment_list`."""
        with self.site.open() as work:
            issue = _get_issue(work, repository, number)
            comments = [render_comment(work, comment) for comment in issue.comments]
            return {**render_issue(work, issue), "comment_list": comments}

    def list_comments(self, repository: str, number: int) -> list[Json]:
        """The comments of an issue or a pull request, oldest first."""
        comments: list[Json] = self.get_issue(repository, number)["comment_list"]
        return comments

    def list_pull_requests(self, repository: str) -> list[Json]:
        """All pull requests, oldest first."""
        with self.site.open() as work:
            found = _get_repository(work, repository)
            query = sa.select(Issue).join(PullRequest).where(Issue.repository_id == found.id).order_by(Issue.number)
            return [render_full_pull(work, issue) for issue in work.session.scalars(query)]

    def list_check_runs(self, repository: str, ref: str) -> list[Json]:
        """The check runs on a commit or a branch, newest first."""
        with self.site.open() as work:
            found = _get_repository(work, repository)
            sha = work.get_bare(found).find_commit(ref)
            return [] if sha is None else [render_check_run(work, run) for run in list_check_runs(work, found, sha)]

    def list_deliveries(self) -> list[Json]:
        """The newest webhook deliveries of all Apps, newest first."""
        with self.site.open() as work:
            return [_render_delivery(delivery) for delivery in list_deliveries(work)]

    def redeliver(self, delivery: int) -> Json:
        """Delivers it once more, under the same GUID."""
        with self.site.open() as work:
            return _render_delivery(redeliver(work, work.session.get_one(Delivery, delivery)))

    def wait_for_deliveries(self, timeout_seconds: float = 30) -> Json:
        """Waits until every webhook got its answer, or the time is over."""
        return {"done": self.sender.wait_until_idle(timeout_seconds)}

    def add_fault(
        self, kind: Kind, times: int = 1, method: str | None = None, path: str = "", status: int = 0, seconds: int = 1
    ) -> Json:
        """The next requests to the API that fit meet a fault; see `Fault`."""
        self.site.faults.add(Fault(kind, method, path, status, seconds), times)
        return {}

    def clear_faults(self) -> Json:
        """All is well again."""
        self.site.faults.clear()
        return {}


def _sign_in(work: Work, login: str) -> Person:
    return Person(work, _get_account(work, login))


def _get_account(work: Work, login: str) -> Any:
    account = work.find_account(login)
    if account is None:
        raise Refused(404, f"there is no account {login}")
    return account


def _get_repository(work: Work, full_name: str) -> Repository:
    owner, _, name = full_name.partition("/")
    found = work.find_repository(owner, name)
    if found is None:
        raise Refused(404, f"there is no repository {full_name}")
    return found


def _get_issue(work: Work, repository: str, number: int) -> Issue:
    found = work.find_issue(_get_repository(work, repository), number)
    if found is None:
        raise not_found()
    return found


def _get_app(work: Work, slug: str) -> App:
    found = work.session.scalar(sa.select(App).where(App.slug == slug))
    if found is None:
        raise Refused(404, f"there is no App {slug}")
    return found


def _get_installation(work: Work, app: str, account: str) -> Installation:
    key = (Installation.app_id == _get_app(work, app).id, Installation.account_id == _get_account(work, account).id)
    found = work.session.scalar(sa.select(Installation).where(*key))
    if found is None:
        raise Refused(404, f"{app} is not installed on {account}")
    return found


def _render_delivery(delivery: Delivery) -> Json:
    names = (
        "id",
        "guid",
        "event",
        "action",
        "state",
        "status",
        "status_code",
        "redelivery",
        "payload",
        "response_body",
    )
    return {name: getattr(delivery, name) for name in names}

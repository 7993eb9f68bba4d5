"""The tables that hold what this GitHub knows. Files and commits are in bare git repositories beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bot.store.models import UtcDateTime


class Table(DeclarativeBase):
    """The base of the tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: sa.JSON(none_as_null=True),
        dict[str, str]: sa.JSON,
        list[str]: sa.JSON,
        list[int]: sa.JSON(none_as_null=True),
        str: sa.Text,
    }


def _link(target: str, *, primary: bool = False) -> Any:
    return mapped_column(sa.ForeignKey(target), primary_key=primary, index=not primary)


class Account(Table):
    """A person, an organization, or the bot of an App. `token` is a person's personal access token."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.Text(collation="NOCASE"), unique=True)
    kind: Mapped[str]
    name: Mapped[str | None]
    token: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    @property
    def email(self) -> str:
        """https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


class Repository(Table):
    """A repository. `has_drafts` is false where GitHub's plan offers no draft pull requests."""

    __tablename__ = "repositories"
    __table_args__ = (sa.UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = _link("accounts.id")
    name: Mapped[str] = mapped_column(sa.Text(collation="NOCASE"))
    description: Mapped[str | None]
    private: Mapped[bool]
    default_branch: Mapped[str]
    has_drafts: Mapped[bool]
    created_at: Mapped[datetime]
    pushed_at: Mapped[datetime]

    owner: Mapped[Account] = relationship(lazy="joined")

    @property
    def full_name(self) -> str:
        """owner/name."""
        return f"{self.owner.login}/{self.name}"


class Collaborator(Table):
    """What a person may do in a repository: admin, write or read."""

    __tablename__ = "collaborators"

    repository_id: Mapped[int] = _link("repositories.id", primary=True)
    account_id: Mapped[int] = _link("accounts.id", primary=True)
    permission: Mapped[str]

    account: Mapped[Account] = relationship()


class Team(Table):
    """A team of an organization, known by its slug."""

    __tablename__ = "teams"
    __table_args__ = (sa.UniqueConstraint("organization_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _link("accounts.id")
    slug: Mapped[str] = mapped_column(sa.Text(collation="NOCASE"))


class TeamMember(Table):
    """Who is in a team; `state` is active, or pending while an invitation is open."""

    __tablename__ = "team_members"

    team_id: Mapped[int] = _link("teams.id", primary=True)
    account_id: Mapped[int] = _link("accounts.id", primary=True)
    state: Mapped[str]


class App(Table):
    """A GitHub App as its manifest (app.yml) describes it."""

    __tablename__ = "apps"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str | None]
    url: Mapped[str]
    owner_id: Mapped[int] = _link("accounts.id")
    bot_id: Mapped[int] = _link("accounts.id")
    public_key: Mapped[str]
    webhook_url: Mapped[str | None]
    webhook_secret: Mapped[str | None]
    permissions: Mapped[dict[str, str]]
    events: Mapped[list[str]]
    created_at: Mapped[datetime]

    owner: Mapped[Account] = relationship(foreign_keys=[owner_id])
    bot: Mapped[Account] = relationship(foreign_keys=[bot_id])


class Installation(Table):
    """An App on an account. `repository_ids` is None when all repositories of the account are meant."""

    __tablename__ = "installations"
    __table_args__ = (sa.UniqueConstraint("app_id", "account_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    app_id: Mapped[int] = _link("apps.id")
    account_id: Mapped[int] = _link("accounts.id")
    repository_ids: Mapped[list[int] | None]
    permissions: Mapped[dict[str, str]]
    events: Mapped[list[str]]
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]

    app: Mapped[App] = relationship(lazy="joined")
    account: Mapped[Account] = relationship(lazy="joined")

    def covers(self, repository: Repository) -> bool:
        """Whether the installation reaches that repository."""
        if self.repository_ids is None:
            return repository.owner_id == self.account_id
        return repository.id in self.repository_ids


class InstallationToken(Table):
    """A token of an installation, perhaps narrowed to some repositories and permissions."""

    __tablename__ = "installation_tokens"

    value: Mapped[str] = mapped_column(primary_key=True)
    installation_id: Mapped[int] = _link("installations.id")
    repository_ids: Mapped[list[int] | None]
    permissions: Mapped[dict[str, str]]
    expires_at: Mapped[datetime]

    installation: Mapped[Installation] = relationship()


class Label(Table):
    """A label of a repository. `color` is six hexadecimal digits."""

    __tablename__ = "labels"
    __table_args__ = (sa.UniqueConstraint("repository_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = _link("repositories.id")
    name: Mapped[str] = mapped_column(sa.Text(collation="NOCASE"))
    color: Mapped[str]
    description: Mapped[str | None]


class IssueLabel(Table):
    """A label on an issue."""

    __tablename__ = "issue_labels"

    issue_id: Mapped[int] = _link("issues.id", primary=True)
    label_id: Mapped[int] = _link("labels.id", primary=True)


class Issue(Table):
    """An issue; a pull request is one too. `app_id` is the App that wrote it."""

    __tablename__ = "issues"
    __table_args__ = (sa.UniqueConstraint("repository_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = _link("repositories.id")
    number: Mapped[int]
    title: Mapped[str]
    body: Mapped[str | None]
    author_id: Mapped[int] = _link("accounts.id")
    app_id: Mapped[int | None] = _link("apps.id")
    state: Mapped[str]
    state_reason: Mapped[str | None]
    locked: Mapped[bool]
    deleted: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = _link("accounts.id")

    repository: Mapped[Repository] = relationship(lazy="joined")
    author: Mapped[Account] = relationship(foreign_keys=[author_id], lazy="joined")
    closed_by: Mapped[Account | None] = relationship(foreign_keys=[closed_by_id])
    app: Mapped[App | None] = relationship()
    labels: Mapped[list[Label]] = relationship(secondary="issue_labels", order_by=Label.name)
    comments: Mapped[list[Comment]] = relationship(order_by="Comment.id", back_populates="issue")
    pull: Mapped[PullRequest | None] = relationship(back_populates="issue", lazy="joined")


class PullRequest(Table):
    """What makes an issue a pull request. After the end, `head_sha` and `base_sha` stay as they were."""

    __tablename__ = "pull_requests"

    issue_id: Mapped[int] = _link("issues.id", primary=True)
    head: Mapped[str]
    head_sha: Mapped[str]
    base: Mapped[str]
    base_sha: Mapped[str]
    draft: Mapped[bool]
    merged_at: Mapped[datetime | None]
    merged_by_id: Mapped[int | None] = _link("accounts.id")
    merge_sha: Mapped[str | None]

    issue: Mapped[Issue] = relationship(back_populates="pull")
    merged_by: Mapped[Account | None] = relationship()


class Comment(Table):
    """A comment on an issue or a pull request."""

    __tablename__ = "comments"
    __table_args__ = ({"sqlite_autoincrement": True},)  # the id of a deleted comment never comes again

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = _link("issues.id")
    author_id: Mapped[int] = _link("accounts.id")
    app_id: Mapped[int | None] = _link("apps.id")
    body: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    issue: Mapped[Issue] = relationship(back_populates="comments")
    author: Mapped[Account] = relationship(lazy="joined")
    app: Mapped[App | None] = relationship()


class Reaction(Table):
    """A reaction to the text of an issue (`comment_id` is 0 then) or of a comment."""

    __tablename__ = "reactions"
    __table_args__ = (sa.UniqueConstraint("issue_id", "comment_id", "account_id", "content"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = _link("issues.id")
    comment_id: Mapped[int] = mapped_column(index=True)
    account_id: Mapped[int] = _link("accounts.id")
    content: Mapped[str]
    created_at: Mapped[datetime]

    account: Mapped[Account] = relationship()


class Happening(Table):
    """A line of an issue's timeline: labeled, unlabeled, renamed, closed, reopened, merged, committed, …"""

    __tablename__ = "happenings"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = _link("issues.id")
    actor_id: Mapped[int] = _link("accounts.id")
    kind: Mapped[str]
    detail: Mapped[dict[str, str]]
    created_at: Mapped[datetime]

    actor: Mapped[Account] = relationship()


class CheckRun(Table):
    """A check of an App on a commit."""

    __tablename__ = "check_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = _link("repositories.id")
    app_id: Mapped[int] = _link("apps.id")
    head_sha: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    external_id: Mapped[str]
    details_url: Mapped[str | None]
    status: Mapped[str]
    conclusion: Mapped[str | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    title: Mapped[str | None]
    summary: Mapped[str | None]
    text: Mapped[str | None]

    repository: Mapped[Repository] = relationship()
    app: Mapped[App] = relationship()


class Delivery(Table):
    """A webhook delivery and its outcome. `state` is pending, done or failed."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    guid: Mapped[str] = mapped_column(index=True)
    app_id: Mapped[int] = _link("apps.id")
    installation_id: Mapped[int | None]
    repository_id: Mapped[int | None]
    event: Mapped[str]
    action: Mapped[str | None]
    payload: Mapped[str]
    redelivery: Mapped[bool]
    state: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime]
    duration_seconds: Mapped[float]
    status: Mapped[str]
    status_code: Mapped[int]
    request_headers: Mapped[dict[str, str]]
    response_headers: Mapped[dict[str, str]]
    response_body: Mapped[str]

    app: Mapped[App] = relationship()

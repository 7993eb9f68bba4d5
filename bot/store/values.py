"""What the store gives out: frozen values, never rows that are bound to a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

DeliveryState = Literal["accepted", "queued", "done", "failed"]
RunStatus = Literal["queued", "running", "finished", "draft", "asked", "failed", "cancelled", "refused"]
DriftStatus = Literal["queued", "running", "none", "drift", "could_not_check"]
StepState = Literal["running", "finished", "failed"]

ACTIVE: tuple[RunStatus, ...] = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery; `id` is GitHub's `X-GitHub-Delivery`, `payload` the raw body.

    `attempts` counts how often it was queued; `due` is when it is to be queued (again), None when it has ended.
    """

    id: str
    event: str
    action: str | None
    installation_id: int | None
    repository: str | None
    payload: bytes
    state: DeliveryState
    received: datetime
    due: datetime | None
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at a spec: `title` and `body` as they stood in the delivery that started it.

    `head_commit` is what the run pushes to `branch`. `attempts` counts how often a worker has claimed it; `notices`
    are things to report that happened meanwhile.
    """

    id: int
    kind: str
    repository: str
    installation_id: int
    issue: int
    delivery_id: str
    actor: str
    actor_id: int
    title: str
    body: str
    label: str
    status: RunStatus
    detail: str | None
    base_branch: str | None
    base_commit: str | None
    branch: str | None
    head_commit: str | None
    cancel_reason: str | None
    notices: tuple[str, ...]
    attempts: int
    lease_owner: str | None
    created: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run; `output` is what it produced (JSON), None until it is finished."""

    run_id: int
    name: str
    state: StepState
    attempts: int
    started: datetime
    ended: datetime | None
    output: dict[str, Any] | None
    error: str | None


EntryKind = Literal["prompt", "reply", "result", "value"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a run's transcript: what a model was told, what it answered, what a tool gave, or a value to be kept.

    `number` counts from 1 in the run, `conversation` tells apart what is told to whom, `duration_seconds` is how long
    it took to come about.
    """

    run_id: int
    number: int
    conversation: str
    kind: EntryKind
    content: dict[str, Any]
    duration_seconds: float
    created: datetime


@dataclass(frozen=True, slots=True)
class NewDecision:
    """Whether `actor` may use `command` on issue or pull request `number`, and why.

    `position` is the place of the command in the comment of that delivery.
    """

    delivery_id: str
    position: int
    actor: str
    actor_id: int
    repository: str
    number: int
    comment_id: int
    command: str
    arguments: str
    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Decision(NewDecision):
    """A decision as it was kept. `outcome` is what came of the command, None until it was carried out."""

    id: int
    made: datetime
    outcome: str | None


@dataclass(frozen=True, slots=True)
class PullRequestRecord:
    """A pull request that the bot opened."""

    run_id: int
    repository: str
    number: int
    url: str
    branch: str
    head_sha: str


@dataclass(frozen=True, slots=True)
class DriftCheck:
    """A check of a repository's default branch for drift. `cause` says what asked for it: the same asks once.

    Once it has ended: `commit` is the head that was looked at, `counts` the differences by severity, `snapshots` the
    fingerprints of the environments' schemas, `since` when each difference that is there was first seen (ISO 8601).
    """

    id: int
    repository: str
    installation_id: int
    cause: str
    status: DriftStatus
    detail: str | None
    commit: str | None
    counts: dict[str, int] | None
    snapshots: dict[str, str] | None
    since: dict[str, str] | None
    attempts: int
    lease_owner: str | None
    created: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class DriftSchedule:
    """When a repository is to be checked: never when `cron` is None. `due` is the next time."""

    repository: str
    installation_id: int
    cron: str | None
    time_zone: str
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The structure of a database as `specwright snapshot` prints it, sent to the bot."""

    repository: str
    environment: str
    content: str
    received: datetime

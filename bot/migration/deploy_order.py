"""The revisions of a change, each with its place in the deploy: what people who release it need to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from bot.migration.revision_file import RevisionFile
from bot.migration.stage import Phase


@dataclass(frozen=True, slots=True)
class PlacedRevision:
    """One revision; see `RevisionFile`, which holds its text too."""

    revision: str
    down_revision: str | None
    path: str
    phase: Phase
    blocking: tuple[str, ...] = ()
    lossy: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployStep:
    """The revisions that are run at one time, in their order."""

    phase: Phase
    revisions: tuple[PlacedRevision, ...]

    @property
    def last(self) -> str:
        """The revision that an upgrade goes to."""
        return self.revisions[-1].revision

    @property
    def below(self) -> str:
        """The revision that a downgrade goes to; Alembic calls the state before the first one `base`."""
        return self.revisions[0].down_revision or "base"


def place(file: RevisionFile) -> PlacedRevision:
    """What is known of a revision that was written."""
    return PlacedRevision(
        file.revision, file.down_revision, file.path.as_posix(), file.phase, file.blocking, file.lossy, file.notes
    )


def list_deploy_steps(revisions: Sequence[PlacedRevision]) -> tuple[DeployStep, ...]:
    """The revisions by the time at which they are run; a phase never comes before an earlier one."""
    return tuple(DeployStep(phase, tuple(some)) for phase, some in groupby(revisions, lambda item: item.phase))


def needs_order(revisions: Sequence[PlacedRevision]) -> bool:
    """Whether there is more to know than that the one revision is run before the code or with it."""
    return len(revisions) > 1 or any(item.blocking or item.lossy or item.phase == "after" for item in revisions)


def to_json(revision: PlacedRevision) -> dict[str, Any]:
    """A dictionary that JSON can hold; `from_json` reads it back."""
    return asdict(revision)


def from_json(content: Mapping[str, Any]) -> PlacedRevision:
    """The revision that `to_json` wrote. Raises KeyError when a part is missing."""
    return PlacedRevision(
        revision=str(content["revision"]),
        down_revision=content["down_revision"],
        path=str(content["path"]),
        phase=content["phase"],
        blocking=tuple(content["blocking"]),
        lossy=tuple(content["lossy"]),
        notes=tuple(content["notes"]),
    )

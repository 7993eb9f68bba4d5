"""Where a database stands in the history of revisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.migration.alembic_runner import History, Revision

State = Literal["level", "behind", "ahead", "diverged"]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A revision that the tree does not have, but git does; `place` says where."""

    revision: str
    down_revisions: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Position:
    """`behind` are the revisions that the database has not run, oldest first; `ahead` those that only it has run.

    `compared_at` are the revisions whose schema the database should have; None: nobody knows, as `ahead` leads to no
    revision of the tree.
    """

    current: tuple[str, ...]
    behind: tuple[str, ...]
    ahead: tuple[str, ...]
    applied: frozenset[str]
    compared_at: tuple[str, ...] | None

    @property
    def state(self) -> State:
        """In a word."""
        if self.ahead:
            return "diverged" if self.behind else "ahead"
        return "behind" if self.behind else "level"


def find_position(current: Collection[str], history: History, elsewhere: Mapping[str, Elsewhere]) -> Position:
    """The position of a database whose version table has these revisions (none: it is before the first)."""
    known = {revision.revision: revision for revision in history.revisions}
    below = {name: (*revision.down_revisions, *revision.depends_on) for name, revision in known.items()}
    below |= {name: found.down_revisions for name, found in elsewhere.items() if name not in known}
    applied = frozenset(_list_below(sorted(current), below))
    ahead = tuple(name for name in _list_below(sorted(current), below) if name not in known)
    ours = [revision for revision in history.revisions if revision.revision in applied]
    is_lost = bool(ahead) and not ours
    return Position(
        current=tuple(sorted(current)),
        behind=() if is_lost else tuple(name for name in reversed(known) if name not in applied),
        ahead=ahead,
        applied=applied,
        compared_at=None if is_lost else _find_heads(ours),
    )


def _list_below(names: Sequence[str], below: Mapping[str, Sequence[str]]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += below.get(name, ())


def _find_heads(revisions: Sequence[Revision]) -> tuple[str, ...]:
    stood_on = {name for revision in revisions for name in (*revision.down_revisions, *revision.depends_on)}
    return tuple(sorted(revision.revision for revision in revisions if revision.revision not in stood_on))

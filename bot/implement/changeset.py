"""What an implementer did and, as plainly, what it did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CriterionEvidence:
    """Where an acceptance criterion is met: `where` in words, `tests` as pytest node ids (none: it stays open)."""

    criterion_id: str
    where: str
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changeset:
    """`files` are paths relative to the tree, sorted; `not_done` names each endpoint, criterion or change left open."""

    files: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()
    criteria: tuple[CriterionEvidence, ...] = ()
    notes: tuple[str, ...] = ()


def merge(changesets: Iterable[Changeset]) -> Changeset:
    """One changeset of several, in their order, nothing said twice; evidence for one criterion is joined."""
    parts = tuple(changesets)
    return Changeset(
        files=tuple(sorted({file for part in parts for file in part.files})),
        done=_once(line for part in parts for line in part.done),
        not_done=_once(line for part in parts for line in part.not_done),
        criteria=_join(item for part in parts for item in part.criteria),
        notes=_once(line for part in parts for line in part.notes),
    )


def to_json(changeset: Changeset) -> dict[str, Any]:
    """A dictionary that JSON can hold; `from_json` reads it back."""
    criteria = [
        {"criterion_id": item.criterion_id, "where": item.where, "tests": list(item.tests)}
        for item in changeset.criteria
    ]
    return {
        "files": list(changeset.files),
        "done": list(changeset.done),
        "not_done": list(changeset.not_done),
        "criteria": criteria,
        "notes": list(changeset.notes),
    }


def from_json(content: Mapping[str, Any]) -> Changeset:
    """The changeset that `to_json` wrote. Raises KeyError when a part is missing."""
    criteria = (
        CriterionEvidence(str(item["criterion_id"]), str(item["where"]), tuple(item["tests"]))
        for item in content["criteria"]
    )
    return Changeset(
        files=tuple(content["files"]),
        done=tuple(content["done"]),
        not_done=tuple(content["not_done"]),
        criteria=tuple(criteria),
        notes=tuple(content["notes"]),
    )


def _once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _join(items: Iterable[CriterionEvidence]) -> tuple[CriterionEvidence, ...]:
    joined: dict[str, CriterionEvidence] = {}
    for item in items:
        known = joined.get(item.criterion_id)
        places = () if known is None else (*known.where.split("; "),)
        where = "; ".join(_once(part for part in (*places, item.where) if part))
        tests = item.tests if known is None else _once((*known.tests, *item.tests))
        joined[item.criterion_id] = CriterionEvidence(item.criterion_id, where, tests)
    return tuple(joined.values())

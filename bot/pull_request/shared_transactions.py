"""Revisions that were run in one transaction, because env.py does not ask for one each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.migration.deploy_order import PlacedRevision, list_deploy_steps
from bot.migration.proof_result import Proof


@dataclass(frozen=True, slots=True)
class SharedTransaction:
    """`revisions` that one command runs, two of which at least share a transaction.

    `is_broken_up` tells that a statement outside of a transaction is among them: it commits what ran until then.
    """

    revisions: tuple[str, ...]
    is_broken_up: bool


def find_shared_transactions(proof: Proof, revisions: Sequence[PlacedRevision]) -> tuple[SharedTransaction, ...]:
    """For each time at which something is run; none where each revision was a transaction of its own."""
    steps = (tuple(item.revision for item in step.revisions) for step in list_deploy_steps(revisions))
    found = (_look(proof, step) for step in steps)
    return tuple(shared for shared in found if shared is not None)


def _look(proof: Proof, step: Sequence[str]) -> SharedTransaction | None:
    ran = [statement for statement in proof.upgrade.statements if statement.revision in step]
    owners: dict[int, set[str]] = {}
    for statement in ran:
        if statement.transaction is not None:
            owners.setdefault(statement.transaction, set()).add(statement.revision)
    shared = {revision for some in owners.values() if len(some) > 1 for revision in some}
    if not shared or not proof.upgrade.is_observed:
        return None
    named = tuple(revision for revision in step if revision in shared)
    return SharedTransaction(named, any(statement.transaction is None for statement in ran))

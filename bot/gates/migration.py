"""The migration is proved: up, down and up again on a real database with rows, and the models agree with it.

A rollback that loses values which the spec itself gives up does not fail; a person must agree to it.
"""

from __future__ import annotations

from bot.gates.context import GateContext
from bot.gates.result import GateResult, State, count, quote
from bot.migration.contents import Loss
from bot.migration.proof_result import Proof


def check(context: GateContext) -> GateResult:
    """Fails when a step of the proof did not hold or the models make another schema."""
    proof = context.proof
    if proof is None and context.spec.data_model.is_empty:
        return _answer("skipped", "the spec asks nothing of the database")
    if proof is None:
        return _answer("failed", "the spec has a data model, but no migration was proved")
    if not proof.ok:
        return _answer("failed", *_describe_failure(proof))
    if context.model_differences:
        summary = f"the models differ from the schema in {count(len(context.model_differences), 'place')}"
        return _answer("failed", summary, *context.model_differences)
    if proof.lossy:
        lost = (describe_loss(loss) for loss in proof.lost)
        return _answer("open", "proved, but rolling back loses what the spec gives up", *lost, *_list_unfilled(proof))
    rows = sum(proof.rows.values())
    return _answer("passed", f"up, down and up again with {count(rows, 'row')}, nothing lost", *_list_unfilled(proof))


def describe_loss(loss: Loss) -> str:
    """A loss in words."""
    what = f"column {quote(loss.column)} of {quote(loss.table)}" if loss.column else f"table {quote(loss.table)}"
    return f"{what}: {count(loss.rows, 'row')} of the proof"


def _answer(state: State, summary: str, *details: str) -> GateResult:
    return GateResult("migration", state, summary, details)


def _describe_failure(proof: Proof) -> tuple[str, ...]:
    failed = [step for step in proof.steps if not step.ok]
    if not failed:
        return ("the proof has no steps",)
    names = ", ".join(quote(step.name) for step in failed)
    return (
        f"the proof does not hold: {names}",
        *(line for step in failed for line in step.detail.splitlines() if line),
    )


def _list_unfilled(proof: Proof) -> tuple[str, ...]:
    return tuple(f"{quote(table)} was empty during the proof: {reason}" for table, reason in proof.unfilled)

"""The gate of the migration's proof."""

from __future__ import annotations

from bot.gates.migration import check
from bot.migration.contents import Loss
from bot.migration.proof_result import ProofStep
from bot.spec.model import Spec
from tests.gates.contexts import WITH_TABLES, make_context, make_proof

BROKEN = (ProofStep("rows", True, 0.1), ProofStep("upgrade", False, 0.1, "relation exists\n\nLINE 1"))


def test_a_proof_that_holds_passes() -> None:
    result = check(make_context(spec=WITH_TABLES, proof=make_proof()))
    assert (result.state, result.summary) == ("passed", "up, down and up again with 3 rows, nothing lost")


def test_no_data_model_leaves_nothing_to_check() -> None:
    assert check(make_context(spec=Spec("t", "", ""))).state == "skipped"


def test_a_data_model_without_a_proof_fails() -> None:
    assert check(make_context(spec=WITH_TABLES)).state == "failed"


def test_a_step_that_does_not_hold_is_named_with_what_was_found() -> None:
    result = check(make_context(spec=WITH_TABLES, proof=make_proof(steps=BROKEN)))
    assert (result.state, result.summary) == ("failed", "the proof does not hold: `upgrade`")
    assert result.details == ("relation exists", "LINE 1")


def test_a_proof_without_steps_fails() -> None:
    assert check(make_context(spec=WITH_TABLES, proof=make_proof(steps=()))).state == "failed"


def test_models_that_make_another_schema_fail() -> None:
    result = check(make_context(spec=WITH_TABLES, proof=make_proof(), model_differences=("column a.b dropped",)))
    assert (result.state, result.details) == ("failed", ("column a.b dropped",))


def test_a_stated_loss_asks_for_a_person() -> None:
    lost = (Loss("a", "b", 2, is_stated=True), Loss("c", None, 1, is_stated=True))
    result = check(make_context(spec=WITH_TABLES, proof=make_proof(lost=lost)))
    assert result.state == "open"
    assert result.details == ("column `b` of `a`: 2 rows of the proof", "table `c`: 1 row of the proof")


def test_tables_without_rows_are_named() -> None:
    result = check(make_context(spec=WITH_TABLES, proof=make_proof(unfilled=(("a", "a trigger refuses"),))))
    assert (result.state, result.details) == ("passed", ("`a` was empty during the proof: a trigger refuses",))

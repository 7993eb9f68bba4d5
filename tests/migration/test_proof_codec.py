from __future__ import annotations

import json

import hypothesis
import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.migration.alembic_runner import RanStatement
from bot.migration.contents import Loss
from bot.migration.proof_codec import from_json, to_json
from bot.migration.proof_result import Proof, ProofStep
from bot.schema.diff import diff
from bot.schema.model import Schema
from tests.schema.strategies import schemas

TEXTS = st.text(max_size=20)
SECONDS = st.floats(0, 1000, allow_nan=False)
steps = st.builds(ProofStep, TEXTS, st.booleans(), SECONDS, TEXTS)
losses = st.builds(Loss, TEXTS, st.none() | TEXTS, st.integers(0, 10**9), st.booleans())
statements = st.builds(RanStatement, TEXTS, TEXTS, st.floats(0, 10), autocommit=st.booleans())


@st.composite
def proofs(draw: st.DrawFn) -> Proof:
    before, after, other = draw(schemas), draw(schemas), draw(schemas)
    return Proof(
        base_revision=draw(st.none() | TEXTS),
        revisions=tuple(draw(st.lists(TEXTS, max_size=2))),
        steps=tuple(draw(st.lists(steps, max_size=3))),
        changes=diff(before, after),
        mismatch=diff(after, other),
        leftover=diff(other, before),
        lost=tuple(draw(st.lists(losses, max_size=2))),
        rows=draw(st.dictionaries(TEXTS, st.integers(0, 10**6), max_size=2)),
        unfilled=tuple(draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=2))),
        upgrade_sql=draw(TEXTS),
        downgrade_sql=draw(TEXTS),
        server_version="PostgreSQL 18.1",
        statements=tuple(draw(st.lists(statements, max_size=2))),
    )


@hypothesis.settings(max_examples=40, deadline=None)
@hypothesis.given(proofs())
def test_a_proof_survives_json(proof: Proof) -> None:
    content = json.loads(json.dumps(to_json(proof)))
    again = from_json(content)
    assert again == proof
    assert (content["ok"], content["reversible"], content["lossy"]) == (proof.ok, proof.reversible, proof.lossy)


def test_what_is_no_proof_is_refused() -> None:
    content = to_json(Proof(None, (), (), (), (), (), (), {}, (), "", "", ""))
    assert from_json(content).steps == ()
    content["steps"] = [{"name": 1, "ok": "perhaps"}]
    with pytest.raises(ValidationError):
        from_json(content)


@pytest.mark.parametrize(
    ("names", "lost", "verdicts"),
    [
        ((), (), (False, False, False)),
        (("upgrade",), (), (True, False, False)),
        (("downgrade", "start restored", "upgrade again"), (), (True, True, False)),
        (("downgrade", "start restored", "upgrade again"), (Loss("t", "a", 1, True),), (True, True, True)),
        (("downgrade", "upgrade again"), (), (True, False, False)),
    ],
)
def test_verdicts(names: tuple[str, ...], lost: tuple[Loss, ...], verdicts: tuple[bool, bool, bool]) -> None:
    made = tuple(ProofStep(name, True, 0.0) for name in names)
    empty = diff(Schema("postgresql"), Schema("postgresql"))
    proof = Proof(None, (), made, empty, empty, empty, lost, {}, (), "", "", "")
    assert (proof.ok, proof.reversible, proof.lossy) == verdicts


def test_one_that_was_stored_by_an_older_bot_is_read() -> None:
    newer = ("upgrade", "downgrade", "kills", "statements")
    proof = Proof("a", ("b",), (ProofStep("upgrade", True, 0.1),), (), (), (), (), {"t": 1}, (), "SQL", "SQL", "18")
    assert from_json({name: value for name, value in to_json(proof).items() if name not in newer}) == proof

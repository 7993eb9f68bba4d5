"""A migration whose session is ended on the way has done nothing, or can be run again; else the proof does not hold."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from bot.migration import kills as module
from bot.migration.proof_codec import from_json, to_json
from bot.migration.proof_result import Proof
from tests.migration.bench import Benches
from tests.migration.projects import revision
from tests.migration.shop import ADD, TAKE, Shop
from tests.migration.test_alembic_runner import ASYNC_ENV


def alone(line: str) -> str:
    return f"with op.get_context().autocommit_block():\n    {line}"


@dataclass(frozen=True)
class Case:
    """`places` are (direction, statement, outcome); `statements` are those that they stand for."""

    up: str
    down: str
    places: tuple[tuple[str, int, str], ...]
    statements: int
    ok: bool = True
    says: str = ""


INDEX = "op.create_index('ix', 'customers', ['points'], postgresql_concurrently=True, if_not_exists=True)"
CASES = {
    "all in one transaction": Case(
        ADD + "\nop.create_index('ix', 'customers', ['note'])",
        "op.drop_index('ix')\n" + TAKE,
        (("upgrade", 2, "nothing happened"), ("downgrade", 2, "nothing happened")),
        4,
        says="ended after each of 4 statement(s)",
    ),
    "a statement by itself that can be done twice": Case(
        alone(INDEX),
        "op.drop_index('ix')",
        (("upgrade", 1, "finished again"), ("downgrade", 1, "nothing happened")),
        2,
        says="finished again: upgrade 1",
    ),
    "a statement by itself that cannot": Case(
        alone(INDEX.replace(", if_not_exists=True", "")),
        "op.drop_index('ix')",
        (("upgrade", 1, "stuck"), ("downgrade", 1, "nothing happened")),
        2,
        ok=False,
        says="stuck: upgrade, ended after statement 1, run again: ProgrammingError: (psycopg.errors.DuplicateTable) "
        'relation "ix" already exists',
    ),
    "a transaction before it that cannot": Case(
        ADD + "\n" + alone(INDEX),
        "op.drop_index('ix')\n" + TAKE,
        (("upgrade", 1, "nothing happened"), ("upgrade", 2, "stuck"), ("downgrade", 2, "nothing happened")),
        4,
        ok=False,
        says='column "note" of relation "customers" already exists',
    ),
    "a second attempt that leads elsewhere": Case(
        alone("op.execute('ALTER TABLE customers ADD CHECK (points IS NOT NULL)')"),
        "op.execute('ALTER TABLE customers DROP CONSTRAINT customers_points_check')",
        (("upgrade", 1, "stuck"), ("downgrade", 1, "nothing happened")),
        2,
        ok=False,
        says="the second attempt leads to another schema",
    ),
    "other statements each time": Case(
        "import pathlib\nmark = pathlib.Path('ran')\nif not mark.exists():\n    op.execute('SELECT 1')\nmark.touch()",
        "op.execute('SELECT 2')",
        (("upgrade", 1, "not reached"), ("downgrade", 1, "nothing happened")),
        1,
        says="not reached: upgrade 1",
    ),
    "no statement at all": Case("pass", "pass", (), 0, says="no statement was sent"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_becomes_of_it(shop: Shop, case: Case) -> None:
    proof = shop.prove(case.up, case.down, None)
    assert tuple((kill.direction, kill.statement, kill.outcome) for kill in proof.kills.places) == case.places
    assert proof.kills.statements == case.statements
    step = proof.steps[-1]
    assert (step.name, step.ok, proof.kills.ok, proof.ok) == ("ended and run again", case.ok, case.ok, case.ok)
    assert case.says in step.detail
    assert from_json(json.loads(json.dumps(to_json(proof)))) == proof


def test_each_transaction_of_several_revisions_is_a_place(benches: Benches) -> None:
    bench = benches.open()
    env = bench.workspace.tree.path / "migrations" / "env.py"
    env.write_text(env.read_text().replace("(connection=", "(transaction_per_migration=True, connection="))
    base = bench.ensure_base()
    index = revision("a4", "a3", "op.create_index('ix', 'customers', ['note'])", "op.drop_index('ix')")
    bench.write({"migrations/versions/a3.py": revision("a3", "a2", ADD, TAKE), "migrations/versions/a4.py": index})
    proof = bench.prove(base)
    assert [statement.transaction for statement in proof.upgrade.statements] == [1, 2]
    assert list_outcomes(proof) == ["nothing happened", "finished again", "nothing happened", "finished again"]
    assert proof.ok


def test_an_asynchronous_env_is_observed_and_ended_too(benches: Benches) -> None:
    bench = benches.open({"migrations/env.py": ASYNC_ENV})
    base = bench.ensure_base()
    bench.write({"migrations/versions/a3.py": revision("a3", "a2", ADD + "\n" + alone(INDEX), "pass")})
    proof = bench.prove(base)
    assert [lock.mode for lock in proof.upgrade.locks] == ["AccessExclusiveLock", "ShareUpdateExclusiveLock"]
    bench.write({"migrations/versions/a3.py": revision("a3", "a2", alone(INDEX), "op.drop_index('ix')")})
    assert list_outcomes(bench.prove(base)) == ["finished again", "nothing happened"]


def test_more_places_than_there_is_time_for_are_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PLACES", 1)
    proof = shop.prove(ADD, TAKE)
    assert (list_outcomes(proof), proof.kills.left_out, proof.kills.statements) == (["nothing happened"], 1, 1)
    assert "1 more places were not tried" in proof.steps[-1].detail


def list_outcomes(proof: Proof) -> list[str]:
    return [kill.outcome for kill in proof.kills.places]

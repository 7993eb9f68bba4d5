"""A proof holds only when every law holds, on a real database with rows, and each that does not is named."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest

from bot.config import MigrationsConfig, RepositoryConfig
from bot.migration.proof_codec import from_json, to_json
from bot.migration.proof_result import Proof
from bot.schema.diff import diff, material
from bot.schema.summary import describe
from tests.migration.bench import Benches
from tests.migration.projects import revision
from tests.migration.shop import ADD, TAKE, Shop
from tests.migration.test_alembic_runner import copy_bookshop

LAWS = (
    "rows",
    "upgrade",
    "target reached",
    "downgrade",
    "start restored",
    "values kept",
    "upgrade again",
    "same again",
    "ended and run again",
)


def list_failed(proof: Proof) -> list[str]:
    return [step.name for step in proof.steps if not step.ok]


def test_a_proof_that_holds(shop: Shop) -> None:
    proof = shop.prove(ADD, TAKE)
    assert [step.name for step in proof.steps] == list(LAWS)
    assert list_failed(proof) == []
    assert (proof.ok, proof.reversible, proof.lossy) == (True, True, False)
    assert (proof.base_revision, proof.revisions) == ("a2", ("a3",))
    assert [describe(change) for change in proof.changes] == ["column customers.note added: varchar(200)"]
    assert (proof.mismatch, proof.leftover, proof.lost, proof.unfilled) == ((), (), (), ())
    assert proof.rows["customers"] > 0
    assert proof.upgrade_sql == "-- revision a3\nALTER TABLE customers ADD COLUMN note VARCHAR(200);"
    assert proof.downgrade_sql == "-- revision a3\nALTER TABLE customers DROP COLUMN note;"
    assert proof.server_version.startswith("PostgreSQL 1")
    assert from_json(json.loads(json.dumps(to_json(proof)))) == proof


@dataclass(frozen=True)
class Broken:
    """A revision that breaks a law: the steps that fail, and a word of what the first of them says."""

    up: str
    down: str
    failed: tuple[str, ...]
    says: str
    last: str = "ended and run again"
    verdicts: tuple[bool, bool] = (False, False)


BROKEN = {
    "the upgrade raises": Broken(
        "raise ValueError('no luck')", TAKE, ("upgrade",), "a3: ValueError: no luck", "upgrade"
    ),
    "the upgrade cannot live with rows": Broken(
        "op.add_column('customers', sa.Column('note', sa.String(200), nullable=False))",
        TAKE,
        ("upgrade",),
        "contains null values",
        "upgrade",
    ),
    "the target is not reached": Broken(
        "op.add_column('customers', sa.Column('note', sa.Text))",
        TAKE,
        ("target reached",),
        "column customers.note: type text → varchar(200)",
        verdicts=(False, True),
    ),
    "more than the target": Broken(
        ADD + "\nop.create_index('ix', 'customers', ['note'])",
        TAKE,
        ("target reached",),
        "index ix on customers (note) dropped",
        verdicts=(False, True),
    ),
    "the downgrade raises": Broken(ADD, "op.drop_column('customers', 'nott')", ("downgrade",), "nott", "downgrade"),
    "the downgrade does nothing": Broken(
        ADD, "pass", ("start restored", "upgrade again"), "column customers.note added", "upgrade again"
    ),
    "the downgrade leaves a type": Broken(
        "sa.Enum('a', name='left').create(op.get_bind())\n" + ADD,
        TAKE,
        ("target reached", "start restored", "upgrade again"),
        "enum left dropped",
        "upgrade again",
    ),
    "the downgrade leaves an index": Broken(
        ADD + "\nop.execute('CREATE INDEX IF NOT EXISTS ix ON customers (points)')",
        TAKE,
        ("target reached", "start restored"),
        "index ix",
    ),
    "the downgrade brings rows and a column back empty": Broken(
        ADD + "\nop.drop_column('customers', 'points')\n"
        "op.add_column('customers', sa.Column('points', sa.Integer, server_default='0', nullable=False))",
        TAKE,
        ("values kept",),
        "column points of customers",
        verdicts=(False, True),
    ),
    "the upgrade deletes rows": Broken(
        ADD + "\nop.execute('DELETE FROM customers')",
        TAKE,
        ("values kept",),
        "table customers: 10 row(s) are lost",
        verdicts=(False, True),
    ),
    "the second upgrade differs": Broken(
        ADD + "\nif op.get_bind().scalar(sa.text(\"SELECT obj_description('customers'::regclass, 'pg_class')\")):\n"
        "    op.create_index('twice', 'customers', ['note'])",
        TAKE + "\nop.execute(\"COMMENT ON TABLE customers IS 'was here'\")",
        ("start restored", "same again"),
        "table customers: comment none → “was here”",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_law_that_does_not_hold_is_named(shop: Shop, broken: Broken) -> None:
    proof = shop.prove(broken.up, broken.down)
    assert list_failed(proof) == list(broken.failed)
    assert proof.steps[-1].name == broken.last
    first = next(step for step in proof.steps if not step.ok)
    assert broken.says in first.detail
    assert (proof.ok, proof.reversible) == broken.verdicts
    assert from_json(json.loads(json.dumps(to_json(proof)))) == proof


def test_a_loss_that_nobody_asked_for_fails_and_is_counted(shop: Shop) -> None:
    proof = shop.prove(ADD + "\nop.execute(\"UPDATE customers SET email = 'gone'\")", TAKE)
    assert list_failed(proof) == ["values kept"]
    (loss,) = proof.lost
    assert (loss.table, loss.column, loss.is_stated) == ("customers", "email", False)
    assert 0 < loss.rows <= proof.rows["customers"]
    assert "which the change does not ask for" in next(step.detail for step in proof.steps if not step.ok)


STATED = {
    "a column": (
        "op.drop_column('customers', 'points')",
        "op.add_column('customers', sa.Column('points', sa.Integer, server_default='0', nullable=False))",
        "ALTER TABLE customers DROP points",
        "points",
    ),
    "a table": (
        "op.drop_table('customers')",
        """
        op.create_table("customers", sa.Column("id", sa.Integer, sa.Identity(), nullable=False),
            sa.Column("email", sa.Text, nullable=False),
            sa.Column("points", sa.Integer, server_default="0", nullable=False),
            sa.PrimaryKeyConstraint("id", name="pk_customers"))
        op.create_index("ix_customers_email", "customers", ["email"])
        """,
        "DROP TABLE customers",
        None,
    ),
}


@pytest.mark.parametrize("stated", STATED.values(), ids=STATED)
def test_a_loss_that_the_change_states_holds_but_is_lossy(shop: Shop, stated: tuple[str, str, str, str | None]) -> None:
    up, down, ddl, column = stated
    proof = shop.prove(up, down, ddl)
    assert list_failed(proof) == []
    assert (proof.ok, proof.reversible, proof.lossy) == (True, True, True)
    assert [(loss.table, loss.column, loss.is_stated) for loss in proof.lost] == [("customers", column, True)]


def test_without_a_target_there_is_nothing_to_reach(shop: Shop) -> None:
    proof = shop.prove(ADD, TAKE, None)
    assert [step.name for step in proof.steps] == [law for law in LAWS if law != "target reached"]
    assert proof.ok


def test_several_revisions_are_one_proof(shop: Shop) -> None:
    index = revision("a4", "a3", "op.create_index('ix', 'customers', ['note'])", "op.drop_index('ix')")
    with shop.write({"a3": revision("a3", "a2", ADD, TAKE), "a4": index}):
        proof = shop.bench.prove(shop.base)
        part = shop.bench.prove(shop.base, revision="a3")
    assert proof.ok
    assert proof.revisions == ("a3", "a4")
    comments = [line for line in proof.downgrade_sql.splitlines() if line.startswith("--")]
    assert comments == ["-- revision a4", "-- revision a3"]
    assert part.revisions == ("a3",)


def test_a_branch_beside_the_base_is_not_taken_back(shop: Shop) -> None:
    with shop.write({"b2": revision("b2", "a1", "op.execute('SELECT 1')", "pass")}):
        proof = shop.bench.prove(shop.base)
    assert list_failed(proof) == ["downgrade"]
    assert "the downgrade to a2 leaves out b2" in proof.steps[-1].detail


def test_a_revision_that_does_nothing_is_proved_as_that(shop: Shop) -> None:
    proof = shop.prove("pass", "pass", "SELECT 1")
    assert list_failed(proof) == []
    assert (proof.revisions, proof.changes, proof.lossy, proof.upgrade_sql) == (("a3",), (), False, "")
    details = {step.name: step.detail for step in proof.steps}
    assert details["upgrade"] == "a3: 0 statement(s)\na3: nothing to do, as in a merge or an empty revision"
    assert details["ended and run again"] == "no statement was sent, so there is nothing to end"


def test_a_merge_is_proved_with_what_it_merges(shop: Shop) -> None:
    index = revision("b3", "a2", "op.create_index('ix', 'customers', ['points'])", "op.drop_index('ix')")
    merge = revision("m4", None, "pass", "pass").replace("down_revision = None", "down_revision = ('a3', 'b3')")
    target = shop.make_target("ALTER TABLE customers ADD note varchar(200); CREATE INDEX ix ON customers (points)")
    with shop.write({"a3": revision("a3", "a2", ADD, TAKE), "b3": index, "m4": merge}):
        proof = shop.bench.prove(shop.base, target)
    assert list_failed(proof) == []
    assert (set(proof.revisions), proof.revisions[-1]) == ({"a3", "b3", "m4"}, "m4")
    assert "m4: nothing to do" in next(step.detail for step in proof.steps if step.name == "upgrade")


def test_another_order_of_columns_is_told_and_never_fails(shop: Shop) -> None:
    up = "op.add_column('customers', sa.Column('b', sa.Text))\nop.add_column('customers', sa.Column('a', sa.Text))"
    down = "op.drop_column('customers', 'a')\nop.drop_column('customers', 'b')"
    proof = shop.prove(up, down, "ALTER TABLE customers ADD a text, ADD b text")
    assert (proof.ok, proof.mismatch) == (True, ())
    (reached,) = (step for step in proof.steps if step.name == "target reached")
    assert reached.ok
    assert reached.detail.startswith("only the order of columns differs, which does not count:\n")
    assert "customers" in reached.detail.splitlines()[1]


def test_nothing_to_do_is_proved_too(shop: Shop) -> None:
    proof = shop.bench.prove(shop.base, shop.base.schema)
    assert proof.ok
    assert proof.revisions == ()


def test_the_base_stays_as_it_is(shop: Shop) -> None:
    assert not shop.prove(ADD, "pass").ok
    assert shop.bench.look(shop.bench.create(shop.base.template)) == shop.base.schema


def test_a_set_up_that_breaks_after_the_base_fails_the_upgrade(benches: Benches) -> None:
    bench = benches.open()
    base = bench.ensure_base()
    bench.write({"migrations/env.py": "import os\nos.environ['NOWHERE']"})
    proof = bench.prove(base)
    assert list_failed(proof) == ["upgrade"]
    assert "NOWHERE" in proof.steps[-1].detail


def test_models_that_differ_from_the_migrations_are_told(shop: Shop) -> None:
    database = shop.bench.create()
    shop.bench.runner.build_models(database)
    changes = material(diff(shop.base.schema, shop.bench.look(database)))
    assert [describe(change) for change in changes] == [
        "enum status added: ('new', 'paid')",
        "sequence customers_id_seq added: integer, start 1, increment 1, from 1 to 2147483647, owned by customers.id",
        "column customers.id: default nextval('customers_id_seq'::regclass) added; identity by default dropped",
        "column customers.status added: status, not null",
        "column customers.points dropped",
    ]


SIGNED = revision(
    "a3",
    "a2",
    """
op.execute("CREATE TABLE vouchers (code text PRIMARY KEY CHECK (md5(code) LIKE '5ecc%'), note text)")
""",
    "op.drop_table('vouchers')",
)
OWN_ROWS = "SET search_path = pg_catalog;\nINSERT INTO public.vouchers VALUES ('abfbhb', '100 % own');\n"


EMPTY = r"vouchers is empty: .*\nrows of your own: name an SQL file as `migrations.rows`"
OWN_FILES: dict[str, tuple[str | None, dict[str, str], str]] = {
    "none is named": (None, {}, EMPTY),
    "one with a row": ("tests/rows.sql", {"tests/rows.sql": OWN_ROWS}, r"^\d+ rows in 2 tables$"),
    "one that is not there": ("tests/rows.sql", {}, "tests/rows.sql is no text file of the repository"),
    "one outside of the repository": ("../rows.sql", {}, "../rows.sql is no text file of the repository"),
    "one that the server refuses": ("r.sql", {"r.sql": "INSERT INTO nowhere VALUES (1)"}, "r.sql: .*nowhere"),
}


@pytest.mark.parametrize("name", OWN_FILES)
def test_rows_of_the_project_itself(benches: Benches, name: str) -> None:
    """No generator comes upon a code with such a digest."""
    path, files, says = OWN_FILES[name]
    config = RepositoryConfig(migrations=MigrationsConfig(rows=path))
    bench = benches.open({"migrations/versions/a3.py": SIGNED, **files}, config=config)
    base = bench.ensure_base()
    up, down = "op.add_column('vouchers', sa.Column('until', sa.Date))", "op.drop_column('vouchers', 'until')"
    bench.write({"migrations/versions/a4.py": revision("a4", "a3", up, down)})
    proof = bench.prove(base)
    assert re.search(says, proof.steps[0].detail)
    assert proof.ok == (name in ("none is named", "one with a row"))
    assert proof.rows.get("vouchers", 0) == (name == "one with a row")


def test_the_bookshop(benches: Benches) -> None:
    bench = benches.open(start=copy_bookshop)
    base = bench.ensure_base()
    target = Shop(bench).make_target("ALTER TABLE books ADD subtitle text")
    up = "op.add_column('books', sa.Column('subtitle', sa.Text))"
    bench.write(
        {"migrations/versions/next.py": revision("n1", base.revision, up, "op.drop_column('books', 'subtitle')")}
    )
    proof = bench.prove(base, target)
    assert list_failed(proof) == []
    assert proof.unfilled == ()
    assert all(proof.rows.values())

"""Rules that read the SQL: writes of whole tables, and structure and rows in one transaction."""

from __future__ import annotations

import pytest

from tests.migration.rules.conftest import Look
from tests.migration.rules.examples import Example, check_marks, find, revise

WRITES = {
    "update": 'op.execute("UPDATE orders SET note = NULL")  # found',
    "update with an open condition": "op.execute(\"UPDATE orders SET note = '' WHERE note IS NULL\")  # found",
    "delete": 'op.execute("DELETE FROM orders WHERE number > 5")  # found',
    "delete with another table": 'op.execute("DELETE FROM orders USING customers c WHERE c.id = customer_id")  # found',
    "merge": """
        op.execute(  # found
            "MERGE INTO orders o USING customers c ON c.id = o.customer_id "
            "WHEN MATCHED THEN UPDATE SET note = c.name"
        )
    """,
    "within a common table expression": """
        op.execute("WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone")  # found
    """,
    "lower bound only": 'op.execute("UPDATE orders SET note = NULL WHERE id > 7")  # found',
    "lower bound, the other way round": 'op.execute("UPDATE orders SET note = NULL WHERE 7 < id")  # found',
    "or": "op.execute(\"UPDATE orders SET note = '' WHERE id = 7 OR note IS NULL\")  # found",
    "key compared with a column": 'op.execute("UPDATE orders SET note = NULL WHERE id = number")  # found',
    "key of every order": 'op.execute("UPDATE orders SET note = NULL WHERE id IN (SELECT id FROM orders)")  # found',
    "through SQLAlchemy": """
        orders = sa.table("orders", sa.column("note", sa.Text))
        op.execute(orders.update().values(note="x"))  # found
    """,
    "with parameters": """
        op.get_bind().execute(sa.text("UPDATE orders SET note = :n WHERE number = :m"), {"n": "x", "m": 3})  # found
        bind = op.get_bind()
        bind.execute(sa.text("DELETE FROM orders WHERE number = :m"), {"m": 3})  # found
    """,
    "key": 'op.execute("UPDATE orders SET note = NULL WHERE id = 7 AND note IS NULL")',
    "keys": 'op.execute("UPDATE orders SET note = NULL WHERE id IN (7, 8)")',
    "keys as an array": 'op.execute("UPDATE orders SET note = NULL WHERE id = ANY(ARRAY[7, 8])")',
    "range": 'op.execute("UPDATE orders SET note = NULL WHERE id BETWEEN 1 AND 1000")',
    "upper bound": 'op.execute("UPDATE orders SET note = NULL WHERE id > 7 AND id <= 1007")',
    "upper bound, the other way round": 'op.execute("UPDATE orders SET note = NULL WHERE 1007 >= id")',
    "unique constraint": "op.execute(\"UPDATE customers SET name = '' WHERE email = 'a@b'\")",
    "limit": """
        op.execute("UPDATE orders SET note = '' WHERE id IN (SELECT id FROM orders WHERE note IS NULL LIMIT 500)")
    """,
    "limit in a common table expression": """
        op.execute(
            "WITH batch AS (SELECT id FROM orders WHERE note IS NULL LIMIT 500) "
            "UPDATE orders o SET note = '' FROM batch b WHERE b.id = o.id"
        )
    """,
    "new table": """
        op.create_table("tiers", sa.Column("name", sa.Text))
        op.execute("UPDATE tiers SET name = 'x'")
    """,
    "rows of a new table": """
        tiers = op.create_table("tiers", sa.Column("name", sa.Text))
        op.bulk_insert(tiers, [{"name": "gold"}, {"name": "tin"}])
    """,
}


@pytest.mark.parametrize("name", WRITES)
def test_writes_without_a_bound(name: str, look: Look) -> None:
    check_marks("whole-table-write", look(Example((revise(WRITES[name]),))))


TRANSACTIONS = {
    "alter, then update": """
        op.add_column("orders", sa.Column("currency", sa.Text))
        op.execute("UPDATE orders SET currency = 'EUR'")  # found
    """,
    "update, then alter": """
        op.execute("UPDATE orders SET note = '' WHERE note IS NULL")  # found
        op.alter_column("orders", "note", nullable=False)
    """,
    "alter one table, delete from another": """
        op.drop_column("orders", "note")
        op.execute("DELETE FROM customers WHERE name IS NULL")  # found
    """,
    "copy": """
        op.create_table("notes", sa.Column("order_id", sa.BigInteger), sa.Column("body", sa.Text))
        op.execute("INSERT INTO notes SELECT id, note FROM orders")  # found
        op.drop_column("orders", "note")
    """,
    "drop after the update of another": """
        op.execute("UPDATE customers SET name = ''")  # found
        op.drop_table("orders")
    """,
    "copy into a new table, nothing altered": """
        op.create_table("notes", sa.Column("order_id", sa.BigInteger), sa.Column("body", sa.Text))
        op.execute("INSERT INTO notes SELECT id, note FROM orders")
    """,
    "a few rows": """
        op.add_column("orders", sa.Column("currency", sa.Text))
        op.execute("UPDATE orders SET currency = 'EUR' WHERE id = 5")
        op.execute("INSERT INTO customers (id, email) VALUES (0, 'nobody')")
    """,
    "rows in an autocommit block": """
        op.add_column("orders", sa.Column("currency", sa.Text))
        with op.get_context().autocommit_block():
            op.execute("UPDATE orders SET currency = 'EUR'")
    """,
    "an index and a validated constraint, which let readers in": """
        op.create_index("ix_x", "orders", ["number"])
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_id_fkey")
        op.execute("UPDATE orders SET note = ''")
    """,
    "a comment is structure too, but no lock": """
        op.create_table_comment("orders", "what they buy")
        op.execute("UPDATE orders SET note = ''")
    """,
}


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_structure_and_rows_in_one_transaction(name: str, look: Look) -> None:
    check_marks("schema-and-data", look(Example((revise(TRANSACTIONS[name]),))))


@pytest.mark.parametrize("transaction_per_revision", [True, False])
def test_two_revisions_share_a_transaction_unless_env_py_says_otherwise(
    transaction_per_revision: bool, look: Look
) -> None:
    revisions = (
        revise('op.add_column("orders", sa.Column("currency", sa.Text))'),
        revise("op.execute(\"UPDATE orders SET currency = 'EUR'\")"),
    )
    example = Example(revisions, transaction_per_revision=transaction_per_revision)
    assert bool(find("schema-and-data", look(example))) is not transaction_per_revision

"""Rules that look at the schema afterwards: types, keys, indexes, names."""

from __future__ import annotations

import pytest

from bot.migration.rules.inexact_amount import names_amount
from tests.migration.rules.conftest import Look
from tests.migration.rules.examples import Example, check_marks, find, revise

CASES = {
    "timestamp-without-time-zone": {
        "in a new table": """
            op.create_table(
                "events",
                sa.Column("id", sa.BigInteger, primary_key=True),
                sa.Column("at", sa.DateTime()),  # found
                sa.Column("until", sa.DateTime(timezone=True)),
            )
        """,
        "in SQL": """
            op.execute('''
                CREATE TABLE events (
                    id bigint PRIMARY KEY,
                    at timestamp(3) NOT NULL
                )
            ''')
        """,
        "a column becomes one": """
            op.alter_column(
                "orders",
                "note",  # found
                type_=sa.DateTime(),
                postgresql_using="now()",
            )
        """,
        "in a batch": """
            with op.batch_alter_table("orders") as batch_op:
                batch_op.add_column(sa.Column("at", sa.DateTime()))  # found
        """,
        "dates, times and what is dropped": """
            op.add_column("orders", sa.Column("day", sa.Date()))
            op.add_column("orders", sa.Column("hour", sa.Time()))
            op.drop_column("orders", "note")
        """,
    },
    "inexact-amount": {
        "floats": """
            op.add_column("orders", sa.Column("price", sa.Float()))  # found
            op.add_column("orders", sa.Column("shipping_cost", sa.REAL()))  # found
            op.add_column("orders", sa.Column("grand_total", sa.Double()))  # found
        """,
        "money": 'op.execute("ALTER TABLE orders ADD gift money")  # found',
        "an amount becomes a float": 'op.alter_column("orders", "total", type_=sa.Float())  # found',
        "numbers that are no amounts, and exact amounts": """
            op.add_column("orders", sa.Column("weight", sa.Float()))
            op.add_column("orders", sa.Column("tax_rate", sa.Float()))
            op.add_column("orders", sa.Column("total_weight", sa.Float()))
            op.add_column("orders", sa.Column("price", sa.Numeric(10, 2)))
            op.add_column("orders", sa.Column("fee_cents", sa.BigInteger()))
        """,
    },
    "varchar-255": {
        "strings": """
            op.add_column("orders", sa.Column("a", sa.String(255)))  # found
            op.add_column("orders", sa.Column("b", sa.String(256)))  # found
            op.add_column("orders", sa.Column("c", sa.String(254)))
            op.add_column("orders", sa.Column("d", sa.String()))
        """,
    },
    "unchecked-choice": {
        "texts": """
            op.add_column("orders", sa.Column("state", sa.Text()))  # found
            op.add_column("orders", sa.Column("payment_status", sa.String(20)))  # found
        """,
        "limited ones": """
            op.create_table("kinds", sa.Column("name", sa.Text, primary_key=True))
            op.create_table(
                "gifts",
                sa.Column("kind", sa.Text, sa.ForeignKey("kinds.name")),
                sa.Column("state", sa.Text),
                sa.Column("status", sa.Enum("a", "b", name="gift_status")),
                sa.Column("role", sa.Integer),
                sa.Column("status_text", sa.Text),
                sa.CheckConstraint("state IN ('a', 'b')"),
            )
        """,
    },
    "integer-primary-key": {
        "counted by a sequence": """
            op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))  # found
            op.create_table("b", sa.Column("id", sa.SmallInteger, sa.Identity(), primary_key=True))  # found
        """,
        "large, given or composed": """
            op.create_table("a", sa.Column("id", sa.BigInteger, primary_key=True))
            op.create_table("b", sa.Column("order_id", sa.Integer, primary_key=True, autoincrement=False))
            op.execute("CREATE TABLE c (x integer, y integer GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (x, y))")
            op.create_table("d", sa.Column("id", sa.Uuid, primary_key=True))
            op.create_table("e", sa.Column("x", sa.Integer))
        """,
    },
    "unindexed-foreign-key": {
        "of a new table": """
            op.create_table(
                "gifts",
                sa.Column("id", sa.BigInteger, primary_key=True),
                sa.Column("order_id", sa.BigInteger, sa.ForeignKey("orders.id")),  # found
                sa.Column("customer_id", sa.BigInteger, sa.ForeignKey("customers.id"), index=True),
            )
        """,
        "of a new column": """
            op.add_column("customers", sa.Column("last_order", sa.BigInteger, sa.ForeignKey("orders.id")))  # found
        """,
        "of an old column": """
            op.create_foreign_key("fk_x", "orders", "orders", ["number"], ["id"])  # found
        """,
        "index that begins with another column": """
            op.add_column("customers", sa.Column("last_order", sa.BigInteger, sa.ForeignKey("orders.id")))  # found
            op.create_index("ix_x", "customers", ["name", "last_order"])
        """,
        "partial index": """
            op.add_column("customers", sa.Column("last_order", sa.BigInteger, sa.ForeignKey("orders.id")))  # found
            op.create_index("ix_x", "customers", ["last_order"], postgresql_where=sa.text("name = 'x'"))
        """,
        "served": """
            op.create_table(
                "gifts",
                sa.Column("order_id", sa.BigInteger, sa.ForeignKey("orders.id"), primary_key=True),
                sa.Column("customer_id", sa.BigInteger, sa.ForeignKey("customers.id"), unique=True),
                sa.Column("maker_id", sa.BigInteger, sa.ForeignKey("customers.id")),
                sa.Column("owner_id", sa.BigInteger, sa.ForeignKey("customers.id")),
            )
            op.create_index("ix_a", "gifts", ["maker_id", "order_id"])
            op.create_index("ix_b", "gifts", ["owner_id"], postgresql_where=sa.text("owner_id IS NOT NULL"))
        """,
    },
    "unnamed-constraint": {
        "operations": """
            op.create_unique_constraint(None, "orders", ["number"])  # found
            op.create_foreign_key(constraint_name=None, source_table="orders", referent_table="orders",  # found
                                  local_cols=["number"], remote_cols=["id"])
            op.create_check_constraint("ck_x", "orders", "number > 0")
            op.create_index("ix_x", "orders", ["number"])
        """,
        "in a table": """
            op.create_table(
                "gifts",
                sa.Column("id", sa.BigInteger, primary_key=True),
                sa.Column("order_id", sa.BigInteger, sa.ForeignKey("orders.id")),  # found
                sa.Column("maker_id", sa.BigInteger, sa.ForeignKey("customers.id", name="fk_gifts_maker")),
                sa.CheckConstraint("id > 0"),  # found
                sa.CheckConstraint("id > 1", name="ck_gifts_id"),
                sa.PrimaryKeyConstraint("id"),
            )
        """,
        "in a batch": """
            with op.batch_alter_table("orders") as batch_op:
                batch_op.create_unique_constraint("uq_orders_number", ["number"])
                batch_op.create_unique_constraint(None, ["note"])  # found
        """,
    },
}


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, cases in CASES.items() for name in cases])
def test_rule(code: str, name: str, look: Look) -> None:
    context = look(Example((revise(CASES[code][name]),), naming_convention={}))
    if name == "in SQL":
        finding = find(code, context)[0]
        assert context.revisions[0].text.splitlines()[finding.line - 1].strip().startswith("at timestamp")
    else:
        check_marks(code, context)


@pytest.mark.parametrize("convention", [None, {"uq": "uq_%(table_name)s_%(column_0_N_name)s"}])
def test_names_that_a_convention_gives_are_not_missing(convention: dict[str, str] | None, look: Look) -> None:
    upgrade = 'op.create_unique_constraint(None, "orders", ["number"])'
    assert find("unnamed-constraint", look(Example((revise(upgrade),), naming_convention=convention))) == ()


@pytest.mark.parametrize("name", ["price", "unit_price", "unitPrice", "Amount", "balance_eur", "order_total", "fees"])
def test_names_of_amounts(name: str) -> None:
    assert names_amount(name)


@pytest.mark.parametrize(
    "name", ["", "total_weight", "tax_rate", "priced", "costume", "summary", "latitude", "price_level"]
)
def test_names_of_other_numbers(name: str) -> None:
    assert not names_amount(name)


def test_new_partition_is_no_new_table(look: Look) -> None:
    upgrade = """
        op.execute("CREATE TABLE logs (id serial PRIMARY KEY) PARTITION BY RANGE (id)")
        op.execute("CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (1) TO (1000)")
    """
    (finding,) = find("integer-primary-key", look(Example((revise(upgrade),))))
    assert finding.title.startswith("logs.id ")


def test_table_of_another_namespace_is_named_with_it(look: Look) -> None:
    upgrade = """
        op.execute("CREATE SCHEMA audit")
        op.create_table("a", sa.Column("who", sa.BigInteger, sa.ForeignKey("public.customers.id")), schema="audit")
    """
    (finding,) = find("unindexed-foreign-key", look(Example((revise(upgrade),))))
    assert finding.title == "The foreign key audit.a.who has no index"
    assert "schema='audit'" in finding.example

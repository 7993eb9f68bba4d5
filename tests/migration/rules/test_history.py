"""Rules about the history: heads, revisions that were changed, the way back."""

from __future__ import annotations

import pytest

from bot.migration.alembic_runner import History, Revision
from bot.migration.lint import lint
from bot.migration.lint_inputs import find_competing_heads
from tests.migration.rules.conftest import Look
from tests.migration.rules.examples import Example, check_marks, find, get_line, revise

OLD = "migrations/versions/a1.py"
BODY = "def upgrade():\n    op.execute('SELECT 1')\n\n\ndef downgrade():\n    op.execute('SELECT 1')\n"


def test_two_heads_are_found_where_the_new_one_says_what_it_follows(look: Look) -> None:
    revisions = tuple(f'revision = "{name}"\ndown_revision = "base"\n\n\n{BODY}' for name in ("ours", "theirs"))
    context = look(Example(revisions))
    (finding,) = find("multiple-heads", context)
    assert get_line(context, finding) == 'down_revision = "base"'
    assert finding.title == "The history has 2 heads: ours, theirs"
    assert finding.example == 'down_revision = "theirs"\n'


def test_one_head_is_as_it_should_be(look: Look) -> None:
    assert find("multiple-heads", look(Example((BODY, BODY)))) == ()


LINES: dict[str, tuple[dict[str, tuple[str, ...]], tuple[str, ...]]] = {
    "each with a label of its own": ({"a": ("shop",), "b": ("stock",)}, ()),
    "the main line and one beside it": ({"a": (), "b": ("stock",)}, ("a",)),
    "two of one line": ({"a": ("shop",), "b": ("shop",)}, ("a", "b")),
    "two of one line beside another": ({"a": ("shop",), "b": ("shop",), "c": ("stock",)}, ("a", "b")),
    "without labels": ({"a": (), "b": ()}, ("a", "b")),
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
def test_lines_that_a_label_keeps_apart_do_not_compete(
    lines: tuple[dict[str, tuple[str, ...]], tuple[str, ...]],
) -> None:
    labels, competing = lines
    revisions = tuple(Revision(head, ("base",), branch_labels=names) for head, names in labels.items())
    assert find_competing_heads(History(revisions, tuple(labels))) == competing


CHANGES: dict[str, tuple[dict[str, str | None], list[int]]] = {
    "another statement": ({OLD: BODY.replace("SELECT 1", "SELECT 2", 1)}, [2]),
    "another id": ({OLD: f'down_revision = "x"\n{BODY}'}, [1]),
    "deleted": ({OLD: None}, [1]),
    "laid out anew": ({OLD: BODY.replace("    ", "  ").replace("'", '"')}, []),
    "commented and described": ({OLD: f'"""The first."""\n# note\n{BODY}'}, []),
    "moved": ({OLD: None, "migrations/versions/2025/a1.py": BODY}, []),
    "no Python any more": ({OLD: f"{BODY}\n<<<<<<< HEAD\n"}, [7]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_revisions_of_the_base(name: str, look: Look) -> None:
    now, lines = CHANGES[name]
    context = look(Example(old={OLD: BODY}, now=now, code={"shop/__init__.py": ""}))
    found = find("edited-revision", context)
    assert [(finding.path, finding.line) for finding in found] == [(OLD, line) for line in lines]


UP = 'op.add_column("orders", sa.Column("carrier", sa.Text))'
MISSING = {
    "no function": "def upgrade():  # found\n    op.execute('SELECT 1')\n",
    "pass": f"def upgrade():\n    {UP}\n\ndef downgrade():  # found\n    pass\n",
    "words": f"def upgrade():\n    {UP}\n\ndef downgrade():  # found\n    '''Nothing.'''\n    ...\n",
    "refused": "def upgrade():\n    op.execute('SELECT 1')\n\ndef downgrade():  # found\n    raise OSError\n",
    "return": f"def upgrade():\n    {UP}\n\ndef downgrade():  # found\n    return None\n",
    "nothing to undo": "def upgrade():\n    pass\n\ndef downgrade():\n    pass\n",
    "there": f"def upgrade():\n    {UP}\n\ndef downgrade():\n    op.drop_column('orders', 'carrier')\n",
    "nothing is left": "def upgrade():\n    op.execute('DELETE FROM orders')\n\ndef downgrade():\n    pass\n",
}


@pytest.mark.parametrize("name", MISSING)
def test_downgrades_that_do_nothing(name: str, look: Look) -> None:
    check_marks("missing-downgrade", look(Example((MISSING[name],))))


def test_missing_downgrade_is_written_out_as_far_as_it_follows_from_the_upgrade(look: Look) -> None:
    upgrade = """
        op.create_table("gifts", sa.Column("id", sa.BigInteger))
        op.add_column("orders", sa.Column("carrier", sa.Text))
        op.create_index(op.f("ix_orders_carrier"), "orders", ["carrier"])
        with op.batch_alter_table("orders") as batch_op:
            batch_op.create_unique_constraint("uq_orders_number", ["number"])
        op.alter_column("orders", "note", nullable=False)
        op.rename_table("gifts", "presents")
    """
    context = look(Example((revise(upgrade, None),)))
    (finding,) = find("missing-downgrade", context)
    assert finding.example == (
        "def downgrade() -> None:\n"
        '    op.rename_table("presents", "gifts")\n'
        f"    ...  # take back op.alter_column of line {finding.line + 6}\n"
        '    op.drop_constraint("uq_orders_number", "orders", type_="unique")\n'
        '    op.drop_index("ix_orders_carrier", table_name="orders")\n'
        '    op.drop_column("orders", "carrier")\n'
        '    op.drop_table("gifts")\n'
    )
    assert find("incomplete-downgrade", context) == ()  # one finding says it


INCOMPLETE = {
    "column left": ('op.add_column("orders", sa.Column("carrier", sa.Text))  # found', "op.execute('SELECT 1')"),
    "column and its index left": (
        """
        op.add_column("orders", sa.Column("carrier", sa.Text, index=True))  # found
        """,
        "op.execute('SELECT 1')",
    ),
    "type left": (
        """
        op.add_column("orders", sa.Column("carrier", sa.Text))
        op.execute("CREATE TYPE carrier_kind AS ENUM ('a')")  # found
        """,
        'op.drop_column("orders", "carrier")',
    ),
    "not as it was": (
        'op.alter_column("orders", "note", nullable=False)  # found',
        'op.alter_column("orders", "note", server_default="x", nullable=True)',
    ),
    "undone": (
        'op.add_column("orders", sa.Column("carrier", sa.Text))',
        'op.drop_column("orders", "carrier")',
    ),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_what_the_proof_found_left_over(name: str, look: Look) -> None:
    check_marks("incomplete-downgrade", look(Example((revise(*INCOMPLETE[name]),))))


UNPROVED = {
    "table": ('op.create_table("a", sa.Column("id", sa.Text))  # found', 'op.drop_table("b")'),
    "column": ('op.add_column("orders", sa.Column("a", sa.Text))  # found', 'op.drop_column("orders", "b")'),
    "column of another table": (
        'op.add_column("orders", sa.Column("name", sa.Text))  # found',
        'op.drop_column("customers", "name")',
    ),
    "column in a batch": (
        """
        with op.batch_alter_table("orders") as batch_op:
            batch_op.add_column(sa.Column("a", sa.Text))  # found
            batch_op.add_column(sa.Column("b", sa.Text))
        """,
        """
        with op.batch_alter_table("orders") as batch_op:
            batch_op.drop_column("b")
        """,
    ),
    "undone in a batch": (
        'op.add_column("orders", sa.Column("a", sa.Text))',
        """
        with op.batch_alter_table("orders") as batch_op:
            batch_op.drop_column("a")
        """,
    ),
    "undone with its table": (
        """
        op.create_table("a", sa.Column("id", sa.Text))
        op.add_column("a", sa.Column("b", sa.Text))
        """,
        'op.drop_table("a")',
    ),
    "undone in a loop": (
        'op.create_table("a", sa.Column("id", sa.Text))',
        'for name in ("a", "b"):\n    op.drop_table(name)',
    ),
    "undone in SQL": ('op.create_table("a", sa.Column("id", sa.Text))', 'op.execute("DROP TABLE IF EXISTS a")'),
}


@pytest.mark.parametrize("name", UNPROVED)
def test_what_the_operations_tell_without_a_proof(name: str, look: Look) -> None:
    check_marks("incomplete-downgrade", look(Example((revise(*UNPROVED[name]),), is_proved=False)))


@pytest.mark.parametrize(
    "call",
    [
        'op.drop_constraint(None, "orders", type_="unique")',
        'op.drop_constraint(constraint_name=None, table_name="orders")',
        'with op.batch_alter_table("orders") as batch:\n    batch.drop_constraint(None, type_="unique")',
    ],
)
def test_constraint_without_a_name_cannot_be_dropped(call: str, look: Look) -> None:
    context = look(Example((revise('op.create_unique_constraint("uq", "orders", ["number"])', call),)))
    (finding,) = find("incomplete-downgrade", context)
    assert "drop_constraint" in get_line(context, finding)
    assert context.leftover is None  # it really raised


def test_operations_in_functions_of_the_file_are_found(look: Look) -> None:
    text = (
        "NAME = 'carrier'\n\n\ndef add(kind):\n"
        "    op.add_column('orders', sa.Column(NAME, sa.DateTime()))  # found\n\n\n"
        "def upgrade():\n    add(1)\n\n\ndef downgrade():\n    op.drop_column('orders', NAME)\n"
    )
    check_marks("timestamp-without-time-zone", look(Example((text,))))
    assert [finding for finding in lint(look(Example((text,)))).findings if finding.severity == "error"] == []

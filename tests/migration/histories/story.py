"""What happens to a project's database over the years: one change after the other, drawn by a seeded generator.

Each kind of change is a function that alters the imagined schema and gives the bodies of `upgrade` and `downgrade` as
people write them: with Alembic's directives, in batches, as raw SQL, with rows moved, with nothing on the way back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

NOUNS = """
    account address invoice order parcel payment product review supplier ticket voucher warehouse campaign coupon
    session device message thread project label comment upload report schedule visit contract policy claim branch team
"""
THINGS = "title note code status_text phone city color size weight rank locale source token reason vendor brand"
MIN_TABLES = 4


@dataclass
class Table:
    """As the story knows it; every column but the key may hold nulls or has a default."""

    name: str
    columns: dict[str, str] = field(default_factory=dict)
    indexed: list[str] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)  # columns that something else stands on


@dataclass(frozen=True)
class Change:
    """One revision's content. `imports` stand above it; `touched` is what a parallel one leaves alone."""

    message: str
    up: str
    down: str
    touched: frozenset[str]
    imports: tuple[str, ...] = ()


@dataclass
class Story:
    """The schema so far, and the dice."""

    dice: random.Random
    tables: dict[str, Table] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    def tell(self, avoid: frozenset[str] = frozenset()) -> Change:
        """The next change, on none of the tables to avoid."""
        self.number += 1
        if len(self.tables) - len(avoid) < MIN_TABLES:
            return create_table(self, avoid)
        while True:
            change = self.dice.choices(KINDS, WEIGHTS)[0](self, avoid)
            if change is not None:
                return change

    def pick_table(self, avoid: frozenset[str]) -> Table:
        return self.tables[self.dice.choice(sorted(set(self.tables) - avoid))]

    def pick_column(self, table: Table, prefix: str = "") -> str | None:
        free = sorted(c for c, t in table.columns.items() if c not in table.fixed and t.startswith(prefix))
        return self.dice.choice(free) if free else None

    def name(self, words: str) -> str:
        return f"{self.dice.choice(words.split())}_{self.number}"


def create_table(story: Story, avoid: frozenset[str]) -> Change:
    """With a foreign key, a check and a unique code, as most have."""
    table = Table(story.name(NOUNS), {"code": "sa.String(length=40)", "created_at": "sa.DateTime(timezone=True)"})
    table.fixed.update(("code", "created_at"))
    parents = sorted(set(story.tables) - avoid)
    lines = [
        'sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),',
        'sa.Column("code", sa.String(length=40), nullable=False),',
        'sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),',
        f'sa.PrimaryKeyConstraint("id", name=op.f("pk_{table.name}")),',
        f'sa.UniqueConstraint("code", name=op.f("uq_{table.name}_code")),',
    ]
    if parents:
        parent = story.dice.choice(parents)
        lines.insert(2, 'sa.Column("parent_id", sa.Integer(), nullable=True),')
        lines.append(
            f'sa.ForeignKeyConstraint(["parent_id"], ["{parent}.id"], name=op.f("fk_{table.name}_parent"), '
            'ondelete="SET NULL"),'
        )
        table.columns["parent_id"] = "sa.Integer()"
        table.fixed.add("parent_id")
    if story.dice.random() < 0.4:
        lines.insert(2, 'sa.Column("amount", sa.Numeric(12, 2), server_default="0", nullable=False),')
        lines.append(f'sa.CheckConstraint("amount >= 0", name=op.f("ck_{table.name}_amount")),')
        table.columns["amount"] = "sa.Numeric(12, 2)"
        table.fixed.add("amount")
    story.tables[table.name] = table
    body = "\n".join(f"    {line}" for line in lines)
    touched = frozenset({table.name, parent} if parents else {table.name})
    up = f'op.create_table(\n    "{table.name}",\n{body}\n)'
    return Change(f"create {table.name}", up, f'op.drop_table("{table.name}")', touched)


def add_column(story: Story, avoid: frozenset[str]) -> Change:
    """Plainly, or with a default in a batch."""
    table, column = story.pick_table(avoid), story.name(THINGS)
    kind = story.dice.choice(["sa.Text()", "sa.String(length=60)", "sa.Integer()", "sa.Boolean()", "sa.Date()"])
    table.columns[column] = kind
    touched = frozenset({table.name})
    if story.dice.random() < 0.5:
        up = f'op.add_column("{table.name}", sa.Column("{column}", {kind}, nullable=True))'
        return Change(f"add {column}", up, f'op.drop_column("{table.name}", "{column}")', touched)
    up = f'with op.batch_alter_table("{table.name}", schema=None) as batch_op:\n'
    down = f'{up}    batch_op.drop_column("{column}")'
    return Change(
        f"{column} of {table.name}",
        f'{up}    batch_op.add_column(sa.Column("{column}", {kind}, nullable=True))',
        down,
        touched,
    )


def drop_column(story: Story, avoid: frozenset[str]) -> Change | None:
    """Its index goes with it, and a downgrade gives it back without its values."""
    table = story.pick_table(avoid)
    column = story.pick_column(table)
    if column is None or column in table.indexed:
        return None
    kind = table.columns.pop(column)
    up = f'op.drop_column("{table.name}", "{column}")'
    down = f'op.add_column("{table.name}", sa.Column("{column}", {kind}, nullable=True))'
    return Change(f"drop {column}", up, down, frozenset({table.name}))


def rename_column(story: Story, avoid: frozenset[str]) -> Change | None:
    """By the directive."""
    table = story.pick_table(avoid)
    column = story.pick_column(table)
    if column is None or column in table.indexed:
        return None
    new = story.name(THINGS)
    table.columns[new] = table.columns.pop(column)
    up = f'op.alter_column("{table.name}", "{column}", new_column_name="{new}")'
    down = f'op.alter_column("{table.name}", "{new}", new_column_name="{column}")'
    return Change(f"rename {column} to {new}", up, down, frozenset({table.name}))


def rename_table(story: Story, avoid: frozenset[str]) -> Change:
    """Keys and indexes keep their old names, as they do in practice."""
    table, new = story.pick_table(avoid), story.name(NOUNS)
    old, table.name = table.name, new
    story.tables[new] = story.tables.pop(old)
    up, down = f'op.rename_table("{old}", "{new}")', f'op.rename_table("{new}", "{old}")'
    return Change(f"rename {old} to {new}", up, down, frozenset({old, new}))


def widen(story: Story, avoid: frozenset[str]) -> Change | None:
    """A string gets longer; whoever wrote it did not think of the way back."""
    table = story.pick_table(avoid)
    column = story.pick_column(table, "sa.String")
    if column is None:
        return None
    table.columns[column] = "sa.Text()"
    old = "existing_type=sa.String(length=60), existing_nullable=True"
    up = f'op.alter_column("{table.name}", "{column}", {old}, type_=sa.Text())'
    return Change(f"longer {column}", up, "pass", frozenset({table.name}))


def fill_column(story: Story, avoid: frozenset[str]) -> Change | None:
    """Nulls are filled, then forbidden."""
    table = story.pick_table(avoid)
    column = story.pick_column(table, "sa.Integer")
    if column is None:
        return None
    table.fixed.add(column)
    up = (
        f'op.execute("UPDATE {table.name} SET {column} = 0 WHERE {column} IS NULL")\n'
        f'op.alter_column("{table.name}", "{column}", existing_type=sa.Integer(), nullable=False, server_default="0")'
    )
    down = (
        f'op.alter_column("{table.name}", "{column}", existing_type=sa.Integer(), nullable=True, server_default=None)'
    )
    return Change(f"{column} is required", up, down, frozenset({table.name}))


def add_index(story: Story, avoid: frozenset[str]) -> Change | None:
    """Of either kind: `op.f` or a name by hand, and some partial ones in raw SQL."""
    table = story.pick_table(avoid)
    column = story.pick_column(table)
    if column is None or column in table.indexed:
        return None
    table.indexed.append(column)
    name = f"ix_{table.name}_{column}"
    if story.dice.random() < 0.3:
        up = f'op.execute("CREATE INDEX {name} ON {table.name} ({column}) WHERE {column} IS NOT NULL")'
        return Change(f"index {column}", up, f'op.execute("DROP INDEX {name}")', frozenset({table.name}))
    up = f'op.create_index(op.f("{name}"), "{table.name}", ["{column}"], unique=False)'
    down = f'op.drop_index(op.f("{name}"), table_name="{table.name}")'
    return Change(f"index {column}", up, down, frozenset({table.name}))


def add_enum(story: Story, avoid: frozenset[str]) -> Change:
    """A new type and the first column of it."""
    table, column = story.pick_table(avoid), f"state_{story.number}"
    name, values = f"{column}_kind", ["new", "open", "done"]
    story.enums[name], table.columns[column] = values, "enum"
    table.fixed.add(column)
    up = (
        f'kind = postgresql.ENUM("new", "open", "done", name="{name}")\nkind.create(op.get_bind(), checkfirst=True)\n'
        f'op.add_column("{table.name}", sa.Column("{column}", kind, server_default="new", nullable=False))'
    )
    down = f'op.drop_column("{table.name}", "{column}")\nop.execute("DROP TYPE {name}")'
    imports = ("from sqlalchemy.dialects import postgresql",)
    return Change(f"{column} of {table.name}", up, down, frozenset({table.name, name}), imports)


def add_enum_value(story: Story, avoid: frozenset[str]) -> Change | None:
    """Postgres takes no value away, so nobody writes a downgrade."""
    known = sorted(set(story.enums) - avoid)
    if not known:
        return None
    name, value = story.dice.choice(known), f"value_{story.number}"
    story.enums[name].append(value)
    up = (
        "with op.get_context().autocommit_block():\n"
        f"    op.execute(\"ALTER TYPE {name} ADD VALUE IF NOT EXISTS '{value}'\")"
    )
    return Change(f"{value} in {name}", up, "pass", frozenset({name}))


def move_rows(story: Story, avoid: frozenset[str]) -> Change | None:
    """A data migration that reads and writes row by row."""
    table = story.pick_table(avoid)
    column = story.pick_column(table, "sa.Text")
    if column is None:
        return None
    up = (
        f'rows = sa.table("{table.name}", sa.column("id"), sa.column("code"), sa.column("{column}"))\n'
        "bind = op.get_bind()\n"
        f"for row in bind.execute(sa.select(rows.c.id, rows.c.code).where(rows.c.{column}.is_(None))):\n"
        f"    bind.execute(rows.update().where(rows.c.id == row.id).values({column}=row.code.lower()))"
    )
    return Change(f"fill {column} from code", up, "# the values stay", frozenset({table.name}))


def insert_constants(story: Story, avoid: frozenset[str]) -> Change:
    """Rows that the application's constants name."""
    table = story.pick_table(avoid)
    up = (
        f'rows = sa.table("{table.name}", sa.column("code", sa.String))\n'
        f'op.bulk_insert(rows, [{{"code": f"{{role}}-{story.number}"}} for role in ROLES])'
    )
    down = f"op.execute(\"DELETE FROM {table.name} WHERE code LIKE '%-{story.number}'\")"
    return Change(f"roles in {table.name}", up, down, frozenset({table.name}), ("from {app}.constants import ROLES",))


def create_view(story: Story, avoid: frozenset[str]) -> Change:
    """Raw SQL; what it shows can no longer be dropped or renamed."""
    table, name = story.pick_table(avoid), f"view_{story.number}"
    up = f'op.execute(\n    """\n    CREATE VIEW {name} AS\n    SELECT id, code FROM {table.name}\n    """\n)'
    return Change(f"create {name}", up, f'op.execute("DROP VIEW {name}")', frozenset({table.name}))


def create_function(story: Story, avoid: frozenset[str]) -> Change:
    """A trigger in raw SQL, with no way back but an error."""
    table, name = story.pick_table(avoid), f"trim_{story.number}"
    up = (
        'op.execute(\n    """\n'
        f"    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "    BEGIN\n        NEW.code := trim(NEW.code);\n        RETURN NEW;\n    END\n    $$\n"
        '    """\n)\n'
        f'op.execute("CREATE TRIGGER {name} BEFORE INSERT ON {table.name} FOR EACH ROW EXECUTE FUNCTION {name}()")'
    )
    down = 'raise NotImplementedError("there is no way back")'
    return Change(f"trim code of {table.name}", up, down, frozenset({table.name}))


Kind = Callable[[Story, frozenset[str]], "Change | None"]
WEIGHED: tuple[tuple[Kind, int], ...] = (
    (create_table, 14),
    (add_column, 34),
    (drop_column, 7),
    (rename_column, 5),
    (rename_table, 2),
    (widen, 4),
    (fill_column, 5),
    (add_index, 12),
    (add_enum, 5),
    (add_enum_value, 4),
    (move_rows, 4),
    (insert_constants, 4),
    (create_view, 2),
    (create_function, 1),
)
KINDS = [kind for kind, _ in WEIGHED]
WEIGHTS = [weight for _, weight in WEIGHED]

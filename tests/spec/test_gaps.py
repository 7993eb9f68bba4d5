"""Questions that a spec leaves open: by itself, and beside the schema that exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.schema.model import Column, Domain, Enum, Schema, Table, View
from bot.spec.gaps import find_gaps
from bot.spec.reader import read_spec
from tests.spec.plain import read

SPECS = Path(__file__).parents[2] / "examples" / "specs"


def table(name: str, *columns: str, schema: str = "public") -> Table:
    """`id integer` and so on; none but `note` may be null."""
    return Table(schema, name, tuple(Column(*text.split(" ", 1), nullable="note" in text) for text in columns))


BASE = Schema(
    "postgresql",
    extensions=(("citext", "1.6"),),
    domains=(Domain("public", "email", "text"),),
    enums=(Enum("public", "order_status", ("open", "paid")),),
    tables=(
        table("customers", "id integer", "name text", "phone character varying(20)"),
    table("orders", "id integer", "customer_id integer", "status order_status", "created_at timestamptz", "note text"),
        table("order_items", "order_id integer", "quantity smallint"),
        table("events", "id bigint", schema="audit"),
    ),
    views=(View("public", "open_orders", "SELECT"),),
)  # fmt: skip


def ask(text: str, base: Schema | None = BASE) -> list[tuple[int | None, str]]:
    gaps = find_gaps(read(text), base)
    assert all(gap.kind == "gap" and gap.expected for gap in gaps)
    return [(gap.line, f"{gap.message} | {gap.expected}") for gap in gaps]


def expect(found: list[tuple[int | None, str]], expected: list[tuple[int | None, str]]) -> None:
    assert [line for line, _ in found] == [line for line, _ in expected], found
    for (_, text), (_, part) in zip(found, expected, strict=True):
        assert part in text


def test_the_example_with_gaps() -> None:
    text = (SPECS / "03-gap.md").read_text()
    expect(
        ask(text),
        [
            (25, "`campaigns`, which is neither in the spec nor in the database"),
            (26, "What type has the column `gift_cards.balance`?"),
            (27, "is `TBD`"),
            (33, "`orders` holds rows"),
        ],
    )
    expect(ask(text, None), [(26, "What type"), (27, "is `TBD`")])
    gaps = find_gaps(read_spec("t", text), BASE)
    assert gaps[3].quote == "| payment_reference | varchar(64) | no | | unique |"


@pytest.mark.parametrize("name", ["01-loyalty.md", "02-orders-status.md"])
@pytest.mark.parametrize("base", [None, BASE])
def test_the_examples_without_gaps(name: str, base: Schema | None) -> None:
    text = (SPECS / name).read_text()
    assert ask(text, base) == []


BY_ITSELF: dict[str, tuple[str, list[tuple[int | None, str]]]] = {
    "nothing is asked for": ("## Summary\nSomething should be better.", [(None, "asks for nothing")]),
    "criteria": (
        """
        ## Acceptance criteria
        - AC-1: TBD
        - AC-2: It works within ??? seconds.
        - AC-3: Should refunds be possible?
        - AC-4: A todo is not done until it is confirmed.
        - AC-5: TODO
        - AC-6: The limit is to be decided.
        - AC-7: It asks "Are you sure?" first.
        """,
        [(2, "AC-1"), (3, "AC-2"), (4, "AC-3"), (6, "AC-5"), (7, "AC-6")],
    ),
    "endpoints": (
        "## API\n- GET /a – TBD\n- GET /b – fine",
        [(2, "GET /a")],
    ),
    "open questions": (
        """
        ## API
        - GET /a
        ## Open questions
        Some thoughts first.

        - [ ] Who may see it?
        - [x] Who may not?
        - ~~Solved~~
        <!-- - in a comment? -->
        1. Since when?
        """,
        [(4, "Some thoughts first."), (6, "Who may see it?"), (10, "Since when?")],
    ),
    "no open questions": ("## API\n- GET /a\n## Open questions\nNone.\n\n_No response_", []),
    "a data model in words only": (
        "## API\n- GET /a\n## Data model\nCoupons with a code.\n## Database\nNo changes to it.\n## Schema\nn/a",
        [(3, "told in words only")],
    ),
    "sections": (
        "## API\n- GET /a\n## Security\nTBD\n## Performance\nTo be defined with TBD Inc.\n## Edge cases\nnone",
        [(3, "Security"), (5, "Performance")],
    ),
    "types that are none yet": (
        """
        ## Data model
        ```yaml
        enums:
          level:
          kind: ???
          mood: {values: []}
        tables:
          a:
            columns:
              id: {type: integer, primary_key: true}
              b: TBD
              c: {type: "numeric(?)"}
              d: {type: text, default: TBD}
              e: {type: integer, references: "???"}
              f: {nullable: false}
              g:
              h: {type: text, default: "'TBD'", check: "h <> '?'"}
            constraints: [{check: to be decided}]
        ```
        """,
        [
            (4, "`level`"),
            (5, "`kind`"),
            (6, "`mood`"),
            (11, "The type of the column `b`"),
            (12, "`numeric(?)`"),
            (13, "The default of the column `d`"),
            (14, "The references of the column `e`"),
            (15, "What type"),
            (16, "What type"),
            (18, "A constraint of `a`"),
        ],
    ),
    "columns of a new table that are not there": (
        """
        ## Data model
        ```yaml
        tables:
          a:
            primary_key: [id, b]
            columns: {id: integer, name: text, c: {type: integer, references: a(idd)}}
            unique: [nmae]
            indexes: [[name, lower(other)], x]
        ```
        """,
        [(5, "`b` is used"), (6, "`id`, if that is meant"), (7, "`name`, if that is meant"), (8, "`x` is used")],
    ),
    "what may well exist is not asked for": (
        """
        ## Data model
        ```yaml
        tables:
          a:
            columns:
              b: {type: state, references: somewhere(id)}
              c: {nullable: false}
              d: {drop: true}
            indexes: [e]
        ```
        """,
        [],
    ),
    "sql": ("## Data model\n```sql\nCREATE TABLE a (\n id integer,\n b TBD\n);\n```", [(5, "`tbd`")]),
}


@pytest.mark.parametrize("name", BY_ITSELF)
def test_gaps_of_a_spec_by_itself(name: str) -> None:
    text, expected = BY_ITSELF[name]
    expect(ask(text, None), expected)


BESIDE: dict[str, tuple[str, list[tuple[int | None, str]]]] = {
    "references": (
        """
        tables:
          a:
            columns:
              id: {type: integer, primary_key: true}
              b: {type: integer, references: customer(id)}
              c: {type: integer, references: customers(nmae)}
              d: {type: integer, references: audit.events(id)}
              e: {type: integer, references: events(id)}
              f: {type: integer, references: later}
            constraints:
              - {foreign_key: [b, c], references: "nowhere(x, y)"}
          later:
            columns: {id: integer}
        """,
        [(5, "`customers`"), (6, "`name`"), (8, "`events`"), (11, "`nowhere`")],
    ),
    "a new column of rows that exist": (
        """
        tables:
          orders:
            columns:
              a: {type: integer, nullable: false}
              b: {type: integer, nullable: false, default: 0}
              c: {type: integer, nullable: false, generated: id + 1}
              d: {type: bigint, nullable: false, identity: true}
              e: bigserial not null
              f: {type: integer, nullable: true}
              g: {nullable: true}
              status: {nullable: false}
          a:
            columns: {b: integer not null}
        """,
        [(4, "what should they get in the column `a`"), (10, "What type has the column `orders.g`?")],
    ),
    "what may be null today": (
        """
        tables:
          orders:
            columns:
              note: {nullable: false}
              status: {nullable: false}
        """,
        [(4, "in the column `note`")],
    ),
    "what may be null today, with an answer": (
        "tables: {orders: {columns: {remark: {was: note, nullable: false, default: \"''\"}}}}",
        [],
    ),
    "the same for every row, although unique": (
        """
        tables:
          orders:
            columns:
              a: {type: text, unique: true, default: "'x'::text"}
              b: {type: uuid, unique: true, default: gen_random_uuid()}
              c: {type: text, unique: true}
        """,
        [(4, "all would get 'x'::text")],
    ),
    "what is not there cannot go": (
        """
        enums:
          mood: {drop: true}
          order_status: {drop: true}
        tables:
          order: {drop: true}
          nowhere:
            columns: {x: {drop: true}}
          orders:
            columns:
              statsu: {drop: true}
              b: {was: staus}
              customer: {was: customer_id}
          goods: {was: products}
        """,
        [
            (2, "`mood`"),
            (5, "`orders`"),
            (6, "`nowhere`"),
            (10, "`status`"),
            (11, "`status`"),
            (13, "`products`"),
        ],
    ),
    "a likely rename": (
        """
        tables:
          customers:
            columns:
              phone: {drop: true}
              mobile: varchar(20)
              fax: varchar(30)
              other: {type: character varying(20), new: true}
        """,
        [(5, "`phone` and gains `mobile`")],
    ),
    "types": (
        """
        enums: {level: [a]}
        tables:
          a:
            columns:
              b: level
              c: order_status
              d: email
              e: citext
              f: order_statsu
              g: geometry
              h: public.order_status
              i: integer[]
              j: timestamp(3) with time zone
              k: "double precision"
              l: {type: open_order}
        """,
        [(9, "`order_status`"), (10, "CREATE EXTENSION postgis"), (15, "`open_order`")],
    ),
    "an index on a column that only the base has": (
        "tables:\n  orders:\n    indexes: [[customer_id, status], custmer_id]",
        [(3, "`customer_id`")],
    ),
    "constraints of a renamed table": (
        "tables:\n  purchases:\n    was: orders\n    indexes: [status]\n"
        "  b:\n    columns: {x: {type: integer, references: purchases}, y: {type: integer, references: orders}}",
        [(6, "`orders`")],
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_gaps_beside_the_schema_that_exists(name: str) -> None:
    text, expected = BESIDE[name]
    body = "```yaml\n" + "\n".join(line.removeprefix("        ") for line in text.strip("\n").split("\n")) + "\n```"
    found = [(line - 1 if line else line, message) for line, message in ask(f"{body}\n## API\n- GET /a")]
    expect(found, expected)


SQL = [
    ("ALTER TABLE orders ADD a integer NOT NULL", "what should they get in the column `a`"),
    ("ALTER TABLE orders ALTER note SET NOT NULL", "what should they get in the column `note`"),
    ("ALTER TABLE orders ALTER note SET DEFAULT '', ALTER note SET NOT NULL", ""),
    ("ALTER TABLE orders ALTER status SET NOT NULL", ""),
    ("ALTER TABLE orders RENAME note TO text; ALTER TABLE orders ALTER text SET NOT NULL", "the column `text`"),
    ("ALTER TABLE orders ADD a integer NOT NULL DEFAULT 0", ""),
    ("ALTER TABLE orders ADD a serial NOT NULL, ADD b integer GENERATED ALWAYS AS IDENTITY NOT NULL", ""),
    ("ALTER TABLE ordesr ADD a integer", "`orders`"),
    ("ALTER TABLE IF EXISTS ordesr ADD a integer", ""),
    ("ALTER TABLE orders DROP COLUMN statu", "`status`"),
    ("ALTER TABLE orders DROP COLUMN IF EXISTS statu", ""),
    ("ALTER TABLE orders ALTER statu SET NOT NULL", "`status`"),
    ("ALTER TABLE orders RENAME statu TO state", "`status`"),
    ("ALTER TABLE orders RENAME status TO state; ALTER TABLE orders ALTER state SET NOT NULL", ""),
    ("ALTER TABLE orders RENAME TO o; ALTER TABLE o ADD b integer; ALTER TABLE orders ADD c integer", "`orders`"),
    ("ALTER TABLE orders ADD a integer REFERENCES nowhere (id)", "`nowhere`"),
    ("ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES nowhere (id)", "`nowhere`"),
    ("CREATE TABLE a (b integer REFERENCES nowhere)", "`nowhere`"),
    ("CREATE TABLE a (b integer, FOREIGN KEY (b) REFERENCES a)", ""),
    ("CREATE TABLE a (b nosuch)", "`nosuch`"),
    ("CREATE TYPE nosuch AS ENUM ('x'); CREATE TABLE a (b nosuch, c nosuch[])", ""),
    ("CREATE DOMAIN d AS text; CREATE TABLE a (b d, c email, d order_status)", ""),
    ("CREATE EXTENSION hstore; CREATE TABLE a (b hstore)", ""),
    ("CREATE TABLE a (b integer NOT NULL); ALTER TABLE a ADD c integer NOT NULL", ""),
    ("CREATE INDEX ON nowhere (a)", "`nowhere`"),
    ("CREATE INDEX ON open_orders (a)", ""),
    ("DROP TABLE nowhere", "`nowhere`"),
    ("DROP TABLE IF EXISTS nowhere", ""),
    ("DROP TABLE audit.events; ALTER TABLE audit.events ADD a integer", "`audit.events`"),
    ("CREATE VIEW v AS SELECT 1 AS x; DROP VIEW v", ""),
    ("CREATE TABLE p (LIKE orders); ALTER TABLE p DROP COLUMN status", ""),
    ("ALTER TYPE order_status RENAME TO state; CREATE TABLE a (b state)", ""),
    ("ALTER TABLE orders ALTER status TYPE nosuch", "`nosuch`"),
]


@pytest.mark.parametrize(("sql", "question"), SQL)
def test_gaps_of_sql(sql: str, question: str) -> None:
    text = sql.replace("; ", ";\n")
    found = ask(f"## Data model\n```sql\n{text};\n```")
    last = 2 + len(text.split("\n"))
    expect(found, [(last, question)] if question else [])


def test_tables_of_other_notations_may_use_what_sql_makes() -> None:
    text = """
        ## Data model
        ```sql
        CREATE TABLE shelves (id integer PRIMARY KEY);
        CREATE TYPE size AS ENUM ('s', 'm');
        ```
        ```yaml
        tables:
          boxes: {columns: {shelf_id: {type: integer, references: shelves(id)}, size: size}}
        ```
        """
    assert ask(text) == []

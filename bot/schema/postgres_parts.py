"""The parts of tables and views, from the rows of the catalogs; names of columns stand there as numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.schema.model import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Index,
    IndexKey,
    PrimaryKey,
    Trigger,
    Unique,
)

Row = Mapping[str, Any]
REFERENTIAL = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
MATCH = {"s": "SIMPLE", "f": "FULL", "p": "PARTIAL"}
IDENTITY = {"a": "always", "d": "by default"}
LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
DESCENDING, NULLS_FIRST = 1, 2  # bits of pg_index.indoption


class Parts:
    """All parts, by the oid of the table or view that they belong to."""

    def __init__(self, found: Mapping[str, list[Row]]) -> None:
        self._columns = _group(found["columns"])
        self._constraints = _group(found["constraints"])
        self._indexes = _group(found["indexes"])
        self._triggers = _group(found["triggers"])
        self._names = {
            owner: {row["number"]: row["name"] for row in columns} for owner, columns in self._columns.items()
        }
        self._collations_of_columns = {(row["owner"], row["number"]): row["collation"] for row in found["columns"]}
        self._identities = {
            (row["owner"], row["number"]): row for row in found["sequences"] if row["dependence"] == "i"
        }
        self._classes = {row["oid"]: row["name"] for row in found["operator_classes"]}
        self._collations = {row["oid"]: row["name"] for row in found["collations"]}

    def list_columns(self, owner: int) -> tuple[Column, ...]:
        return tuple(self._read_column(row) for row in self._columns[owner])

    def find_primary_key(self, owner: int) -> PrimaryKey | None:
        return next((self._read_primary_key(row) for row in self._list_constraints(owner, "p")), None)

    def list_uniques(self, owner: int) -> tuple[Unique, ...]:
        return tuple(self._read_unique(row) for row in self._list_constraints(owner, "u"))

    def list_foreign_keys(self, owner: int) -> tuple[ForeignKey, ...]:
        return tuple(self._read_foreign_key(row) for row in self._list_constraints(owner, "f"))

    def list_checks(self, owner: int) -> tuple[Check, ...]:
        return tuple(_read_check(row) for row in self._list_constraints(owner, "c"))

    def list_exclusions(self, owner: int) -> tuple[Exclusion, ...]:
        found = self._list_constraints(owner, "x")
        return tuple(Exclusion(row["name"], row["definition"], row["comment"]) for row in found)

    def list_indexes(self, owner: int) -> tuple[Index, ...]:
        return tuple(self._read_index(row) for row in self._indexes[owner])

    def list_triggers(self, owner: int) -> tuple[Trigger, ...]:
        found = self._triggers[owner]
        return tuple(Trigger(row["name"], row["definition"], row["enabled"], row["comment"]) for row in found)

    def _list_constraints(self, owner: int, kind: str) -> Iterator[Row]:
        return (row for row in self._constraints[owner] if row["type"] == kind)

    def _name(self, owner: int, numbers: Iterable[int] | None) -> tuple[str, ...]:
        names = self._names[owner]
        return tuple(names[number] for number in numbers or ())

    def _read_column(self, row: Row) -> Column:
        is_usual = row["collation"] == row["usual_collation"]
        identity = self._identities.get((row["owner"], row["number"])) if row["identity"] else None
        return Column(
            name=row["name"],
            type=row["type"],
            nullable=not row["not_null"],
            default=None if row["generated"] else row["expression"],
            identity=IDENTITY.get(row["identity"]),  # type: ignore[arg-type]  # two literals
            generated=row["expression"] if row["generated"] else None,
            collation=None if is_usual else self._collations.get(row["collation"]),
            comment=row["comment"],
            virtual=row["generated"] == "v",
            identity_options=tuple(_list_identity_options(identity)) if identity else (),
            not_null_validated=not row["unvalidated"],
        )

    def _read_primary_key(self, row: Row) -> PrimaryKey:
        return PrimaryKey(
            name=row["name"],
            columns=self._name(row["owner"], row["key"]),
            deferrable=row["deferrable"],
            initially_deferred=row["deferred"],
            comment=row["comment"],
            include=self._name(row["owner"], row["index_key"][row["key_length"] :]),
            without_overlaps=row["period"],
        )

    def _read_unique(self, row: Row) -> Unique:
        return Unique(
            name=row["name"],
            columns=self._name(row["owner"], row["key"]),
            nulls_distinct=not row["nulls_not_distinct"],
            include=self._name(row["owner"], row["index_key"][row["key_length"] :]),
            deferrable=row["deferrable"],
            initially_deferred=row["deferred"],
            comment=row["comment"],
            without_overlaps=row["period"],
        )

    def _read_foreign_key(self, row: Row) -> ForeignKey:
        return ForeignKey(
            name=row["name"],
            columns=self._name(row["owner"], row["key"]),
            referred_schema=row["referred_schema"],
            referred_table=row["referred_table"],
            referred_columns=self._name(row["referred"], row["referred_key"]),
            on_update=REFERENTIAL[row["on_update"]],
            on_delete=REFERENTIAL[row["on_delete"]],
            match=MATCH[row["match"]],
            deferrable=row["deferrable"],
            initially_deferred=row["deferred"],
            validated=row["validated"],
            comment=row["comment"],
            set_columns=self._name(row["owner"], sorted(row["set_key"] or ())),
            period=row["period"],
            enforced=row["enforced"],
        )

    def _read_index(self, row: Row) -> Index:
        return Index(
            name=row["name"],
            keys=tuple(self._list_keys(row)),
            unique=row["unique"],
            method=row["method"],
            include=self._name(row["owner"], row["key"][row["key_length"] :]),
            predicate=strip_parentheses(row["predicate"]) if row["predicate"] else None,
            nulls_distinct=not row["nulls_not_distinct"],
            valid=row["valid"],
            definition=row["definition"],
            comment=row["comment"],
        )

    def _list_keys(self, row: Row) -> Iterator[IndexKey]:
        expressions = iter(row["expressions"] or ())
        numbers = row["key"][: row["key_length"]]
        for number, class_, collation, option in zip(
            numbers, row["classes"], row["collations"], row["options"], strict=True
        ):
            yield IndexKey(
                column=self._names[row["owner"]][number] if number else None,
                expression=None if number else next(expressions),
                opclass=self._classes.get(class_),
                collation=self._find_collation(row["owner"], number, collation),
                descending=bool(option & DESCENDING),
                nulls_first=bool(option & NULLS_FIRST),
            )

    def _find_collation(self, owner: int, number: int, collation: int) -> str | None:
        """Of a column where it is another than the column's; of an expression the index's definition tells it."""
        of_column = self._collations_of_columns.get((owner, number))
        return None if of_column is None or collation in (0, of_column) else self._collations.get(collation)


def _group(rows: Iterable[Row]) -> Mapping[int, list[Row]]:
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["owner"]].append(row)
    return grouped


def _list_identity_options(row: Row) -> Iterator[str]:
    """What is not as https://www.postgresql.org/docs/current/sql-createsequence.html says it is by default."""
    down, limit = row["increment"] < 0, LIMITS[row["type"]]
    minimum, maximum = (-limit - 1, -1) if down else (1, limit)
    start = row["maximum"] if down else row["minimum"]
    usual = (("START WITH", "start", start), ("INCREMENT BY", "increment", 1), ("MINVALUE", "minimum", minimum))
    for word, name, value in (*usual, ("MAXVALUE", "maximum", maximum), ("CACHE", "cache", 1)):
        if row[name] != value:
            yield f"{word} {row[name]}"
    if row["cycle"]:
        yield "CYCLE"


def _read_check(row: Row) -> Check:
    return Check(
        name=row["name"],
        expression=strip_parentheses(row["definition"]),
        validated=row["validated"],
        no_inherit=row["no_inherit"],
        comment=row["comment"],
        enforced=row["enforced"],
    )


def strip_parentheses(expression: str) -> str:
    """Without the outer parentheses that the catalog adds, when the first one closes with the last."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth = 0
    quoted: str | None = None
    for position, character in enumerate(expression):
        if quoted:
            quoted = None if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0 and position < len(expression) - 1:
                return expression
    return expression[1:-1]

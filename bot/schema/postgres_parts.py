"""The parts of tables and views, from the rows of the catalogs; names of columns stand there as numbers.

The rows are plain tuples in the order of the queries' columns: of a thousand tables there are ten thousands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from operator import itemgetter
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
Tuples = Iterable[tuple[Any, ...]]
Constraint = PrimaryKey | Unique | ForeignKey | Check | Exclusion
REFERENTIAL = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
MATCH = {"s": "SIMPLE", "f": "FULL", "p": "PARTIAL"}
IDENTITY: Mapping[str, Any] = {"a": "always", "d": "by default"}
LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
DESCENDING, NULLS_FIRST = 1, 2  # bits of pg_index.indoption


class Parts:
    """All parts, by the oid of the table or view that they belong to."""

    def __init__(
        self, identities: Mapping[tuple[int, int], Row], classes: Mapping[int, str], collations: Mapping[int, str]
    ) -> None:
        """`identities` are the sequences of identity columns; `classes` names the operator classes to be told."""
        self._identities, self._classes, self._collations = identities, classes, collations
        self.names: defaultdict[int, dict[int, str]] = defaultdict(dict)
        self._collation_of: dict[tuple[int, int], int] = {}
        self.columns: defaultdict[int, list[Column]] = defaultdict(list)
        self.constraints: defaultdict[int, list[Constraint]] = defaultdict(list)
        self.indexes: defaultdict[int, list[Index]] = defaultdict(list)
        self.triggers: defaultdict[int, list[Trigger]] = defaultdict(list)

    def add_columns(self, rows: Tuples, unvalidated: Set[tuple[int, int]]) -> None:
        """Rows of the query COLUMNS, in any order, and which of them have a NOT NULL that is not validated."""
        for owner, number, name, type_, is_set, identity, generated, expression, *rest in sorted(
            rows, key=itemgetter(1)
        ):
            collation, usual, comment = rest
            self.names[owner][number] = name
            self._collation_of[owner, number] = collation
            column = Column(
                name,
                type_,
                not is_set,
                None if generated else expression,
                IDENTITY.get(identity),
                expression if generated else None,
                None if collation == usual else self._collations.get(collation),
                comment,
                generated == "v",
                tuple(_list_identity_options(self._identities[owner, number])) if identity else (),
                (owner, number) not in unvalidated,
            )
            self.columns[owner].append(column)

    def add_keys(self, rows: Tuples) -> None:
        """Rows of the query KEYS: primary keys and unique constraints, which have an index."""
        for owner, name, kind, key, index, length, distinct, deferrable, deferred, period, comment in rows:
            names = self.names[owner]
            columns, include = tuple([names[n] for n in key]), tuple([names[n] for n in index[length:]])
            made: Constraint
            if kind == "p":
                made = PrimaryKey(name, columns, deferrable, deferred, comment, include, period)
            else:
                made = Unique(name, columns, distinct, include, deferrable, deferred, comment, period)
            self.constraints[owner].append(made)

    def add_foreign_keys(self, rows: Tuples) -> None:
        """Rows of the query FOREIGN_KEYS."""
        for owner, name, key, referred, schema, table, referred_key, update, delete, match, *rest in rows:
            deferrable, deferred, validated, comment, set_key, period, enforced = rest
            names, others = self.names[owner], self.names[referred]
            made = ForeignKey(
                name,
                tuple([names[n] for n in key]),
                schema,
                table,
                tuple([others[n] for n in referred_key]),
                REFERENTIAL[update],
                REFERENTIAL[delete],
                MATCH[match],
                deferrable,
                deferred,
                validated,
                comment,
                tuple([names[n] for n in sorted(set_key or ())]),
                period,
                enforced,
            )
            self.constraints[owner].append(made)

    def add_checks(self, rows: Tuples) -> None:
        """Rows of the query CHECKS: checks, and exclusions, which are told by their definition."""
        for owner, name, kind, definition, validated, no_inherit, comment, enforced in rows:
            made: Constraint
            if kind == "c":
                made = Check(name, strip_parentheses(definition), validated, no_inherit, comment, enforced)
            else:
                made = Exclusion(name, definition, comment)
            self.constraints[owner].append(made)

    def add_indexes(self, rows: Tuples) -> None:
        """Rows of the query INDEXES."""
        for owner, name, unique, method, key, length, predicate, distinct, valid, definition, comment, *rest in rows:
            names = self.names[owner]
            made = Index(
                name,
                tuple(self._list_keys(owner, key[:length], *rest)),
                unique,
                method,
                tuple([names[n] for n in key[length:]]),
                strip_parentheses(predicate) if predicate else None,
                distinct,
                valid,
                definition,
                comment,
            )
            self.indexes[owner].append(made)

    def add_triggers(self, rows: Tuples) -> None:
        """Rows of the query TRIGGERS."""
        for owner, name, definition, enabled, comment in rows:
            self.triggers[owner].append(Trigger(name, definition, enabled, comment))

    def _list_keys(
        self, owner: int, numbers: list[int], classes: list[int], collations: list[int], options: list[int], texts: Any
    ) -> Iterator[IndexKey]:
        expressions, names = iter(texts or ()), self.names[owner]
        for number, class_, collation, option in zip(numbers, classes, collations, options, strict=True):
            yield IndexKey(
                names[number] if number else None,
                None if number else next(expressions),
                self._classes.get(class_),
                self._find_collation(owner, number, collation) if collation else None,
                bool(option & DESCENDING),
                bool(option & NULLS_FIRST),
            )

    def _find_collation(self, owner: int, number: int, collation: int) -> str | None:
        """Of a column where it is another than the column's; of an expression the index's definition tells it."""
        of_column = self._collation_of.get((owner, number))
        return None if of_column is None or collation == of_column else self._collations.get(collation)


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

"""What a schema change means for a database in use: locks, scans, values that go, and a way back that may be blocked.

The rules are those of https://www.postgresql.org/docs/current/sql-altertable.html and of its neighbours sql-createindex
and sql-altertype. Tables that are new hold no rows and have no risk. How large a table is in production nobody here
knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from bot.migration.proof_result import Proof
from bot.pull_request.beside_traffic import BesideTraffic, read_beside_traffic
from bot.schema.change import Action, Change, Kind
from bot.schema.model import Check, Column, Enum, ForeignKey, Index, Other, Table
from bot.schema.part_words import render_name, shorten_type
from bot.spec.model import DataModel

_VOLATILE = re.compile(r"\b(random|gen_random_uuid|uuid_generate_v\w+|uuidv\d|clock_timestamp|timeofday|nextval)\s*\(")
_TEXT = re.compile(r"character varying(?:\((\d+)\))?|text")
_NUMERIC = re.compile(r"numeric(?:\((\d+),(\d+)\))?")


@dataclass(frozen=True, slots=True)
class Risk:
    """`kind` names its box's template. `table` is "" for what belongs to none, `detail` a value of that kind."""

    kind: str
    table: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rules know besides the change; names of tables as they are shown. Renames lead from old to new."""

    existing: frozenset[str]
    table_renames: Mapping[str, str] = field(default_factory=dict)
    column_renames: Mapping[tuple[str, str], str] = field(default_factory=dict)
    beside_traffic: BesideTraffic = field(default_factory=BesideTraffic)

    def is_new_name(self, table: str, column: str) -> bool:
        """Whether the column was there before, under another name."""
        return any(owner == table and new == column for (owner, _), new in self.column_renames.items())


Rule = Callable[[Change, Setting], Iterator[Risk]]


def find_risks(proof: Proof, data_model: DataModel) -> tuple[Risk, ...]:
    """The risks of the proof's changes, in their order."""
    setting = read_setting(proof, data_model)
    return tuple(risk for change in proof.changes for risk in find_change_risks(change, setting))


def read_setting(proof: Proof, data_model: DataModel) -> Setting:
    """What the rules need: which tables were there, what the spec renames, what was done beside the traffic."""
    columns = {
        (table.name, column.was): column.name for table in data_model.tables for column in table.columns if column.was
    }
    return Setting(
        existing=frozenset(proof.rows),
        table_renames={table.was: table.name for table in data_model.tables if table.was},
        column_renames=columns,
        beside_traffic=read_beside_traffic(proof.upgrade_sql),
    )


def find_change_risks(change: Change, setting: Setting) -> Iterator[Risk]:
    """The risks of one change. A comment is none; a new table's are those for the tables that it refers to."""
    if change.action == "alter" and _strip_comment(change.before) == _strip_comment(change.after):
        return
    table = None if change.table is None else render_name(change.schema, change.table)
    rule = RULES.get((change.kind, change.action))
    if rule is not None and (table is None or table in setting.existing):
        yield from rule(change, setting)


def _strip_comment(part: Any) -> object:
    return replace(part, comment=None) if hasattr(part, "comment") else part


def _say(kind: str) -> Rule:
    """A rule that always holds."""

    def rule(change: Change, setting: Setting) -> Iterator[Risk]:
        yield _make(kind, change)

    return rule


def _make(kind: str, change: Change, detail: str = "") -> Risk:
    table = "" if change.table is None else render_name(change.schema, change.table)
    name = change.name if change.table is not None else render_name(change.schema, change.name)
    return Risk(kind, table, name, detail)


def _add_table(change: Change, setting: Setting) -> Iterator[Risk]:
    """A foreign key locks the table that it refers to against writes, also where its own table is new and empty."""
    for key in cast("Table", change.after).foreign_keys:
        referred = render_name(key.referred_schema, key.referred_table)
        if referred in setting.existing:
            yield Risk("existing_referenced", "", referred)


def _drop_table(change: Change, setting: Setting) -> Iterator[Risk]:
    name = render_name(change.schema, change.name)
    new = setting.table_renames.get(name)
    kind = "table_dropped" if new is None else "table_renamed"
    yield Risk(kind, name, name, new or "")


def _alter_table(change: Change, setting: Setting) -> Iterator[Risk]:
    name = render_name(change.schema, change.name)
    yield Risk("table_changed", name, name)


def _add_column(change: Change, setting: Setting) -> Iterator[Risk]:
    column = cast("Column", change.after)
    if setting.is_new_name(render_name(change.schema, change.table or ""), change.name):
        return
    default = column.default or ""
    if column.identity or (column.generated and not column.virtual) or _VOLATILE.search(default):
        is_filled = _name_column(change) in setting.beside_traffic.filled
        yield _make("rows_filled", change, default) if is_filled else _make("table_rewritten", change)
    elif not column.nullable and not default and not column.generated:
        yield _make("not_null_added", change)
    elif default:
        yield _make("default_for_existing", change, default)


def _drop_column(change: Change, setting: Setting) -> Iterator[Risk]:
    new = setting.column_renames.get((render_name(change.schema, change.table or ""), change.name))
    yield _make("column_dropped" if new is None else "column_renamed", change, new or "")


def _alter_column(change: Change, setting: Setting) -> Iterator[Risk]:
    before, after = cast("Column", change.before), cast("Column", change.after)
    if before.type == after.type and before.collation != after.collation:
        yield _make("collation_changed", change, f"{before.collation or 'default'} → {after.collation or 'default'}")
    elif before.type != after.type:
        kind = "type_widened" if is_widened(before.type, after.type) else "type_changed"
        if _name_column(change) in setting.beside_traffic.swapped:
            kind = "type_swapped"
        yield _make(kind, change, f"{shorten_type(before.type)} → {shorten_type(after.type)}")
    if after.generated and not after.virtual and (before.generated, before.virtual) != (after.generated, False):
        yield _make("table_rewritten", change)
    if after.nullable and not before.nullable:
        yield _make("null_allowed", change)
    elif before.nullable and not after.nullable and after.not_null_validated:
        is_set = _name_column(change) in setting.beside_traffic.set
        yield _make("not_null_validated" if is_set else "not_null_set", change)


def _add_index(change: Change, setting: Setting) -> Iterator[Risk]:
    index = cast("Index", change.after)
    if index.unique:
        yield from _add_unique(change, setting)
    else:
        is_built = setting.beside_traffic.is_built(index.name)
        yield _make("index_added_concurrently" if is_built else "index_added", change)


def _add_unique(change: Change, setting: Setting) -> Iterator[Risk]:
    yield _make("unique_built" if setting.beside_traffic.is_built(change.name) else "unique_added", change)


def _drop_index(change: Change, setting: Setting) -> Iterator[Risk]:
    yield _make("constraint_dropped" if cast("Index", change.before).unique else "index_dropped", change)


def _name_column(change: Change) -> tuple[str, str]:
    return render_name(change.schema, change.table or ""), change.name


def _add_validated(kind: str, beside_traffic: str) -> Rule:
    """A constraint that stays NOT VALID scans nothing."""

    def rule(change: Change, setting: Setting) -> Iterator[Risk]:
        if cast("Check | ForeignKey", change.after).validated:
            yield _make(beside_traffic if setting.beside_traffic.is_validated(change.name) else kind, change)

    return rule


def _alter_enum(change: Change, setting: Setting) -> Iterator[Risk]:
    before, after = cast("Enum", change.before).values, cast("Enum", change.after).values
    added = [value for value in after if value not in before]
    if any(value not in after for value in before):
        yield _make("enum_value_removed", change, ", ".join(value for value in before if value not in after))
    elif added:
        yield _make("enum_value_added", change, ", ".join(added))


def _change_other(change: Change, setting: Setting) -> Iterator[Risk]:
    yield _make("other_changed", change, cast("Other", change.after or change.before).kind)


def is_widened(before: str, after: str) -> bool:
    """Whether every value of the old type is one of the new as it stands, so that the table is not rewritten."""
    old, new = _TEXT.fullmatch(before), _TEXT.fullmatch(after)
    if old and new:
        return new[1] is None or (old[1] is not None and int(old[1]) <= int(new[1]))
    old, new = _NUMERIC.fullmatch(before), _NUMERIC.fullmatch(after)
    if old and new:
        return new[1] is None or (old[1] is not None and int(old[1]) <= int(new[1]) and old[2] == new[2])
    return False


RULES: Mapping[tuple[Kind, Action], Rule] = {
    ("table", "add"): _add_table,
    ("table", "alter"): _alter_table,
    ("table", "drop"): _drop_table,
    ("column", "add"): _add_column,
    ("column", "alter"): _alter_column,
    ("column", "drop"): _drop_column,
    ("primary_key", "add"): _say("unique_added"),
    ("primary_key", "alter"): _say("unique_added"),
    ("primary_key", "drop"): _say("constraint_dropped"),
    ("unique", "add"): _add_unique,
    ("unique", "alter"): _add_unique,
    ("unique", "drop"): _say("constraint_dropped"),
    ("exclusion", "add"): _say("exclusion_added"),
    ("exclusion", "alter"): _say("exclusion_added"),
    ("exclusion", "drop"): _say("constraint_dropped"),
    ("check", "add"): _add_validated("check_added", "check_validated"),
    ("check", "alter"): _add_validated("check_added", "check_validated"),
    ("check", "drop"): _say("constraint_dropped"),
    ("foreign_key", "add"): _add_validated("foreign_key_added", "foreign_key_validated"),
    ("foreign_key", "alter"): _add_validated("foreign_key_added", "foreign_key_validated"),
    ("foreign_key", "drop"): _say("constraint_dropped"),
    ("index", "add"): _add_index,
    ("index", "alter"): _add_index,
    ("index", "drop"): _drop_index,
    ("enum", "alter"): _alter_enum,
    ("domain", "alter"): _say("domain_changed"),
    ("trigger", "add"): _say("trigger_changed"),
    ("trigger", "alter"): _say("trigger_changed"),
    ("trigger", "drop"): _say("trigger_changed"),
    ("function", "alter"): _say("function_changed"),
    ("function", "drop"): _say("function_changed"),
    ("other", "add"): _change_other,
    ("other", "alter"): _change_other,
    ("other", "drop"): _change_other,
    ("view", "alter"): _say("view_changed"),
    ("view", "drop"): _say("view_changed"),
}


def group_risks(risks: Iterable[Risk]) -> Mapping[tuple[str, str], tuple[Risk, ...]]:
    """The risks by kind and table, each group where its first one stands."""
    groups: dict[tuple[str, str], list[Risk]] = {}
    for risk in risks:
        groups.setdefault((risk.kind, risk.table), []).append(risk)
    return {key: tuple(found) for key, found in groups.items()}

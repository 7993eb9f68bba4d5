"""Steps for what is no table: schemas, extensions, types, sequences, functions, views, triggers and their comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.migration.sql_text import quote_literal, quote_name, quote_qualified, simplify_expression
from bot.migration.steps import Step, sql
from bot.schema.model import Domain, Enum, Function, Schema, Sequence, Trigger, View

_MAXIMUM = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def comment_on(what: str, comment: str | None) -> Step:
    """`COMMENT ON …` for the kinds that Alembic has no directive for."""
    return sql(f"COMMENT ON {what} IS {'NULL' if comment is None else quote_literal(comment)}")


def add_schemas_and_extensions(before: Schema, after: Schema) -> Iterator[Step]:
    """Namespaces and extensions that are new or get another version."""
    for name in after.schemas:
        if name not in before.schemas:
            yield sql(f"CREATE SCHEMA {quote_name(name)}")
    old = dict(before.extensions)
    for name, version in after.extensions:
        if name not in old:
            yield sql(f"CREATE EXTENSION IF NOT EXISTS {quote_name(name)}")
        elif old[name] != version:
            yield sql(f"ALTER EXTENSION {quote_name(name)} UPDATE TO {quote_literal(version)}")


def drop_schemas_and_extensions(before: Schema, after: Schema) -> Iterator[Step]:
    """Namespaces and extensions that go."""
    kept = dict(after.extensions)
    for name, _version in before.extensions:
        if name not in kept:
            yield sql(f"DROP EXTENSION {quote_name(name)}")
    for name in before.schemas:
        if name not in after.schemas:
            yield sql(f"DROP SCHEMA {quote_name(name)}")


def extend_enums(before: Schema, after: Schema, *, autocommit: bool) -> Iterator[Step]:
    """Values that are added to enums which lose none.

    In an autocommit block, as a new value cannot be used in the transaction that adds it (Postgres, ALTER TYPE);
    IF NOT EXISTS because what was committed stays when a later statement fails and the revision is run again.
    """
    old = {(enum.schema, enum.name): enum.values for enum in before.enums}
    for enum in after.enums:
        known = list(old.get((enum.schema, enum.name), enum.values))
        for value, place in _find_new_values(tuple(known), enum.values):
            type_ = quote_qualified(enum.schema, enum.name)
            guard = "IF NOT EXISTS " if autocommit else ""
            yield sql(f"ALTER TYPE {type_} ADD VALUE {guard}{quote_literal(value)}{place}", autocommit=autocommit)


def _find_new_values(known: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each new value with the words for its place: after its neighbour, before the first old one at the start."""
    if tuple(value for value in wanted if value in known) != known:
        return
    for position, value in enumerate(wanted):
        if value in known:
            continue
        if position > 0:
            is_last = not any(other in known for other in wanted[position:])
            yield value, "" if is_last else f" AFTER {quote_literal(wanted[position - 1])}"
        else:
            yield value, f" BEFORE {quote_literal(known[0])}" if known else ""


def create_enum(enum: Enum) -> Step:
    """`CREATE TYPE … AS ENUM`."""
    values = ", ".join(quote_literal(value) for value in enum.values)
    return sql(f"CREATE TYPE {quote_qualified(enum.schema, enum.name)} AS ENUM ({values})")


def add_types(before: Schema, after: Schema) -> Iterator[Step]:
    """New enums and domains, and what changes of domains in place."""
    enums = {(enum.schema, enum.name): enum for enum in before.enums}
    for enum in after.enums:
        if (enum.schema, enum.name) not in enums:
            yield create_enum(enum)
        old_comment = enums[enum.schema, enum.name].comment if (enum.schema, enum.name) in enums else None
        if enum.comment != old_comment:
            yield comment_on(f"TYPE {quote_qualified(enum.schema, enum.name)}", enum.comment)
    domains = {(domain.schema, domain.name): domain for domain in before.domains}
    for domain in after.domains:
        old = domains.get((domain.schema, domain.name))
        if old is None:
            yield from create_domain(domain)
        elif old.type == domain.type:
            yield from _alter_domain(old, domain)


def create_domain(domain: Domain) -> Iterator[Step]:
    """`CREATE DOMAIN` with its constraints and its comment."""
    name = quote_qualified(domain.schema, domain.name)
    parts = [f"CREATE DOMAIN {name} AS {domain.type}"]
    parts += [f"DEFAULT {domain.default}"] if domain.default is not None else []
    parts += [] if domain.nullable else ["NOT NULL"]
    parts += [_domain_check(check) for check in domain.checks]
    yield sql(" ".join(parts))
    if domain.comment is not None:
        yield comment_on(f"DOMAIN {name}", domain.comment)


def _domain_check(check: tuple[str, str]) -> str:
    return f"CONSTRAINT {quote_name(check[0])} CHECK ({simplify_expression(check[1])})"


def _alter_domain(old: Domain, new: Domain) -> Iterator[Step]:
    head = f"ALTER DOMAIN {quote_qualified(new.schema, new.name)}"
    for check in old.checks:
        if check not in new.checks:
            yield sql(f"{head} DROP CONSTRAINT {quote_name(check[0])}")
    if old.default != new.default:
        yield sql(f"{head} DROP DEFAULT" if new.default is None else f"{head} SET DEFAULT {new.default}")
    if old.nullable != new.nullable:
        yield sql(f"{head} {'DROP' if new.nullable else 'SET'} NOT NULL")
    for check in new.checks:
        if check not in old.checks:
            yield sql(f"{head} ADD {_domain_check(check)}")
    if old.comment != new.comment:
        yield comment_on(f"DOMAIN {quote_qualified(new.schema, new.name)}", new.comment)


def drop_types(before: Schema, after: Schema) -> Iterator[Step]:
    """Domains, then enums, that go."""
    kept_domains = {(item.schema, item.name) for item in after.domains}
    for domain in before.domains:
        if (domain.schema, domain.name) not in kept_domains:
            yield sql(f"DROP DOMAIN {quote_qualified(domain.schema, domain.name)}")
    kept_enums = {(item.schema, item.name) for item in after.enums}
    for enum in before.enums:
        if (enum.schema, enum.name) not in kept_enums:
            yield sql(f"DROP TYPE {quote_qualified(enum.schema, enum.name)}")


def create_sequence(item: Sequence) -> Iterator[Step]:
    """The sequence; whom it belongs to is said later, when the column is there (see `own_sequence`)."""
    name = quote_qualified(item.schema, item.name)
    parts = [f"CREATE SEQUENCE {name}"]
    if item.type != "bigint":
        parts.append(f"AS {item.type}")
    parts += _sequence_options(item, replace_defaults=False)
    yield sql(" ".join(parts))
    if item.comment is not None:
        yield comment_on(f"SEQUENCE {name}", item.comment)


def alter_sequence(old: Sequence, new: Sequence) -> Iterator[Step]:
    """What differs, but for whom it belongs to."""
    name = quote_qualified(new.schema, new.name)
    same_but = replace(old, owned_by=new.owned_by, comment=new.comment)
    if same_but != new:
        yield sql(" ".join([f"ALTER SEQUENCE {name} AS {new.type}", *_sequence_options(new, replace_defaults=True)]))
    if old.comment != new.comment:
        yield comment_on(f"SEQUENCE {name}", new.comment)


def own_sequence(item: Sequence) -> Step:
    """Tie the sequence to its column, or to none."""
    owner = "NONE"
    if item.owned_by is not None:
        schema, table, column = item.owned_by
        owner = f"{quote_qualified(schema, table)}.{quote_name(column)}"
    return sql(f"ALTER SEQUENCE {quote_qualified(item.schema, item.name)} OWNED BY {owner}")


def _sequence_options(item: Sequence, *, replace_defaults: bool) -> list[str]:
    ascending = item.increment > 0
    top = _MAXIMUM.get(item.type, 2**63 - 1)
    low, high = (1, top) if ascending else (-top - 1, -1)
    options = [
        (f"INCREMENT BY {item.increment}", item.increment != 1),
        (f"MINVALUE {item.minimum}", item.minimum != low),
        (f"MAXVALUE {item.maximum}", item.maximum != high),
        (f"START WITH {item.start}", item.start != (item.minimum if ascending else item.maximum)),
        (f"CACHE {item.cache}", item.cache != 1),
        ("CYCLE" if item.cycle else "NO CYCLE", item.cycle),
    ]
    return [text for text, is_said in options if is_said or replace_defaults]


def drop_sequence(item: Sequence) -> Step:
    """`DROP SEQUENCE`."""
    return sql(f"DROP SEQUENCE {quote_qualified(item.schema, item.name)}")


def create_function(function: Function, *, old_comment: str | None = None) -> Iterator[Step]:
    """`CREATE OR REPLACE FUNCTION`, as the catalog shows it."""
    yield sql(function.definition.rstrip("\n"), is_verbatim=True)
    if function.comment != old_comment:
        yield comment_function(function)


def comment_function(function: Function) -> Step:
    """The comment of a function."""
    return comment_on(f"{_routine(function)} {_signature(function)}", function.comment)


def drop_function(function: Function) -> Step:
    """`DROP FUNCTION` with the arguments that tell it from its namesakes."""
    return sql(f"DROP {_routine(function)} {_signature(function)}")


def can_be_replaced(old: Function, new: Function) -> bool:
    """Whether CREATE OR REPLACE takes the new one: same result and same names of arguments."""
    return _head(old) == _head(new)


def _head(function: Function) -> str:
    return re.split(r"\n (?:LANGUAGE|TRANSFORM|WINDOW|IMMUTABLE)\b", function.definition, maxsplit=1)[0]


def _routine(function: Function) -> str:
    return "PROCEDURE" if function.definition.startswith("CREATE OR REPLACE PROCEDURE") else "FUNCTION"


def _signature(function: Function) -> str:
    name, _, arguments = function.name.partition("(")
    return f"{quote_qualified(function.schema, name)}({arguments}"


def create_view(view: View) -> Iterator[Step]:
    """The view with its comment; indexes of a materialised one are made apart."""
    kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
    name = quote_qualified(view.schema, view.name)
    definition = simplify_expression(view.definition).rstrip().removesuffix(";")
    yield sql(f"CREATE {kind} {name} AS\n{definition}")
    if view.comment is not None:
        yield comment_on(f"{kind} {name}", view.comment)


def drop_view(view: View) -> Step:
    """`DROP VIEW` or `DROP MATERIALIZED VIEW`."""
    kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
    return sql(f"DROP {kind} {quote_qualified(view.schema, view.name)}")


def comment_view(view: View) -> Step:
    """The comment of a view that stays."""
    kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
    return comment_on(f"{kind} {quote_qualified(view.schema, view.name)}", view.comment)


def create_trigger(schema: str, table: str, trigger: Trigger) -> Iterator[Step]:
    """The trigger, when it fires, its comment."""
    yield sql(trigger.definition)
    yield from tweak_trigger(schema, table, Trigger(trigger.name, trigger.definition), trigger)


def tweak_trigger(schema: str, table: str, old: Trigger, new: Trigger) -> Iterator[Step]:
    """When it fires and its comment, where they differ (`tgenabled` in pg_trigger)."""
    where = quote_qualified(schema, table)
    if old.enabled != new.enabled:
        words = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}[new.enabled]
        yield sql(f"ALTER TABLE {where} {words} TRIGGER {quote_name(new.name)}")
    if old.comment != new.comment:
        yield comment_on(f"TRIGGER {quote_name(new.name)} ON {where}", new.comment)


def drop_trigger(schema: str, table: str, trigger: Trigger) -> Step:
    """`DROP TRIGGER`."""
    return sql(f"DROP TRIGGER {quote_name(trigger.name)} ON {quote_qualified(schema, table)}")

"""Steps that give things another name: renames that a spec states, and types that step aside for their new selves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alembic.operations import ops

from bot.migration.difference import Difference
from bot.migration.elements import namespace
from bot.migration.object_steps import comment_on, create_domain, create_enum
from bot.migration.renames import Rename
from bot.migration.sql_text import quote_literal, quote_name, quote_qualified
from bot.migration.steps import RenameTable, Step, sql


def render_rename(rename: Rename) -> Step:
    """The step for one rename."""
    old, new, schema = rename.before, rename.after, rename.schema
    if rename.kind == "table":
        return Step(RenameTable(old, new, schema=namespace(schema)))
    if rename.kind == "column":
        return Step(ops.AlterColumnOp(rename.table or "", old, modify_name=new, schema=namespace(schema)))
    if rename.kind == "constraint":
        where = quote_qualified(schema, rename.table or "")
        return sql(f"ALTER TABLE {where} RENAME CONSTRAINT {quote_name(old)} TO {quote_name(new)}")
    if rename.kind == "enum_value":
        type_ = quote_qualified(schema, rename.table or "")
        return sql(f"ALTER TYPE {type_} RENAME VALUE {quote_literal(old)} TO {quote_literal(new)}")
    words = {"index": "INDEX", "enum": "TYPE", "domain": "DOMAIN", "sequence": "SEQUENCE", "view": "VIEW"}[rename.kind]
    return _rename(words, schema, old, new)


def remake_types(difference: Difference) -> Iterator[Step]:
    """The old self of a type steps aside; the columns follow to the new one by and by."""
    before = {(enum.schema, enum.name): enum.values for enum in difference.old.enums}
    for enum in difference.new.enums:
        if (enum.schema, enum.name) in difference.rebuilds.types:
            lost = [value for value in before[enum.schema, enum.name] if value not in enum.values]
            note = f"Rows that have {' or '.join(map(repr, lost))} stop this with an error, and nothing is changed."
            step = _rename("TYPE", enum.schema, enum.name, _aside(enum.name))
            yield replace(step, note=note if lost else "")
            yield create_enum(enum)
            if enum.comment is not None:
                yield comment_on(f"TYPE {quote_qualified(enum.schema, enum.name)}", enum.comment)
    for domain in difference.new.domains:
        if (domain.schema, domain.name) in difference.rebuilds.types:
            yield _rename("DOMAIN", domain.schema, domain.name, _aside(domain.name))
            yield from create_domain(domain)


def drop_remade_types(difference: Difference) -> Iterator[Step]:
    """The old selves, once no column has them."""
    for domain in difference.new.domains:
        if (domain.schema, domain.name) in difference.rebuilds.types:
            yield sql(f"DROP DOMAIN {quote_qualified(domain.schema, _aside(domain.name))}")
    for enum in difference.new.enums:
        if (enum.schema, enum.name) in difference.rebuilds.types:
            yield sql(f"DROP TYPE {quote_qualified(enum.schema, _aside(enum.name))}")


def _aside(name: str) -> str:
    return f"{name}_old"


def _rename(words: str, schema: str, old: str, new: str) -> Step:
    return sql(f"ALTER {words} {quote_qualified(schema, old)} RENAME TO {quote_name(new)}")

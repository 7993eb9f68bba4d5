"""The test module: its head, the functions that add valid rows, and a test for each case."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.implement.models.layout import docstring
from bot.implement.schema_tests.base_rows import BaseRow, plan_rows
from bot.implement.schema_tests.case import Case, adder, identifier, qualified
from bot.migration.python_layout import quote_string
from bot.schema.model import Schema

_TARGET = '''
def target(name: str, columns: Iterable[str]) -> TableClause:
    """A table as the database alone sees it, past what the models say."""
    schema, _, plain = name.rpartition(".")
    return table(plain, *map(column, columns), schema=schema or None)
'''
_INSERT = '''
def insert(db: {kind}, name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Insert a row; the row as it stands there."""
    statement = target(name, values).insert().values(values)
    row = db.execute(statement.returning(literal_column("*")))
    return dict(row.mappings().one())
'''
_FIND = '''
def find(db: {kind}, name: str, /, **key: Any) -> dict[str, Any] | None:
    """The row with that key."""
    rows = target(name, key)
    query = select(literal_column("*")).select_from(rows)
    found = db.execute(query.where(*(rows.c[part] == key[part] for part in key)))
    row = found.mappings().one_or_none()
    return None if row is None else dict(row)
'''
_DELETE = '''
def delete(db: {kind}, name: str, /, **key: Any) -> None:
    """Delete the row with that key."""
    rows = target(name, key)
    db.execute(rows.delete().where(*(rows.c[part] == key[part] for part in key)))
'''
_REFUSED = '''
@contextmanager
def refused(db: {kind}, what: str) -> Iterator[None]:
    """The database refuses what is done inside, and names `what`."""
    with pytest.raises(DBAPIError) as caught, db.begin_nested():
        yield{immediate}
    assert what in str(caught.value.orig)
'''
_IMMEDIATE = '\n        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))'
_CATALOG = '''
def catalog(db: {kind}) -> Inspector:
    """What the database says of itself."""
    return inspect({connection})
'''
_INDEX_COLUMNS = '''
def index_columns(db: {kind}, name: str, index: str, schema: str | None = None) -> list[Any]:
    """The columns of an index; None stands for an expression."""
    indexes = {{item["name"]: item for item in catalog(db).get_indexes(name, schema)}}
    return list(indexes[index]["column_names"])
'''
_TYPE_OF = '''
def type_of(db: {kind}, owner: str, name: str) -> Any:
    """A column's type in the words of Postgres."""
    query = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
    where = "WHERE attrelid = CAST(:owner AS regclass) AND attname = :name"
    return db.scalar(text(query + where), {{"owner": owner, "name": name}})
'''
_FIXTURE = '''
@pytest.fixture
def db() -> Iterator[Connection]:
    """A connection whose changes are rolled back; tables that are missing are made from the models."""
    engine = create_engine(os.environ["{variable}"])
    with engine.connect() as connection:
        transaction = connection.begin()
        {base}.metadata.create_all(connection)
        yield connection
        transaction.rollback()
    engine.dispose()
'''
_HELPERS: tuple[tuple[str, str], ...] = (
    ("target", _TARGET),
    ("insert", _INSERT),
    ("find", _FIND),
    ("delete", _DELETE),
    ("refused", _REFUSED),
    ("catalog", _CATALOG),
    ("index_columns", _INDEX_COLUMNS),
    ("type_of", _TYPE_OF),
)
_IMPORTS: Mapping[str, str] = {
    "create_engine": "sqlalchemy",
    "Connection": "sqlalchemy",
    "Inspector": "sqlalchemy",
    "TableClause": "sqlalchemy",
    "column": "sqlalchemy",
    "inspect": "sqlalchemy",
    "literal_column": "sqlalchemy",
    "select": "sqlalchemy",
    "table": "sqlalchemy",
    "text": "sqlalchemy",
    "DBAPIError": "sqlalchemy.exc",
    "Session": "sqlalchemy.orm",
    "Decimal": "decimal",
    "UUID": "uuid",
    "contextmanager": "contextlib",
    "count": "itertools",
    "Any": "typing",
    "Iterable": "collections.abc",
    "Iterator": "collections.abc",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """How the tests reach the database: the repository's session fixture, else a fixture of their own.

    `base` and `base_module` name the declarative base; `import_module` is what must be imported for all tables.
    """

    fixture: str | None
    url_variable: str
    base: str
    base_module: str
    width: int = 88
    is_deferred: bool = False


def render_module(schema: Schema, named: Sequence[tuple[str, Case, str]], title: str, setting: Setting) -> str:
    """The module's text; `named` are (name of the test, case, docstring)."""
    rows = plan_rows(schema, [key for _, case, _ in named for key in case.tables])
    tests = [_render_test(name, case, words, setting) for name, case, words in named]
    adders = [_render_adder(row) for row in rows.values()]
    body = "\n\n".join(part.strip("\n") + "\n" for part in [*adders, *tests])
    helpers = _render_helpers(body, setting, is_needed=bool(rows))
    fixture = (
        ""
        if setting.fixture
        else _FIXTURE.format(variable=setting.url_variable, base=setting.base).strip("\n") + "\n\n\n"
    )
    code = f"{fixture}{helpers}{body}"
    counter = "NUMBERS = count(1)\n\n\n" if "next(NUMBERS)" in code else ""
    if setting.fixture:
        code = _for_fixture(code, setting.fixture)
    imports = _render_imports(counter + code, setting) + ("" if counter else "\n")
    heading = textwrap.fill(title, setting.width - 6)
    return f'"""{heading}"""\n\n{imports}\n{counter}{code}'


def _render_helpers(body: str, setting: Setting, *, is_needed: bool) -> str:
    kind = "Session" if setting.fixture else "Connection"
    connection = "db.connection()" if setting.fixture else "db"
    immediate = _IMMEDIATE if setting.is_deferred else ""
    needed = {name for name, _ in _HELPERS if re.search(rf"\b{name}\(", body)}
    needed |= {"target", "insert"} if is_needed else set()
    needed |= {"catalog"} if "index_columns" in needed else set()
    texts = [source for name, source in _HELPERS if name in needed]
    filled = [text.format(kind=kind, connection=connection, immediate=immediate).strip("\n") for text in texts]
    return "".join(f"{text}\n\n\n" for text in filled)


def _render_adder(row: BaseRow) -> str:
    table = row.table
    lines = [
        f"def {adder(table)}(db: Connection, /, **given: Any) -> dict[str, Any]:",
        f"    {docstring(f'A valid row of `{table.name}`; what is given takes the place of its values.')}",
    ]
    if any("number" in value for value in row.values.values()):
        lines.append("    number = next(NUMBERS)")
    values = ", ".join(f"{quote_string(name)}: {value}" for name, value in row.values.items())
    source = f"{{{values}, **given}}" if values else "dict(given)"
    line = f"    values: dict[str, Any] = {source}"
    if len(line) <= 96:
        lines.append(line)
    else:
        inner = [f"        {quote_string(name)}: {value}," for name, value in row.values.items()]
        lines += ["    values: dict[str, Any] = {", *inner, "        **given,", "    }"]
    for key in row.parents:
        lines += _render_parent(key.columns, key.referred_columns, key.referred_schema, key.referred_table)
    lines.append(f"    return insert(db, {qualified(table)}, values)")
    return "\n".join(lines) + "\n"


def _render_parent(columns: Sequence[str], referred: Sequence[str], schema: str, name: str) -> list[str]:
    owner = "" if schema == "public" else f"{schema}_"
    make = f"add_{owner}{identifier(name)}(db)"
    if len(columns) == 1:
        own = quote_string(columns[0])
        return [f"    if {own} not in values:", f"        values[{own}] = {make}[{quote_string(referred[0])}]"]
    pairs = ", ".join(
        f"{quote_string(own)}: row[{quote_string(other)}]" for own, other in zip(columns, referred, strict=True)
    )
    return [
        f"    if not {{{', '.join(map(quote_string, columns))}}} <= given.keys():",
        f"        row = {make}",
        f"        values = {{{pairs}, **values}}",
    ]


def _render_test(name: str, case: Case, words: str, setting: Setting) -> str:
    lines = [f"def {name}(db: Connection) -> None:"]
    if len(lines[0]) + 10 > setting.width:
        lines = [f"def {name}(", "    db: Connection,", ") -> None:"]
    text = f'"""{words}"""'
    if len(text) + 4 <= setting.width - 1:
        lines.append(f"    {text}")
    else:
        wrapped = textwrap.wrap(words, setting.width - 12)
        lines += [f'    """{wrapped[0]}', *(f"    {line}" for line in wrapped[1:]), '    """']
    return "\n".join([*lines, *(_broken(f"    {line}", setting.width) for line in case.body)]) + "\n"


def _broken(line: str, width: int) -> str:
    """A line that is too long with the arguments of its call on a line of their own."""
    match = re.fullmatch(r"(\s*)((?:\w+ = )?\w+\()(.*)\)", line)
    if len(line) <= width or match is None:
        return line
    return f"{match[1]}{match[2]}\n{match[1]}    {match[3]}\n{match[1]})"


def _for_fixture(code: str, fixture: str) -> str:
    """The code with the repository's session in the place of a connection of our own."""
    return re.sub(r"\bdb\b", fixture, code).replace(": Connection", ": Session")


def _render_imports(code: str, setting: Setting) -> str:
    used: dict[str, list[str]] = {}
    plain = re.sub(r'"[^"\n]*"', '""', code)
    for name, module in _IMPORTS.items():
        if re.search(rf"(?<![\w.\"]){name}\b", plain):
            used.setdefault(module, []).append(name)
    standard = ["import os"] if "os.environ" in code else []
    for module in ("collections.abc", "contextlib", "decimal", "itertools", "typing", "uuid"):
        standard += [f"from {module} import {', '.join(sorted(used[module]))}"] if module in used else []
    third = ["import pytest"] if "pytest." in code else []
    for module in ("sqlalchemy", "sqlalchemy.exc", "sqlalchemy.orm"):
        third += [_from(module, used[module], setting.width)] if module in used else []
    local = [] if setting.fixture else [f"from {setting.base_module} import {setting.base}"]
    sections = [["from __future__ import annotations"], standard, third, local]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _from(module: str, names: list[str], width: int) -> str:
    ordered = sorted(names, key=lambda name: (not name[0].isupper(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= width:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])

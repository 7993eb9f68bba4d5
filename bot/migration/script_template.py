"""A repository's `script.py.mako`, filled in without Mako: a template is code, and this one comes from outside.

Only what the templates that ship with Alembic use is understood (names, `repr()`, `… if … else "…"`, the filters
`comma` and `n`). Anything else makes the template unknown, and Alembic's stock template is used in its place.
https://alembic.sqlalchemy.org/en/latest/tutorial.html#the-migration-environment
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

MAX_TEMPLATE_CHARACTERS = 64 * 1024
# alembic/templates/generic/script.py.mako of Alembic 1.20.
STOCK_TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

# revision identifiers, used by Alembic.
revision: str = ${repr(up_revision)}
down_revision: Union[str, Sequence[str], None] = ${repr(down_revision)}
branch_labels: Union[str, Sequence[str], None] = ${repr(branch_labels)}
depends_on: Union[str, Sequence[str], None] = ${repr(depends_on)}


def upgrade() -> None:
    """Upgrade schema."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Downgrade schema."""
    ${downgrades if downgrades else "pass"}
'''
Value = str | Sequence[str] | None
_EXPRESSION = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"\w+")
_REPR = re.compile(r"repr\(\s*(\w+)\s*\)")
_STRING = r"""("[^"\\]*"|'[^'\\]*')"""
_CHOICE = re.compile(rf"(\w+)\s+if\s+(\w+)\s+else\s+{_STRING}|(\w+)\s+or\s+{_STRING}")


# alembic/templates/multidb/script.py.mako: what it says beyond the others.
_IMPORT = re.compile(r"<%!\s*import re\s*%>\s*")
_DATABASES = re.compile(r"""^<%\s*db_names = config\.get_main_option\(["']databases["']\)\s*%>[ \t]*\n""", re.MULTILINE)
_LOOP = re.compile(
    r"^% for db_name in re\.split\(r['\"],\\s\*['\"], db_names\):[ \t]*\n(.*?)^% endfor[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_STEPS = re.compile(r"""\$\{context\.get\(["']%s_(upgrades|downgrades)["'] % db_name, ["']pass["']\)\}""")


class UnknownTemplate(Exception):
    """The template says something that is not understood without running it; the message quotes it."""


def render_template(template: str, values: Mapping[str, Value], quote: str = '"') -> str:
    """The template with the values filled in. Raises `UnknownTemplate`."""
    if len(template) > MAX_TEMPLATE_CHARACTERS:
        raise UnknownTemplate(f"it has more than {MAX_TEMPLATE_CHARACTERS} characters")
    lines = []
    for line in template.replace("\r\n", "\n").split("\n"):
        start = line.lstrip()
        if start.startswith("##"):
            continue
        if start.startswith("%") and not start.startswith("%%"):
            raise UnknownTemplate(f"control line {start[:60]!r}")
        if "<%" in line or "</%" in line or line.endswith("\\"):
            raise UnknownTemplate(f"{start[:60]!r}")
        plain = line.replace("%%", "%", 1) if start.startswith("%%") else line
        filled = _EXPRESSION.sub(lambda match: _evaluate(match[1], values, quote), plain)
        # An empty value leaves blanks at the end of its line; several lines are a body, whose blanks may count.
        lines.append(filled if "\n" in filled else filled.rstrip())
    return "\n".join(lines)


def unroll_databases(template: str, databases: Sequence[str]) -> str:
    """The template of `alembic init -t multidb` as a plain one, with a pair of functions for each database."""
    if not databases or not all(name.isidentifier() for name in databases):
        return template
    plain = _DATABASES.sub("", _IMPORT.sub("", template))
    return _LOOP.sub(lambda match: "".join(_unroll(match[1], name) for name in databases).rstrip("\n"), plain)


def _unroll(body: str, name: str) -> str:
    body = body.replace("${db_name}", name)
    return _STEPS.sub(lambda match: f'${{{name}_{match[1]} if {name}_{match[1]} else "pass"}}', body)


def _evaluate(source: str, values: Mapping[str, Value], quote: str) -> str:
    expression, _, filters = (part.strip() for part in source.partition("|"))
    wanted = {name.strip() for name in filters.split(",") if name.strip()}
    if not wanted <= {"comma", "n"}:
        raise UnknownTemplate(f"filter in ${{{source}}}")
    if _NAME.fullmatch(expression):
        value = _get(values, expression)
        return _join(value) if "comma" in wanted or not isinstance(value, str) else value
    match = _REPR.fullmatch(expression)
    if match:
        return _represent(_get(values, match[1]), quote)
    match = _CHOICE.fullmatch(expression)
    if match and (match[1] == match[2]):
        value = _get(values, match[1] or match[4])
        return _join(value) if value else str(ast.literal_eval(match[3] or match[5]))
    raise UnknownTemplate(f"${{{source}}}")


def _get(values: Mapping[str, Value], name: str) -> Value:
    if name not in values:
        raise UnknownTemplate(f"the variable {name!r}")
    return values[name]


def _join(value: Value) -> str:
    """As Alembic's `format_as_comma`: nothing for None."""
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


def _represent(value: Value, quote: str) -> str:
    if value is None or not isinstance(value, str):
        return repr(value if value is None else tuple(value)).replace("'", quote)
    return repr(value) if "'" in value or '"' in value else f"{quote}{value}{quote}"

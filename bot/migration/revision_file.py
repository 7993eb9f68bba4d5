"""One revision as a file of the repository: its id, its name, its text by the repository's own template."""

from __future__ import annotations

import ast
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.migration.conventions import RevisionConventions
from bot.migration.errors import CannotWrite
from bot.migration.project import DEFAULT_FILE_TEMPLATE
from bot.migration.revision_plan import RevisionPlan
from bot.migration.script_template import (
    STOCK_TEMPLATE,
    UnknownTemplate,
    Value,
    render_template,
    unroll_databases,
)
from bot.migration.source import Body, render_steps
from bot.migration.stage import Phase

_FILE_FIELD = re.compile(r"%\((rev|slug|epoch|year|month|day|hour|minute|second)\)(?:s|0?\d?(?:\.\d)?d)")
_SLUG_WORD = re.compile(r"\w+")  # as alembic/script/base.py cuts a message into words


@dataclass(frozen=True, slots=True)
class RevisionWords:
    """`message` is the revision's title (one line); `purpose` and `impact` are lines of its docstring.

    All may be hostile text: it cannot leave the docstring. `part` is which of how many revisions of one change it is.
    """

    message: str
    purpose: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()
    part: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RevisionFile:
    """`path` is relative to the tree. `notes` say where the repository's conventions could not be followed, and why.

    `phase` says whether it is run before the code that needs it is deployed, with it or after it. `blocking` names what
    makes others wait for longer than a moment, `lossy` what the downgrade cannot bring back, a line each.
    """

    path: Path
    text: str
    revision: str
    down_revision: str | None
    notes: tuple[str, ...] = ()
    phase: Phase = "with"
    blocking: tuple[str, ...] = ()
    lossy: tuple[str, ...] = ()


def render_revision(
    conventions: RevisionConventions,
    plan: RevisionPlan,
    words: RevisionWords,
    below: str | tuple[str, ...] | None,
    created_at: datetime,
    seed: str,
) -> RevisionFile:
    """The plan as a file on top of `below`, several for a merge. Raises `CannotWrite` for what is no valid Python."""
    width, quote = conventions.line_length, conventions.quote
    upgrade = render_steps(plan.upgrade, width=width, quote=quote)
    downgrade = render_steps(plan.downgrade, width=width, quote=quote)
    down_revision = below[0] if isinstance(below, tuple) else below
    revision = choose_revision_id(conventions, below, f"{seed}\0{upgrade.text}\0{downgrade.text}")
    title = clean_line(words.message) or "schema change"
    values = _get_values(conventions, upgrade, downgrade, revision, below, created_at)
    heading = f"{title} ({words.part[0]} of {words.part[1]})" if words.part else title
    text, notes = _fill_template(conventions, values, heading, _list_docstring(words, plan))
    name, more = render_file_name(conventions, revision, title, created_at, f"_{words.part[0]}" if words.part else "")
    return RevisionFile(
        conventions.directory / name,
        text,
        revision,
        down_revision,
        notes=(*notes, *more),
        phase=plan.phase,
        blocking=plan.blocking,
        lossy=plan.lossy,
    )


def _list_docstring(words: RevisionWords, plan: RevisionPlan) -> list[str]:
    """What stands below the title."""
    told = [*words.purpose, *_list_lines("Impact:", words.impact)]
    return [*told, *_list_lines("Blocks:", plan.blocking), *_list_lines("The downgrade cannot restore:", plan.lossy)]


def choose_revision_id(
    conventions: RevisionConventions, down_revision: str | tuple[str, ...] | None, content: str
) -> str:
    """Twelve hexadecimal digits, as Alembic's ids; the next number where the repository counts."""
    if conventions.last_number is not None:
        number, width = conventions.last_number
        return str(number + 1).zfill(width)
    return hashlib.sha256(f"{down_revision}\0{content}".encode()).hexdigest()[:12]


def render_file_name(
    conventions: RevisionConventions, revision: str, title: str, created_at: datetime, suffix: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The file's name by the repository's `file_template`, and a note when that cannot be followed.

    `suffix` is kept whole: a template without the id would otherwise give the parts of one change one name.
    """
    template, notes = conventions.file_template, tuple[str, ...]()
    if not _is_file_template(template):
        template = DEFAULT_FILE_TEMPLATE
        notes = ("file_template has parts that are not known; Alembic's default name was used",)
    slug = "_".join(_SLUG_WORD.findall(title)).lower()
    limit = conventions.truncate_slug_length - len(suffix)
    if len(slug) > limit:
        slug = slug[: max(limit, 0)].rsplit("_", 1)[0] + ("" if suffix else "_")
    slug += suffix
    fields: dict[str, str | int] = {"rev": revision, "slug": slug, "epoch": int(created_at.timestamp())}
    for unit in ("year", "month", "day", "hour", "minute", "second"):
        fields[unit] = getattr(created_at, unit)
    return f"{template % fields}.py", notes


def find_zone(name: str | None) -> tzinfo:
    """The zone of `timezone` in the set-up, in either spelling as Alembic takes it; UTC when it names none."""
    for spelling in (name, name.upper()) if name else ():
        try:
            return ZoneInfo(spelling)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return UTC


def clean_line(text: str) -> str:
    """One line that may stand in a docstring: no line breaks, control characters, quotes in a row or backslashes."""
    flat = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") else c for c in text)
    flat = flat.replace("\\", "/").replace('"""', "'''")
    return re.sub(r"\s+", " ", flat).strip().rstrip('"')


def _list_lines(heading: str, lines: Sequence[str]) -> list[str]:
    return [heading, *(f"- {line}" for line in lines)] if lines else []


def _get_values(
    conventions: RevisionConventions,
    upgrade: Body,
    downgrade: Body,
    revision: str,
    down_revision: str | tuple[str, ...] | None,
    created_at: datetime,
) -> Mapping[str, Value]:
    imports = sorted({*upgrade.imports, *downgrade.imports})
    definitions = sorted({*upgrade.definitions, *downgrade.definitions})
    others = {f"{name}_{way}": "" for name in conventions.databases for way in ("upgrades", "downgrades")}
    own = f"{conventions.databases[0]}_" if conventions.databases else ""
    return {
        **others,
        f"{own}upgrades": upgrade.text,
        f"{own}downgrades": downgrade.text,
        "up_revision": revision,
        "down_revision": down_revision,
        "branch_labels": None,
        "depends_on": None,
        "create_date": str(created_at),
        "imports": "\n".join([*imports, *(f"\n\n{definition}" for definition in definitions)]),
    }


def _fill_template(
    conventions: RevisionConventions, values: Mapping[str, Value], title: str, lines: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """The repository's template filled in, else Alembic's stock one with a note that says why."""
    wanted = conventions.template and unroll_databases(conventions.template, sorted(conventions.databases))
    why = "there is no script.py.mako"
    if wanted is not None:
        try:
            text = _render(wanted, values, title, lines, conventions.quote)
            _check(text, values)
            return text, ()
        except UnknownTemplate as error:
            why = f"script.py.mako says more than can be followed without running it ({error})"
    text = _render(STOCK_TEMPLATE, values, title, lines, conventions.quote)
    try:
        _check(text, values)
    except UnknownTemplate as error:
        raise CannotWrite(f"the revision would not be valid Python: {error}") from error
    return text, (f"{why}; Alembic's stock template was used",)


def _render(template: str, values: Mapping[str, Value], title: str, lines: Sequence[str], quote: str) -> str:
    is_docstring = re.match(r'\s*"""\$\{\s*message\s*\}', template) is not None
    body = [cleaned for line in lines if (cleaned := clean_line(line))]
    message = "\n".join([title, "", *body]) if is_docstring and body else title
    imports = values["imports"]
    if imports and re.search(r"^\$\{\s*imports[^}]*\}[ \t]*\n[ \t]*\S", template, re.MULTILINE):
        imports = f"{imports}\n"  # keeps the blank line that an empty value would have been
    text = render_template(template, {**values, "message": message, "imports": imports}, quote)
    return text.rstrip("\n") + "\n"


def _check(text: str, values: Mapping[str, Value]) -> None:
    """The file must be Python that says who it is and has both functions. Raises `UnknownTemplate`."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise UnknownTemplate(f"it does not give valid Python: {error}") from error
    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    if not {"upgrade", "downgrade"} <= functions:
        raise UnknownTemplate("it has no upgrade() and downgrade()")
    for name, key in (("revision", "up_revision"), ("down_revision", "down_revision")):
        if _find_constant(module, name) != values[key]:
            raise UnknownTemplate(f"it does not set {name}")


def _find_constant(module: ast.Module, name: str) -> object:
    """A constant, or a tuple of constants; `...` for all else."""
    for node in module.body:
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign):
            targets, value = [node.target], node.value
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            if isinstance(value, ast.Tuple):
                return tuple(item.value for item in value.elts if isinstance(item, ast.Constant))
            return value.value if isinstance(value, ast.Constant) else ...
    return ...


def _is_file_template(template: str) -> bool:
    path = PurePosixPath(template)
    if path.is_absolute() or ".." in path.parts or len(template) > 200:
        return False
    rest = _FILE_FIELD.sub("", template)
    return re.fullmatch(r"[\w\-./ ]*", rest) is not None

"""Writes a difference of two schemas as an Alembic revision in the repository's own conventions."""

from __future__ import annotations

import ast
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from bot.migration.aside import render_prefix
from bot.migration.blocking import find_blocking
from bot.migration.conventions import RevisionConventions
from bot.migration.errors import MigrationError
from bot.migration.losses import find_losses_on_the_way
from bot.migration.project import DEFAULT_FILE_TEMPLATE
from bot.migration.rebuilds import pair_tables
from bot.migration.renames import Rename, apply_renames, find_applicable
from bot.migration.revision_plan import RevisionPlan, plan_online, plan_plainly
from bot.migration.script_template import STOCK_TEMPLATE, UnknownTemplate, Value, render_template
from bot.migration.source import Body, render_steps
from bot.migration.stages import Phase
from bot.schema.model import Schema

_FILE_FIELD = re.compile(r"%\((rev|slug|epoch|year|month|day|hour|minute|second)\)(?:s|0?\d?(?:\.\d)?d)")
_SLUG_WORD = re.compile(r"\w+")  # as alembic/script/base.py cuts a message into words


class CannotWrite(MigrationError):
    """The difference cannot be written as a revision; the message says what stands in the way."""


@dataclass(frozen=True, slots=True)
class RevisionWords:
    """`message` is the revision's title (one line); `purpose` and `impact` are lines of its docstring.

    All may be hostile text: it cannot leave the docstring.
    """

    message: str
    purpose: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()


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


def write_revisions(
    conventions: RevisionConventions,
    before: Schema,
    after: Schema,
    words: RevisionWords,
    *,
    down_revision: str | None,
    created_at: datetime,
    renames: Sequence[Rename] = (),
    seed: str = "",
) -> tuple[RevisionFile, ...]:
    """The revisions that lead from `before` to `after` and back, each on the one before it; at least one.

    As `write_revision`, but what can be done beside the traffic is done so (unless `conventions.migrations` says
    otherwise): in several revisions where one could not be run again after it broke off, or where some must wait until
    the new code is there. Raises `CannotWrite`.
    """
    known = _find_renames(conventions, before, after, renames)
    plans = _plan(conventions, before, after, known, created_at)
    files: list[RevisionFile] = []
    for number, plan in enumerate(plans, start=1):
        told = words if len(plans) == 1 else _tell_part(words, plan, number, len(plans))
        below = files[-1].revision if files else down_revision
        counted = _count_on(conventions, len(files))
        files.append(_write(counted, plan, told, below, created_at, seed))
    return tuple(files)


def write_revision(
    conventions: RevisionConventions,
    before: Schema,
    after: Schema,
    words: RevisionWords,
    *,
    down_revision: str | None,
    created_at: datetime,
    renames: Sequence[Rename] = (),
    seed: str = "",
) -> RevisionFile:
    """The one revision that leads from `before` to `after` and back.

    `renames` are those that `before` does not know of yet. The id follows from `seed`, `down_revision` and the content,
    so that writing the same again gives the same file; `created_at` (aware) goes into docstring and file name. It is
    written for busy tables where one revision is enough for that, see `write_revisions`; else it says what blocks.
    Raises `CannotWrite`.
    """
    known = _find_renames(conventions, before, after, renames)
    plans = _plan(conventions, before, after, known, created_at)
    plan = plans[0] if len(plans) == 1 else _plan_plainly(conventions, before, after, known, created_at)
    return _write(conventions, plan, words, down_revision, created_at, seed)


def _plan(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename], created_at: datetime
) -> tuple[RevisionPlan, ...]:
    plans: tuple[RevisionPlan, ...] = ()
    if conventions.migrations.online and conventions.autocommit and after.dialect == "postgresql":
        aside = _choose_aside(conventions, created_at)
        plans = plan_online(before, after, renames, conventions.migrations, aside)
    return plans or (_plan_plainly(conventions, before, after, renames, created_at),)


def _plan_plainly(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename], created_at: datetime
) -> RevisionPlan:
    aside = _choose_aside(conventions, created_at)
    plan = plan_plainly(before, after, renames, autocommit=conventions.autocommit, aside=aside)
    return replace(plan, blocking=_find_blocking(conventions, before, after, renames))


def _choose_aside(conventions: RevisionConventions, created_at: datetime) -> str | None:
    return render_prefix(created_at) if conventions.migrations.keep_dropped == "aside" else None


def _find_blocking(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename]
) -> tuple[str, ...]:
    """Nobody who has asked for the plain form wants to be told what blocks."""
    if not conventions.migrations.online or after.dialect != "postgresql":
        return ()
    return find_blocking(apply_renames(before, renames), after, is_online=False)


def _write(
    conventions: RevisionConventions,
    plan: RevisionPlan,
    words: RevisionWords,
    down_revision: str | None,
    created_at: datetime,
    seed: str,
) -> RevisionFile:
    width, quote = conventions.line_length, conventions.quote
    upgrade = render_steps(plan.upgrade, width=width, quote=quote)
    downgrade = render_steps(plan.downgrade, width=width, quote=quote)
    revision = choose_revision_id(conventions, down_revision, f"{seed}\0{upgrade.text}\0{downgrade.text}")
    title = clean_line(words.message) or "schema change"
    values = _get_values(upgrade, downgrade, revision, down_revision, created_at)
    lines = [*words.purpose, *_list_lines("Impact:", words.impact)]
    lines += [*_list_lines("Blocks:", plan.blocking), *_list_lines("The downgrade cannot restore:", plan.lossy)]
    text, notes = _fill_template(conventions, values, title, lines)
    name, more = render_file_name(conventions, revision, title, created_at)
    path = conventions.directory / name
    return RevisionFile(path, text, revision, down_revision, (*notes, *more), plan.phase, plan.blocking, plan.lossy)


def _find_renames(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename]
) -> tuple[Rename, ...]:
    if before.dialect != after.dialect:
        raise CannotWrite(f"a database of {before.dialect} cannot become one of {after.dialect}")
    known = find_applicable(before, renames)
    _refuse_other_partitions(apply_renames(before, known), after)
    if conventions.migrations.keep_dropped == "refuse":
        _refuse_losses(apply_renames(before, known), after)
    return known


def _refuse_losses(before: Schema, after: Schema) -> None:
    gone = [line for line in find_losses_on_the_way(before, after) if " go with the " in line]
    if gone:
        raise CannotWrite(f"migrations.keep_dropped is `refuse`, and {' '.join(gone)}")


def _tell_part(words: RevisionWords, plan: RevisionPlan, number: int, count: int) -> RevisionWords:
    """The words of one of several revisions: which of them it is, and when it is run."""
    when = {
        "before": "Run it before the code that needs it is deployed.",
        "with": "Run it together with the code that needs it.",
        "after": "Run it when no code from before the change runs any more.",
    }[plan.phase]
    message = f"{clean_line(words.message) or 'schema change'} ({number} of {count})"
    return replace(words, message=message, purpose=(*words.purpose, when))


def _count_on(conventions: RevisionConventions, written: int) -> RevisionConventions:
    if conventions.last_number is None:
        return conventions
    number, width = conventions.last_number
    return replace(conventions, last_number=(number + written, width))


def choose_revision_id(conventions: RevisionConventions, down_revision: str | None, content: str) -> str:
    """Twelve hexadecimal digits, as Alembic's ids; the next number where the repository counts."""
    if conventions.last_number is not None:
        number, width = conventions.last_number
        return str(number + 1).zfill(width)
    return hashlib.sha256(f"{down_revision}\0{content}".encode()).hexdigest()[:12]


def render_file_name(
    conventions: RevisionConventions, revision: str, title: str, created_at: datetime
) -> tuple[str, tuple[str, ...]]:
    """The file's name by the repository's `file_template`, and a note when that cannot be followed."""
    template, notes = conventions.file_template, tuple[str, ...]()
    if not _is_file_template(template):
        template = DEFAULT_FILE_TEMPLATE
        notes = ("file_template has parts that are not known; Alembic's default name was used",)
    slug = "_".join(_SLUG_WORD.findall(title)).lower()
    if len(slug) > conventions.truncate_slug_length:
        slug = slug[: conventions.truncate_slug_length].rsplit("_", 1)[0] + "_"
    fields: dict[str, str | int] = {"rev": revision, "slug": slug, "epoch": int(created_at.timestamp())}
    for unit in ("year", "month", "day", "hour", "minute", "second"):
        fields[unit] = getattr(created_at, unit)
    return f"{template % fields}.py", notes


def clean_line(text: str) -> str:
    """One line that may stand in a docstring: no line breaks, control characters, quotes in a row or backslashes."""
    flat = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") else c for c in text)
    flat = flat.replace("\\", "/").replace('"""', "'''")
    return re.sub(r"\s+", " ", flat).strip().rstrip('"')


def _refuse_other_partitions(before: Schema, after: Schema) -> None:
    for old, new in pair_tables(before, after):
        if old.partition != new.partition:
            raise CannotWrite(
                f"the table {new.name} shall be partitioned in another way; Postgres cannot change that of a table: "
                "ask for a new table"
            )


def _list_lines(heading: str, lines: Sequence[str]) -> list[str]:
    return [heading, *(f"- {line}" for line in lines)] if lines else []


def _get_values(
    upgrade: Body, downgrade: Body, revision: str, down_revision: str | None, created_at: datetime
) -> Mapping[str, Value]:
    imports = sorted({*upgrade.imports, *downgrade.imports})
    definitions = sorted({*upgrade.definitions, *downgrade.definitions})
    return {
        "up_revision": revision,
        "down_revision": down_revision,
        "branch_labels": None,
        "depends_on": None,
        "create_date": str(created_at),
        "imports": "\n".join([*imports, *(f"\n\n{definition}" for definition in definitions)]),
        "upgrades": upgrade.text,
        "downgrades": downgrade.text,
    }


def _fill_template(
    conventions: RevisionConventions, values: Mapping[str, Value], title: str, lines: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """The repository's template filled in, else Alembic's stock one with a note that says why."""
    wanted = conventions.template
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
    for node in module.body:
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign):
            targets, value = [node.target], node.value
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return value.value if isinstance(value, ast.Constant) else ...
    return ...


def _is_file_template(template: str) -> bool:
    path = PurePosixPath(template)
    if path.is_absolute() or ".." in path.parts or len(template) > 200:
        return False
    rest = _FILE_FIELD.sub("", template)
    return re.fullmatch(r"[\w\-./ ]*", rest) is not None

"""The file of schema tests written into a repository, and what it is evidence for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bot.config import RepositoryConfig
from bot.implement.changeset import Changeset, CriterionEvidence, merge
from bot.implement.models.scan import Repository, scan
from bot.implement.models.style import read_style
from bot.implement.schema_tests.case import Case
from bot.implement.schema_tests.collect import collect_cases
from bot.implement.schema_tests.criteria import find_criterion
from bot.implement.schema_tests.fixtures import find_session_fixture, find_test_folder
from bot.implement.schema_tests.render import Setting, render_module
from bot.schema.change import Change
from bot.schema.model import Schema
from bot.spec.model import Criterion, Spec

MAX_SENTENCE = 200


def write_schema_tests(
    tree: Path,
    spec: Spec,
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    config: RepositoryConfig,
    name: str,
) -> Changeset:
    """Write `test_schema_<name>.py` beside the repository's tests: one test for each constraint that is new.

    The models are edited already. Nothing is written when the changes call for no test.
    """
    cases, skipped = collect_cases(changes, after)
    notes = tuple(f"no test of {item.subject}: {item.reason}" for item in skipped)
    if not cases:
        return Changeset(notes=notes)
    repository = scan(tree, before)
    setting = _choose_setting(tree, repository, before, after, config)
    named = [_name_case(case, spec.criteria) for case in cases]
    path = find_test_folder(tree) / f"test_schema_{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}.py"
    title = f"What the database itself refuses and fills in: {spec.title}".replace('"""', "'''").replace("\\", "\\\\")
    text = render_module(after, [(test, case, words) for test, case, words, _ in named], f"{title}.", setting)
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text, encoding="utf-8")
    written = Changeset(
        files=(path.as_posix(),), done=(f"{len(named)} tests of the schema in {path.as_posix()}",), notes=notes
    )
    evidence = (_evidence(path, test, case, criterion) for test, case, _, criterion in named if criterion is not None)
    ordered = sorted(evidence, key=lambda item: [criterion.id for criterion in spec.criteria].index(item.criterion_id))
    return merge([written, Changeset(criteria=tuple(ordered))])


def _choose_setting(
    tree: Path, repository: Repository, before: Schema, after: Schema, config: RepositoryConfig
) -> Setting:
    fixture = find_session_fixture(tree)
    base = repository.base
    return Setting(
        fixture=fixture.name if fixture is not None else None,
        url_variable=config.database.url_env,
        base=base.name,
        base_module=_find_whole(repository),
        width=min(read_style(tree, repository).line_length, 100),
        is_deferred=any(_is_deferred(table) for table in after.tables),
    )


def _is_deferred(table: object) -> bool:
    parts = (*getattr(table, "uniques", ()), *getattr(table, "foreign_keys", ()))
    return any(part.initially_deferred for part in parts)


def _find_whole(repository: Repository) -> str:
    """The module that has the base and knows every model: the package that gathers them, else the base's own."""
    base = repository.base
    for file in repository.files:
        if file.is_package and re.search(rf"^from \S+ import .*\b{base.name}\b", file.text, re.MULTILINE):
            return file.module
    return base.file.module


def _name_case(case: Case, criteria: Sequence[Criterion]) -> tuple[str, Case, str, Criterion | None]:
    criterion = find_criterion(case, criteria)
    sentence = case.sentence[:1].upper() + case.sentence[1:]
    if criterion is None:
        return f"test_{case.name}", case, _safe(f"{sentence}."), None
    prefix = criterion.id.lower().replace("-", "_")
    return f"test_{prefix}_{case.name}", case, _safe(f"{criterion.id}: {sentence}."), criterion


def _safe(text: str) -> str:
    """Text for a docstring: hostile names can end neither it nor the line."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    text = text if len(text) <= MAX_SENTENCE else text[: MAX_SENTENCE - 1].rstrip("\\") + "…"
    return f"{text} " if text.endswith('"') else text


def _evidence(path: Path, test: str, case: Case, criterion: Criterion) -> CriterionEvidence:
    columns = ", ".join(case.columns)
    where = f"database: `{case.table.name}` ({columns})" if columns else f"database: `{case.table.name}`"
    return CriterionEvidence(criterion.id, where, (f"{path.as_posix()}::{test}",))

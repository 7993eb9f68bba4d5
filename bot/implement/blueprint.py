"""The implementer without a model: what a spec states exactly, written in the repository's own style.

It edits models, writes tests of the schema and documentation. What it does not do — endpoints, business logic, criteria
that the database cannot hold — is named in `Changeset.not_done`. The same input gives the same files. Nothing of the
repository is imported or run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.config import RepositoryConfig
from bot.implement.change_docs import write_change_docs
from bot.implement.changeset import Changeset, merge
from bot.implement.models.implement import implement_models
from bot.implement.schema_tests.write import write_schema_tests
from bot.schema.change import Change
from bot.schema.model import Schema
from bot.spec.canonical import slugify
from bot.spec.model import Spec


def implement_schema(
    tree: Path, spec: Spec, changes: Sequence[Change], before: Schema, after: Schema, config: RepositoryConfig
) -> Changeset:
    """Edit the models under `tree` so that the tables they make equal `after`; `changes` is `diff(before, after)`.

    Raises `NoModels` or `UnsupportedModels` (both `ImplementError`) when there are no models of a known kind.
    """
    if not changes:
        return Changeset()
    return implement_models(tree, changes, before, after, config)


def write_tests(
    tree: Path,
    spec: Spec,
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    config: RepositoryConfig,
    issue: int,
) -> Changeset:
    """Write a test for each constraint that is new; the criteria that they are evidence for are in the changeset.

    To be called after `implement_schema`, on the same tree. Raises as it does.
    """
    return write_schema_tests(tree, spec, changes, before, after, config, f"{issue}-{slugify(spec.title)}")


def write_docs(tree: Path, spec: Spec, changes: Sequence[Change], issue: int) -> Changeset:
    """Describe the change in `docs/schema/` and in the changelog, when there is one with an "Unreleased" section."""
    return write_change_docs(tree, spec, changes, issue, f"{issue}-{slugify(spec.title)}")


def implement_logic(
    tree: Path,
    spec: Spec,
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    config: RepositoryConfig,
    issue: int,
) -> Changeset:
    """Tests and documentation, and plainly what is left open: every endpoint, every criterion without a test."""
    written = merge(
        [
            write_tests(tree, spec, changes, before, after, config, issue),
            write_docs(tree, spec, changes, issue),
        ]
    )
    return merge([written, Changeset(not_done=find_open(spec, written))])


def find_open(spec: Spec, changeset: Changeset) -> tuple[str, ...]:
    """What the spec asks for that `changeset` gives no evidence of: endpoints first, then criteria."""
    shown = {item.criterion_id for item in changeset.criteria if item.tests}
    endpoints = [f"endpoint {endpoint.method} {endpoint.path}" for endpoint in spec.endpoints]
    criteria = [f"{item.id}: {item.text}" for item in spec.criteria if item.id not in shown]
    return (*endpoints, *criteria)

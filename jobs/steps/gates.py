"""Step 7: tests, proof and every other check, after the last edit and whatever the implementer said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from bot.gates import run_gates
from bot.gates.context import GateContext
from bot.gates.result import to_json as gate_to_json
from bot.implement import changeset
from bot.implement.changeset import Changeset
from bot.live import sizes
from bot.migration import lint_result, proof_codec
from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import get_key
from bot.migration.deploy_order import PlacedRevision
from bot.migration.errors import MigrationError
from bot.migration.lint_result import LintResult
from bot.migration.lint_run import read_leftover, read_proof, run_lint
from bot.migration.old_code.meeting import OldCode
from bot.migration.proof import prove
from bot.migration.proof_result import Proof
from bot.workspace import test_run
from bot.workspace.test_run import TestReport
from jobs.context import RunContext
from jobs.live_sizes import ask_sizes
from jobs.models_comparison import list_new_differences
from jobs.old_code import OldSide, lay_over, meet_new_schema, read_files
from jobs.run_tests import ask_openapi, run_tests


def run(context: RunContext) -> dict[str, Any]:
    """Output: `tests` (None when the schema could not be brought up for them), `proof`, `lint`, `live` and `gates`."""
    context.reset_tree()
    return judge(context, changeset.from_json(context.outputs["logic"]["changeset"]), is_last=True)


def judge(context: RunContext, made: Changeset, *, is_last: bool = False) -> dict[str, Any]:
    """As `run`; without the old code, which costs several runs of the tests, for a change that may not be the last.

    The tree must be fresh; afterwards it is not.
    """
    changes = context.tree.list_changes()  # before the repository's code can touch anything
    proof = _prove(context)
    lint = _lint(context, proof)
    tests = _run_tests(context, proof)
    # Who writes no endpoints says so; that they are not in the API then is no news.
    openapi = ask_openapi(context) if context.implementer == "claude" else None
    gates = run_gates(
        GateContext(
            spec=context.spec,
            changes=changes,
            patch=context.find_patch() or "",
            changeset=made,
            proof=proof,
            lint=lint,
            model_differences=_compare_models(context),
            tests_before=test_run.from_json(context.outputs["baseline"]["tests"]),
            tests_after=tests,
            config=context.config,
            openapi=openapi,
            old_code=_run_old_code(context) if is_last and proof is not None and proof.ok else None,
        )
    )
    return {
        "tests": None if tests is None else test_run.to_json(tests),
        "proof": None if proof is None else proof_codec.to_json(proof),
        "lint": None if lint is None else lint_result.to_json(lint),
        "live": [] if proof is None else [sizes.to_json(item) for item in ask_sizes(context, proof)],
        "gates": [gate_to_json(gate) for gate in gates],
    }


def _run_old_code(context: RunContext) -> OldCode:
    """The base commit's tests on the new schema."""
    before = test_run.from_json(context.outputs["baseline"]["tests"])
    limit_seconds = context.parts.settings.step_timeout_seconds
    read = partial(_read_revisions, context)
    old = OldSide(context.base, before, limit_seconds, partial(_open_base, context), read)
    return meet_new_schema(old, context.revisions)


@contextmanager
def _open_base(context: RunContext, name: str, files: Mapping[str, str]) -> Iterator[AlembicRunner]:
    with context.base_bench(name) as bench:
        lay_over(bench.tree.path, files)
        yield bench.runner


def _read_revisions(context: RunContext, revisions: Sequence[PlacedRevision]) -> Mapping[str, str]:
    """As they stand after the last edit."""
    with context.files("new", context.find_patch()) as tree:
        return read_files(tree, revisions)


def _compare_models(context: RunContext) -> tuple[str, ...]:
    """How the models differ from the target: as the schema step found, unless somebody has edited since."""
    done = context.outputs["schema"]
    if context.find_patch() == done["patch"] or context.implementer == "blueprint":
        return tuple(done["models"])
    try:
        return tuple(list_new_differences(context, done["known"]))
    except MigrationError as error:
        return (f"the models cannot be built: {error}",)


def _prove(context: RunContext) -> Proof | None:
    """The proof of what stands now: the schema step's, when nothing that it depends on was edited since."""
    if context.target is None:
        return None
    done = context.outputs["schema"]
    if get_key(context.bench.workspace, context.bench.runner.project) == done["proof_key"]:
        return proof_codec.from_json(done["proof"])
    return prove(context.bench.workspace, context.bench.runner, context.base, context.target)


def _lint(context: RunContext, proof: Proof | None) -> LintResult | None:
    """The lint of the new revisions; None when there are none, or Alembic cannot load them (the proof says why)."""
    if proof is None or context.target is None:
        return None
    try:
        with context.files("before") as before, context.files("after", context.find_patch()) as after:
            return run_lint(
                context.bench.runner,
                context.base,
                before,
                tree=after,
                observed=read_proof(proof, context.base, context.target),
                leftover=read_leftover(proof),
                naming_convention=context.outputs["schema"]["naming"],
            )
    except MigrationError:
        return None


def _run_tests(context: RunContext, proof: Proof | None) -> TestReport | None:
    try:
        return run_tests(context, None if proof is None else "heads")
    except MigrationError:
        return None  # the proof says why

"""Evaluates an implementer: a run of a task's spec, as any run is worked on, then the tests that it never saw."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.config import Settings
from bot.gates.criteria import judge_criteria
from bot.implement import changeset
from bot.implement.claude.budget import count_spent
from bot.migration.errors import MigrationError
from bot.store import NewRun, Run, Store
from bot.workspace import test_run
from bot.workspace.test_run import TestReport
from bot.workspace.tree_files import write_file
from jobs import steps
from jobs.context import RunContext
from jobs.endings import Ending
from jobs.eval_github import make_repository
from jobs.eval_suite import KINDS, Task
from jobs.implement import do_steps
from jobs.parts import Parts
from jobs.run_tests import run_tests
from jobs.status import Outcome

ORDER = steps.ORDER[:-1]  # nothing is delivered


@dataclass(frozen=True, slots=True)
class Count:
    """So many of all."""

    good: int
    all: int

    def __add__(self, other: Count) -> Count:
        return Count(self.good + other.good, self.all + other.all)


@dataclass(frozen=True, slots=True)
class Score:
    """What one run of a task has reached. `proof` counts the proof: 0 of 1 where none holds.

    `criteria` are those that tests of the run's own show, as the pull request counts them; `hidden` and `probes` are
    ours. `status` is "finished", or the named end of a run that came to no change; `detail` says why.
    """

    task: str
    status: str
    detail: str
    criteria: Count
    proof: Count
    hidden: Count
    probes: Count
    cost_usd: float
    duration_seconds: float

    def to_json(self) -> dict[str, Any]:
        """What programs get."""
        return asdict(self)


def evaluate(parts: Parts, task: Task, directory: Path) -> Score:
    """Runs the task once, in `directory`, which must be new. Raises what is wrong with this machine, not with the run.

    Never sees the network of GitHub; a model is asked where `parts.settings` have a key for one.
    """
    github = make_repository(task.base, directory / "repository.git")
    run = _add_run(parts.store, task)
    context = RunContext(run=run, parts=parts, github=github)
    started = time.monotonic()
    try:
        status, detail = _work(context)
        took = time.monotonic() - started
        return _score(context, task, status, detail, took)
    finally:
        context.close()


def make_settings(data_dir: Path, sandbox: str, model: str | None) -> Settings:
    """Settings for evaluations: the environment's for a model, none of GitHub's; no model: no key."""
    given: dict[str, Any] = {"claude_model": model} if model else {"anthropic_api_key": None}
    return Settings(
        data_dir=data_dir,
        database_url=f"sqlite:///{data_dir.absolute() / 'eval.db'}",
        github_app_id="none",
        github_private_key="none",
        webhook_secret=secrets.token_hex(),
        sandbox=sandbox,
        **given,
    )


def _add_run(store: Store, task: Task) -> Run:
    delivery = f"eval-{task.name}-{secrets.token_hex(8)}"
    repository = f"eval/{task.base.name}"  # what is built for one task serves the others
    store.record_delivery(delivery, "issues", "labeled", 0, b"{}", repository)
    run, _ = store.ensure_run(
        NewRun(
            repository=repository,
            installation_id=0,
            issue=secrets.randbelow(10**9),
            delivery_id=delivery,
            actor="eval",
            actor_id=1,
            title=task.title,
            body=task.body,
            label="specwright",
        )
    )
    return run


def _work(context: RunContext) -> tuple[str, str]:
    try:
        do_steps(context, ORDER)
    except Ending as ending:
        return ending.status, Outcome.of(ending).summary
    return "finished", ""


def _score(context: RunContext, task: Task, status: str, detail: str, took: float) -> Score:
    gates = context.outputs.get("gates")
    passed = _run_unseen(context, task) if gates is not None else frozenset()
    counts = {kind: Count(len(passed & {*task.tests[kind]}), len(task.tests[kind])) for kind in KINDS}
    proof = None if gates is None else gates["proof"]
    return Score(
        task=task.name,
        status=status,
        detail=detail,
        criteria=Count(0, task.criteria) if gates is None else _count_criteria(context, gates),
        proof=Count(int(proof is not None and proof["ok"]), 1),
        hidden=counts["hidden"],
        probes=counts["probes"],
        cost_usd=count_spent(context.store.list_costs(context.run.id)).cost_usd,
        duration_seconds=took,
    )


def _count_criteria(context: RunContext, gates: Mapping[str, Any]) -> Count:
    made = changeset.from_json(context.outputs["logic"]["changeset"])
    tests = None if gates["tests"] is None else test_run.from_json(gates["tests"])
    states = [result.state for result in judge_criteria(context.spec, made, tests)]
    return Count(states.count("passed"), len(states))


def _run_unseen(context: RunContext, task: Task) -> frozenset[str]:
    """The ids of the tests of ours that passed on what the run has written."""
    tree = context.reset_tree().path
    for path, text in task.files.items():
        write_file(tree, path, [text.encode()], executable=False)
    selection = sorted({test.partition("::")[0] for kind in KINDS for test in task.tests[kind]})
    try:
        report = run_tests(context, "heads", selection)
    except MigrationError:
        return frozenset()
    return _list_passed(report)


def _list_passed(report: TestReport) -> frozenset[str]:
    return frozenset(case.id for case in report.cases if case.outcome == "passed")

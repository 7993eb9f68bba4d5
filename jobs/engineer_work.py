"""The model's work in a run, from the files that state the spec exactly to a change that the checks find nothing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.gates.criteria import judge_criteria
from bot.gates.result import GateResult
from bot.gates.result import from_json as gate_from_json
from bot.implement import blueprint, changeset
from bot.implement.changeset import Changeset, merge
from bot.implement.claude.answers import Analysis, Plan
from bot.implement.claude.budget import count_spent
from bot.implement.claude.changeset import list_open_endpoints, make_changeset
from bot.implement.claude.conversation import Desk
from bot.implement.claude.engineer import Outcome
from bot.implement.claude.engineer import implement as run_engineer
from bot.implement.claude.stages import render_json
from bot.implement.claude.tools.finish import Summary
from bot.implement.claude.usage import is_priced
from bot.pull_request.weakened_tests import list_weakened
from bot.words.loader import render_prompt
from bot.workspace import test_run
from jobs.amendment import restore_amended
from jobs.context import RunContext
from jobs.engineer import make_brief, make_desk, told
from jobs.engineer_place import EngineerPlace
from jobs.status import report
from jobs.steps import gates

BEYOND = "the schema has more than the spec's data model states: {}"
MAX_DETAILS = 40
OUTPUT_CHARACTERS = 6_000
UNPROVED = Outcome("failed", "the schema could not be proved, and nothing is built on one that is not")

Write = Callable[[RunContext], Changeset]


def implement(context: RunContext, write_exact: Write) -> dict[str, Any]:
    """The logic step's output. Goes on from the transcript, whoever began it."""
    place = EngineerPlace(context)
    with told(context):
        desk = make_desk(context, lambda: report(context))
        exact = _begin(context, desk, write_exact)
        restore_amended(context, desk.transcript.find_kept())
        place.restore(desk.transcript.find_patch() or "")
        outcome = _work(context, desk, place, exact)
    patch = place.tree.patch()
    kept = desk.transcript.find_kept() or {}
    made = _sum_up(context, place, exact, outcome, patch)
    made = merge([made, Changeset(notes=tuple(BEYOND.format(line) for line in kept.get("additions", ())))])
    context.unfinished = context.amended = None
    output = {"patch": patch, "changeset": changeset.to_json(made), "engineer": _describe(desk, outcome)}
    return {**output, "target": kept.get("target"), "revisions": kept.get("revisions")}


def _begin(context: RunContext, desk: Desk, write_exact: Write) -> Changeset:
    """What is written without a model, once."""

    def make() -> dict[str, Any]:
        context.reset_tree()
        written = write_exact(context)
        files = tuple(change.path for change in context.tree.list_changes())  # the revisions, too
        return {"changeset": changeset.to_json(replace(written, files=files)), "patch": context.tree.patch()}

    written = changeset.from_json(desk.transcript.keep("exact", make)["changeset"])
    # What it leaves open is the model's work; what the models could not be given stays named.
    opened = blueprint.find_open(context.spec, Changeset())
    return replace(written, not_done=tuple(line for line in written.not_done if line not in opened))


def _work(context: RunContext, desk: Desk, place: EngineerPlace, exact: Changeset) -> Outcome:
    proof = context.outputs["schema"]["proof"]
    if proof is not None and not proof["ok"]:
        return UNPROVED
    found = context.outputs["analyse"]
    task = render_prompt(
        "implement.md",
        analysis=render_json(Analysis.model_validate(found["analysis"])),
        plan=render_json(Plan.model_validate(found["plan"])),
        written=exact.files,
        target=context.target is not None,
    )

    def judge(summary: Summary) -> Sequence[str]:
        return _judge(context, place, exact, summary)

    return run_engineer(desk, make_brief(context, desk), place, task, judge)


def _judge(context: RunContext, place: EngineerPlace, exact: Changeset, summary: Summary) -> list[str]:
    """What does not hold of the work as it stands: the gates of the delivery, run as they will be then."""
    patch = place.tree.patch()
    place.restore(patch)
    changes = place.tree.list_changes()
    made = merge([exact, make_changeset(context.spec, [change.path for change in changes], Outcome("", "", summary))])
    result = gates.judge(context, made)
    place.restore(patch)  # without whatever the tests left in it
    lines = [line for gate in map(gate_from_json, result["gates"]) for line in _list_failures(gate)]
    lines += _list_open(context, made, summary, result["tests"])
    if result["tests"] is not None and lines and not result["tests"]["cases"]:
        lines.append(result["tests"]["output"][-OUTPUT_CHARACTERS:])  # nothing else says why there are none
    return [*lines, *list_weakened(changes, patch, context.spec.body)]


def _list_failures(gate: GateResult) -> Iterator[str]:
    if gate.state == "failed":
        yield f"{gate.name}: {gate.summary}"
        yield from (f"{gate.name}: {detail}" for detail in gate.details[:MAX_DETAILS])


def _list_open(context: RunContext, made: Changeset, summary: Summary, tests: Any) -> Iterator[str]:
    """What is left out without a word."""
    report_of_tests = None if tests is None else test_run.from_json(tests)
    for result in judge_criteria(context.spec, made, report_of_tests):
        name = result.criterion.id
        if result.state == "open" and not any(name in line for line in summary.not_done):
            yield f"{name} has no test that ran and passed; tie one to it, or say in not_done why there is none"
    for endpoint in list_open_endpoints(context.spec, summary):
        if not any(endpoint.removeprefix("endpoint ") in line for line in summary.not_done):
            yield f"{endpoint} is not among those that you name; implement it, or say in not_done why not"


def _sum_up(context: RunContext, place: EngineerPlace, exact: Changeset, outcome: Outcome, patch: str) -> Changeset:
    changes = place.tree.list_changes()
    made = make_changeset(context.spec, [change.path for change in changes], outcome)
    weakened = list_weakened(changes, patch, context.spec.body)
    agree = Changeset(not_done=tuple(f"for a person to agree to: {line}" for line in weakened))
    return merge([exact, made, agree])


def _describe(desk: Desk, outcome: Outcome) -> dict[str, Any]:
    spent = count_spent(desk.transcript.entries)
    facts = asdict(spent)
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "model": desk.model.name,
        "is_priced": is_priced(desk.model.name),
        **facts,
    }

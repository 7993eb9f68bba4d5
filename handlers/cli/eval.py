"""`specwright eval`: how well an implementer does, on specs whose tests it never sees."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import click

from bot.config import Settings
from bot.store.upgrade import upgrade
from bot.words.text import render_duration
from bot.workspace.databases import ScratchServerError
from bot.workspace.environment import EnvironmentFailed
from bot.workspace.git_errors import GitError
from bot.workspace.sandbox import SandboxUnavailable, check_sandbox
from jobs.eval_suite import BadSuite, Task, read_suite
from jobs.evaluate import Count, Score, evaluate, make_settings
from jobs.parts import make_parts

REFUSALS = (BadSuite, EnvironmentFailed, GitError, SandboxUnavailable, ScratchServerError)
HEADINGS = ("Task", "End", "Criteria", "Proof", "Hidden tests", "Probes", "Cost", "Time")


@click.command()
@click.option(
    "--suite",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("examples/evals"),
    show_default=True,
    help="A folder of tasks.",
)
@click.option("--task", "names", multiple=True, help="Only this task; may be given several times.")
@click.option("--model", help="The model that implements (SPECWRIGHT_ANTHROPIC_API_KEY); default: none, the blueprint.")
@click.option("--runs", default=1, show_default=True, type=click.IntRange(1, 100), help="Runs of each task.")
@click.option("--json", "as_json", is_flag=True, help="Each run's score, for programs.")
@click.option("--sandbox", type=click.Choice(["bubblewrap", "none"]), default="bubblewrap", show_default=True)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data/eval"),
    show_default=True,
    help="Kept for the next time: environments, Postgres, transcripts.",
)
def command(
    suite: Path,
    names: Sequence[str],
    model: str | None,
    runs: int,
    as_json: bool,
    sandbox: Literal["bubblewrap", "none"],
    data: Path,
) -> None:
    """Have specs implemented, and score what comes of it by tests that the implementer never saw.

    Each spec goes the way of any run, but for the pull request: the same steps, sandbox, proof and gates. Then the
    task's hidden acceptance tests and security probes are run on what was written. Without --model the blueprint
    implementer does it, which needs no key and costs nothing.

    Exit code 0: every run was scored, however well. 2: it could not be tried.
    """
    try:
        tasks = _choose(read_suite(suite), names)
        check_sandbox(sandbox)
        settings = make_settings(data.absolute(), sandbox, model)
        if model and settings.anthropic_api_key is None:
            raise BadSuite("--model needs SPECWRIGHT_ANTHROPIC_API_KEY")
        scores = _run(settings, [task for task in tasks for _ in range(runs)])
    except REFUSALS as error:
        click.echo(f"specwright eval: {error}", err=True)
        sys.exit(2)
    who = model or "blueprint"
    if as_json:
        click.echo(json.dumps({"implementer": who, "scores": [score.to_json() for score in scores]}, indent=2))
    else:
        click.echo("\n".join(render_table(who, scores)))


def _choose(tasks: Sequence[Task], names: Sequence[str]) -> list[Task]:
    unknown = sorted({*names} - {task.name for task in tasks})
    if unknown:
        raise BadSuite(f"there is no task {', '.join(unknown)}; there are {', '.join(task.name for task in tasks)}")
    return [task for task in tasks if not names or task.name in names]


def _run(settings: Settings, work: Sequence[Task]) -> list[Score]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    parts = make_parts(settings)
    upgrade(parts.store.engine)
    scores: list[Score] = []
    try:
        with click.progressbar(work, label="Evaluating", file=sys.stderr, item_show_func=_show) as bar:
            for task in bar:
                with tempfile.TemporaryDirectory(prefix="eval-", dir=settings.data_dir) as directory:
                    scores.append(evaluate(parts, task, Path(directory)))
    finally:
        parts.close()
    return scores


def _show(task: Task | None) -> str:
    return "" if task is None else task.name


def render_table(who: str, scores: Sequence[Score]) -> Iterator[str]:
    """A Markdown table: a line for each task, its runs added up, and one for all of them."""
    yield f"Implementer: {who}, {len(scores)} run{'s' if len(scores) != 1 else ''}.\n"
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"|{'---|' * 6}{'---:|' * 2}"
    for name in dict.fromkeys(score.task for score in scores):
        yield _render_line(name, [score for score in scores if score.task == name])
    yield _render_line("**all**", scores)
    yield from (f"\n{score.task}: {score.status}: {score.detail}" for score in scores if score.detail)


def _render_line(name: str, scores: Sequence[Score]) -> str:
    ends = ", ".join(dict.fromkeys(score.status for score in scores))
    counts = (
        _add([score.criteria for score in scores]),
        _add([score.proof for score in scores]),
        _add([score.hidden for score in scores]),
        _add([score.probes for score in scores]),
    )
    cost = f"${sum(score.cost_usd for score in scores):.2f}"
    time = render_duration(sum(score.duration_seconds for score in scores))
    return f"| {' | '.join([name, ends, *counts, cost, time])} |"


def _add(counts: Sequence[Count]) -> str:
    total = sum(counts, Count(0, 0))
    return f"{total.good} of {total.all}"

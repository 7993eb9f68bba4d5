"""`specwright verify`: proof and lint of the revisions of a checkout, in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import click

from bot.config import ConfigError
from bot.gates import result
from bot.gates.result import GateResult
from bot.migration import lint_result, proof_codec
from bot.migration.command_line import render_command
from bot.migration.errors import MigrationError
from bot.migration.finding import Finding
from bot.migration.lock_modes import name_mode
from bot.migration.way import TableLock
from bot.pull_request.migration_sections import render_migration_report
from bot.pull_request.migration_summary import list_change_rows
from bot.words.text import render_duration
from bot.workspace.databases import ScratchServerError
from bot.workspace.environment import EnvironmentFailed
from bot.workspace.git_errors import GitError
from bot.workspace.sandbox import SandboxUnavailable, check_sandbox, get_sandbox
from bot.workspace.scratch_server import open_embedded
from jobs.verify import NoBase, Verified, Verifier, find_commits

COLOURS = {"error": "red", "warning": "yellow", "info": None}
STATES = {"passed": click.style("✓", "green"), "failed": click.style("✗", "red")}
WAITS = {"reads": "reads and writes wait", "writes": "writes wait", "nothing": "nobody waits"}
REFUSALS = (ConfigError, EnvironmentFailed, GitError, MigrationError, NoBase, SandboxUnavailable, ScratchServerError)


@click.command()
@click.argument("repository", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--base", help="Commit or branch to compare with; default: where HEAD left the main branch.")
@click.option("--json", "form", flag_value="json", help="The whole proof and all findings, for programs.")
@click.option("--markdown", "form", flag_value="markdown", help="As a pull request tells it, with diagram and SQL.")
@click.option("--old-code", is_flag=True, help="Run the base's tests on the new schema: may old code go on running?")
@click.option("--sandbox", type=click.Choice(["bubblewrap", "none"]), default="bubblewrap", show_default=True)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data/verify"),
    show_default=True,
    help="Kept for the next time: environments, Postgres, schemas.",
)
def command(
    repository: Path,
    base: str | None,
    form: str | None,
    old_code: bool,
    sandbox: Literal["bubblewrap", "none"],
    data: Path,
) -> None:
    """Prove the migrations that HEAD of a git REPOSITORY adds to its base, on a Postgres started for that.

    Up, down and up again on a database with rows; the schema compared with the models and with the start; locks,
    rewrites; the session ended on the way; the lint. Only what is committed counts. Nothing of yours is changed.

    Exit code 0: all holds. 1: the proof does not hold, the lint found an error, or old code breaks.
    2: it could not be tried.
    """
    try:
        commits = find_commits(repository, base)
        check_sandbox(sandbox)
        with open_embedded(data.absolute() / "postgres") as server:
            verifier = Verifier(data.absolute(), get_sandbox(sandbox), server, _say, old_code)
            verified = verifier.run(commits)
    except REFUSALS as error:
        click.echo(f"specwright verify: {error}", err=True)
        sys.exit(2)
    click.echo(FORMS[form](verified))
    sys.exit(not verified.ok)


def render_json(verified: Verified) -> str:
    """What programs get."""
    facts = {
        "ok": verified.ok,
        "base": verified.commits.base,
        "commit": verified.commits.head,
        "proof": proof_codec.to_json(verified.proof),
        "lint": lint_result.to_json(verified.lint),
        "rollback": _render_way_back(verified),
        "old_code": None if verified.report.old_code is None else result.to_json(verified.report.old_code),
    }
    return json.dumps(facts, indent=2)


def render_markdown(verified: Verified) -> str:
    """What a pull request tells."""
    return render_migration_report(verified.report)


def render_text(verified: Verified) -> str:
    """What a person gets in the terminal."""
    return "\n".join(render(verified))


def render(verified: Verified) -> Iterator[str]:
    """The lines that a person gets."""
    proof, lint = verified.proof, verified.lint
    yield f"\n{', '.join(proof.revisions) or 'no revision'} on {proof.server_version}\n"
    for step in proof.steps:
        mark = click.style("✓", "green") if step.ok else click.style("✗", "red")
        took = render_duration(step.duration_seconds) if step.duration_seconds else ""
        name = f"{step.name} (the models)" if step.name == "target reached" else step.name
        yield f"{mark} {name:28} {took}".rstrip()
        yield from (f"    {line}" for line in step.detail.splitlines())
    if not verified.has_models:
        yield "☐ env.py names no models (target_metadata), so the schema was compared with nothing"
    if proof.changes:
        yield "\nChanges:"
        for row in list_change_rows(proof, verified.report.data_model):
            yield f"  {row.table or 'database'}: {row.text}"
    if proof.upgrade.locks:
        yield "\nLocks on tables in use:"
        yield from map(render_lock, proof.upgrade.locks)
    number = len(lint.findings) + sum(item.number for item in lint.left_out)
    yield f"\nLint: {number} found, {len(lint.quiet_rules)} rules quiet, {lint.number_suppressed} taken back"
    for finding in lint.findings:
        yield from render_finding(finding)
    yield from (f"  … and {item.number} more of {item.severity} {item.code}" for item in lint.left_out)
    if verified.report.old_code is not None:
        yield from _render_old_code(verified.report.old_code)
    if proof.revisions:
        yield f"\nThe way back{'' if proof.reversible else ' (it does not hold)'}: {_render_way_back(verified)}"
    yield click.style("\nAll holds." if verified.ok else "\nIt does not hold.", bold=True)


def _render_old_code(gate: GateResult) -> Iterator[str]:
    yield f"\n{STATES.get(gate.state, '☐')} old code: {gate.summary}"
    yield from (f"    {line}" for line in gate.details)


def _render_way_back(verified: Verified) -> str:
    return render_command(verified.report.project, "downgrade", verified.proof.base_revision or "base")


def render_lock(lock: TableLock) -> str:
    """One lock, what it holds up and for how long."""
    long = "" if lock.blocks == "nothing" else (", longer the more rows" if lock.grows else ", a moment")
    known = "" if lock.is_seen else " (known, not seen)"
    return f"  {lock.table}: {name_mode(lock.mode)}, {WAITS[lock.blocks]}{long}{known}"


def render_finding(finding: Finding) -> Iterator[str]:
    """One finding: where, what, what it does, what to do."""
    level = click.style(finding.severity, COLOURS[finding.severity])
    yield f"  {level} {finding.code}  {finding.place}\n    {finding.title}"
    yield f"    {finding.consequence}\n    {finding.remedy}"


def _say(what: str) -> None:
    click.echo(f"… {what}", err=True)


FORMS: Mapping[str | None, Callable[[Verified], str]] = {
    None: render_text,
    "json": render_json,
    "markdown": render_markdown,
}

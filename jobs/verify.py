"""Proves and lints the revisions that a checkout on this machine adds: no GitHub, no queue, no spec."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base, ensure_base
from bot.migration.lint_result import LintResult
from bot.migration.lint_run import read_leftover, read_proof, run_lint
from bot.migration.models_schema import find_models_schema
from bot.migration.proof import prove
from bot.migration.proof_result import Proof
from bot.pull_request.report import MigrationReport
from bot.schema.diagram import render_diagram
from bot.workspace.databases import ScratchServer
from bot.workspace.git import Git
from bot.workspace.sandbox import Sandbox
from jobs.checkout import NoBase, Say, find_commit, find_git_directory, open_mirror, open_runner, read_config
from jobs.old_code_of_checkout import Site, try_old_code

__all__ = ["NoBase", "Verified", "Verifier", "find_commits"]

MAIN_BRANCHES = ("refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master")


@dataclass(frozen=True, slots=True)
class Commits:
    """What is compared: full ids, and the git directory that has them."""

    git: Git
    base: str
    head: str


@dataclass(frozen=True, slots=True)
class Verified:
    """`has_models` says whether the models were the target of the proof."""

    commits: Commits
    proof: Proof
    lint: LintResult
    has_models: bool
    report: MigrationReport

    @property
    def ok(self) -> bool:
        """Whether the proof holds, the lint has found no error, and no old code was seen to break."""
        breaks = self.report.old_code is not None and self.report.old_code.state == "failed"
        return self.proof.ok and not breaks and not self.lint.list_findings("error")


@dataclass(frozen=True, slots=True)
class Verifier:
    """`data_dir` keeps the mirror and environments for the next time; `say` hears of progress.

    `old_code`: the base's tests are run on the new schema, too.
    """

    data_dir: Path
    sandbox: Sandbox
    scratch_server: ScratchServer
    say: Say
    old_code: bool = False

    def run(self, commits: Commits) -> Verified:
        """What the head adds to the base. Raises `ConfigError`, `GitError`, `EnvironmentFailed`, `MigrationError`."""
        mirror = open_mirror(self.data_dir, commits.git, (commits.base, commits.head))
        config = read_config(mirror, commits.head)
        self.say(f"base {commits.base[:10]}: environment, schema at its head")
        with (
            open_runner(self, mirror, commits.base, config, "base") as before,
            open_runner(self, mirror, commits.head, config, "head") as after,
        ):
            after.start()
            base = ensure_base(before.workspace, before)
            self.say(f"HEAD {commits.head[:10]}: environment, schema of the models")
            verified = self._verify(commits, base, before.workspace.tree.path, after)
            if not (self.old_code and verified.proof.ok and verified.proof.revisions):
                return verified
            self.say("the tests of the base, on its schema and on the new one")
            site = Site(self, mirror, commits.base, config)
            gate = try_old_code(site, before, after, base, verified.proof.revisions)
            return replace(verified, report=replace(verified.report, old_code=gate))

    def _verify(self, commits: Commits, base: Base, base_tree: Path, runner: AlembicRunner) -> Verified:
        models = find_models_schema(runner, base.schema)
        target = None if models is None else models.schema
        self.say("the proof: up, down, up again, ended on the way")
        proof = prove(runner.workspace, runner, base, target)
        self.say("the lint")
        lint = run_lint(
            runner,
            base,
            base_tree,
            observed=None if target is None else read_proof(proof, base, target),
            leftover=read_leftover(proof),
            naming_convention=None if models is None else models.naming,
        )
        diagram = "" if target is None else render_diagram(base.schema, target, proof.changes)
        report = MigrationReport(proof, lint, runner.project, diagram=diagram)
        return Verified(commits, proof, lint, target is not None, report)


def find_commits(repository: Path, base: str | None = None) -> Commits:
    """HEAD of the git `repository`, and `base` (None: where HEAD left the main branch). Raises `NoBase`."""
    git = Git(find_git_directory(repository))
    head = find_commit(git, "HEAD")
    return Commits(git, find_commit(git, base) if base else find_fork(git, head), head)


def find_fork(git: Git, commit: str) -> str:
    """Where HEAD left the main branch. Raises `NoBase` when HEAD is on it."""
    for ref in MAIN_BRANCHES:
        answer = git.try_run("merge-base", commit, ref)
        if answer.returncode == 0 and answer.text.strip() != commit:
            return answer.text.strip()
    raise NoBase("HEAD adds nothing to the main branch; name what to compare with: --base HEAD~1")

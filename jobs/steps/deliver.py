"""Step 8: one commit, one branch, one pull request, one check: each is found before it is made."""

from __future__ import annotations

from typing import Any

from bot.github.dry_run import DryRunGitHub
from bot.github.values import Conclusion, PullRequest
from bot.pull_request.body import render_body
from bot.pull_request.commit_message import render_commit_message
from bot.pull_request.draft import is_draft
from bot.pull_request.level import FULL
from bot.pull_request.migration_sections import render_rollback
from bot.pull_request.report import Report
from bot.pull_request.title import render_title
from bot.words.loader import render
from bot.workspace.tree import Person
from jobs.context import RunContext
from jobs.endings import Cancelled, Failed
from jobs.links import render_run_url
from jobs.push import push, take_back
from jobs.report import build_report

CHECK_NAME = "Specwright"


def run(context: RunContext) -> dict[str, Any]:
    """Output: `url` and `number` of the pull request, `draft`, `commit`, `effects` (of a dry run) and `rollback`.

    `rollback` is the pull request's section on the way back, for `/rollback`.
    """
    context.reset_tree()
    report = build_report(context)
    _check_secrets(report)
    commit = _commit(context, report)
    _check_base(context)
    context.store.set_run_facts(context.run.id, head_commit=commit)
    try:
        push(context, commit)
        pull = _open_pull_request(context, report)
    except Cancelled:
        take_back(context, commit)
        raise
    told = {"draft": pull.draft, "commit": commit, "rollback": render_rollback(report.migration, FULL)}
    if isinstance(context.github, DryRunGitHub):
        _set_check(context, report, commit)
        return {"url": None, "number": None, "effects": context.github.effects, **told}
    facts = (context.run.repository, pull.number, pull.html_url, context.branch, commit)
    context.store.ensure_pull_request(context.run.id, *facts)
    _set_check(context, report, commit)
    return {"url": pull.html_url, "number": pull.number, "effects": [], **told}


def _check_secrets(report: Report) -> None:
    """Any other gate that failed makes a draft; what was pushed once is public."""
    gate = report.find_gate("secrets")
    if gate is not None and gate.state == "failed":
        raise Failed("secrets", details=gate.details or (gate.summary,))


def _commit(context: RunContext, report: Report) -> str:
    """The commit: the same for the same files, so that a step which is done again makes no second one."""
    login = context.parts.github.login
    bot = Person(login, f"{context.github.get_user(login).id}+{login}@users.noreply.github.com")
    return context.tree.commit(render_commit_message(report), author=bot, committer=bot, when=context.run.created)


def _check_base(context: RunContext) -> None:
    """Raises `Failed` when the base commit is no longer part of its branch."""
    context.mirror.fetch(context.github.token())
    head = context.mirror.find_commit(context.base_branch)
    if head is None or not context.mirror.is_ancestor(context.base_commit, head):
        raise Failed("base_rewritten", branch=context.base_branch, commit=context.base_commit)


def _open_pull_request(context: RunContext, report: Report) -> PullRequest:
    return context.github.ensure_pull_request(
        context.run.repository,
        context.branch,
        context.base_branch,
        render_title(report),
        render_body(report),
        is_draft(report),
    )


def _set_check(context: RunContext, report: Report, commit: str) -> None:
    conclusion: Conclusion = "failure" if any(gate.state == "failed" for gate in report.gates) else "success"
    title = render("check_title.md", gates=report.gates)
    summary = render(
        "check_summary.md", gates=report.gates, run_url=render_run_url(context.parts.settings, context.run.id)
    )
    context.github.ensure_check_run(
        context.run.repository, commit, CHECK_NAME, f"run-{context.run.id}", conclusion, title, summary
    )

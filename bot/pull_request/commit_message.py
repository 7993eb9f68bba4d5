"""The message of the one commit."""

from __future__ import annotations

import re

from bot.pull_request.report import Report
from bot.pull_request.title import render_line
from bot.words.loader import render

MAX_SUBJECT_CHARACTERS = 72
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})")


def render_commit_message(report: Report) -> str:
    """Subject, what was done, and the trailer that names who put the label on. The same report, the same text.

    The commit only refers to the issue: closing it is the pull request's, when it is no draft.
    """
    revisions = report.proof.revisions if report.proof else ()
    body = render(
        "commit_message.txt",
        issue=report.issue,
        revisions=revisions,
        done=report.changeset.done,
        not_done=report.changeset.not_done,
        trailer=_render_trailer(report),
    )
    return f"{render_line(report, MAX_SUBJECT_CHARACTERS)}\n\n{body}\n"


def _render_trailer(report: Report) -> str:
    """https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors"""
    if not _LOGIN.fullmatch(report.actor):
        return ""
    return f"Co-authored-by: {report.actor} <{report.actor_id}+{report.actor}@users.noreply.github.com>"

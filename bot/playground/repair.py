"""Brings the state in line with git after a process that died between a push and what follows it."""

from __future__ import annotations

import sqlalchemy as sa

from bot.playground.actions import Actor
from bot.playground.actions.pulls import follow_branch
from bot.playground.shapes.pull_request import get_pull
from bot.playground.site import Site
from bot.playground.tables import Issue, PullRequest


def repair(site: Site) -> None:
    """Open pull requests stand where their branches stand, and are closed when those are gone."""
    with site.open() as work:
        open_pulls = sa.select(Issue).join(PullRequest).where(Issue.state == "open")
        for issue in list(work.session.scalars(open_pulls)):
            pull, bare = get_pull(issue), work.get_bare(issue.repository)
            head = bare.find_branch(pull.head)
            if head != pull.head_sha:
                follow_branch(work, issue.repository, Actor(issue.author, issue.app), pull.head, head)
            pull.base_sha = bare.find_branch(pull.base) or pull.base_sha

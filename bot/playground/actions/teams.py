"""Teams of an organization and who is in them."""

from __future__ import annotations

import sqlalchemy as sa

from bot.playground.errors import invalid
from bot.playground.site import Work
from bot.playground.tables import Account, Team, TeamMember

STATES = ("active", "pending")


def ensure_team_member(work: Work, organization: Account, slug: str, account: Account, state: str) -> TeamMember:
    """Puts somebody into a team, which is made when there is none of that slug."""
    if state not in STATES or organization.kind != "Organization":
        raise invalid("TeamMember", "state" if state not in STATES else "organization")
    team = find_team(work, organization, slug)
    if team is None:
        team = Team(organization_id=organization.id, slug=slug)
        work.add(team)
    member = work.session.get(TeamMember, (team.id, account.id))
    if member is None:
        member = TeamMember(team_id=team.id, account_id=account.id, state=state)
        work.add(member)
    member.state = state
    return member


def find_team(work: Work, organization: Account, slug: str) -> Team | None:
    """The team of that slug."""
    query = sa.select(Team).where(Team.organization_id == organization.id, Team.slug == slug)
    return work.session.scalar(query)

"""Teams: https://docs.github.com/en/rest/teams/members."""

from __future__ import annotations

from typing import Any

from bot.playground.access import AsInstallation, is_at_least
from bot.playground.actions.teams import find_team
from bot.playground.api import Call, route
from bot.playground.errors import forbidden, not_found
from bot.playground.tables import TeamMember


@route("GET", "/orgs/{org}/teams/{team}/memberships/{login}")
def get_membership(call: Call) -> Any:
    """Whether somebody is in a team; an App must be installed there and may see members. Owners are maintainers."""
    organization = call.work.find_account(call.path["org"])
    caller = call.caller
    if organization is None or not isinstance(caller, AsInstallation):
        raise not_found()
    if caller.installation.account_id != organization.id:
        raise not_found()
    if not is_at_least(caller.permissions.get("members", "none"), "read"):
        raise forbidden()
    team, account = find_team(call.work, organization, call.path["team"]), call.work.find_account(call.path["login"])
    member = None if team is None or account is None else call.work.session.get(TeamMember, (team.id, account.id))
    if member is None:
        raise not_found()
    url = f"{call.work.site.api_url}/organizations/{organization.id}/team/{member.team_id}/memberships"
    return {"url": f"{url}/{call.path['login']}", "role": "member", "state": member.state}

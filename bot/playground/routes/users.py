"""Users: https://docs.github.com/en/rest/users/users."""

from __future__ import annotations

from typing import Any

from bot.playground.access import AsPerson
from bot.playground.api import Call, route
from bot.playground.errors import forbidden, not_found
from bot.playground.shapes.user import render_public_user


@route("GET", "/user")
def get_self(call: Call) -> Any:
    """The person who asks."""
    if not isinstance(call.caller, AsPerson):
        raise forbidden()
    return render_public_user(call.work, call.caller.account)


@route("GET", "/users/{login}")
def get_user(call: Call) -> Any:
    """An account's profile."""
    account = call.work.find_account(call.path["login"])
    if account is None:
        raise not_found()
    return render_public_user(call.work, account)

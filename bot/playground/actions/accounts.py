"""Accounts."""

from __future__ import annotations

import re
import secrets

from bot.playground.errors import invalid
from bot.playground.site import Work
from bot.playground.tables import Account

LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
RESERVED = {"_playground", "api", "apps", "login", "logout", "settings"}  # first segments of other routes


def ensure_account(work: Work, login: str, kind: str = "User", name: str | None = None) -> Account:
    """The account of that login, made when there is none. People get a token."""
    found = work.find_account(login)
    if found is not None:
        return found
    if not LOGIN.fullmatch(login.removesuffix("[bot]")) or login.lower() in RESERVED:
        raise invalid("User", "login")
    token = f"ghp_{secrets.token_hex(18)}" if kind == "User" else None
    account = Account(login=login, kind=kind, name=name, token=token, created_at=work.now())
    work.add(account)
    return account

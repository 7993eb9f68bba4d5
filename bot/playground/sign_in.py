"""Who sends a request: an App by its JSON web token, an installation or a person by a token.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import Any

import jwt
import sqlalchemy as sa

from bot.playground.access import Anonymous, AsApp, AsInstallation, AsPerson, Caller
from bot.playground.errors import Refused
from bot.playground.site import Work
from bot.playground.tables import Account, App, InstallationToken

LONGEST_JWT = timedelta(minutes=10)
CLOCK_DRIFT = timedelta(seconds=60)
NOT_A_JWT = "A JSON web token could not be decoded"


def find_caller(work: Work, authorization: str | None) -> Caller:
    """The caller of an `Authorization` header. Raises `Refused` (401) when it is wrong, as GitHub does."""
    if not authorization:
        return Anonymous()
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        return _find_basic(work, value)
    if scheme.lower() not in ("bearer", "token"):
        raise Refused(401, "Bad credentials")
    return _find_by_token(work, value.strip())


def _find_basic(work: Work, value: str) -> Caller:
    """git sends x-access-token or the person's login, and the token as password."""
    try:
        login, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused(401, "Bad credentials") from error
    caller = _find_by_token(work, token or login)
    if isinstance(caller, AsPerson) and login.lower() not in (caller.account.login.lower(), "x-access-token"):
        raise Refused(401, "Bad credentials")
    return caller


def _find_by_token(work: Work, value: str) -> Caller:
    if value.count(".") == 2:
        return AsApp(_get_app(work, value))
    token = work.session.get(InstallationToken, value)
    if token is not None and token.expires_at > work.now() and token.installation.suspended_at is None:
        narrowed = None if token.repository_ids is None else tuple(token.repository_ids)
        return AsInstallation(token.installation, narrowed, token.permissions)
    person = work.session.scalar(sa.select(Account).where(Account.token == value))
    if person is None:
        raise Refused(401, "Bad credentials")
    return AsPerson(person)


def _get_app(work: Work, value: str) -> App:
    claims = _decode(value, None)
    app = work.session.get(App, _read_issuer(claims))
    if app is None:
        raise Refused(404, "Integration not found")
    _decode(value, app.public_key)
    _check_times(work, claims)
    return app


def _decode(value: str, public_key: str | None) -> dict[str, Any]:
    """The claims; checked against the key when there is one. The times are checked by `_check_times`."""
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_signature": bool(public_key)}
    try:
        return jwt.decode(value, public_key or "", algorithms=["RS256"], options=options)
    except jwt.PyJWTError as error:
        raise Refused(401, NOT_A_JWT) from error


def _read_issuer(claims: dict[str, Any]) -> int:
    issuer = str(claims.get("iss", ""))
    if not issuer.isdecimal() or len(issuer) > 18:
        raise Refused(401, "'Issuer' claim ('iss') must be an Integer")
    return int(issuer)


def _check_times(work: Work, claims: dict[str, Any]) -> None:
    now = work.now().timestamp()
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or issued > now + CLOCK_DRIFT.total_seconds():
        words = "must be an Integer representing the time that the assertion was issued"
        raise Refused(401, f"'Issued at' claim ('iat') {words}")
    if not isinstance(expires, int | float) or expires <= now:
        words = "must be a numeric value representing the future time at which the assertion expires"
        raise Refused(401, f"'Expiration time' claim ('exp') {words}")
    if expires > now + (LONGEST_JWT + CLOCK_DRIFT).total_seconds():
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")

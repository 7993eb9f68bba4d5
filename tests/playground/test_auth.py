"""Who is let in: App tokens, installation tokens, people, nobody."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from handlers.cli.local.keys import write_key_pair
from tests.playground.world import REPO, Listener, World, open_world

NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({}, 200, ""),
        ({"exp": NOW + 86_400}, 401, "too far in the future"),
        ({"exp": NOW - 1}, 401, "must be a numeric value representing the future time"),
        ({"exp": None}, 401, "must be a numeric value"),
        ({"exp": "soon"}, 401, "must be a numeric value"),
        ({"iat": None}, 401, "must be an Integer representing the time"),
        ({"iat": NOW + 86_400}, 401, "must be an Integer representing the time"),
        ({"iss": "999"}, 404, "Integration not found"),
        ({"iss": None}, 401, "'Issuer' claim ('iss')"),
        ({"iss": "Specwright"}, 401, "'Issuer' claim ('iss')"),
    ],
)
def test_claims_of_the_app(world: World, claims: dict[str, Any], status: int, words: str) -> None:
    answer = world.call("GET", "/app", world.make_jwt(**claims))
    assert answer.status_code == status
    assert words in answer.json().get("message", "")


def test_only_the_apps_own_key_signs(world: World, tmp_path: Path) -> None:
    other = write_key_pair(tmp_path)[0].read_text()
    claims = {"iss": str(world.app["id"]), "iat": NOW - 60, "exp": NOW + 540}
    forged = [
        jwt.encode(claims, other, "RS256"),
        jwt.encode(claims, "a long enough shared secret for HS256", "HS256"),
        jwt.encode(claims, None, "none"),
        "a.b.c",
    ]
    answers = [world.call("GET", "/app", token) for token in forged]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["message"] for answer in answers} == {"A JSON web token could not be decoded"}


@pytest.mark.parametrize("token", ["ghs_unknown", "ghp_unknown", "x" * 5000])
def test_unknown_tokens(world: World, token: str) -> None:
    answer = world.call("GET", f"/repos/{REPO}", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_each_door_has_its_key(world: World) -> None:
    """An installation token is no App's token, and the other way round."""
    assert world.call("GET", "/app", world.make_token()).status_code == 401
    assert world.call("GET", "/app").status_code == 401
    assert world.call("GET", "/installation/repositories", world.make_jwt()).status_code == 403


def test_token_can_be_narrowed(world: World) -> None:
    world.playground.create_repository("acme/hidden", private=True)
    token = world.make_token(repositories=["shop"], permissions={"issues": "read"})
    assert world.call("GET", "/repos/acme/hidden", token).status_code == 404
    assert world.call("GET", f"/repos/{REPO}/issues", token).status_code == 200
    assert world.call("POST", f"/repos/{REPO}/issues", token, json={"title": "T"}).status_code == 403
    listed = world.call("GET", "/installation/repositories", token).json()
    assert [found["full_name"] for found in listed["repositories"]] == [REPO]
    assert world.call("GET", "/repos/acme/hidden", world.make_token()).status_code == 200


@pytest.mark.parametrize("body", [{"repositories": ["nothing"]}, {"permissions": {"administration": "write"}}])
def test_token_cannot_be_widened(world: World, body: dict[str, Any]) -> None:
    path = f"/app/installations/{world.installation['id']}/access_tokens"
    assert world.call("POST", path, world.make_jwt(), json=body).status_code == 422


def test_revoked_token_is_refused(world: World) -> None:
    token = world.make_token()
    world.playground.revoke_tokens("specwright", "acme")
    assert world.call("GET", f"/repos/{REPO}", token).status_code == 401


def test_token_ends_by_itself(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    with open_world(tmp_path, app_keys, listener, token_lifetime=timedelta(0)) as world:
        assert world.call("GET", f"/repos/{REPO}", world.make_token()).status_code == 401


def test_uninstalled_app_sees_nothing(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    with open_world(tmp_path, app_keys, listener) as world:
        token = world.make_token()
        world.playground.uninstall_app("specwright", "acme")
        assert world.call("GET", f"/repos/{REPO}", token).status_code == 401
        assert world.call("GET", f"/repos/{REPO}/installation", world.make_jwt()).status_code == 404


@pytest.mark.parametrize(
    ("login", "public", "private"),
    [("olivia", "admin", "admin"), ("will", "write", "none"), ("rita", "read", "none"), ("stan", "read", "none")],
)
def test_permission_of_people(world: World, login: str, public: str, private: str) -> None:
    world.playground.create_repository(f"acme/closed-{login}", private=True, collaborators={"olivia": "admin"})
    token = world.make_token()
    for name, expected in ((REPO, public), (f"acme/closed-{login}", private)):
        answer = world.call("GET", f"/repos/{name}/collaborators/{login}/permission", token)
        assert answer.json()["permission"] == expected


def test_unknown_person_has_no_permission(world: World) -> None:
    answer = world.call("GET", f"/repos/{REPO}/collaborators/nobody-here/permission", world.make_token())
    assert (answer.status_code, answer.json()["message"]) == (404, "nobody-here is not a user")

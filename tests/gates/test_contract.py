"""The gate of the API."""

from __future__ import annotations

import pytest

from bot.gates.contract import check
from bot.spec.model import Endpoint, Spec
from tests.gates.contexts import make_context

SPEC = Spec("t", "", "", endpoints=(Endpoint("GET", "/a/{id}", "", 1), Endpoint("POST", "/a", "", 2)))


def test_without_a_document_each_endpoint_stays_open() -> None:
    result = check(make_context(spec=SPEC))
    assert (result.state, result.details) == ("open", ("`GET /a/{id}`", "`POST /a`"))


@pytest.mark.parametrize(
    ("paths", "state", "missing"),
    [
        ({"/a/{id}": {"get": {}}, "/a": {"post": {}, "parameters": []}}, "passed", ()),
        ({"/a/{a_id}": {"get": {}}, "/a/": {"post": {}}}, "passed", ()),
        ({"/a/{id}": {"get": {}}, "/a": {"get": {}}}, "failed", ("`POST /a`",)),
        ({"/a/{id}": {"GET": {}}, "/A": {"post": {}}}, "failed", ("`POST /a`",)),
        ([], "failed", ("`GET /a/{id}`", "`POST /a`")),
    ],
)
def test_what_the_application_says_of_itself_counts(paths: object, state: str, missing: tuple[str, ...]) -> None:
    result = check(make_context(spec=SPEC, openapi={"paths": paths}))
    assert (result.state, result.details) == (state, missing)


def test_endpoints_of_an_openapi_fence_are_asked_for_too() -> None:
    spec = Spec("t", "", "", openapi={"paths": {"/b": {"put": {}, "summary": "x"}}})
    assert check(make_context(spec=spec)).details == ("`PUT /b`",)


def test_no_endpoint_leaves_nothing_to_check() -> None:
    assert check(make_context()).state == "skipped"

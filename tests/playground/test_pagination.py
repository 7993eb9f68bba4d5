"""Lists come in pages with links, as GitHub's do."""

from __future__ import annotations

import pytest

from tests.playground.world import REPO, World


@pytest.fixture(scope="module")
def issue(world: World) -> int:
    number: int = world.playground.open_issue(REPO, "will", "T")["number"]
    for place in range(7):
        world.playground.add_comment(REPO, number, "rita", f"comment {place}")
    return number


@pytest.mark.parametrize(
    ("query", "shown", "relations"),
    [
        ("", 7, []),
        ("?per_page=3", 3, ["last", "next"]),
        ("?per_page=3&page=2", 3, ["first", "last", "next", "prev"]),
        ("?per_page=3&page=3", 1, ["first", "prev"]),
        ("?per_page=3&page=9", 0, ["first", "prev"]),
        ("?per_page=0&page=0", 1, ["last", "next"]),
        ("?per_page=500", 7, []),
        ("?per_page=many", 7, []),
    ],
)
def test_pages(world: World, issue: int, query: str, shown: int, relations: list[str]) -> None:
    answer = world.call("GET", f"/repos/{REPO}/issues/{issue}/comments{query}", world.make_token())
    assert (len(answer.json()), sorted(answer.links)) == (shown, relations)


def test_links_lead_through_the_whole_list(world: World, issue: int) -> None:
    token, found = world.make_token(), []
    path: str | None = f"/repos/{REPO}/issues/{issue}/comments?per_page=2"
    while path is not None:
        answer = world.call("GET", path, token)
        found += [comment["body"] for comment in answer.json()]
        target = answer.links.get("next")
        path = None if target is None else target["url"].removeprefix(world.api_url)
    assert found == [f"comment {place}" for place in range(7)]

"""Acceptance criteria in every form that people write them in."""

from __future__ import annotations

import textwrap

import pytest

from tests.spec.plain import read, read_problems

CASES: dict[str, tuple[str, list[tuple[str, str, int]]]] = {
    "ids": (
        """
        - AC-1: One.
        - AC-2: Two,
          which goes on.
        """,
        [("AC-1", "One.", 2), ("AC-2", "Two, which goes on.", 3)],
    ),
    "ids in other spellings": (
        """
        - **AC-1** One.
        - AC2 - Two.
        - [AC 3] Three.
        - ac_04) Four.
        - AC-5.2: Five.
        """,
        [("AC-1", "One.", 2), ("AC-2", "Two.", 3), ("AC-3", "Three.", 4), ("AC-4", "Four.", 5), ("AC-5.2", "Five.", 6)],
    ),
    "an id that is stated is kept, others get what is free": (
        """
        - First.
        - AC-1: Second.
        - Third.
        """,
        [("AC-2", "First.", 2), ("AC-1", "Second.", 3), ("AC-3", "Third.", 4)],
    ),
    "a numbered list": ("1. One.\n2. Two.", [("AC-1", "One.", 2), ("AC-2", "Two.", 3)]),
    "checkboxes": ("- [ ] One.\n- [x] Two.", [("AC-1", "One.", 2), ("AC-2", "Two.", 3)]),
    "paragraphs with ids": (
        """
        AC-1: One.
        AC-2: Two
        and more.

        Some prose.
        """,
        [("AC-1", "One.", 2), ("AC-2", "Two and more.", 3)],
    ),
    "headings": (
        """
        ### AC-1: One
        In detail.
        - and more
        ### Others
        - But this is one too.
        """,
        [("AC-1", "One In detail. and more", 2), ("AC-2", "But this is one too.", 6)],
    ),
    "items of an item belong to it": (
        """
        - One:
          - this
          - and that
        - Two.
        """,
        [("AC-1", "One: this; and that", 2), ("AC-2", "Two.", 5)],
    ),
    "stories are none, what stands below them is": (
        """
        As a customer I want coupons.

        - As an admin, I want to see them:
          - AC-1: One.
          - AC-2: Two.
        - As a customer I want to use them.
        """,
        [("AC-1", "One.", 5), ("AC-2", "Two.", 6)],
    ),
    "given, when, then in a paragraph": (
        """
        Given a coupon
        When I redeem it
        Then it is gone
        """,
        [("AC-1", "Given a coupon When I redeem it Then it is gone", 2)],
    ),
    "given, when, then as items, twice": (
        """
        - Given a coupon
        - And a customer
        - When I redeem it
        - Then it is gone
        - But not the order
        - Given none
        - When I redeem it
        - Then it is refused
        - No coupon is worth nothing.
        """,
        [
            ("AC-1", "Given a coupon And a customer When I redeem it Then it is gone But not the order", 2),
            ("AC-2", "Given none When I redeem it Then it is refused", 7),
            ("AC-3", "No coupon is worth nothing.", 10),
        ],
    ),
    "given, when, then below an id": (
        """
        - AC-1: Redeeming
          Given a coupon
          When I redeem it
          Then it is gone
        """,
        [("AC-1", "Redeeming Given a coupon When I redeem it Then it is gone", 2)],
    ),
    "sentences that begin with when are no steps of each other": (
        """
        - When an order is deleted, its lines go too.
        - When a customer is deleted, his orders stay.
        - Given a coupon, when I redeem it, then it is gone.
        - Given none, when I redeem it, then it is refused.
        """,
        [
            ("AC-1", "When an order is deleted, its lines go too.", 2),
            ("AC-2", "When a customer is deleted, his orders stay.", 3),
            ("AC-3", "Given a coupon, when I redeem it, then it is gone.", 4),
            ("AC-4", "Given none, when I redeem it, then it is refused.", 5),
        ],
    ),
    "scenarios": (
        """
        ### Scenario: gone
        - Given a coupon
        - When I redeem it
        - Then it is gone

        Scenario 2: refused
        * **Given** none
        * **When** I redeem it
        * **Then** it is refused
        """,
        [
            ("AC-1", "gone Given a coupon When I redeem it Then it is gone", 2),
            ("AC-2", "refused Given none When I redeem it Then it is refused", 7),
        ],
    ),
    "gherkin": (
        """
        ```gherkin
        Feature: coupons
          # a comment
          @tag
          Scenario: gone
            Given a coupon
            Then it is gone
          Scenario: refused
            Given none
        ```
        """,
        [("AC-1", "gone Given a coupon Then it is gone", 6), ("AC-2", "refused Given none", 9)],
    ),
    "prose, when nothing is listed": (
        "As a customer I want coupons, so that I come back.\n\nA code\nexists once.\n\nNone is worth nothing.",
        [("AC-1", "A code exists once.", 4), ("AC-2", "None is worth nothing.", 7)],
    ),
    "a table": (
        """
        | ID | Criterion |
        |---|---|
        | AC-7 | One. |
        | | Two. |
        """,
        [("AC-7", "One.", 4), ("AC-1", "Two.", 5)],
    ),
    "code and what looks like code stays": (
        "- `GET /a` answers with `x_y` and a < b <!-- or so --> &amp; c.",
        [("AC-1", "`GET /a` answers with `x_y` and a < b & c.", 2)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_criteria_are_found(name: str) -> None:
    text, expected = CASES[name]
    spec = read("## Acceptance criteria\n" + textwrap.dedent(text).strip("\n"))
    assert [(item.id, item.text, item.line) for item in spec.criteria] == expected


def test_requirements_are_read_when_there_are_no_criteria() -> None:
    assert [item.text for item in read("## Requirements\n- One.").criteria] == ["One."]
    spec = read("## Requirements\n- One.\n## Acceptance criteria\n- Two.")
    assert [item.text for item in spec.criteria] == ["Two."]


def test_an_id_that_stands_twice_is_a_contradiction() -> None:
    problems = read_problems("## Acceptance criteria\n- AC-1: One.\n- AC-01: Two.")
    assert [(problem.line, problem.quote) for problem in problems] == [(3, "- AC-01: Two.")]
    assert "line 2" in problems[0].message

"""The parts of an issue, however it is written, and what the reader says of one that it cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.spec.errors import MAX_PROBLEMS
from bot.spec.reader import MAX_BODY, SpecError, read_spec
from tests.spec.plain import read, read_problems

SPECS = Path(__file__).parents[2] / "examples" / "specs"

FORM = """
### Summary

Coupons for regulars.

### User stories and acceptance criteria

- A code exists once.

### API

_No response_

### Data model

```sql
CREATE TABLE coupons (id bigint PRIMARY KEY);
```

### Technology stack

_No response_
"""


def test_the_rendered_form_is_read() -> None:
    spec = read(FORM)
    assert [section.key for section in spec.sections] == [
        "summary",
        "acceptance criteria",
        "api",
        "data model",
        "technology stack",
    ]
    assert spec.summary == "Coupons for regulars."
    assert [(item.id, item.text, item.line) for item in spec.criteria] == [("AC-1", "A code exists once.", 7)]
    assert spec.data_model.statements[0].sql == "CREATE TABLE coupons (id bigint PRIMARY KEY)"
    stack = spec.find_section("technology stack")
    assert stack is not None
    assert stack.text == ""


TITLES = [
    ("# Data model", "data model"),
    ("###### Database Schema:", "data model"),
    ("Data Model\n----------", "data model"),
    ("## 3. Data model", "data model"),
    ("## 3.1) **Data Model** (Postgres)", "data model"),
    ("## `Entities`", "data model"),
    ("**Data model**", "data model"),
    ("__API:__", "api"),
    ("## REST API", "api"),
    ("## Endpoints 🚀", "api"),
    ("## Acceptance Criteria", "acceptance criteria"),
    ("## User Stories & Acceptance Criteria", "acceptance criteria"),
    ("## User stories / acceptance criteria", "acceptance criteria"),
    ("## Tech Stack", "technology stack"),
    ("## Non-functional requirements", "performance"),
    ("## Non-goals", "out of scope"),
    ("## Open Questions?", "open questions"),
    ("## Rollout", "rollout"),
]


@pytest.mark.parametrize(("heading", "key"), TITLES)
def test_headings_in_the_words_that_people_use(heading: str, key: str) -> None:
    spec = read(f"Text before.\n\n{heading}\n\nText below.\n")
    assert [(section.key, section.text, section.line) for section in spec.sections] == [(key, "Text below.", 3)]


def test_order_and_level_are_free() -> None:
    spec = read("""
        #### Edge cases
        None.
        # API
        - GET /a
        ## Summary
        Something.
        """)
    assert [section.key for section in spec.sections] == ["edge cases", "api", "summary"]
    assert spec.summary == "Something."
    assert spec.endpoints[0].path == "/a"


def test_what_is_no_heading_begins_nothing() -> None:
    spec = read("""
        ## Summary
        ```text
        ## API
        GET /in-a-fence
        ```
        > ## API
        > GET /quoted
        <!--
        ## API
        - GET /in-a-comment
        -->
        \\## API
        """)
    assert [section.key for section in spec.sections] == ["summary"]
    assert spec.endpoints == ()
    assert "in-a-comment" not in spec.summary


def test_sections_below_an_unknown_heading_are_found() -> None:
    spec = read("# Coupons\nFor regulars.\n## Background of it\nx\n## API\n- GET /a\n")
    assert [section.title for section in spec.sections] == ["Coupons", "Background of it", "API"]
    assert (spec.summary, len(spec.endpoints)) == ("For regulars.", 1)


def test_a_section_that_comes_twice_is_read_twice() -> None:
    spec = read("## API\n- GET /a\n## Summary\nx\n## Endpoints\n- GET /b\n")
    assert [endpoint.path for endpoint in spec.endpoints] == ["/a", "/b"]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_lines_are_counted_alike_whatever_ends_them(end: str) -> None:
    spec = read_spec("t", f"## API{end}odd\u2028separators\x0b\x85here{end}- GET /a{end}")
    assert spec.endpoints[0].line == 3
    assert len(spec.body.splitlines()) == 3


def test_prose_has_a_summary_only() -> None:
    spec = read("We would like <!-- really --> to have **coupons**,\nplease.\n\nSoon.")
    assert spec.summary == "We would like  to have coupons,\nplease."
    assert spec.data_model.is_empty


@pytest.mark.parametrize("body", ["", "\n\n", "_No response_", "### Summary\n\n_No response_\n", "<!-- x -->"])
def test_nothing_is_a_spec_that_asks_for_nothing(body: str) -> None:
    spec = read_spec("", body)
    assert (spec.summary, spec.criteria, spec.endpoints, spec.data_model.is_empty) == ("", (), (), True)


def test_all_problems_are_told_with_lines_and_quotes() -> None:
    problems = read_problems("""
        ## API
        | Method | Path |
        |---|---|
        | FETCH | /a |
        ## Data model
        ```yaml
        tables:
          Orders:
            columns: {id: int eger}
          lines:
            colums: {id: integer}
        ```
        ```sql
        DROP ROLE admin;
        CREAT TABLE x ();
        ```
        """)
    assert [(problem.line, problem.quote) for problem in problems] == [
        (4, "| FETCH | /a |"),
        (8, "Orders:"),
        (9, "columns: {id: int eger}"),
        (11, "colums: {id: integer}"),
        (14, "DROP ROLE admin;"),
        (15, "CREAT TABLE x ();"),
    ]
    assert {problem.kind for problem in problems} == {"error"}
    assert "`columns`" in problems[3].expected


def test_of_very_many_problems_the_first_are_told() -> None:
    problems = read_problems("## Data model\n```sql\n" + "SELECT 1;\n" * 500 + "```")
    assert len(problems) == MAX_PROBLEMS


def test_an_issue_longer_than_the_forge_allows_is_refused() -> None:
    read_spec("t", "x" * MAX_BODY)
    with pytest.raises(SpecError, match="too long"):
        read_spec("t", "x" * (MAX_BODY + 1))


@pytest.mark.parametrize("character", ["\x00", "\ud800", "\udfff"])
def test_characters_that_no_text_holds_are_refused(character: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_spec("t", f"a\nb{character}")
    assert [problem.line for problem in caught.value.problems] == [2]
    with pytest.raises(SpecError):
        read_spec(character, "")


EXAMPLES = {
    "01-loyalty.md": (6, 3, 0, ["loyalty_status", "loyalty_reason"], [("loyalty_tiers", 4), ("loyalty_accounts", 6),
        ("loyalty_transactions", 7), ("loyalty_rewards", 4), ("loyalty_tier_rewards", 2)]),
    "02-orders-status.md": (6, 2, 7, [], []),
    "03-gap.md": (4, 2, 0, [], [("gift_cards", 5), ("orders", 2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_read_whole(name: str) -> None:
    criteria, endpoints, statements, enums, tables = EXAMPLES[name]
    spec = read_spec(name, (SPECS / name).read_text())
    assert [item.id for item in spec.criteria] == [f"AC-{number}" for number in range(1, criteria + 1)]
    assert (len(spec.endpoints), len(spec.data_model.statements)) == (endpoints, statements)
    assert [enum.name for enum in spec.data_model.enums] == enums
    assert [(table.name, len(table.columns)) for table in spec.data_model.tables] == tables
    assert {section.key for section in spec.sections} >= {"summary", "acceptance criteria", "api", "data model"}


def test_an_issue_in_nobody_s_format() -> None:
    spec = read_spec("Reviews", (Path(__file__).parent / "free_form.md").read_text())
    assert spec.summary.startswith("We want customers to leave reviews")
    assert [item.text for item in spec.criteria] == [
        "A customer can review a book once; editing is allowed",
        "Rating is between 1 and 5",
        "Given a hidden review, when listing reviews, then it isn't shown",
    ]
    assert [(item.method, item.path) for item in spec.endpoints] == [
        ("POST", "/books/{book_id}/reviews"),
        ("GET", "/books/{book_id}/reviews"),
    ]
    assert [link.path for link in spec.links] == ["bookshop/models/book.py"]
    reviews, books = spec.data_model.tables
    customer = next(column for column in reviews.columns if column.name == "customer_id")
    assert (customer.nullable, customer.references, customer.comment) == (False, "customers(id)", "who wrote it")
    assert [(item.kind, item.columns) for item in reviews.constraints] == [
        ("unique", ("book_id", "customer_id")),
        ("index", ("book_id", "created_at DESC")),
    ]
    assert (books.name, [column.name for column in books.columns]) == ("books", ["rating_avg"])


def test_an_example_in_detail() -> None:
    spec = read_spec("t", (SPECS / "01-loyalty.md").read_text())
    lines = spec.body.split("\n")
    accounts = spec.data_model.tables[1]
    status = next(column for column in accounts.columns if column.name == "status")
    assert (status.type, status.nullable, status.default) == ("loyalty_status", False, "'active'")
    assert lines[status.line - 1].strip().startswith("status: ")
    assert [(item.kind, item.expression, item.name) for item in accounts.constraints] == [
        ("check", "points_balance >= 0", "ck_loyalty_accounts_points_balance_not_negative")
    ]
    index = spec.data_model.tables[2].constraints[1]
    assert (index.kind, index.columns) == ("index", ("account_id", "created_at"))
    assert spec.endpoints[0].description == "Join the programme; 409 when the customer is a member already"

"""The body of the pull request: golden files, its order, its length, and hostile text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.gates.result import GateResult
from bot.implement.changeset import Changeset, CriterionEvidence
from bot.migration.finding import Finding
from bot.migration.lint_result import LintResult, Suppressed
from bot.pull_request.body import LEVELS, MAX_CHARACTERS, SECTIONS, render_body
from bot.pull_request.report import Report
from bot.schema.change import Change
from bot.schema.model import Column
from bot.spec.model import Criterion, Endpoint, Spec
from bot.workspace.tree import FileChange
from tests.pull_request import reports
from tests.words.golden import check_golden
from tests.words.rendered import list_kinds, list_linkable, list_tokens

GOLDEN = Path(__file__).parent / "golden"
HEADINGS = [
    "Acceptance criteria",
    "Migration",
    "Tests and checks",
    "Review checklist",
    "How to roll back",
    "How to go on from here",
]
HEADINGS_STAGED = [*HEADINGS[:2], "How to deploy", *HEADINGS[2:]]
HOSTILE = "x </details> @everyone ``` #777 | <!-- specwright:status -->\n## [a](http://b.c) \u202e~~~ closes #778"


def make_hostile() -> Report:
    """Every text that comes from outside does its worst."""
    report, text = reports.make_draft(), HOSTILE
    assert report.proof is not None
    assert report.tests_after is not None
    finding = Finding(text, "warning", text, 1, text, text, text, text)
    column = Column(text, text, nullable=False, default=text)
    change = Change("add", "column", "public", text, None, column, "orders")
    spec = Spec(
        text, text, text, criteria=(Criterion("AC-1", text, 1),), endpoints=(Endpoint("GET", f"/{text}", text, 2),)
    )
    return replace(
        report,
        title=text,
        actor=text,
        label=text,
        base_branch=text,
        spec=spec,
        changeset=Changeset(
            (text,), (text,), (text, f"endpoint GET /{text}"), (CriterionEvidence("AC-1", text, (text,)),), (text,)
        ),
        changes=(FileChange(f"tests/{text}", "deleted", 0, False, "100644"),),
        gates=(GateResult("tests", "failed", text, (text,)),),
        lint=LintResult((finding,), (Suppressed(replace(finding, severity="error"), text),), (text,)),
        proof=replace(
            report.proof,
            base_revision=text,
            revisions=(text,),
            changes=(*report.proof.changes, change),
            unfilled=(("orders", text),),
            steps=tuple(replace(step, detail=text) for step in report.proof.steps),
            upgrade_sql=text,
            downgrade_sql=text,
            server_version=text,
        ),
        tests_after=reports.make_tests((text, "failed"), message=text),
    )


CASES: dict[str, Callable[[], Report]] = {
    "draft": reports.make_draft,
    "ready": reports.make_ready,
    "staged": reports.make_staged,
    "lossy": reports.make_lossy,
    "unproved": reports.make_unproved,
    "without_database": reports.make_without_database,
    "hostile": make_hostile,
}


def list_headings(body: str) -> list[str]:
    tokens = list(list_tokens(body))
    return [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]


def check_structure(body: str) -> None:
    """Whether every fence and fold ends: an open one would swallow a heading or leave a tag without its other half."""
    assert len(body) <= MAX_CHARACTERS
    html = "".join(token.content for token in list_tokens(body) if token.type == "html_block")
    assert html.count("<details") == html.count("</details>")
    assert set(re.findall(r"<[^>]*>", html)) <= {"<details>", "<details open>", "</details>", "<summary>", "</summary>"}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    check_golden(GOLDEN / f"{name}.md", render_body(CASES[name]()))


@pytest.mark.parametrize("name", CASES)
def test_the_sections_stand_in_their_order(name: str) -> None:
    report = CASES[name]()
    body = render_body(report)
    assert list_headings(body) == (HEADINGS_STAGED if report.revisions else HEADINGS)
    check_structure(body)


def test_hostile_text_is_only_text() -> None:
    body = render_body(make_hostile())
    assert not any(word in text for text in list_linkable(body) for word in ("@everyone", "#777", "#778", "http://"))
    links = [token.attrs["href"] for token in list_tokens(body) if token.type == "link_open"]
    assert links[-1] == "https://bot.example.com/runs/7?key=abc"
    assert all(link.startswith("https://bot.example.com/rules/") for link in links[:-1])
    assert not any(kind.startswith(("<!--", "image", "s_open", "</details> @")) for kind in list_kinds(body))


def test_only_what_is_ready_closes_the_issue() -> None:
    assert render_body(reports.make_ready()).startswith("Closes #12\n")
    for name in set(CASES) - {"ready"}:
        assert render_body(CASES[name]()).startswith("Refs #12\n"), name


def make_long(report: Report, *, sql: int = 0, lines: int = 0, line: str = "x") -> Report:
    """The report with that much SQL and so many lines of everything else."""
    assert report.proof is not None
    texts = tuple(f"{line} {number}" for number in range(lines))
    criteria = tuple(Criterion(f"AC-{number}", text, number) for number, text in enumerate(texts))
    changes = tuple(
        Change("add", "column", "public", text[:60], None, Column(text[:60], "text", default="'x'"), "orders")
        for text in texts
    )
    return replace(
        report,
        spec=replace(report.spec, criteria=criteria),
        changeset=Changeset(texts, texts, texts, (), texts),
        gates=tuple(GateResult(f"gate {number}", "failed", text, texts) for number, text in enumerate(texts[:8])),
        proof=replace(report.proof, upgrade_sql="x" * sql, changes=(*report.proof.changes, *changes)),
        diagram="erDiagram\n" + "    a\n" * lines,
        tests_after=reports.make_tests(*((text, "failed") for text in texts), message=line),
    )


def test_sql_is_the_first_to_be_left_out() -> None:
    report = make_long(reports.make_ready(), sql=70_000, lines=3)
    body = render_body(report)
    check_structure(body)
    assert "the SQL is left out" in body
    assert "```mermaid" in body
    assert "```sql" in render_body(make_long(reports.make_ready(), sql=40_000, lines=3))


def test_long_lists_end_in_how_many_more() -> None:
    body = render_body(make_long(reports.make_ready(), lines=200, line="a line of some length"))
    check_structure(body)
    assert list_headings(body) == HEADINGS
    assert re.search(r"- … and \d+ more\n", body)


def test_a_section_that_is_still_too_long_says_that_it_is_missing() -> None:
    report = replace(reports.make_staged(), notices=("n" * 70_000,))
    body = render_body(report)
    check_structure(body)
    assert body.count("is left out, as GitHub takes at most") == len(SECTIONS)


def test_each_level_tells_less() -> None:
    lengths = [(level.items, level.few, level.boxes, level.characters, level.sql, level.diagram) for level in LEVELS]
    assert lengths == sorted(lengths, reverse=True)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=8, deadline=None)
@given(
    st.integers(0, 80_000),
    st.integers(0, 60),
    st.one_of(st.text(max_size=200), st.sampled_from(["$" * 1000, "@a|" * 300, "`" * 900, HOSTILE, "a\n" * 500])),
)
def test_no_report_is_too_long_for_github(sql: int, lines: int, line: str) -> None:
    check_structure(render_body(make_long(reports.make_draft(), sql=sql, lines=lines, line=line)))

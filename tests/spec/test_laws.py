"""What holds of every text: it is a spec or is told why not, lines are right, and the canonical form keeps it."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.spec.canonical import read_canonical, render_canonical
from bot.spec.gaps import find_gaps
from bot.spec.model import DataModel, Spec
from bot.spec.reader import SpecError, read_spec
from tests.spec.models import MODELS
from tests.spec.plain import drop_lines
from tests.spec.test_gaps import BASE
from tests.spec.texts import ANY_TEXT, FRAGMENTS

quietly = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def find_spec(text: str) -> Spec | None:
    try:
        return read_spec("A title", text)
    except SpecError as error:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert error.problems
        assert all(problem.line is None or 0 < problem.line <= len(lines) for problem in error.problems)
        assert all(problem.message and problem.expected for problem in error.problems)
        return None


@quietly
@given(ANY_TEXT)
def test_any_text_is_a_spec_or_is_told_why_not(text: str) -> None:
    spec = find_spec(text)
    if spec is not None:
        find_gaps(spec, None)
        find_gaps(spec, BASE)


def expect_kept(spec: Spec) -> None:
    text = render_canonical(spec, 7)
    again = read_canonical(text)
    for kept in ("data_model", "criteria", "endpoints", "title", "summary"):
        assert drop_lines(getattr(again, kept)) == drop_lines(getattr(spec, kept)), kept
    assert again.openapi == spec.openapi
    assert render_canonical(again, 7) == text


@quietly
@given(ANY_TEXT)
def test_the_canonical_form_keeps_what_is_read(text: str) -> None:
    spec = find_spec(text)
    if spec is not None:
        expect_kept(spec)


@quietly
@given(MODELS)
def test_the_canonical_form_keeps_every_model(model: DataModel) -> None:
    expect_kept(Spec("t", "", "s", data_model=model))


@settings(quietly, max_examples=60)
@given(st.sampled_from(FRAGMENTS), st.integers(0, 30))
def test_lines_point_at_what_they_are_the_lines_of(fragment: str, above: int) -> None:
    spec = find_spec("\n" * above + fragment)
    if spec is None:
        return
    lines = spec.body.split("\n")
    for line, word in list_places(spec):
        assert word.lower() in lines[line - 1].lower()


def list_places(spec: Spec) -> Iterator[tuple[int, str]]:
    for section in spec.sections:
        yield section.line, section.title.split()[0].strip("`*")
    for criterion in spec.criteria:
        yield criterion.line, criterion.text.split()[0]
    for endpoint in spec.endpoints:
        yield endpoint.line, endpoint.path
    for statement in spec.data_model.statements:
        yield statement.line, statement.sql.split()[0]
    for table in spec.data_model.tables:
        yield table.line, table.name
        for column in table.columns:
            yield column.line, column.name
        for constraint in table.constraints:
            yield constraint.line, (constraint.columns or (constraint.expression or "",))[0]
    for link in spec.links:
        yield link.line, link.path

"""The gates as a whole: all are found, explained and run, and one that breaks has failed."""

from __future__ import annotations

import pytest

from bot.gates import get_gates, get_help, run_gates
from bot.gates.result import GateResult, count, from_json, quote, to_json
from tests.gates.contexts import make_context

NAMES = ("contract", "criteria", "lint", "migration", "old_code", "paths", "secrets", "tests")


def test_every_gate_is_found_by_its_file() -> None:
    assert tuple(get_gates()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_gate_says_what_it_checks(name: str) -> None:
    assert get_help(name).partition("\n")[0].endswith(".")


def test_results_bear_the_names_of_their_gates() -> None:
    assert tuple(result.name for result in run_gates(make_context())) == NAMES


def test_a_gate_that_breaks_has_failed() -> None:
    results = {result.name: result for result in run_gates(make_context(changes=None))}
    assert results["paths"] == GateResult("paths", "failed", "could not be checked: TypeError")
    assert results["criteria"].state == "skipped"


def test_results_go_through_json() -> None:
    result = GateResult("tests", "open", "so", ("a", "b"))
    assert from_json(to_json(result)) == result
    with pytest.raises(ValueError, match="'green' is no state"):
        from_json({**to_json(result), "state": "green"})


def test_names_are_quoted_whatever_they_hold() -> None:
    assert (quote("a`b"), count(1, "row"), count(2, "row")) == ("`a'b`", "1 row", "2 rows")

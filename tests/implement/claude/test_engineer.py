"""The rounds of work, checks, review and repair."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.implement.claude.answers import Analysis
from bot.implement.claude.budget import Limits
from bot.implement.claude.engineer import ROUNDS, Asked, Outcome, implement
from bot.implement.claude.stages import Brief, analyse, plan
from bot.implement.claude.tools.finish import Summary
from bot.playground.claude.script import Answer, use
from bot.playground.claude.script import Asked as Request
from tests.implement.claude.desk import Bench, open_bench

DEFECT = {"path": "app.py", "what": "two requests at once", "severity": "high"}
FINISH = use("finish", criteria=[], endpoints=[], done=["it"], not_done=[], notes=[])
EMPTY = {"entities": [], "endpoints": [], "criteria": [], "constraints": [], "assumptions": [], "gaps": []}


def work(bench: Bench, *checks: Sequence[str]) -> Outcome:
    """The engineer's work; each time it is checked, the next of these is found, then nothing."""
    left = list(checks)

    def judge(summary: Summary) -> Sequence[str]:
        return left.pop(0) if left else ()

    return implement(bench.make_desk(), Brief("the spec"), bench.place, "Do it.", judge)


def list_said(bench: Bench) -> str:
    return json.dumps([body["messages"][-1] for body in bench.claude.requests])


def test_what_is_found_goes_back_until_nothing_is(tmp_path: Path) -> None:
    def policy(asked: Request) -> Answer:
        reviews = sum(1 for body in bench.claude.requests if Request(body).stage == "review")
        if asked.stage == "review":
            return Answer(json.dumps({"defects": [] if reviews else [DEFECT]}))
        return FINISH

    with open_bench(tmp_path, policy) as bench:
        outcome = work(bench, ["tests: 1 failed"])
        assert (outcome.status, outcome.found) == ("finished", ())
        assert outcome.summary is not None
        said = list_said(bench)
        assert said.index("tests: 1 failed") < said.index("two requests at once")
        stages = [Request(body).stage for body in bench.claude.requests]
        assert stages == ["implement", "implement", "review", "implement", "review"]
        asked = len(bench.claude.requests)
        assert work(bench) == outcome  # taken up by another worker: all of it is in the transcript
        assert len(bench.claude.requests) == asked
        assert bench.claude.refused == []


def test_it_ends_though_something_is_found_each_time(tmp_path: Path) -> None:
    with open_bench(tmp_path, lambda asked: FINISH) as bench:
        outcome = work(bench, *[["tests: 1 failed"]] * ROUNDS)
        assert outcome.status == "finished"
        assert len(bench.claude.requests) == ROUNDS


def test_a_review_sees_the_change_and_not_the_conversation(tmp_path: Path) -> None:
    write = use("str_replace_based_edit_tool", command="create", path="new.py", file_text="SECRET_SAUCE = 1\n")

    def policy(asked: Request) -> Answer:
        if asked.stage == "review":
            assert asked.turn == 0
            assert "+SECRET_SAUCE = 1" in asked.last
            assert "Do it." not in asked.everything
            assert "tools" not in asked.body
            return Answer('{"defects": []}')
        return write if asked.turn == 0 else FINISH

    with open_bench(tmp_path, policy) as bench:
        assert work(bench).status == "finished"


def test_a_budget_that_ends_in_the_middle_keeps_the_last_summary(tmp_path: Path) -> None:
    with open_bench(tmp_path, lambda asked: FINISH) as bench:
        bench.limits = Limits(1, 60, 10**9, 1000)
        outcome = work(bench, ["tests: 1 failed"])
        assert (outcome.status, outcome.reason) == ("out of budget", "1 answer of the model")
        assert outcome.summary is not None


def test_a_question_ends_it(tmp_path: Path) -> None:
    question = {"question": "Which tax?", "expected": "a rate", "line": 3}
    with open_bench(tmp_path, lambda asked: use("ask", questions=[question])) as bench, pytest.raises(Asked) as asked:
        work(bench)
    assert [item.model_dump() for item in asked.value.questions] == [question]


def test_an_answer_that_does_not_fit_its_form_is_asked_for_again(tmp_path: Path) -> None:
    def policy(asked: Request) -> Answer:
        if asked.stage == "plan":
            return Answer('{"files": []}')
        return Answer("Well, " if asked.turn == 0 else json.dumps({**EMPTY, "assumptions": [{"text": "x", "line": 2}]}))

    with open_bench(tmp_path, policy) as bench:
        desk, brief = bench.make_desk(), Brief("the spec")
        analysis = analyse(desk, brief)
        assert isinstance(analysis, Analysis)
        assert [point.line for point in analysis.assumptions] == [2]
        assert plan(desk, brief, analysis).files == []
        assert bench.claude.refused == []

"""The loop, against the Messages API over HTTP: what it keeps, how it goes on, how it ends."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.implement.claude.budget import Limits, count_spent
from bot.implement.claude.conversation import Desk, Ended, Talk, converse, render_messages
from bot.implement.claude.decide import GO_ON, REMINDER
from bot.implement.claude.transcript import Transcript
from bot.playground.claude.script import Answer, Asked, Call, edit, use
from bot.store import Entry, Store
from tests.implement.claude.desk import WIDE, Bench, open_bench

DONE = use("finish", criteria=[], endpoints=[], done=["all"], not_done=[], notes=[])
EDITS = (
    edit("view", "."),
    Answer(
        thinking="Two at once.",
        calls=(
            Call("str_replace_based_edit_tool", {"command": "create", "path": "new.py", "file_text": "A = 1\n"}),
            Call("run_command", {"command": "cat new.py >> app.py; ls"}),
        ),
    ),
    edit("str_replace", "app.py", old_str="VALUE = 1", new_str="VALUE = 2"),
    DONE,
)


def play(*answers: Answer) -> Any:
    """A policy that says these by turns, the last for ever."""
    return lambda asked: answers[min(asked.turn, len(answers) - 1)]


def talk_with(bench: Bench, desk: Desk | None = None) -> str:
    """The conversation to its end, which is finished or has a name."""
    desk = desk or bench.make_desk()
    bench.place.restore(desk.transcript.find_patch() or "")
    try:
        done = converse(desk, Talk("implement", "You are.", bench.place), "task", ["the spec", "Do it."])
    except Ended as end:
        return f"{end.status}: {end.reason}"
    return str((done.ending or {})["kind"])


def show(entries: list[Entry]) -> list[Any]:
    """What a transcript says, without times."""
    return [(entry.conversation, entry.kind, entry.content) for entry in entries]


def test_what_the_model_does_is_done_and_kept(tmp_path: Path) -> None:
    with open_bench(tmp_path, play(*EDITS)) as bench:
        assert talk_with(bench) == "finished"
        root = bench.place.tree.path
        assert (root / "app.py").read_text() == "VALUE = 2\nA = 1\n"
        assert (root / "new.py").read_text() == "A = 1\n"
        entries = Transcript.open(bench.store, bench.run_id).entries
        kinds = [entry.kind for entry in entries]
        assert kinds == ["prompt", "reply", "result", "reply", "result", "result", "reply", "result", "reply", "result"]
        assert "docs/" in entries[2].content["text"]
        assert bench.claude.refused == []
        assert count_spent(entries).turns == len(bench.claude.requests) == 4


class Crash(BaseException):
    """The worker is gone."""


class CrashingStore(Store):
    """A store whose worker dies at the line of that number, before or after it is there."""

    at, before = 0, True

    def add_entry(self, run_id: int, number: int, *arguments: Any) -> Entry:
        if number == self.at and self.before:
            raise Crash
        entry = super().add_entry(run_id, number, *arguments)
        if number == self.at:
            raise Crash
        return entry


@pytest.mark.parametrize("before", [True, False])
def test_a_worker_that_dies_at_any_line_asks_for_nothing_twice(tmp_path: Path, before: bool) -> None:
    with open_bench(tmp_path, play(*EDITS)) as bench:
        assert talk_with(bench) == "finished"
        whole, patch = show(Transcript.open(bench.store, bench.run_id).entries), bench.place.tree.patch()
        url = bench.store.engine.url.render_as_string(hide_password=False)
        for number in range(1, len(whole) + 1):
            _forget(bench)
            store = CrashingStore(url)
            store.at, store.before = number, before
            with pytest.raises(Crash):
                talk_with(bench, bench.make_desk(store))
            store.close()
            kept = len(Transcript.open(bench.store, bench.run_id).entries)
            assert kept == (number - 1 if before else number)
            assert talk_with(bench) == "finished"
            assert _without_ids(show(Transcript.open(bench.store, bench.run_id).entries)) == _without_ids(whole)
            assert bench.place.tree.patch() == patch
            lost = before and whole[number - 1][1] == "reply"  # an answer that came, and was not kept
            assert len(bench.claude.requests) == 4 + lost


def _forget(bench: Bench) -> None:
    """Everything that was said in the run."""
    with bench.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM transcript")
    bench.claude.requests.clear()


def _without_ids(lines: list[Any]) -> str:
    """The ids that the API counts up are others each time; how much was cached is, too."""
    kept = [(name, kind, {k: v for k, v in content.items() if k != "usage"}) for name, kind, content in lines]
    text = json.dumps(kept)
    for number in range(1, 400):
        text = text.replace(f"_{number:06}", "_n")
    return text


@pytest.mark.parametrize(
    ("policy", "limits", "end"),
    [
        pytest.param(play(edit("view", ".")), {"turns": 3}, "out of budget: 3 answers of the model", id="turns"),
        pytest.param(play(edit("view", ".")), {"tokens": 5000}, "out of budget: 5,000 tokens", id="tokens"),
        pytest.param(play(edit("view", ".")), {"cost_usd": 0.01}, "out of budget: $0.01", id="money"),
        pytest.param(play(edit("view", ".")), {"minutes": 1e-9}, "out of time: 1e-09 minutes", id="minutes"),
        pytest.param(
            play(Answer(stop_reason="refusal", explanation="That is harmful.")),
            {},
            "refused: That is harmful.",
            id="refusal",
        ),
        pytest.param(play(Answer("So.")), {}, "failed: the model was reminded 3 times", id="no tool is ever called"),
        pytest.param(
            play(Answer("So", stop_reason="model_context_window_exceeded")),
            {},
            "out of budget: the model can hold no more",
            id="context window",
        ),
        pytest.param(play(use("ask", questions=[{"question": "?", "expected": "!"}])), {}, "asked", id="a question"),
    ],
)
def test_every_end_has_a_name(tmp_path: Path, policy: Any, limits: dict[str, Any], end: str) -> None:
    with open_bench(tmp_path, policy) as bench:
        bench.limits = Limits(**{"turns": 100, "minutes": 60, "tokens": 10**9, "cost_usd": 1e6, **limits})
        assert talk_with(bench).startswith(end)
        assert talk_with(bench).startswith(end)  # and a worker that takes it up comes to the same end
        assert bench.limits != WIDE
        assert bench.claude.refused == []


def test_what_is_cut_off_is_not_run(tmp_path: Path) -> None:
    half = Call("run_command", {"command": "touch half"})

    def policy(asked: Asked) -> Answer:
        if asked.turn == 0:
            return Answer(calls=(half,), stop_reason="max_tokens")
        if asked.turn == 1:
            assert "was not run" in asked.last
            return Answer("I was about to", stop_reason="max_tokens")
        assert asked.turn != 2 or asked.last == GO_ON
        return Answer("Let me wait.") if asked.turn == 2 else DONE

    with open_bench(tmp_path, policy) as bench:
        assert talk_with(bench) == "finished"
        assert bench.place.commands == []
        assert REMINDER in json.dumps(bench.claude.requests[-1]["messages"])


def test_pause_turn_is_sent_back_as_it_is(tmp_path: Path) -> None:
    with open_bench(tmp_path, play(Answer("Thinking on", stop_reason="pause_turn"), DONE)) as bench:
        assert talk_with(bench) == "finished"
        assert [message["role"] for message in bench.claude.requests[-1]["messages"]] == ["user", "assistant"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (Call("sudo", {}), "there is no tool 'sudo'"),
        (Call("run_command", {}), "command: Field required"),
        (Call("run_command", {"command": "x", "timeout_seconds": "soon"}), "timeout_seconds"),
        (Call("str_replace_based_edit_tool", {"command": "undo_edit", "path": "a"}), "does not fit"),
        (Call("finish", {"criteria": "all"}), "criteria"),
        (Call("ask", {"questions": []}), "questions"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_so(tmp_path: Path, call: Call, says: str) -> None:
    with open_bench(tmp_path, play(Answer(calls=(call,)), DONE)) as bench:
        assert talk_with(bench) == "finished"
        (result,) = bench.claude.requests[1]["messages"][-1]["content"]
        assert result["is_error"]
        assert says in result["content"][0]["text"]


def test_a_long_result_is_cut_in_its_middle_and_kept_whole(tmp_path: Path) -> None:
    with open_bench(tmp_path, play(use("run_command", command="seq 1 9999"), DONE)) as bench:
        talk_with(bench)
        entry = next(entry for entry in bench.store.list_entries(bench.run_id) if entry.kind == "result")
        shown, full = entry.content["text"], entry.content["full"]
        assert len(shown) < 13_000 < len(full)
        assert "characters left out" in shown
        assert "\n5000\n" not in shown
        assert "\n5000\n" in full
        assert shown.endswith("9999")


def test_secrets_are_taken_out_of_all_that_is_sent(tmp_path: Path) -> None:
    with open_bench(tmp_path, play(use("run_command", command="echo hush-1234"), DONE)) as bench:
        desk = bench.make_desk(redact=lambda text: text.replace("hush-1234", "[secret]"))
        converse(desk, Talk("implement", "You are.", bench.place), "task", ["spec: hush-1234", "Do it."])
        user = [message for message in bench.claude.requests[-1]["messages"] if message["role"] == "user"]
        assert "hush-1234" not in json.dumps(user)
        assert json.dumps(user).count("[secret]") == 2


def test_the_prefix_of_a_request_is_the_request_before(tmp_path: Path) -> None:
    with open_bench(tmp_path, play(*EDITS)) as bench:
        talk_with(bench)
        bodies = [_drop_breakpoints(body) for body in bench.claude.requests]
        for before, after in pairwise(bodies):
            assert after["messages"][: len(before["messages"])] == before["messages"]
            assert {**after, "messages": 0} == {**before, "messages": 0}
        entries = list(bench.store.list_entries(bench.run_id))
        assert json.dumps(render_messages(entries)[:-2]) == json.dumps(bodies[-1]["messages"])


def _drop_breakpoints(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _drop_breakpoints(value) for key, value in body.items() if key != "cache_control"}
    return [_drop_breakpoints(item) for item in body] if isinstance(body, list) else body

"""The transcript of a run, on both databases."""

from __future__ import annotations

import pytest

from bot.store import Store, TranscriptTaken
from tests.store.runs import make_run

REPLY = {"content": [{"type": "text", "text": "é \u2028 <>"}], "usage": {"input": 3}, "model": "claude", "z": 1, "a": 2}


def test_lines_come_back_in_their_order_and_as_they_were(store: Store) -> None:
    run_id = make_run(store)
    store.add_entry(run_id, 1, "implement", "prompt", {"text": "Do it."})
    store.add_entry(run_id, 2, "implement", "reply", REPLY, 1.5)
    first, second = store.list_entries(run_id)
    assert (first.kind, first.content, first.duration_seconds) == ("prompt", {"text": "Do it."}, 0.0)
    assert (second.content, list(second.content), second.duration_seconds) == (REPLY, list(REPLY), 1.5)


def test_a_line_is_written_by_one_worker(store: Store) -> None:
    run_id = make_run(store)
    store.add_entry(run_id, 1, "implement", "prompt", {})
    with pytest.raises(TranscriptTaken):
        store.add_entry(run_id, 1, "implement", "prompt", {})
    assert len(store.list_entries(run_id)) == 1


def test_costs_leave_the_rest_out(store: Store) -> None:
    run_id = make_run(store)
    store.add_entry(run_id, 1, "implement", "prompt", {"text": "long"}, 2)
    store.add_entry(run_id, 2, "implement", "reply", REPLY, 1.5)
    costs = [(entry.kind, entry.content, entry.duration_seconds) for entry in store.list_costs(run_id)]
    assert costs == [
        ("prompt", {"usage": None, "model": None}, 2),
        ("reply", {"usage": {"input": 3}, "model": "claude"}, 1.5),
    ]

"""Changesets are stored and read back, and joined without losing or repeating anything."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.implement.changeset import Changeset, CriterionEvidence, from_json, merge, to_json

lines = st.lists(st.text(max_size=8), max_size=4).map(tuple)
evidence = st.builds(CriterionEvidence, st.sampled_from(["AC-1", "AC-2"]), st.text(max_size=8), lines)
changesets = st.builds(Changeset, lines, lines, lines, st.lists(evidence, max_size=3).map(tuple), lines)


@given(changesets)
def test_round_trip(changeset: Changeset) -> None:
    assert from_json(json.loads(json.dumps(to_json(changeset)))) == changeset


@given(st.lists(changesets, max_size=3))
def test_merging_keeps_everything_once(parts: list[Changeset]) -> None:
    merged = merge(parts)
    assert set(merged.not_done) == {line for part in parts for line in part.not_done}
    assert len(set(merged.not_done)) == len(merged.not_done)
    assert {item.criterion_id for item in merged.criteria} == {i.criterion_id for part in parts for i in part.criteria}
    tests = {test for part in parts for item in part.criteria for test in item.tests}
    assert {test for item in merged.criteria for test in item.tests} == tests
    assert merge([merged]) == merged

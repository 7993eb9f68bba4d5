"""Histories of more than two hundred revisions, as they are in the wild, go the whole way without configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.migration.bench import Benches
from tests.migration.histories.write import TEAMS, Team, count_kinds, list_revisions, write_history
from tests.migration.layouts.walk import walk

by_team = pytest.mark.parametrize("team", TEAMS, ids=[team.name for team in TEAMS])


@by_team
def test_the_history_is_like_real_ones(team: Team) -> None:
    revisions = dict(list_revisions(team))
    assert len(revisions) >= max(team.count, 200)
    assert dict(list_revisions(team)) == revisions
    assert all(count >= 1 for count in count_kinds(revisions).values()), count_kinds(revisions)


@by_team
def test_the_whole_way(target_benches: Benches, team: Team) -> None:
    def start(root: Path, _: Mapping[str, str] | None) -> Path:
        return write_history(team, root)

    bench = target_benches.open(start=start)
    history = bench.runner.history()
    assert len(history.revisions) >= team.count
    table = max(bench.ensure_base().schema.tables, key=lambda table: len(table.foreign_keys)).name
    walked = walk(bench, f"ALTER TABLE {table} ADD COLUMN remark varchar(80);", "Remarks")
    (file,) = walked.files
    assert file.path.is_relative_to(team.location)
    assert file.notes == ()
    assert walked.base.revision == history.heads[0]
    assert len(walked.base.schema.tables) > 20
    assert sum(walked.proof.rows.values()) > 0

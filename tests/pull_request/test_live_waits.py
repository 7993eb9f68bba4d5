"""What waits for how much, by the sizes of a live database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.live.sizes import LiveSizes, TableSize
from bot.migration.way import Cause, ProvedStatement, Way
from bot.pull_request.live_waits import classify, find_live_waits
from bot.words.text import render_amount, render_bytes
from tests.pull_request import reports
from tests.pull_request.schemas import SHIPPING

GIGABYTE = 10**9


def make_way(kind: str, table: str = "orders") -> Way:
    lock = replace(reports.make_lock("orders", "AccessExclusiveLock", grows=True), first=1, last=2)
    statements = (
        ProvedStatement("ALTER TABLE", "r", 0.1, 1),
        ProvedStatement("ALTER TABLE", "r", 0.1, 1, (Cause(kind, table),)),  # type: ignore[arg-type]
    )
    return Way(statements, (lock,), is_observed=True)


@pytest.mark.parametrize(
    ("kind", "gigabytes", "lasts"),
    [
        ("scan", 0.05, "a moment"),
        ("scan", 3, "seconds"),
        ("validation", 60, "minutes"),
        ("index", 3, "minutes"),
        ("rewrite", 3, "minutes"),
        ("rewrite", 300, "hours"),
    ],
)
def test_what_lasts_how_long(kind: str, gigabytes: float, lasts: str) -> None:
    proof = reports.make_proof(SHIPPING, "", "", upgrade=make_way(kind))
    sizes = LiveSizes("production", {"orders": TableSize(1, round(gigabytes * GIGABYTE), 0)})
    (wait,) = find_live_waits(proof, sizes).waits
    assert wait.lasts == lasts


def test_a_lock_is_held_while_another_table_is_read() -> None:
    proof = reports.make_proof(SHIPPING, "", "", upgrade=make_way("scan", "items"))
    sizes = LiveSizes("production", {"orders": TableSize(1, 9, 9), "items": TableSize(1, 9 * GIGABYTE, 0)})
    found = find_live_waits(proof, sizes)
    (wait,) = found.waits
    assert (wait.lock.table, [work.table for work in wait.works], wait.lasts) == ("orders", ["items"], "minutes")
    assert [table for table, _ in found.quiet] == ["orders"]


def test_no_lock_no_wait() -> None:
    proof = reports.make_proof(SHIPPING, "", "")
    assert find_live_waits(proof, LiveSizes("production", {"orders": TableSize(1, GIGABYTE, 0)})).waits == ()


def test_classes_are_ordered() -> None:
    assert [classify(10**power) for power in (0, 8, 10, 12)] == ["a moment", "seconds", "minutes", "hours"]


def test_amounts_and_sizes_for_people() -> None:
    amounts = (0, 940, 9_999, 12_345, 999_600, 1_000_000, 1_240_000, 12_345_678, 3_000_000_000)
    assert [*map(render_amount, amounts)] == [
        "0",
        "940",
        "9,999",
        "12,300",
        "1 million",
        "1 million",
        "1.2 million",
        "12 million",
        "3 billion",
    ]
    sizes = (0, 999, 8192, 81_920, 2_600_000_000, 3 * 10**12)
    assert [*map(render_bytes, sizes)] == ["0 bytes", "999 bytes", "8.2 kB", "82 kB", "2.6 GB", "3 TB"]

"""docs/changes.md lists the changes that the tests prove, no more and no fewer, and what it says of them is good."""

from __future__ import annotations

import re

from benchmarks.changes import PAGE, list_changes


def read_rows() -> dict[str, list[list[str]]]:
    sections = re.split(r"^## (.+)\n", PAGE.read_text(), flags=re.MULTILINE)
    return {
        title: [re.split(r" (?<!\\)\| ", line.strip("| ")) for line in text.splitlines()[3:] if line.startswith("| ")]
        for title, text in zip(sections[1::2], sections[2::2], strict=True)
    }


def test_the_page_lists_every_change() -> None:
    assert {title: [row[0] for row in rows] for title, rows in read_rows().items()} == list_changes()


def test_the_changes_are_as_many_as_were_asked_for() -> None:
    counts = [len(names) for names in list_changes().values()]
    assert counts[0] >= 120
    assert counts[2] >= 30


def test_every_change_was_applied_and_rolled_back() -> None:
    rows = [row for rows in read_rows().values() for row in rows]
    assert [row for row in rows if row[2] != "yes" or not row[3].startswith("yes") or "UNSAID" in row[4]] == []
    assert sum(row[3] != "yes" for row in rows) <= 1  # a key to a table whose rows went

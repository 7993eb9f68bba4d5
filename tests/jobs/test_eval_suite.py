"""Suites of evaluation tasks: ours are whole, others are refused with what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.cli.eval import render_table
from jobs.eval_suite import BadSuite, read_suite
from jobs.evaluate import Count, Score

SUITE = Path(__file__).parents[2] / "examples" / "evals"
SPEC = "# Shelves\n\n## Acceptance criteria\n1. A shelf has a label.\n"
FILES = {"suite.yml": "base: .\n", "a/spec.md": SPEC, "a/hidden/test_a.py": "def test_a(): ...\n"}
WHOLE = {**FILES, "a/probes/test_b.py": "import os\n\ndef test_b(): ...\n\ndef help(): ...\n"}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_our_tasks_are_whole_and_have_a_score() -> None:
    tasks, page = read_suite(SUITE), (SUITE.parents[1] / "docs" / "eval.md").read_text()
    assert len(tasks) >= 8
    for task in tasks:
        assert f"| {task.name} |" in page
        assert f" of {len(task.tests['hidden'])} | " in page
        assert task.criteria >= 4, task.name
        assert len(task.tests["hidden"]) >= 5, task.name
        assert len(task.tests["probes"]) >= 2, task.name


def test_a_task_is_read(tmp_path: Path) -> None:
    (task,) = read_suite(write(tmp_path, WHOLE))
    assert (task.name, task.title, task.criteria, task.base) == ("a", "Shelves", 1, tmp_path)
    assert task.tests == {
        "hidden": ["tests/specwright_hidden/test_a.py::test_a"],
        "probes": ["tests/specwright_probes/test_b.py::test_b"],
    }
    assert sorted(task.files) == [
        "tests/specwright_hidden/__init__.py",
        "tests/specwright_hidden/test_a.py",
        "tests/specwright_probes/__init__.py",
        "tests/specwright_probes/test_b.py",
    ]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "must say `base:"),
        ({"suite.yml": "- base"}, "must say `base:"),
        ({"suite.yml": "base: elsewhere"}, "is no folder"),
        ({"suite.yml": "base: ."}, "holds no task"),
        (FILES, "a/probes holds no test"),
        ({**WHOLE, "a/spec.md": "Shelves\n"}, "must begin with a heading"),
        ({**WHOLE, "a/spec.md": SPEC + "\n## Data model\n```sql\nCREATE TABLE\n```\n"}, "a/spec.md: "),
    ],
)
def test_what_is_no_suite(tmp_path: Path, files: dict[str, str], says: str) -> None:
    with pytest.raises(BadSuite, match=says):
        read_suite(write(tmp_path, files))


def test_the_table_adds_runs_up() -> None:
    def make(task: str, hidden: int, status: str = "finished", detail: str = "") -> Score:
        counts = (Count(1, 2), Count(1, 1), Count(hidden, 7), Count(0, 3))
        return Score(task, status, detail, *counts, 0.25, 61)

    scores = [make("auth", 2), make("auth", 3), make("names", 0, "failed", "The proof did not hold.")]
    assert "\n".join(render_table("claude-opus-5-5", scores)).splitlines() == [
        "Implementer: claude-opus-5-5, 3 runs.",
        "",
        "| Task | End | Criteria | Proof | Hidden tests | Probes | Cost | Time |",
        "|---|---|---|---|---|---|---:|---:|",
        "| auth | finished | 2 of 4 | 2 of 2 | 5 of 14 | 0 of 6 | $0.50 | 2 min 02 s |",
        "| names | failed | 1 of 2 | 1 of 1 | 0 of 7 | 0 of 3 | $0.25 | 1 min 01 s |",
        "| **all** | finished, failed | 3 of 6 | 3 of 3 | 5 of 21 | 0 of 9 | $0.75 | 3 min 03 s |",
        "",
        "names: failed: The proof did not hold.",
    ]

"""`specwright eval` as an operator types it, on a suite of one small task."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.playground.claude.script import Answer, Asked
from bot.playground.claude.server import KEY, open_claude
from bot.workspace.sandbox import Sandbox
from tests.end_to_end.loyalty_script import make_analysis
from tests.end_to_end.site import BOOKSHOP, link_environments
from tests.end_to_end.test_interruptions import SMALL
from tests.jobs.processes import SPECWRIGHT

HIDDEN = """from sqlalchemy import inspect


def test_there_are_shelves(engine):
    assert inspect(engine).has_table("shelves")


def test_there_is_a_page_of_shelves(client):
    assert client.get("/shelves").status_code == 200
"""
PROBES = """def test_nobody_adds_a_shelf(client):
    assert client.post("/shelves").status_code == 401


def test_that_cannot_be_set_up(something_else): ...
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    files = {
        "suite.yml": f"base: {BOOKSHOP}\n",
        "shelves/spec.md": SMALL,
        "shelves/hidden/test_shelves.py": HIDDEN,
        "shelves/probes/test_shelves.py": PROBES,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def data() -> Iterator[Path]:
    """Outside of pytest's own folder, which each session closes to other users again; one of them is Postgres."""
    with tempfile.TemporaryDirectory(prefix="sw-eval-") as directory:
        link_environments(Path(directory), "eval/bookshop")
        yield Path(directory)


def run_eval(suite: Path, data: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [str(SPECWRIGHT), "eval", "--suite", str(suite), "--data", str(data), *options]
    environment = {"PATH": os.environ["PATH"], "PYTHONSAFEPATH": "1", **variables}
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


def read_score(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    (score,) = json.loads(done.stdout)["scores"]
    return {key: tuple(value.values()) if isinstance(value, dict) else value for key, value in score.items()}


@pytest.mark.long
def test_the_blueprint_is_scored_by_what_it_did(suite: Path, data: Path, sandbox: Sandbox) -> None:
    score = read_score(run_eval(suite, data, "--json"))
    assert score["status"] == "finished"
    assert (score["criteria"], score["proof"]) == ((1, 1), (1, 1))
    assert (score["hidden"], score["probes"]) == ((1, 2), (0, 2))
    assert score["cost_usd"] == 0


def test_a_model_that_only_asks_has_reached_nothing(suite: Path, data: Path, sandbox: Sandbox) -> None:
    def ask(asked: Asked) -> Answer:
        gap = {"question": "How many shelves may there be?", "expected": "a number", "line": 1}
        return Answer(json.dumps(make_analysis(gaps=[gap])))

    with open_claude(ask) as claude:
        access = {"SPECWRIGHT_ANTHROPIC_API_KEY": KEY, "SPECWRIGHT_ANTHROPIC_BASE_URL": claude.url}
        score = read_score(run_eval(suite, data, "--json", "--model", "claude-opus-5-5", **access))
        assert [request["model"] for request in claude.requests] == ["claude-opus-5-5"]
    assert (score["status"], score["cost_usd"] > 0) == ("asked", True)
    assert [score[name] for name in ("criteria", "proof", "hidden", "probes")] == [(0, 1), (0, 1), (0, 2), (0, 2)]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--task", "other"), "there is no task other; there are shelves"),
        (("--model", "claude-opus-5-5"), "--model needs SPECWRIGHT_ANTHROPIC_API_KEY"),
    ],
)
def test_what_cannot_be_tried(suite: Path, data: Path, options: tuple[str, ...], says: str) -> None:
    done = run_eval(suite, data, *options)
    assert (done.returncode, says in done.stderr) == (2, True)

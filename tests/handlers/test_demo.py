"""`specwright demo` as a newcomer types it: real processes, and none of them left."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from bot.workspace.sandbox import Sandbox
from handlers.cli.local.folder import MARKER
from tests.end_to_end.test_interruptions import SMALL
from tests.jobs.processes import SPECWRIGHT, wait_until

ROOT = Path(__file__).parents[2]
QUESTION = "# Shelves\n\n## Data model\n```yaml\ntables:\n  shelves:\n    columns:\n      label: {type: TBD}\n```\n"
DEADLINE_SECONDS = 300


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The demo's folder, with the environments that other tests have built."""
    cache = ROOT / ".data" / "test-cache"
    cache.mkdir(parents=True, exist_ok=True)
    (tmp_path / "demo" / "bot").mkdir(parents=True)
    (tmp_path / "demo" / MARKER).touch()
    (tmp_path / "demo" / "bot" / "environments").symlink_to(cache)
    return tmp_path / "demo"


def start(data: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [SPECWRIGHT, "demo", "--data", str(data), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=data.parent)


def find_processes(data: Path) -> list[str]:
    """Command lines of the processes that have the folder in theirs, or that were started from there."""
    found = subprocess.run(["pgrep", "-af", str(data)], capture_output=True, text=True, check=False).stdout
    return [line for line in found.splitlines() if "pgrep" not in line]


def test_the_demo_ends_with_the_pull_request(data: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    spec = tmp_path / "spec.md"
    spec.write_text(SMALL)
    process = start(data, "--spec", str(spec))
    output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0, output
    for words in ("✓ GitHub on localhost", "✓ Write models and migration", "## Migration", "Pull request: http"):
        assert words in output
    wait_until(lambda: not find_processes(data), "no process of the demo is left", deadline_seconds=150)


def test_a_question_is_shown_and_told_by_the_exit_code(data: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    spec = tmp_path / "spec.md"
    spec.write_text(QUESTION)
    process = start(data, "--spec", str(spec))
    output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 3, output
    assert "TBD" in output


def test_ctrl_c_ends_every_process(data: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    process = start(data, "--serve")
    wait_until((data / "logs" / "worker.log").exists, "the worker is started")
    second = start(data)
    assert "a demo is running" in second.communicate(timeout=DEADLINE_SECONDS)[0]
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode != 0
    wait_until(lambda: not find_processes(data), "no process of the demo is left", deadline_seconds=150)

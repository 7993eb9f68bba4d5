"""`specwright demo` as a newcomer types it: real processes, and none of them left."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.workspace.sandbox import Sandbox
from handlers.cli.local.folder import MARKER
from tests.end_to_end.test_interruptions import SMALL
from tests.jobs.processes import SPECWRIGHT, wait_until
from tests.workspace.trees import list_mounts

ROOT = Path(__file__).parents[2]
QUESTION = "# Shelves\n\n## Data model\n```yaml\ntables:\n  shelves:\n    columns:\n      label: {type: TBD}\n```\n"
DEADLINE_SECONDS = 300


@pytest.fixture
def data() -> Iterator[Path]:
    """The demo's folder, with the environments that other tests have built.

    Not in pytest's own folder: each session of pytest closes that one to all other users again, and one is Postgres.
    """
    cache = ROOT / ".data" / "test-cache"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sw-demo-") as directory:
        demo = Path(directory) / "demo"
        (demo / "bot").mkdir(parents=True)
        (demo / MARKER).touch()
        (demo / "bot" / "environments").symlink_to(cache)
        yield demo


def start(data: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [SPECWRIGHT, "demo", "--data", str(data), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=data.parent)


def find_processes(data: Path) -> list[str]:
    """Command lines of the processes that have the folder in their command line or environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            facts = [(process / name).read_bytes() for name in ("cmdline", "environ")]
        except OSError:  # it has ended, or is somebody else's
            continue
        if int(process.name) != os.getpid() and any(str(data).encode() in fact for fact in facts):
            found.append(facts[0].replace(b"\0", b" ").decode(errors="replace"))
    return found


def test_the_demo_ends_with_the_pull_request(data: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    spec = tmp_path / "spec.md"
    spec.write_text(SMALL)
    process = start(data, "--spec", str(spec))
    output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0, output
    for words in ("✓ GitHub on localhost", "✓ Write models and migration", "## Migration", "Pull request: http"):
        assert words in output
    wait_until(lambda: not find_processes(data), "what was killed last has ended", deadline_seconds=10)


@pytest.mark.long
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
    wait_until((data / "bot" / "runs").exists, "the run has its files")
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode != 0
    wait_until(lambda: not find_processes(data), "what was killed last has ended", deadline_seconds=10)
    assert list_mounts(data) == []


def test_a_folder_that_no_demo_made_is_not_emptied(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    output, _ = start(precious).communicate(timeout=DEADLINE_SECONDS)
    assert "is not empty and no demo made it" in output
    assert (precious / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--repo", "."], "--repo needs --spec"),
        (["--spec", "binary"], "is no UTF-8 text"),
        (["--spec", "absent"], "does not exist"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\0")
    process = start(tmp_path / "demo", *arguments)
    output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode != 0 and words in output
    assert not (tmp_path / "demo").exists()

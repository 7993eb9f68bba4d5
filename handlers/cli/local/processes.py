"""The demo's processes: started one by one, logged to files, all ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

READY_TIMEOUT_SECONDS = 60
GRACE_SECONDS = 10
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProcessFailed(Exception):
    """A process ended, or was not ready in time; the message carries the end of its log."""


@dataclass
class Processes:
    """A group of child processes; leaving the context ends them, the youngest first."""

    log_dir: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Processes:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _uninterrupted():
            for name in reversed(list(self.running)):
                self.stop(name)

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str], is_ready: Callable[[], bool]) -> None:
        """Starts a process in a session of its own, so that Ctrl-C reaches only us, and waits until it is ready.

        Raises `ProcessFailed` with the end of its log.
        """
        with self.get_log(name).open("wb") as log, _uninterrupted():
            self.running[name] = subprocess.Popen(
                argv,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait(name, is_ready)

    def get_log(self, name: str) -> Path:
        """Where the output of that process goes."""
        return self.log_dir / f"{name}.log"

    def check(self) -> None:
        """Raises `ProcessFailed` when one of them has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise ProcessFailed(f"{name} ended with exit code {process.returncode}:\n{self._read_tail(name)}")

    def stop(self, name: str) -> None:
        """Asks the process to end; whatever of its session is there after the grace time has to."""
        process = self.running.pop(name)
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        _end_session(process.pid)
        process.wait()

    def _wait(self, name: str, is_ready: Callable[[], bool]) -> None:
        pause = threading.Event()
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while not is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{name} was not ready in {READY_TIMEOUT_SECONDS} s:\n{self._read_tail(name)}")
            pause.wait(0.05)

    def _read_tail(self, name: str) -> str:
        return self.get_log(name).read_text(errors="replace")[-3000:]


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits for the end of the body: no process is started that we do not know of, none is left behind."""
    if threading.current_thread() is not threading.main_thread():  # signals come to the main thread alone
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def _end_session(session: int) -> None:
    """Ends what a process has left, such as its jobs, and waits until they are gone and hold nothing any more."""
    deadline = time.monotonic() + GRACE_SECONDS
    while (groups := _list_groups(session)) and time.monotonic() < deadline:
        for group in groups:
            _signal_group(group, signal.SIGKILL)
        time.sleep(0.02)


def _list_groups(session: int) -> set[int]:
    """The living process groups of a session: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html."""
    groups = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, _, group, its_session, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
            if int(its_session) == session and state != "Z":
                groups.add(int(group))
    return groups

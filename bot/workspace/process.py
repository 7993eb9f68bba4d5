"""One process, run with limits: its output bounded while it is read, its whole group ended when a limit is reached."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from bot.workspace.bounded_output import BoundedOutput

WATCH_INTERVAL_SECONDS = 0.2
DRAIN_SECONDS = 1.0
READ_BYTES = 65_536
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. None means unlimited.

    `memory_bytes` and `processes` (threads count) are totals of all processes of the run, `file_bytes` is the size of
    one file, `disk_bytes` what the file system may lose of its free space while the run lasts, `output_bytes` how much
    of each of stdout and stderr is kept.
    """

    timeout_seconds: float = 600
    memory_bytes: int | None = 4096 * MIB
    processes: int | None = 512
    file_bytes: int | None = 1024 * MIB
    disk_bytes: int | None = 8192 * MIB
    output_bytes: int = 8 * MIB


@dataclass(frozen=True, slots=True)
class Completed:
    """How a run ended. `exceeded` names what ended it: time, memory, processes, disk, or stop when it was told to."""

    returncode: int
    stdout: str
    stderr: str
    duration_seconds: float
    timed_out: bool = False
    exceeded: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it ended by itself and with status 0."""
        return self.returncode == 0 and self.exceeded is None and not self.timed_out


@dataclass(frozen=True, slots=True)
class Tether:
    """What holds a program that is kept running: a file descriptor to be its stdin, and the event that ends it."""

    stdin: int
    stop: Event = field(default_factory=Event)


Watch = Callable[[], str | None]


def run_process(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    limits: Limits,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    tether: Tether | None = None,
    watch: Callable[[subprocess.Popen[bytes]], Watch] = lambda process: lambda: None,
) -> Completed:
    """Run `argv` in a session of its own with exactly the environment `env`, and wait for its end.

    `watch` makes, for the started process, the function that is asked five times a second which limit is exceeded.
    Raises `OSError` when the program cannot be started.
    """
    started = time.monotonic()
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL if tether is None else tether.stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(env),
        cwd=cwd,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    ) as process:
        stdout, stderr = BoundedOutput(limits.output_bytes), BoundedOutput(limits.output_bytes)
        try:
            check = _check_also(tether, watch(process))
            exceeded = _read_until_end(process, stdout, stderr, started + limits.timeout_seconds, check)
        except BaseException:  # also when the bot itself is told to stop: nothing may go on without it
            kill_group(process)
            raise
        duration = time.monotonic() - started
    return Completed(process.returncode, stdout.text(), stderr.text(), duration, exceeded == "time", exceeded)


def _check_also(tether: Tether | None, check: Watch) -> Watch:
    return check if tether is None else lambda: "stop" if tether.stop.is_set() else check()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and everything that is still in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read_until_end(
    process: subprocess.Popen[bytes], stdout: BoundedOutput, stderr: BoundedOutput, deadline: float, check: Watch
) -> str | None:
    """Read both pipes until the process has ended. Returns the limit that was exceeded, after killing for it."""
    assert process.stdout is not None and process.stderr is not None  # noqa: S101 (we asked for pipes)
    with selectors.DefaultSelector() as selector:
        for pipe, output in ((process.stdout, stdout), (process.stderr, stderr)):
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, output)
        exceeded, next_check = None, time.monotonic() + WATCH_INTERVAL_SECONDS
        while exceeded is None and process.poll() is None:
            _read_ready(selector, WATCH_INTERVAL_SECONDS)
            now = time.monotonic()
            if now >= deadline:
                exceeded = "time"
            elif now >= next_check:
                exceeded, next_check = check(), now + WATCH_INTERVAL_SECONDS
        kill_group(process)
        _drain(selector)
    return exceeded


def _drain(selector: selectors.BaseSelector) -> None:
    """Read what is still in the pipes. A process that left the group may hold them open: it is not waited for."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while selector.get_map() and time.monotonic() < deadline:
        if not _read_ready(selector, 0):
            return


def _read_ready(selector: selectors.BaseSelector, timeout_seconds: float) -> bool:
    """Read once from each pipe that has something. Returns whether any had."""
    if not selector.get_map():
        time.sleep(min(timeout_seconds, 0.01))  # both pipes are closed, the process still runs
        return False
    ready = selector.select(timeout_seconds)
    for key, _ in ready:
        chunk = os.read(key.fd, READ_BYTES)
        if chunk:
            key.data.write(chunk)
        else:
            selector.unregister(key.fileobj)
    return bool(ready)

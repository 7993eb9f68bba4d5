"""The one way in which git is started: with an environment and a configuration that nobody else has a say in.

Git never gets a directory with a repository's files as its work tree: what it reads and writes are objects and
indexes in directories of ours. So no hook, filter, attribute, submodule or nested `.git` of a repository has a way in.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.workspace.git_errors import GitError, GitTimeout

LOCAL_TIMEOUT_SECONDS = 300.0
MAX_ERROR_CHARACTERS = 2000

_CONFIG = {
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.logAllRefUpdates": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.quotePath": "true",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "gc.autoDetach": "false",
    "http.followRedirects": "false",
    "init.defaultBranch": "main",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
}
# What a network may ask for; everything else of our own environment stays away from git.
_PASSED_ON = (
    "PATH",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "ALL_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git command printed. `error` has no control characters and no credential."""

    command: str
    returncode: int
    stdout: bytes
    error: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.stdout.decode(errors="replace")

    def describe(self) -> str:
        """One line: the command and why it failed."""
        return f"git {self.command}: {self.error or f'exit code {self.returncode}'}"


@dataclass(frozen=True, slots=True)
class Git:
    """A git directory, with an index and an object directory of its own where they differ."""

    directory: Path
    index: Path | None = None
    objects: Path | None = None
    work_tree: Path | None = None

    def run(
        self,
        *arguments: str,
        data: bytes | IO[bytes] = b"",
        env: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
    ) -> bytes:
        """What the command printed. Raises `GitError` when it fails, `GitTimeout` when it takes too long."""
        answer = self.try_run(*arguments, data=data, env=env, config=config)
        if answer.returncode != 0:
            raise GitError(answer.describe())
        return answer.stdout

    def try_run(
        self,
        *arguments: str,
        data: bytes | IO[bytes] = b"",
        env: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        protocol: str = "none",
        timeout_seconds: float = LOCAL_TIMEOUT_SECONDS,
        hide: Callable[[str], str] = str,
    ) -> Answer:
        """The command's answer, whatever it is.

        `data` is its standard input, `protocol` the one it may speak; `hide` takes secrets out of errors.

        Raises `GitTimeout`; `GitError` when git cannot be started.
        """
        command = arguments[0]
        environment = {**self._environment(config or {}, protocol), **(env or {})}
        source, feed = (subprocess.PIPE, data) if isinstance(data, bytes) else (data, None)
        with _start(arguments, environment, self.work_tree, source) as process:
            try:
                stdout, stderr = process.communicate(feed, timeout_seconds)
            except subprocess.TimeoutExpired as error:
                raise GitTimeout(f"git {command}: not done after {timeout_seconds:g} s") from error
        return Answer(command, process.returncode, stdout, _clean(hide(stderr.decode(errors="replace"))))

    @contextmanager
    def stream(self, *arguments: str, stdin: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
        """What the command prints, read while it runs; it is ended when the block is left before the output's end.

        Raises `GitError` when the output was read to its end and the command failed.
        """
        environment = self._environment({}, "none")
        source = subprocess.DEVNULL if stdin is None else stdin
        with (
            tempfile.TemporaryFile() as errors,
            _start(arguments, environment, self.work_tree, source, errors) as process,
        ):
            assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
            yield process.stdout
            if not process.stdout.read(1) and process.wait() != 0:
                errors.seek(0)
                error = _clean(errors.read().decode(errors="replace"))
                raise GitError(Answer(arguments[0], process.returncode, b"", error).describe())

    def _environment(self, config: Mapping[str, str], protocol: str) -> dict[str, str]:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment.setdefault("PATH", os.defpath)
        environment |= {
            "GIT_ALLOW_PROTOCOL": protocol,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DIR": str(self.directory.absolute()),
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "HOME": "/nonexistent",  # curl would read a .netrc there
            "LC_ALL": "C",
        }
        places = {
            "GIT_INDEX_FILE": self.index,
            "GIT_OBJECT_DIRECTORY": self.objects,
            "GIT_WORK_TREE": self.work_tree,
        }
        environment |= {name: str(place) for name, place in places.items() if place is not None}
        return environment | _render_config({**_CONFIG, **config})


def _render_config(config: Mapping[str, str]) -> dict[str, str]:
    """Configuration as environment variables: https://git-scm.com/docs/git-config#ENVIRONMENT."""
    variables = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


@contextmanager
def _start(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    directory: Path | None,
    stdin: IO[bytes] | int,
    stderr: IO[bytes] | int = subprocess.PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """Git in a process group of its own, which is ended with all its helpers when the block is left."""
    try:
        process = subprocess.Popen(
            ["git", *arguments],
            env=environment,
            cwd=directory or "/",
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
    except OSError as error:
        raise GitError(f"git {arguments[0]} could not be started: {error}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()


def _clean(text: str) -> str:
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+", " ", text).strip()
    return text if len(text) <= MAX_ERROR_CHARACTERS else f"…{text[-MAX_ERROR_CHARACTERS:]}"

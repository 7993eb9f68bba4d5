"""The proof of one new revision on a history of 10, 100 and 500, beside what a team would run on a fresh database.

Ours is all of `specwright verify`: both trees, the base's schema from its template, the models, the proof with rows,
the lint; in the sandbox. "Cold" builds the template by replaying the history (git, packages and Postgres are there
before). The peers run outside of any sandbox on the same server, with the same packages and compiled revisions
(`__pycache__`): `alembic upgrade head`, `downgrade -1`, `upgrade head`, and the built-in tests of pytest-alembic,
which is installed for this alone, into a folder that is removed. The ratio is of both together, as a team would run
them, to a warm run of ours. Neither puts rows into a table, watches locks or ends a session. In the histories that
grow every third revision makes a table; in the steady one there are four tables, whatever the length.
"""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uv

from benchmarks._alembic_project import VERSIONS, commit_project
from bot.workspace.databases import ScratchServer
from bot.workspace.sandbox import Sandbox, SandboxUnavailable, check_sandbox, get_sandbox
from bot.workspace.scratch_server import open_embedded
from jobs.verify import Verifier, find_commits

HISTORIES = ((10, True), (100, True), (500, True), (500, False))
ROUNDS = 3
PYTEST_ALEMBIC, PYTEST = "0.13.1", "pytest<9"  # it is not made for pytest 9, whose insides it would touch
PEER_LIMIT_SECONDS = 300
ALEMBIC = (("upgrade", "head"), ("downgrade", "-1"), ("upgrade", "head"))


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds. `stages` are the parts of a warm run; `tests` is None when it took longer than the limit."""

    cold: float
    warm: float
    stages: tuple[float, ...]
    alembic: float
    tests: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """`python` is the peers' interpreter; pytest-alembic may be missing there."""

    repository: Path
    data: Path
    python: Path
    has_tests: bool
    server: ScratchServer
    sandbox: Sandbox


def run() -> str:
    """A Markdown table, in seconds (median of the rounds, cold and pytest-alembic once), with ratios to a warm run."""
    lines = [
        "| revisions | tables | cold | warm | of which base, models, proof, lint | alembic up, down, up "
        "| pytest-alembic | both to warm |",
        "|---:|---:|---:|---:|---|---:|---:|---:|",
    ]
    load = os.getloadavg()[0]
    with _place() as place:
        for size, grows in HISTORIES:
            tables = commit_project(place.repository, size, grows=grows)
            lines.append(_render(place, size, tables, _measure(place)))
        confined = place.sandbox.__class__.__name__
    notes = [f"{os.cpu_count()} cores, load {load:.1f} before and {os.getloadavg()[0]:.1f} after; sandbox: {confined}."]
    if not place.has_tests:
        notes.append("pytest-alembic could not be installed, so it is left out.")
    return "\n".join([*lines, "", *notes])


def _render(place: Place, size: int, tables: int, found: Measured) -> str:
    stages = ", ".join(f"{seconds:.2f}" for seconds in found.stages)
    cells = [f"{size}", f"{tables}", f"{found.cold:.2f}", f"{found.warm:.2f}", stages]
    more = "" if found.tests is not None else "> "  # than what is known of the tests: their limit, or nothing
    tests = found.tests or (PEER_LIMIT_SECONDS if place.has_tests else 0)
    cells += [f"{found.alembic:.2f}", f"{more}{tests:.2f}" if place.has_tests else ""]
    cells += [f"{more}{(found.alembic + tests) / found.warm:.1f}×"]
    return f"| {' | '.join(cells)} |"


def _measure(place: Place) -> Measured:
    cold = sum(_verify(place))
    # A checkout that is in use has its revisions compiled; the sandbox sees a fresh one each time.
    subprocess.run([str(place.python), "-m", "compileall", "-q", "migrations"], cwd=place.repository, check=True)
    ours: list[tuple[float, ...]] = []
    theirs = []
    for _ in range(ROUNDS):
        ours.append(_verify(place))
        theirs.append(_run_alembic(place))
    stages = tuple(statistics.median(parts) for parts in zip(*ours, strict=True))
    warm = statistics.median(map(sum, ours))
    tests = _run_tests(place) if place.has_tests else None
    return Measured(cold, warm, stages, statistics.median(theirs), tests)


def _verify(place: Place) -> tuple[float, ...]:
    """Seconds of each stage; a stage begins when the verifier tells of it, the first one with the run."""
    times = [time.perf_counter()]
    verifier = Verifier(place.data, place.sandbox, place.server, lambda _: times.append(time.perf_counter()))
    verified = verifier.run(find_commits(place.repository, "HEAD~1"))
    times.append(time.perf_counter())
    assert verified.proof.ok, [step for step in verified.proof.steps if not step.ok]
    assert len(verified.proof.revisions) == 1
    del times[1]
    return tuple(end - begin for begin, end in itertools.pairwise(times))


def _run_alembic(place: Place) -> float:
    """What a script of the team's would do."""
    with _database(place) as env:
        started = time.perf_counter()
        for arguments in ALEMBIC:
            command = [str(place.python), "-m", "alembic", *arguments]
            subprocess.run(command, cwd=place.repository, env=env, check=True, capture_output=True)
        return time.perf_counter() - started


def _run_tests(place: Place) -> float | None:
    with _database(place) as env, suppress(subprocess.TimeoutExpired):
        started = time.perf_counter()
        command = [str(place.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--test-alembic"]
        limit = PEER_LIMIT_SECONDS
        done = subprocess.run(command, cwd=place.repository, env=env, capture_output=True, timeout=limit, check=False)
        assert b"4 passed" in done.stdout, done.stdout.decode()
        return time.perf_counter() - started
    return None


@contextmanager
def _database(place: Place) -> Iterator[dict[str, str]]:
    """The environment of a process that is to use a fresh database."""
    database = place.server.create()
    try:
        yield {"PATH": os.environ["PATH"], "DATABASE_URL": database.url("postgresql+psycopg")}
    finally:
        place.server.drop(database)


@contextmanager
def _place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="sw-bench-"))
    folder.chmod(0o755)
    repository, data = folder / "repository", folder / "data"
    repository.mkdir()
    try:
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=repository, check=True)
        python = folder / "peer" / "bin" / "python"
        has_tests = _install(python)
        with open_embedded(data / "postgres") as server:
            place = Place(repository, data, python, has_tests, server, _find_sandbox())
            commit_project(repository, 5, grows=True)
            _verify(place)  # installs the packages
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(python: Path) -> bool:
    """The peers' environment; whether pytest-alembic is in it."""
    program = uv.find_uv_bin()
    subprocess.run([program, "venv", "--quiet", str(python.parents[1])], check=True)
    # As in the environments that Specwright makes: no start compiles anew.
    install = [program, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    subprocess.run([*install, *(f"{name}=={version}" for name, version in VERSIONS.items())], check=True)
    added = subprocess.run([*install, f"pytest-alembic=={PYTEST_ALEMBIC}", PYTEST], check=False, capture_output=True)
    return added.returncode == 0


def _find_sandbox() -> Sandbox:
    try:
        check_sandbox("bubblewrap")
    except SandboxUnavailable:
        return get_sandbox("none")
    return get_sandbox("bubblewrap")

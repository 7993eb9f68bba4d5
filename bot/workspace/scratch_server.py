"""Opens the server of the scratch databases: the operator's own, or the embedded one."""

from __future__ import annotations

from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from bot.config import Settings
from bot.workspace.databases import ScratchServer, ScratchServerError
from bot.workspace.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresFailed
from bot.workspace.socket_forwarder import SocketForwarder

MINIMUM_VERSION = 130000  # DROP DATABASE … WITH (FORCE)


def open_server(settings: Settings) -> ScratchServer:
    """The server that `scratch_url` names, else the embedded one. Raises `ScratchServerError`."""
    if settings.scratch_url is None:
        return open_embedded(settings.data_dir / "postgres")
    try:
        url = sa.make_url(settings.scratch_url.get_secret_value())
    except sa.exc.ArgumentError as error:
        raise ScratchServerError("SPECWRIGHT_SCRATCH_URL is no URL like postgresql://user:password@host/") from error
    return open_own(url)


def open_embedded(folder: Path) -> ScratchServer:
    """The embedded server with its data in `folder`."""
    try:
        postgres = EmbeddedPostgres(folder)
    except (EmbeddedPostgresFailed, OSError) as error:
        raise ScratchServerError(str(error)) from error
    try:
        _close_maintenance_databases(postgres.url)
        return ScratchServer(postgres.url, postgres.socket_dir, is_durable=False, on_close=postgres.close)
    except psycopg.Error as error:
        postgres.close()
        raise ScratchServerError(f"the embedded Postgres does not answer: {error}") from error


def open_own(url: sa.URL) -> ScratchServer:
    """A server of the operator's, to be used for scratch databases alone."""
    try:
        _check(url)
        _refuse_trust(url)
    except psycopg.Error as error:
        raise ScratchServerError(f"SPECWRIGHT_SCRATCH_URL: {error}") from error
    host = url.query.get("host", url.host)
    if isinstance(host, str) and host.startswith("/"):
        return ScratchServer(url, Path(host))
    # The sandbox has no network: a socket in a folder of its own leads to the server, and to nothing else.
    forwarder = SocketForwarder(url.host or "127.0.0.1", url.port or 5432)
    through = url.set(host=None, port=forwarder.PORT, query={"host": str(forwarder.socket_dir)})
    return ScratchServer(through, forwarder.socket_dir, on_close=forwarder.close)


def _check(url: sa.URL) -> None:
    with psycopg.connect(_render(url), connect_timeout=10) as connection:
        if connection.info.server_version < MINIMUM_VERSION:
            raise ScratchServerError("SPECWRIGHT_SCRATCH_URL: Postgres 13 or newer is needed")
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER").fetchone()
        if row is None or not row[0]:
            raise ScratchServerError("SPECWRIGHT_SCRATCH_URL: the user is no superuser")


def _refuse_trust(url: sa.URL) -> None:
    """Code in the sandbox reaches the server: who asks for no password there would let it in as superuser."""
    try:
        psycopg.connect(_render(url.set(password="wrong")), connect_timeout=10).close()  # noqa: S106
    except psycopg.OperationalError:
        return
    raise ScratchServerError(
        "SPECWRIGHT_SCRATCH_URL: the server takes any password for its superuser, so repository code could become "
        "one. Replace `trust` (and `peer`) by `scram-sha-256` in its pg_hba.conf."
    )


def _close_maintenance_databases(url: sa.URL) -> None:
    with psycopg.connect(_render(url), autocommit=True, connect_timeout=10) as connection:
        for name in ("postgres", "template1"):
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _render(url: sa.URL) -> str:
    return url.set(drivername="postgresql", database=url.database or "postgres").render_as_string(hide_password=False)

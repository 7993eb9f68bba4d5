"""Scratch databases: each with an owner of its own that is no superuser; templates of them, built once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import psycopg
import sqlalchemy as sa
from psycopg import sql

from bot.config import Settings
from bot.workspace.database_names import make_name, make_template_name
from bot.workspace.postgres_admin import PostgresAdmin
from bot.workspace.templates import TemplateShelf

CONNECTIONS_PER_DATABASE = 50


class ScratchServerError(Exception):
    """The server of the scratch databases cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """One scratch database; `name` is its owner's name too."""

    name: str
    server: sa.URL = field(repr=False)
    password: str = field(repr=False)

    def url(self, scheme: str = "postgresql") -> str:
        """The owner's URL, the same inside and outside of the sandbox. `scheme` may name SQLAlchemy's driver."""
        url = self.server.set(drivername=scheme, username=self.name, password=self.password, database=self.name)
        return url.render_as_string(hide_password=False)

    def engine(self) -> sa.Engine:
        """A new engine as the owner; dispose of it."""
        return sa.create_engine(self.url("postgresql+psycopg"))

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A connection as the owner, which is gone afterwards: nobody may be connected to what is copied."""
        engine = self.engine()
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


class ScratchServer:
    """A Postgres server on which databases are made, cloned and dropped.

    `admin_url` is a superuser's; `socket_dir` is the folder of the socket, which the sandbox must mount. Databases of
    processes that died are dropped when a server is opened: each carries its process's token in its name, and the
    process holds an advisory lock of that token as long as it lives. `is_durable` says that the server waits for its
    disk.
    """

    def __init__(
        self,
        admin_url: sa.URL,
        socket_dir: Path | None,
        *,
        is_durable: bool = True,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.socket_dir = socket_dir
        self._url = admin_url
        # Copying files asks for two checkpoints, which cost little then; else every page goes through the log.
        self._strategy = sql.SQL("" if is_durable else " STRATEGY FILE_COPY")
        self._on_close = on_close
        self._admin = PostgresAdmin(admin_url)
        self._shelf = TemplateShelf(self._admin)
        self._admin.sweep()

    @classmethod
    def from_settings(cls, settings: Settings) -> ScratchServer:
        """The server that the settings name, else the embedded one, started when it is not running.

        Raises `ScratchServerError`.
        """
        from bot.workspace.scratch_server import open_server

        return open_server(settings)

    def create(self, template: str | None = None) -> Database:
        """A new database, empty or with the contents of the template, all of which belongs to the new owner.

        Raises `ScratchServerError` when the template is not there.
        """
        with self._admin.connect() as connection:
            if template is not None and not self._shelf.has(connection, template):
                raise ScratchServerError(f"there is no template {template}")
            return self._create(connection, template)

    def copy(self, database: Database) -> Database:
        """A new database with all that another scratch database holds, while nobody is connected to that one."""
        with self._admin.connect() as connection:
            copy = self._create(connection, database.name)
            # REASSIGN OWNED has handed the original over, too, which would be dropped with the copy's owner.
            name = sql.Identifier(database.name)
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, name))
            return copy

    def drop(self, database: Database) -> None:
        """Drop the database, its owner and whatever else the owner made; also while there are connections."""
        with self._admin.connect() as connection:
            self._admin.drop(connection, database.name)

    @contextmanager
    def dropping(self, database: Database) -> Iterator[Database]:
        """The database, as long as the context is open; then it is dropped."""
        try:
            yield database
        finally:
            self.drop(database)

    def ensure_template(self, key: str, build: Callable[[Database], str | None], template: str | None = None) -> str:
        """The name of the template of `key`. `build` fills a new database (of `template`) when there is none yet.

        What it returns, if anything, is kept with the template as its note. Of `template` it is made as by `create`.
        Among all processes one builds and the others wait; of a build that raises or dies nothing stays.
        """
        name = make_template_name(key)
        with self._admin.connect() as connection:
            if not self._shelf.has(connection, name):
                with self._shelf.lock(connection, name):
                    if not self._shelf.has(connection, name):
                        self._build(connection, name, build, template)
            self._shelf.touch(connection, name)
        return name

    def get_note(self, template: str) -> str:
        """What was noted of the template when it was built; empty when nothing was."""
        with self._admin.connect() as connection:
            return self._shelf.get_note(connection, template)

    def read_version(self) -> str:
        """Product and version, as the pull request names them."""
        with self._admin.connect() as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {row[0] if row else ''}"

    def close(self) -> None:
        """Let go of the server; databases that were not dropped are dropped by whoever opens it next."""
        self._admin.close()
        self._on_close()

    def __enter__(self) -> ScratchServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _build(
        self,
        connection: psycopg.Connection,
        name: str,
        build: Callable[[Database], str | None],
        template: str | None,
    ) -> None:
        self._shelf.clear(connection)
        database = self.create(template)
        try:
            note = build(database)
            self._shelf.put(connection, database.name, name, note)
        except BaseException:
            self.drop(database)
            raise

    def _create(self, connection: psycopg.Connection, source: str | None) -> Database:
        name, password = make_name(self._admin.token), secrets.token_urlsafe(24)
        database = Database(name, self._url, password)
        try:
            self._make(connection, database, source)
        except BaseException:
            self._admin.drop(connection, name)
            raise
        return database

    def _make(self, connection: psycopg.Connection, database: Database, template: str | None) -> None:
        role = sql.Identifier(database.name)
        # CREATEDB: test suites that make databases of their own are common. They are dropped with their owner.
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CONNECTION LIMIT {} PASSWORD {}").format(
                role, sql.Literal(CONNECTIONS_PER_DATABASE), sql.Literal(database.password)
            )
        )
        source = sql.Identifier(template or "template0")
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(role, role, source)
        connection.execute(statement + self._strategy)
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
        if template is not None:
            with self._admin.connect(database.name) as inside:
                inside.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(sql.Identifier(template), role))

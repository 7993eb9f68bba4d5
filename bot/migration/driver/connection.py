"""The connection is ours, whatever way env.py gets its URL.

Every Postgres (or SQLite) URL that reaches SQLAlchemy's `create_engine` is replaced by the scratch database's, with a
driver that is installed. The variables that env.py reads (`url_variables` of the request) only have to be there.
"""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any

from .state import DriverError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

REQUEST_URL = "SPECWRIGHT_DATABASE_URL"
SYNC_DRIVERS = {"postgresql": ("psycopg2", "psycopg", "pg8000"), "sqlite": ("pysqlite",)}
ASYNC_DRIVERS = {"postgresql": ("asyncpg", "psycopg"), "sqlite": ("aiosqlite",)}
ONLY_ASYNC = ("+asyncpg", "+aiosqlite")
MODULES = {"pysqlite": "sqlite3"}
BACKENDS = {"postgres": "postgresql", "cockroachdb": "postgresql"}
KEPT_QUERY_KEYS = ("options", "application_name")


def get_scratch_url() -> URL:
    """The scratch database that the bot gave us."""
    from sqlalchemy.engine import make_url

    return make_url(os.environ[REQUEST_URL])


def get_url_part(part: str) -> str:
    """`part` is "url" (or "url:SCHEME"), or "host", "port", "username", "password", "database"."""
    url = get_scratch_url()
    if part == "url" or part.startswith("url:"):
        scheme = part[4:] or choose_driver(url.get_backend_name(), url.drivername, is_async=False)
        return render_url(url.set(drivername=scheme))
    if part == "host":
        return url.host or "localhost"
    if part == "port":
        return str(url.port or 5432)
    return str(getattr(url, part) or "")


def render_url(url: URL) -> str:
    """With a host even for a unix socket: validators (pydantic's PostgresDsn) refuse a URL without one.

    Slashes of the socket's path stay: an env.py that hands a percent sign to `set_main_option` would fail.
    """
    if url.get_backend_name() == "postgresql" and not url.host:
        url = url.set(host="localhost")
    return url.render_as_string(hide_password=False).replace("%2F", "/")


def redirect_engines() -> None:
    """Have `create_engine`, sync or async, called from whatever module, use the scratch database.

    Every way to an engine passes `URL._instantiate_plugins` (SQLAlchemy 1.4, 2.0 and 2.1: engine/create.py).
    """
    import sqlalchemy
    from sqlalchemy.engine import URL

    original = URL._instantiate_plugins
    tells = not sqlalchemy.__version__.startswith("1.")  # 1.4 does not tell that the engine is asynchronous

    def redirected(self: URL, kwargs: dict[str, Any]) -> Any:
        is_async = bool(kwargs.get("_is_async")) if tells else self.drivername.endswith(ONLY_ASYNC)
        return original(redirect(self, is_async), kwargs)

    URL._instantiate_plugins = redirected  # type: ignore[assignment, method-assign]  # the one choke point


def redirect(url: URL, is_async: bool) -> URL:
    """The scratch database's URL instead of `url`, unless that is of another kind or in memory."""
    scratch = get_scratch_url()
    backend = url.drivername.split("+")[0]
    backend = BACKENDS.get(backend, backend)
    if backend != scratch.get_backend_name() or (backend == "sqlite" and url.database in (None, "", ":memory:")):
        return url
    kept = {key: value for key, value in url.query.items() if key in KEPT_QUERY_KEYS}
    drivername = choose_driver(backend, url.drivername, is_async)
    return fit_socket(scratch.set(drivername=drivername), drivername).update_query_dict(kept)


def fit_socket(url: URL, drivername: str) -> URL:
    """pg8000 takes the socket's file where all others take its folder, as libpq does."""
    if not drivername.endswith("pg8000") or "host" not in url.query:
        return url
    file = "{}/.s.PGSQL.{}".format(url.query["host"], url.port or 5432)
    return url.difference_update_query(["host"]).update_query_dict({"unix_sock": file})


def choose_driver(backend: str, drivername: str, is_async: bool) -> str:
    """The URL's own driver when it is installed and fits, else the first known one that is."""
    known = (ASYNC_DRIVERS if is_async else SYNC_DRIVERS).get(backend, ())
    own = drivername.split("+")[1] if "+" in drivername else ""
    for driver in (own, *known):
        if driver in known and importlib.util.find_spec(MODULES.get(driver, driver)):
            return backend + "+" + driver
    kind = "asynchronous " if is_async else ""
    names = ", ".join(known)
    raise DriverError("no_driver", f"none of the {kind}{backend} drivers ({names}) is installed in the environment")

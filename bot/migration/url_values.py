"""The values of the variables that tell a repository's code its database, for its tests.

In migrations the driver sets them from inside the repository's interpreter; tests are run as the repository runs them,
so here the installed packages are looked at from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from bot.migration.driver.connection import SYNC_DRIVERS, render_url

DEFAULT_PORT = "5432"


def render_url_values(variables: Mapping[str, str], url: str, environment: Path) -> dict[str, str]:
    """Variable → value for `find_url_variables`' answer; `environment` is the root of the virtual environment."""
    parsed = sa.make_url(url)
    return {name: _render(part, parsed, environment) for name, part in variables.items()}


def _render(part: str, url: sa.URL, environment: Path) -> str:
    if part == "url" or part.startswith("url:"):
        scheme = part[4:] or f"{url.get_backend_name()}+{_find_driver(url.get_backend_name(), environment)}"
        return render_url(url.set(drivername=scheme))
    if part == "host":
        return url.host or str(url.query.get("host", "localhost"))  # libpq takes a socket's folder for a host
    if part == "port":
        return str(url.port or url.query.get("port", DEFAULT_PORT))
    return str(getattr(url, part) or "")


def _find_driver(backend: str, environment: Path) -> str:
    """The first driver that is installed; where none is, the error of the tests themselves says so best."""
    drivers = SYNC_DRIVERS[backend]
    installed = (name for name in drivers if any(environment.glob(f"lib/python*/site-packages/{name}")))
    return next(installed, drivers[0])

"""The project's own rows, a file of SQL in the repository: for tables whose rules no value made here meets."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.migration.errors import UnusableRows
from bot.migration.text_files import find_text

MAX_FILE_BYTES = 4 << 20
STATEMENT_TIMEOUT_SECONDS = 60


def read_own_rows(tree: Path, path: str) -> str:
    """The text of the file at `path` of `tree`. Raises `UnusableRows` when there is none."""
    file = tree / path
    text = find_text(file, MAX_FILE_BYTES) if file.resolve().is_relative_to(tree.resolve()) else None
    if text is None:
        raise UnusableRows(f"{path} is no text file of the repository of at most {MAX_FILE_BYTES >> 20} MiB")
    return text


def insert_own_rows(connection: sa.Connection, text: str, path: str) -> None:
    """Run the text of the file `path` as the owner of the scratch database. The caller commits.

    Raises `UnusableRows` when the server refuses it.
    """
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
    try:
        connection.exec_driver_sql(text.replace("%", "%%"))
    except DBAPIError as error:
        raise UnusableRows(f"{path}: {error.orig}") from error

"""Names that we make of others, no longer than Postgres keeps names."""

from __future__ import annotations

import hashlib

MAX_NAME_BYTES = 63  # NAMEDATALEN - 1, https://www.postgresql.org/docs/current/sql-syntax-lexical.html


def shorten_name(name: str) -> str:
    """The name, with a digest in place of its end where it is too long."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return name.encode()[: MAX_NAME_BYTES - 9].decode(errors="ignore") + f"_{digest}"

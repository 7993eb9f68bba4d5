"""Names of scratch databases and templates: what may be dropped must be told by its name alone."""

from __future__ import annotations

import hashlib
import re
import secrets

SCRATCH = re.compile(r"specwright_([0-9a-f]{8})_[0-9a-f]{16}")
TEMPLATE = re.compile(r"specwright_template_[0-9a-f]{32}")


def make_token() -> int:
    """A token for a process: it names the process's databases, and the advisory lock that says that it lives."""
    return secrets.randbelow(2**31)


def make_name(token: int) -> str:
    """A new name for a database of that process."""
    return f"specwright_{token:08x}_{secrets.token_hex(8)}"


def find_token(name: str) -> int | None:
    """The token of the process that made the database of that name; None when it is no scratch database."""
    match = SCRATCH.fullmatch(name)
    return int(match[1], 16) if match else None


def make_template_name(key: str) -> str:
    """The name of the template of a key."""
    return f"specwright_template_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def make_lock_number(template: str) -> int:
    """The number of a template's advisory lock, an int4."""
    return int(template[-8:], 16) & 0x7FFFFFFF

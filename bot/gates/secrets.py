"""No line that is added holds a secret, and no file is added that usually is one. What is found is never shown.

What is not text cannot be searched, and does not pass.
"""

from __future__ import annotations

from bot.gates.context import GateContext
from bot.gates.globs import find_glob
from bot.gates.patch import list_unreadable, read_added_lines
from bot.gates.result import GateResult, count, quote
from bot.gates.secret_patterns import find_secret

FILES = (
    ".env",
    ".env.local",
    ".env.prod*",
    ".netrc",
    ".pypirc",
    ".npmrc",
    ".pgpass",
    ".htpasswd",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "*.pem",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
)


def check(context: GateContext) -> GateResult:
    """Fails with the place and the kind of each secret."""
    there = [change.path for change in context.changes if change.kind != "deleted"]
    unread = [
        f"{quote(path)}: is not text, so it was not searched"
        for path in list_unreadable(context.patch)
        if path in there
    ]
    files = [f"{quote(path)}: a file that usually holds secrets" for path in there if find_glob(path, FILES)]
    lines = [
        f"{quote(line.path)}, line {line.number}: {kind}"
        for line in read_added_lines(context.patch)
        if (kind := find_secret(line.text)) is not None
    ]
    if files or lines:
        summary = f"{count(len(files) + len(lines), 'possible secret')} added"
        return GateResult("secrets", "failed", summary, (*files, *lines, *unread))
    if unread:
        return GateResult("secrets", "failed", f"{count(len(unread), 'file')} could not be searched", tuple(unread))
    return GateResult("secrets", "passed", "no added line looks like a secret")

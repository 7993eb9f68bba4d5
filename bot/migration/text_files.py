"""Text of a repository's files, which may be anything."""

from __future__ import annotations

from pathlib import Path


def find_text(path: Path, max_bytes: int) -> str | None:
    """The file's text; None for what is missing, a link, no regular file, larger than `max_bytes` or no UTF-8."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > max_bytes:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None

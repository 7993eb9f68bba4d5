"""Golden files: what a template or body looks like with representative values.

To renew them after a change of words: `UPDATE_GOLDEN=1 python -m pytest tests/words tests/pull_request`; read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path


def check_golden(path: Path, text: str) -> None:
    """Fails when the text is not what the file holds; writes the file when it is to be renewed."""
    content = text.rstrip("\n") + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert path.is_file(), f"{path} is missing: see tests/words/golden.py"
    assert content == path.read_text(encoding="utf-8")

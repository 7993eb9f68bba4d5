"""Globs of paths, read as .gitignore reads them (https://git-scm.com/docs/gitignore#_pattern_format)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath

_PARTS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def find_glob(path: str, globs: tuple[str, ...]) -> str | None:
    """The first glob that takes in the path or one of the folders above it.

    A glob without a slash, but for one at its end, is that of a name at any depth. Capitals do not count: there are
    file systems that take one spelling for the other.
    """
    places = [path, *(str(parent) for parent in PurePosixPath(path).parents if str(parent) != ".")]
    return next((glob for glob in globs if any(_compile(glob).fullmatch(place) for place in places)), None)


@cache
def _compile(glob: str) -> re.Pattern[str]:
    body = glob.strip().removeprefix("./").rstrip("/")
    anywhere = "" if "/" in body else "(?:.*/)?"
    parts = re.split(r"((?:^|(?<=/))\*\*/|\*\*|\*|\?)", body.removeprefix("/"))
    return re.compile(anywhere + "".join(map(_translate, parts)), re.IGNORECASE | re.DOTALL)


def _translate(part: str) -> str:
    return _PARTS.get(part) or re.escape(part)

"""The change told to people: a page beside the repository's documentation, and an entry in its changelog."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bot.implement.changeset import Changeset
from bot.schema.change import Change
from bot.schema.summary import summarize
from bot.spec.model import Spec

CHANGELOGS = ("CHANGELOG.md", "CHANGES.md", "HISTORY.md")
MAX_BYTES = 1 << 20
_UNRELEASED = re.compile(r"^(#+)\s*\[?(unreleased|next|upcoming)\]?.*$", re.IGNORECASE | re.MULTILINE)


def write_change_docs(tree: Path, spec: Spec, changes: Sequence[Change], issue: int, name: str) -> Changeset:
    """Write `docs/schema/<name>.md`, and an entry under "Unreleased" of the changelog when the repository has one."""
    if not changes:
        return Changeset()
    page = Path("docs") / "schema" / f"{name}.md"
    (tree / page).parent.mkdir(parents=True, exist_ok=True)
    (tree / page).write_text(_render_page(spec, changes, issue), encoding="utf-8")
    files, done = [page.as_posix()], [f"the change described in {page.as_posix()}"]
    changelog = _add_entry(tree, spec, issue, page)
    if changelog is not None:
        files.append(changelog.as_posix())
        done.append(f"an entry in {changelog.as_posix()}")
    return Changeset(files=tuple(files), done=tuple(done))


def _render_page(spec: Spec, changes: Sequence[Change], issue: int) -> str:
    lines = [f"# {_one_line(spec.title)}", "", f"Schema change of issue #{issue}.", ""]
    for summary in summarize(changes):
        lines += [f"## {_one_line(summary.table)}", "", *(f"- {_one_line(line)}" for line in summary.lines), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _add_entry(tree: Path, spec: Spec, issue: int, page: Path) -> Path | None:
    for name in CHANGELOGS:
        path = tree / name
        if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_BYTES:
            continue
        text = path.read_text(encoding="utf-8")
        heading = _UNRELEASED.search(text)
        entry = f"- {_one_line(spec.title)} (#{issue}; [schema]({page.as_posix()}))."
        if heading is None or entry in text:
            return None
        path.write_text(f"{text[: heading.end()]}{_place(text[heading.end() :], entry)}", encoding="utf-8")
        return Path(name)
    return None


def _place(rest: str, entry: str) -> str:
    """What follows the heading, with the entry behind the ones that stand there."""
    following = re.search(r"^#", rest, re.MULTILINE)
    end = following.start() if following else len(rest)
    own, others = rest[:end].rstrip("\n"), rest[end:]
    return f"{own}\n{entry}\n" + (f"\n{others}" if others else "")


def _one_line(text: str) -> str:
    """Text of a stranger in one line, without HTML and mentions."""
    return " ".join(text.split()).replace("<", "&lt;").replace("@", "@\u200b")

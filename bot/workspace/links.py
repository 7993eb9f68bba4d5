"""Which symbolic links may be in a tree: those that cannot lead out of it."""

from __future__ import annotations

from bot.workspace.git_names import is_git_name, is_tree_path

OUTER_LINK = "a symbolic link that leads out of the repository, or whose target is no UTF-8"
_MAX_TARGET_BYTES = 4095  # PATH_MAX, without the NUL at the end


def is_inner_link(path: str, target: bytes) -> bool:
    """Whether a symbolic link at `path` with that target stays in the tree, and clear of what is called `.git…`.

    Fine are relative targets that go up at most to the tree's root, and only before they go down. A link that keeps
    to this ends in the tree whatever other links there are, if they keep to it too: going up starts in a real
    directory, and after that it only goes down. (`a/../b` is not fine: `a` may be a link to a place higher up.)
    """
    text = target.decode(errors="replace")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    ups = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    if not 0 < len(target) <= _MAX_TARGET_BYTES or text.startswith("/") or ups > path.count("/"):
        return False
    if text.encode() != target:  # no UTF-8: git has no binary patch of a link, and so we could not keep it
        return False
    rest = "/".join(parts[ups:])
    return (not rest or is_tree_path(rest)) and not _is_rules_name(path.rpartition("/")[2])


def _is_rules_name(name: str) -> bool:
    """`.gitmodules`, `.gitignore`, …: git does not follow a link in their place (gitmodules(5), gitignore(5))."""
    return name.lower().startswith(".git") or is_git_name(name)

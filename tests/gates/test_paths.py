"""The gate of the paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.gates.globs import find_glob
from bot.gates.paths import check
from bot.workspace.tree import FileChange
from tests.gates.contexts import make_change, make_context, make_patch

POWER = "has power over the repository"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (make_change(".github/workflows/ci.yml", "modified"), POWER),
        (make_change(".github/CODEOWNERS"), POWER),
        (make_change("docs/CODEOWNERS"), POWER),
        (make_change(".github/specwright.yml", "deleted"), POWER),
        (make_change(".GitHub/Workflows/x.yml"), POWER),
        (make_change(".gitmodules"), POWER),
        (make_change("a/.gitattributes"), POWER),
        (make_change("a/.git/config"), POWER),
        (make_change("Jenkinsfile", "modified"), POWER),
        (make_change(".circleci/config.yml"), POWER),
        (make_change("azure-pipelines-release.yml"), POWER),
        (make_change("logo.png", is_binary=True), "is binary"),
        (make_change("big.sql", size_bytes=(1 << 20) + 1), "has 1,048,577 bytes, more than a review can read"),
        (make_change("link", mode="120000"), "is a symbolic link"),
        (make_change("lib", mode="160000"), "is a submodule"),
        (make_change("run.sh", mode="100755"), "is made executable"),
    ],
    ids=lambda value: value.path if isinstance(value, FileChange) else None,
)
def test_what_no_run_may_touch(change: FileChange, reason: str) -> None:
    result = check(make_context(changes=(change, make_change("app/models.py"))))
    assert (result.state, result.details) == ("failed", (f"`{change.path}` ({change.kind}): {reason}",))


def test_ordinary_files_pass() -> None:
    changes = (
        make_change("app/models.py", "modified"),
        make_change("bin/run", "modified", mode="100755"),
        make_change("old.png", "deleted", is_binary=True),
        make_change("github/workflows.py"),
        make_change("limit.sql", size_bytes=1 << 20),
    )
    assert check(make_context(changes=changes)).state == "passed"


def test_the_repository_protects_more() -> None:
    config = RepositoryConfig(protected_paths=("billing/**", "*.lock"))
    changes = (make_change("billing/a/b.py"), make_change("x/poetry.lock"), make_change("app/billing.py"))
    assert check(make_context(changes=changes, config=config)).details == (
        "`billing/a/b.py` (added): is protected by `billing/**` in the repository's config",
        "`x/poetry.lock` (added): is protected by `*.lock` in the repository's config",
    )


def test_a_file_that_becomes_executable_is_seen_in_the_patch(tmp_path: Path) -> None:
    files = {"a b.sh": b"new mode 100755\n", "x.sh": b"echo\n"}
    patch = make_patch(tmp_path, files, files, executable="x.sh")
    changes = (make_change("x.sh", "modified", mode="100755"), make_change("y.sh", "modified", mode="100755"))
    assert check(make_context(changes=changes, patch=patch)).details == ("`x.sh` (modified): is made executable",)


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*.lock", "a/b.lock", True),
        ("/*.lock", "a/b.lock", False),
        ("/*.lock", "b.lock", True),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("a/**", "a/b/c.py", True),
        ("a/**/c.py", "a/c.py", True),
        ("**/c.py", "c.py", True),
        ("**/c.py", "xc.py", False),
        ("a", "x/a/b/c.py", True),
        ("a/", "a/b.py", True),
        ("a/b", "x/a/b", False),
        ("a?.py", "ab.py", True),
        ("a?.py", "a/.py", False),
        ("a.py", "aXpy", False),
        ("A/B", "a/b/c", True),
        ("[ab].py", "a.py", False),
    ],
)
def test_globs(glob: str, path: str, fits: bool) -> None:
    assert (find_glob(path, (glob,)) is not None) == fits

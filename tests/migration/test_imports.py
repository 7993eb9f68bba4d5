"""Which files a module imports: an import is resolved once a folder, and means another file in another folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.migration.imports import find_imported_files
from tests.migration.projects import write_files


def test_the_same_import_in_two_folders_leads_to_two_files(tmp_path: Path) -> None:
    source = "from . import rows\nimport names\n"
    folders = ("a", "b")
    for folder in folders:
        files = {f"{folder}/{name}.py": source for name in ("first", "second")}
        write_files(tmp_path, {**files, f"{folder}/rows.py": "", f"{folder}/names.py": ""})
    starts = [tmp_path / folder / "first.py" for folder in folders]
    starts += [tmp_path / folder / "second.py" for folder in folders]
    names = {path.relative_to(tmp_path).as_posix() for path in find_imported_files(tmp_path, starts)}
    assert names == {f"{folder}/{name}.py" for folder in folders for name in ("first", "second", "rows", "names")}


@pytest.mark.parametrize(
    "source",
    [
        "import shop.rows",
        "from shop import rows  # those of the shop",
        "    from .rows import X, Y",
        "x = 1; import shop.rows as rows",
        "from shop import (\n    other,\n    rows,\n)",
        "from shop \\\n    import rows",
        "if True: from shop.rows import *",
        '"""\nimport nothing, or so\n"""\nimport shop.rows',
    ],
)
def test_however_an_import_is_written(source: str, tmp_path: Path) -> None:
    indented = f"def f():\n{source}\n" if source.startswith(" ") else source
    write_files(tmp_path, {"shop/start.py": indented, "shop/__init__.py": "", "shop/rows.py": ""})
    found = find_imported_files(tmp_path, [tmp_path / "shop" / "start.py"])
    assert tmp_path / "shop" / "rows.py" in found


@pytest.mark.parametrize("source", ["import (", "import rows if", "'import rows'"])
def test_what_is_no_import_leads_nowhere(source: str, tmp_path: Path) -> None:
    write_files(tmp_path, {"start.py": source, "rows.py": ""})
    assert find_imported_files(tmp_path, [tmp_path / "start.py"]) == (tmp_path / "start.py",)

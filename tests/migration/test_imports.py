"""Which files a module imports: an import is resolved once a folder, and means another file in another folder."""

from __future__ import annotations

from pathlib import Path

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

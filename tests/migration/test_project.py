"""Every layout of an Alembic set-up is found without running it, and a broken one says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import AlembicConfig, RepositoryConfig
from bot.migration.errors import AmbiguousAlembic, BrokenAlembic, MigrationSetupError, NoAlembic
from bot.migration.project import find_project
from tests.migration.projects import plain_project, write_files

DEFAULTS = RepositoryConfig()


def test_plain_ini(tmp_path: Path) -> None:
    project = find_project(plain_project(tmp_path), DEFAULTS)
    assert project.config_file == Path("alembic.ini")
    assert project.directory == Path()
    assert project.script_location == Path("migrations")
    assert project.version_locations == (Path("migrations/versions"),)
    assert project.file_template == "%(rev)s_%(slug)s"
    assert project.url == "driver://user:pass@localhost/dbname"


def test_every_option_of_an_ini(tmp_path: Path) -> None:
    ini = """
        [alembic]
        script_location = %(here)s/db
        file_template = %%(year)d_%%(rev)s_%%(slug)s
        truncate_slug_length = 12
        timezone = UTC
        version_locations = %(here)s/db/versions:%(here)s/plugins/versions
        path_separator = :
        prepend_sys_path = .
        recursive_version_locations = true
        output_encoding = latin-1

        [post_write_hooks]
        hooks = ruff black
    """
    write_files(tmp_path, {"backend/alembic.ini": ini, "backend/db/env.py": ""})
    project = find_project(tmp_path, DEFAULTS)
    assert project.directory == Path("backend")
    assert project.script_location == Path("backend/db")
    assert project.version_locations == (Path("backend/db/versions"), Path("backend/plugins/versions"))
    assert project.file_template == "%(year)d_%(rev)s_%(slug)s"
    assert (project.truncate_slug_length, project.timezone, project.output_encoding) == (12, "UTC", "latin-1")
    assert project.recursive_version_locations
    assert project.prepend_sys_path == (".",)
    assert project.hooks == ("ruff", "black")


def test_pyproject(tmp_path: Path) -> None:
    text = """
        [tool.alembic]
        script_location = "%(here)s/db"
        version_locations = ["%(here)s/db/versions", "%(here)s/db/more"]
        file_template = "%%(rev)s"
        [[tool.alembic.post_write_hooks]]
        name = "ruff"
    """
    write_files(tmp_path, {"pyproject.toml": text, "db/env.py": ""})
    project = find_project(tmp_path, DEFAULTS)
    assert project.is_toml
    assert project.version_locations == (Path("db/versions"), Path("db/more"))
    assert (project.file_template, project.hooks) == ("%(rev)s", ("ruff",))


def test_ini_completed_by_pyproject(tmp_path: Path) -> None:
    text = '[tool.alembic]\nscript_location = "db"\ntimezone = "UTC"\n'
    write_files(tmp_path, {"alembic.ini": "[alembic]\n", "pyproject.toml": text, "db/env.py": ""})
    project = find_project(tmp_path, DEFAULTS)
    assert (project.config_file, project.script_location, project.timezone) == (Path("alembic.ini"), Path("db"), "UTC")


@pytest.mark.parametrize("package", ["app/db", "src/app/db"])
def test_location_in_a_package(tmp_path: Path, package: str) -> None:
    ini = "[alembic]\nscript_location = app.db:migrations\n"
    write_files(tmp_path, {"alembic.ini": ini, f"{package}/migrations/env.py": ""})
    assert find_project(tmp_path, DEFAULTS).script_location == Path(package) / "migrations"


def test_ini_in_a_folder_with_locations_from_the_root(tmp_path: Path) -> None:
    ini = "[alembic]\nscript_location = backend/migrations\n"
    write_files(tmp_path, {"backend/alembic.ini": ini, "backend/migrations/env.py": ""})
    project = find_project(tmp_path, DEFAULTS)
    assert (project.directory, project.script_location) == (Path(), Path("backend/migrations"))


def test_flask_migrate_keeps_the_ini_beside_env(tmp_path: Path) -> None:
    """Its ini has no script_location: Flask-Migrate sets it to the folder (flask_migrate/__init__.py)."""
    write_files(tmp_path, {"migrations/alembic.ini": "[alembic]\n", "migrations/env.py": ""})
    project = find_project(tmp_path, DEFAULTS)
    assert (project.directory, project.script_location) == (Path(), Path("migrations"))


def test_the_config_names_one_of_several(tmp_path: Path) -> None:
    ini = "[alembic]\nscript_location = db\n"
    write_files(tmp_path, {"a/alembic.ini": ini, "a/db/env.py": "", "b/alembic.ini": ini, "b/db/env.py": ""})
    with pytest.raises(AmbiguousAlembic, match=r"a/alembic.ini, b/alembic.ini.*alembic.config"):
        find_project(tmp_path, DEFAULTS)
    named = RepositoryConfig(alembic=AlembicConfig(config="b/alembic.ini"))
    assert find_project(tmp_path, named).script_location == Path("b/db")


def test_other_section(tmp_path: Path) -> None:
    ini = "[billing]\nscript_location = db\n"
    write_files(tmp_path, {"alembic.ini": ini, "db/env.py": ""})
    config = RepositoryConfig(alembic=AlembicConfig(name="billing"))
    assert find_project(tmp_path, config).section == "billing"


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        ({"README.md": ""}, NoAlembic, "alembic init"),
        ({"node_modules/x/alembic.ini": "[alembic]\n"}, NoAlembic, "alembic init"),
        ({"alembic.ini": "[alembic]\n"}, BrokenAlembic, "script_location"),
        ({"alembic.ini": "[alembic]\nscript_location = nowhere\n"}, BrokenAlembic, "no such folder"),
        ({"alembic.ini": "[alembic]\nscript_location = db\n", "db/x": ""}, BrokenAlembic, "no env.py"),
        ({"alembic.ini": "[alembic]\nscript_location = %(nothing)s\n"}, BrokenAlembic, "nothing"),
        ({"alembic.ini": "[alembic]\nscript_location = ../../etc\n"}, BrokenAlembic, "outside"),
        ({"alembic.ini": "[alembic]\nscript_location = /etc\n"}, BrokenAlembic, "outside"),
        ({"pyproject.toml": '[tool.alembic]\nscript_location = "%(x)s"\n'}, BrokenAlembic, "x"),
        ({"pyproject.toml": "[tool.alembic]\nscript_location = =\n"}, BrokenAlembic, "TOML"),
        (
            {"alembic.ini": "[alembic]\nscript_location = db\ntruncate_slug_length = many\n", "db/env.py": ""},
            BrokenAlembic,
            "whole number",
        ),
    ],
)
def test_what_cannot_be_used_says_why(
    tmp_path: Path, files: dict[str, str], kind: type[MigrationSetupError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        find_project(write_files(tmp_path, files), DEFAULTS)


def test_a_link_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    outside = write_files(tmp_path / "outside", {"env.py": ""})
    tree = write_files(tmp_path / "tree", {"alembic.ini": "[alembic]\nscript_location = db\n"})
    (tree / "db").symlink_to(outside)
    with pytest.raises(BrokenAlembic, match="outside"):
        find_project(tree, DEFAULTS)

"""A repository's environment: what is chosen to be installed, with which Python, and what is kept."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import socket
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.workspace import environment as environment_module
from bot.workspace.environment import Environment, EnvironmentFailed, ensure_environment
from bot.workspace.interpreter import find_interpreter_paths
from bot.workspace.package_index import read_package_index
from bot.workspace.python_version import NoInterpreter, find_interpreter
from bot.workspace.requirements import NothingToInstall, read_requirements
from bot.workspace.sandbox import Completed, Limits, Sandbox

PROJECT = '[project]\nname = "x"\nversion = "1"\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    path = tmp_path / "tree"
    path.mkdir()
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def write(tree: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)


def write_wheel(folder: Path, name: str, code: str) -> str:
    """A wheel with one module, so that no registry is needed. Returns its file name."""
    info, file = f"{name}-1.0.dist-info", f"{name}-1.0-py3-none-any.whl"
    contents = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    with zipfile.ZipFile(folder / file, "w") as wheel:
        for path, text in contents.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            lines.append(f"{path},sha256={digest},{len(text)}")
            wheel.writestr(path, text)
        wheel.writestr(f"{info}/RECORD", "\n".join([*lines, f"{info}/RECORD,,"]))
    return file


def run_in(environment: Environment, sandbox: Sandbox, source: str) -> Completed:
    return sandbox.run(
        [str(environment.python), "-c", source],
        cwd=environment.root,
        readable=[environment.root, *environment.interpreter_paths],
        limits=Limits(timeout_seconds=60),
    )


# What to install

CHOICES: dict[str, tuple[dict[str, str], tuple[str, ...] | None, str]] = {
    "lock": ({"uv.lock": "", "pyproject.toml": PROJECT, "requirements.txt": "a"}, None, "sync --frozen"),
    "lock with extras and groups": (
        {
            "uv.lock": "",
            "pyproject.toml": f"{PROJECT}[project.optional-dependencies]\ntest=[]\ndoc=[]\n[dependency-groups]\ndev=[]",
        },
        None,
        "sync --frozen --no-install-workspace --extra test --group dev",
    ),
    "requirements with pytest": (
        {"requirements.txt": "a\npytest==1", "pyproject.toml": f"{PROJECT}[project.optional-dependencies]\ndev=['b']"},
        None,
        "pip install -r requirements.txt",
    ),
    "requirements without pytest": (
        {
            "requirements.txt": "a\npytest-asyncio",
            "pyproject.toml": f"{PROJECT}[project.optional-dependencies]\ndev=['pytest']",
        },
        None,
        "pip install -r requirements.txt -r pyproject.toml --extra dev",
    ),
    "development requirements": (
        {"requirements.txt": "a", "requirements-dev.txt": "pytest", "requirements-docs.txt": "c"},
        None,
        "pip install -r requirements.txt -r requirements-dev.txt",
    ),
    "folder of requirements": (
        {"requirements/base.txt": "a", "requirements/test.txt": "pytest", "requirements/prod.txt": "c"},
        None,
        "pip install -r requirements/base.txt -r requirements/test.txt",
    ),
    "project": (
        {"pyproject.toml": f"{PROJECT}[project.optional-dependencies]\ndev=['b']\n[dependency-groups]\ntest=['c']"},
        None,
        "pip install -r pyproject.toml --extra dev --group test",
    ),
    "setup.py": ({"setup.py": ""}, None, "pip install -r setup.py"),
    "named files": ({"a.txt": "", "requirements.txt": ""}, ("a.txt",), "pip install -r a.txt"),
    "named extras": (
        {"pyproject.toml": PROJECT, "a.txt": ""},
        (".[web, dev]", "a.txt"),
        "pip install -r pyproject.toml --extra web --extra dev -r a.txt",
    ),
    "named project": ({"setup.cfg": ""}, (".",), "pip install -r setup.cfg"),
}


@pytest.mark.parametrize(("files", "install", "expected"), CHOICES.values(), ids=CHOICES)
def test_what_is_installed(tree: Path, files: dict[str, str], install: tuple[str, ...] | None, expected: str) -> None:
    write(tree, files)
    requirements = read_requirements(tree, install)
    assert f"{requirements.command} {' '.join(requirements.arguments)}".startswith(expected)


@pytest.mark.parametrize(
    "item",
    ["--index-url=http://evil", "-rsecret", "/etc/passwd", "../other.txt", "missing.txt", ".[a];x", "pytest", ""],
)
def test_what_cannot_be_named(tree: Path, item: str) -> None:
    write(tree, {"pyproject.toml": PROJECT, "--index-url=http:/evil": "", "-rsecret": ""})
    write(tree.parent, {"other.txt": ""})
    with pytest.raises(NothingToInstall, match="`install` names"):
        read_requirements(tree, (item,))


def test_nothing_to_install_is_said(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    with pytest.raises(EnvironmentFailed, match="name what to install with `install`"):
        ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    with pytest.raises(NothingToInstall, match="is empty"):
        read_requirements(tree, ())


def test_a_link_out_of_the_tree_is_not_read(tree: Path) -> None:
    write(tree.parent, {"outside.txt": "secret"})
    (tree / "requirements.txt").symlink_to(tree.parent / "outside.txt")
    with pytest.raises(NothingToInstall):
        read_requirements(tree, None)


def test_included_files_count(tree: Path) -> None:
    write(
        tree,
        {
            "requirements.txt": "-r requirements/web.txt\n-c constraints.txt\n-r ../../etc/passwd\n-r requirements.txt",
            "requirements/web.txt": "--requirement=more.txt",
            "requirements/more.txt": "a",
            "constraints.txt": "",
        },
    )
    names = {str(path) for path in read_requirements(tree, None).files}
    assert names == {"requirements.txt", "requirements/web.txt", "requirements/more.txt", "constraints.txt"}


# Which Python


def test_the_bots_own_python_when_it_fits(tree: Path) -> None:
    write(tree, {"pyproject.toml": PROJECT + 'requires-python = ">=3.8"'})
    assert find_interpreter_paths(find_interpreter(tree)) == find_interpreter_paths(find_interpreter(tree.parent))


def test_no_python_that_fits_is_said(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    write(tree, {"pyproject.toml": PROJECT + 'requires-python = "==3.99.*"'})
    with pytest.raises(NoInterpreter, match=r"==3\.99"):
        find_interpreter(tree)
    with pytest.raises(EnvironmentFailed, match=r"==3\.99"):
        ensure_environment(tree, RepositoryConfig(), sandbox, cache)


@pytest.mark.parametrize("file", ["pyproject.toml", ".python-version"])
def test_a_path_is_no_version(tree: Path, file: str) -> None:
    """uv would run it, outside of the sandbox, to ask for its version."""
    program = tree / "python"
    program.write_text(f"#!/bin/sh\ntouch {tree.parent}/escaped\n")
    program.chmod(0o755)
    write(tree, {file: str(program) if file != "pyproject.toml" else f'{PROJECT}requires-python = "{program}"'})
    find_interpreter(tree)
    assert not (tree.parent / "escaped").exists()


def test_a_pinned_version_that_is_not_here_gives_way(tree: Path) -> None:
    write(tree, {".python-version": "3.99\n"})
    assert find_interpreter(tree) == find_interpreter(tree.parent)


def test_interpreter_is_followed_through_links(tmp_path: Path) -> None:
    installation, binaries, environment = tmp_path / "python", tmp_path / "home" / "bin", tmp_path / "venv"
    write(installation, {"bin/python3.11": "", "lib/python3.11/os.py": ""})
    write(environment, {"pyvenv.cfg": "", "bin/activate": ""})
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(installation / "bin" / "python3.11")
    (environment / "bin" / "python").symlink_to(binaries / "python")
    assert set(find_interpreter_paths(environment / "bin" / "python")) == {binaries / "python", installation}
    assert find_interpreter_paths(Path("/usr/bin/env")) == ()


# How the registry is reached


def test_settings_of_pip_become_those_of_uv(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pip.conf": "[global]\nindex-url = https://me:pw@pypi.internal:8443/simple\nfind-links =\n  /nowhere\n"
            "timeout = 7\n[install]\nextra_index_url = http://more.internal/simple\n",
        },
    )
    environ = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "XDG_CONFIG_DIRS": str(tmp_path), "HOME": str(tmp_path)}
    index = read_package_index(environ | {"PIP_DEFAULT_TIMEOUT": "9", "HTTPS_PROXY": "http://proxy:3128"})
    assert index.env["UV_DEFAULT_INDEX"] == "https://me:pw@pypi.internal:8443/simple"
    assert index.env["UV_EXTRA_INDEX_URL"] == "http://more.internal/simple"
    assert index.env["UV_HTTP_TIMEOUT"] == "9"
    assert {("pypi.internal", 8443), ("more.internal", 80)} <= index.network.trusted
    assert index.network.proxies == {"https": "http://proxy:3128"}
    assert "HTTPS_PROXY" not in index.env


def test_settings_of_uv_win_and_nothing_else_passes(tmp_path: Path) -> None:
    write(tmp_path, {"simple/index.html": "", "files/x.whl": "", "key": "", "ca.pem": ""})
    environ = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": "https://pip.internal/simple",
        "UV_DEFAULT_INDEX": f"file://{tmp_path}/simple",
        "UV_INDEX": "own=https://own.internal/simple",
        "UV_INDEX_OWN_PASSWORD": "pw",
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        "SPECWRIGHT_WEBHOOK_SECRET": "secret",
        "UV_CACHE_DIR": str(tmp_path / "key"),
        "HOME": str(tmp_path),
    }
    index = read_package_index(environ)
    assert dict(index.env) == {
        key: environ[key] for key in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_OWN_PASSWORD", "SSL_CERT_FILE")
    }
    assert set(index.readable) == {tmp_path / "simple", tmp_path / "files", tmp_path / "ca.pem"}
    assert index.network.trusted == {("own.internal", 443)}


# Building and keeping


def test_built_once_for_the_same_files(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    write(tree, {"requirements.txt": "./" + write_wheel(tree, "greeting", "WORD = 'hello'")})
    first = ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    assert run_in(first, sandbox, "import greeting; print(greeting.WORD)").stdout == "hello\n"
    marker = (first.root.parent / "ready.json").stat().st_ino
    other = tree.parent / "other"
    shutil.copytree(tree, other)
    write(other, {"app.py": "print(1)"})
    assert ensure_environment(other, RepositoryConfig(), sandbox, cache) == first
    assert (first.root.parent / "ready.json").stat().st_ino == marker
    write(other, {"requirements.txt": (tree / "requirements.txt").read_text() + "\n# changed\n"})
    assert ensure_environment(other, RepositoryConfig(), sandbox, cache).key != first.key


def test_modules_are_compiled_and_later_runs_cannot_change_them(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    write(tree, {"requirements.txt": "./" + write_wheel(tree, "greeting", "WORD = 'hello'")})
    environment = ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    assert list(environment.root.glob("lib/*/site-packages/__pycache__/greeting.*.pyc"))
    assert "Read-only" in run_in(environment, sandbox, "import greeting; open(greeting.__file__, 'a')").stderr


def test_an_interrupted_build_is_made_anew(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    write(tree, {"requirements.txt": "./" + write_wheel(tree, "greeting", "WORD = 'hello'")})
    environment = ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    (environment.root.parent / "ready.json").unlink()  # as if the worker had died before the end
    shutil.rmtree(environment.root / "lib")
    again = ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    assert again == environment
    assert run_in(again, sandbox, "import greeting").ok


def test_two_workers_build_one_after_the_other(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    write(tree, {"requirements.txt": "./" + write_wheel(tree, "greeting", "WORD = 'hello'")})
    found: list[Environment] = []
    threads = [
        threading.Thread(target=lambda: found.append(ensure_environment(tree, RepositoryConfig(), sandbox, cache)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]


def test_failure_says_why_and_leaves_nothing(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    write(tree, {"requirements.txt": "./missing-1.0-py3-none-any.whl"})
    with pytest.raises(EnvironmentFailed, match="could not be installed") as caught:
        ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    assert "missing-1.0" in caught.value.output
    assert len(caught.value.output) <= environment_module.OUTPUT_CHARACTERS
    assert [path for path in (cache / "environments").iterdir() if path.is_dir()] == []


def test_environments_that_nobody_asks_for_are_removed(tree: Path, sandbox: Sandbox, cache: Path) -> None:
    write(tree, {"requirements.txt": "./" + write_wheel(tree, "greeting", "WORD = 'hello'")})
    old = ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    os.utime(old.root.parent / "ready.json", (0, 0))
    write(tree, {"requirements.txt": (tree / "requirements.txt").read_text() + "\n"})
    new = ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    assert not old.root.exists()
    assert new.root.exists()


HOSTILE_BACKEND = """
import json, os, socket
found = {}
for path in PATHS:
    try:
        found[path] = os.listdir(path) if os.path.isdir(path) else open(path).read()
    except OSError as error:
        found[path] = None
try:
    socket.create_connection(("127.0.0.1", PORT), 5)
    found["network"] = "open"
except OSError as error:
    found["network"] = None
raise SystemExit("FOUND " + json.dumps([found, dict(os.environ), os.listdir(".")]))
"""
HOSTILE_PROJECT = f"{PROJECT}[build-system]\nrequires=[]\nbuild-backend='backend'\nbackend-path=['.']"


def test_code_of_a_package_that_is_built_is_confined(
    tree: Path, sandbox: Sandbox, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECWRIGHT_WEBHOOK_SECRET", "the-secret-of-the-bot")
    write(tree.parent, {"data/key.pem": "PRIVATE"})
    write(tree, {"requirements.txt": "./evil", "evil/pyproject.toml": HOSTILE_PROJECT})
    paths = [str(tree.parent / "data" / "key.pem"), str(tree), str(Path("~/.ssh").expanduser()), str(cache)]
    with socket.create_server(("127.0.0.1", 0)) as server:
        backend = HOSTILE_BACKEND.replace("PATHS", repr(paths)).replace("PORT", str(server.getsockname()[1]))
        write(tree, {"evil/backend.py": backend})
        with pytest.raises(EnvironmentFailed) as caught:
            ensure_environment(tree, RepositoryConfig(), sandbox, cache)
    found, environ, here = json.loads(caught.value.output.partition("FOUND ")[2].splitlines()[0])
    assert "backend.py" in here
    assert found == {**dict.fromkeys(paths[:3]), paths[3]: found[paths[3]], "network": None}
    assert set(found[paths[3]]) == {"environments", "uv"}
    assert "the-secret-of-the-bot" not in str(environ)
    assert sorted(path.name for path in tree.rglob("*")) == ["backend.py", "evil", "pyproject.toml", "requirements.txt"]


def test_the_bookshop_is_built(bookshop_environment: Environment, sandbox: Sandbox) -> None:
    source = "import alembic, fastapi, psycopg, pytest, sqlalchemy; print(sqlalchemy.__version__)"
    assert run_in(bookshop_environment, sandbox, source).stdout.startswith("2.0.")

"""The environment of a repository: its dependencies, installed in the sandbox and kept by what they depend on."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

from bot.config import RepositoryConfig
from bot.workspace.file_lock import locked
from bot.workspace.interpreter import find_interpreter_paths
from bot.workspace.package_index import PackageIndex, read_package_index
from bot.workspace.process import MIB, Completed, Limits
from bot.workspace.python_version import NoInterpreter, find_interpreter
from bot.workspace.requirements import NothingToInstall, Requirements, is_package, read_requirements, read_text
from bot.workspace.sandbox import Network, Sandbox

KEY_VERSION = "2"  # raise it when what is installed for the same files changes
READY = "ready.json"
OUTPUT_CHARACTERS = 4000
INSTALL_LIMITS = Limits(
    timeout_seconds=1200, memory_bytes=8192 * MIB, processes=1024, file_bytes=8192 * MIB, output_bytes=MIB
)
KEEP_UNUSED_SECONDS = 30 * 24 * 3600


class EnvironmentFailed(Exception):
    """The dependencies could not be installed; `output` is the end of what the installer said."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(f"{message}\n{output}".strip())
        self.output = output


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment; `python` is its interpreter, `root` its folder, `key` tells what it was built from.

    `base_python` is the interpreter that it was made with; None: whatever `python` links to. An environment that a
    repository's code could write to says here what may be mounted, since its own links cannot be trusted.
    """

    python: Path
    root: Path
    key: str
    base_python: Path | None = None

    @property
    def interpreter_paths(self) -> tuple[Path, ...]:
        """What a sandbox must mount besides `root`."""
        return find_interpreter_paths(self.base_python or self.python)


def ensure_environment(tree: Path, config: RepositoryConfig, sandbox: Sandbox, cache_dir: Path) -> Environment:
    """The environment for the tree's dependencies, built when none was built from the same files before.

    Of the project itself only the metadata is there: it is imported from the tree. What is in `cache_dir` is shared by
    all that use the folder, and code of a package that is built may write to uv's cache there: give each owner a
    folder of its own. Raises `EnvironmentFailed`; a build that is interrupted is made anew.
    """
    try:
        requirements = read_requirements(tree, config.install)
        base_python = find_interpreter(tree)
        index = read_package_index(os.environ)
        key = _get_key(tree, requirements, base_python, index)
    except (NothingToInstall, NoInterpreter) as error:
        raise EnvironmentFailed(str(error)) from error
    folder = cache_dir.absolute() / "environments" / key
    environment = Environment(folder / "venv" / "bin" / "python", folder / "venv", key, base_python)
    with locked(folder.with_suffix(".lock")):
        if not (folder / READY).exists():
            _remove_unused(folder.parent)
            _Build(tree, requirements, environment, sandbox, index, cache_dir.absolute() / "uv").run()
            (folder / READY).write_text(json.dumps({"arguments": requirements.arguments, "python": str(base_python)}))
        os.utime(folder / READY)
    return environment


@dataclass(frozen=True, slots=True)
class _Build:
    """One installation. What the repository's code can write to is the new environment and uv's cache."""

    tree: Path
    requirements: Requirements
    environment: Environment
    sandbox: Sandbox
    index: PackageIndex
    uv_cache: Path

    def run(self) -> None:
        shutil.rmtree(self.environment.root.parent, ignore_errors=True)
        self.environment.root.mkdir(parents=True)
        self.uv_cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.environment.root.parent, ignore_cleanup_errors=True) as temporary:
            # A copy, because building a package writes beside its sources, and the tree must stay as it is.
            copy = Path(temporary) / "tree"
            shutil.copytree(self.tree, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv"))
            try:
                self._install(copy)
            except EnvironmentFailed:
                shutil.rmtree(self.environment.root.parent, ignore_errors=True)
                raise

    def _install(self, copy: Path) -> None:
        root = str(self.environment.root)
        made = self._run(copy, ["venv", "--clear", "--python", str(self.environment.base_python), root], None)
        _check(made, "the environment could not be made")
        command = [*self.requirements.command.split(), *self.requirements.arguments]
        _check(self._run(copy, command, self.index.network), "the dependencies could not be installed")
        if is_package(self.tree):
            # For its metadata (version, entry points); its modules are imported from the tree, which comes first.
            # Projects are often run without ever being built, so that it cannot be is no failure.
            self._run(copy, ["pip", "install", "--no-deps", "--editable", "."], self.index.network)

    def _run(self, cwd: Path, arguments: Sequence[str], network: Network | None) -> Completed:
        program = uv.find_uv_bin()
        return self.sandbox.run(
            [program, *arguments],
            cwd=cwd,
            writable=[cwd, self.environment.root, self.uv_cache],
            readable=[Path(program), *self.environment.interpreter_paths, *_list_outside_system(self.index.readable)],
            env={**self._own_env(), **self.index.env},
            network=network,
            limits=INSTALL_LIMITS,
        )

    def _own_env(self) -> Mapping[str, str]:
        root = str(self.environment.root)
        return {
            "VIRTUAL_ENV": root,
            "UV_PROJECT_ENVIRONMENT": root,
            "UV_CACHE_DIR": str(self.uv_cache),
            "UV_COMPILE_BYTECODE": "1",  # later it is mounted read-only, and every start would compile anew
            "UV_LINK_MODE": "copy",  # the cache is another mount, which hard links cannot cross
            "UV_NO_PROGRESS": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }


def _check(completed: Completed, failure: str) -> None:
    if completed.ok:
        return
    if completed.exceeded == "time":
        failure += f": stopped after {completed.duration_seconds:.0f} seconds"
    elif completed.exceeded:
        failure += f": too much {completed.exceeded} used"
    raise EnvironmentFailed(failure, completed.stderr.strip()[-OUTPUT_CHARACTERS:])


def _get_key(tree: Path, requirements: Requirements, python: Path, index: PackageIndex) -> str:
    """A digest of all that the installed result depends on, as far as files say it."""
    index_env = sorted((name, value) for name, value in index.env.items() if name.startswith("UV_"))
    facts = [KEY_VERSION, str(python.resolve()), platform.machine(), requirements.command, *requirements.arguments]
    digest = hashlib.sha256(json.dumps([facts, index_env]).encode())
    for path in sorted(requirements.files):
        digest.update(f"\0{path.as_posix()}\0{read_text(tree, path)}".encode())
    return digest.hexdigest()[:32]


def _list_outside_system(paths: Sequence[Path]) -> list[Path]:
    """Those that every sandbox does not have anyway."""
    system = (Path("/usr"), Path("/etc/ssl/certs"))
    return [path for path in paths if not any(path.is_relative_to(folder) for folder in system)]


def _remove_unused(environments: Path) -> None:
    """Remove environments that nobody asked for in a long while."""
    for ready in environments.glob(f"*/{READY}"):
        if time.time() - ready.stat().st_mtime > KEEP_UNUSED_SECONDS:
            ready.unlink(missing_ok=True)  # first, so that a half-removed one is not taken for whole
            shutil.rmtree(ready.parent, ignore_errors=True)

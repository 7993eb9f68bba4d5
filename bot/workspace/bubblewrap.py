"""The sandbox: bubblewrap, that is, namespaces of the Linux kernel. https://github.com/containers/bubblewrap"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.workspace import egress_bridge
from bot.workspace.devices import list_device_mounts
from bot.workspace.egress_proxy import EgressProxy
from bot.workspace.interpreter import find_interpreter_paths
from bot.workspace.process import MIB, Completed, Limits, Tether, Watch, run_process
from bot.workspace.resource_limits import limit_processes, limit_resources
from bot.workspace.sandbox import DEFAULT_LIMITS, NO_ENV, Network, SandboxUnavailable
from bot.workspace.seccomp import render_filter
from bot.workspace.system_mounts import FILES, list_masks, list_system_mounts
from bot.workspace.usage import UsageWatch

INSTALL_HINT = (
    "bubblewrap is missing: install it (apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap), "
    "or set SPECWRIGHT_SANDBOX=none when every repository is trusted"
)
NAMESPACE_HINT = (
    "bubblewrap cannot make its namespaces here: {reason}\n"
    "In a container: run it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined.\n"
    "On Debian: sysctl kernel.unprivileged_userns_clone=1. On Ubuntu 24.04 and later: "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile that allows userns for bwrap.\n"
    "Or set SPECWRIGHT_SANDBOX=none when every repository is trusted."
)
HOME = "/home/sandbox"
TMPFS_BYTES = 1024 * MIB
OWN_ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": HOME,
    "TMPDIR": "/tmp",  # noqa: S108 (the sandbox's own)
    "USER": "sandbox",
    "LANG": "C.UTF-8",
}
NAMESPACES = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"),
    "--unshare-cgroup-try",
)
# Uid 1000 inside is whoever runs the bot outside, so that files written belong to the bot. It has no capability.
IDENTITY = ("--uid", "1000", "--gid", "1000", "--hostname", "sandbox")
SYSTEM_FOLDERS = tuple(
    Path(path) for path in ("/usr", "/etc", "/proc", "/dev", "/sys", "/bin", "/lib", "/home/sandbox")
)


@dataclass(frozen=True, slots=True)
class BubblewrapSandbox:
    """`program` is bwrap; `optional` are options of newer versions that this one has."""

    program: str
    optional: frozenset[str]

    @classmethod
    def find(cls) -> BubblewrapSandbox:
        """The sandbox of the bwrap on PATH. Raises `SandboxUnavailable` when there is none."""
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxUnavailable(INSTALL_HINT)
        text = subprocess.run([program, "--help"], capture_output=True, text=True, check=False, timeout=30).stdout
        return cls(program, frozenset(option for option in ("--size", "--disable-userns") if option in text))

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        writable: Sequence[Path] = (),
        readable: Sequence[Path] = (),
        env: Mapping[str, str] = NO_ENV,
        network: Network | None = None,
        limits: Limits = DEFAULT_LIMITS,
        tether: Tether | None = None,
    ) -> Completed:
        """See `Sandbox.run`."""
        with ExitStack() as stack:
            if network is not None:
                argv, paths = _lead_out(stack, network, argv)
                readable = [*readable, *paths]
            options, fds = self._list_options(stack, list(_list_mounts(writable, readable)), cwd, env)
            # Options go through a file, not through bwrap's command line or environment: others on the machine could
            # read the former, and a variable such as LD_PRELOAD would work on bwrap itself, outside of the sandbox.
            options_fd = _open_memory(stack, "\0".join(options).encode())
            status = stack.enter_context(_Status())
            command = [*limit_resources(limits), self.program, *self._list_flags(), "--args", str(options_fd)]
            command += ["--json-status-fd", str(status.write_fd), "--", *limit_processes(limits), *argv]

            def watch(process: subprocess.Popen[bytes]) -> Watch:
                return UsageWatch(process.pid, limits, writable).check

            fds = [*fds, options_fd, status.write_fd]
            completed = run_process(command, env={}, limits=limits, pass_fds=fds, tether=tether, watch=watch)
            return _check_started(completed, status)

    def _list_options(
        self, stack: ExitStack, mounts: Sequence[str], cwd: Path, env: Mapping[str, str]
    ) -> tuple[list[str], list[int]]:
        options, fds = _put_files(stack)
        calls = render_filter()
        if calls is not None:
            fds.append(_open_memory(stack, calls))
            options += ["--seccomp", str(fds[-1])]
        options += [*list_system_mounts(), *self._list_private_folders(), *mounts]
        options += ["--remount-ro", "/", "--chdir", str(cwd), "--clearenv"]
        for name, value in {**OWN_ENV, **env}.items():
            options += ["--setenv", name, value]
        return options, fds

    def _list_flags(self) -> Iterator[str]:
        yield from (*NAMESPACES, *IDENTITY, "--new-session", "--die-with-parent", "--cap-drop", "ALL")
        if "--disable-userns" in self.optional:
            yield "--disable-userns"

    def _list_private_folders(self) -> Iterator[str]:
        size = ("--size", str(TMPFS_BYTES)) if "--size" in self.optional else ()
        yield from ("--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/dev/shm")  # noqa: S108
        # When root runs the bot, whoever is inside owns what root owns: all settings in /proc/sys (core_pattern names
        # a program that the kernel runs outside), and the machine's device nodes.
        yield from (*list_masks(), *list_device_mounts(), "--remount-ro", "/proc", "--remount-ro", "/dev")
        yield from (*size, "--tmpfs", "/tmp", *size, "--tmpfs", HOME)  # noqa: S108


class _Status:
    """The pipe on which bwrap tells how far it came: `exit-code` only when the command was really started."""

    def __enter__(self) -> _Status:
        self.read_fd, self.write_fd = os.pipe()
        os.set_blocking(self.read_fd, False)
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self.read_fd)
        os.close(self.write_fd)

    def is_started(self) -> bool:
        """Whether the command was started; asked once, after the end."""
        try:
            lines = os.read(self.read_fd, 65_536).splitlines()
        except BlockingIOError:
            return False
        return any("exit-code" in json.loads(line) for line in lines)


def _check_started(completed: Completed, status: _Status) -> Completed:
    if completed.exceeded is None and not status.is_started():
        raise SandboxUnavailable(NAMESPACE_HINT.format(reason=completed.stderr.strip()[-1000:] or "no reason given"))
    return completed


def _lead_out(stack: ExitStack, network: Network, argv: Sequence[str]) -> tuple[list[str], list[Path]]:
    """The command behind the bridge to a proxy that runs as long as the stack, and the paths that it needs."""
    proxy = stack.enter_context(EgressProxy(network))
    python, bridge = Path(sys.executable).resolve(), Path(egress_bridge.__file__)
    paths = [proxy.path.parent, bridge, *find_interpreter_paths(python)]
    return [str(python), "-I", str(bridge), str(proxy.path), *argv], paths


def _list_mounts(writable: Sequence[Path], readable: Sequence[Path]) -> Iterator[str]:
    """Outer folders before inner ones, so that neither hides the other; writable wins where both are asked for."""
    there = [path for path in readable if path.is_absolute() and path.is_relative_to("/usr")]  # for every sandbox
    options = {**dict.fromkeys(set(readable).difference(there), "--ro-bind"), **dict.fromkeys(writable, "--bind")}
    for path in sorted(options, key=lambda path: len(path.parts)):
        if not path.is_absolute() or ".." in path.parts or any(item.is_relative_to(path) for item in SYSTEM_FOLDERS):
            raise ValueError(f"{path} cannot be shared with the sandbox")
        yield from (options[path], str(path), str(path))


def _put_files(stack: ExitStack) -> tuple[list[str], list[int]]:
    options: list[str] = []
    fds: list[int] = []
    for path, text in FILES.items():
        fds.append(_open_memory(stack, text.encode()))
        options += ["--ro-bind-data", str(fds[-1]), path]
    return options, fds


def _open_memory(stack: ExitStack, content: bytes) -> int:
    """A file in memory with that content, to be read from its beginning."""
    fd = os.memfd_create("specwright")
    stack.callback(os.close, fd)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd

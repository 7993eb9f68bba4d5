"""Where code of a repository runs: the interface, and the choice between its implementations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from bot.workspace.process import Completed, Limits, Tether

__all__ = ["Completed", "Limits", "Network", "Sandbox", "SandboxUnavailable", "Tether", "check_sandbox", "get_sandbox"]

NO_ENV: Mapping[str, str] = MappingProxyType({})
DEFAULT_LIMITS = Limits()


class SandboxUnavailable(Exception):
    """Repository code cannot be confined here; the message says what to install or to set."""


@dataclass(frozen=True, slots=True)
class Network:
    """The way out for a command that needs one: to public addresses on the ports of HTTP, by HTTP proxy only.

    `trusted` are (host, port) that are open wherever they lie; `proxies` says how the machine itself gets out, by
    scheme, as `urllib.request.getproxies_environment` does.
    """

    trusted: frozenset[tuple[str, int]] = frozenset()
    proxies: Mapping[str, str] = field(default_factory=dict)


class Sandbox(Protocol):
    """Runs commands of a repository."""

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
        """Run `argv` and wait. Every path is at the same place inside as outside; paths must be absolute.

        Without a tether its stdin is empty.

        Never raises for what the command does: see `Completed`. Raises `SandboxUnavailable` when the sandbox itself
        cannot be started, `ValueError` for paths that cannot be shared.
        """
        ...


def get_sandbox(kind: Literal["bubblewrap", "none"]) -> Sandbox:
    """The sandbox of that kind. Raises `SandboxUnavailable` with what to install."""
    if kind == "none":
        from bot.workspace.unconfined import UnconfinedSandbox

        return UnconfinedSandbox()
    from bot.workspace.bubblewrap import BubblewrapSandbox

    return BubblewrapSandbox.find()


def check_sandbox(kind: Literal["bubblewrap", "none"]) -> None:
    """Start a sandbox. Raises `SandboxUnavailable` with what to install or to set."""
    completed = get_sandbox(kind).run(["/bin/true"], cwd=Path("/"), limits=Limits(timeout_seconds=30))
    if not completed.ok:
        raise SandboxUnavailable(f"the sandbox starts but cannot run /bin/true: {completed.stderr.strip()[:500]}")

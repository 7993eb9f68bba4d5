"""No sandbox, for an operator who trusts every repository: limits hold, but the code sees what the bot sees."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.workspace.process import Completed, Limits, Tether, Watch, run_process
from bot.workspace.resource_limits import limit_resources
from bot.workspace.sandbox import DEFAULT_LIMITS, NO_ENV, Network
from bot.workspace.usage import UsageWatch

PATH = "/usr/local/bin:/usr/bin:/bin"


class UnconfinedSandbox:
    """The sandbox's interface without its walls: `writable`, `readable` and `network` are not enforced."""

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
        """Run `argv` with a cleared environment, a temporary HOME, a time-out and resource limits."""
        with tempfile.TemporaryDirectory(prefix="specwright-home-", ignore_cleanup_errors=True) as home:

            def watch(process: subprocess.Popen[bytes]) -> Watch:
                return UsageWatch(process.pid, limits, writable).check

            own = {"PATH": PATH, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}
            command = [*limit_resources(limits), *argv]
            try:
                return run_process(command, env={**own, **env}, limits=limits, cwd=cwd, tether=tether, watch=watch)
            except OSError as error:  # the folder or the program is not there: the command's fault, not the sandbox's
                return Completed(127, "", f"{error}\n", 0.0)

"""A small process beside the embedded Postgres that stops it when no process of the bot holds it any more.

A worker that is killed, or a job's process that ends without a word (os._exit, as rq's do), cannot stop the server. The
kernel does let go of its lock, and this process waits for that: it sleeps, and costs nothing, while there are users.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from bot.workspace.file_lock import is_held

GRACE_SECONDS = 60  # so that the server stays warm between one job and the next
# flock(1) and setsid(1) are util-linux's, like the prlimit(1) that the sandbox needs. Descriptor 9 says that the keeper
# lives, so it is not left to children. What it waits for is a lock of its own, held like users.lock: whoever asks
# whether there are users must not take the keeper for one. SIGINT is Postgres's "fast shutdown".
SCRIPT = """
exec 9>"$1/keeper.lock"
flock --nonblock 9 || exit 0
echo $$ >&9
while [ -d "$1" ]; do
    flock "$1/watched.lock" true 9>&-
    sleep "$2" 9>&-
    flock "$1/start.lock" sh -c '
        flock --nonblock "$1/users.lock" true || exit 1
        read -r pid < "$1/cluster/postmaster.pid" || exit 0
        read -r name < "/proc/$pid/comm" || exit 0
        [ "$name" = postgres ] && kill -INT "$pid"
        while [ "$name" = postgres ] && kill -0 "$pid"; do sleep 0.1; done
        exit 0
    ' sh "$1" 9>&- 2> /dev/null && exit 0
done
"""


def ensure_keeper(folder: Path, *, grace_seconds: float = GRACE_SECONDS) -> None:
    """Start the keeper of the server in `folder` unless it is there. The caller holds the server."""
    if is_held(folder / "keeper.lock"):
        return
    subprocess.run(
        ["setsid", "--fork", "/bin/sh", "-c", SCRIPT, "specwright-postgres-keeper", str(folder), str(grace_seconds)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        check=True,
    )


def stop_keeper(folder: Path) -> None:
    """End the keeper of a server that was stopped; without this it ends by itself when its time is over.

    The caller holds the start lock. The number is the keeper's own as long as the lock is held, and the keeper leads a
    process group.
    """
    if not is_held(folder / "keeper.lock"):
        return
    with suppress(OSError, ValueError):  # it may have just ended, or not have written its number yet
        os.killpg(int((folder / "keeper.lock").read_text()), signal.SIGTERM)

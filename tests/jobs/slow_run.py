"""A run that never ends by itself, and a worker for it: what the tests kill."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from bot.store import Store
from jobs import queue

LEASE_SECONDS = 1


def run(run_id: int) -> None:
    """Claims the run and says in a file who has it. The first that is claimed hangs; later ones finish."""
    store = Store(os.environ["STORE_URL"], runs_per_repository=1)
    claimed = store.claim_run(run_id, f"process {os.getpid()}", LEASE_SECONDS)
    if claimed is None:
        return
    pid_file = Path(os.environ["PID_FILE"])
    if not pid_file.exists():
        pid_file.write_text(f"{os.getpid()} {os.getppid()}")
        threading.Event().wait()
    store.finish_run(run_id, "finished", f"attempt {claimed.attempts}")


if __name__ == "__main__":
    queue.FUNCTIONS["runs"] = "tests.jobs.slow_run.run"
    queue.run_worker(sys.argv[1], "runs")

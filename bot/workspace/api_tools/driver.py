"""Serves the application on the sandbox's own loopback and has schemathesis try it: `driver.py FILE`, JSON.

Runs in the interpreter of the tools; the application in the repository's, which finds the tools' server behind its own
packages.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HOST, PORT = "127.0.0.1", 8000  # nobody else is there: the network is the sandbox's own
START_SECONDS = 30
SERVE = """
import importlib, sys
module, name, tools, host, port = sys.argv[1:]
sys.path.append(tools)
import uvicorn
application = getattr(importlib.import_module(module), name)
uvicorn.run(application, host=host, port=int(port), log_level="error", access_log=False)
"""


def main(plan: dict[str, Any]) -> int:
    """Ends with the exit code of schemathesis, or with 70 when the application does not serve."""
    module, name = plan["application"].split(":")
    arguments = [module, name, plan["packages"], HOST, str(PORT)]
    server = subprocess.Popen([plan["python"], "-c", SERVE, *arguments])
    try:
        if not is_up(server):
            print("the application does not serve")
            return 70
        return try_api(plan)
    finally:
        server.kill()
        server.wait()


def is_up(server: subprocess.Popen[bytes]) -> bool:
    """Whether it takes connections, which may need a moment."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, PORT), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def try_api(plan: dict[str, Any]) -> int:
    """The exit code of schemathesis, which prints what it finds."""
    with tempfile.TemporaryDirectory() as folder:  # it keeps notes where it works
        document = Path(folder, "openapi.json")
        document.write_text(json.dumps(plan["document"]))
        command = [sys.executable, "-I", "-m", "schemathesis.cli", "run", str(document)]
        return subprocess.call([*command, "--url", f"http://{HOST}:{PORT}", *plan["options"]], cwd=folder)


if __name__ == "__main__":
    sys.exit(main(json.loads(Path(sys.argv[1]).read_text())))

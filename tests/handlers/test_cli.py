"""The command line as people use it: as a process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from handlers.cli import group
from jobs.parts import Parts
from tests.handlers.settings import make_headers, make_installation_body, make_settings, render_environment
from tests.jobs.processes import DEADLINE_SECONDS, SPECWRIGHT, run_redis, run_worker, wait_until


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`specwright` with only these variables."""
    variables = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [SPECWRIGHT, *arguments], capture_output=True, text=True, env=variables, timeout=DEADLINE_SECONDS, check=False
    )


@contextmanager
def serve(log: Path, environment: dict[str, str]) -> Iterator[str]:
    """`specwright serve` on a free port."""
    with log.open("w") as output:
        process = subprocess.Popen([SPECWRIGHT, "serve", "--port", "0"], env=environment, stderr=output)
    try:
        wait_until(lambda: "running on" in log.read_text(), "the server is up")
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        assert found is not None
        yield found.group()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_SECONDS)


@pytest.mark.parametrize("command", ["serve", "worker", "replay", "doctor", "transcript"])
def test_help_teaches(command: str) -> None:
    result = CliRunner().invoke(group, [command, "--help"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_without_a_webhook_secret(command: str) -> None:
    result = run(command, SPECWRIGHT_GITHUB_APP_ID="1", SPECWRIGHT_GITHUB_PRIVATE_KEY="k")
    assert result.returncode == 2
    assert "SPECWRIGHT_WEBHOOK_SECRET" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_short_secret_is_refused_and_not_repeated() -> None:
    result = run(
        "serve",
        SPECWRIGHT_GITHUB_APP_ID="1",
        SPECWRIGHT_GITHUB_PRIVATE_KEY="k",
        SPECWRIGHT_WEBHOOK_SECRET="hunter2",
    )
    assert result.returncode == 2
    assert "SPECWRIGHT_WEBHOOK_SECRET must have at least" in result.stderr
    assert "hunter2" not in result.stderr + result.stdout


def test_the_server_takes_a_delivery_and_logs_no_body(tmp_path: Path, empty_redis_url: str) -> None:
    settings = make_settings(tmp_path, empty_redis_url, log_format="json")
    body = make_installation_body(7, "acme/private")
    with serve(tmp_path / "log", {"PATH": os.environ["PATH"], **render_environment(settings)}) as url:
        answers = [httpx.post(f"{url}/webhook", content=body, headers=make_headers(body, "installation", "d-1"))]
        answers.append(httpx.post(f"{url}/webhook", content=body))
    assert [answer.status_code for answer in answers] == [202, 401]
    log = (tmp_path / "log").read_text()
    assert '"delivery": "d-1"' in log
    assert not re.search("private|secret of the tests", log)


def test_the_doctor_says_what_to_do(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, "redis://me:hidden@127.0.0.1:1/0", github_api_url="http://127.0.0.1:1")
    result = run("doctor", **render_environment(settings))
    assert result.returncode == 1
    assert re.search(r"^ok +database", result.stdout, re.MULTILINE)
    assert re.search(r"^MISSING +queue .*\n +Start Redis", result.stdout, re.MULTILINE)
    assert "hidden" not in result.stdout + result.stderr


def test_a_delivery_is_replayed(parts: Parts) -> None:
    environment = render_environment(parts.settings)
    body = make_installation_body(7, "acme/shop")
    parts.store.record_delivery("d-1", "installation", "created", 7, body)
    parts.store.mark_delivery("d-1", "done")
    assert run("replay", "no-such", **environment).returncode == 1
    assert "d-1" in run("replay", **environment).stdout
    result = run("replay", "d-1", **environment)
    copy = result.stdout.split()[-1]
    assert parts.queue.list_jobs("deliveries") == (f"delivery-{copy}-0",)
    with run_worker(parts.settings):
        wait_until(lambda: parts.store.get_delivery(copy).state == "done", "the replay is done")
    assert parts.store.find_repositories(7) == ("acme/shop",)


def test_the_server_keeps_what_comes_while_redis_is_down(tmp_path: Path, server_directory: Path) -> None:
    socket = server_directory / "own.sock"
    settings = make_settings(tmp_path, f"unix://{socket}")
    body = make_installation_body(7, "acme/shop")
    with serve(tmp_path / "log", {"PATH": os.environ["PATH"], **render_environment(settings)}) as url:
        headers = make_headers(body, "installation", "d-1")
        assert httpx.post(f"{url}/webhook", content=body, headers=headers).status_code == 202
        assert httpx.get(f"{url}/readyz").status_code == 503
        with run_redis(socket):
            wait_until(lambda: httpx.get(f"{url}/readyz").status_code == 200, "the server finds Redis again")

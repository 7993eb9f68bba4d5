"""Whether what the bot needs is there: `/readyz` asks the first of these, `specwright doctor` all of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from bot.config import ConfigError
from jobs.parts import Parts
from jobs.queue import QueueUnavailable

GIT_MINIMUM = (2, 31)  # the first whose configuration can be given by GIT_CONFIG_COUNT, so that tokens stay out of argv
GIT_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`found` says what is there or what is wrong, `remedy` what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


Check = Callable[[Parts], CheckResult]


def check_database(parts: Parts) -> CheckResult:
    """The bot's own database answers."""
    url = parts.store.engine.url.render_as_string(hide_password=True)
    try:
        parts.store.check()
    except (sa.exc.SQLAlchemyError, OSError) as error:
        remedy = "Start it, or set SPECWRIGHT_DATABASE_URL (leave it out for SQLite in the data directory)."
        return CheckResult("database", False, f"{url}: {_shorten(error)}", remedy)
    return CheckResult("database", True, url)


def check_queue(parts: Parts) -> CheckResult:
    """Redis answers."""
    url = hide_password(parts.settings.redis_url)
    try:
        parts.queue.check()
        waiting = len(parts.queue.list_jobs("runs"))
    except QueueUnavailable as error:
        return CheckResult("queue", False, f"{url}: {error}", "Start Redis, or set SPECWRIGHT_REDIS_URL.")
    return CheckResult("queue", True, f"{url}, {waiting} runs wait for a worker")


def check_git(parts: Parts) -> CheckResult:
    """Git is there and new enough."""
    remedy = f"Install git {'.'.join(map(str, GIT_MINIMUM))} or newer."
    git = shutil.which("git")
    if git is None:
        return CheckResult("git", False, "not found on PATH", remedy)
    try:
        command = [git, "--version"]
        output = subprocess.run(command, capture_output=True, text=True, timeout=GIT_TIMEOUT_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return CheckResult("git", False, _shorten(error), remedy)
    version = tuple(int(number) for number in re.findall(r"\d+", output)[:2])
    return CheckResult("git", version >= GIT_MINIMUM, output.strip(), remedy)


def check_sandbox(parts: Parts) -> CheckResult:
    """Repository code can be confined, or the operator has said that it need not be."""
    kind = parts.settings.sandbox
    if kind == "none":
        return CheckResult("sandbox", True, "none: every repository is trusted (SPECWRIGHT_SANDBOX=none)")
    from bot.workspace.sandbox import SandboxUnavailable
    from bot.workspace.sandbox import check_sandbox as check

    try:
        check(kind)
    except SandboxUnavailable as error:
        return CheckResult("sandbox", False, "bubblewrap cannot be used here", str(error))
    return CheckResult("sandbox", True, kind)


def check_github(parts: Parts) -> CheckResult:
    """GitHub accepts the App's id and private key."""
    from bot.github.errors import GitHubError

    url, app_id = parts.settings.github_api_url, parts.settings.github_app_id
    try:
        login = parts.github.login
    except (GitHubError, ConfigError, ValueError) as error:
        remedy = "Compare SPECWRIGHT_GITHUB_API_URL, _APP_ID and _PRIVATE_KEY(_FILE) with the App's settings page."
        return CheckResult("github", False, f"App {app_id} at {url}: {_shorten(error)}", remedy)
    return CheckResult("github", True, f"{login} (App {app_id}) at {url}")


def check_scratch_server(parts: Parts) -> CheckResult:
    """A Postgres server for scratch databases is there or can be started."""
    try:
        _ = parts.scratch_server
    except Exception as error:  # an embedded server can fail in as many ways as there are machines
        remedy = "Set SPECWRIGHT_SCRATCH_URL to the superuser URL of a Postgres server for scratch databases."
        return CheckResult("scratch databases", False, _shorten(error), remedy)
    given = parts.settings.scratch_url is not None
    return CheckResult("scratch databases", True, "a server of yours" if given else "embedded Postgres")


def check_model(parts: Parts) -> CheckResult:
    """The Claude API takes the key and knows the model; without a key nothing is asked of it."""
    settings = parts.settings
    if settings.anthropic_api_key is None:
        return CheckResult("model", True, "none: what a spec states exactly is written without one")
    from bot.implement.claude.client import ClaudeClient, ModelError

    client = ClaudeClient(settings.anthropic_api_key.get_secret_value(), settings.anthropic_base_url, retries=1)
    try:
        name = client.check_model(settings.claude_model)
    except ModelError as error:
        remedy = "Compare SPECWRIGHT_ANTHROPIC_API_KEY, _ANTHROPIC_BASE_URL and _CLAUDE_MODEL with the API's console."
        return CheckResult("model", False, f"{settings.claude_model}: {_shorten(error)}", remedy)
    return CheckResult("model", True, f"{name} at {settings.anthropic_base_url}")


SERVER_CHECKS: tuple[Check, ...] = (check_database, check_queue, check_git, check_sandbox)
ALL_CHECKS: tuple[Check, ...] = (*SERVER_CHECKS, check_scratch_server, check_github, check_model)


def hide_password(url: str) -> str:
    """The URL without its user and password; also without its query, which may carry a password too (redis-py)."""
    return re.sub(r"//[^@/]*@", "//***@", url.partition("?")[0])


def _shorten(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__

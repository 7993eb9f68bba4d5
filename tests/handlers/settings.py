"""Settings and signed deliveries for tests."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.config import Settings
from handlers.signature import sign

SECRET = "a secret of the tests"


def make_settings(data_dir: Path, redis_url: str, **changes: Any) -> Settings:
    """Settings with the store in `data_dir`."""
    values: dict[str, Any] = {
        "data_dir": data_dir,
        "redis_url": redis_url,
        "github_app_id": "1",
        "github_private_key": "none",
        "webhook_secret": SECRET,
        "sandbox": "none",
        "sweep_seconds": 1,
    }
    return Settings(**{**values, **changes})


def render_environment(settings: Settings) -> dict[str, str]:
    """The variables that say the same as these settings."""
    values = settings.model_dump(exclude_none=True)
    for name, value in values.items():
        if isinstance(value, SecretStr):
            values[name] = value.get_secret_value()
    return {f"SPECWRIGHT_{name.upper()}": str(value) for name, value in values.items()}


def make_headers(body: bytes, event: str, delivery_id: str | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers that GitHub sends with a payload."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery_id or str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(secret, body),
    }


def make_installation_body(installation_id: int = 7, *repositories: str) -> bytes:
    """An `installation.created` payload, as far as the bot reads it."""
    payload = {
        "action": "created",
        "installation": {"id": installation_id, "account": {"login": "acme"}},
        "repositories": [{"full_name": name} for name in repositories],
    }
    return json.dumps(payload).encode()

"""Links to the bot's own pages.

The page of a run is open to whoever reaches the server, as the webhook must be. So the link carries a key, and only
with it the page names the repository and the issue and shows what went wrong.
"""

from __future__ import annotations

import hashlib
import hmac

from bot.config import Settings

KEY_CHARACTERS = 32


def render_run_url(settings: Settings, run_id: int) -> str:
    """The address of the page of that run, for those who can read the issue."""
    return f"{settings.public_url.rstrip('/')}/runs/{run_id}?key={make_run_key(settings, run_id)}"


def render_rules_url(settings: Settings) -> str:
    """What the addresses of the pages of the lint rules begin with; a slash and the rule's name follow."""
    return f"{settings.public_url.rstrip('/')}/rules"


def make_run_key(settings: Settings, run_id: int) -> str:
    """The key of that run's page: nobody can make it who does not know the webhook secret."""
    secret = settings.webhook_secret.get_secret_value().encode()
    return hmac.new(secret, f"page of run {run_id}".encode(), hashlib.sha256).hexdigest()[:KEY_CHARACTERS]


def is_run_key(settings: Settings, run_id: int, key: str | None) -> bool:
    """Whether that is the key, compared in constant time."""
    return hmac.compare_digest(make_run_key(settings, run_id).encode(), (key or "").encode())

"""Rate limits: https://docs.github.com/en/rest/rate-limit/rate-limit."""

from __future__ import annotations

from typing import Any

from bot.playground.api import HOURLY_LIMIT, Call, route


@route("GET", "/rate_limit")
def get_rate_limit(call: Call) -> Any:
    """What is left; this playground limits nobody, unless a fault is switched on."""
    reset = int(call.work.now().timestamp()) + 3600
    core = {"limit": HOURLY_LIMIT, "used": 0, "remaining": HOURLY_LIMIT, "reset": reset}
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": reset}
    return {"resources": {"core": core, "search": search, "graphql": core}, "rate": core}

"""The playground, spoken to from another process: POST /_playground/VERB with a JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT_SECONDS = 60


class PlaygroundRefused(Exception):
    """The playground did not do it; the message is its own."""


@dataclass(frozen=True, slots=True)
class PlaygroundClient:
    """`url` is the playground's address."""

    url: str

    def do(self, verb: str, **values: Any) -> Any:
        """What the verb answers. Raises `PlaygroundRefused`."""
        answer = httpx.post(f"{self.url}/_playground/{verb}", json=values, timeout=TIMEOUT_SECONDS)
        if answer.is_error:
            raise PlaygroundRefused(f"{verb}: {answer.json().get('message', answer.status_code)}")
        return answer.json()

    def is_up(self) -> bool:
        """Whether it answers."""
        return is_up(f"{self.url}/_playground/health")


def is_up(url: str) -> bool:
    """Whether that address answers 200."""
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False

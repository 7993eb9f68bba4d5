"""The playground, spoken to from another process: POST /_playground/VERB with a JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT_SECONDS = 120  # a large repository takes its time to be copied


class PlaygroundRefused(Exception):
    """The playground did not do it; the message is its own."""


@dataclass(frozen=True, slots=True)
class PlaygroundClient:
    """`url` is the playground's address."""

    url: str

    def do(self, verb: str, **values: Any) -> Any:
        """What the verb answers. Raises `PlaygroundRefused`."""
        try:
            # A proxy of the machine's (HTTP_PROXY) does not lead to this machine.
            answer = httpx.post(f"{self.url}/_playground/{verb}", json=values, timeout=TIMEOUT_SECONDS, trust_env=False)
        except httpx.TransportError as error:
            raise PlaygroundRefused(f"{verb}: {type(error).__name__}: {error}") from error
        if answer.is_error:
            raise PlaygroundRefused(f"{verb}: {_read_message(answer)}")
        return answer.json()

    def is_up(self) -> bool:
        """Whether it answers."""
        return is_up(f"{self.url}/_playground/health")


def is_up(url: str) -> bool:
    """Whether that address answers 200."""
    try:
        return httpx.get(url, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _read_message(answer: httpx.Response) -> str:
    """GitHub's message with its details: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api."""
    try:
        body = answer.json()
        details = [error.get("message") or f"{error['field']} is {error['code']}" for error in body.get("errors", ())]
        return ": ".join([str(body["message"]), *details])
    except (ValueError, KeyError, AttributeError):
        return f"{answer.status_code} {answer.reason_phrase}"

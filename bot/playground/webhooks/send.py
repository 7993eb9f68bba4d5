"""The thread that takes deliveries to their Apps, in order, once each: GitHub does not try again by itself.

https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from dataclasses import dataclass, field

import httpx
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.playground.site import Site
from bot.playground.tables import Delivery

KEPT_BODY_CHARACTERS = 10_000


@dataclass
class Sender:
    """Sends what is pending, also what a former process left."""

    site: Site
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _is_ending: bool = False
    _is_idle: bool = False
    _news: int = 0

    def start(self) -> None:
        """Starts the thread."""
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Something may be pending."""
        with self._wake:
            self._news += 1
            self._is_idle = False
            self._wake.notify_all()

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Waits until nothing is pending; False when that took too long."""
        with self._wake:
            return self._wake.wait_for(lambda: self._is_idle, timeout_seconds)

    def stop(self) -> None:
        """Ends the thread after the delivery that is under way."""
        with self._wake:
            self._is_ending = True
            self._wake.notify_all()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=self.site.delivery_timeout_seconds, trust_env=False) as client:
            while not self._is_ending:
                seen = self._news
                if not self._send_next(client):
                    self._rest(seen)

    def _rest(self, seen: int) -> None:
        with self._wake:
            if self._news == seen:
                self._is_idle = True
                self._wake.notify_all()
                self._wake.wait_for(lambda: self._news != seen or self._is_ending)

    def _send_next(self, client: httpx.Client) -> bool:
        query = sa.select(Delivery).where(Delivery.state == "pending").order_by(Delivery.id).limit(1)
        with self.site.lock, Session(self.site.engine) as session:
            delivery = session.scalar(query)
            if delivery is None:
                return False
            number, url = delivery.id, delivery.app.webhook_url or ""
            headers, body = make_request(delivery)
        outcome = _post(client, url, headers, body)
        with self.site.lock, Session(self.site.engine) as session, session.begin():
            session.execute(sa.update(Delivery).where(Delivery.id == number).values(request_headers=headers, **outcome))
        return True


def make_request(delivery: Delivery) -> tuple[dict[str, str], bytes]:
    """The headers and the body: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers."""
    body = delivery.payload.encode()
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/playground",
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(delivery.app_id),
        "X-GitHub-Hook-Installation-Target-ID": str(delivery.app_id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    secret = delivery.app.webhook_secret
    if secret:
        headers["X-Hub-Signature"] = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return headers, body


def _post(client: httpx.Client, url: str, headers: dict[str, str], body: bytes) -> dict[str, object]:
    started = time.monotonic()
    try:
        answer = client.post(url, content=body, headers=headers)
        outcome: dict[str, object] = {
            "state": "done" if answer.is_success else "failed",
            "status": "OK" if answer.is_success else answer.reason_phrase or "failed",
            "status_code": answer.status_code,
            "response_headers": dict(answer.headers),
            "response_body": answer.text[:KEPT_BODY_CHARACTERS],
        }
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        status = "timed out" if isinstance(error, httpx.TimeoutException) else "failed to connect to host"
        outcome = {"state": "failed", "status": status, "status_code": 0, "response_body": str(error)}
    return {**outcome, "duration_seconds": time.monotonic() - started}

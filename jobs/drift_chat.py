"""A line in a team's chat, by an incoming webhook as Slack, Mattermost, Rocket.Chat and Zulip's Slack-like one take it.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from __future__ import annotations

import logging

import httpx

from bot.config import Settings

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10


def say_in_chat(settings: Settings, text: str) -> None:
    """Says it, when there is a chat. One that does not answer holds nothing up; its address is a secret."""
    if settings.drift_chat_url is None:
        return
    try:
        answer = httpx.post(settings.drift_chat_url.get_secret_value(), json={"text": text}, timeout=TIMEOUT_SECONDS)
        if not answer.is_success:
            logger.warning("the chat refused a report", extra={"status": answer.status_code})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        logger.warning("the chat does not answer: %s", type(error).__name__)

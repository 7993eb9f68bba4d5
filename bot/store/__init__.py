"""The bot's own database: installations, deliveries, runs, steps, pull requests."""

from __future__ import annotations

from bot.store.store import Store
from bot.store.values import ACTIVE, Delivery, PullRequestRecord, Run, RunStatus, Step

__all__ = ["ACTIVE", "Delivery", "PullRequestRecord", "Run", "RunStatus", "Step", "Store"]

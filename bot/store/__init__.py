"""The bot's own database: installations, deliveries, runs, steps, pull requests, decisions."""

from __future__ import annotations

from bot.store.deliveries import UnknownDelivery
from bot.store.runs import NewRun, UnknownRun
from bot.store.store import Store
from bot.store.values import (
    ACTIVE,
    Decision,
    Delivery,
    DeliveryState,
    NewDecision,
    PullRequestRecord,
    Run,
    RunStatus,
    Step,
)

__all__ = [
    "ACTIVE",
    "Decision",
    "Delivery",
    "DeliveryState",
    "NewDecision",
    "NewRun",
    "PullRequestRecord",
    "Run",
    "RunStatus",
    "Step",
    "Store",
    "UnknownDelivery",
    "UnknownRun",
]

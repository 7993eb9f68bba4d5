"""The bot's own database: installations, deliveries, runs, steps, transcripts, pull requests, drift checks."""

from __future__ import annotations

from bot.store.deliveries import UnknownDelivery
from bot.store.drift_checks import DriftResult, UnknownDriftCheck
from bot.store.runs import NewRun, UnknownRun
from bot.store.store import Store
from bot.store.transcript import TranscriptTaken
from bot.store.values import (
    ACTIVE,
    Delivery,
    DeliveryState,
    DriftCheck,
    DriftSchedule,
    DriftStatus,
    Entry,
    EntryKind,
    PullRequestRecord,
    Run,
    RunStatus,
    Snapshot,
    Step,
)

__all__ = [
    "ACTIVE",
    "Delivery",
    "DeliveryState",
    "DriftCheck",
    "DriftResult",
    "DriftSchedule",
    "DriftStatus",
    "Entry",
    "EntryKind",
    "NewRun",
    "PullRequestRecord",
    "Run",
    "RunStatus",
    "Snapshot",
    "Step",
    "Store",
    "TranscriptTaken",
    "UnknownDelivery",
    "UnknownDriftCheck",
    "UnknownRun",
]

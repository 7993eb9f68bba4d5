"""The bot's own database: deliveries, runs and their transcripts, decisions, drift checks, and what GitHub says."""

from __future__ import annotations

from bot.store.deliveries import UnknownDelivery
from bot.store.drift_checks import DriftResult, UnknownDriftCheck
from bot.store.runs import NewRun, UnknownRun
from bot.store.store import Store
from bot.store.transcript import TranscriptTaken
from bot.store.values import (
    ACTIVE,
    Decision,
    Delivery,
    DeliveryState,
    DriftCheck,
    DriftSchedule,
    DriftStatus,
    Entry,
    EntryKind,
    NewDecision,
    PullRequestRecord,
    Run,
    RunStatus,
    Snapshot,
    Step,
)

__all__ = [
    "ACTIVE",
    "Decision",
    "Delivery",
    "DeliveryState",
    "DriftCheck",
    "DriftResult",
    "DriftSchedule",
    "DriftStatus",
    "Entry",
    "EntryKind",
    "NewDecision",
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

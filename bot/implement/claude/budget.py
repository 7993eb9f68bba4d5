"""How much a run may use, how much it has used, and when that is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.config import RepositoryConfig, Settings
from bot.implement.claude.usage import Usage, compute_cost_usd, from_json
from bot.store import Entry

NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use at most."""

    turns: int
    minutes: float
    tokens: int
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used: answers of the model, minutes of the model and its tools, tokens, dollars."""

    turns: int = 0
    minutes: float = 0.0
    usage: Usage = NOTHING
    cost_usd: float = 0.0


def choose_limits(settings: Settings, config: RepositoryConfig) -> Limits:
    """The operator's limits, or the repository's where these are lower."""
    own = config.budget
    return Limits(
        turns=min(settings.budget_turns, own.turns or settings.budget_turns),
        minutes=min(settings.budget_minutes, own.minutes or settings.budget_minutes),
        tokens=min(settings.budget_tokens, own.tokens or settings.budget_tokens),
        cost_usd=min(settings.budget_cost_usd, own.cost_usd or settings.budget_cost_usd),
    )


def extend_limits(limits: Limits, granted_usd: Sequence[float]) -> Limits:
    """The limits of a run that was allowed to go on: so many more dollars each time, and the other limits once more."""
    times = 1 + len(granted_usd)
    return Limits(
        limits.turns * times, limits.minutes * times, limits.tokens * times, limits.cost_usd + sum(granted_usd)
    )


def count_spent(entries: Iterable[Entry]) -> Spent:
    """What the lines of a transcript have cost, those of all its conversations together."""
    spent = Spent()
    for entry in entries:
        is_reply = entry.kind == "reply"
        usage = from_json(entry.content["usage"]) if is_reply else NOTHING
        cost_usd = compute_cost_usd(entry.content["model"], usage) if is_reply else 0.0
        spent = Spent(
            spent.turns + is_reply,
            spent.minutes + entry.duration_seconds / 60,
            spent.usage + usage,
            spent.cost_usd + cost_usd,
        )
    return spent


def find_excess(limits: Limits, spent: Spent) -> tuple[str, str] | None:
    """The named end that a limit brings about ("out of budget", "out of time") and the limit in words."""
    if spent.minutes >= limits.minutes:
        return "out of time", f"{limits.minutes:g} minutes"
    reached = (
        (spent.turns >= limits.turns, f"{limits.turns:,} answer{'s' if limits.turns > 1 else ''} of the model"),
        (spent.usage.total >= limits.tokens, f"{limits.tokens:,} tokens"),
        (spent.cost_usd >= limits.cost_usd, f"${limits.cost_usd:,.2f}"),
    )
    return next((("out of budget", words) for is_reached, words in reached if is_reached), None)

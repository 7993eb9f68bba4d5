"""What an answer of the model has used, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from types import MappingProxyType

PRICES_OF = date(2026, 10, 24)  # when the table below was last true
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the API counts them: `input` is what was neither read from the cache nor written to it."""

    input: int = 0
    cache_write: int = 0
    cache_read: int = 0
    output: int = 0

    @property
    def sent(self) -> int:
        """All that was sent, cached or not."""
        return self.input + self.cache_write + self.cache_read

    @property
    def total(self) -> int:
        """All that counts against a budget."""
        return self.sent + self.output

    def __add__(self, other: Usage) -> Usage:
        pairs = {item.name: getattr(self, item.name) + getattr(other, item.name) for item in fields(Usage)}
        return Usage(**pairs)


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars a million tokens. A cache entry lives five minutes, so that is the price of writing one."""

    input: float
    cache_write: float
    cache_read: float
    output: float


# https://platform.claude.com/docs/en/about-claude/pricing and the models' own pages. A model with prices that depend on
# the length of the prompt (Haiku 5.5) is left out: what is not here costs as the dearest that is.
PRICES: Mapping[str, Price] = MappingProxyType(
    {
        "claude-fable-5-1": Price(10, 12.50, 0.25, 50),
        "claude-fable-5": Price(10, 12.50, 1, 50),
        "claude-opus-5-5": Price(4, 5, 0.20, 20),
        "claude-opus-5": Price(5, 6.25, 0.50, 25),
        "claude-opus-4-8": Price(5, 6.25, 0.50, 25),
        "claude-sonnet-5-5": Price(2, 2.50, 0.20, 10),
        "claude-sonnet-5": Price(2, 2.50, 0.20, 10),
    }
)
DEAREST = Price(*(max(getattr(price, item.name) for price in PRICES.values()) for item in fields(Price)))


def is_priced(model: str) -> bool:
    """Whether the table names the model; the cost of another is an upper bound."""
    return model in PRICES


def compute_cost_usd(model: str, usage: Usage) -> float:
    """What that costs. A model that the table does not name is taken to be the dearest: a limit must hold."""
    price = PRICES.get(model, DEAREST)
    pairs = (
        (price.input, usage.input),
        (price.cache_write, usage.cache_write),
        (price.cache_read, usage.cache_read),
        (price.output, usage.output),
    )
    return sum(dollars * tokens for dollars, tokens in pairs) / _MILLION


def add_up(usages: Iterable[Usage]) -> Usage:
    """All of them together."""
    return sum(usages, Usage())


def to_json(usage: Usage) -> dict[str, int]:
    """A dictionary that JSON can hold; `from_json` reads it back."""
    return asdict(usage)


def from_json(content: Mapping[str, int]) -> Usage:
    """The usage that `to_json` wrote."""
    return Usage(**content)

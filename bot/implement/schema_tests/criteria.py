"""Which acceptance criterion a test is evidence for: one that names what the test is about and asks for that kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.implement.models.names import singularize
from bot.implement.schema_tests.case import Case, Kind
from bot.spec.model import Criterion

_ASKS: Mapping[Kind, str] = {
    "unique": r"unique|at most one|only one|one\b.*\bonly|exists once|\bonce\b|second|duplicate|same|no two|already",
    "required": r"required|must have|always|every|each|mandatory|not null|names\b|without an? .* is (refused|rejected)",
    "optional": r"optional|may be (missing|empty|null|left)|without|need not|no longer required",
    "check": r"never|below|above|negative|positive|at least|at most|between|before|after|greater|less|more than|"
    r"refused|rejected|must be|zero|range|only|not allowed|cannot",
    "reference": r"belongs|refers|reference|deleted|removed with|goes with|of an? existing|unknown|cascade|linked",
    "values": r"one of|value|can be|can become|becomes?\b|either",
    "default": r"default|starts?\b|new\b|begins?|initial|gets?\b|are\b.*\bunless|exist today",
    "type": r"longer|more than|larger|type|up to|may be|length|characters|precision",
    "index": r"index|fast|quick|scan|performance|read.*by|search|look(ed)? up|sorted|latest",
    "gone": r"removed|dropped|no longer|gone",
}


def find_criterion(case: Case, criteria: Sequence[Criterion]) -> Criterion | None:
    """The criterion that fits best; none rather than one that only happens to share a word."""
    scored = [(score(case, criterion), -position, criterion) for position, criterion in enumerate(criteria)]
    best = max(scored, key=lambda item: item[:2], default=None)
    return best[2] if best is not None and best[0] >= 3 else None


def score(case: Case, criterion: Criterion) -> int:
    """How well they fit: 0 when the criterion asks for something of another kind or names nothing of the test's."""
    text = criterion.text.lower()
    if not re.search(_ASKS[case.kind], text):
        return 0
    columns = sum(_names(text, column) for column in case.columns)
    words = sum(_names(text, word) for word in case.words if len(word) > 2)
    table = _names(text, case.table.name)
    subject = (
        table or _names(text, singularize(case.table.name)) or _names(text, singularize(case.table.name).split("_")[-1])
    )
    is_whole = _is_whole_key(case)
    if not columns and not (words and subject) and not (table and is_whole):
        return 0
    return 2 * columns + 2 * bool(words) + 2 * table + bool(subject) + (2 if is_whole and table else 0)


def _is_whole_key(case: Case) -> bool:
    key = case.table.primary_key
    return case.kind == "unique" and key is not None and set(case.columns) == set(key.columns)


def _names(text: str, name: str) -> bool:
    """Whether the text names it: as it is spelled, or in plain words (`points_balance` as "points balance")."""
    words = re.escape(name.lower()).replace("_", "[_ ]")
    stem = name.lower().removesuffix("_id")
    plain = re.escape(stem).replace("_", "[_ ]")
    return re.search(rf"(?<!\w)({words}|{plain})(?!\w)", text) is not None

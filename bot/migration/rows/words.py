"""Plausible texts for a column, by its name: what people put there, made by Faker."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker

# The first part of a column's name that fits says which of Faker's providers
# (https://faker.readthedocs.io/en/stable/providers.html) is asked.
_PROVIDERS = {
    "mail": "ascii_safe_email",
    "url": "url",
    "link": "url",
    "phone": "phone_number",
    "city": "city",
    "country": "country",
    "street": "street_address",
    "address": "street_address",
    "company": "company",
    "user": "user_name",
    "login": "user_name",
    "file": "file_name",
    "color": "color_name",
    "colour": "color_name",
    "isbn": "isbn13",
    "name": "name",
    "title": "catch_phrase",
    "note": "sentence",
    "comment": "sentence",
    "description": "sentence",
}
_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"


def render_word(column: str, number: int, limit: int | None) -> str:
    """A text of at most `limit` characters that differs for every number; the same for the same column and number."""
    name = column.lower()
    provider = next((provider for part, provider in _PROVIDERS.items() if part in name), "word")
    fake = _open_faker()
    fake.seed_instance(f"{name}:{number}")
    text = str(getattr(fake, provider)())
    text = f"{number}.{text}" if provider == "ascii_safe_email" else f"{text}{'' if provider == 'url' else '-'}{number}"
    if limit is None or len(text) <= limit:
        return text
    return _render_short(number)[-limit:].rjust(min(limit, 2), "a")


@cache
def _open_faker() -> Faker:
    from faker import Faker  # most processes fill no table, and its import takes a while

    return Faker("en_US")


def _render_short(number: int) -> str:
    text = _DIGITS[number % 36]
    while number >= 36:
        number //= 36
        text = _DIGITS[number % 36] + text
    return text

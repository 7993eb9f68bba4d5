"""Specs without what differs by notation only."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import Any

from bot.spec.errors import SpecError
from bot.spec.model import DataModel, Problem, Spec
from bot.spec.reader import read_spec


def drop_lines(value: Any) -> Any:
    """The value as plain data without line numbers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value) if field.name != "line"]
        return {name: drop_lines(getattr(value, name)) for name in fields}
    return [drop_lines(item) for item in value] if isinstance(value, tuple) else value


def read(text: str, title: str = "A spec") -> Spec:
    return read_spec(title, textwrap.dedent(text).strip("\n"))


def read_model(text: str, language: str = "yaml") -> DataModel:
    return read(f"## Data model\n```{language}\n{textwrap.dedent(text)}\n```").data_model


def read_problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a text that cannot be read."""
    try:
        read(text)
    except SpecError as error:
        return error.problems
    raise AssertionError("the text was read without a problem")

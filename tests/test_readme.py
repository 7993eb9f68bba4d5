"""The README's tables say what the settings are: each is written from the fields themselves."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bot.config import RepositoryConfig, Settings

ROOT = Path(__file__).parents[1]


def render_settings() -> list[str]:
    rows = []
    for name, field in Settings.model_fields.items():
        default = "required" if field.default is PydanticUndefined else f"`{field.default}`"
        default = "" if field.default is None else default
        rows.append(f"| `{name.upper()}` | {default} | {field.description} |")
    return rows


def render_config(model: type[BaseModel] = RepositoryConfig, prefix: str = "") -> list[str]:
    rows = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            rows += render_config(kind, f"{prefix}{name}.")
        else:
            rows.append(f"| `{prefix}{name}` | {field.description} |")
    return rows


def test_the_readme_lists_every_setting() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert [row for row in (*render_settings(), *render_config()) if row not in lines] == []

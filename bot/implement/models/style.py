"""How a repository writes its models, learned from those that it has."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.implement.models.names import camelize, pluralize, singularize, snake
from bot.implement.models.scan import ModelClass, Repository
from bot.implement.models.source_files import SourceFile

DEFAULT_LINE_LENGTH = 88  # of black and of ruff


@dataclass(frozen=True, slots=True)
class ModelStyle:
    """`is_mapped`: `Mapped[]` and `mapped_column()`, else `Column()`. `relationship`: how both sides are tied, None
    when the repository has no relationships. `is_singular`: class `Book` of table `books`. `groups_models`: files hold
    more than one model. `has_enum_classes`: enumerations are Python classes, else lists of strings.
    """

    is_mapped: bool = True
    uses_optional: bool = False
    relationship: Literal["back_populates", "backref"] | None = "back_populates"
    is_singular: bool = True
    is_plural_module: bool = False
    groups_models: bool = False
    quote: Literal['"', "'"] = '"'
    line_length: int = DEFAULT_LINE_LENGTH
    uses_func_now: bool = False
    has_module_docstrings: bool = False
    has_class_docstrings: bool = False
    has_enum_classes: bool = True
    uses_core_tables: bool = False

    def class_name(self, table: str) -> str:
        """The class of a new table."""
        return camelize(singularize(table) if self.is_singular else table)


def read_style(tree: Path, repository: Repository) -> ModelStyle:
    """The style of the majority; SQLAlchemy 2.0's own where there is nothing to learn from."""
    models = repository.models
    text = "\n".join(file.text for file in model_files(repository))
    everything = text + repository.base.file.text
    uses = repository.enum_uses
    return ModelStyle(
        is_mapped=_most((model.is_mapped for model in models), default=True),
        uses_optional="Optional[" in text,
        relationship=_find_relationship(text) if models else "back_populates",
        is_singular=_most((_is_singular(model) for model in models), default=True),
        is_plural_module=_most(map(_is_plural_module, models), default=False),
        groups_models=any(count > 1 for count in Counter(model.file.path for model in models).values()),
        quote=_find_quote(text),
        line_length=_find_line_length(tree),
        uses_func_now=bool(re.search(r"server_default=(?:sa\.)?func\.(?:now|current_timestamp)\(", everything)),
        has_module_docstrings=_most((_has_docstring(file.tree) for file in model_files(repository)), default=False),
        has_class_docstrings=_most((_has_docstring(model.node) for model in models), default=False),
        has_enum_classes=any(use.class_name for use in uses) or bool(repository.enums) or not uses,
        uses_core_tables=bool(repository.tables),
    )


def model_files(repository: Repository) -> tuple[SourceFile, ...]:
    """The files that hold models, each once."""
    return tuple({model.file.path: model.file for model in repository.models}.values())


def _most(flags: Iterable[bool], *, default: bool) -> bool:
    values = list(flags)
    return sum(values) * 2 > len(values) if values else default


def _find_relationship(text: str) -> Literal["back_populates", "backref"] | None:
    if not re.search(r"\brelationship\(", text):
        return None
    return "backref" if text.count("backref=") > text.count("back_populates=") else "back_populates"


def _is_singular(model: ModelClass) -> bool:
    return snake(model.name) == singularize(snake(model.name))


def _is_plural_module(model: ModelClass) -> bool:
    stem = model.file.path.stem
    return stem == pluralize(stem) and stem != singularize(stem)


def _has_docstring(node: ast.Module | ast.ClassDef) -> bool:
    return ast.get_docstring(node) is not None


def _find_quote(text: str) -> Literal['"', "'"]:
    return "'" if len(re.findall(r"'[\w.]+'", text)) > len(re.findall(r'"[\w.]+"', text)) else '"'


def _find_line_length(tree: Path) -> int:
    for name in ("pyproject.toml", "ruff.toml", ".ruff.toml"):
        try:
            content = tomllib.loads((tree / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            continue
        tools = content.get("tool", {}) if name == "pyproject.toml" else {"ruff": content}
        for tool in ("ruff", "black"):
            options = tools.get(tool) if isinstance(tools, dict) else None
            length = options.get("line-length") if isinstance(options, dict) else None
            if isinstance(length, int) and 60 <= length <= 320:
                return length
    return DEFAULT_LINE_LENGTH

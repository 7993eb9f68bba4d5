"""Where a new table is put: the file that the repository's way of ordering its models asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bot.config import RepositoryConfig
from bot.implement.errors import ImplementError
from bot.implement.models.names import module_stem, pluralize, singularize
from bot.implement.models.workbench import Workbench
from bot.schema.model import Table


def choose_paths(
    workbench: Workbench, tables: Sequence[Table], config: RepositoryConfig
) -> dict[tuple[str, str], Path]:
    """The file (relative to the tree) of each new table, by (schema, name).

    The config's `models` decides; else the one file that holds all models, else a file of its own in the folder that
    holds most. Where files hold several models, new tables that share their first word share a file.
    """
    home = _choose_home(workbench, config)
    if home.suffix == ".py":
        return {(table.schema, table.name): home for table in tables}
    words = Counter(table.name.split("_")[0] for table in tables)
    paths = {}
    for table in tables:
        word = table.name.split("_")[0]
        is_shared = workbench.style.groups_models and words[word] > 1
        paths[table.schema, table.name] = home / f"{_stem(workbench, word if is_shared else table.name)}.py"
    return paths


def _stem(workbench: Workbench, name: str) -> str:
    return module_stem(pluralize(name) if workbench.style.is_plural_module else singularize(name))


def _choose_home(workbench: Workbench, config: RepositoryConfig) -> Path:
    if config.models:
        home = Path(config.models)
        if home.is_absolute() or ".." in home.parts:
            raise ImplementError(f"models: {config.models} in the config leads out of the repository")
        return home
    files = {model.file.path for model in workbench.repository.models}
    base = workbench.repository.base.file.path
    if len(files) == 1:
        return _home_of_one(files.pop(), base)
    if not files:
        return base.parent if base.parent.name in {"models", "model", "entities", "tables"} else base
    folders = Counter(path.parent for path in files)
    return max(sorted(folders), key=lambda folder: folders[folder])


def _home_of_one(path: Path, base: Path) -> Path:
    """A single file of models takes the next one too, unless it is one of a package with the base beside it."""
    is_package = base != path and base.parent == path.parent and path.parent.name in {"models", "model", "entities"}
    return path.parent if is_package else path

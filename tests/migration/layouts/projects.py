"""The projects of `projects/`: what Alembic's own `init` makes, and over that the files of the folder.

A link there leads to `projects/shared/`, to a file that many of them have; in the project that is made it is a file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import AlembicConfig, DatabaseConfig, RepositoryConfig
from bot.workspace.environment import Environment

FOLDER = Path(__file__).with_name("projects")
MODELS = "from models import Base\n\ntarget_metadata = Base.metadata"
NOTE = "ALTER TABLE customers ADD COLUMN note varchar(200);"

NOTES = """```yaml
tables:
  notes:
    columns:
      id: {type: integer, primary_key: true, identity: true}
      customer_id: {type: integer, nullable: false, references: customers.id}
      code: {type: text, unique: true}
```"""


@dataclass(frozen=True)
class Layout:
    """A project, what a spec asks of it, where the revision must be written (a glob) and words that must be in it.

    `init` is the command that makes the set-up, run by the project's own environment; `edits` are what its people
    change in that, (file, text, new text). `heads` are what a revision stands on, several for a merge.
    """

    name: str
    path: str = "migrations/versions/*_notes_of_customers.py"
    words: tuple[str, ...] = ('op.add_column("customers", sa.Column("note", sa.String(length=200), nullable=True))',)
    model: str = NOTE
    config: RepositoryConfig = field(default_factory=RepositoryConfig)
    init: tuple[str, ...] = ()
    edits: tuple[tuple[str, str, str], ...] = ()
    heads: tuple[str, ...] = ("2b9d311f0c2a",)

    def make_start(self, environment: Environment) -> Callable[[Path, Mapping[str, str] | None], Path]:
        """What `Benches.open` takes."""

        def start(root: Path, _: Mapping[str, str] | None) -> Path:
            root.mkdir(parents=True)
            if self.init:
                self._init(root, environment)
            shutil.copytree(FOLDER / self.name, root, dirs_exist_ok=True)
            return root

        return start

    def _init(self, root: Path, environment: Environment) -> None:
        program, *arguments = self.init
        for name in ("app.py", "config.py"):  # what `flask` must find
            if (FOLDER / self.name / name).exists():
                shutil.copy(FOLDER / self.name / name, root)
        command = [str(environment.python.with_name(program)), *arguments]
        env = {
            **os.environ,
            "SHOP_DB_URI": "postgresql+psycopg://nowhere/shop",
        }  # `flask db init` loads the application
        subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)
        shutil.rmtree(root / "__pycache__", ignore_errors=True)
        for file, text, new in self.edits:
            content = (root / file).read_text()
            assert text in content
            (root / file).write_text(content.replace(text, new))


def _init(template: str, *edits: tuple[str, str, str]) -> dict[str, object]:
    models = (("migrations/env.py", "target_metadata = None", MODELS),)
    return {"init": ("alembic", "init", "-t", template, "migrations"), "edits": edits or models}


_MULTIDB = (
    (
        "migrations/env.py",
        "target_metadata = {}",
        "from models import Base, StockBase\n\n"
        'target_metadata = {"engine1": Base.metadata, "engine2": StockBase.metadata}',
    ),
)
_SQLMODEL = (
    "migrations/env.py",
    "target_metadata = None",
    "from sqlmodel import SQLModel\n\nfrom app import models  # noqa\n\ntarget_metadata = SQLModel.metadata",
)
SINGLE = "op.add_column('customers', sa.Column('note', sa.String(length=200), nullable=True))"
LAYOUTS = (
    Layout("generic", **_init("generic")),
    Layout("async", **_init("async")),
    Layout("pyproject", **_init("pyproject")),
    Layout(
        "multidb",
        **_init("multidb", *_MULTIDB),
        heads=("1f0c2a7b9d31",),
        config=RepositoryConfig(alembic=AlembicConfig(database="engine1")),
        words=("def upgrade_engine1() -> None:", "def upgrade_engine2() -> None:"),
    ),
    Layout("flask_migrate", init=("flask", "db", "init")),
    Layout(
        "sqlmodel",
        **_init("generic", _SQLMODEL),
        heads=("1f0c2a7b9d31",),
    ),
    Layout("version_locations", path="billing/versions/*_notes_of_customers.py"),
    Layout(
        "branches",
        config=RepositoryConfig(alembic=AlembicConfig(branch="shop")),
        words=('down_revision: Union[str, Sequence[str], None] = "2b9d311f0c2a"',),
    ),
    Layout(
        "two_heads",
        heads=("2b9d311f0c2a", "4d1f2a7b9d11"),
        path="migrations/versions/*.py",
        config=RepositoryConfig(alembic=AlembicConfig(merge_heads=True)),
        words=('down_revision: Union[str, Sequence[str], None] = ("2b9d311f0c2a", "4d1f2a7b9d11")',),
    ),
    Layout("include", heads=("5e1f2a7b9d11",)),
    Layout("schema_qualified", model=NOTE.replace("customers", "shop.customers"), words=('schema="shop"',)),
    Layout(
        "multi_tenant",
        config=RepositoryConfig(alembic=AlembicConfig(x={"tenant": "acme"})),
    ),
    Layout(
        "search_path",
        config=RepositoryConfig(
            alembic=AlembicConfig(x={"tenant": "acme"}), database=DatabaseConfig(schemas=("acme",))
        ),
    ),
    Layout("offline"),
    Layout("whole_application"),
    Layout("pydantic_settings", config=RepositoryConfig(env={"SHOP_SECRET_KEY": "x"})),
    Layout("environ", config=RepositoryConfig(env={"SHOP_STAGE": "test"})),
    Layout("custom_operations", heads=("6f1f2a7b9d11",)),
    Layout("alembic_utils", heads=("7a1f2a7b9d11",)),
    Layout("postgresql_enum", heads=("8c1f2a7b9d22",)),
    Layout(
        "naming",
        model=NOTES,
        words=("pkc__notes", "fkc__notes__customer_id__customers", "unq__notes__code"),
    ),
    Layout("file_template", path="migrations/versions/2026/03/04_0606_notes_of_customers_*.py"),
    Layout("black"),
    Layout("ruff", words=(SINGLE,)),
)

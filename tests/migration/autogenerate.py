"""What Alembic's autogenerate makes of a change by itself: `alembic revision --autogenerate`, run for real."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

ENV = """
from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    compare_type=True,
    compare_server_default=True,
    include_schemas=context.config.attributes["connection"].dialect.name == "postgresql",
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
"""
TEMPLATE = '''"""${message}"""
import sqlalchemy as sa
from alembic import op
${imports or ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    ${upgrades or "pass"}


def downgrade():
    ${downgrades or "pass"}
'''


def reflect(engine: sa.Engine) -> sa.MetaData:
    """The database as models: all that SQLAlchemy can say of it, which is more than people write."""
    metadata = sa.MetaData()
    names: list[str | None] = [None]
    if engine.dialect.name == "postgresql":
        names += [
            name for name in sa.inspect(engine).get_schema_names() if name not in ("public", "information_schema")
        ]
    for name in names:
        metadata.reflect(engine, schema=name)
    return metadata


class Autogenerate:
    """A project whose env.py has these models."""

    def __init__(self, root: Path, engine: sa.Engine, metadata: sa.MetaData) -> None:
        self.root, self.engine, self.metadata = root, engine, metadata
        (root / "versions").mkdir(parents=True)
        (root / "env.py").write_text(ENV)
        (root / "script.py.mako").write_text(TEMPLATE)

    def write(self) -> str:
        """Write the revision; returned is its text."""
        self._run("revision")
        (path,) = (self.root / "versions").glob("*.py")
        return path.read_text()

    def upgrade(self) -> None:
        """Run it."""
        self._run("upgrade")

    def downgrade(self) -> None:
        """Take it back."""
        self._run("downgrade")

    def _run(self, name: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(self.root))
        config.set_main_option("path_separator", "os")
        config.attributes["metadata"] = self.metadata
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            if name == "revision":
                command.revision(config, "the change", autogenerate=True)
            elif name == "upgrade":
                command.upgrade(config, "head")
            else:
                command.downgrade(config, "base")

"""A revision that no code can notice: a test that fails after it looks at the schema itself, not at what it is for.

Such tests compare the models with the database, count its tables or know the name of the newest revision. Against a
schema that is newer than their models they fail whatever the change is, so they say nothing about the code.
"""

from __future__ import annotations

REVISION = "specwright_unrelated"
TABLE = "specwright_unrelated"
FILE_NAME = "specwright_unrelated.py"

_TEXT = '''"""An unrelated table, for one run of the tests."""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}
branch_labels = None
depends_on = None


def upgrade():
    op.create_table({table!r}, sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table({table!r})
'''


def render_control(down_revision: str | None) -> str:
    """The revision's file, on top of `down_revision`."""
    return _TEXT.format(revision=REVISION, down_revision=down_revision, table=TABLE)

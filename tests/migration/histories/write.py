"""A story as the files of a project: three teams, three layouts, hundreds of revisions, always the same ones."""

from __future__ import annotations

import hashlib
import random
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.migration.histories.story import Change, Story
from tests.migration.projects import write_files

START = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)
PARALLEL = 0.08  # of the changes are written at the same time as another, and merged
FILES = Path(__file__).with_name("files")


@dataclass(frozen=True)
class Team:
    """How a team keeps its migrations: `location` of the revisions, `file` their names, `numbered` their ids."""

    name: str
    seed: int
    app: str
    location: str
    file: str
    numbered: bool = False
    count: int = 220


TEAMS = (
    Team("dated", 11, "shop", "migrations/versions", "{at:%Y_%m_%d_%H%M}-{rev}_{slug}", count=240),
    Team("flask", 22, "blog", "migrations/versions", "{rev}_{slug}"),
    Team("numbered", 34, "platform_app", "src/platform_app/db/migrations/versions", "{at:%Y}/{rev}_{slug}", True, 210),
)


def write_history(team: Team, root: Path) -> Path:
    """The project of the team below `root`."""
    write_files(root, dict(_list_files(FILES / team.name)))
    write_files(root, dict(list_revisions(team)))
    return root


def list_revisions(team: Team) -> Iterator[tuple[str, str]]:
    """Path and text of each revision, from the oldest on."""
    story, number, heads = Story(random.Random(team.seed)), 0, tuple[str, ...]()
    while number < team.count or len(heads) > 1:
        number += 1
        if len(heads) > 1:
            change = Change("merge heads", "pass", "pass", frozenset())
            heads, file = _write(team, number, heads, change)
        elif number > 20 and number < team.count and story.dice.random() < PARALLEL:
            one, file = _write(team, number, heads, change := story.tell())
            yield file
            other, file = _write(team, number := number + 1, heads, story.tell(change.touched))
            heads = (*one, *other)
        else:
            heads, file = _write(team, number, heads, story.tell())
        yield file


def _write(team: Team, number: int, down: tuple[str, ...], change: Change) -> tuple[tuple[str], tuple[str, str]]:
    """The new head, and the file."""
    revision = f"{number:04}" if team.numbered else hashlib.sha256(f"{team.name} {number}".encode()).hexdigest()[:12]
    at = START + timedelta(days=7 * number, minutes=13 * number)
    slug = change.message.replace(" ", "_")[:40]
    name = f"{team.location}/{team.file.format(at=at, rev=revision, slug=slug)}.py"
    return (revision,), (name, _render(team, revision, down, at, change))


def _render(team: Team, revision: str, down: tuple[str, ...], at: datetime, change: Change) -> str:
    below = repr(down if len(down) > 1 else next(iter(down), None)).replace("'", '"')
    imports = "\n".join(line.format(app=team.app) for line in change.imports)
    return (
        f'"""{change.message}\n\nRevision ID: {revision}\nRevises: {", ".join(down)}\nCreate Date: {at}\n\n"""\n'
        f"from alembic import op\nimport sqlalchemy as sa\n{imports}\n\n"
        f'revision = "{revision}"\ndown_revision = {below}\nbranch_labels = None\ndepends_on = None\n\n\n'
        f"def upgrade():\n{_indent(change.up)}\n\n\ndef downgrade():\n{_indent(change.down)}\n"
    )


def _indent(body: str) -> str:
    return textwrap.indent(body if not body.startswith("#") else f"{body}\npass", "    ")


def _list_files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_text()


def count_kinds(revisions: Mapping[str, str]) -> Mapping[str, int]:
    """How many revisions have what real histories have."""
    marks = {
        "merges": "merge heads",
        "data moved": "op.get_bind()",
        "constants imported": ".constants import",
        "batches": "batch_alter_table",
        "raw SQL": "op.execute",
        "empty downgrades": "def downgrade():\n    pass",
        "no way back": "raise NotImplementedError",
        "enum changes": "ADD VALUE",
        "tables renamed": "op.rename_table",
    }
    return {kind: sum(mark in text for text in revisions.values()) for kind, mark in marks.items()}

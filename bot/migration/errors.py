"""What can be wrong with a repository's migrations, each as a type that says what happened and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class MigrationError(Exception):
    """Any of the errors below; the message says what happened, where, and what to do."""


class MigrationSetupError(MigrationError):
    """The Alembic set-up of the repository cannot be used as it is."""


class NoAlembic(MigrationSetupError):
    """The repository has no Alembic set-up that can be found."""


class AmbiguousAlembic(MigrationSetupError):
    """The repository has several set-ups and none is named in its config."""


class BrokenAlembic(MigrationSetupError):
    """The set-up is there, but its configuration cannot be read or points to nothing."""


class WrongDatabase(MigrationSetupError):
    """env.py connects to something else than the scratch database."""


class NoModels(MigrationSetupError):
    """env.py names no models, so there is nothing to compare the migrations with."""


class MissingSettings(MigrationSetupError):
    """The repository's code asked for environment variables that are not set."""

    def __init__(self, variables: Sequence[str]) -> None:
        self.variables = tuple(variables)
        names = ", ".join(self.variables)
        super().__init__(
            f"env.py, or a module that it imports, needs the environment variable(s) {names}; "
            "give each a harmless value under `env` in .github/specwright.yml"
        )


class UnusableRows(MigrationSetupError):
    """The project's own rows cannot be put into the scratch database."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the file of `migrations.rows` (.github/specwright.yml) cannot be used: {reason}")


class MissingArgument(MigrationSetupError):
    """env.py reads an argument of Alembic's command line that is not given."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"env.py reads the argument `-x {name}=…`; give it a harmless value under `alembic.x` "
            "in .github/specwright.yml"
        )


class MultipleHeads(MigrationError):
    """The history has more than one head, and nobody said what is to become of them.

    `labels` are the branch labels of the heads that have any.
    """

    def __init__(self, heads: Sequence[str], labels: Mapping[str, Sequence[str]] | None = None) -> None:
        self.heads, self.labels = tuple(heads), dict(labels or {})
        named = [" ".join((head, *(f"`{label}`" for label in self.labels.get(head, ())))) for head in heads]
        ways = ["join them with `alembic merge heads` first, or have that done with `alembic.merge_heads: true`"]
        if any(self.labels.values()):
            ways.append("name the branch label that new revisions stand on with `alembic.branch`")
        super().__init__(
            f"the migration history has {len(heads)} heads ({', '.join(named)}); {'; or '.join(ways)} "
            "(.github/specwright.yml)"
        )


class MigrationFailed(MigrationError):
    """A revision, or env.py before any revision (`revision` is None), raised an error.

    `error` is the one line that tells what; `output` is the end of what was printed, traceback included.
    """

    def __init__(self, action: str, revision: str | None, error: str, output: str) -> None:
        self.action, self.revision, self.error, self.output = action, revision, error, output
        where = f"revision {revision}" if revision else "env.py or the history"
        super().__init__(f"{action} failed in {where}: {error}")


class CannotWrite(MigrationError):
    """The difference cannot be written as a revision; the message says what stands in the way."""

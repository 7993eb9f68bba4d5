"""Everything that the pull request tells, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.gates.result import GateResult
from bot.implement.changeset import Changeset
from bot.live.sizes import LiveSizes
from bot.migration.deploy_order import PlacedRevision
from bot.migration.lint_result import LintResult
from bot.migration.project import AlembicProject
from bot.migration.proof_result import Proof
from bot.spec.model import DataModel, Spec
from bot.workspace.test_run import TestReport
from bot.workspace.tree import FileChange


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What is told of a migration, whoever wrote it; the fields are those of `Report`.

    `data_model` is what the spec asks for, `old_code` the gate of that name. `rules_url` may be empty: no links then.
    """

    proof: Proof | None
    lint: LintResult | None
    project: AlembicProject | None
    data_model: DataModel = field(default_factory=DataModel)
    old_code: GateResult | None = None
    rules_url: str = ""
    diagram: str = ""
    revisions: tuple[PlacedRevision, ...] = ()
    live: tuple[LiveSizes, ...] = ()


@dataclass(frozen=True, slots=True)
class Engineer:
    """The model that implemented: how its work ended, and what it cost. `cached` is a share of the tokens sent, 0 to 1.

    The cost of a model that the table of prices does not name (`is_priced`) is an upper bound.
    """

    model: str
    status: str
    turns: int
    tokens: int
    cached: float
    cost_usd: float
    is_priced: bool


@dataclass(frozen=True, slots=True)
class Report:
    """`title` and `spec` as they stood in the delivery, `actor` is the login of who put the `label` on.

    `run_url` is the page of the run, `rules_url` what the addresses of the lint rules' pages begin with.
    `proof` and `lint` are None when the spec asks nothing of the database, `lint` also when no revision can be loaded;
    `tests_after` is None when the tests could not be run.
    `diagram` is Mermaid without its fence, "" for none; `notices` are Markdown of our own templates. `revisions` are
    those that were written, in the order in which they are run; `project` is where their Alembic is set up.
    `live` is what the live databases say of the tables' sizes. `engineer` is None where no model took part.
    """

    issue: int
    title: str
    actor: str
    actor_id: int
    label: str
    base_branch: str
    base_commit: str
    branch: str
    run_url: str
    rules_url: str
    spec: Spec
    changeset: Changeset
    changes: tuple[FileChange, ...]
    gates: tuple[GateResult, ...]
    proof: Proof | None
    lint: LintResult | None
    tests_before: TestReport
    tests_after: TestReport | None
    diagram: str = ""
    notices: tuple[str, ...] = ()
    revisions: tuple[PlacedRevision, ...] = ()
    project: AlembicProject | None = None
    live: tuple[LiveSizes, ...] = ()
    engineer: Engineer | None = None

    def find_gate(self, name: str) -> GateResult | None:
        """The result of that gate."""
        return next((gate for gate in self.gates if gate.name == name), None)

    @property
    def migration(self) -> MigrationReport:
        """The part that is about the migration."""
        return MigrationReport(
            proof=self.proof,
            lint=self.lint,
            project=self.project,
            data_model=self.spec.data_model,
            old_code=self.find_gate("old_code"),
            rules_url=self.rules_url,
            diagram=self.diagram,
            revisions=self.revisions,
            live=self.live,
        )

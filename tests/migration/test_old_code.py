"""The base commit's tests on a newer schema: what they show, in each way in which tests come to a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bot.gates.old_code import check
from bot.gates.result import GateResult
from bot.migration.old_code.control import FILE_NAME, REVISION, render_control
from bot.migration.old_code.meeting import Meeting, OldCode, meet
from bot.migration.stage import Phase
from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import Sandbox
from bot.workspace.test_run import TestReport
from tests.gates.contexts import make_context, make_proof
from tests.migration.bench import Benches
from tests.migration.projects import ENV_FROM_INI, revision

ENV = ENV_FROM_INI.replace(
    "config = context.config",
    "import os\n\nconfig = context.config\nconfig.set_main_option('sqlalchemy.url', os.environ['DATABASE_URL'])",
)
CONFTEST = """
import os
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

@pytest.fixture(scope="session")
def engine():
    command.upgrade(Config("alembic.ini"), "head")
    return sa.create_engine(os.environ["DATABASE_URL"])

@pytest.fixture
def connection(engine):
    with engine.begin() as connection:
        yield connection
"""
POINTS = """
import sqlalchemy as sa

def test_points_begin_at_nothing(connection):
    connection.execute(sa.text("INSERT INTO customers (email) VALUES ('a@b.c')"))
    assert connection.execute(sa.text("SELECT min(points) FROM customers")).scalar() == 0

def test_emails(connection):
    assert connection.execute(sa.text("SELECT count(email) FROM customers")).scalar() >= 0

def test_arithmetic():
    assert 1 + 1 == 2
"""
COMPARED = """
import sqlalchemy as sa

def test_there_is_one_table(connection):
    assert sa.inspect(connection).get_table_names() == ["alembic_version", "customers"]

def test_columns_are_those_of_the_models(connection):
    names = sorted(table for table in sa.inspect(connection).get_table_names())
    assert len(connection.execute(sa.text("SELECT * FROM customers LIMIT 1")).keys()) + len(names) == 5
"""
IN_MEMORY = """
import sqlalchemy as sa

def test_in_memory():
    with sa.create_engine("sqlite://").begin() as connection:
        connection.execute(sa.text("CREATE TABLE customers (points integer)"))
        assert connection.execute(sa.text("SELECT count(*) FROM customers")).scalar() == 0
"""
ANEW = """
import sqlalchemy as sa
from sqlalchemy.orm import Session
from models import Base, Customer

def test_made_by_the_models(engine):
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        assert session.scalar(sa.select(sa.func.count(Customer.id))) == 0
"""
UP_AND_DOWN = """
import os
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

@pytest.fixture
def fresh():
    command.downgrade(Config("alembic.ini"), "base")
    command.upgrade(Config("alembic.ini"), "head")
    engine = sa.create_engine(os.environ["DATABASE_URL"])
    yield engine
    engine.dispose()
    command.downgrade(Config("alembic.ini"), "base")

def test_built_anew(fresh):
    with fresh.begin() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM customers")).scalar() == 0
"""
FILES = {
    "migrations/env.py": ENV,
    "tests/conftest.py": CONFTEST,
    "tests/test_a_points.py": POINTS,
    "tests/test_b_compared.py": COMPARED,
    "tests/test_c_in_memory.py": IN_MEMORY,
    "tests/test_d_up_and_down.py": UP_AND_DOWN,
    "tests/test_e_anew.py": ANEW,
}
MODEL = "    status: Mapped[Status]\n"
ADDED = revision(
    "a3", "a2", "op.add_column('customers', sa.Column('note', sa.Text))", "op.drop_column('customers', 'note')"
)
DROPPED = revision(
    "a3", "a2", "op.drop_column('customers', 'points')", "op.add_column('customers', sa.Column('points', sa.Integer))"
)
ROWS_ONLY = revision("a3", "a2", "op.execute('UPDATE customers SET points = 1')", "")
NEEDS_CODE = "import shop_of_tomorrow\n" + ADDED


@dataclass(frozen=True)
class Runs:
    """`base` is the tests on the schema that they know."""

    base: TestReport
    added: Meeting
    dropped: Meeting
    rows_only: Meeting
    needs_code: Meeting
    control: Meeting

    def judge(self, meeting: Meeting, *files: str, phase: Phase = "before") -> GateResult:
        """The gate's result, had the repository these files of tests alone."""
        old_code = OldCode({phase: _pick(meeting, files)}, _pick(self.control, files).report)
        before = _pick(Meeting("a2", report=self.base), files).report
        return check(make_context(proof=make_proof(), tests_before=before, old_code=old_code))


def _pick(meeting: Meeting, files: tuple[str, ...]) -> Meeting:
    if meeting.report is None:
        return meeting
    cases = tuple(case for case in meeting.report.cases if any(file in case.id for file in files))
    return replace(meeting, report=replace(meeting.report, cases=cases))


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory,
    sandbox: Sandbox,
    scratch_server: ScratchServer,
    bookshop_environment: Environment,
) -> Iterator[Runs]:
    opened = Benches(tmp_path_factory.mktemp("old"), sandbox, scratch_server, bookshop_environment)
    bench = opened.open(FILES)
    base = bench.ensure_base()
    versions = bench.workspace.tree.path / "migrations" / "versions"

    def run(text: str | None, target: str, name: str = "a3_new.py") -> Meeting:
        if text is not None:
            (versions / name).write_text(text)
        meeting = meet(bench.workspace, bench.runner, base, target)
        (versions / name).unlink(missing_ok=True)
        return meeting

    report = run(None, "a2").report
    assert report is not None
    yield Runs(
        base=report,
        added=run(ADDED, "a3"),
        dropped=run(DROPPED, "a3"),
        rows_only=run(ROWS_ONLY, "a3"),
        needs_code=run(NEEDS_CODE, "a3"),
        control=run(render_control("a2"), REVISION, FILE_NAME),
    )
    opened.close()


def test_old_tests_that_pass_on_the_new_schema_are_counted(runs: Runs) -> None:
    assert runs.base.failed == 0, runs.base.output
    result = runs.judge(runs.added, "a_points")
    assert result == GateResult("old_code", "passed", "2 tests of the old code pass on the schema after `a3`")


def test_a_schema_that_tests_build_by_the_revisions_is_the_new_one(runs: Runs) -> None:
    assert runs.judge(runs.added, "d_up_and_down").state == "passed"


def test_a_column_that_goes_is_missed_by_the_tests_that_use_it(runs: Runs) -> None:
    result = runs.judge(runs.dropped, "a_points")
    assert (result.state, result.summary) == (
        "failed",
        "1 test of the old code fails on the schema after `a3`",
    )
    (detail,) = result.details
    assert detail.startswith("failed: `tests/test_a_points.py::test_points_begin_at_nothing`: ")
    assert "points" in detail


def test_what_goes_with_the_code_asks_a_person(runs: Runs) -> None:
    result = runs.judge(runs.dropped, "a_points", phase="with")
    assert (result.state, len(result.details)) == ("open", 1)


def test_a_test_of_the_schema_itself_does_not_count(runs: Runs) -> None:
    result = runs.judge(runs.added, "b_compared")
    assert result.state == "open"  # nothing is left that would have shown something
    both = runs.judge(runs.added, "a_points", "b_compared")
    assert both.state == "passed"
    assert both.details == (
        "looks at the schema itself, so it does not count: "
        "`tests/test_b_compared.py::test_columns_are_those_of_the_models`",
    )


@pytest.mark.parametrize("file", ["c_in_memory", "e_anew"])
@pytest.mark.parametrize("name", ["added", "dropped"])
def test_tests_that_make_their_own_schema_show_nothing(runs: Runs, file: str, name: str) -> None:
    result = runs.judge(getattr(runs, name), file)
    assert result.state == "open"
    assert "1 test used another schema, made by `create_all`" in result.summary


def test_a_change_of_rows_alone_cannot_be_told_apart(runs: Runs) -> None:
    result = runs.judge(runs.rows_only, "a_points")
    assert (result.state, "structure is that of the one before" in result.summary) == ("open", True)


def test_revisions_that_need_the_new_code_are_not_tried(runs: Runs) -> None:
    result = runs.judge(runs.needs_code, "a_points")
    assert result.state == "open"
    assert "shop_of_tomorrow" in result.details[0]

"""Reports as the pipeline would make them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.gates.result import GateResult
from bot.implement.changeset import Changeset, CriterionEvidence
from bot.live.sizes import LiveSizes, TableSize
from bot.migration.contents import Loss
from bot.migration.deploy_order import PlacedRevision
from bot.migration.finding import Finding
from bot.migration.kills import Kill, Kills
from bot.migration.lint_result import LintResult, Suppressed
from bot.migration.lock_modes import find_blocked
from bot.migration.project import AlembicProject
from bot.migration.proof_result import Proof, ProofStep
from bot.migration.way import Cause, ProvedStatement, TableLock, Way
from bot.pull_request.report import Engineer, Report
from bot.schema.diagram import render_diagram
from bot.schema.diff import diff
from bot.schema.model import Schema
from bot.spec.model import ColumnSpec, Criterion, DataModel, Endpoint, Spec, Statement, TableSpec
from bot.workspace.test_run import TestCase, TestReport
from bot.workspace.tree import FileChange
from tests.pull_request.schemas import BASE, LOYALTY, SHIPPING, WITHOUT_NOTES

TEST_FILE = "tests/test_schema_12.py"
STEPS = (
    ProofStep("rows", True, 0.31, "120 rows in 2 tables"),
    ProofStep("upgrade", True, 1.42, "3f1c9a7e5b20: 9 statement(s)"),
    ProofStep("target reached", True, 0.0),
    ProofStep("downgrade", True, 0.88, "3f1c9a7e5b20: 8 statement(s)"),
    ProofStep("start restored", True, 0.0),
    ProofStep("values kept", True, 0.02),
    ProofStep("upgrade again", True, 1.2),
    ProofStep("same again", True, 0.0),
)


def make_lock(table: str, mode: str, *, grows: bool = False, is_seen: bool = True) -> TableLock:
    return TableLock(table, mode, find_blocked(mode), 1, 3, grows, 0.1, is_seen)


def make_way(*locks: TableLock, rewritten: str = "") -> Way:
    causes = (Cause("rewrite", rewritten),) if rewritten else ()
    return Way((ProvedStatement("ALTER TABLE", "3f1c9a7e5b20", 0.1, 1, causes),), locks, is_observed=True)


def make_tests(*outcomes: tuple[str, str], message: str = "") -> TestReport:
    cases = tuple(
        TestCase(name, outcome, 0.1, message if outcome == "failed" else "")  # type: ignore[arg-type]
        for name, outcome in outcomes
    )
    failed = any(case.outcome in ("failed", "error") for case in cases)
    return TestReport(cases, int(failed), "", "python -m pytest", timed_out=False)


OLD_TESTS = (("tests/test_api.py::test_health", "passed"), ("tests/test_api.py::test_orders", "passed"))


def make_proof(target: Schema, upgrade_sql: str, downgrade_sql: str, **changes: object) -> Proof:
    proof = Proof(
        base_revision="e9a1f4427c83",
        revisions=("3f1c9a7e5b20",),
        steps=STEPS,
        changes=diff(BASE, target),
        mismatch=(),
        leftover=(),
        lost=(),
        rows={"customers": 60, "orders": 60},
        unfilled=(),
        upgrade_sql=upgrade_sql,
        downgrade_sql=downgrade_sql,
        server_version="PostgreSQL 18.1",
    )
    return replace(proof, **changes)  # type: ignore[arg-type]  # fields of a proof


def make_report(title: str, spec: Spec, target: Schema | None, **changes: object) -> Report:
    diagram = "" if target is None else render_diagram(BASE, target, diff(BASE, target))
    report = Report(
        issue=12,
        title=title,
        actor="octocat",
        actor_id=583231,
        label="specwright",
        base_branch="main",
        base_commit="4b7788361d33fd5a0380a0fbc9af6bf584f35cb6",
        branch="specwright/12-orders",
        run_url="https://bot.example.com/runs/7?key=abc",
        rules_url="https://bot.example.com/rules",
        spec=spec,
        changeset=Changeset(),
        changes=(),
        gates=(),
        proof=None,
        lint=None,
        tests_before=make_tests(*OLD_TESTS),
        tests_after=make_tests(*OLD_TESTS),
        diagram=diagram,
    )
    return replace(report, **changes)  # type: ignore[arg-type]  # fields of a report


def make_draft() -> Report:
    """Existing tables change; endpoints and a criterion stay open."""
    title = "Orders: returns, shipping and priority"
    criteria = (
        Criterion("AC-1", "Every order has a `priority`; orders that exist today get `normal`.", 8),
        Criterion("AC-2", "A `tracking_number` belongs to one order only | many orders have none.", 9),
        Criterion("AC-3", "Packers read open orders by priority without a scan of the whole table.", 10),
    )
    endpoints = (Endpoint("PATCH", "/orders/{order_id}", "also takes `priority`", 14),)
    model = DataModel(statements=(Statement("ALTER TABLE orders ADD COLUMN priority order_priority", 20),))
    tests = (f"{TEST_FILE}::test_priority_starts_as_normal", f"{TEST_FILE}::test_tracking_number_is_unique")
    changeset = Changeset(
        files=("shop/models/order.py", TEST_FILE),
        done=(
            "`orders.priority`: added in Order",
            "`orders.note`: changed in Order",
            f"2 tests of the schema in {TEST_FILE}",
        ),
        not_done=("endpoint PATCH /orders/{order_id}", f"AC-3: {criteria[2].text}"),
        criteria=(
            CriterionEvidence("AC-1", "database: `orders` (`priority`)", tests[:1]),
            CriterionEvidence("AC-2", "database: `orders` (`tracking_number`)", tests[1:]),
        ),
        notes=("index `ix_orders_status_priority`: in the migration only, models do not state it",),
    )
    upgrade = (
        "-- revision 3f1c9a7e5b20\nALTER TYPE order_status ADD VALUE IF NOT EXISTS 'returned' AFTER 'shipped';\n"
        "ALTER TABLE orders ADD COLUMN priority order_priority DEFAULT 'normal' NOT NULL;"
    )
    gates = (
        GateResult(
            "contract",
            "open",
            "1 endpoint asked for, none checked: the application's API is not known",
            ("`PATCH /orders/{order_id}`",),
        ),
        GateResult("criteria", "open", "2 of 3 criteria shown by a test that passed", ("AC-3: no test shows it",)),
        GateResult("migration", "passed", "up, down and up again with 120 rows, nothing lost"),
        GateResult("old_code", "open", *make_old_code()),
        GateResult("paths", "passed", "5 files, none of them protected or unreadable"),
        GateResult("secrets", "passed", "no added line looks like a secret"),
        GateResult("tests", "passed", "4 passed, 0 failed, 0 skipped"),
    )
    return make_report(
        title,
        Spec(title, "", "", criteria=criteria, endpoints=endpoints, data_model=model),
        SHIPPING,
        changeset=changeset,
        gates=gates,
        lint=make_lint(),
        proof=make_proof(
            SHIPPING,
            upgrade,
            "-- revision 3f1c9a7e5b20\nALTER TABLE orders DROP COLUMN priority;",
            upgrade=make_way(make_lock("orders", "AccessExclusiveLock", grows=True), rewritten="orders"),
            kills=Kills((Kill("upgrade", 1, "finished again"), Kill("downgrade", 8, "nothing happened")), 17),
        ),
        tests_after=make_tests(*OLD_TESTS, *((test, "passed") for test in tests)),
    )


def make_old_code() -> tuple[str, tuple[str, ...]]:
    """It stands what comes before the code, and not what comes with it."""
    held = "2 tests of the old code pass on the schema after `8d0e4b1f6a33`"
    breaks = "1 test of the old code fails on the schema after `a7b2c9d01e44`, which is run with the new code"
    details = ("failed: `tests/test_api.py::test_orders`: column orders.note does not exist",)
    return f"{held}; {breaks}", details


def make_lint() -> LintResult:
    """Two findings of one rule, advice, and one that is taken back."""
    path = "migrations/versions/3f1c9a7e5b20_orders.py"
    remedy = "Add an index on the foreign key's columns."
    code = "unindexed-foreign-key"
    title, why = "The foreign key orders.{}_id has no index", "Each DELETE in {}s reads the whole of orders."
    example = 'op.create_index("ix_orders_shop_id", "orders", ["shop_id"])\n'
    shop, cart = (
        Finding(code, "warning", path, line, title.format(name), why.format(name), remedy, example)
        for line, name in ((31, "shop"), (35, "cart"))
    )
    note = Finding("require-lock-timeout", "info", path, 30, "Nothing limits the wait", "x", "Set one", linter="squawk")
    write = Finding(
        "whole-table-write", "error", path, 40, "One UPDATE for all rows of orders", "x", "Do it in batches"
    )
    reason = "the shop opens next week"
    return LintResult((note, shop, cart), (Suppressed(write, reason),), (code, note.code, write.code, "varchar-255"))


def make_staged() -> Report:
    """As the draft, but written online: several revisions, one that blocks, one that cannot give everything back."""
    report = make_draft()
    assert report.proof is not None
    ids = ("3f1c9a7e5b20", "8d0e4b1f6a33", "a7b2c9d01e44", "c5d6e7f80912")
    below = ("e9a1f4427c83", *ids)
    places: tuple[dict[str, Any], ...] = (
        {"phase": "before", "lossy": ("rows that have come to be 'returned' (order_status) stop the downgrade.",)},
        {"phase": "before"},
        {"phase": "with", "blocking": ("orders.code becomes bigint: the table is rewritten.",)},
        {"phase": "after", "lossy": ("the values of orders.legacy_code go with the column.",)},
    )
    revisions = (
        PlacedRevision(revision, down, f"migrations/versions/{revision}.py", **place)
        for revision, down, place in zip(ids, below, places, strict=False)
    )
    folder = Path("back end")
    project = AlembicProject(folder / "alembic.ini", "alembic", folder, folder / "m", (folder / "m" / "versions",))
    statements = tuple(
        ProvedStatement("ALTER TABLE", revision, 0.1, number, (Cause("rewrite", "orders"),) if number == 2 else ())
        for revision, number in ((ids[0], 1), (ids[0], None), (ids[1], 1), (ids[2], 2), (ids[3], 3))
    )
    lock = replace(make_lock("orders", "AccessExclusiveLock", grows=True), first=4, last=4)
    proof = replace(
        report.proof,
        revisions=ids,
        upgrade=Way(statements, (lock,), is_observed=True),
        downgrade=make_way(*(make_lock(name, "AccessExclusiveLock") for name in ("orders", "customers", "new"))),
    )
    return replace(report, revisions=tuple(revisions), project=project, proof=proof, live=make_live())


def make_live() -> tuple[LiveSizes, ...]:
    """One environment of size, one that nobody has counted, one that does not answer."""
    orders, customers = TableSize(12_345_678, 2_600_000_000, 510_000_000), TableSize(48_200, 9_400_000, 0)
    return (
        LiveSizes("production", {"orders": orders, "customers": customers}),
        LiveSizes("staging", {"orders": TableSize(None, 81_920, 16_384)}),
        LiveSizes("testing", {}, "the user or the password is refused"),
    )


def make_ready() -> Report:
    """A new table, everything done."""
    criterion = Criterion("AC-1", "A customer has at most one loyalty account.", 5)
    test = f"{TEST_FILE}::test_customer_id_is_unique"
    return make_report(
        "Loyalty programme",
        Spec(
            "Loyalty programme",
            "",
            "",
            criteria=(criterion,),
            data_model=DataModel(tables=(TableSpec("loyalty_accounts", 9),)),
        ),
        LOYALTY,
        changeset=Changeset(
            done=("model of the new table `loyalty_accounts` in shop/models/loyalty.py",),
            criteria=(CriterionEvidence("AC-1", "database: `loyalty_accounts` (`customer_id`)", (test,)),),
        ),
        gates=(
            GateResult("contract", "skipped", "the spec asks for no endpoint"),
            GateResult("migration", "passed", "up, down and up again with 120 rows, nothing lost"),
            GateResult(
                "old_code",
                "passed",
                "2 tests of the old code pass on the schema after `3f1c9a7e5b20`",
            ),
            GateResult("tests", "passed", "3 passed, 0 failed, 0 skipped"),
        ),
        lint=LintResult(rules=("varchar-255", "missing-downgrade")),
        proof=make_proof(
            LOYALTY,
            "CREATE TABLE loyalty_accounts ();",
            "DROP TABLE loyalty_accounts;",
            upgrade=make_way(make_lock("customers", "ShareRowExclusiveLock")),
            downgrade=make_way(
                *(make_lock(name, "AccessExclusiveLock") for name in ("customers", "orders")),
                *(make_lock(name, "ShareLock", grows=True) for name in ("customers", "orders")),
            ),
            kills=Kills((Kill("upgrade", 1, "nothing happened"), Kill("downgrade", 1, "nothing happened")), 2),
        ),
        tests_after=make_tests(*OLD_TESTS, (test, "passed")),
        project=AlembicProject(Path("db/alembic.ini"), "shop", Path(), Path("db"), (Path("db/versions"),)),
        engineer=Engineer("claude-opus-5-5", "finished", 14, 116_409, 0.958, 1.23, is_priced=True),
    )


def make_lossy() -> Report:
    """A column goes; a test that was there fails and is changed, a table could not be filled, the issue was edited."""
    model = DataModel(tables=(TableSpec("orders", 9, columns=(ColumnSpec("note", 10, drop=True),)),))
    outcomes = (OLD_TESTS[0], ("tests/test_api.py::test_orders", "failed"))
    return make_report(
        "Orders without notes",
        Spec("Orders without notes", "", "", data_model=model),
        WITHOUT_NOTES,
        changes=(FileChange("tests/test_api.py", "modified", 900, False, "100644"),),
        gates=(
            GateResult(
                "migration",
                "open",
                "proved, but rolling back loses what the spec gives up",
                ("column `note` of `orders`: 41 rows of the proof",),
            ),
            GateResult(
                "tests", "failed", "1 test failed", ("failed: `tests/test_api.py::test_orders`: KeyError: 'note'",)
            ),
        ),
        lint=LintResult(rules=("varchar-255", "missing-downgrade"), saw_upgrade=False),
        proof=make_proof(
            WITHOUT_NOTES,
            "ALTER TABLE orders DROP COLUMN note;",
            "ALTER TABLE orders ADD COLUMN note VARCHAR(200);",
            lost=(Loss("orders", "note", 41, is_stated=True),),
            unfilled=(("orders", "a trigger refuses every row"),),
            upgrade=make_way(
                make_lock("orders", "AccessExclusiveLock", is_seen=False),
                make_lock("orders", "ShareLock", grows=True),
                make_lock("customers", "AccessShareLock"),
            ),
            kills=Kills((Kill("upgrade", 1, "stuck", "no"), Kill("upgrade", 2, "stuck", "no")), 2),
        ),
        tests_after=make_tests(*outcomes, message="KeyError: 'note'"),
        notices=("`mallory` edited the issue after this run had begun.",),
    )


def make_unproved() -> Report:
    """The migration does not run, so nothing could be tested."""
    steps = (STEPS[0], ProofStep("upgrade", False, 0.4, 'relation "customers" already exists\nLINE 1: CREATE TABLE'))
    return replace(
        make_ready(),
        proof=make_proof(BASE, "", "", revisions=(), steps=steps),
        lint=None,
        tests_after=None,
        diagram="",
        gates=(GateResult("migration", "failed", "the proof does not hold: `upgrade`"),),
    )


def make_without_database() -> Report:
    """A spec that asks nothing of the database, in a repository whose tests are none of pytest's."""
    run = TestReport((), 0, "ok", "make check", timed_out=False)
    spec = Spec("Health", "", "", endpoints=(Endpoint("GET", "/health", "", 3),))
    return make_report(
        "Health",
        spec,
        None,
        changeset=Changeset(not_done=("endpoint GET /health",)),
        tests_before=run,
        tests_after=run,
    )

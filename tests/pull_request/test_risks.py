"""What a change means for a database in use: the risks, and the box of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.gates.result import GateResult
from bot.implement.changeset import Changeset
from bot.migration.contents import Loss
from bot.pull_request.body import LEVELS
from bot.pull_request.checklist import render_boxes
from bot.pull_request.migration_sections import render_migration
from bot.pull_request.risks import Risk, find_risks, is_widened
from bot.schema.diff import diff
from bot.schema.model import Column, Schema, Table
from bot.spec.model import DataModel
from bot.words.loader import TEMPLATES
from tests.pull_request import reports
from tests.pull_request.risk_cases import (
    CASES,
    CHECK,
    FOREIGN,
    ID,
    NO_MODEL,
    NOTE,
    OTHER,
    TABLE,
    UNIQUE,
    as_schema,
    with_columns,
)
from tests.pull_request.schemas import make_index, make_schema
from tests.words.golden import check_golden

GOLDEN = Path(__file__).parent / "golden"


def find(before: Schema, after: Schema, model: DataModel = NO_MODEL, upgrade_sql: str = "") -> tuple[Risk, ...]:
    rows = {table.name: 1 for table in before.tables}
    return find_risks(reports.make_proof(after, upgrade_sql, "", changes=diff(before, after), rows=rows), model)


@pytest.mark.parametrize(
    ("before", "after", "model", "risks"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_risks(before: Table | Schema, after: Table | Schema, model: DataModel, risks: Sequence[Risk]) -> None:
    assert find(as_schema(before), as_schema(after), model) == tuple(risks)


def test_an_index_that_is_built_concurrently_blocks_nothing() -> None:
    before, after = make_schema(TABLE), make_schema(replace(TABLE, indexes=(make_index("t", "note"),)))
    for name in ("ix_t_note", '"ix_t_note"', "IF NOT EXISTS ix_t_note"):
        (risk,) = find(before, after, upgrade_sql=f"CREATE INDEX CONCURRENTLY {name} ON t (note);")
        assert risk.kind == "index_added_concurrently"


WITH_PARTS = replace(
    TABLE,
    columns=(ID, replace(NOTE, nullable=False, type="jsonb"), Column("token", "uuid", default="gen_random_uuid()")),
    checks=(CHECK,),
    foreign_keys=(FOREIGN,),
    uniques=(UNIQUE,),
)
# What is run, and the risks of the same change that it makes others of.
BESIDE_TRAFFIC: Mapping[str, tuple[str, str]] = {
    "CREATE UNIQUE INDEX CONCURRENTLY uq_t_new ON t (note);": ("unique_added", "unique_built"),
    "ALTER TABLE t VALIDATE CONSTRAINT ck_t;": ("check_added", "check_validated"),
    'ALTER TABLE "t" VALIDATE CONSTRAINT "fk_t_o";': ("foreign_key_added", "foreign_key_validated"),
    """ALTER TABLE t ADD CONSTRAINT ck_set CHECK (note IS NOT NULL) NOT VALID;
    ALTER TABLE t VALIDATE CONSTRAINT ck_set;""": ("not_null_set", "not_null_validated"),
    "UPDATE public.t SET token = DEFAULT WHERE (token IS NULL)\n AND ctid >= '(0,0)';": (
        "table_rewritten",
        "rows_filled",
    ),
    """UPDATE t SET note_new = note::jsonb WHERE (note IS NOT NULL) AND ctid >= '(0,0)';
    ALTER TABLE t RENAME note TO note_old; ALTER TABLE t RENAME note_new TO note;""": ("type_changed", "type_swapped"),
}


@pytest.mark.parametrize("sql", BESIDE_TRAFFIC, ids=[after for _, after in BESIDE_TRAFFIC.values()])
def test_what_is_done_beside_the_traffic_has_nobody_wait(sql: str) -> None:
    before, after = make_schema(TABLE, OTHER), make_schema(WITH_PARTS, OTHER)
    plain, beside = ([risk.kind for risk in find(before, after, upgrade_sql=text)] for text in ("", sql))
    was, now = BESIDE_TRAFFIC[sql]
    assert beside == [now if kind == was else kind for kind in plain]
    assert now in beside


@pytest.mark.parametrize(
    ("before", "after", "widened"),
    [
        ("character varying(5)", "character varying(5)", True),
        ("character varying(5)", "character varying(6)", True),
        ("character varying(6)", "character varying(5)", False),
        ("character varying", "character varying(5)", False),
        ("text", "character varying", True),
        ("character varying(5)", "text", True),
        ("numeric(10,2)", "numeric(12,2)", True),
        ("numeric(10,2)", "numeric(12,3)", False),
        ("numeric(10,2)", "numeric", True),
        ("numeric", "numeric(10,2)", False),
        ("integer", "bigint", False),
        ("integer", "text", False),
    ],
)
def test_widened_types(before: str, after: str, widened: bool) -> None:
    assert is_widened(before, after) == widened


def list_risk_boxes() -> dict[str, tuple[str, ...]]:
    """The boxes of each case, by kind of its risk."""
    boxes: dict[str, tuple[str, ...]] = {"index_added_concurrently": (), **list_boxes_beside_traffic()}
    for _, before, after, model, risks in CASES:
        proof = reports.make_proof(as_schema(after), "", "", changes=diff(as_schema(before), as_schema(after)))
        proof = replace(proof, rows={table.name: 1 for table in as_schema(before).tables})
        report = reports.make_ready()
        report = replace(report, proof=proof, spec=replace(report.spec, data_model=model))
        for risk in risks:
            boxes.setdefault(risk.kind, render_boxes(report))
    return boxes


def list_boxes_beside_traffic() -> dict[str, tuple[str, ...]]:
    before, after = make_schema(TABLE, OTHER), make_schema(WITH_PARTS, OTHER)
    proof = reports.make_proof(after, "\n".join(BESIDE_TRAFFIC), "", changes=diff(before, after), rows={"t": 1, "o": 1})
    kinds = [risk.kind for risk in find_risks(proof, NO_MODEL)]
    boxes = render_boxes(replace(reports.make_ready(), proof=proof))
    return {kind: (box,) for kind, box in zip(kinds, boxes, strict=True)}


def list_other_boxes() -> dict[str, tuple[str, ...]]:
    """The boxes that follow from something else than the schema."""
    ready, without = reports.make_ready(), reports.make_without_database()
    assert ready.proof is not None
    lost = (Loss("orders", "note", 41), Loss("carts", None, 1))
    gate = GateResult("tests", "open", "`make check` ends with exit code 2, as on the base commit")
    contract = GateResult("contract", "open", "x", ("`GET /health`", "`GET /b`"))
    skipped = reports.make_tests((reports.OLD_TESTS[0][0], "skipped"), reports.OLD_TESTS[1], ("t.py::c", "passed"))
    failing = reports.make_tests(("t.py::c", "failed"), ("t.py::d", "error"))
    loyalty = replace(ready.proof, unfilled=(("loyalty_accounts", "it is new"), ("customers", "not touched")))
    done = replace(ready, spec=replace(ready.spec, criteria=()))
    cases = {
        "gate_failed": replace(done, gates=(GateResult("paths", "failed", "2 files", ("`a`: no", "`b`: no")),)),
        "endpoint_open": without,
        "endpoint_unchecked": replace(without, gates=(contract,)),
        "criterion_open": replace(ready, changeset=Changeset()),
        "other_open": replace(done, changeset=Changeset(not_done=("the enum `x`: no model states it",))),
        "lossy_downgrade": replace(done, proof=replace(ready.proof, lost=lost)),
        "unfilled": replace(done, proof=loyalty),
        "lint_warnings": replace(done, lint=replace(reports.make_lint(), suppressed=())),
        "lint_taken_back": replace(done, lint=replace(reports.make_lint(), findings=())),
        "tests_changed": replace(done, changes=reports.make_lossy().changes),
        "tests_skipped": replace(done, tests_after=skipped),
        "tests_failing_before": replace(done, tests_before=failing, tests_after=failing),
        "old_code_open": replace(done, gates=(GateResult("old_code", "open", *reports.make_old_code()),)),
        "tests_unknown": replace(without, gates=(gate,), changeset=Changeset()),
    }
    return {name: render_boxes(report) for name, report in cases.items()}


def test_every_box_has_a_golden_text() -> None:
    boxes = {**list_risk_boxes(), **list_other_boxes()}
    assert boxes.keys() == {path.stem for path in (TEMPLATES / "pull_request" / "boxes").glob("*.md")}
    text = "\n".join(f"{name}\n" + "".join(f"- [ ] {box}\n" for box in boxes[name]) for name in sorted(boxes))
    check_golden(GOLDEN / "boxes.md", text)


def test_every_risk_is_told_in_the_summary() -> None:
    """A kind that the table of the summary does not know would break the rendering of a body."""
    kinds = {risk.kind for case in CASES for risk in case[4]} | {"index_added_concurrently"}
    kinds |= {kind for _, kind in BESIDE_TRAFFIC.values()}
    source = (TEMPLATES / "pull_request" / "migration.md").read_text(encoding="utf-8")
    assert kinds == set(re.findall(r'^  "(\w+)":', source, re.MULTILINE))


def test_a_box_names_a_dozen_at_most() -> None:
    columns = tuple(Column(f"c{number}", "integer", False, "0") for number in range(30))
    proof = reports.make_proof(make_schema(with_columns(*columns)), "", "", rows={"t": 1})
    proof = replace(proof, changes=diff(make_schema(TABLE), make_schema(with_columns(*columns))))
    boxes = render_boxes(replace(reports.make_ready(), proof=proof))
    assert [box.count("` as `") for box in boxes] == [12, 12, 6]


def test_changes_stand_under_their_tables() -> None:
    shown = render_migration(reports.make_draft().migration, LEVELS[0])
    cells = re.findall(r"^\| (database|`\w+`<br>[^|]*|) \| (\w+)", shown, re.MULTILINE)
    orders = (
        "`orders`<br>60 rows in the proof<br>`ACCESS EXCLUSIVE`: reads and writes wait, **longer the more rows**"
        "<br>**written anew**"
    )
    assert [cell for cell, _ in cells if cell] == ["database", orders]
    assert [word for _, word in cells][:2] == ["enum", "enum"]

"""Every template with representative values, as people read it. See `golden.py` for how to renew the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from markupsafe import Markup

from bot.migration.deploy_order import PlacedRevision
from bot.spec.model import Problem
from bot.words.loader import TEMPLATES, render
from tests.words.golden import check_golden
from tests.words.rendered import list_kinds, list_linkable

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "</details> @everyone ``` #1 | <!-- x -->\n## [a](http://b) \u202e$x$ *y*"
PROBLEMS = (
    Problem("gap", "the column `tier` of `accounts` has no type", "a Postgres type, e.g. `varchar(50)`", 12, "tier:"),
    Problem("error", "the issue has no text", "at least a data model"),
)
GATES = (
    SimpleNamespace(name="migration", state="passed", summary="up and down with 120 rows", details=("not shown",)),
    SimpleNamespace(
        name="tests", state="failed", summary="1 test failed", details=("failed: `tests/test_a.py::test_b`",)
    ),
    SimpleNamespace(name="contract", state="skipped", summary="the spec asks for no endpoint", details=()),
)
STEPS = (
    SimpleNamespace(name="read", title="Read the spec", state="finished", duration_seconds=0.41, detail="5 criteria"),
    SimpleNamespace(name="schema", title="Change the schema", state="running", duration_seconds=None, detail=""),
    SimpleNamespace(name="deliver", title="Deliver", state="waiting", duration_seconds=None, detail=""),
)
STATUS: Mapping[str, object] = {
    "status": "running",
    "actor": "octocat",
    "base_branch": "main",
    "base_commit": "4b7788361d33fd5a0380a0fbc9af6bf584f35cb6",
    "steps": STEPS,
    "run_url": "https://bot.example.com/runs/7?key=abc",
    "pull_request_url": None,
    "notices": (),
    "ending": None,
    "effects": (),
    "spent": None,
    "plan": None,
}
QUEUED = {**STATUS, "status": "queued", "base_branch": None, "base_commit": None, "steps": STEPS[1:]}
PULL = "https://github.com/octocat/shop/pull/13"
ASKED = (SimpleNamespace(name="read", title="Read the spec", state="failed", duration_seconds=0.2, detail=""),)
DRY_RUN = {**STATUS, "status": "finished", "effects": ("push the commit 4b77 to the branch specwright/12-a", HOSTILE)}
EXPLAINED: Mapping[str, object] = {
    "revision": PlacedRevision(
        "3f1c9a7e5b20",
        "e9a1f4427c83",
        "migrations/versions/3f1c_a.py",
        "with",
        ("writes to `orders` wait",),
        (),
        ("b",),
    ),
    "statements": (SimpleNamespace(sql="CREATE TABLE tiers (id int)", seconds=0.1),),
    "left_out": 3,
    "is_proved": True,
    "findings": (SimpleNamespace(severity="warning", code="varchar-255", line=12, title="a limit", remedy="use text"),),
}
LOST = (SimpleNamespace(table="orders", column="notes", rows=60), SimpleNamespace(table="tiers", column=None, rows=1))
ROLLBACK: Mapping[str, object] = {
    "way_back": "**as the pull request says**",
    "proof": SimpleNamespace(reversible=True),
    "sql": "DROP TABLE tiers;",
    "is_cut": False,
    "lost": (),
    "is_changed": False,
}


def make_run(state: str, detail: str | None = None, cancel_reason: str | None = None) -> SimpleNamespace:
    facts = {"actor": "ada", "base_branch": "main", "base_commit": "4b7788361d33fd5a"}
    return SimpleNamespace(status=Markup(state), detail=detail, cancel_reason=cancel_reason, **facts)


RUN_STATUS: Mapping[str, object] = {
    "run": make_run("running", cancel_reason="enough"),
    "done": 3,
    "current": "schema",
    "run_url": "https://bot.example.com/runs/7?key=abc",
    "pull_request_url": "https://github.com/octocat/shop/pull/13",
}
COMMAND: Mapping[str, object] = {
    "usage": "/explain <path or revision>",
    "help": "Says what a file is for",
    "places": "bot's pull request",
    "who": "the permission write in this repository",
    "reason": "it takes one argument (a path or a revision), not 2",
}

SPENT = SimpleNamespace(turns=14, tokens=116_409, cost_usd=1.234, limit_usd=20.0)
FILE = SimpleNamespace(layer="api", path="shop/api/points.py", action="add", what="The endpoints of points.")
MODELLED = {**STATUS, "spent": SPENT, "plan": (FILE, FILE)}

# The file's name, the template, its values.
CASES: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("cancelled", "cancelled.md", {"reason": "octocat removed the label spec"}),
    ("check_summary", "check_summary.md", {"gates": GATES, "run_url": STATUS["run_url"]}),
    ("check_title_failed", "check_title.md", {"gates": GATES}),
    ("check_title_passed", "check_title.md", {"gates": GATES[:1]}),
    (
        "check_title_open",
        "check_title.md",
        {"gates": (SimpleNamespace(name="paths", state="open", summary="", details=()),)},
    ),
    (
        "commit_message",
        "commit_message.txt",
        {"issue": 12, "revisions": ("a1", "b2"), "done": ("one", HOSTILE), "not_done": ("two",), "trailer": "By: me"},
    ),
    (
        "commit_message_bare",
        "commit_message.txt",
        {"issue": 12, "revisions": (), "done": (), "not_done": (), "trailer": ""},
    ),
    ("commands/cancel", "commands/cancel.md", {"actor": "ada"}),
    (
        "commands/explain_file",
        "commands/explain_file.md",
        {
            "path": "app/models.py",
            "done": ("`app/models.py`: the table `tiers`",),
            "criteria": (("AC-1", ("tests/test_a.py::test_b",)),),
            "others": ("a.py", "b.py"),
        },
    ),
    (
        "commands/explain_file_bare",
        "commands/explain_file.md",
        {"path": "app/models.py", "done": (), "criteria": (), "others": ()},
    ),
    ("commands/explain_revision", "commands/explain_revision.md", EXPLAINED),
    (
        "commands/explain_revision_failed",
        "commands/explain_revision.md",
        {**EXPLAINED, "is_proved": False, "statements": (), "left_out": 0, "findings": ()},
    ),
    ("commands/rollback", "commands/rollback.md", ROLLBACK),
    ("commands/rollback_lossy", "commands/rollback.md", {**ROLLBACK, "lost": LOST, "is_changed": True, "is_cut": True}),
    ("commands/rollback_nothing", "commands/rollback.md", {**ROLLBACK, "proof": None, "sql": ""}),
    ("commands/status", "commands/status.md", RUN_STATUS),
    (
        "commands/status_failed",
        "commands/status.md",
        {**RUN_STATUS, "run": make_run("failed", detail="It broke."), "current": "gates", "pull_request_url": None},
    ),
    ("commands/approve", "commands/approve.md", {"actor": "ada"}),
    ("commands/cannot", "commands/cannot.md", COMMAND),
    ("commands/continue", "commands/continue.md", {"actor": "ada"}),
    ("commands/drift", "commands/drift.md", {}),
    ("commands/help", "commands/help.md", {"commands": (COMMAND, {**COMMAND, "usage": "/status", "places": "issue"})}),
    (
        "commands/refused",
        "commands/refused.md",
        {"actor": "mallory", "command": "/implement", "reason": "needs the permission write in this repository"},
    ),
    ("commands/unknown", "commands/unknown.md", {"name": "/implment", "nearest": ("/implement", "/help")}),
    ("commands/unknown_far", "commands/unknown.md", {"name": "/frobnicate", "nearest": ()}),
    ("commands/usage", "commands/usage.md", COMMAND),
    ("edited", "edited.md", {"actor": "mallory"}),
    ("plan_waits", "plan_waits.md", {"files": (FILE, SimpleNamespace(**{**vars(FILE), "what": HOSTILE}))}),
    ("output", "parts/output.md", {"output": "\x1b[31mERROR\x1b[0m:\n```\nno such package: </details>\n"}),
    ("output_long", "parts/output.md", {"output": "0123456789\n" * 3000}),
    ("output_none", "parts/output.md", {"output": ""}),
    ("questions", "questions.md", {"problems": PROBLEMS}),
    ("questions_one", "questions.md", {"problems": PROBLEMS[:1]}),
    ("refused", "refused.md", {"actor": "mallory"}),
    ("spec_errors", "spec_errors.md", {"problems": PROBLEMS}),
    ("status_queued", "status.md", QUEUED),
    ("status_running", "status.md", STATUS),
    ("status_finished", "status.md", {**STATUS, "status": "finished", "pull_request_url": PULL}),
    ("status_draft", "status.md", {**STATUS, "status": "draft", "pull_request_url": PULL, "notices": ("*noted*",)}),
    ("status_asked", "status.md", {**STATUS, "status": "asked", "steps": ASKED, "ending": "One question."}),
    ("status_failed", "status.md", {**STATUS, "status": "failed", "ending": "It broke.\n\n**What to do:** mend it."}),
    ("status_modelled", "status.md", MODELLED),
    ("status_dry_run", "status.md", DRY_RUN),
    ("failures/base_rewritten", "failures/base_rewritten.md", {"branch": "main", "commit": "4b7788361d33"}),
    ("failures/branch_taken", "failures/branch_taken.md", {"branch": "specwright/12-a", "commit": "4b7788361d33"}),
    ("failures/config", "failures/config.md", {"message": "label: must be text\ntest: unknown key"}),
    ("failures/environment", "failures/environment.md", {}),
    ("failures/gave_up", "failures/gave_up.md", {"attempts": 5}),
    ("failures/migrations", "failures/migrations.md", {"message": "revision 3f1c: relation exists"}),
    ("failures/models", "failures/models.md", {"message": "no models were found"}),
    ("failures/model_refused", "failures/model_refused.md", {"reason": "It could do harm."}),
    ("failures/model_request", "failures/model_request.md", {"message": "it answers 401 (invalid x-api-key)"}),
    ("failures/model_stopped", "failures/model_stopped.md", {"status": "out of time", "reason": "90 minutes"}),
    ("failures/model_unavailable", "failures/model_unavailable.md", {"message": "it answers 529 (overloaded)"}),
    ("failures/no_key", "failures/no_key.md", {}),
    ("failures/no_commit", "failures/no_commit.md", {"branch": "main"}),
    ("failures/nothing_asked", "failures/nothing_asked.md", {"revision": "3f1c9a7e5b20"}),
    ("failures/sandbox", "failures/sandbox.md", {"message": "bubblewrap is not installed"}),
    ("failures/secrets", "failures/secrets.md", {"details": ["line 3 of `a.py`: a private key"]}),
    ("failures/step_timeout", "failures/step_timeout.md", {"step": "gates", "limit_seconds": 1800}),
    ("failures/unexpected", "failures/unexpected.md", {"step": "gates", "message": "KeyError", "run": 7}),
    ("failures/written_migration", "failures/written_migration.md", {"message": "it did not run"}),
    ("steps/analyse", "steps/analyse.md", {}),
    ("steps/baseline", "steps/baseline.md", {"revision": "3f1c9a7e5b20", "passed": 41, "failed": 1}),
    ("steps/checkout", "steps/checkout.md", {"base_branch": "main", "base_commit": STATUS["base_commit"]}),
    ("steps/deliver", "steps/deliver.md", {"url": PULL}),
    ("steps/gates", "steps/gates.md", {"passed": 4, "failed": 1, "open": 1}),
    ("steps/logic", "steps/logic.md", {"files": ("a", "b"), "not_done": ("c",)}),
    ("steps/read", "steps/read.md", {"criteria": 6, "tables": ("a",), "endpoints": 2}),
    ("steps/schema", "steps/schema.md", {"tables": ("a", "b"), "ok": True, "rows": 1200}),
    ("steps/schema_nothing", "steps/schema.md", {"tables": (), "ok": True, "rows": 0}),
)
# These are shown by golden files of their own.
ELSEWHERE = ("pull_request/", "drift/", "parts/problems.md", "transcript.md")


@pytest.mark.parametrize(("name", "template", "values"), CASES, ids=[case[0] for case in CASES])
def test_template(name: str, template: str, values: Mapping[str, object]) -> None:
    check_golden(GOLDEN / f"{name}.md", render(template, **values))


def test_every_template_has_a_golden_file() -> None:
    there = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*")}
    assert {name for name in there if not name.startswith(ELSEWHERE)} == {template for _, template, _ in CASES}


def make_hostile(value: object) -> object:
    """The value with every text in it replaced, but for those that are our own constants or Markdown."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, PlacedRevision):
        return replace(
            value, revision=HOSTILE, down_revision=HOSTILE, path=HOSTILE, blocking=(HOSTILE,), notes=(HOSTILE,)
        )
    if isinstance(value, tuple):
        return tuple(map(make_hostile, value))
    if isinstance(value, Problem):
        return Problem(value.kind, HOSTILE, HOSTILE, value.line, HOSTILE)
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(
            **{k: v if k in ("state", "detail") else make_hostile(v) for k, v in vars(value).items()}
        )
    return value


MARKDOWN_CASES = [case for case in CASES if case[1].endswith(".md") and case[0] != "output_none"]


@pytest.mark.parametrize(("name", "template", "values"), MARKDOWN_CASES, ids=[case[0] for case in MARKDOWN_CASES])
def test_hostile_values_leave_the_structure_alone(name: str, template: str, values: Mapping[str, object]) -> None:
    ours = ("status", "ending", "notices", "way_back")
    hostile = {key: value if key in ours else make_hostile(value) for key, value in values.items()}
    tame, wild = render(template, **values), render(template, **hostile)
    allowed = {"<span>", "</span>", "<br>", "<code>", "</code>", "code_inline", "softbreak"}
    assert list_kinds(wild) - list_kinds(tame) <= allowed
    assert not any(word in text for text in list_linkable(wild) for word in ("@everyone", "#1", "http://"))

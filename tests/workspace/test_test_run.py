"""Runs of a repository's tests, and reports that are not what they should be."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workspace.databases import ScratchServer
from bot.workspace.junit import MAX_ELEMENTS, BadReport, read_junit
from bot.workspace.sandbox import Sandbox
from bot.workspace.test_run import TestCase, TestReport, from_json, run_tests, to_json
from bot.workspace.workspace import Workspace
from tests.workspace.workspaces import make_workspace

Make = Callable[..., Workspace]

MIXED = """
import pytest
class TestOuter:
    class TestInner:
        def test_deep(self): pass
    @pytest.mark.parametrize("value", ["a/b", "c::d", "e.f[g]", "h-i"])
    def test_values(self, value): pass
def test_fails(): assert 1 == 2
@pytest.mark.skip(reason="later")
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert False
@pytest.fixture
def broken(): raise RuntimeError("no set-up")
def test_setup(broken): pass
@pytest.fixture
def breaks_after():
    yield
    raise RuntimeError("no tear-down")
def test_teardown(breaks_after): pass
"""
BASE = "class Base:\n    def test_inherited(self): pass\n"
INHERITED = "from tests.base import Base\nclass TestMine(Base): pass\n"


@pytest.fixture
def make(tmp_path: Path, scratch_server: ScratchServer, sandbox: Sandbox) -> Iterator[Make]:
    """Makes a workspace of files; its tree is closed after the test."""
    with ExitStack() as stack:

        def make(files: dict[str, str], **config: Any) -> Workspace:
            env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **config.pop("env", {})}  # ours take longer than the tests
            workspace = make_workspace(tmp_path, files, scratch_server, sandbox, env=env, **config)
            stack.callback(workspace.tree.close)
            return workspace

        yield make


def test_each_test_has_the_id_that_pytest_gives_it(make: Make) -> None:
    workspace = make(
        {
            "tests/v1.0/test_mixed.py": MIXED,
            "tests/__init__.py": "",
            "tests/base.py": BASE,
            "tests/test_inherited.py": INHERITED,
        }
    )
    report = run_tests(workspace, None, {})
    outcomes = {case.id: case.outcome for case in report.cases}
    path = "tests/v1.0/test_mixed.py"
    assert outcomes == {
        f"{path}::TestOuter::TestInner::test_deep": "passed",
        f"{path}::TestOuter::test_values[a/b]": "passed",
        f"{path}::TestOuter::test_values[c::d]": "passed",
        f"{path}::TestOuter::test_values[e.f[g]]": "passed",
        f"{path}::TestOuter::test_values[h-i]": "passed",
        f"{path}::test_fails": "failed",
        f"{path}::test_skipped": "skipped",
        f"{path}::test_expected": "skipped",
        f"{path}::test_setup": "error",
        f"{path}::test_teardown": "error",
        "tests/test_inherited.py::TestMine::test_inherited": "passed",
    }


def test_counts_and_messages(make: Make) -> None:
    report = run_tests(make({"test_mixed.py": MIXED}), None, {})
    assert (report.passed, report.failed, report.skipped, report.ok) == (5, 3, 2, False)
    messages = {case.id.partition("::")[2]: case.message for case in report.cases}
    assert "assert 1 == 2" in messages["test_fails"]
    assert "no set-up" in messages["test_setup"]
    assert messages["test_skipped"] == "later"
    assert report.command == "python -m pytest"


def test_a_file_that_cannot_be_collected_is_an_error_that_says_why(make: Make) -> None:
    report = run_tests(make({"tests/test_broken.py": "import no_such_module"}), None, {})
    assert [(case.id, case.outcome) for case in report.cases] == [("tests/test_broken.py", "error")]
    assert "No module named 'no_such_module'" in report.cases[0].message
    assert not report.ok
    assert not report.found_none


def test_no_tests_are_told_from_failed_ones(make: Make) -> None:
    report = run_tests(make({"app.py": ""}), None, {})
    assert (report.found_none, report.ok, report.cases) == (True, False, ())


def test_tests_that_all_pass(make: Make) -> None:
    assert run_tests(make({"test_a.py": "def test_a(): pass"}), None, {}).ok


def test_options_of_the_repository_and_the_caller_are_kept(make: Make) -> None:
    files = {
        "test_x.py": "import os\ndef test_a(): assert os.environ['GREETING'] == 'hello'\ndef test_b(): pass",
        "pyproject.toml": "[tool.pytest.ini_options]\njunit_family = 'xunit2'\naddopts = '-q'",
    }
    workspace = make(files, env={"PYTEST_ADDOPTS": "-k test_a"})
    report = run_tests(workspace, None, {"GREETING": "hello"})
    assert [case.id for case in report.cases] == ["test_x.py::test_a"]


def test_the_commands_of_the_config(make: Make) -> None:
    workspace = make({"sub/test_a.py": "def test_a(): pass"}, test="cd sub && python -m pytest && echo done")
    report = run_tests(workspace, None, {})
    assert report.ok
    assert report.output.endswith("done")
    assert [case.outcome for case in report.cases] == ["passed"]


@pytest.mark.parametrize(("command", "ok"), [("true", True), ("exit 3", False)])
def test_a_command_that_is_not_pytest_has_only_its_status(make: Make, command: str, ok: bool) -> None:
    report = run_tests(make({}, test=command), None, {})
    assert (report.ok, report.cases, report.found_none) == (ok, (), False)


def test_a_missing_pytest_is_told(make: Make) -> None:
    report = run_tests(make({}, test="/usr/bin/env -i /usr/bin/python3 -S -m pytest"), None, {})
    assert (report.lacks_pytest, report.ok) == (True, False)


def test_nothing_is_left_behind(make: Make) -> None:
    workspace = make({"test_a.py": "def test_a(): pass"})
    run_tests(workspace, None, {})
    assert list(workspace.scratch_dir.iterdir()) == []
    assert workspace.tree.list_changes() == ()


def test_tests_reach_their_database(make: Make, scratch_server: ScratchServer) -> None:
    workspace = make({"test_a.py": "import os, psycopg\ndef test_a(): psycopg.connect(os.environ['URL'])"})
    database = scratch_server.create()
    assert run_tests(workspace, database, {"URL": database.url()}).ok
    scratch_server.drop(database)


@pytest.mark.parametrize(
    "trick",
    [
        "path.unlink(); path.symlink_to('/etc/hostname')",
        "path.unlink(); os.mkfifo(path)",
        "path.unlink(); path.mkdir()",
        "path.write_text('<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>')",
        "path.write_text('<testsuites>')",
    ],
)
def test_a_report_that_was_tampered_with_is_not_believed(make: Make, trick: str) -> None:
    conftest = (
        "import os, pathlib, sys, atexit\n"
        "path = next(pathlib.Path(word.partition('=')[2]) for word in os.environ['PYTEST_ADDOPTS'].split()"
        " if word.startswith('--junitxml'))\n"
        f"def tamper():\n    {trick}\natexit.register(tamper)\n"
    )
    workspace = make({"conftest.py": conftest, "test_a.py": "def test_a(): pass"})
    report = run_tests(workspace, None, {})
    assert report.cases == ()
    assert "the test report cannot be read" in report.output


@pytest.fixture
def report_path(tmp_path: Path) -> Path:
    return tmp_path / "report.xml"


HOSTILE = {
    "entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
    "external": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&b;"/></testsuite>',
    "utf-16": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"),
    "other encoding": b'<?xml version="1.0" encoding="cp037"?>' + '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("cp037"),
    "crowd": b"<a>" + b"<a/>" * (MAX_ELEMENTS + 1) + b"</a>",
    "deep": b"<a>" * (MAX_ELEMENTS + 1),
    "cut": b"<testsuite><testcase",
    "empty": b"",
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused(report_path: Path, content: bytes) -> None:
    report_path.write_bytes(content)
    with pytest.raises(BadReport):
        read_junit(report_path, report_path.parent)


def test_a_huge_report_is_not_read(report_path: Path) -> None:
    with report_path.open("wb") as file:
        os.truncate(file.fileno(), 2**40)
    with pytest.raises(BadReport, match="larger than"):
        read_junit(report_path, report_path.parent)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=9))
def test_any_attributes_give_some_case(file: str, classname: str, name: str, time: str) -> None:
    import tempfile
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuite")
    attributes = {"file": file, "classname": classname, "name": name, "time": time}
    kept = {key: "".join(c for c in value if c.isprintable()) for key, value in attributes.items()}
    ElementTree.SubElement(root, "testcase", kept)
    with tempfile.NamedTemporaryFile() as report:
        report.write(ElementTree.tostring(root, encoding="utf-8"))
        report.flush()
        cases = read_junit(Path(report.name), Path("/nonexistent"))
    assert cases is not None
    assert [case.outcome for case in cases] == ["passed"]


def test_json_gives_the_same_report_back() -> None:
    case = TestCase("test_a.py::test_a", "failed", 0.5, "assert 1 == 2")
    report = TestReport((case,), 1, "output\x00"[:-1], "pytest", timed_out=True)
    assert from_json(json.loads(json.dumps(to_json(report)))) == report

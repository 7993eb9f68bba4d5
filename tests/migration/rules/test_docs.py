"""The folder of rules is the registry: its pages, their examples and the index say the same."""

from __future__ import annotations

import ast
import re
from pkgutil import iter_modules

import pytest

from bot.migration import rules
from bot.migration.finding import Finding
from bot.migration.lint import lint
from bot.migration.rules import get_rules
from bot.migration.squawk_rules import SQUAWK_RULES
from tests.migration.rules.conftest import Look
from tests.migration.rules.pages import FOLDER, list_names, read_page


def test_folder_registry_and_docs_are_the_same() -> None:
    files = {module.name.replace("_", "-") for module in iter_modules(rules.__path__)}
    assert files == set(get_rules()) == set(list_names())


def test_no_rule_of_ours_has_the_name_of_one_of_squawk() -> None:
    assert get_rules().keys().isdisjoint(SQUAWK_RULES)


@pytest.mark.parametrize("code", get_rules())
def test_page_says_what_the_rule_says(code: str) -> None:
    rule, page = get_rules()[code], read_page(code)
    assert page.title == code
    assert page.summary == rule.__doc__
    assert page.severity == rule.SEVERITY


def test_index_lists_every_rule_with_its_weight() -> None:
    index = (FOLDER / "README.md").read_text()
    rows = re.findall(r"^\| \[(\S+)\]\((\S+)\) \| (\w+) \| (.+) \|$", index, re.MULTILINE)
    ours = [(code, f"{code}.md", rule.SEVERITY, rule.__doc__) for code, rule in sorted(get_rules().items())]
    theirs = [
        (code, f"https://squawkhq.com/docs/{code}", rule.level, rule.title or rule.why_off)
        for code, rule in SQUAWK_RULES.items()
    ]
    assert rows == [*ours, *theirs]


@pytest.mark.parametrize("code", get_rules())
def test_bad_example_is_found_and_good_one_is_not(code: str, look: Look) -> None:
    page = read_page(code)
    found = [finding for finding in lint(look(page.bad)).findings if finding.code == code]
    assert found
    assert all(is_complete(finding) for finding in found)
    good = lint(look(page.good)).findings
    assert [finding for finding in good if finding.code == code or finding.severity == "error"] == []


def is_complete(finding: Finding) -> bool:
    ast.parse(finding.example)
    words = (finding.path, finding.line, finding.title, finding.consequence, finding.remedy, finding.example)
    return all(words) and finding.docs == f"docs/rules/{finding.code}.md"

"""Each difference that somebody makes by hand is found, named, and taken back by the statement that is proposed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.drift.cases import Case, read_cases
from tests.drift.conftest import Template
from tests.drift.databases import compare, execute, list_statements, look, run

CASES = read_cases("differences.sql")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_difference(case: Case, make_shop: Callable[[], sa.Engine], shop_template: Template) -> None:
    live = make_shop()
    execute(live, case.sql)
    items = compare(shop_template.schema, look(live)).items
    assert [f"{item.severity}: {item.title}" for item in items] == [case.told]
    run(live, list_statements(items, "to_expected"))
    assert compare(shop_template.schema, look(live)).items == ()


def test_several_at_once(make_shop: Callable[[], sa.Engine], shop_template: Template) -> None:
    names = {"a table is gone", "a longer varchar", "an index by another name", "another view", "a check is gone"}
    chosen = [case for case in CASES if case.name in names]
    live = make_shop()
    for case in chosen:
        execute(live, case.sql)
    items = compare(shop_template.schema, look(live)).items
    assert {f"{item.severity}: {item.title}" for item in items} == {case.told for case in chosen}
    run(live, list_statements(items, "to_expected"))
    assert compare(shop_template.schema, look(live)).items == ()


def test_nothing_is_told_of_nothing(make_shop: Callable[[], sa.Engine], shop_template: Template) -> None:
    assert compare(shop_template.schema, look(make_shop())).items == ()

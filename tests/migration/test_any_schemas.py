"""The law of writing for any two schemas: the revisions lead from one to the other and back, and rows are kept.

`SPECWRIGHT_EXAMPLES=2000 pytest tests/migration/test_any_schemas.py` looks at that many of each kind, other ones every
time. What is found becomes a case in found.sql, or in sqlite_changes.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from tests.databases import make_databases
from tests.migration.drawn import Statement, build_changes, build_schema
from tests.migration.drawn_sqlite import build_pair
from tests.migration.law import Law, Stage
from tests.migration.law_places import PostgresPlace, SqlitePlace

EXAMPLES = int(os.environ.get("SPECWRIGHT_EXAMPLES", "0"))
settings = hypothesis.settings(
    max_examples=EXAMPLES or 25,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink] if EXAMPLES else [hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
    print_blob=False,
)


@pytest.fixture(scope="module")
def law(postgres_admin: sa.Engine) -> Iterator[Law]:
    with make_databases(postgres_admin) as make:
        yield Law(PostgresPlace(make()))


@pytest.fixture(scope="module")
def sqlite_law(tmp_path_factory: pytest.TempPathFactory) -> Law:
    return Law(SqlitePlace(tmp_path_factory.mktemp("law") / "work.db"))


@st.composite
def changed(draw: Callable[..., object]) -> tuple[list[Statement], list[Statement]]:
    return build_schema(draw), build_changes(draw)


@st.composite
def unrelated(draw: Callable[..., object]) -> tuple[list[Statement], list[Statement]]:
    return build_schema(draw), build_schema(draw)


POLICIES = st.sampled_from(["plain", "online"])


@settings
@hypothesis.given(changed(), POLICIES)
def test_a_schema_and_what_became_of_it(law: Law, pair: tuple[list[Statement], list[Statement]], policy: str) -> None:
    law.check(Stage(pair[0], pair[1], stays=True, policy=policy))


@settings
@hypothesis.given(unrelated(), POLICIES)
def test_two_schemas_of_no_relation(law: Law, pair: tuple[list[Statement], list[Statement]], policy: str) -> None:
    law.check(Stage(pair[0], pair[1], stays=False, policy=policy))


@st.composite
def of_sqlite(draw: Callable[..., object]) -> Stage:
    related = bool(draw(st.booleans()))
    before, after = build_pair(draw, related=related)
    return Stage(before, after, stays=related, policy="plain")


@settings
@hypothesis.given(of_sqlite())
def test_two_schemas_of_sqlite(sqlite_law: Law, stage: Stage) -> None:
    sqlite_law.check(stage)

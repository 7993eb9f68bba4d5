"""Databases for the models of a repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.implement.laboratory import Laboratory


@pytest.fixture
def laboratory(fresh_database: Callable[[], sa.Engine]) -> Laboratory:
    return Laboratory(fresh_database)

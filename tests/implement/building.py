"""Builds the models of a repository in a process of its own, which finds SQLAlchemy loaded."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql  # noqa: F401 (loaded once, for all processes that are forked)
from sqlalchemy.orm import configure_mappers


def build_models(tree: Path, models: str, url: str) -> None:
    """Create the tables of the models under `tree`, as the repository's own process does."""
    with ProcessPoolExecutor(1, mp_context=_context, max_tasks_per_child=1) as processes:
        processes.submit(_build, tree, models, url).result()


def _build(tree: Path, models: str, url: str) -> None:
    warnings.simplefilter("error")
    sys.dont_write_bytecode = True
    os.chdir(tree)
    os.environ["DATABASE_URL"] = url
    sys.path.insert(0, str(tree))
    module = importlib.import_module(models)
    configure_mappers()
    engine = sa.create_engine(url)
    module.Base.metadata.create_all(engine)
    engine.dispose()


_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__, "psycopg"])

"""Every layout of an Alembic set-up goes the whole way: found, based, models built, a revision written, and proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migration.bench import Benches
from tests.migration.layouts.projects import LAYOUTS, Layout
from tests.migration.layouts.walk import expect_models_agree, walk


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.name for layout in LAYOUTS])
def test_the_whole_way(target_benches: Benches, layout: Layout) -> None:
    bench = target_benches.open(config=layout.config, start=layout.make_start(target_benches.environment))
    walked = walk(bench, layout.model)
    assert (walked.base.merged or (walked.base.revision,)) == layout.heads
    expect_models_agree(walked)
    for file in walked.files:
        assert Path(file.path).match(layout.path)
        assert file.notes == ()
    for words in layout.words:
        assert words in walked.text

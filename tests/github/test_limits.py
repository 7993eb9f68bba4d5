"""A text that is too long is cut where it hurts least."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.github.limits import FENCE, NOTICE, cut

TEXTS = st.lists(st.one_of(st.text(max_size=30), st.just("```"), st.just("\n"))).map("\n".join)


@given(TEXTS, st.integers(100, 400))
def test_result_fits_and_fences_are_closed(text: str, maximum: int) -> None:
    result = cut(text, maximum)
    assert len(result) <= maximum
    if len(text) <= maximum:
        assert result == text
    else:
        assert result.endswith(NOTICE)
        assert sum(line.lstrip().startswith(FENCE) for line in result.splitlines()) % 2 == 0


def test_whole_lines_are_kept() -> None:
    assert cut("one\ntwo\n" + "x" * 100, 60) == f"one\ntwo\n\n{NOTICE}"

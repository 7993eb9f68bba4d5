"""A transcript as people read it."""

from __future__ import annotations

import re
from pathlib import Path

from bot.playground.claude.script import Answer, Call, use
from jobs.transcript_page import render_transcript
from tests.implement.claude.desk import open_bench
from tests.implement.claude.test_conversation import talk_with
from tests.words.golden import check_golden

GOLDEN = Path(__file__).parent / "golden" / "transcript.md"
WRITE = Call("str_replace_based_edit_tool", {"command": "create", "path": "a.py", "file_text": "A = 1\nB = 2\n"})
ANSWERS = (
    Answer("I begin.", (WRITE, Call("run_command", {"command": "exit 3"})), thinking="Two files?"),
    use("finish", criteria=[], endpoints=[], done=["a `file`"], not_done=[], notes=[]),
)


def test_every_line_is_shown(tmp_path: Path) -> None:
    with open_bench(tmp_path, lambda asked: ANSWERS[asked.turn]) as bench:
        assert talk_with(bench) == "finished"
        text = render_transcript(bench.store.get_run(bench.run_id), bench.store.list_entries(bench.run_id))
    text = re.sub(r"\d+\.\d+ (s|dollars)\b", r"0.0 \1", text)
    # How many tokens there are follows from the definitions of the tools, which are no matter of this page.
    check_golden(GOLDEN, re.sub(r"[\d,]+ (tokens|of them cached|answered)", r"N \1", text))

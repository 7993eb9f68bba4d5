"""Text from outside, filtered: a reader sees that text and nothing else comes of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.words.filters import cell, code, codes, count, link, md, plain, prose, sentence
from bot.words.text import clean, clip, cut_head, render_duration, render_fence, to_line
from tests.words.rendered import list_kinds, list_linkable, list_tokens, read_text

PIECES = (
    *("*", "**", "_", "`", "```", "~~", "[", "](x)", "![", "<b>", "</details>", "<!--", "-->", "&amp;", "&#64;", "|"),
    *("@everyone", "@a/b", "#12", "o/r#1", "GH-7", "https://evil.example/x", "www.evil.example", "a@b.co", ":smile:"),
    *("- ", "1. ", "1) ", "> ", "+ ", "===", "---", "    ", "\t", "\n", "\n\n", "\r\n", "{{ x }}", "[x]: http://y"),
    *("$x$", "$", "\\", "#", "fixes #3", "é", "word", " ", "0", "e"),
    *("\u202e", "\u200b", "\x1b[31m", "\0", "\ud800", "\N{LINE SEPARATOR}"),
)
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=60))
# What GitHub finds in the text that Markdown leaves, by its own words:
# https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
FOUND_BY_GITHUB = re.compile(r"@\w|#\d|://|\bwww\.|\bgh-\d|:[\w+-]+:", re.IGNORECASE)


@given(TEXTS)
@example("a\\")
@example("# x #")
@example("https://user:secret@example.com/?a=b&c=d")
def test_md_shows_the_text_and_nothing_else(text: str) -> None:
    line = to_line(text)
    contexts: dict[str, set[str]] = {
        "": set(),
        "- ": {"bullet_list", "list_item"},
        "## ": {"heading"},
        "> ": {"blockquote"},
    }
    for before, kinds in contexts.items():
        markdown = f"{before}{md(text)}"
        allowed = {"<span>", "</span>"} | {f"{kind}_{end}" for kind in kinds for end in ("open", "close")}
        assert list_kinds(markdown) <= allowed
        assert read_text(markdown) == line
        assert not FOUND_BY_GITHUB.search("".join(list_linkable(markdown)))


@given(TEXTS)
def test_a_cell_stays_one_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {cell(text)} | end |\n"
    cells = [token for token in list_tokens(table) if token.type == "td_open"]
    assert len(cells) == 2
    assert list_kinds(f"{cell(text)}") <= {"<span>", "</span>", "<br>", "code_inline", "<code>", "</code>"}
    assert read_text(table).endswith("end")


@given(TEXTS)
def test_code_shows_the_text_also_in_a_table(text: str) -> None:
    line = clean(text).replace("\n", " ").replace("\t", " ")
    expected = line if line.strip() else "(empty)"
    for before, after in (("HEAD ", ""), ("| HEAD |\n|---|\n| ", " |\n")):
        shown = read_text(f"{before}{code(text)}{after}").removeprefix("HEAD")
        assert shown.strip() == expected.strip()
        assert not list_kinds(f"x {code(text)} x") - {"code_inline", "<code>", "</code>"}


@given(TEXTS)
def test_prose_keeps_its_names_and_is_otherwise_text(text: str) -> None:
    assert list_kinds(f"{prose(text)}") <= {"<span>", "</span>", "code_inline", "<code>", "</code>"}
    shown, expected = (re.sub(r"[ `]|\(empty\)", "", side) for side in (read_text(f"{prose(text)}"), to_line(text)))
    assert shown == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("a `b`", "a `b`."), ("What?", "What?"), ("Done.", "Done."), ("e.g. `x`  ", "e.g. `x`.")]
)
def test_a_sentence_ends_once(text: str, expected: str) -> None:
    assert sentence(text) == expected


def test_prose_shows_names_as_code() -> None:
    assert prose("column `a_b` of `t|u`: *no*") == "column `a_b` of <code>t&#124;u</code>: \\*no\\*"


@given(TEXTS)
def test_a_fence_ends_where_it_should(text: str) -> None:
    markdown = f"before\n\n{render_fence(text, 'sql')}\n\nafter\n"
    fences = [token for token in list_tokens(markdown) if token.type == "fence"]
    assert [token.content.rstrip("\n") for token in fences] == [clean(text).strip("\n")]
    assert read_text(markdown).endswith("after")


@given(TEXTS)
def test_plain_lines_call_nobody_and_close_nothing(text: str) -> None:
    line = plain(text)
    assert "\n" not in line
    assert not re.search(r"(?<![\w/])@\w|#\d|https?://\S*/\S|\bgh-\d", line, re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fix @octocat's #12", "Fix octocat's # 12"),
        ("closes owner/repo#5", "closes owner/repo# 5"),
        ("see https://github.com/o/r/issues/5", "see 5"),
        ("mail a@b.co", "mail a@b.co"),
        ("GH-4", "GH 4"),
        ("two\nlines", "two lines"),
    ],
)
def test_plain_lines_stay_readable(text: str, expected: str) -> None:
    assert plain(text).replace("GH 4", "GH 4") == expected


def test_what_hides_or_reorders_text_is_made_visible() -> None:
    assert clean("a\u202eb\x07\x1b[1mc\x1b[0m\r\nd\re") == "a\ufffdb\ufffdc\nd\ne"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?y=(1)", "[the run](<https://a.example/x?y=(1)>)"),
        ("javascript:alert(1)", "the run"),
        ("https://a.example/> [x](y", "the run"),
        ("", "the run"),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str, expected: str) -> None:
    assert link(url, "the run") == expected


def test_numbers_take_their_noun() -> None:
    assert [count(1, "row"), count(1200, "row"), count(2, "index", "indexes")] == ["1 row", "1,200 rows", "2 indexes"]


def test_many_names_end_in_how_many_more() -> None:
    assert codes(["a", "b", "a", "c"], 2) == "`a`, `b` and 1 more"


def test_long_texts_are_cut_and_say_so() -> None:
    assert clip("abcdef", 4) == "abc…"
    assert clip("abcd", 4) == "abcd"
    assert cut_head("one\ntwo\nthree", 8) == "… 8 characters before this are left out\nthree"
    assert cut_head("one", 8) == "one"


@pytest.mark.parametrize(
    ("duration_seconds", "expected"), [(0.123, "0.12 s"), (4.25, "4.2 s"), (59.97, "1 min 00 s"), (125, "2 min 05 s")]
)
def test_durations(duration_seconds: float, expected: str) -> None:
    assert render_duration(duration_seconds) == expected

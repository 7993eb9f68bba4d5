"""Which lines of a comment are commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.command_text import MAX_COMMANDS, WrittenCommand, find_nearest, read_commands

HELP = ("help", "")

CASES = [
    ("alone", "/help", [HELP]),
    ("with arguments", "/explain app/models.py", [("explain", "app/models.py")]),
    ("arguments keep their inner spaces", "/revise  use  two   columns ", [("revise", "use  two   columns")]),
    ("arguments with a tab", "/explain\tapp/models.py", [("explain", "app/models.py")]),
    ("arguments with inline code", "/revise use `uuid`", [("revise", "use `uuid`")]),
    ("key and value", "/continue budget=5", [("continue", "budget=5")]),
    ("addressed", "/specwright help", [HELP]),
    ("addressed with arguments", "/specwright explain a.py", [("explain", "a.py")]),
    ("addressed alone", "/specwright", [HELP]),
    ("addressed in capitals", "/Specwright Help", [HELP]),
    ("a phone's capital letter", "/Help", [HELP]),
    ("trailing spaces", "/help   ", [HELP]),
    ("three spaces before", "   /help", [HELP]),
    ("after text", "Please:\n/help", [HELP]),
    ("before text", "/help\nthank you", [HELP]),
    ("after an empty line", "Please\n\n/help\n\nthanks", [HELP]),
    ("several", "/cancel\n/implement", [("cancel", ""), ("implement", "")]),
    ("several apart", "/cancel\n\ntext\n\n/implement", [("cancel", ""), ("implement", "")]),
    ("Windows' line ends", "/cancel\r\n/implement\r\n", [("cancel", ""), ("implement", "")]),
    ("old Macs' line ends", "/cancel\r/implement", [("cancel", ""), ("implement", "")]),
    ("a mail's signature", "/help\n--\nAda", [HELP]),
    ("after a heading", "# Now\n/help", [HELP]),
    ("before a fence", "/help\n```\n/cancel\n```", [HELP]),
    ("after a fence", "```\n/cancel\n```\n/help", [HELP]),
    ("right below a quote", "> /cancel\n\n/help", [HELP]),
    ("right below a quote without an empty line", "> why?\n/help", [HELP]),
    ("a name with a dash", "/check-spec", [("check-spec", "")]),
    ("a name that nobody knows", "/frobnicate now", [("frobnicate", "now")]),
    ("after an unclosed backtick", "a ` b\n/help", [HELP]),
    ("between two lone backslashed backticks", "a \\` b\n/help\nc \\` d", [HELP]),
    ("below a details block", "<details>\n\n/help\n\n</details>", [HELP]),
    # No commands:
    ("nothing", "", []),
    ("text", "I would like help", []),
    ("in the midst of a line", "please /help", []),
    ("after a mention", "@specwright /help", []),
    ("a path", "/usr/bin/python", []),
    ("a file", "/setup.py", []),
    ("an address without its host", "/runs/7?key=abc", []),
    ("a lone slash", "/", []),
    ("two slashes", "//help", []),
    ("a slash and a space", "/ help", []),
    ("a number", "/1", []),
    ("an escaped slash", "\\/help", []),
    ("a quote", "> /help", []),
    ("a quote in a quote", "> > /help", []),
    ("a quote of several lines", "> please\n> /help", []),
    ("a fence of backticks", "```\n/help\n```", []),
    ("a fence of tildes", "~~~\n/help\n~~~", []),
    ("a fence with a language", "```sh\n/help\n```", []),
    ("a long fence with a short one in it", "````\n```\n/help\n```\n/cancel\n````", []),
    ("a fence that is never closed", "```\n/help", []),
    ("tildes do not close backticks", "```\n~~~\n/help\n```", []),
    ("indented code", "text\n\n    /help", []),
    ("indented code with a tab", "\t/help", []),
    ("inline code", "`/help`", []),
    ("inline code over several lines", "look at ``a\n/help\nb`` here", []),
    ("an HTML comment", "<!-- /help -->", []),
    ("an HTML comment over several lines", "<!--\n/help\n-->", []),
    ("an HTML comment with an empty line", "<!--\n\n/help\n\n-->", []),
    ("an HTML comment in a paragraph", "text <!-- hidden\n/help\n--> text", []),
    ("an HTML block", "<div>\n/help\n</div>", []),
    ("preformatted HTML", "<pre>\n\n/help\n\n</pre>", []),
    ("a list's item", "- /help", []),
    ("a task", "- [ ] /help", []),
    ("a heading", "# /help", []),
    ("a table's cell", "| a |\n|---|\n| /help |", []),
    ("bold", "**/help**", []),
    ("another kind of slash", "\uff0fhelp", []),
    ("letters of another alphabet", "/h\u0435lp", []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_commands_of_a_comment(body: str, expected: list[tuple[str, str]]) -> None:
    assert [(found.name, found.arguments) for found in read_commands(body)] == expected


def test_the_longer_form_says_who_is_meant() -> None:
    assert read_commands("/help\n/specwright help") == (
        WrittenCommand("help", "", False),
        WrittenCommand("help", "", True),
    )


def test_a_comment_full_of_commands_is_cut() -> None:
    assert len(read_commands("/help\n" * 500)) == MAX_COMMANDS


@given(st.text())
def test_no_text_is_too_odd(body: str) -> None:
    for found in read_commands(body):
        assert found.name.isascii() and "\n" not in found.arguments


@given(st.text(alphabet=st.sampled_from("/help `~>-<!\n\t#ab"), max_size=60))
def test_what_is_quoted_is_never_a_command(body: str) -> None:
    quoted = "\n".join(f"> {line}" for line in body.split("\n"))
    assert read_commands(quoted) == ()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("hlep", ["help"]),
        ("implment", ["implement"]),
        ("verfy", ["verify"]),
        ("roll-back", ["rollback"]),
        ("lgtm", []),
        ("retest", []),
        ("merge", []),
    ],
)
def test_the_nearest_names(name: str, nearest: list[str]) -> None:
    known = ("help", "status", "cancel", "implement", "rollback", "explain", "verify")
    assert list(find_nearest(name, known)) == nearest

"""Where in the new revisions something is written: the line of the operation, or of the name in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bot.migration.alembic_runner import RanStatement
from bot.migration.finding import Place
from bot.migration.lint_context import LintContext
from bot.migration.revision_calls import OpCall, find_calls, list_constants
from bot.migration.revision_source import RevisionSource

_WORD = re.compile(r"\w+")


def find_place(context: LintContext, *names: str) -> Place:
    """The line where the last of the names is written, in the first operation of an upgrade that has all of them.

    `find_place(context, table, column)` is the line of the column. Without such an operation fewer names are looked
    for, the last ones left out; in the end it is the last upgrade's first line.
    """
    calls = [(source, call) for source in context.revisions for call in find_calls(source, "upgrade")]
    for count in range(len(names), 0, -1):
        wanted = names[:count]
        for source, call in calls:
            if all(_has(source, call, name) for name in wanted):
                return Place(source.path, _find_line(call, wanted[-1]))
    return context.get_last_place()


def find_statement_place(context: LintContext, statement: RanStatement) -> Place:
    """The operation that most likely sent the statement: the one that shares most of its words."""
    source = context.find_revision(statement.revision)
    if source is None:
        return context.get_last_place()
    call = find_call_of(source, statement.sql)
    return Place(source.path, call.line if call else source.get_line("upgrade"))


def find_call_of(source: RevisionSource, sql: str) -> OpCall | None:
    """The operation of the upgrade whose words are most like those of the SQL; the first of equals."""
    words = _find_words(sql)
    scored = [(_compare(words, _list_words(source, call)), call) for call in find_calls(source, "upgrade")]
    best = max((score for score, _ in scored), default=0.0)
    return next((call for score, call in scored if score == best > 0), None)


def _compare(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


def _list_words(source: RevisionSource, call: OpCall) -> frozenset[str]:
    texts = [*call.list_texts(), *_list_named(source, call), call.name.replace("_", " ")]
    return _find_words(" ".join(texts))


def _find_words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


def _list_named(source: RevisionSource, call: OpCall) -> Iterator[str]:
    constants = list_constants(source)
    for node in ast.walk(call.node):
        if isinstance(node, ast.Name) and node.id in constants:
            yield constants[node.id]


def _has(source: RevisionSource, call: OpCall, name: str) -> bool:
    texts = (*call.list_texts(), *_list_named(source, call))
    return any(name == text or name in _WORD.findall(text) for text in texts)


def _find_line(call: OpCall, name: str) -> int:
    """The line of the constant that is the name, else the line in a longer text (SQL) that has it as a word."""
    constants = [node for node in ast.walk(call.node) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    for node in constants:
        if node.value == name:
            return node.lineno
    for node in constants:
        match = re.search(rf"\b{re.escape(name)}\b", str(node.value))
        if match:
            is_multiline = node.end_lineno != node.lineno
            return node.lineno + (str(node.value)[: match.start()].count("\n") if is_multiline else 0)
    return call.line

"""The transcript of a run, for people: what the model was told, thought, did and got."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.implement.claude.budget import count_spent
from bot.implement.claude.usage import compute_cost_usd
from bot.implement.claude.usage import from_json as usage_from_json
from bot.store import Entry, Run
from bot.words.loader import render

LIMIT_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said or done; `who` in words, `facts` what it took."""

    number: int
    conversation: str
    who: str
    text: str
    facts: str = ""


def render_transcript(run: Run, entries: Sequence[Entry], limit_characters: int = LIMIT_CHARACTERS) -> str:
    """Markdown; of each line as many characters as that."""
    lines = [line for entry in entries for line in _list_lines(entry)]
    spent = count_spent(entries)
    return render("transcript.md", run=run, lines=lines, spent=spent, limit_characters=limit_characters)


def _list_lines(entry: Entry) -> Iterator[Line]:
    content = entry.content
    if entry.kind == "prompt":
        yield Line(entry.number, entry.conversation, "told", "\n\n".join([*content["context"], content["text"]]))
    elif entry.kind == "reply":
        facts = _list_facts(entry)
        yield from (
            Line(entry.number, entry.conversation, _name_block(block), _show_block(block), "" if place else facts)
            for place, block in enumerate(content["content"])
        )
    elif entry.kind == "result":
        changed = "the files changed" if "patch" in content else ""
        who = f"{content['tool']} {'failed' if content['is_error'] else 'gave'}"
        yield Line(entry.number, entry.conversation, who, content.get("full", content["text"]), changed)
    else:
        yield Line(entry.number, "the bot", str(content["key"]), json.dumps(content["value"], indent=1))


def _name_block(block: dict[str, Any]) -> str:
    if block["type"] == "tool_use":
        return f"calls {block['name']}"
    return {"thinking": "thinks", "text": "says"}.get(str(block["type"]), str(block["type"]))


def _show_block(block: dict[str, Any]) -> str:
    """A text as it is; the input of a tool with its lines as lines."""
    if block["type"] != "tool_use":
        return str(block.get("thinking") or block.get("text") or "")
    given = block["input"] if isinstance(block["input"], dict) else {"input": block["input"]}
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in given.items()
    )


def _list_facts(entry: Entry) -> str:
    usage = usage_from_json(entry.content["usage"])
    cost_usd = compute_cost_usd(entry.content["model"], usage)
    sent = f"{usage.sent:,} tokens sent ({usage.cache_read:,} of them cached), {usage.output:,} answered"
    stop = entry.content["stop_reason"].replace("_", " ")
    return f"{sent}, {cost_usd:.4f} dollars, {entry.duration_seconds:.1f} s, {stop}"

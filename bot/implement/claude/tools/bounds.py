"""Long results, of which the model sees the beginning and the end."""

from __future__ import annotations

CHARACTERS = 12_000
VIEW_CHARACTERS = 60_000


def cut_middle(text: str, limit_characters: int) -> str:
    """The beginning and the end, from whole lines on where that can be, and how much was left out between them."""
    if len(text) <= limit_characters:
        return text
    half = limit_characters // 2
    head, tail = text[:half], text[-half:]
    head = head[: head.rfind("\n") + 1] or head
    tail = tail[tail.find("\n") + 1 :] or tail
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n[… {left_out:,} characters left out: ask for less at once …]\n{tail}"

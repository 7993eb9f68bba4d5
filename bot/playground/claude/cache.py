"""The prompt cache, computed from the real prefix: what of a request was sent before, up to a breakpoint of then.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching: prefixes in the order tools, system, messages; an
entry is written at each breakpoint; from a breakpoint the API looks back over 20 blocks for one. A token is taken to be
four bytes, which changes no share.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BYTES_PER_TOKEN = 4
LOOK_BACK_BLOCKS = 20
MINIMUM_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens of one request."""

    input: int
    cache_write: int
    cache_read: int


@dataclass
class PromptCache:
    """What was cached: digests of prefixes."""

    known: set[str] = field(default_factory=set)

    def count(self, body: Mapping[str, Any]) -> Counted:
        """How many tokens of the request are read from the cache, written to it, or neither; and writes them."""
        digests, sizes, breakpoints = _read_prefixes(body)
        read = max((self._find_read(digests, sizes, place) for place in breakpoints), default=0)
        written = max((sizes[place] for place in breakpoints), default=0)
        if written < MINIMUM_TOKENS:
            written = 0
        self.known.update(digests[place] for place in breakpoints if sizes[place] >= MINIMUM_TOKENS)
        total = sizes[-1] if sizes else 0
        return Counted(total - max(written, read), max(written - read, 0), read)

    def _find_read(self, digests: list[str], sizes: list[int], place: int) -> int:
        """The longest prefix that is known and ends at the breakpoint, or at one of the 20 blocks before it."""
        for number in range(place, max(place - LOOK_BACK_BLOCKS, 0) - 1, -1):
            if digests[number] in self.known:
                return sizes[number]
        return 0


def _read_prefixes(body: Mapping[str, Any]) -> tuple[list[str], list[int], list[int]]:
    """For each block: the digest of the request up to it, and its size in tokens; and which blocks are breakpoints."""
    fixed = {name: body.get(name) for name in ("model", "thinking", "output_config")}
    running = hashlib.sha256(json.dumps(fixed, sort_keys=True).encode())
    digests: list[str] = []
    sizes: list[int] = []
    breakpoints: list[int] = []
    size = 0
    for where, block in _list_blocks(body):
        plain = {key: value for key, value in block.items() if key != "cache_control"}
        text = json.dumps([where, plain], ensure_ascii=False).encode()
        running.update(text)
        size += len(text)
        digests.append(running.hexdigest())
        sizes.append(size // BYTES_PER_TOKEN)
        if "cache_control" in block:
            breakpoints.append(len(digests) - 1)
    return digests, sizes, breakpoints


def _list_blocks(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from (("tool", tool) for tool in body.get("tools", ()))
    system = body.get("system", [])
    yield from (
        ("system", block) for block in ([{"type": "text", "text": system}] if isinstance(system, str) else system)
    )
    for number, message in enumerate(body["messages"]):
        for block in message["content"]:
            yield f"{message['role']} {number}", block

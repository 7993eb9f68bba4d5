"""How much of what a run of 40 turns sends to the model is read from the prompt cache, and what that saves.

The conversation is the product's own, over HTTP against the scripted Messages API, which counts prefixes as the real
one does (bot/playground/claude/cache.py). The model looks at the files of examples/bookshop one by one, and edits.
Beside it: the same requests with a breakpoint after the system prompt only, and with none.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.config import RepositoryConfig
from bot.implement.claude.budget import Limits
from bot.implement.claude.client import ClaudeClient
from bot.implement.claude.conversation import Desk, Talk, converse
from bot.implement.claude.knowledge import read_instructions, render_map
from bot.implement.claude.request import Model
from bot.implement.claude.transcript import Transcript
from bot.implement.claude.usage import Usage, add_up, compute_cost_usd
from bot.playground.claude.cache import PromptCache
from bot.playground.claude.script import Answer, Asked, edit, use
from bot.playground.claude.server import KEY, open_claude
from bot.spec.reader import read_spec
from bot.store import NewRun, Store
from bot.store.upgrade import upgrade
from bot.words.loader import render_prompt

ROOT = Path(__file__).parents[1]
TURNS = 40
MODEL = "claude-opus-5-5"
TARGET = 0.9


@dataclass(frozen=True)
class _Place:
    """Files without a sandbox: nothing is run here."""

    tree: Any

    def find_objection(self, path: str) -> str | None:
        return None

    def undo_forbidden(self) -> Sequence[tuple[str, str]]:
        return ()


def run() -> str:
    """A Markdown table: shares and costs. Fails when less than 90 % of the input is read from the cache."""
    bodies = _record()
    variants = {"ours": bodies, "system only": [_keep_system(body) for body in bodies]}
    variants["none"] = [_drop(body) for body in bodies]
    lines = [
        "| breakpoints | sent, tokens | read from the cache | input cost | per turn |",
        "|---|---:|---:|---:|---:|",
    ]
    shares = {}
    for name, requests in variants.items():
        usage = _count(requests)
        cost, shares[name] = compute_cost_usd(MODEL, usage), usage.cache_read / usage.sent
        lines.append(f"| {name} | {usage.sent:,} | {shares[name]:.1%} | ${cost:.2f} | ${cost / TURNS:.4f} |")
    assert shares["ours"] >= TARGET, f"only {shares['ours']:.1%} are read from the cache"
    return "\n".join(lines)


def _record() -> list[Mapping[str, Any]]:
    """The requests of one run."""
    with tempfile.TemporaryDirectory() as directory, open_claude(_answer) as claude:
        tree = shutil.copytree(ROOT / "examples" / "bookshop", Path(directory) / "tree")
        with _open_transcript(Path(directory)) as transcript:
            client, limits = ClaudeClient(KEY, claude.url), Limits(1000, 1000, 10**9, 1000)
            desk = Desk(client, Model(MODEL, "high", 32_000), limits, transcript, str)
            place: Any = _Place(SimpleNamespace(path=tree, patch=lambda: ""))
            talk = Talk("implement", render_prompt("system.md"), place)
            converse(desk, talk, "task", [_render_context(tree), "Implement the spec."])
        return list(claude.requests)


def _render_context(tree: Path) -> str:
    title, _, body = (ROOT / "examples" / "specs" / "01-loyalty.md").read_text().partition("\n")
    instructions = read_instructions(tree, RepositoryConfig())
    spec = read_spec(title.lstrip("# "), body)
    return render_prompt("context.md", spec=spec, instructions=instructions, map=render_map(tree))


@contextmanager
def _open_transcript(directory: Path) -> Iterator[Transcript]:
    store = Store(f"sqlite:///{directory / 'store.db'}")
    upgrade(store.engine)
    store.record_delivery("d", "issues", "labeled", 1, b"{}", "acme/shop")
    new = NewRun("acme/shop", 1, 1, "d", "ada", 1, "title", "body", "specwright")
    yield Transcript.open(store, store.ensure_run(new)[0].id)
    store.close()


def _answer(asked: Asked) -> Answer:
    """Looks at a file in each turn, and writes one in every fourth."""
    if asked.turn >= TURNS - 1:
        return use("finish", criteria=[], endpoints=[], done=[], not_done=[], notes=[])
    files = sorted((ROOT / "examples" / "bookshop").rglob("*.py"))
    path = files[asked.turn % len(files)]
    if asked.turn % 4 == 3:
        return edit("create", f"written_{asked.turn}.py", file_text=path.read_text())
    return edit("view", path.relative_to(ROOT / "examples" / "bookshop").as_posix())


def _count(bodies: Sequence[Mapping[str, Any]]) -> Usage:
    cache = PromptCache()
    counted = [cache.count(body) for body in bodies]
    return add_up(Usage(item.input, item.cache_write, item.cache_read) for item in counted)


def _keep_system(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**_drop(body), "system": body["system"]}


def _drop(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _drop(item) for key, item in value.items() if key != "cache_control"}
    return [_drop(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    print(run())

"""What the spans of a conversation say.

conversation ("invoke_agent") ─► turn ─► request ("chat": the SDK's own span, one for each that is sent)
                              └► tool ("execute_tool")
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from bot.implement.claude.client import Reply
from bot.implement.claude.request import Model
from bot.implement.claude.usage import compute_cost_usd
from bot.tracing import Span


def describe_talk(name: str, run_id: int, model: Model) -> dict[str, str]:
    """A conversation."""
    return {"gen_ai.operation.name": "invoke_agent", **describe_turn(name, run_id, model)}


def describe_turn(name: str, run_id: int, model: Model) -> dict[str, str]:
    """A turn of it. It is no operation of its own, so that nobody counts its tokens beside the request's."""
    return {
        "gen_ai.provider.name": "anthropic",
        "gen_ai.agent.name": name,
        "gen_ai.conversation.id": f"run-{run_id}-{name}",
        "gen_ai.request.model": model.name,
    }


def describe_call(call: Mapping[str, Any], known: Container[str]) -> dict[str, str]:
    """The use of a tool: its name, if it is one, and never what it is given."""
    return {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": call["name"] if call["name"] in known else "unknown",
        "gen_ai.tool.call.id": str(call["id"]),
        "gen_ai.tool.type": "function",
    }


def note_reply(span: Span, reply: Reply, model: Model) -> None:
    """All that the turn has used, attempts that broke off too."""
    span.set_attribute("gen_ai.response.finish_reasons", [reply.stop_reason])
    span.set_attribute("gen_ai.usage.input_tokens", reply.usage.sent)
    span.set_attribute("gen_ai.usage.cache_read.input_tokens", reply.usage.cache_read)
    span.set_attribute("gen_ai.usage.cache_write.input_tokens", reply.usage.cache_write)
    span.set_attribute("gen_ai.usage.output_tokens", reply.usage.output)
    span.set_attribute("specwright.cost_usd", compute_cost_usd(model.name, reply.usage))

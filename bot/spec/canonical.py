"""The spec as it was implemented, in one form whatever it was written in: `specs/<issue>-<slug>.yml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from bot.spec.canonical_model import describe_model
from bot.spec.data_model.yaml import read_root
from bot.spec.errors import Problems, SpecError
from bot.spec.model import Criterion, DataModel, Endpoint, Spec
from bot.spec.yaml_text.fields import Fields
from bot.spec.yaml_text.nodes import MappingNode, Scalar, SequenceNode, read_yaml, to_plain

MAX_SLUG = 40
FORMAT = 1
_HEADER = """\
# The spec of issue #{issue} as it was implemented: later drift checks compare with it.
# It is written by the bot; what should be different is said in an issue.
"""
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff]")  # only double quotes keep them in YAML
_KEYS = ("specwright", "issue", "title", "summary", "criteria", "endpoints", "openapi", "data_model")


def slugify(title: str) -> str:
    """A title as part of a branch or file name: lower-case ASCII words, never empty."""
    text = unicodedata.normalize("NFKD", title[:500]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    if len(words) > MAX_SLUG:
        cut = words[: MAX_SLUG + 1].rpartition("-")[0]
        words = cut or words[:MAX_SLUG]
    return words.strip("-") or "spec"


def render_canonical(spec: Spec, issue: int) -> str:
    """The document: the same spec gives the same text."""
    content: dict[str, Any] = {"specwright": FORMAT, "issue": issue, "title": spec.title, "summary": spec.summary}
    content["criteria"] = {criterion.id: criterion.text for criterion in spec.criteria}
    content["endpoints"] = [_describe_endpoint(endpoint) for endpoint in spec.endpoints]
    content["openapi"] = spec.openapi
    content["data_model"] = describe_model(spec.data_model)
    filled = {key: value for key, value in content.items() if value not in (None, "", {}, [])}
    text = yaml.dump(filled, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118)
    return _HEADER.format(issue=issue) + text


def read_canonical(text: str) -> Spec:
    """What `render_canonical` wrote; lines are those of this text. Raises `SpecError`."""
    problems = Problems(text.split("\n"))
    root = read_yaml(text, 1, problems)
    spec = Spec("", text, "")
    if isinstance(root, MappingNode):
        spec = _read(Fields(root, _KEYS, problems, what="a spec"), text, problems)
    elif not problems.list_all():
        problems.report(1, "this is not a canonical spec", "a mapping with the key `specwright`")
    if problems.list_all():
        raise SpecError(problems.list_all())
    return spec


def _read(fields: Fields, text: str, problems: Problems) -> Spec:
    if fields.text("specwright") != str(FORMAT):
        problems.report(1, "this canonical spec is of another format", f"`specwright: {FORMAT}`")
    model, openapi = fields.nodes.get("data_model"), fields.nodes.get("openapi")
    return Spec(
        fields.text("title") or "",
        text,
        fields.text("summary") or "",
        criteria=tuple(_read_criteria(fields)),
        endpoints=tuple(_read_endpoints(fields, problems)),
        openapi=to_plain(openapi) if isinstance(openapi, MappingNode) else None,
        data_model=read_root(model, problems) if isinstance(model, MappingNode) else DataModel(),
    )


def _read_criteria(fields: Fields) -> Iterator[Criterion]:
    node = fields.nodes.get("criteria")
    for entry in node.entries if isinstance(node, MappingNode) else ():
        if isinstance(entry.value, Scalar):
            yield Criterion(entry.key, entry.value.text, entry.line)


def _read_endpoints(fields: Fields, problems: Problems) -> Iterator[Endpoint]:
    node = fields.nodes.get("endpoints")
    for item in node.items if isinstance(node, SequenceNode) else ():
        if isinstance(item, MappingNode):
            keys = Fields(item, ("method", "path", "description"), problems, what="an endpoint")
            method, path = keys.text("method") or "", keys.text("path") or ""
            yield Endpoint(method, path, keys.text("description") or "", item.line)


def _describe_endpoint(endpoint: Endpoint) -> Mapping[str, str]:
    described = {"method": endpoint.method, "path": endpoint.path}
    return {**described, "description": endpoint.description} if endpoint.description else described


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quoted whenever our reader would take it for something else than a text; lines stay lines."""
    style = "|" if "\n" in text else None if isinstance(Scalar(text, 0).value, str) else "'"
    odd = _ODD.search(text) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if odd else style)


_Dumper.add_representer(str, _represent_text)

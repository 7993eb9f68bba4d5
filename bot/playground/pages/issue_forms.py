"""Issue forms of a repository: https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bot.playground.bare import Bare

FOLDER = ".github/ISSUE_TEMPLATE"
MAXIMUM_BYTES = 64 * 1024
NO_ANSWER = "_No response_"


@dataclass(frozen=True, slots=True)
class Field:
    """A question. `kind` is markdown (a text of the form itself), input, textarea, dropdown or checkboxes.

    `language` is that of the fence which GitHub puts around the answer. `name` is the field's in the HTML form.
    """

    kind: str
    name: str
    label: str
    description: str
    placeholder: str
    value: str
    language: str
    options: tuple[str, ...]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A form; `file` is its name in the folder."""

    file: str
    name: str
    description: str
    title: str
    labels: tuple[str, ...]
    fields: tuple[Field, ...]


def list_forms(bare: Bare, branch: str) -> list[Form]:
    """The forms on a branch, by file name; those that cannot be read are left out, as on GitHub."""
    commit = bare.find_commit(branch)
    entries = [] if commit is None else bare.list_tree(commit, FOLDER)
    files = [entry for entry in entries if entry.kind == "file" and entry.path.endswith((".yml", ".yaml"))]
    small = [entry for entry in files if entry.size <= MAXIMUM_BYTES and not entry.path.endswith("/config.yml")]
    forms = [_read(entry.path.rsplit("/", 1)[1], bare.read_blob(entry.sha)) for entry in small]
    return [form for form in forms if form is not None]


def render_answers(form: Form, answers: Mapping[str, str]) -> str:
    """The issue's text: a heading a question, as GitHub writes it."""
    parts = []
    for field in form.fields:
        if field.kind != "markdown":
            parts.append(f"### {field.label}\n\n{_render_answer(field, answers)}")
    return "\n\n".join(parts)


def _render_answer(field: Field, answers: Mapping[str, str]) -> str:
    if field.kind == "checkboxes":
        ticked = [f"{field.name}-{place}" in answers for place in range(len(field.options))]
        lines = zip(ticked, field.options, strict=True)
        return "\n".join(f"- [{'X' if is_ticked else ' '}] {option}" for is_ticked, option in lines)
    answer = answers.get(field.name, "").strip("\r\n")
    if not answer.strip():
        return NO_ANSWER
    return f"```{field.language}\n{answer}\n```" if field.language else answer


def _read(file: str, content: bytes) -> Form | None:
    try:
        data = yaml.safe_load(content)
        fields = tuple(_read_field(place, item) for place, item in enumerate(data["body"]))
        return Form(
            file=file,
            name=str(data["name"]),
            description=str(data["description"]),
            title=str(data.get("title") or ""),
            labels=tuple(str(label) for label in data.get("labels") or ()),
            fields=fields,
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return None


def _read_field(place: int, item: Any) -> Field:
    attributes, validations = item.get("attributes") or {}, item.get("validations") or {}
    options = attributes.get("options") or ()
    return Field(
        kind=str(item["type"]),
        name=f"field-{place}",
        label=str(attributes.get("label") or ""),
        description=str(attributes.get("description") or ""),
        placeholder=str(attributes.get("placeholder") or ""),
        value=str(attributes.get("value") or ""),
        language=str(attributes.get("render") or ""),
        options=tuple(str(option["label"]) if isinstance(option, dict) else str(option) for option in options),
        is_required=bool(validations.get("required")),
    )

"""The one template loader: every sentence that people read, and every prompt, comes through here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

import prompts
from bot.words.filters import FILTERS, PROMPT_FILTERS

TEMPLATES = Path(__file__).parent / "templates"
# Filters of jinja2's own that only choose; what they give must still pass one of ours to be shown.
SELECTING = ("selectattr", "rejectattr", "list", "round", "int")
PROMPTS = Path(prompts.__file__).parent


class Unfiltered(TypeError):
    """A template shows a text that passed none of the filters."""


def render(template: str, **values: object) -> str:
    """The Markdown of a template in `bot/words/templates/`, without blank lines around it.

    Raises `Unfiltered` when the template shows a string that passed no filter, and jinja2's `UndefinedError` when a
    value is missing.
    """
    return _open_templates().get_template(template).render(values).strip("\n")


def render_prompt(name: str, **values: object) -> str:
    """The text of a prompt in `prompts/`: a model reads it, so nothing is escaped, but what is from outside is fenced.

    Raises `Unfiltered` when the prompt shows a text that did not pass the filter `data`, else as jinja2 does.
    """
    return _open_prompts().get_template(name).render(values).strip("\n")


@cache
def _open_templates() -> jinja2.Environment:
    """Autoescape makes jinja2 keep track of what a filter, macro or block has made; `_check` refuses the rest."""
    environment = _open(TEMPLATES, finalize=_check, autoescape=True)
    environment.filters = {**{name: environment.filters[name] for name in SELECTING}, **FILTERS}
    return environment


@cache
def _open_prompts() -> jinja2.Environment:
    """As with the templates, what passed no filter is not shown; only that the filter is the fence for data."""
    environment = _open(PROMPTS, finalize=_check, autoescape=True)
    environment.filters = {**{name: environment.filters[name] for name in SELECTING}, **PROMPT_FILTERS}
    return environment


def _open(folder: Path, **options: object) -> jinja2.Environment:
    return jinja2.Environment(  # noqa: S701 (nothing here is HTML)
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,  # type: ignore[arg-type]  # options of jinja2's own
    )


def _check(value: object) -> object:
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, and names what is missing
    if isinstance(value, Markup) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise Unfiltered(f"shown without a filter ({', '.join(FILTERS)}): {value!r:.80}")

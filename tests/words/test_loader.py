"""The loader: nothing from outside is shown that did not pass a filter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes
from markupsafe import Markup

from bot.words import loader
from bot.words.filters import FILTERS

TEMPLATES = sorted(path.relative_to(loader.TEMPLATES).as_posix() for path in loader.TEMPLATES.rglob("*.*"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Templates of the test's own, read by the real loader."""
    monkeypatch.setattr(loader, "TEMPLATES", tmp_path)
    monkeypatch.setattr(loader, "PROMPTS", tmp_path)
    loader._open_templates.cache_clear()
    loader._open_prompts.cache_clear()
    yield tmp_path
    loader._open_templates.cache_clear()
    loader._open_prompts.cache_clear()


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}",
        "{{ items[0] }}",
        "{{ text | clip(3) }}",
        "{{ text | tail(3) }}",
        "{% for item in items %}{{ item }}{% endfor %}",
        "{% macro show(x) %}{{ x }}{% endmacro %}{{ show(text) }}",
        "{% set copy = text %}{{ copy }}",
        "{{ 'a' if text else 'b' }}",
        "{{ nothing }}",
        "{{ flag }}",
        "{{ items }}",
        "{{ thing }}",
    ],
)
def test_text_without_a_filter_is_refused(folder: Path, source: str) -> None:
    (folder / "it.md").write_text(source)
    with pytest.raises(loader.Unfiltered, match="shown without a filter"):
        loader.render("it.md", text="hello", items=["a"], thing=Path("x"), nothing=None, flag=True)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ text | md }}", "a\\*b"),
        ("{{ number }} {{ 1.5 }}", "3 1.5"),
        ("{% macro show(x) %}<{{ x | md }}>{% endmacro %}{{ show(text) }}", "<a\\*b>"),
        ("{% set copy %}{{ text | code }}{% endset %}{{ copy }}", "`a*b`"),
        ("\n\n{{ text | clip(2) | md }}\n\n", "a…"),
        ("{% if text %}\nyes\n{% endif %}\n", "yes"),
    ],
)
def test_filtered_text_and_numbers_are_shown(folder: Path, source: str, expected: str) -> None:
    (folder / "it.md").write_text(source)
    assert loader.render("it.md", text="a*b", number=3) == expected


def test_a_missing_value_is_named(folder: Path) -> None:
    (folder / "it.md").write_text("{{ nothing | md }}")
    (folder / "bare.md").write_text("{{ nothing }}")
    for name in ("it.md", "bare.md"):
        with pytest.raises(jinja2.UndefinedError, match="'nothing' is undefined"):
            loader.render(name)


def test_the_filter_that_trusts_everything_is_not_there(folder: Path) -> None:
    (folder / "it.md").write_text("{{ text | safe }}")
    with pytest.raises(jinja2.TemplateAssertionError, match="No filter named 'safe'"):
        loader.render("it.md", text="<b>")


def test_prompts_show_what_is_from_outside_behind_a_fence_only(folder: Path) -> None:
    (folder / "it.md").write_text("Read {{ text | numbered | data('a file', 3) }}\n")
    opening, body, closing = loader.render_prompt("it.md", text="<a>").splitlines()
    assert (opening[:11], body.strip(), closing[:7]) == ("Read <data-", "1  <a>", "</data-")
    (folder / "bare.md").write_text("Read {{ text }} and {{ number }}")
    with pytest.raises(loader.Unfiltered):
        loader.render_prompt("bare.md", text="<a>", number=3)


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_join_no_strings(name: str) -> None:
    """`trusted ~ text` and `+` would escape the text for HTML only, not for Markdown."""
    source = (loader.TEMPLATES / name).read_text(encoding="utf-8")
    tree = loader._open_templates().parse(source)
    assert not list(tree.find_all((nodes.Concat, nodes.Add)))


# Where Markdown is passed on as it is, and what makes it safe.
PASSED_ON = {
    "check_summary.md": {"marks"},  # a table in the template itself
    "commit_message.txt": {"trailer"},  # made of a checked login
    "drift/issue.md": {"details"},  # of drift/item.md
    "pull_request/checklist.md": {"box"},  # templates in boxes/
    "pull_request/criteria.md": {"states"},
    "pull_request/deploy.md": {"times"},
    "pull_request/migration.md": {"done", "stands", "used", "waits"},
    "pull_request/summary.md": {"notice"},  # edited.md
    "pull_request/tests.md": {"marks"},
    "status.md": {"heads", "marks", "ending", "notice", "step"},  # of tables here, and of other templates
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_is_passed_on_as_it_is_is_known(name: str) -> None:
    tree = loader._open_templates().parse((loader.TEMPLATES / name).read_text(encoding="utf-8"))
    trusted = [item for item in tree.find_all(nodes.Filter) if item.name == "as_is"]
    found = {next(item.find_all(nodes.Name)).name for item in trusted}
    assert found == PASSED_ON.get(name, set())


def test_every_filter_but_those_that_choose_gives_safe_text() -> None:
    choosing = {"clip", "tail", "length"}
    arguments = {
        "link": ("https://example.com", "x"),
        "count": (2, "row"),
        "duration": (1.0,),
        "codes": (["x"],),
        "amount": (1,),
        "size": (1,),
        "dollars": (1.5,),
    }
    for name, filter_ in FILTERS.items():
        if name not in choosing:
            assert isinstance(filter_(*arguments.get(name, ("x",))), Markup), name

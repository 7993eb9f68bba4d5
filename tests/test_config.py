"""Settings and config: what is wrong is named, and what would be dangerous is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.config import ConfigError, Settings, parse_repository_config, read_settings
from bot.implement.claude.budget import choose_limits
from tests.handlers.settings import SECRET

COMPLETE = {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": "none", "WEBHOOK_SECRET": SECRET}
URL = "postgresql://ada:hunter2@db/shop"


def make_settings(**changes: Any) -> Settings:
    return Settings(github_app_id="1", github_private_key="k", webhook_secret="x" * 16, **changes)


def test_a_live_url_is_found_for_its_own_repository_only(tmp_path: Path) -> None:
    path = tmp_path / "acme" / "shop" / "staging"
    path.parent.mkdir(parents=True)
    path.write_text(f"{URL}\n")
    settings = make_settings(live_urls={"acme/shop/production": URL}, live_urls_dir=tmp_path)
    for environment in ("production", "staging"):
        found = settings.find_live_url("acme/shop", environment)
        assert found is not None
        assert found.get_secret_value() == URL
        assert settings.find_live_url("acme/blog", environment) is None
    assert settings.find_live_url("acme/shop", "testing") is None
    assert "hunter2" not in repr(settings)


def test_every_secret_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "acme" / "shop" / "staging"
    path.parent.mkdir(parents=True)
    path.write_text("postgresql://ada:in%2Fa%2Ffile-12@db/shop\n")
    settings = make_settings(
        live_urls={"acme/shop/production": "postgresql://ada:a-long-password@db/shop", "acme/shop/old": URL},
        live_urls_dir=tmp_path,
        anthropic_api_key="sk-ant-0123456789",
        scratch_url="postgresql://root:the-superuser's@db/postgres",
        redis_url="redis://:the-queue-is-mine@redis:6379/0",
    )
    secrets = settings.list_secrets()
    for said in (
        "sk-ant-0123456789",
        "x" * 16,
        "a-long-password",
        "in/a/file-12",
        "in%2Fa%2Ffile-12",
        "the-superuser's",
        "the-queue-is-mine",
        URL,
    ):
        assert said in secrets
    assert "hunter2" not in secrets  # may be a word; as a part of its URL it is taken out
    assert secrets.index("postgresql://ada:a-long-password@db/shop") < secrets.index("a-long-password")


def test_live_urls_that_are_no_json_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": "k", "WEBHOOK_SECRET": "x" * 16}.items():
        monkeypatch.setenv(f"SPECWRIGHT_{name}", value)
    monkeypatch.setenv("SPECWRIGHT_LIVE_URLS", URL)
    with pytest.raises(ConfigError, match="LIVE_URLS") as caught:
        read_settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["drift: {environments: [production]}", "drift:\n  environments:\n    production:\n", "drift: {}"]
)
def test_environments_are_named(text: str) -> None:
    names = [*parse_repository_config(text).drift.environments]
    assert names == (["production"] if "production" in text else [])


@pytest.mark.parametrize("name", ["../other", "a/b", "A", "", "-a", "x" * 41])
def test_an_environment_is_no_path(name: str) -> None:
    with pytest.raises(ConfigError, match=r"drift\.environments"):
        parse_repository_config(f"drift: {{environments: ['{name}']}}")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(f"SPECWRIGHT_{name}", value)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CLAUDE_EFFORT", "extreme", "'low', 'medium', 'high', 'xhigh' or 'max'"),
        ("CLAUDE_MODEL", "", "at least 1 character"),
        ("CLAUDE_OUTPUT_TOKENS", "10", "greater than or equal to 1024"),
        ("CLAUDE_RETRIES", "many", "integer"),
        ("BUDGET_TURNS", "0", "greater than or equal to 1"),
        ("BUDGET_MINUTES", "-1", "greater than 0"),
        ("BUDGET_COST_USD", "free", "number"),
        ("ANTHROPIC_BASE_URL", "http://gateway.example.com", "must be an https:// address"),
        ("ANTHROPIC_BASE_URL", "gateway", "must be an https:// address"),
    ],
)
def test_the_setting_is_named(environment: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    environment.setenv(f"SPECWRIGHT_{name}", value)
    with pytest.raises(ConfigError, match=rf"^SPECWRIGHT_{name}: .*{says}"):
        read_settings()


def test_a_model_is_not_let_loose_without_a_sandbox(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SPECWRIGHT_ANTHROPIC_API_KEY", "sk-ant-of-a-test")
    environment.setenv("SPECWRIGHT_SANDBOX", "none")
    with pytest.raises(ConfigError, match="SPECWRIGHT_SANDBOX=none with SPECWRIGHT_ANTHROPIC_API_KEY") as error:
        read_settings()
    assert "sk-ant" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("implementer: gpt", "implementer"),
        ("budget: {dollars: 3}", "budget.dollars"),
        ("budget: {cost_usd: 0}", "budget.cost_usd"),
        ("budget: 3", "budget"),
        ("instructions: [a]", "instructions"),
    ],
)
def test_the_key_of_a_repository_is_named(text: str, key: str) -> None:
    with pytest.raises(ConfigError, match=rf"(?m)^{key}: "):
        parse_repository_config(text)


def test_the_lower_limit_wins(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SPECWRIGHT_BUDGET_TURNS", "30")
    config = parse_repository_config("budget: {turns: 200, cost_usd: 2.5}")
    limits = choose_limits(read_settings(), config)
    assert (limits.turns, limits.cost_usd, limits.minutes) == (30, 2.5, 90)

"""Settings that are wrong are named, so that whoever set them finds them."""

from __future__ import annotations

import pytest

from bot.config import ConfigError, parse_repository_config, read_settings
from bot.implement.claude.budget import choose_limits
from tests.handlers.settings import SECRET

COMPLETE = {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": "none", "WEBHOOK_SECRET": SECRET}


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

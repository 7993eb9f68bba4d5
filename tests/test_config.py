"""Settings and config that a wrong value would make dangerous."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.config import ConfigError, Settings, parse_repository_config, read_settings

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

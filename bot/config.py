"""Settings of the bot (from the environment) and of a repository (from its `.github/specwright.yml`)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from bot.schedule import is_cron

CONFIG_PATH = ".github/specwright.yml"
MINIMUM_SECRET_LENGTH = 16
MINIMUM_PASSWORD_LENGTH = 12
DEFAULT_MODEL = "claude-opus-5-5"  # the newest Opus that the SDK knows (anthropic/types/model.py, 2.14)

Effort = Literal["low", "medium", "high", "xhigh", "max"]  # anthropic/types/output_config_param.py
Implementer = Literal["blueprint", "claude"]


class ConfigError(Exception):
    """A setting is missing or wrong; the message names the key and says what is expected."""


class Settings(BaseSettings):
    """What the bot's own processes need; a field's variable is `SPECWRIGHT_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SPECWRIGHT_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path(".data"), description="where mirrors, environments and the default database live")
    database_url: str | None = Field(None, description="the bot's own database; default: SQLite in the data directory")
    redis_url: str = Field("redis://127.0.0.1:6379/0", description="the queue; unix:///path/to/redis.sock works too")
    github_api_url: str = Field("https://api.github.com", description="REST base URL; GitHub Enterprise: …/api/v3")
    github_app_id: str = Field(..., description="the App's id")
    github_private_key: SecretStr | None = Field(None, description="the App's private key, PEM")
    github_private_key_file: Path | None = Field(None, description="file that holds the private key")
    webhook_secret: SecretStr = Field(..., description="the secret that GitHub signs deliveries with")
    scratch_url: SecretStr | None = Field(
        None, description="superuser URL of a Postgres server for scratch databases; default: an embedded one"
    )
    sandbox: Literal["bubblewrap", "none"] = Field("bubblewrap", description="how repository code is confined")
    dry_run: bool = Field(False, description="do everything but the effects on GitHub, and show what they would be")
    public_url: str = Field("http://127.0.0.1:8000", description="where people reach the bot's pages")
    label: str = Field("specwright", description="the label that starts a run, unless the repository names another")
    log_format: Literal["text", "json"] = Field("text", description="key=value for people, or a JSON object a line")
    live_urls: dict[str, SecretStr] = Field(
        {}, description='URLs of live databases, as JSON: `{"owner/repository/environment": "postgresql://…"}`'
    )
    live_urls_dir: Path | None = Field(
        None, description="folder that holds such URLs, each in a file `owner/repository/environment`"
    )
    snapshot_tokens: dict[str, SecretStr] = Field(
        {}, description='tokens that snapshots are sent with, as JSON: `{"owner/repository/environment": "…"}`'
    )
    drift_chat_url: SecretStr | None = Field(
        None, description="webhook of a chat (Slack, Mattermost …) that hears of each new report of drift"
    )
    runs_per_repository: Annotated[int, Field(ge=1, description="runs of one repository at the same time")] = 2
    step_timeout_seconds: Annotated[int, Field(ge=1, description="limit of one step of a run")] = 1800
    lease_seconds: Annotated[int, Field(ge=1, description="a run whose worker is silent that long is taken over")] = 60
    sweep_seconds: Annotated[
        int, Field(ge=1, description="how often lost deliveries and stuck runs are looked for")
    ] = 15
    anthropic_api_key: SecretStr | None = Field(
        None, description="key of the Claude API; without one, what a spec states exactly is written without a model"
    )
    anthropic_base_url: str = Field(
        "https://api.anthropic.com", description="the Claude API, or a gateway that speaks its Messages API"
    )
    claude_model: str = Field(DEFAULT_MODEL, min_length=1, description="the model that implements")
    claude_effort: Effort = Field("high", description="how much it thinks: low, medium, high, xhigh or max")
    claude_output_tokens: Annotated[
        int, Field(ge=1024, le=128_000, description="how much one answer of the model may have")
    ] = 32_000
    claude_retries: Annotated[
        int, Field(ge=0, le=20, description="how often a request is sent again when the API fails or is overloaded")
    ] = 5
    budget_turns: Annotated[int, Field(ge=1, description="most answers of the model in one run")] = 150
    budget_minutes: Annotated[float, Field(gt=0, description="most minutes that the model and its tools take")] = 90
    budget_tokens: Annotated[int, Field(ge=1, description="most tokens in one run, cached ones too")] = 20_000_000
    budget_cost_usd: Annotated[float, Field(gt=0, description="most dollars in one run")] = 20.0

    @field_validator("anthropic_base_url")
    @classmethod
    def _check_address(cls, value: str) -> str:
        """The key goes there: in the clear only to this very machine."""
        url = urlsplit(value)
        is_local = url.hostname in ("127.0.0.1", "::1", "localhost")
        if not url.hostname or not (url.scheme == "https" or (url.scheme == "http" and is_local)):
            raise ValueError("must be an https:// address (http:// only on this machine)")
        return value

    schedule_seconds: Annotated[int, Field(ge=1, description="how often it is looked which drift checks are due")] = 60

    @model_validator(mode="after")
    def _check_secrets(self) -> Settings:
        if len(self.webhook_secret.get_secret_value()) < MINIMUM_SECRET_LENGTH:
            raise ValueError(f"SPECWRIGHT_WEBHOOK_SECRET must have at least {MINIMUM_SECRET_LENGTH} characters")
        if any(len(token.get_secret_value()) < MINIMUM_SECRET_LENGTH for token in self.snapshot_tokens.values()):
            raise ValueError(
                f"each of SPECWRIGHT_SNAPSHOT_TOKENS must have at least {MINIMUM_SECRET_LENGTH} characters"
            )
        if self.github_private_key is None and self.github_private_key_file is None:
            raise ValueError("SPECWRIGHT_GITHUB_PRIVATE_KEY or SPECWRIGHT_GITHUB_PRIVATE_KEY_FILE must be given")
        if self.anthropic_api_key is not None and self.sandbox == "none":
            raise ValueError("SPECWRIGHT_SANDBOX=none with SPECWRIGHT_ANTHROPIC_API_KEY: a model must be confined")
        return self

    def get_database_url(self) -> str:
        """The bot's own database as an SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'specwright.db'}"

    def find_live_url(self, repository: str, environment: str) -> SecretStr | None:
        """The URL of that live database; only what was put there for the very repository is found.

        `environment` must be a name that a repository's config may have. Raises `ConfigError` when the file cannot be
        read.
        """
        key = f"{repository}/{environment}"
        if key in self.live_urls or self.live_urls_dir is None:
            return self.live_urls.get(key)
        path = self.live_urls_dir / key
        try:
            return SecretStr(path.read_text().strip()) if path.is_file() else None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"SPECWRIGHT_LIVE_URLS_DIR: the file of {key} cannot be read") from error

    def get_private_key(self) -> str:
        """The App's private key (PEM). Raises `ConfigError` when the file cannot be read."""
        if self.github_private_key is not None:
            return self.github_private_key.get_secret_value()
        assert self.github_private_key_file is not None  # noqa: S101 (validated above)
        try:
            return self.github_private_key_file.read_text()
        except OSError as error:
            raise ConfigError(f"SPECWRIGHT_GITHUB_PRIVATE_KEY_FILE: {error}") from error

    def list_secrets(self) -> tuple[str, ...]:
        """Every secret that the bot holds, and of URLs the password by itself where that can be nothing but one.

        Raises `ConfigError` when a file that holds one cannot be read.
        """
        values = [getattr(self, name) for name in type(self).model_fields]
        values += [value for given in values if isinstance(given, dict) for value in given.values()]
        held = {value.get_secret_value() for value in values if isinstance(value, SecretStr)}
        held |= {self.get_private_key(), *_read_files(self.live_urls_dir)}
        urls = [*held, self.redis_url, self.database_url or ""]
        passwords = {found for url in urls for found in _list_passwords(url)}
        return tuple(sorted(filter(None, held | passwords), key=len, reverse=True))  # the whole before its parts


def _read_files(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    try:
        return [path.read_text().strip() for path in sorted(folder.glob("*/*/*")) if path.is_file()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"SPECWRIGHT_LIVE_URLS_DIR: {folder} cannot be read") from error


def _list_passwords(text: str) -> list[str]:
    """The password of a URL, as it stands in it and as it is meant, unless it may be a word that people write."""
    try:
        password = urlsplit(text).password or ""
    except ValueError:
        return []
    return [password, unquote(password)] if len(password) >= MINIMUM_PASSWORD_LENGTH else []


def read_settings() -> Settings:
    """Settings from the environment. Raises `ConfigError` naming each offending variable."""
    try:
        return Settings()  # the fields come from the environment
    except ValidationError as error:
        lines = [_explain(item["loc"], item["msg"], "SPECWRIGHT_") for item in error.errors()]
        raise ConfigError("\n".join(lines)) from error
    except SettingsError:  # of the two that are read as JSON; its cause may hold a password
        raise ConfigError(
            "SPECWRIGHT_LIVE_URLS, SPECWRIGHT_SNAPSHOT_TOKENS: must be JSON, "
            '{"owner/repository/environment": "postgresql://… or the token"}'
        ) from None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseConfig(_Part):
    """How the repository's code learns the URL of its database."""

    url_env: str = Field("DATABASE_URL", description="environment variable that env.py and the tests read")
    driver: str | None = Field(
        None, description="SQLAlchemy driver of the URL, e.g. psycopg, asyncpg; guessed otherwise"
    )
    url_scheme: str | None = Field(None, description="the whole scheme, when driver is not enough: postgresql+psycopg")
    schemas: tuple[str, ...] = Field((), description="schemas that must be there before the first revision")


class AlembicConfig(_Part):
    """Where Alembic lives, when it is not found by itself."""

    config: str | None = Field(None, description="path of alembic.ini or pyproject.toml")
    name: str = Field("alembic", description="section of the ini file")
    database: str | None = Field(None, description="of several databases (`init -t multidb`) the one to work on")
    branch: str | None = Field(None, description="of several heads the branch label that new revisions stand on")
    merge_heads: bool = Field(False, description="of several heads: write a merge revision first")
    x: dict[str, str] = Field(default_factory=dict, description="arguments that env.py reads: `-x name=value`")


class MigrationsConfig(_Part):
    """How migrations are written (docs/online-migrations.md)."""

    online: bool = Field(
        True, description="write what can be done beside the traffic so, in several revisions if need be"
    )
    lock_timeout_seconds: Annotated[
        float, Field(gt=0, le=3600, description="how long a statement waits for a lock before it lets others pass")
    ] = 5
    keep_dropped: Literal["refuse", "aside", "drop"] = Field(
        "drop",
        description="dropped columns and tables: refused, put aside with their values, or gone (the file says so)",
    )
    rows: str | None = Field(
        None, description="SQL file with rows for the proof, of tables whose rules no generated row meets"
    )


class EnvironmentConfig(_Part):
    """A live database. Its URL is the bot's secret (`Settings.find_live_url`); only its name stands here."""

    statement_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5


EnvironmentName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


def _read_environments(value: object) -> object:
    """`production:` without anything behind it is an environment with the defaults; a list of names is one too."""
    if isinstance(value, list):
        return {str(name): {} for name in value}
    return {name: part or {} for name, part in value.items()} if isinstance(value, dict) else value


DriftKind = Literal[
    "schema",
    "extension",
    "domain",
    "enum",
    "sequence",
    "function",
    "table",
    "column",
    "view",
    "primary_key",
    "unique",
    "check",
    "exclusion",
    "foreign_key",
    "index",
    "trigger",
    "other",
    "heads",
    "no_downgrade",
    "edited",
    "orphaned",
    "unknown_revision",
    "behind",
    "unmanaged",
]


def _check_cron(value: str) -> str:
    if not is_cron(value):
        raise ValueError("must be five fields of cron, as in `17 3 * * 1-5`")
    return value


def _check_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("must be the name of a time zone, as in `Europe/Vienna`") from None
    return value


class IgnoreConfig(_Part):
    """Differences that are meant to be; they are listed as ignored, with the reason."""

    objects: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    kinds: tuple[DriftKind, ...] = ()
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    until: date | None = None


class ScheduleConfig(_Part):
    """When drift is looked for: five fields of cron, in the local time of the zone."""

    cron: Annotated[str, AfterValidator(_check_cron)]
    time_zone: Annotated[str, AfterValidator(_check_time_zone)] = "UTC"


class DriftConfig(_Part):
    """What the repository's schema is compared with."""

    environments: Annotated[dict[EnvironmentName, EnvironmentConfig], BeforeValidator(_read_environments)] = Field(
        default_factory=dict,
        max_length=10,
        description="names of live databases, whose URLs the bot's settings hold: `[production]`",
    )
    schedule: ScheduleConfig | None = Field(
        None,
        description='when the bot looks for drift: `{cron: "17 3 * * *", time_zone: Europe/Vienna}`; default: never',
    )
    ignore: Annotated[tuple[IgnoreConfig, ...], Field(max_length=200)] = Field(
        (), description="differences that are meant to be: `{objects: [audit.*], kinds: [index], reason: …, until: …}`"
    )


class BudgetConfig(_Part):
    """What one run of the model may use. The bot's own limits hold as well: the lower one wins."""

    turns: Annotated[int | None, Field(ge=1, description="most answers of the model in one run")] = None
    minutes: Annotated[float | None, Field(gt=0, description="most minutes that the model and its tools take")] = None
    tokens: Annotated[int | None, Field(ge=1, description="most tokens in one run, cached ones too")] = None
    cost_usd: Annotated[float | None, Field(gt=0, description="most dollars in one run")] = None


CommandPermission = Literal["read", "write", "admin"]
CommandName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]


class CommandConfig(_Part):
    """Who may use a slash-command: who has the permission, is in one of the teams, or is named."""

    permission: CommandPermission | None = None
    teams: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=100)], ...] = ()
    users: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=100)], ...] = ()

    @model_validator(mode="after")
    def _check_someone(self) -> CommandConfig:
        if self.permission is None and not self.teams and not self.users:
            raise ValueError("name a permission (read, write, admin), teams or users")
        return self


LintLevel = Literal["error", "warning", "info", "off"]


def _read_level(value: object) -> object:
    """YAML 1.1 reads an unquoted `off` as false."""
    return "off" if value is False else value


class RepositoryConfig(_Part):
    """`.github/specwright.yml` of a repository, read from its default branch only."""

    label: str | None = Field(None, description="the label that starts a run")
    base_branch: str | None = Field(None, description="branch that runs start from; default: the default branch")
    implementer: Implementer | None = Field(
        None, description="who writes the code: claude or blueprint; default: claude where the bot has a key for it"
    )
    instructions: str = Field(
        "", max_length=20_000, description="how code is to be written here; the spec ranks above it"
    )
    plan_first: bool = Field(False, description="a model's plan waits for approval before anything is written")
    budget: BudgetConfig = Field(default_factory=BudgetConfig)
    install: tuple[str, ...] | None = Field(None, description="what to install: requirement files or '.[extra]'")
    test: str | None = Field(None, description="the test command; default: python -m pytest")
    env: dict[str, str] = Field(default_factory=dict, description="environment of tests and migrations (no secrets)")
    alembic: AlembicConfig = Field(default_factory=AlembicConfig)
    database: DatabaseConfig = Field(default_factory=DatabaseConfig)
    migrations: MigrationsConfig = Field(default_factory=MigrationsConfig)
    drift: DriftConfig = Field(default_factory=DriftConfig)
    commands: dict[CommandName, CommandConfig] = Field(
        default_factory=dict, description="who may use a slash-command, by its name: `permission`, `teams`, `users`"
    )
    models: str | None = Field(None, description="file or package that new models are written to")
    lint: dict[str, Annotated[LintLevel, BeforeValidator(_read_level)]] = Field(
        default_factory=dict, description="weight of a lint rule: error, warning, info or off"
    )
    protected_paths: tuple[str, ...] = Field((), description="globs that no change of the bot may touch")
    dry_run: bool = Field(False, description="do everything but the effects on GitHub")


def read_repository_config(content: bytes | None) -> RepositoryConfig:
    """A repository's config from its file, None when there is none. Raises as `parse_repository_config`."""
    return parse_repository_config((content or b"").decode(errors="replace"))


def parse_repository_config(text: str) -> RepositoryConfig:
    """A repository's config from its YAML text. Raises `ConfigError` naming each offending key."""
    try:
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ConfigError(f"{CONFIG_PATH} is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{CONFIG_PATH} must be a mapping of keys to values")
    try:
        return RepositoryConfig.model_validate(content)
    except ValidationError as error:
        lines = [_explain(item["loc"], item["msg"], "") for item in error.errors()]
        raise ConfigError(f"{CONFIG_PATH}:\n" + "\n".join(lines)) from error


def _explain(location: tuple[int | str, ...], message: str, prefix: str) -> str:
    key = ".".join(str(part) for part in location)
    name = f"{prefix}{key.upper()}" if prefix and key else key
    message = message.removeprefix("Value error, ")  # pydantic's prefix for the errors of our own validators
    return f"{name}: {message}" if name else message

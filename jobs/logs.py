"""Logs for people (`key=value`) or for machines (a JSON object a line): ids and names, never secrets or bodies."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal

LogFormat = Literal["text", "json"]

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_QUIET = ("httpx", "httpx2", "httpcore", "hishel", "alembic")  # they log each request, statement or plugin


def start_logs(log_format: LogFormat, level: int = logging.INFO) -> None:
    """Sends the logs of this process to stderr in that format."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class TextFormatter(logging.Formatter):
    """`time LEVEL logger: message key=value …`, the values being what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, then the traceback if there is one."""
        pairs = "".join(f" {key}={_quote(value)}" for key, value in _read_extra(record).items())
        line = f"{_render_time(record)} {record.levelname} {record.name}: {_flatten(record.getMessage())}{pairs}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """`time`, `level`, `logger`, `message`, what was given as `extra`, and `exception` if there is one."""
        fields = {"time": _render_time(record), "level": record.levelname, "logger": record.name}
        fields |= {"message": record.getMessage(), **_read_extra(record)}
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str)


def _read_extra(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _render_time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _quote(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and not set(text) & set(' "=') else json.dumps(text)


def _flatten(text: str) -> str:
    # Names come from outside: none of them may begin a line that looks like a log line of ours.
    return text.replace("\n", "\\n").replace("\r", "\\r")

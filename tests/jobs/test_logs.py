"""Logs: a line each, values apart, nothing that fakes a line."""

from __future__ import annotations

import json
import logging
import sys

from jobs.logs import JsonFormatter, TextFormatter


def make_record(message: str, **extra: object) -> logging.LogRecord:
    record = logging.makeLogRecord({"name": "jobs.sweep", "levelname": "INFO", "msg": message, "created": 0.0})
    vars(record).update(extra)
    return record


def test_text_is_key_and_value() -> None:
    line = TextFormatter().format(make_record("run taken up", run=5, repository="acme/shop", actor="a b"))
    expected = '1970-01-01T00:00:00.000+00:00 INFO jobs.sweep: run taken up run=5 repository=acme/shop actor="a b"'
    assert line == expected


def test_what_comes_from_outside_cannot_fake_a_line() -> None:
    line = TextFormatter().format(make_record("a\nb", title='x\n1970 INFO jobs: "done"'))
    assert "\n" not in line


def test_json_is_an_object_a_line() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        record = make_record("failed\n", run=5, exc_info=sys.exc_info())
    fields = json.loads(JsonFormatter().format(record))
    assert (fields["message"], fields["run"], fields["level"]) == ("failed\n", 5, "INFO")
    assert "ValueError: no" in fields["exception"]

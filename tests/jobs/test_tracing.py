"""Spans on their way to a collector, each in a process of its own: a provider is for good."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jobs.tracing import is_asked_for
from tests.jobs.collector import run_collector

PROGRAM = """
import os, sys
from bot.tracing import span
from jobs.tracing import tracing

class Over(Exception): pass

with tracing(os.environ, "run 5"):
    with span("run", {"specwright.run.id": 5}):
        for error in (Over, ValueError):
            try:
                with span(error.__name__, {}, calm=(Over,)):
                    raise error("with a secret in it")
            except (Over, ValueError):
                pass
print("opentelemetry.sdk" in sys.modules)
"""


def run_program(environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_spans_arrive() -> None:
    with run_collector() as collector:
        assert run_program(collector.environment) == "True"
        assert run_program({**collector.environment, "OTEL_SERVICE_NAME": "ours"}) == "True"
    over, failed, run, *again = collector.spans
    assert (over.values, over.has_failed) == ({"error.type": "Over"}, False)
    assert (failed.values, failed.has_failed) == ({"error.type": "ValueError"}, True)
    assert (run.name, run.values, run.has_failed) == ("run", {"specwright.run.id": 5}, False)
    assert collector.list_below(run) == [over, failed]
    assert {span.trace for span in collector.spans} == {run.trace}  # whoever works on a run adds to its trace
    assert ({span.service for span in (over, failed, run)}, {span.service for span in again}) == (
        {"specwright"},
        {"ours"},
    )


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="nothing is set"),
        pytest.param({"OTEL_SERVICE_NAME": "ours"}, id="no collector"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}, id="off"),
    ],
)
def test_without_a_collector_nothing_is_loaded(environment: dict[str, str]) -> None:
    assert run_program(environment) == "False"


def test_a_protocol_that_is_not_spoken_is_said(caplog: pytest.LogCaptureFixture) -> None:
    given = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    assert not is_asked_for(given)
    assert "only http/protobuf is spoken, not grpc" in caplog.text
    assert is_asked_for({**given, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"})
    assert not is_asked_for({**given, "OTEL_TRACES_EXPORTER": "none"})

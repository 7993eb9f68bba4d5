"""Spans of OpenTelemetry: what a run did and how long that took.

Nothing is recorded and nothing is sent unless the process has a tracer provider (`jobs/tracing.py`). No span holds text
of a spec, a prompt, an answer or a file: names, numbers and ids only. Names are those of the conventions for generative
AI (https://github.com/open-telemetry/semantic-conventions-genai), as far as there are any, and `specwright.…` else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, Status, StatusCode

__all__ = ["Span", "span"]

Value = str | bool | int | float

_TRACER = trace.get_tracer("specwright")


@contextmanager
def span(name: str, attributes: Mapping[str, Value], *, calm: tuple[type[BaseException], ...] = ()) -> Iterator[Span]:
    """A span around the body, below the one that is open.

    An exception marks it as failed, by its type alone, unless it is one of `calm`: a way to end and no error.
    """
    with _TRACER.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield opened
        except BaseException as error:
            opened.set_attribute("error.type", type(error).__qualname__)
            if not isinstance(error, calm):
                opened.set_status(Status(StatusCode.ERROR))
            raise

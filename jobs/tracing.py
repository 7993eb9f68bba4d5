"""Where the spans of a run go: to the collector that the OTEL_… variables name, and nowhere without them.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

logger = logging.getLogger(__name__)

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"  # the default of the specification, and the only one that is installed
SERVICE = "specwright"


@contextmanager
def tracing(environment: Mapping[str, str], subject: str) -> Iterator[None]:
    """Sends the spans of the body, when the environment names a collector; they are sent when the context ends.

    All that is traced of one `subject` is one trace, whichever process and machine did it. At most once in a process.
    The SDK is imported only here: without the variables there is neither a span nor a thread.
    """
    if not is_asked_for(environment):
        yield
        return
    provider = _make_provider(subject, {} if _is_named(environment) else {"service.name": SERVICE})
    try:
        yield
    finally:
        provider.shutdown()


def is_asked_for(environment: Mapping[str, str]) -> bool:
    """Whether spans are to be sent, and can be."""
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    exporters = environment.get("OTEL_TRACES_EXPORTER", "otlp").split(",")
    if is_off or "otlp" not in exporters or not any(environment.get(name) for name in ENDPOINTS):
        return False
    protocol = next((environment[name] for name in PROTOCOLS if environment.get(name)), PROTOCOL)
    if protocol != PROTOCOL:
        logger.warning("OTEL_EXPORTER_OTLP_PROTOCOL: no traces are sent, only %s is spoken, not %s", PROTOCOL, protocol)
    return protocol == PROTOCOL


def _is_named(environment: Mapping[str, str]) -> bool:
    named = environment.get("OTEL_SERVICE_NAME")
    return bool(named) or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")


def _make_provider(subject: str, named: Mapping[str, str]) -> TracerProvider:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:16])

        def is_trace_id_random(self) -> bool:
            return False  # as good as, but known beforehand

    provider = TracerProvider(resource=Resource.create(named), id_generator=Ids())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider

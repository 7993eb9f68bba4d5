"""A collector of OpenTelemetry on localhost: it takes spans as OTLP over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """A span as it arrived."""

    name: str
    id: bytes
    parent: bytes
    trace: bytes
    has_failed: bool
    service: str
    values: dict[str, Any]


@dataclass
class Collector:
    """`spans` are in the order in which they ended."""

    url: str
    spans: list[Seen] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process send its spans here."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url}

    def take(self, body: bytes) -> None:
        """One request."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _read(resource.resource.attributes)["service.name"]
            for scope in resource.scope_spans:
                self.spans += [
                    Seen(
                        s.name,
                        s.span_id,
                        s.parent_span_id,
                        s.trace_id,
                        s.status.code == 2,
                        service,
                        _read(s.attributes),
                    )
                    for s in scope.spans
                ]

    def list_below(self, parent: Seen) -> list[Seen]:
        """The spans right below that one."""
        return [span for span in self.spans if span.parent == parent.id]


@contextmanager
def run_collector() -> Iterator[Collector]:
    """The server in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, name="collector", daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _read(attributes: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in attributes}

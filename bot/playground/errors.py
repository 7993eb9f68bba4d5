"""What this GitHub refuses, with GitHub's status codes and words."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"


class Refused(Exception):
    """An answer that is no success; `errors` are the details of a failed validation."""

    def __init__(self, status: int, message: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    def render(self) -> dict[str, Any]:
        """The JSON of the answer."""
        details = {} if self.errors is None else {"errors": self.errors}
        return {"message": self.message, **details, "documentation_url": DOCS, "status": str(self.status)}


def not_found() -> Refused:
    """Also for what may not be seen: GitHub does not tell the two apart."""
    return Refused(404, "Not Found")


def forbidden() -> Refused:
    """An installation without the permission."""
    return Refused(403, "Resource not accessible by integration")


def invalid(resource: str, field: str, code: str = "invalid", message: str | None = None) -> Refused:
    """422 about one field: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed."""
    detail = {"resource": resource, "field": field, "code": code}
    return Refused(422, "Validation Failed", [detail if message is None else {**detail, "message": message}])


def custom(resource: str, message: str) -> Refused:
    """422 about the whole."""
    return Refused(422, "Validation Failed", [{"resource": resource, "code": "custom", "message": message}])


def wrong_request(message: str) -> Refused:
    """422 of a body that does not fit the route's schema."""
    return Refused(422, f"Invalid request.\n\n{message}")

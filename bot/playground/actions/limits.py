"""How long texts may be."""

from __future__ import annotations

from bot.playground.errors import invalid, wrong_request

MAXIMUM_BODY = 65_536  # characters; the message of GitHub's 422 says so
MAXIMUM_TITLE = 256
MAXIMUM_OUTPUT = 65_535  # https://docs.github.com/en/rest/checks/runs#create-a-check-run: output.summary, output.text


def check_body(resource: str, body: str | None) -> None:
    """Refuses a body that is too long."""
    _check_length(resource, "body", body or "", MAXIMUM_BODY)


def check_title(resource: str, title: str) -> None:
    """Refuses a title that is empty or too long."""
    if not title.strip():
        raise invalid(resource, "title", "missing_field")
    _check_length(resource, "title", title, MAXIMUM_TITLE)


def check_output(text: str | None) -> None:
    """Refuses a check's text that is too long."""
    if len(text or "") > MAXIMUM_OUTPUT:
        raise wrong_request(f"Only {MAXIMUM_OUTPUT} characters are allowed; {len(text or '')} were supplied.")


def _check_length(resource: str, field: str, text: str, maximum: int) -> None:
    if len(text) > maximum:
        raise invalid(resource, field, "custom", f"{field} is too long (maximum is {maximum} characters)")

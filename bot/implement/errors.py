"""Why an implementer cannot begin."""

from __future__ import annotations


class ImplementError(Exception):
    """The repository's code is not of a kind that the implementer can change; the message says what it looked for."""


class NoModels(ImplementError):
    """There is no SQLAlchemy declarative base, so there is nowhere to put a table."""


class UnsupportedModels(ImplementError):
    """The models are written with a library whose style is not known."""

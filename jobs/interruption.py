"""What a signal's handler raises in the midst of a step, wherever that may be."""

from __future__ import annotations


class Interruption(KeyboardInterrupt):
    """A base beside the exception's own, by which libraries know it.

    psycopg cancels the statement that runs, so that the connection can be used to clean up; after any other exception
    that would fail, and hide why the step ended (psycopg/connection.py: `_INTERRUPTED`).
    """

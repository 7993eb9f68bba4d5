"""What a signal's handler raises in the midst of a step, wherever that may be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Interruption(KeyboardInterrupt):
    """A base beside the exception's own, by which libraries know it.

    psycopg cancels the statement that runs, so that the connection can be used to clean up
    (psycopg/connection.py: `_INTERRUPTED`).
    """


@contextmanager
def interruption_first() -> Iterator[None]:
    """Raises the interruption that the body met, whatever failed after it.

    A library that is interrupted at a bad moment leaves things unfit to clean up with, and that error hides the reason.
    """
    try:
        yield
    except Exception as error:
        interruption = _find_interruption(error.__context__)
        if interruption is None or isinstance(error, Interruption):
            raise
        raise interruption from error


def _find_interruption(error: BaseException | None) -> Interruption | None:
    while error is not None and not isinstance(error, Interruption):
        error = error.__context__
    return error

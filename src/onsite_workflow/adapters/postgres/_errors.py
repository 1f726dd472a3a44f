"""The driver's errors, as the port's own answers."""

from __future__ import annotations

from typing import Final

import psycopg

from onsite_workflow.ports import unavailable


def why(error: psycopg.Error) -> str:
    """What went wrong, without the values that a server's message may repeat."""
    if error.sqlstate is None:  # the driver's own message, about the connection
        return (str(error).splitlines() or [type(error).__name__])[0]
    return f"{type(error).__name__}, {error.sqlstate}"


class _Told:
    """A block whose errors of the driver become the port's own answers."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, psycopg.Error):
            raise unavailable(why(error)) from error


told: Final = _Told()

"""The driver's errors, as the port's own answers."""

from __future__ import annotations

from typing import Final

import psycopg

from onsite_workflow.adapters._answers import Told
from onsite_workflow.ports import unavailable


def _why(error: psycopg.Error) -> str:
    """What went wrong, without the values that a server's message may repeat."""
    if error.sqlstate is None:  # the driver's own message, about the connection
        return (str(error).splitlines() or [type(error).__name__])[0]
    return f"{type(error).__name__}, {error.sqlstate}"


def _tell(error: BaseException) -> None:
    if isinstance(error, psycopg.Error):
        raise unavailable(_why(error)) from error


told: Final = Told(_tell)

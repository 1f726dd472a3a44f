"""SQLite's errors, as the port's own answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from onsite_workflow.adapters._answers import Told, refused
from onsite_workflow.errors import RESTORE, CorruptRecord
from onsite_workflow.ports import unavailable


def damaged() -> CorruptRecord:
    return CorruptRecord.because(
        "damaged_file",
        "库文件有损坏，读不出来。",
        "the file is damaged, and this can't be read back.",
        remedy=RESTORE,
    )


def code_of(error: sqlite3.Error) -> int | None:
    """SQLite's primary result code; None where the error is the driver's own."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def tell(error: BaseException) -> None:
    """Raise the port's own answer where ``error`` is SQLite's; otherwise do nothing."""
    if not isinstance(error, sqlite3.Error):
        return
    if code_of(error) in DAMAGED:
        raise damaged() from error
    if "decode to UTF-8" in str(error):  # the message repeats the text, which may be a person's
        raise damaged() from None
    raise unavailable(str(error)) from error


told: Final = Told(tell)


@contextmanager
def opened() -> Iterator[None]:
    """The same for a block in which a file is opened."""
    try:
        yield
    except sqlite3.Error as error:
        code = code_of(error)
        if code == sqlite3.SQLITE_BUSY:
            raise unavailable(str(error)) from error
        if code == sqlite3.SQLITE_CORRUPT:
            raise refused("damaged", "库文件已损坏。", "the file is damaged.", RESTORE) from None
        if code == sqlite3.SQLITE_NOTADB:
            zh, en = "不是SQLite库文件。", "is not an SQLite file."
        else:
            zh, en = "库文件打不开。", f"the file can't be opened ({error})."
        raise refused("unreadable", zh, en) from None
    except OSError as error:
        raise refused(
            "unreadable", "库文件打不开。", f"the file can't be opened ({error.strerror})."
        ) from None

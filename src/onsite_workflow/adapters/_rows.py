"""Lines of the lists and obligations as rows, and back: once for every store that has columns.

What a column can't hold as it is (a time, a day, several texts, none) each database writes in its
own way: a ``Dialect``. Which columns there are, and in which order, is said here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from operator import attrgetter, itemgetter
from typing import Any, Final, Generic, TypeVar

from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.ports import CaseSummary, unreadable_list

Row = tuple[Any, ...]
T = TypeVar("T")


class Form(Enum):
    """What kind of value a column holds."""

    NUMBER = auto()
    NUMBER_OR_NONE = auto()
    TEXT = auto()
    TEXT_OR_NONE = auto()
    WORD = auto()  # a text that may come as the member of an enum
    WORD_OR_NONE = auto()
    TEXTS = auto()
    TIME = auto()
    TIME_OR_NONE = auto()
    DAY_OR_NONE = auto()
    DUE = auto()  # a time, or none: which comes after all others
    SUBJECT = auto()  # a text, or none: which comes before all others
    STATUS = auto()
    FLAG = auto()


#: How a value of each form is written to a column (None: as it is), and read from it. What reads
#: raises ``TypeError`` or ``ValueError`` where the column holds something else.
Dialect = Mapping[Form, tuple[Callable[[Any], Any] | None, Callable[[Any], Any]]]

#: The columns by name. ``case_id`` stands for the field ``case``; the other fields have the same
#: names as their columns.
_SUMMARY: Final = {
    "case_id": Form.TEXT,
    "version": Form.NUMBER,
    "state": Form.WORD,
    "result": Form.WORD_OR_NONE,
    "edition": Form.TEXT,
    "lead": Form.TEXT_OR_NONE,
    "units": Form.TEXTS,
    "opened_at": Form.TIME,
    "recorded_at": Form.TIME,
    "head": Form.TEXT,
    "calendar_revision": Form.TEXT,
    "applicant_keys": Form.TEXTS,
    "procedure": Form.TEXT,
}
#: What is listed is owed: no entry has met or ended it (``met_by``, ``ended_by``).
_OBLIGATION: Final = {
    "case_id": Form.TEXT,
    "kind": Form.WORD,
    "subject": Form.SUBJECT,
    "clause": Form.TEXT,
    "bearer": Form.TEXT,
    "opened_at": Form.TIME,
    "due_day": Form.DAY_OR_NONE,
    "due": Form.DUE,
    "status": Form.STATUS,
    "provisional": Form.FLAG,
    "earliest": Form.DAY_OR_NONE,
    "latest": Form.DAY_OR_NONE,
    "met_at": Form.TIME_OR_NONE,
    "procedure": Form.TEXT,
    "opened_by": Form.NUMBER_OR_NONE,
}


class Columns(Generic[T]):
    """The columns of a table that hold one value of a class in each row."""

    def __init__(self, made: type[T], forms: Mapping[str, Form], dialect: Dialect) -> None:
        self.names = tuple(forms)
        self.sql = ", ".join(forms)
        self._made = made
        self._fields = tuple("case" if name == "case_id" else name for name in forms)
        self._values: Callable[[T], Row] = attrgetter(*self._fields)
        both = [dialect[form] for form in forms.values()]
        self._write = tuple((at, write) for at, (write, _) in enumerate(both) if write is not None)
        self._read = tuple(read for _, read in both)

    def pick(self, *names: str) -> Callable[[Row], Row]:
        """What gives the columns ``names`` of a row."""
        return itemgetter(*map(self.names.index, names))

    def row(self, value: T) -> Row:
        """``value`` as a row."""
        row = [*self._values(value)]
        for at, write in self._write:
            row[at] = write(row[at])
        return tuple(row)

    def value(self, row: Row) -> T:
        """What ``row`` holds. ``CorruptRecord`` names the case where it can't be read back."""
        try:
            read = [read(each) for read, each in zip(self._read, row, strict=True)]
            return self._made(**dict(zip(self._fields, read, strict=True)))
        except (ValueError, TypeError, OverflowError):
            raise unreadable_list(f"{row[0]}") from None


def columns_of(dialect: Dialect) -> tuple[Columns[CaseSummary], Columns[Obligation]]:
    """Those of the list of cases and of the obligations."""
    return (
        Columns(CaseSummary, _SUMMARY, dialect),
        Columns(Obligation, _OBLIGATION, dialect),
    )


# --- what many dialects share ---------------------------------------------------------------------


def either(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, and none stays none."""
    return lambda value: None if value is None else convert(value)


def checked(kind: type) -> Callable[[Any], Any]:
    """Takes what the column should hold as it is."""

    def check(value: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError
        return value

    return check


#: Texts and numbers are themselves; ``str`` makes a text of an enum's member.
PLAIN: Final[Dialect] = {
    Form.NUMBER: (None, checked(int)),
    Form.NUMBER_OR_NONE: (None, either(checked(int))),
    Form.TEXT: (None, checked(str)),
    Form.TEXT_OR_NONE: (None, either(checked(str))),
    Form.WORD: (str, checked(str)),
    Form.WORD_OR_NONE: (either(str), either(checked(str))),
    Form.STATUS: (str, Status),
}

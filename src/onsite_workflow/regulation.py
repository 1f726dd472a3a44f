"""An edition of a regulation as data: its limits and its readings.

Another place's standard is another value of ``Regulation``, not other code. A case is pinned to the
edition in force when it was opened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

from attrs import field, frozen

from .catalogue import Catalogue, annex_a
from .checks import (
    Word,
    as_mapping,
    check_count,
    check_day,
    check_given_name,
    check_mapping,
    checked,
    if_given,
    of_type,
)
from .errors import InvalidInput

__all__ = ["Limit", "LimitUnit", "ObligationKind", "Regulation", "ReplyClock"]


class ObligationKind(Word):
    """A kind of obligation. Each procedure has its own kinds.

    ``takes_limit``: a regulation may limit it; otherwise its day was appointed or promised.
    """

    takes_limit: bool

    def __new__(cls, value: str, zh: str = "", takes_limit: bool = True) -> Self:
        kind = str.__new__(cls, value)  # an Enum's members are not made by its base
        kind._value_, kind.zh, kind.takes_limit = value, zh, takes_limit
        return kind


class LimitUnit(StrEnum):
    """What a limit is counted in. Laws differ, so a limit has no unit by default."""

    WORKING_DAYS = "working_days"
    DAYS = "days"  # 民法典 203: a last day that is off moves to the next working day
    HOURS = "hours"  # of the clock, day and night


class ReplyClock(StrEnum):
    """I-1: what starts the working day of 7.2."""

    ISSUE = "issue"
    RECEIPT = "receipt"


#: Of a limit, in whatever unit: some forty years of working days.
LONGEST: Final = 10_000


@frozen
class Limit:
    """So many units of time, counted as I-2 says."""

    amount: int = field(validator=checked(check_count))
    unit: LimitUnit = field(validator=checked(of_type(LimitUnit)))

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.amount <= LONGEST:
            raise InvalidInput.of(
                "amount",
                "out_of_range",
                f"应在1至{LONGEST}之间。",
                f"must lie between 1 and {LONGEST}.",
            )


def _as_limits(value: Mapping[ObligationKind, Limit]) -> Mapping[ObligationKind, Limit]:
    return as_mapping(value)


def _check_limits(name: str, value: Mapping[ObligationKind, Limit]) -> None:
    check_mapping()(name, value)
    for kind, limit in value.items():
        if not isinstance(kind, ObligationKind):
            of_type(ObligationKind)(name, kind)
        of_type(Limit)(f"{name}.{kind}", limit)
        if not kind.takes_limit:
            raise InvalidInput.of(
                f"{name}.{kind}",
                "out_of_range",
                "此项的期限由约定或者承诺的时间确定。",
                "is due when it was appointed or promised, so it takes no limit.",
            )


def _check_catalogue(_: str, value: object) -> None:
    of_type(Catalogue)("catalogue", value)  # as the argument is called


def _check_close(name: str, value: object) -> None:
    of_type(dt.time)(name, value)
    if isinstance(value, dt.time) and value.tzinfo is not None:
        raise InvalidInput.of(
            name, "wrong_type", "是当地时间，不带时区。", "is local time, so it carries no offset."
        )


@frozen(kw_only=True)
class Regulation:
    """One edition, in force from ``in_force_from`` until the day before ``in_force_until``.

    ``limits`` holds what the text sets; a kind that is not there is owed without a due day.
    ``reply_clock`` is I-1. ``close_of_business`` is I-2's end of the last day: None is 24:00, a
    time is local (Asia/Shanghai). ``trigger_day_counts`` makes the day of the trigger day one
    instead of day zero. ``catalogue`` is the list of items of 5.3.
    """

    edition: str = field(validator=checked(check_given_name))
    title: str = field(validator=checked(check_given_name))
    in_force_from: dt.date = field(validator=checked(check_day))
    in_force_until: dt.date | None = field(default=None, validator=if_given(check_day))
    limits: Mapping[ObligationKind, Limit] = field(
        converter=_as_limits, validator=checked(_check_limits)
    )
    reply_clock: ReplyClock = field(
        default=ReplyClock.ISSUE, validator=checked(of_type(ReplyClock))
    )
    close_of_business: dt.time | None = field(default=None, validator=if_given(_check_close))
    trigger_day_counts: bool = field(default=False, validator=checked(of_type(bool)))
    # The alias is said, since pyright does not know that of a private name by itself.
    _catalogue: Catalogue | None = field(
        alias="catalogue", default=None, repr=False, validator=if_given(_check_catalogue)
    )

    def __attrs_post_init__(self) -> None:
        if self.in_force_until is not None and self.in_force_until <= self.in_force_from:
            raise InvalidInput.of(
                "in_force_until",
                "out_of_range",
                "应晚于施行日期。",
                "must be later than in_force_from.",
            )

    @property
    def catalogue(self) -> Catalogue:
        """The items of 5.3: Annex A of DB4209/T 32—2023 unless another was given."""
        return annex_a() if self._catalogue is None else self._catalogue

    def in_force_on(self, day: dt.date) -> bool:
        """Whether a case opened on ``day`` falls under this edition."""
        return self.in_force_from <= day and (
            self.in_force_until is None or day < self.in_force_until
        )

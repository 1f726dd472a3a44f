"""Stories that are written out: what stores get wrong most often, each in as few calls as show it.

They are told before those that Hypothesis draws, so that such a fault is found at every run. A call
is the name of a rule of ``stories.StoreMachine`` and what it is given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.terms import State

__all__ = ["WRITTEN", "Call"]

Call = tuple[str, dict[str, Any]]

_NOON: Final = dt.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)
_HOUR: Final = dt.timedelta(hours=1)

#: Which centre acts: the first in each pair of numbers is the default one.
_HERE, _THERE = 0, 1


def _commit(case: str, *owed: dict[str, Any], **other: Any) -> dict[str, Any]:
    """What a commit is made of; ``other`` says what is not as usual."""
    line = {
        "state": State.ACCEPTED,
        "units": ("甲",),
        "applicant_keys": ("k1",),
        "calendar_revision": "2026.1",
    }
    usual = {"size": 1, "keys": [], "line": line, "off": 0, "kept": False}
    return {"case": case, "owed": list(owed), **usual, **other}


def _owed(hours: int, subject: str | None = None) -> dict[str, Any]:
    """An obligation due so many hours after noon."""
    return {
        "kind": Kind.REPLY,
        "subject": subject,
        "due": _NOON + hours * _HOUR,
        "opened_at": _NOON - 9 * _HOUR,
        "bearer": "甲",
    }


def _append(case: str, *owed: dict[str, Any], which: int = _HERE, **other: Any) -> Call:
    return "one_appends", {"which": which, "parts": _commit(case, *owed, **other)}


def _together(name: str, *parts: dict[str, Any], which: int = _HERE, **given: Any) -> Call:
    return name, {"which": which, "parts": list(parts), **given}


def _again(*, command: int = 0, same: bool = True, off: int = 0, case: str = "A") -> Call:
    parts = _commit(case)
    return "one_sends_a_command_again", {
        "which": _HERE,
        "command": command,
        "same": same,
        "off": off,
        "parts": parts,
    }


def _claim(limit: int = 1000) -> Call:
    return "one_claims", {
        "which": _HERE,
        "worker": "x",
        "before": _NOON + 9 * _HOUR,
        "hours": 3,
        "unit": None,
        "limit": limit,
    }


def _advance(name: str = "s", *, place: int, right: bool = True) -> Call:
    return "one_advances", {"which": _HERE, "name": name, "place": place, "right": right}


_RESTART: Final[Call] = ("the_store_is_opened_again", {})
_READ: Final[Call] = ("one_reads_on", {"which": _HERE, "reader": 0, "limit": 2})

WRITTEN: Final[dict[str, Sequence[Call]]] = {
    "commits of several events are listed, read on and asked for": (
        _append("A", _owed(-1, "a"), _owed(0), size=3),
        _READ,
        _append("a", _owed(-1), _owed(0, "a"), size=2),
        _READ,
        _append("B", _owed(-1), _owed(1, "Z")),
        *(_append(case, kept=True) for case in "AaBAaBAaBA"),
        _READ,
        _RESTART,
        _READ,
        _append("A", off=-1, size=2),
    ),
    "a long case keeps the order in which it was written": (_append("A", size=20), _RESTART),
    # With each call the machine asks another question of the lists.
    "what is owed is asked for from every place, also from one that is met": (
        _append("A", *(_owed(hours, "abcde"[hours]) for hours in range(-5, 0))),
        *[_append("B")] * 24,
    ),
    "a command is sent to a version that is gone or has not come": (
        _append("A"),
        _append("A", off=-1),
        _append("A", off=1),
        _append("A"),
    ),
    "a batch looks at versions, and what is undone is not there": (
        _append("A", _owed(0)),
        _together("one_appends_in_a_batch", _commit("A", off=-1), undone=False),
        _together("one_appends_in_a_batch", _commit("A", _owed(1)), _commit("B"), undone=True),
        _together("one_appends_in_a_batch", _commit("A"), _commit("B"), undone=False),
    ),
    "a command is sent again, for its case and for another, and after a restart": (
        _append("A"),
        _again(),
        _again(off=1),
        _again(same=False),
        _again(same=False, case="B"),
        _RESTART,
        _again(),
    ),
    "keys are claimed by an opening and later, and after a restart": (
        _append("A", keys=["notice:1"]),
        _append("B", keys=["notice:1"]),
        _append("A", size=2),
        _append("A", keys=["archive:1"]),
        _append("B", keys=["archive:1"]),
        _append("A", keys=["notice:1", "archive:1"]),
        _RESTART,
        _append("B", keys=["notice:1"]),
    ),
    "a transaction of the caller's own is undone, and another is not": (
        _append("A", _owed(0)),
        _together("one_appends_in_a_transaction", _commit("A"), undone=True, place=1),
        _together("one_appends_in_a_transaction", _commit("B"), undone=False, place=1),
    ),
    "a lease goes on with its obligation and ends with its due time": (
        _append("A", _owed(-1), _owed(0, "a")),
        _claim(1),
        _append("A", kept=True),
        _claim(),
        _append("A", _owed(1)),
        _claim(),
        ("one_extends", {"which": _HERE, "lease": 0, "hours": 3}),
        ("time_passes", {"hours": 2}),
        ("one_extends", {"which": _HERE, "lease": 0, "hours": 3}),
        _RESTART,
    ),
    "two centres have a case, a key and lists of the same name": (
        _append("A", keys=["notice:1"]),
        _append("B", keys=["notice:1"], which=_THERE),
        _append("A", _owed(0), which=_THERE),
        ("one_reindexes", {"which": _HERE, "parts": _commit("A", _owed(1))}),
        _append("A", keys=["notice:2"]),
        _together(
            "several_append_at_once", _commit("B", keys=["notice:2"]), _commit("a"), which=_THERE
        ),
    ),
    "a subscriber moves on from where it is, and from nowhere else": (
        _append("A", size=2),
        _append("B", size=2),
        _advance(place=2),
        _advance("S", place=1),
        _advance(place=3, right=False),
        _RESTART,
        _advance(place=3),
    ),
}

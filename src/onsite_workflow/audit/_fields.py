"""What a ledger's column can be: the fields that a mapping names, and how a cell of each is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Final

from attrs import frozen

from onsite_workflow.checks import Word
from onsite_workflow.clause7.procedure import COMMANDS
from onsite_workflow.terms import Cause, SpecialGroup, State, UnitRole

__all__ = ["ACTS", "FIELDS", "WORDS", "Field", "Reads", "Shape"]


class Shape(StrEnum):
    """What one row of the ledger is."""

    CASES = "cases"
    UNITS = "units"
    ACTS = "acts"


class Reads(StrEnum):
    """How a cell is read. Of a ``GIVEN`` one only whether there is anything is ever kept."""

    CASE = "case"
    MOMENT = "moment"
    DAY = "day"
    GIVEN = "given"
    UNITS = "units"
    ITEMS = "items"
    YES_NO = "yes_no"
    NONE_OR_GIVEN = "none_or_given"
    NUMBER = "number"
    REPLY = "reply"
    ROLE = "role"
    CAUSE = "cause"
    GROUND = "ground"
    STATE = "state"
    ACT = "act"


@frozen
class Field:
    """One field of the mapping: its name, what it is in both languages, how its cells are read."""

    name: str
    reads: Reads
    zh: str
    en: str
    shapes: frozenset[Shape]


_TOLD: Final = tomllib.loads(
    files("onsite_workflow").joinpath("data/ledger.toml").read_text(encoding="utf-8")
)

FIELDS: Final[Mapping[str, Field]] = {
    name: Field(
        name, Reads(told["reads"]), told["zh"], told["en"], frozenset(map(Shape, told["rows"]))
    )
    for name, told in _TOLD["fields"].items()
}

#: What an act's word may stand for: the commands (no ledger records ``correct``), and three that
#: ledgers write their own way: a reply whose sense another column gives, and the two ends of a visit.
ACTS: Final = (*(name for name in COMMANDS if name != "correct"), "reply", "arrive", "leave")

_STATES: Final = tuple(state for state in State if state is not State.NONE)


def _words(kind: str, own: Iterable[Word] = ()) -> dict[str, str]:
    """The library's own words of a kind, and what else ledgers call them."""
    told: dict[str, list[str]] = _TOLD["words"].get(kind, {})
    return {said: word.value for word in own for said in (word.value, word.zh)} | {
        said: meaning for meaning, words in told.items() for said in words
    }


#: Words that every mapping starts from; the mapping's own come before these.
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "yes_no": _words("yes_no"),
    "reply": _words("reply"),
    "role": _words("role", UnitRole),
    "cause": _words("cause", Cause),
    "ground": _words("ground", SpecialGroup),
    "state": _words("state", _STATES),
    "act": {name: name for name in ACTS} | _words("act"),
}

#: What each list of words may stand for.
MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "yes_no": ("yes", "no"),
    "reply": ("accept", "decline"),
    "role": tuple(role.value for role in UnitRole),
    "cause": tuple(cause.value for cause in Cause),
    "ground": tuple(ground.value for ground in SpecialGroup),
    "state": (*(state.value for state in _STATES), "withdrawn", "open"),
    "act": (*ACTS, "ignore"),
}

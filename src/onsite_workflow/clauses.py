"""The clauses of DB4209/T 32—2023, and what each normative sentence becomes in this library.

``CLAUSES`` is the standard's own text with a short English gloss. ``SENTENCES`` is the whole of
clauses 6 to 9, and what is normative outside them, cut where one sentence becomes different things.
Each part is realised as one or more of `Becomes`; none is left out, and what software cannot judge
is called ``human`` and says what the library keeps that helps a person judge it.

The numbers I-1 to I-17 are the project's readings of places where the text is silent or doubtful.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from attrs import frozen

__all__ = ["CLAUSES", "SENTENCES", "Clause"]


class Becomes(StrEnum):
    """What a normative sentence turns into."""

    GUARD = "guard"
    """A rule that refuses a command."""
    OBLIGATION = "obligation"
    """A duty with a bearer and perhaps a time limit."""
    RECORD = "record"
    """Something that is kept and can be shown."""
    REPORT = "report"
    """Something that is counted over many cases."""
    HUMAN = "human"
    """Judgement or conduct: named, never decided by software."""


@frozen(kw_only=True)
class Clause:
    """One numbered clause, or one annex.

    ``zh`` is the standard's own text: a heading, if the clause has one, stands on the first line.
    A clause that is divided further has its heading, or the sentence before its first division.
    ``en`` is a gloss, not a translation with any standing.
    """

    number: str
    zh: str
    en: str


@frozen(kw_only=True)
class Realisation:
    """One thing that a sentence becomes, and where to find it.

    Each entry of ``where`` is one of:

    - ``<command>.<rule>`` (guard; ``*`` stands for every command),
    - the kind of an obligation, such as ``reply`` (obligation),
    - ``event:<event>`` or ``form:<field of the registration form>`` (record, human),
    - ``report:<report>`` (report),
    - ``later:<subject>``: not in this version.
    """

    kind: Becomes
    where: tuple[str, ...]
    zh: str
    en: str


@frozen(kw_only=True)
class NormativeSentence:
    """A sentence of the standard that binds somebody, or a part of one.

    ``zh`` is verbatim, without the punctuation that closes it.
    """

    clause: str
    zh: str
    en: str
    becomes: tuple[Realisation, ...]


def _sentence(told: Mapping[str, Any]) -> NormativeSentence:
    becomes = tuple(
        Realisation(kind=Becomes(b["kind"]), where=tuple(b["where"]), zh=b["zh"], en=b["en"])
        for b in told["becomes"]
    )
    return NormativeSentence(clause=told["clause"], zh=told["zh"], en=told["en"], becomes=becomes)


_TEXT = tomllib.loads(
    files("onsite_workflow").joinpath("data/clauses.toml").read_text(encoding="utf-8")
)

CLAUSES: Mapping[str, Clause] = MappingProxyType(
    {number: Clause(number=number, **told) for number, told in _TEXT["clauses"].items()}
)
"""The clauses and annexes by number, in document order."""

SENTENCES: tuple[NormativeSentence, ...] = tuple(map(_sentence, _TEXT["sentences"]))
"""Every normative sentence, in document order."""


def clause(number: str) -> Clause:
    """The clause with this number (``"7.2.1"``, ``"B"``); raises KeyError if there is none."""
    try:
        return CLAUSES[number]
    except KeyError:
        raise KeyError(f"DB4209/T 32—2023 has no clause {number!r}") from None

"""What a rule, a row and an attempt are. Procedures are written in these.

All three are generic in the record and the command, so that the type checkers refuse a guard that
reads a field which its row's command does not have, and a guard on a row of another command. This
works only where the rows of a procedure have no type annotation (``ROWS: Final = (...)``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Generic, TypeVar

import attrs
from attrs import field, frozen

from onsite_workflow._frozen import FrozenMapping
from onsite_workflow.checks import SHANGHAI, Word, plain
from onsite_workflow.directory import Directory
from onsite_workflow.errors import Remedy, Violation
from onsite_workflow.regulation import Regulation

from .record import AnyActor, AnyCommand, AnyEvent, Record

__all__ = [
    "Attempt",
    "Facts",
    "Guard",
    "Labels",
    "Retrial",
    "Row",
    "When",
    "guard",
    "unmet",
    "when",
]

R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=AnyCommand)
R_co = TypeVar("R_co", bound=Record, covariant=True)
C_co = TypeVar("C_co", bound=AnyCommand, covariant=True)
R_contra = TypeVar("R_contra", bound=Record, contravariant=True)
C_contra = TypeVar("C_contra", bound=AnyCommand, contravariant=True)

Facts = Mapping[str, Any]

#: The Chinese and the English name of things, by the key that stands for them in facts.
Labels = Mapping[str, tuple[str, str]]
_NO_LABELS: Final[Labels] = FrozenMapping({})


@frozen(kw_only=True)
class Retrial:
    """What a correction names, and what judging the corrected history anew has shown.

    ``entry`` is the entry named, None where there is none that can be corrected. ``removable`` says
    of each field that may be corrected whether null may remove it; ``authors`` are the roles that
    may make such an entry. ``refused_entry`` is the first entry that would not have been allowed,
    ``unmet`` the rules that it breaks; ``moved_entry`` the first that would have reached another
    state.
    """

    entry: AnyEvent | None = None
    removable: Mapping[str, bool] = field(factory=dict)
    authors: tuple[Word, ...] = ()
    refused_entry: int | None = None
    unmet: tuple[Violation, ...] = ()
    moved_entry: int | None = None


@frozen(kw_only=True)
class Attempt(Generic[R_co, C_co]):
    """A command about to be judged, with all that a guard may look at.

    ``before`` is the record as it stands, None where the command opens it. ``known`` are the keys of
    other records that are known to exist at ``recorded_at``. Where only the actor is known
    (``available``) there is no command, and guards that need the command's own data are not asked.
    """

    before: R_co | None
    command: C_co
    by: AnyActor
    recorded_at: dt.datetime | None = None
    regulation: Regulation
    directory: Directory = field(factory=Directory)
    known: Collection[str] = ()
    retrial: Retrial | None = None

    @property
    def record(self) -> R_co:
        """The record of a row that does not start from nothing."""
        assert self.before is not None
        return self.before


def _say(value: object, language: str, labels: Mapping[str, str]) -> str:
    """A fact as a sentence says it. What has a label is called by it: a clerk does not know ids."""
    if isinstance(value, list | tuple):
        sentences = any(isinstance(v, Violation) for v in value)
        zh, en = ("；", "; ") if sentences else ("、", ", ")
        separator = zh if language == "zh" else en
        return separator.join(_say(v, language, labels) for v in value)
    if isinstance(value, Violation):
        return (value.zh if language == "zh" else value.en).rstrip("。.")
    if isinstance(value, Word) and language == "zh":
        return value.zh
    if isinstance(value, dt.datetime):
        seconds = ":%S" if value.second or value.microsecond else ""
        return value.astimezone(SHANGHAI).strftime(f"%Y-%m-%d %H:%M{seconds}")
    return labels.get(str(plain(value)), str(plain(value)))


def _plain(value: object) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return (
        f"{value.rule}（{value.clause or '—'}）" if isinstance(value, Violation) else plain(value)
    )


@frozen(kw_only=True)
class Guard(Generic[R_contra, C_contra]):
    """One rule, with the clause it comes from.

    ``check`` returns None where the rule is met, otherwise the facts judged (never people's data).
    ``needs`` names the fields of the command that it looks at. Where it names none, the rule judges
    by record and actor alone. The facts are put into the sentences ``zh`` and ``en``. A guard can
    be called, so that ``transitions`` can use it as a condition.
    """

    rule: str
    clause: str
    interpretation: str | None = None
    check: Callable[[Attempt[R_contra, C_contra]], Facts | None] = field(repr=False, eq=False)
    needs: frozenset[str] = frozenset()
    zh: str = field(repr=False)
    en: str = field(repr=False)
    remedy: Remedy = field(repr=False)

    def __call__(self, attempt: Attempt[R_contra, C_contra]) -> bool:
        return self.check(attempt) is None

    def under(self, clause: str, interpretation: str | None = None) -> Guard[R_contra, C_contra]:
        """The same rule, required by another clause."""
        return attrs.evolve(self, clause=clause, interpretation=interpretation)

    def violation(self, facts: Facts, labels: Labels = _NO_LABELS) -> Violation:
        """The refusal that this rule gives for ``facts``; ``labels`` name what stands in them."""
        zh = {key: label[0] for key, label in labels.items()}
        en = {key: label[1] for key, label in labels.items()}
        return Violation(
            rule=self.rule,
            clause=self.clause,
            interpretation=self.interpretation,
            zh=self.zh.format_map({k: _say(v, "zh", zh) for k, v in facts.items()}),
            en=self.en.format_map({k: _say(v, "en", en) for k, v in facts.items()}),
            facts={k: _plain(v) for k, v in facts.items()},
            remedy=self.remedy,
        )


def guard(
    clause: str,
    interpretation: str | None = None,
    *,
    rule: str | None = None,
    needs: Collection[str] = (),
    zh: str,
    en: str,
    remedy: tuple[str, str],
) -> Callable[[Callable[[Attempt[R, C]], Facts | None]], Guard[R, C]]:
    """Make a guard of a function. The rule has the function's name, unless ``rule`` gives another:
    for one rule that several clauses require in their own ways.

    ``needs`` names the fields of the command that the function reads; ``zh``, ``en`` and ``remedy``
    (Chinese, English) are the sentences of a refusal.
    """

    def made(check: Callable[[Attempt[R, C]], Facts | None]) -> Guard[R, C]:
        return Guard(
            rule=rule or check.__name__,
            clause=clause,
            interpretation=interpretation,
            check=check,
            needs=frozenset(needs),
            zh=zh,
            en=en,
            remedy=Remedy(zh=remedy[0], en=remedy[1]),
        )

    return made


def unmet(condition: bool, **facts: Any) -> Facts | None:
    """``facts`` where ``condition`` (the rule is broken) is true, otherwise None."""
    return facts if condition else None


@frozen(kw_only=True)
class When(Generic[R_contra, C_contra]):
    """Says which of several rows of one command applies. It is not a rule: it refuses nothing."""

    name: str
    check: Callable[[Attempt[R_contra, C_contra]], bool] = field(repr=False, eq=False)

    def __call__(self, attempt: Attempt[R_contra, C_contra]) -> bool:
        return self.check(attempt)


def when(check: Callable[[Attempt[R, C]], bool]) -> When[R, C]:
    """Make a ``When`` of a function."""
    return When(name=check.__name__, check=check)


@frozen(kw_only=True)
class Row(Generic[R, C]):
    """One move: who may make it, from which states to which, and the guards that must hold.

    ``target`` None keeps the state. Of several rows for one command and source the first whose
    ``when`` holds applies; they share their guards.
    """

    clause: str
    command: type[C]
    event: type[AnyEvent]
    by: tuple[Word, ...]
    source: tuple[Word, ...]
    target: Word | None
    guards: tuple[Guard[R, C], ...]
    when: When[R, C] | None = None
    interpretation: str | None = None

"""What a rule, a row and an attempt are: the grammar that ``procedure`` is written in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from .case import Case
from .commands import Command
from .errors import Remedy, Violation
from .events import Event
from .regulation import Regulation
from .terms import SHANGHAI, Actor, Directory, Role, ServiceItem, State, plain

__all__ = ["Attempt", "Facts", "Guard", "Retrial", "Row", "When", "guard", "when"]

Facts = Mapping[str, Any]


@frozen(kw_only=True)
class Retrial:
    """What judging a corrected history anew has shown (I-6).

    ``refused_entry`` is the first entry that would not have been allowed, ``unmet`` its rules;
    ``moved_entry`` the first that would have reached another state.
    """

    refused_entry: int | None = None
    unmet: tuple[Violation, ...] = ()
    moved_entry: int | None = None


@frozen(kw_only=True)
class Attempt:
    """A command about to be judged, with all that a guard may look at.

    ``command`` is None where only the actor is known (``available``): then no guard is asked that
    needs the command's own data. ``existing_cases`` are ids known to be cases at ``recorded_at``.
    """

    case: Case | None
    command: Any
    by: Actor
    recorded_at: dt.datetime | None = None
    regulation: Regulation
    directory: Directory = field(factory=Directory)
    existing_cases: Collection[str] = ()
    retrial: Retrial | None = None


def _say(value: object, language: str, labels: Mapping[str, str]) -> str:
    """A fact as a sentence says it; an item by its name, since a clerk knows no ids by heart."""
    if isinstance(value, list | tuple):
        sentences = any(isinstance(v, Violation) for v in value)
        zh, en = ("；", "; ") if sentences else ("、", ", ")
        separator = zh if language == "zh" else en
        return separator.join(_say(v, language, labels) for v in value)
    if isinstance(value, Violation):
        return (value.zh if language == "zh" else value.en).rstrip("。.")
    if isinstance(value, Role) and language == "zh":
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
class Guard:
    """One rule, with the clause it comes from.

    ``check`` returns None where the rule is met, otherwise the facts judged (never people's data).
    ``needs`` names the fields of the command it looks at; an empty set judges by case and actor
    alone. The sentences are completed with the facts. Callable, so that ``transitions`` can use it
    as a condition.
    """

    rule: str
    clause: str
    interpretation: str | None = None
    check: Callable[[Attempt], Facts | None] = field(repr=False, eq=False)
    needs: frozenset[str] = frozenset()
    zh: str = field(repr=False)
    en: str = field(repr=False)
    remedy: Remedy = field(repr=False)

    def __call__(self, attempt: Attempt) -> bool:
        return self.check(attempt) is None

    def under(self, clause: str, interpretation: str | None = None) -> Guard:
        """The same rule as another clause asks for it."""
        return attrs.evolve(self, clause=clause, interpretation=interpretation)

    def violation(self, facts: Facts, items: Iterable[ServiceItem] = ()) -> Violation:
        """The refusal that this rule gives for ``facts``; ``items`` are those they may name."""
        printed = [(item.id, item.name) for item in items if item.id and item.name]
        zh = {key: f"{name}（{key}）" for key, name in printed}
        en = {key: f"{key} {name}" for key, name in printed}
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
) -> Callable[[Callable[[Attempt], Facts | None]], Guard]:
    """Make a guard of a function. Its name is the rule's, unless several clauses ask for one
    ``rule``, each in its own way."""

    def made(check: Callable[[Attempt], Facts | None]) -> Guard:
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


@frozen(kw_only=True)
class When:
    """Which of several rows of one command applies. Not a rule: it refuses nothing."""

    name: str
    check: Callable[[Attempt], bool] = field(repr=False, eq=False)

    def __call__(self, attempt: Attempt) -> bool:
        return self.check(attempt)


def when(check: Callable[[Attempt], bool]) -> When:
    """Make a selector of a function."""
    return When(name=check.__name__, check=check)


@frozen(kw_only=True)
class Row:
    """One move: by whom, from where, to where, and what it is refused without.

    ``target`` None keeps the state. Of several rows for one command and source the first whose
    ``when`` holds applies; they share their guards.
    """

    clause: str
    command: type[Command]
    event: type[Event]
    by: tuple[Role, ...]
    source: tuple[State, ...]
    target: State | None
    guards: tuple[Guard, ...]
    when: When | None = None
    interpretation: str | None = None

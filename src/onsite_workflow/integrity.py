"""Tamper evidence: a store held against itself, and against seals that are kept elsewhere.

Each event keeps the digest of the one before it in its case, and the list of cases that of the last
one. So an entry that was changed, removed or put elsewhere no longer fits its neighbours. Somebody
who writes a whole case anew, digests included, is found by a *seal*: a digest over the whole feed up
to some moment, which is worth as much as the place where it is kept.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

from .errors import CorruptRecord, InvalidInput, Violation
from .events import Event
from .ports import DEFAULT_CENTRE, CaseStore, CaseSummary, FeedEntry
from .serialization import digest, event_digest, parse_json, read_as, to_wire

__all__ = ["Seal", "Verification", "read_seal", "seal", "seal_to_wire", "verify"]

_PAGE = 500


@frozen(kw_only=True)
class Seal:
    """What a centre's feed was at ``made_at``: how many ``events``, up to which ``position``, and a
    ``digest`` over all of them in their order (the algorithm's name, then hexadecimal)."""

    made_at: dt.datetime
    events: int
    position: str
    digest: str
    centre: str = DEFAULT_CENTRE


@frozen(kw_only=True)
class Verification:
    """What ``verify`` found. ``flaws`` name at most one entry a case, the first that does not fit
    (``facts``: ``case``, ``version``). ``unchained`` entries were stored before events kept digests,
    and are vouched for by seals alone."""

    cases: int = 0
    events: int = 0
    unchained: int = 0
    seals: int = 0
    flaws: tuple[Violation, ...] = ()


# --- seals ---------------------------------------------------------------------------------------


def seal(
    store: CaseStore,
    *,
    made_at: dt.datetime,
    since: Seal | None = None,
    centre: str = DEFAULT_CENTRE,
) -> Seal:
    """A seal over the whole feed. With the last seal made only what came after it is read.
    ``centre`` is whose feed it is: the name is kept in the seal."""
    last = since or Seal(made_at=made_at, events=0, position="", digest="")
    events, position, rolled = last.events, last.position, last.digest
    for entry in _feed(store, position):
        events, position, rolled = events + 1, entry.position, _roll(rolled, entry.event)
    return Seal(made_at=made_at, events=events, position=position, digest=rolled, centre=centre)


def _roll(before: str, event: Event) -> str:
    return digest([before, event_digest(event)])


def seal_to_wire(made: Seal) -> dict[str, Any]:
    """``made`` as a JSON object: a line of the file of seals."""
    return {"seal": 1, **to_wire(made)}


def read_seal(line: str | bytes) -> Seal:
    """A line of the file of seals. ``InvalidInput`` where it is none."""
    read = parse_json(line)
    if not isinstance(read, dict) or read.pop("seal", None) != 1:
        raise InvalidInput.of("seal", "unreadable", "不是封存记录。", "is not a seal.")
    return read_as(Seal, read)


# --- verifying -----------------------------------------------------------------------------------


def verify(store: CaseStore, *, seals: Iterable[Seal] = ()) -> Verification:
    """Walk the whole store as one centre sees it: each case's entries against one another and
    against the lists, the feed against the cases, and the feed against each seal. Nothing stops the
    walk, and others may write meanwhile."""
    flaws: list[Violation] = []
    lengths: Counter[str] = Counter()
    events = unchained = 0
    for listed in _cases(store):
        lengths[listed.case] = listed.version
        try:
            summary, entries = _settled(store, listed)
        except CorruptRecord as error:
            flaws += error.violations
            continue
        lengths[summary.case] = summary.version
        events += len(entries)
        unchained += sum(e.version > 1 and e.previous is None for e in entries)
        flaws += _first_flaw(summary, entries)
    known = tuple(sorted(seals, key=lambda each: each.events))
    accused = {flaw.facts["case"] for flaw in flaws}
    flaws += _feed_flaws(store, lengths, known, accused)
    return Verification(
        cases=len(lengths),
        events=events,
        unchained=unchained,
        seals=len(known),
        flaws=tuple(flaws),
    )


def _settled(store: CaseStore, listed: CaseSummary) -> tuple[CaseSummary, Sequence[Event]]:
    """A case's line and its entries, of one moment: somebody may be writing to it."""
    while True:
        entries = store.load(listed.case)
        now = _line_of(store, listed)
        if now == listed:
            return listed, entries
        listed = now


def _line_of(store: CaseStore, listed: CaseSummary) -> CaseSummary:
    """The case's line as it is now; what was listed where it is gone."""
    before = listed.case[:-1] + chr(ord(listed.case[-1]) - 1) + chr(0x10FFFF)
    page = store.cases(after=before, limit=1)
    return page[0] if page and page[0].case == listed.case else listed


def _first_flaw(summary: CaseSummary, entries: Sequence[Event]) -> Iterator[Violation]:
    case = summary.case
    for place, entry in enumerate(entries, start=1):
        if (entry.case, entry.version) != (case, place):
            # An entry that stands further on shows that this one is gone; else it was moved here.
            yield _missing(case, place) if entry.version > place else _moved(case, place)
            return
    for before, after in pairwise(entries):
        if after.previous is None:
            if before.previous is not None:
                yield _unlinked(case, after.version)
                return
        elif after.previous != event_digest(before):
            yield _unfitting(case, before, after, entries)
            return
    if len(entries) < summary.version:
        yield _missing(case, len(entries) + 1)
    elif len(entries) > summary.version:
        yield _unlisted(case, summary.version + 1)
    elif event_digest(entries[-1]) != summary.head:
        yield _changed(case, summary.version)
    elif entries[-1].state is not summary.state:
        yield _unlisted(case, summary.version)


def _unfitting(case: str, before: Event, after: Event, entries: Sequence[Event]) -> Violation:
    mine = event_digest(before)
    if any(entry.previous == mine for entry in entries):
        return _moved(case, after.version)
    return _flaw(
        "changed_event",
        case,
        before.version,
        f"案件{case}的第{before.version}条记录与第{after.version}条接不上："
        "被改动过，或者二者之间的记录被删去。",
        f"Entry {before.version} of case {case} is not what entry {after.version} was written after:"
        " it was changed, or something between them removed.",
    )


def _feed_flaws(
    store: CaseStore, lengths: Counter[str], seals: Sequence[Seal], accused: Collection[str]
) -> Iterator[Violation]:
    """The feed must give each case's entries in order, and roll up to every seal."""
    met: Counter[str] = Counter()
    waiting = [each for each in seals if each.events]  # one of nothing holds whatever came later
    count, rolled, intact = 0, "", True
    try:
        for entry in _feed(store, ""):
            event = entry.event
            met[event.case] += 1
            if event.version != met[event.case]:
                yield _moved(event.case, event.version)
                return
            count, rolled = count + 1, _roll(rolled, event)
            while waiting and waiting[0].events <= count:
                checked = waiting.pop(0)
                if intact and checked.digest != rolled:
                    yield _broken(checked, seals)
                    intact = False  # every later seal holds this part too
    except CorruptRecord as error:
        yield from error.violations
        return
    if intact and any(left.events > count for left in waiting):
        yield _broken(next(left for left in waiting if left.events > count), seals)
    for case in lengths | met:
        if case in accused:
            continue
        if met[case] < lengths[case]:
            yield _absent(case, met[case] + 1)
        elif met[case] > len(store.load(case)):  # not: entered since the case was looked at
            yield _unlisted(case, lengths[case] + 1)


def _broken(broken: Seal, seals: Sequence[Seal]) -> Violation:
    earlier = [each for each in seals if each.events < broken.events]
    first = (earlier[-1].events if earlier else 0) + 1
    return Violation(
        rule="broken_seal",
        zh=f"与{broken.made_at:%Y-%m-%d %H:%M}的封存不符：总第{first}至{broken.events}条记录中"
        "有改动、删除或者次序变动。",
        en=f"The seal of {broken.made_at:%Y-%m-%d %H:%M} does not fit: among entries {first} to"
        f" {broken.events} of the feed something was changed, removed or reordered.",
        facts={"made_at": broken.made_at.isoformat(), "first": first, "last": broken.events},
    )


def _flaw(rule: str, case: str, version: int, zh: str, en: str) -> Violation:
    return Violation(rule=rule, zh=zh, en=en, facts={"case": case, "version": version})


def _missing(case: str, version: int) -> Violation:
    return _flaw(
        "missing_event",
        case,
        version,
        f"案件{case}的第{version}条记录缺失。",
        f"Entry {version} of case {case} is missing.",
    )


def _moved(case: str, version: int) -> Violation:
    return _flaw(
        "reordered_event",
        case,
        version,
        f"案件{case}的第{version}条记录不在原来的位置。",
        f"Entry {version} of case {case} is not where it was.",
    )


def _unlinked(case: str, version: int) -> Violation:
    return _flaw(
        "unlinked_event",
        case,
        version,
        f"案件{case}的第{version}条记录没有前一条的摘要。",
        f"Entry {version} of case {case} has lost the digest of the one before it.",
    )


def _changed(case: str, version: int) -> Violation:
    return _flaw(
        "changed_event",
        case,
        version,
        f"案件{case}的第{version}条记录被改动过。",
        f"Entry {version} of case {case} was changed.",
    )


def _unlisted(case: str, version: int) -> Violation:
    return _flaw(
        "unlisted_event",
        case,
        version,
        f"案件{case}从第{version}条起，记录与案件清单不一致。",
        f"The entries of case {case} do not agree with the lists, from entry {version} on.",
    )


def _absent(case: str, version: int) -> Violation:
    return _flaw(
        "not_in_feed",
        case,
        version,
        f"案件{case}的第{version}条记录不在总流水中：被移出；或者有更早的写入尚未结束，请稍后再核验。",
        f"Entry {version} of case {case} is not in the feed: it was taken out, or an older write has"
        " not ended yet; verify again later.",
    )


# --- pages ---------------------------------------------------------------------------------------


def _cases(store: CaseStore) -> Iterator[CaseSummary]:
    page = store.cases(limit=_PAGE)
    while page:
        yield from page
        page = store.cases(after=page[-1].case, limit=_PAGE)


def _feed(store: CaseStore, after: str) -> Iterator[FeedEntry]:
    page = store.feed(after=after, limit=_PAGE)
    while page:
        yield from page
        page = store.feed(after=page[-1].position, limit=_PAGE)

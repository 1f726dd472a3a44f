"""Tamper evidence: is a store as it was written, by itself and by seals that are kept elsewhere.

Each event keeps the digest of the event before it in its record, and the list of records keeps the
digest of the last one. So an entry that was changed, removed or moved no longer fits its neighbours.
Somebody may write a whole record anew, digests included. A *seal* finds that out: it is a digest
over the whole feed up to some moment. A seal is worth as much as the place where it is kept.

Records are of any procedure; where a text says "case", it means the record with that key.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

from .engine.record import AnyEvent
from .errors import RESTORE, CorruptRecord, InvalidInput, Violation
from .ports import DEFAULT_CENTRE, CaseStore, CaseSummary, FeedEntry
from .wire.digests import digest, event_digest
from .wire.reading import parse_json, read_as
from .wire.writing import to_wire

__all__ = ["Seal", "Verification", "read_seal", "seal", "seal_to_wire", "verify"]

_PAGE = 500


@frozen(kw_only=True)
class Seal:
    """What the feed of ``centre`` was at ``made_at``: how many ``events``, up to which ``position``,
    and a ``digest`` over all of them in their order (the algorithm's name, then hexadecimal)."""

    made_at: dt.datetime
    events: int
    position: str
    digest: str
    centre: str = DEFAULT_CENTRE


@frozen(kw_only=True)
class Verification:
    """What ``verify`` found.

    Args:
        cases: how many records there are.
        events: how many entries they have.
        unchained: how many entries were stored before events kept digests. Only seals speak for
            those.
        seals: with how many seals the feed was compared.
        flaws: what does not fit. Of each record at most one, the first (``facts``: ``case`` and
            ``version``; the case alone where its line in the lists can't be read). Then those of
            the seals (``made_at``).
    """

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
    """Make a seal over the whole feed.

    Args:
        store: the store, as one centre sees it.
        made_at: the moment that the seal names.
        since: the last seal that was made; only what came after it is read then.
        centre: the centre's name, which is kept in the seal.

    Raises:
        CorruptRecord: an entry can't be read back.
    """
    last = since or Seal(made_at=made_at, events=0, position="", digest="")
    events, position, rolled = last.events, last.position, last.digest
    for entry in _feed(store, position):
        events, position, rolled = events + 1, entry.position, _roll(rolled, entry.event)
    return Seal(made_at=made_at, events=events, position=position, digest=rolled, centre=centre)


def _roll(before: str, event: AnyEvent) -> str:
    return digest([before, event_digest(event)])


def seal_to_wire(made: Seal) -> dict[str, Any]:
    """``made`` as a JSON object: one line of a file of seals."""
    return {"seal": 1, **to_wire(made)}


def read_seal(line: str | bytes) -> Seal:
    """The seal in one line of a file of seals. ``InvalidInput`` where the line holds none."""
    read = parse_json(line)
    if not isinstance(read, dict) or read.pop("seal", None) != 1:
        raise InvalidInput.of("seal", "unreadable", "不是封存记录。", "is not a seal.")
    return read_as(Seal, read)


# --- verifying -----------------------------------------------------------------------------------


def verify(store: CaseStore, *, seals: Iterable[Seal] = ()) -> Verification:
    """Look at the whole store, as one centre sees it.

    The entries of each record are compared with one another and with the lists, and the feed with
    the records and with each seal. What can't be read back is a flaw, and does not stop the rest.
    Others may write meanwhile.
    """
    walk, rolling = _Walk(store), _Rolling(seals)
    walk.lists()
    walk.feed(rolling)
    walk.lists_again()
    return Verification(
        cases=len(walk.listed.keys() | walk.seen.keys()),
        events=sum(walk.entries.values()),
        unchained=sum(walk.unchained.values()),
        seals=len(rolling.seals) - rolling.unchecked,
        flaws=(*walk.flaws.values(), *rolling.flaws),
    )


class _Walk:
    """What was seen so far. Of each record only the first flaw is kept."""

    def __init__(self, store: CaseStore) -> None:
        self.store = store
        self.listed: dict[str, int] = {}  # how many entries a record has by the lists
        self.seen: Counter[str] = Counter()  # and how many by anything else
        self.all_listed = True  # otherwise "is not listed" is said of no record
        self.entries: dict[str, int] = {}
        self.unchained: dict[str, int] = {}
        self.flaws: dict[str | None, Violation] = {}  # None: damage that names no case

    def accuse(self, case: str | None, flaw: Violation) -> None:
        self.flaws.setdefault(case, flaw)

    def lists(self) -> None:
        for line in self.lines():
            self.look_at(line.case, line)

    def lines(self) -> Iterator[CaseSummary]:
        """The list of records. A line that can't be read is a flaw, and is passed over."""
        after, limit = "", _PAGE
        while True:
            try:
                page = self.store.cases(after=after, limit=limit)
            except CorruptRecord as error:
                if limit > 1:
                    limit = 1  # one by one, as far as that line
                    continue
                case = _case_of(error)
                if case is not None:
                    self.look_at(case, None)  # its entries may have more to tell
                self.accuse(case, error.violations[0])
                if case is None or case <= after:  # the list can't be read past it
                    self.all_listed = False
                    return
                after, limit = case, _PAGE
            else:
                if not page:
                    return
                yield from page
                after = page[-1].case

    def look_at(self, case: str, line: CaseSummary | None) -> None:
        """Compare a record's entries with one another, and with its line."""
        if line is not None:
            self.listed[case] = line.version
        try:
            entries = self.store.load(case)
        except CorruptRecord as error:
            self.accuse(case, error.violations[0])
            return
        self.seen[case] = max(self.seen[case], len(entries))
        self.entries[case] = len(entries)
        self.unchained[case] = sum(e.version > 1 and e.previous is None for e in entries)
        flaw = _first_flaw(case, line, entries)
        if flaw is not None:
            self.accuse(case, flaw)

    def lists_again(self) -> None:
        """Entries that no list knew of were entered after the lists were read, and are listed by now.
        Otherwise they are a flaw."""
        beyond = {
            case: seen
            for case, seen in self.seen.items()
            if seen > self.listed.get(case, 0) and case not in self.flaws
        }
        for line in self.lines() if beyond else ():
            if line.case in beyond:
                self.look_at(line.case, line)
        for case, seen in beyond.items():
            if case not in self.listed:
                self.look_at(case, None)
            if seen > self.listed.get(case, 0) and self.all_listed:
                self.accuse(case, _unlisted(case, self.listed.get(case, 0) + 1))

    def feed(self, seals: _Rolling) -> None:
        """The feed must give each record's entries in order, and agree with every seal."""
        met: Counter[str] = Counter()
        whole, after = True, ""
        while True:
            try:
                for entry in _feed(self.store, after):
                    case, version = entry.event.key, entry.event.version
                    if whole and version != met[case] + 1:
                        self.accuse(case, _moved(case, min(version, met[case] + 1)))
                    met[case] = version
                    seals.roll(entry.event)
                break
            except CorruptRecord as error:
                self.accuse(_case_of(error), error.violations[0])
                whole = False  # what is missing from here on may be in a part that can't be read
                further = seals.pass_over()
                if further is None:
                    break
                after = further
        seals.end()
        for case, version in self.listed.items() if whole else ():
            if met[case] < version:
                self.accuse(case, _absent(case, met[case] + 1))
        self.seen |= met


class _Rolling:
    """The seals, and the digest over the feed so far."""

    def __init__(self, seals: Iterable[Seal]) -> None:
        self.seals = sorted(seals, key=lambda each: each.events)
        self.waiting = deque(
            each for each in self.seals if each.events
        )  # a seal over nothing always holds
        self.count, self.rolled, self.intact = 0, "", True
        self.unchecked = 0
        self.flaws: list[Violation] = []

    def roll(self, event: AnyEvent) -> None:
        self.count, self.rolled = self.count + 1, _roll(self.rolled, event)
        while self.waiting and self.waiting[0].events <= self.count:
            seal = self.waiting.popleft()
            if seal.digest != self.rolled:
                self.broken(seal)

    def end(self) -> None:
        if self.waiting:
            self.broken(self.waiting[0])

    def broken(self, seal: Seal) -> None:
        if self.intact:  # otherwise the first broken one has said it
            self.flaws.append(_broken(seal, self.seals))
        self.intact = False

    def pass_over(self) -> str | None:
        """The next seal can't be checked, because part of what it holds can't be read. The seals after
        it can, beginning with its position and its digest: returns that position, or None."""
        if not self.waiting:
            return None
        seal = self.waiting[0]
        while self.waiting and self.waiting[0].events == seal.events:
            self.flaws.append(_unchecked(self.waiting.popleft()))
            self.unchecked += 1
        self.count, self.rolled, self.intact = seal.events, seal.digest, True
        return seal.position


def _case_of(error: CorruptRecord) -> str | None:
    case = error.violations[0].facts.get("case")
    return case if isinstance(case, str) else None


def _first_flaw(
    case: str, line: CaseSummary | None, entries: Sequence[AnyEvent]
) -> Violation | None:
    """What does not fit: among the entries, or between the line and the last entry that it knows.
    Later entries came after the line was read; ``lists_again`` asks whether that is so."""
    for place, entry in enumerate(entries, start=1):
        if (entry.key, entry.version) != (case, place):
            # An entry of a later version shows that this one is gone; otherwise it was moved here.
            return _missing(case, place) if entry.version > place else _moved(case, place)
    for before, after in pairwise(entries):
        if after.previous is None:
            if before.previous is not None:
                return _unlinked(case, after.version)
        elif after.previous != event_digest(before):
            return _unfitting(case, before, after, entries)
    if line is None:
        return None
    if line.version > len(entries):
        return _missing(case, len(entries) + 1)
    if line.version < 1:
        return _unlisted(case, 1)
    last = entries[line.version - 1]
    if event_digest(last) != line.head:
        return _changed(case, line.version)
    return None if last.state == line.state else _unlisted(case, line.version)


def _unfitting(
    case: str, before: AnyEvent, after: AnyEvent, entries: Sequence[AnyEvent]
) -> Violation:
    mine = event_digest(before)
    if any(entry.previous == mine for entry in entries):
        return _moved(case, after.version)
    return _flaw(
        "changed_event",
        case,
        before.version,
        f"{case}的第{before.version}条记录与第{after.version}条接不上："
        "被改动过，或者二者之间的记录被删去。",
        f"Entry {before.version} of {case} is not what entry {after.version} was written after:"
        " it was changed, or something between them removed.",
    )


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


def _unchecked(passed: Seal) -> Violation:
    return Violation(
        rule="unchecked_seal",
        zh=f"{passed.made_at:%Y-%m-%d %H:%M}的封存未能核验：所封存的记录中有读不出来的。",
        en=f"The seal of {passed.made_at:%Y-%m-%d %H:%M} was not checked: some of what it holds"
        " can't be read back.",
        facts={"made_at": passed.made_at.isoformat()},
        remedy=RESTORE,
    )


def _flaw(rule: str, case: str, version: int, zh: str, en: str) -> Violation:
    return Violation(rule=rule, zh=zh, en=en, facts={"case": case, "version": version})


def _missing(case: str, version: int) -> Violation:
    return _flaw(
        "missing_event",
        case,
        version,
        f"{case}的第{version}条记录缺失。",
        f"Entry {version} of {case} is missing.",
    )


def _moved(case: str, version: int) -> Violation:
    return _flaw(
        "reordered_event",
        case,
        version,
        f"{case}的第{version}条记录不在原来的位置。",
        f"Entry {version} of {case} is not where it was.",
    )


def _unlinked(case: str, version: int) -> Violation:
    return _flaw(
        "unlinked_event",
        case,
        version,
        f"{case}的第{version}条记录没有前一条的摘要。",
        f"Entry {version} of {case} has lost the digest of the one before it.",
    )


def _changed(case: str, version: int) -> Violation:
    return _flaw(
        "changed_event",
        case,
        version,
        f"{case}的第{version}条记录被改动过。",
        f"Entry {version} of {case} was changed.",
    )


def _unlisted(case: str, version: int) -> Violation:
    return _flaw(
        "unlisted_event",
        case,
        version,
        f"{case}从第{version}条起，记录与清单不一致。",
        f"The entries of {case} do not agree with the lists, from entry {version} on.",
    )


def _absent(case: str, version: int) -> Violation:
    return _flaw(
        "not_in_feed",
        case,
        version,
        f"{case}的第{version}条记录不在总流水中：被移出；或者有更早的写入尚未结束，请稍后再核验。",
        f"Entry {version} of {case} is not in the feed: it was taken out, or an older write has"
        " not ended yet; verify again later.",
    )


# --- pages ---------------------------------------------------------------------------------------


def _feed(store: CaseStore, after: str) -> Iterator[FeedEntry]:
    """The feed after a position, up to the first entry that can't be read."""
    limit = _PAGE
    while True:
        try:
            page = store.feed(after=after, limit=limit)
        except CorruptRecord:
            if limit == 1:
                raise
            limit = 1  # one by one, up to that entry
        else:
            if not page:
                return
            yield from page
            after = page[-1].position

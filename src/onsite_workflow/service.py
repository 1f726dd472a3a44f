"""``Workflow``: load, plan, append. The only owner of a clock."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, overload

import attrs

from .checks import SHANGHAI, YEARS, check_key, check_moment
from .clause7.case import Case
from .clause7.commands import Command
from .clause7.events import CaseEvent
from .clause7.forms import FilledForm, registration_form, transfer_notice
from .clause7.procedure import CASE
from .clause7.regulation import DB4209_T_32_2023
from .directory import Directory
from .engine.deciding import AnyReceipt, Availability, available, not_found
from .engine.duties import Finding, Obligation
from .engine.history import replay
from .engine.limits import Moved, findings, moved, obligations
from .engine.procedure import Procedure
from .engine.record import AnyActor, AnyCommand, AnyEvent, Record
from .errors import (
    Conflict,
    CorruptRecord,
    InvalidInput,
    OnsiteWorkflowError,
    Remedy,
    StoreUnavailable,
)
from .people import applicant_keys
from .planning import OWED, Context, owed, plan, referred, summary_of
from .ports import CaseStore, CaseSummary, Commit, Lease, StoredCommit
from .procedures import DEFAULT, procedure_named, procedure_names
from .regulation import Regulation
from .terms import State
from .wire.digests import content_key
from .wire.reading import read_as

if TYPE_CHECKING:
    from .calendar import WorkingCalendar

__all__ = ["Receipt", "Workflow"]

R = TypeVar("R", bound=Record)

#: After everything that can happen: what is open then is open until somebody acts.
_EVER_AFTER: Final = dt.datetime(YEARS[-1], 12, 31, tzinfo=SHANGHAI)


if TYPE_CHECKING:
    #: The answer to a command of clause 7.
    Receipt: TypeAlias = AnyReceipt[CaseEvent]
else:
    Receipt = AnyReceipt


def system_clock() -> dt.datetime:
    """The machine's own clock: the one place where the time of day is read."""
    return dt.datetime.now(SHANGHAI)


def _china() -> WorkingCalendar:
    from .calendar import WorkingCalendar  # noqa: PLC0415 - only once days are counted

    return WorkingCalendar.china()


class Workflow:
    """Clause 7, and every registered procedure, over a store.

    Args:
        store: where records are kept.
        calendar: how days are counted; by default ``WorkingCalendar.china()``.
        regulations: the editions that cases may be pinned to, at least one. A new case falls under
            the one in force on the day of its application.
        directory: the units and their telephones, for the printed forms.
        issuer: the authority whose name is printed on transfer notices.
        clock: gives the time, with an offset. It is asked where the caller gives no time.
        retries: how often a command is tried again where others wrote to its record meanwhile.
        applicant_secret: with these bytes cases can be found by their people (``cases_of``). Keep
            them outside the store, and give the same ones to every workflow that writes to it.

    Raises:
        InvalidInput: no edition is given.

    Every method may raise ``StoreUnavailable``, and ``CorruptRecord`` where a record can't be read
    back.
    """

    def __init__(
        self,
        store: CaseStore,
        *,
        calendar: WorkingCalendar | None = None,
        regulations: Iterable[Regulation] = (DB4209_T_32_2023,),
        directory: Directory | None = None,
        issuer: str | None = None,
        clock: Callable[[], dt.datetime] = system_clock,
        retries: int = 20,
        applicant_secret: bytes | None = None,
    ) -> None:
        self.store = store
        self.calendar: WorkingCalendar = _china() if calendar is None else calendar
        self.regulations: dict[str, Regulation] = {each.edition: each for each in regulations}
        self.directory: Directory = Directory() if directory is None else directory
        self.issuer = issuer
        self._clock = clock
        self._retries = retries
        self._secret = applicant_secret
        self._context = Context(
            regulations=self.regulations,
            calendar=self.calendar,
            directory=self.directory,
            secret=applicant_secret,
        )
        if not self.regulations:
            raise InvalidInput.of("regulations", "required", "不能为空。", "must not be empty.")

    # --- commands ---

    @overload
    def handle(self, command: Command, *, recorded_at: dt.datetime | None = None) -> Receipt: ...

    @overload
    def handle(
        self, command: AnyCommand, *, recorded_at: dt.datetime | None = None
    ) -> AnyReceipt[AnyEvent]: ...

    def handle(self, command: AnyCommand, *, recorded_at: dt.datetime | None = None) -> Any:
        """Carry out ``command``, or raise why not and change nothing.

        The same command again (same ``id``; without an ``id`` the same content) returns what it
        returned the first time. Give ``recorded_at`` for entries taken over from another system.
        Without it the entry has the clock's time, but never a time before the record's latest
        entry.

        Raises ``InvalidInput``, ``CaseNotFound``, ``NotAllowed``, ``WrongRole`` or ``Refused`` (see
        ``decide``). Raises ``Conflict`` where another command has used that ``id``, another
        record holds a number that this one gives, or others wrote to the record at every try.
        """
        if recorded_at is not None:
            check_moment("recorded_at", recorded_at)
        content = content_key(command, recorded_at)
        for attempt in range(self._retries + 1):
            try:
                return _receipt(self.store.append(self._plan(command, content, recorded_at)))
            except StoreUnavailable:
                raise
            except Conflict as conflict:
                if conflict.violations[0].rule != "version" or attempt == self._retries:
                    raise
            except OnsiteWorkflowError:
                # Refused on what the record now holds: which may be this very command, sent twice.
                stored = self.store.find(command.id if command.id is not None else content)
                if stored is None or stored.content != content:
                    raise
                return _receipt(attrs.evolve(stored, repeated=True))
        raise AssertionError("the last attempt returns or raises")  # pragma: no cover

    def _plan(self, command: AnyCommand, content: str, recorded_at: dt.datetime | None) -> Commit:
        events = self.store.load(command.key)
        entered = recorded_at
        if entered is None:
            # Clocks of two machines differ by a little; entries of one record stay in order.
            entered = max([self.now(), *(event.recorded_at for event in events[-1:])])
        keys, known_by = referred(events, command, entered)
        return plan(
            events,
            command,
            self._context,
            entered=entered,
            content=content,
            known=[key for key in keys if self._entered(key, known_by)],
        )

    def _entered(self, key: str, by: dt.datetime) -> bool:
        """Whether another record had been entered by then."""
        events = self.store.load(key)
        return bool(events) and events[0].recorded_at <= by

    # --- questions ---

    def now(self) -> dt.datetime:
        """The moment that the clock shows. Raises ``InvalidInput`` where it has no offset."""
        now = self._clock()
        check_moment("clock", now)
        return now

    def case(self, case: str) -> Case:
        """The case with the id ``case``, as it stands now. Raises ``CaseNotFound`` where there is
        none, ``InvalidInput`` where that is no id."""
        check_key("case", case)
        return self._record(CASE, case)

    def record(self, procedure: Procedure[R], record: str) -> R:
        """The record of ``procedure`` with the id ``record``, as it stands now. Raises as ``case``
        does."""
        check_key("record", record)
        return self._record(procedure, procedure.key(record))

    def _record(self, procedure: Procedure[R], key: str) -> R:
        events = self.store.load(key)
        if not events:
            check = Remedy(zh=f"核对{procedure.id_zh}。", en="Check the id.")
            raise not_found(procedure, key, check)
        return replay(procedure, events)

    def _any_record(self, key: str) -> tuple[Procedure[Any], Record]:
        """Whatever is kept under ``key``."""
        name, _, record = key.rpartition("/") if isinstance(key, str) else ("", "", key)
        if name not in procedure_names() or procedure_named(name).plain_keys:
            name, record = DEFAULT, key
        check_key("case" if name == DEFAULT else "record", record)
        procedure = procedure_named(name)
        return procedure, self._record(procedure, key)

    def regulation_of(self, record: Record) -> Regulation:
        """The edition that ``record`` is pinned to. Raises ``InvalidInput`` where this workflow was
        not given it."""
        return self._context.regulation_of(record)

    def available(self, case: str, by: AnyActor) -> tuple[Availability, ...]:
        """What ``by`` may do next with ``case``, and why not the rest; see ``engine.deciding.available``.

        ``case`` is a case's id, or the key of a record of another procedure (``procedure/id``).
        Raises ``CaseNotFound`` where there is none, ``InvalidInput`` where that is no id or this
        workflow was not given the record's edition.
        """
        procedure, found = self._any_record(case)
        return available(procedure, found, by, self.regulation_of(found))

    def obligations(self, case: str, *, as_of: dt.datetime | None = None) -> tuple[Obligation, ...]:
        """Every time limit of ``case`` as it stands at ``as_of``, by default now. Takes the same
        ids as ``available``, and raises as it does; also ``InvalidInput`` where ``as_of`` has no
        offset."""
        procedure, found = self._any_record(case)
        return self._obligations(procedure, found, self.now() if as_of is None else as_of)

    def _obligations(
        self, procedure: Procedure[Any], record: Record, as_of: dt.datetime
    ) -> tuple[Obligation, ...]:
        regulation = self.regulation_of(record)
        return obligations(
            procedure, record, regulation=regulation, calendar=self.calendar, as_of=as_of
        )

    def findings(self, case: str) -> tuple[Finding, ...]:
        """Everything found late in ``case``, computed anew. Takes the same ids as ``available``,
        and raises as it does."""
        procedure, found = self._any_record(case)
        regulation = self.regulation_of(found)
        return findings(procedure, found, regulation=regulation, calendar=self.calendar)

    def cases(
        self,
        *,
        state: State | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
    ) -> Iterator[CaseSummary]:
        """All cases by id, as the store lists them (see ``reindex``).

        Args:
            state: only those in that state.
            unit: only those in which that unit holds a notice.
            due_before: only those with an open time limit that ends before that moment.

        Raises ``InvalidInput`` where ``due_before`` has no offset.
        """
        if due_before is not None:
            check_moment("due_before", due_before)
        return self._cases(procedure=CASE.name, state=state, unit=unit, due_before=due_before)

    def _cases(self, **only: Any) -> Iterator[CaseSummary]:
        """The lines of procedures that are registered here. Other procedures' records are left
        out."""
        known = procedure_names()
        return (line for line in self._lines(**only) if line.procedure in known)

    def _lines(self, **only: Any) -> Iterator[CaseSummary]:
        page: Sequence[CaseSummary] = self.store.cases(**only)
        while page:
            yield from page
            page = self.store.cases(after=page[-1].case, **only)

    def cases_of(
        self, *, name: str | None = None, phone: str | None = None, id_number: str | None = None
    ) -> Iterator[CaseSummary]:
        """The cases of which an applicant or recipient has all that is given here, by id.

        They are found by keyed hash: what is given must be complete, but may be written in
        another way (see ``people.applicant_keys``). Only cases that were stored with this
        workflow's secret are found. Raises ``InvalidInput`` where the workflow has no secret, or
        nothing is asked for.
        """
        if self._secret is None:
            raise InvalidInput.of(
                "applicant_secret",
                "required",
                "没有提供密钥，不能按申请人查找。",
                "is needed to look for people.",
            )
        keys = applicant_keys(self._secret, name=name, phone=phone, id_number=id_number)
        if not keys:
            raise InvalidInput.of(
                "name",
                "required",
                "姓名、电话、证件号码至少给出一项。",
                "or another must be given.",
            )
        found = self._cases(applicant_key=keys[0])
        return (summary for summary in found if set(keys) <= set(summary.applicant_keys))

    def due(
        self,
        *,
        at: dt.datetime | None = None,
        before: dt.datetime | None = None,
        unit: str | None = None,
        everything: bool = False,
        unreadable: Callable[[str, OnsiteWorkflowError], None] | None = None,
    ) -> list[Obligation]:
        """The obligations of all cases as of ``at`` (by default now), by due time.

        Each is computed from its case's facts. Every case is read with ``at`` or ``everything``, and
        where the lists need ``reindex``. Otherwise only the cases that the store lists as owing
        something are read. Without ``at``, a case whose latest entry is later than now is computed
        as of that entry.

        Args:
            at: the moment for which they are computed.
            before: only those due before that moment.
            unit: only those of that bearer.
            everything: also those met and void, not only those open and overdue.
            unreadable: called with the case's id and the error for each case that can't be
                computed; the others are still returned. Without it that error is raised.

        Raises ``InvalidInput`` where a moment has no offset. For a case that can't be computed:
        ``CorruptRecord``, or ``InvalidInput`` where this workflow was not given its edition.
        """
        if before is not None:
            check_moment("before", before)
        as_of = self.now() if at is None else at
        check_moment("at", as_of)
        listed = at is None and not everything and not self._index_is_stale()
        keys = self._listed(before, unit) if listed else (s.case for s in self._cases())
        found: list[Obligation] = []
        for key in keys:
            try:
                procedure, record = self._any_record(key)
                then = max(as_of, record.recorded_at) if at is None else as_of
                found += self._obligations(procedure, record, then)
            except (CorruptRecord, InvalidInput) as error:
                if unreadable is None:
                    raise
                unreadable(key, error)
        found = [
            obligation
            for obligation in found
            if (everything or obligation.status in OWED)
            and (unit is None or obligation.bearer == unit)
            and (before is None or (obligation.due is not None and obligation.due < before))
        ]
        found.sort(key=lambda o: (o.due or _EVER_AFTER, o.opened_at, o.case))
        return found

    def _index_is_stale(self) -> bool:
        """Whether some case was last counted by another calendar: then its limits may end at other
        times than the store lists."""
        return any(self._cases(other_calendar_than=self.calendar.revision, limit=1))

    def _listed(self, before: dt.datetime | None, unit: str | None) -> Iterable[str]:
        known = procedure_names()
        cases: dict[str, None] = {}
        page = self.store.open_obligations(before=before, unit=unit)
        while page:
            cases.update(dict.fromkeys(o.case for o in page if o.procedure in known))
            page = self.store.open_obligations(after=page[-1], before=before, unit=unit)
        return cases

    # --- upkeep of the store's lists ---

    def reindex(self, *, everything: bool = False) -> int:
        """Bring the store's lists up to date after a new notice: count anew each case that was last
        counted by another calendar than this workflow's. Returns how many were brought up to date.

        With ``everything`` all cases: after a change of a regulation or of the secret. Raises
        ``InvalidInput`` where this workflow was not given the edition of a case.
        """
        other = None if everything else self.calendar.revision
        done = 0
        for summary in self._cases(other_calendar_than=other):
            procedure, record = self._any_record(summary.case)
            line = summary_of(procedure, record, self._context)
            if self._secret is None:  # what another workflow's secret made stays
                line = attrs.evolve(line, applicant_keys=summary.applicant_keys)
            done += self.store.reindex(line, owed(procedure, record, self._context))
        return done

    # --- reminders ---

    def claim_due(
        self,
        worker: str,
        *,
        before: dt.datetime,
        lease: dt.timedelta = dt.timedelta(minutes=5),
        unit: str | None = None,
        limit: int = 100,
    ) -> Sequence[Lease]:
        """Lease obligations due before ``before`` to ``worker``. Until a lease ends, nobody is
        given its obligation again: for reminders sent by several workers. See promise 10 of ``ports``.

        Args:
            worker: the name of whoever asks.
            before: only those due before that moment.
            lease: for how long, from now.
            unit: only those of that bearer.
            limit: the most that are leased.

        Raises ``NotSupported`` where the store has no leases, ``InvalidInput`` where ``before`` has
        no offset.
        """
        check_moment("before", before)
        now = self.now()
        return self.store.claim_due(
            worker=worker,
            before=before,
            now=now,
            until=now + lease,
            unit=unit,
            limit=limit,
        )

    def extend(self, lease: Lease, *, by: dt.timedelta = dt.timedelta(0)) -> Lease | None:
        """The same lease until ``by`` after now; None where it no longer runs. With ``by`` zero it
        ends at once; with a day the next reminder waits until tomorrow. Raises ``NotSupported`` as
        ``claim_due`` does."""
        now = self.now()
        return self.store.extend(lease, now=now, until=now + by)

    def moved(self, calendar: WorkingCalendar, *, at: dt.datetime | None = None) -> list[Moved]:
        """What is still owed at ``at`` (by default now) and has another due day under ``calendar``
        than under this workflow's own: what a new State Council notice moves. Raises
        ``InvalidInput`` where ``at`` has no offset, or this workflow was not given the edition of a
        case."""
        as_of = self.now() if at is None else at
        records = (self._any_record(summary.case) for summary in self._cases())
        return [
            found
            for procedure, record in records
            for found in moved(
                procedure,
                record,
                regulation=self.regulation_of(record),
                before=self.calendar,
                after=calendar,
                as_of=as_of,
            )
        ]

    # --- forms ---

    def registration_form(self, case: str) -> FilledForm:
        """Table B.1 of the case with that id; it names what is not known yet. Raises as ``case``
        does."""
        return registration_form(self.case(case), directory=self.directory)

    def transfer_notices(self, case: str) -> tuple[FilledForm, ...]:
        """Table C.1 for each notice of the case with that id: first those replaced by a
        reassignment, then those in force. Raises as ``case`` does."""
        found = self.case(case)
        notices = (*found.replaced_notices, *found.notices)
        return tuple(transfer_notice(found, n, issuer=self.issuer) for n in notices)


def _receipt(stored: StoredCommit) -> AnyReceipt[Any]:
    try:
        found = tuple(read_as(Finding, finding) for finding in json.loads(stored.answer))
    except (ValueError, TypeError, InvalidInput):
        raise CorruptRecord.because(
            "unreadable_answer",
            "当时的答复读不出来。",
            "the answer that was given then can't be read back.",
            facts={"case": stored.events[-1].key, "version": stored.events[-1].version},
        ) from None
    return AnyReceipt(event=stored.events[-1], findings=found, repeated=stored.repeated)

"""``Workflow``: load, decide, append. The only owner of a clock."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from .case import Case, evolve, replay
from .commands import Apply, Command, Correct
from .decide import Availability, Decision, available, decide
from .errors import (
    CaseNotFound,
    Conflict,
    CorruptRecord,
    InvalidInput,
    OnsiteWorkflowError,
    Remedy,
)
from .events import Archived, Corrected, Event, Reassigned, Transferred
from .forms import FilledForm, registration_form, transfer_notice
from .obligations import Finding, Moved, Obligation, Status, findings, moved, obligations
from .ports import CaseStore, CaseSummary, Commit, StoredCommit
from .regulation import DB4209_T_32_2023, Regulation
from .serialization import content_key, read_as, to_wire
from .terms import (
    SHANGHAI,
    YEARS,
    Actor,
    Directory,
    State,
    TransferNotice,
    check_key,
    check_moment,
    local_day,
)

if TYPE_CHECKING:
    from .calendar import WorkingCalendar

__all__ = ["Receipt", "Workflow"]

#: After everything that can happen: what is open then is open until somebody acts.
_EVER_AFTER: Final = dt.datetime(YEARS[-1], 12, 31, tzinfo=SHANGHAI)


@frozen(kw_only=True)
class Receipt:
    """The answer to a command that was carried out. ``repeated``: it had been, before this call,
    and everything else is as it was answered then."""

    event: Event
    findings: tuple[Finding, ...]
    repeated: bool = False

    @property
    def state(self) -> State:
        """The state reached."""
        return self.event.state

    @property
    def version(self) -> int:
        """The number of the entry in its case, from 1."""
        return self.event.version


def system_clock() -> dt.datetime:
    """The machine's own clock: the one place where the time of day is read."""
    return dt.datetime.now(SHANGHAI)


def _china() -> WorkingCalendar:
    from .calendar import WorkingCalendar  # noqa: PLC0415 - only once days are counted

    return WorkingCalendar.china()


class Workflow:
    """Clause 7 over a store.

    ``regulations`` are the editions that cases may be pinned to; a new case falls under the one in
    force on the day of its application. ``directory`` and ``issuer`` fill the printed forms.
    ``clock`` gives aware datetimes; it stamps what the caller did not.
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
    ) -> None:
        self.store = store
        self.calendar = _china() if calendar is None else calendar
        self.regulations = {regulation.edition: regulation for regulation in regulations}
        self.directory = Directory() if directory is None else directory
        self.issuer = issuer
        self._clock = clock
        self._retries = retries
        if not self.regulations:
            raise InvalidInput.of("regulations", "required", "不能为空。", "must not be empty.")

    # --- commands ---

    def handle(self, command: Command, *, recorded_at: dt.datetime | None = None) -> Receipt:
        """Carry out ``command``, or raise the answer why not (see ``decide``) and change nothing.

        The same command again (by its ``id``, without one by its content) returns what it returned
        the first time. ``recorded_at`` is for entries taken over from elsewhere; without it the
        clock stamps them, and never before the case's latest entry.
        """
        if recorded_at is not None:
            check_moment("recorded_at", recorded_at)
        content = content_key(command, recorded_at)
        command_id = command.id if command.id is not None else content
        for attempt in range(self._retries + 1):
            done = self._done(command_id, content)
            if done is not None:
                return done
            events = self.store.load(command.case)
            case = replay(events) if events else None
            entered = self._entered(case, recorded_at)
            try:
                decision = self._decide(case, command, entered)
            except OnsiteWorkflowError:
                # Refused on what the case now holds: which may be this very command, sent twice.
                done = self._done(command_id, content)
                if done is None:
                    raise
                return done
            try:
                commit = self._commit(case, decision, command_id, content)
                stored = self.store.append(commit)
            except Conflict as conflict:
                if conflict.violations[0].rule != "version" or attempt == self._retries:
                    raise
            else:
                return _receipt(stored, repeated=stored.repeated)
        raise AssertionError("the last attempt returns or raises")  # pragma: no cover

    def _done(self, command_id: str, content: str) -> Receipt | None:
        stored = self.store.find(command_id)
        if stored is None or stored.content != content:
            return None
        return _receipt(stored, repeated=True)

    def _entered(self, case: Case | None, recorded_at: dt.datetime | None) -> dt.datetime:
        if recorded_at is not None:
            return recorded_at
        now = self.now()
        # Clocks of two machines differ by a little; entries of one case stay in order.
        return now if case is None else max(now, case.recorded_at)

    def _decide(self, case: Case | None, command: Command, entered: dt.datetime) -> Decision:
        follows = command.follows if isinstance(command, Apply) else None
        known_by = entered
        if isinstance(command, Correct) and case is not None:
            follows = command.fields.get("follows")
            known_by = case.history[0].recorded_at  # what could be followed when it was opened
        return decide(
            case,
            command,
            recorded_at=entered,
            regulation=self._regulation(case, command),
            calendar=self.calendar,
            directory=self.directory,
            existing_cases=self._existing(command.case, follows, known_by),
        )

    def _existing(self, case: str, follows: object, entered: dt.datetime) -> tuple[str, ...]:
        """``follows``, where that is another case and had been entered by then."""
        if not isinstance(follows, str) or follows == case:
            return ()
        events = self.store.load(follows)
        return (follows,) if events and events[0].recorded_at <= entered else ()

    def _regulation(self, case: Case | None, command: Command) -> Regulation:
        if case is not None:
            return self.regulation_of(case)
        day = local_day(command.at)
        in_force = [r for r in self.regulations.values() if r.in_force_on(day)]
        # Where none is in force, its guard refuses, under whichever is asked.
        return (in_force or list(self.regulations.values()))[-1]

    def _commit(
        self, case: Case | None, decision: Decision, command_id: str, content: str
    ) -> Commit:
        (event,) = decision.events
        after = evolve(case, event)
        return Commit(
            case=after.id,
            expected_version=0 if case is None else case.version,
            command_id=command_id,
            content=content,
            events=decision.events,
            answer=json.dumps([to_wire(found) for found in decision.findings]),
            keys=_claims(event),
            summary=CaseSummary(
                case=after.id,
                version=after.version,
                state=after.state,
                result=after.result,
                edition=after.edition,
                lead=after.lead,
                units=tuple(notice.unit for notice in after.notices),
                opened_at=after.application.at,
                recorded_at=after.recorded_at,
            ),
            obligations=tuple(
                obligation
                for obligation in self._obligations(after, after.recorded_at)
                if obligation.status in (Status.OPEN, Status.OVERDUE)
            ),
            calendar_revision=self.calendar.revision,
        )

    # --- questions ---

    def now(self) -> dt.datetime:
        """The moment that the clock shows. ``InvalidInput`` where it shows no offset."""
        now = self._clock()
        check_moment("clock", now)
        return now

    def case(self, case: str) -> Case:
        """The case as it stands. ``CaseNotFound`` where there is none."""
        check_key("case", case)
        events = self.store.load(case)
        if not events:
            raise CaseNotFound.because(
                "case_exists",
                f"没有此案：{case}。",
                f"There is no case {case}.",
                facts={"case": case},
                remedy=Remedy(zh="核对案号。", en="Check the id."),
            )
        return replay(events)

    def regulation_of(self, case: Case) -> Regulation:
        """The edition that ``case`` is pinned to. ``InvalidInput`` where it was not given here."""
        found = self.regulations.get(case.edition)
        if found is None:
            raise InvalidInput.of(
                "regulations",
                "unknown_edition",
                f"没有提供此案所依据的标准：{case.edition}。",
                f"the edition of the case was not given: {case.edition}.",
                facts={"edition": case.edition},
            )
        return found

    def available(self, case: str, by: Actor) -> tuple[Availability, ...]:
        """What ``by`` may do next with ``case``, and why not the rest; see ``decide.available``."""
        return available(self.case(case), by)

    def obligations(self, case: str, *, as_of: dt.datetime | None = None) -> tuple[Obligation, ...]:
        """Every time limit of ``case`` as of a moment, by default now."""
        return self._obligations(self.case(case), self.now() if as_of is None else as_of)

    def _obligations(self, case: Case, as_of: dt.datetime) -> tuple[Obligation, ...]:
        return obligations(
            case, regulation=self.regulation_of(case), calendar=self.calendar, as_of=as_of
        )

    def findings(self, case: str) -> tuple[Finding, ...]:
        """Everything found late in ``case``, judged anew."""
        found = self.case(case)
        return findings(found, regulation=self.regulation_of(found), calendar=self.calendar)

    def cases(
        self, *, state: State | None = None, unit: str | None = None
    ) -> Iterator[CaseSummary]:
        """All cases by id, or those in ``state``, or in which ``unit`` holds a notice."""
        page: Sequence[CaseSummary] = self.store.cases(state=state, unit=unit)
        while page:
            yield from page
            page = self.store.cases(after=page[-1].case, state=state, unit=unit)

    def due(
        self,
        *,
        at: dt.datetime | None = None,
        before: dt.datetime | None = None,
        unit: str | None = None,
        everything: bool = False,
    ) -> list[Obligation]:
        """The obligations of all cases as of ``at`` (by default now), by due time.

        Open and overdue ones; with ``everything`` also those met and void. ``unit`` is the bearer;
        ``before`` keeps those due before that moment.
        """
        as_of = self.now() if at is None else at
        if before is not None:
            check_moment("before", before)
        found = [
            obligation
            for summary in self.cases()
            for obligation in self._obligations(self.case(summary.case), as_of)
            if (everything or obligation.status in (Status.OPEN, Status.OVERDUE))
            and (unit is None or obligation.bearer == unit)
            and (before is None or (obligation.due is not None and obligation.due < before))
        ]
        found.sort(key=lambda o: (o.due or _EVER_AFTER, o.opened_at, o.case))
        return found

    def moved(self, calendar: WorkingCalendar, *, at: dt.datetime | None = None) -> list[Moved]:
        """What is still owed and would be due on another day under ``calendar`` than under this
        workflow's own: what a new State Council notice moves."""
        as_of = self.now() if at is None else at
        cases = (self.case(summary.case) for summary in self.cases())
        return [
            found
            for case in cases
            for found in moved(
                case,
                regulation=self.regulation_of(case),
                before=self.calendar,
                after=calendar,
                as_of=as_of,
            )
        ]

    # --- forms ---

    def registration_form(self, case: str) -> FilledForm:
        """Table B.1 of ``case``; what is not known yet is said to be missing."""
        return registration_form(self.case(case), directory=self.directory)

    def transfer_notices(self, case: str) -> tuple[FilledForm, ...]:
        """Table C.1, one a notice: those replaced by a reassignment first, then those in force."""
        found = self.case(case)
        notices = (*found.replaced_notices, *found.notices)
        return tuple(transfer_notice(found, n, issuer=self.issuer) for n in notices)


def _receipt(stored: StoredCommit, *, repeated: bool) -> Receipt:
    try:
        found = tuple(read_as(Finding, finding) for finding in json.loads(stored.answer))
    except (ValueError, TypeError, InvalidInput):
        raise CorruptRecord.because(
            "unreadable_answer",
            "当时的答复读不出来。",
            "the answer that was given then can't be read back.",
            facts={"case": stored.events[-1].case, "version": stored.events[-1].version},
        ) from None
    return Receipt(event=stored.events[-1], findings=found, repeated=repeated)


def _claims(event: Event) -> tuple[str, ...]:
    """The keys that ``event`` claims: no other case may have them, ever."""
    numbers: list[TransferNotice | None] = []
    archive: object = None
    if isinstance(event, Transferred):
        numbers += event.notices
    elif isinstance(event, Reassigned):
        numbers.append(event.notice)
    elif isinstance(event, Archived):
        archive = event.archive_number
    elif isinstance(event, Corrected):
        numbers += event.fields.get("notices") or ()
        numbers.append(event.fields.get("notice"))
    claims = [f"notice:{notice.number}" for notice in numbers if notice is not None]
    return tuple(claims) if archive is None else (*claims, f"archive:{archive}")

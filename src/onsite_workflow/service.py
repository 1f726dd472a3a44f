"""``Workflow``: load, decide, append. The only owner of a clock."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
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
from .ports import CaseStore, CaseSummary, Commit, Lease, StoredCommit
from .regulation import DB4209_T_32_2023, Regulation
from .serialization import content_key, event_digest, read_as, to_wire
from .terms import (
    SHANGHAI,
    YEARS,
    Actor,
    Applicant,
    Directory,
    State,
    TransferNotice,
    check_key,
    check_moment,
    local_day,
)

if TYPE_CHECKING:
    from .calendar import WorkingCalendar

__all__ = ["Receipt", "Workflow", "applicant_keys"]

#: After everything that can happen: what is open then is open until somebody acts.
_EVER_AFTER: Final = dt.datetime(YEARS[-1], 12, 31, tzinfo=SHANGHAI)

_OWED: Final = (Status.OPEN, Status.OVERDUE)


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
    ``clock`` gives aware datetimes; it stamps what the caller did not. With ``applicant_secret``
    (bytes that the store's owner keeps elsewhere) cases can be found by who they are for; whoever
    writes to a store gives it the same one.
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
        self.calendar = _china() if calendar is None else calendar
        self.regulations = {regulation.edition: regulation for regulation in regulations}
        self.directory = Directory() if directory is None else directory
        self.issuer = issuer
        self._clock = clock
        self._retries = retries
        self._secret = applicant_secret
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
        if case is not None:
            event = attrs.evolve(event, previous=event_digest(case.history[-1]))
        after = evolve(case, event)
        return Commit(
            case=after.id,
            expected_version=0 if case is None else case.version,
            command_id=command_id,
            content=content,
            events=(event,),
            answer=json.dumps([to_wire(found) for found in decision.findings]),
            keys=_claims(event),
            summary=self._summary(after),
            obligations=self._owed(after, after.recorded_at),
        )

    def _summary(self, case: Case) -> CaseSummary:
        return CaseSummary(
            case=case.id,
            version=case.version,
            state=case.state,
            result=case.result,
            edition=case.edition,
            lead=case.lead,
            units=tuple(notice.unit for notice in case.notices),
            opened_at=case.application.at,
            recorded_at=case.recorded_at,
            head=event_digest(case.history[-1]),
            calendar_revision=self.calendar.revision,
            applicant_keys=() if self._secret is None else _keys_of(case, self._secret),
        )

    def _owed(self, case: Case, as_of: dt.datetime) -> tuple[Obligation, ...]:
        return tuple(o for o in self._obligations(case, as_of) if o.status in _OWED)

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
        self,
        *,
        state: State | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
    ) -> Iterator[CaseSummary]:
        """All cases by id, or those in ``state``, or in which ``unit`` holds a notice, or with an
        open time limit that ends before ``due_before`` (as the store lists them: see ``reindex``).
        """
        if due_before is not None:
            check_moment("due_before", due_before)
        return self._cases(state=state, unit=unit, due_before=due_before)

    def _cases(self, **only: Any) -> Iterator[CaseSummary]:
        only["procedure"] = "case"
        page: Sequence[CaseSummary] = self.store.cases(**only)
        while page:
            yield from page
            page = self.store.cases(after=page[-1].case, **only)

    def cases_of(
        self, *, name: str | None = None, phone: str | None = None, id_number: str | None = None
    ) -> Iterator[CaseSummary]:
        """The cases of which an applicant or recipient has all that is given here, by id.

        Found by keyed hash, so exactly (width, case and blanks apart), and among those cases that
        were stored with this workflow's secret. ``InvalidInput`` where there is none, or nothing
        is asked for.
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

        Open and overdue ones; with ``everything`` also those met and void. ``unit`` is the bearer;
        ``before`` keeps those due before that moment. Each is computed from its case's facts.
        Without ``at`` and ``everything`` only the cases that the store lists are looked at, as of
        their latest entry where that is later than now; otherwise every case is.

        A case that can't be read, or is pinned to an edition not given here, raises; with
        ``unreadable`` its id and the error are handed to that instead, and the rest goes on.
        """
        if before is not None:
            check_moment("before", before)
        as_of = self.now() if at is None else at
        check_moment("at", as_of)
        listed = at is None and not everything and not self._index_is_stale()
        ids = self._listed(before, unit) if listed else (s.case for s in self._cases())
        found: list[Obligation] = []
        for id_ in ids:
            try:
                case = self.case(id_)
                then = max(as_of, case.recorded_at) if at is None else as_of
                found += self._obligations(case, then)
            except (CorruptRecord, InvalidInput) as error:
                if unreadable is None:
                    raise
                unreadable(id_, error)
        found = [
            obligation
            for obligation in found
            if (everything or obligation.status in _OWED)
            and (unit is None or obligation.bearer == unit)
            and (before is None or (obligation.due is not None and obligation.due < before))
        ]
        found.sort(key=lambda o: (o.due or _EVER_AFTER, o.opened_at, o.case))
        return found

    def _index_is_stale(self) -> bool:
        """Whether some case was last counted by another calendar, so that limits may lie elsewhere
        than the store lists them."""
        return any(self._cases(other_calendar_than=self.calendar.revision, limit=1))

    def _listed(self, before: dt.datetime | None, unit: str | None) -> Iterable[str]:
        cases: dict[str, None] = {}
        page = self.store.open_obligations(procedure="case", before=before, unit=unit)
        while page:
            cases.update(dict.fromkeys(obligation.case for obligation in page))
            page = self.store.open_obligations(
                after=page[-1], procedure="case", before=before, unit=unit
            )
        return cases

    # --- upkeep of the store's lists ---

    def reindex(self, *, everything: bool = False) -> int:
        """Count anew what the store lists of each case last counted by another calendar than this
        workflow's: to be called after a new notice. How many cases were brought up to date.

        With ``everything`` all cases: after a change of a regulation or of the secret.
        """
        other = None if everything else self.calendar.revision
        done = 0
        for summary in self._cases(other_calendar_than=other):
            case = self.case(summary.case)
            line = self._summary(case)
            if self._secret is None:  # what another workflow's secret made stays
                line = attrs.evolve(line, applicant_keys=summary.applicant_keys)
            done += self.store.reindex(line, self._owed(case, case.recorded_at))
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
        """Lease obligations due before ``before`` to ``worker``, who alone is given them until the
        lease ends: for reminders sent by several workers. See promise 10 of ``ports``."""
        check_moment("before", before)
        now = self.now()
        return self.store.claim_due(
            worker=worker,
            before=before,
            now=now,
            until=now + lease,
            procedure="case",
            unit=unit,
            limit=limit,
        )

    def extend(self, lease: Lease, *, by: dt.timedelta = dt.timedelta(0)) -> Lease | None:
        """The same lease, from now on for as long as ``by``: none gives it back at once, a day puts
        the next reminder off until tomorrow. None where it no longer runs."""
        now = self.now()
        return self.store.extend(lease, now=now, until=now + by)

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


# --- finding people without naming them -----------------------------------------------------------

_BLANKS: Final = re.compile(r"\s+")
_NO_DIGITS: Final = re.compile(r"[^0-9]+")


def applicant_keys(
    secret: bytes,
    *,
    name: str | None = None,
    phone: str | None = None,
    id_number: str | None = None,
) -> tuple[str, ...]:
    """A keyed hash (HMAC-SHA-256, hexadecimal) of each thing given: the same for the same person
    however it is written, and without ``secret`` telling nobody whose it is. Width, case and blanks
    don't count (NFKC), nor does what stands between the digits of a phone number."""
    told = {
        "name": None if name is None else _BLANKS.sub("", _folded(name)),
        "phone": None if phone is None else _NO_DIGITS.sub("", _folded(phone)),
        "id_number": None if id_number is None else _BLANKS.sub("", _folded(id_number)),
    }
    import hmac  # noqa: PLC0415 - costs a tenth of importing the package

    return tuple(
        hmac.digest(secret, f"{kind}:{value}".encode(), "sha256").hex()
        for kind, value in told.items()
        if value
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _keys_of(case: Case, secret: bytes) -> tuple[str, ...]:
    keys: list[str] = []
    for person in (case.application.applicant, case.application.recipient):
        number = person.id_number if isinstance(person, Applicant) else None
        if person is not None:
            keys += applicant_keys(secret, name=person.name, phone=person.phone, id_number=number)
    return tuple(dict.fromkeys(keys))


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

"""The six answers, in their order, and `correct` (I-6)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence

from attrs import evolve, frozen

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.clause7.commands import Command, Correct, FileRegistrationForm
from onsite_workflow.directory import Directory
from onsite_workflow.errors import InvalidInput
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import Result, Role, State

from .facts import (
    Entry,
    Fact,
    Past,
    Unknown,
    appointed_staff,
    as_it_stands,
    lead,
    result,
    said,
    state,
    states,
    understood,
    visited,
    with_fields,
)
from .limits import Late, late_in
from .rules import RULES, TABLE_B1, Act, Broken
from .wire import has_field, may_be_left_out

# === which move from which state, by whom (domain.md §2) =========================================

_AFTER_A_REFUSAL = "transferred accepted declined scheduled served pending_notice"
_NOT_ARCHIVED = "applied transferred accepted declined scheduled served pending_notice closed"

FROM: dict[str, str] = {
    "apply": "none",
    "transfer": "applied",
    "reassign": "transferred",
    "acknowledge": "transferred",
    "accept": "transferred",
    "decline": "transferred",
    "designate_lead": "transferred",
    "explain_refusal": _AFTER_A_REFUSAL,
    "schedule": "accepted",
    "reschedule": "scheduled",
    "report_failed_visit": "scheduled",
    "serve": "scheduled",
    "give_one_time_notice": "served",  # I-7: once
    "report_outcome": "pending_notice",
    "deliver": "pending_notice closed",
    "close": "declined served pending_notice",
    "withdraw": "applied transferred accepted scheduled",  # I-8: until the visit is held
    "file_registration_form": "served pending_notice closed",
    "archive": "closed",
    "correct": _NOT_ARCHIVED,
}

APPLICANT, WINDOW, UNIT = Role.APPLICANT, Role.INTEGRATED_WINDOW, Role.HANDLING_UNIT

BY: dict[str, set[Role]] = {
    "apply": {APPLICANT, WINDOW},
    "transfer": {WINDOW},
    "reassign": {WINDOW},
    "acknowledge": {UNIT},
    "accept": {UNIT},
    "decline": {UNIT},
    "designate_lead": {WINDOW},
    "explain_refusal": {WINDOW, UNIT},
    "schedule": {UNIT},
    "reschedule": {APPLICANT, UNIT},
    "report_failed_visit": {UNIT},
    "serve": {UNIT},
    "give_one_time_notice": {UNIT},
    "report_outcome": {UNIT},
    "deliver": {UNIT},
    "close": {WINDOW, UNIT},
    "withdraw": {APPLICANT, WINDOW},
    "file_registration_form": {UNIT},
    "archive": {WINDOW, UNIT},
    "correct": {APPLICANT, WINDOW, UNIT},
}


#: The rules of a correction; all but these stand in ``rules``.
CORRECTION: dict[str, Broken] = {
    name: (name, "9", "I-6")
    for name in (
        "entry_exists",
        "reason_given",
        "fields_correctable",
        "corrected_history_allowed",
        "state_unchanged",
        "author_of_entry",
    )
}


# === the answer ==================================================================================


@frozen(kw_only=True)
class Verdict:
    """``answer`` is ``allowed`` or one of invalid, not_found, not_allowed, wrong_role, refused.

    Refused: ``broken`` is every unmet rule. Allowed: the ``state`` reached, the ``result`` of a
    case that ended, and the findings: the entry's own, or what the case newly has by a correction
    (R-5). ``conflict`` is a store's answer.
    """

    answer: str
    broken: frozenset[Broken] = frozenset()
    state: State | None = None
    result: Result | None = None
    findings: tuple[Late, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.answer == "allowed"


def judge(
    history: Sequence[Fact],
    command: Command,
    *,
    recorded_at: dt.datetime,
    regulation: Regulation,
    calendar: WorkingCalendar,
    directory: Directory | None = None,
    existing_cases: Collection[str] = (),
) -> Verdict:
    """What the standard says of ``command``, entered at ``recorded_at`` after ``history``."""
    units = () if directory is None else directory.units
    given = Given(regulation, {unit.name for unit in units if said(unit.phone)}, existing_cases)
    past = as_it_stands(history, regulation.catalogue)
    answer, broken = given.answer(history, past, command, recorded_at)
    if answer != "allowed":
        return Verdict(answer=answer, broken=frozenset(broken))
    if isinstance(command, Correct):
        after = as_it_stands([*history, Fact(command, recorded_at)], regulation.catalogue)
        had = Counter(late_in(past, regulation, calendar))
        findings = list((Counter(late_in(after, regulation, calendar)) - had).elements())
    else:
        known = understood(command, past, regulation.catalogue)
        after = [*past, Entry(len(past) + 1, known, recorded_at)]
        found = late_in(after, regulation, calendar)
        findings = [finding for finding in found if finding.version == len(after)]
    return Verdict(
        answer=answer,
        state=state(after),
        result=result(after),
        findings=tuple(findings),
    )


@frozen
class Given:
    """What is given from outside the case, and how a command is judged by it."""

    regulation: Regulation
    telephones: Collection[str]
    existing_cases: Collection[str]

    def answer(
        self, history: Sequence[Fact], past: Past, command: Command, recorded_at: dt.datetime
    ) -> tuple[str, set[Broken]]:
        """The first of the six answers that fits, with every unmet rule of a refusal."""
        try:
            command = understood(command, past, self.regulation.catalogue)
            readable_beyond_types(command)
            if isinstance(command, Correct):
                self.read_anew(past, command)
        except (InvalidInput, Unknown):
            return "invalid", set()
        if not past and command.name != "apply":
            return "not_found", set()
        if state(past) not in FROM[command.name].split():
            return "not_allowed", set()
        if command.by.role not in BY[command.name]:
            return "wrong_role", set()
        broken = self.broken(past, command, recorded_at)
        if isinstance(command, Correct):
            broken |= self.unjust(history, past, command, recorded_at)
        return ("refused" if broken else "allowed"), broken

    def broken(self, past: Past, command: Command, recorded_at: dt.datetime) -> set[Broken]:
        """Every rule of the move, and of order and time, that is not met."""
        act = Act(past, command, recorded_at, self.regulation, self.telephones, self.existing_cases)
        rules = {**RULES.get(command.name, {}), **RULES["*"]}
        return {rule for rule, met in rules.items() if not met(act)}

    # --- 9, I-6 ---------------------------------------------------------------------------------

    def read_anew(self, past: Past, command: Correct) -> None:
        """InvalidInput or Unknown where the entry could not have carried what it is to say."""
        entry = entry_named(past, command)
        if entry is not None and may_be_corrected(command, entry):
            right = with_fields(entry.said, command.fields)
            before = past[: entry.version - 1]
            readable_beyond_types(understood(right, before, self.regulation.catalogue))

    def unjust(
        self, history: Sequence[Fact], past: Past, command: Correct, recorded_at: dt.datetime
    ) -> set[Broken]:
        """The rules of a correction that are not met."""
        rules: set[str] = set()
        if not said(command.reason):
            rules.add("reason_given")
        entry = entry_named(past, command)
        if entry is None:
            rules.add("entry_exists")
        else:
            if not may_have_made(command, entry):
                rules.add("author_of_entry")
            if may_be_corrected(command, entry):
                rules |= self.retried(history, past, Fact(command, recorded_at), entry)
            else:
                rules.add("fields_correctable")
        return {CORRECTION[rule] for rule in rules}

    def retried(
        self, history: Sequence[Fact], past: Past, correction: Fact, wrong: Entry
    ) -> set[str]:
        """The whole history tried again, as if the entry had read so from the first: up to the
        first entry that could not stand, or that would have led elsewhere (from there on it is
        another history)."""
        trial = [*history, correction]
        try:
            anew = as_it_stands(trial, self.regulation.catalogue)[: len(past)]
        except Unknown:  # a later entry names an item that the case no longer has
            return {"corrected_history_allowed"}
        was, reached = states(past), states(anew)
        for n, entry in enumerate(anew):
            if n + 1 >= wrong.version and not self.as_then(past, anew, n).allows(anew[:n], entry):
                return {"corrected_history_allowed"}
            if reached[n] is not was[n]:
                return {"state_unchanged"}
        return set()

    def allows(self, past: Past, entry: Entry) -> bool:
        """Whether an entry may stand after these."""
        if isinstance(entry.said, Correct):
            return not self.broken(past, entry.said, entry.recorded_at)
        return self.answer((), past, entry.said, entry.recorded_at)[0] == "allowed"

    def as_then(self, past: Past, anew: Past, n: int) -> Given:
        """R-15: what stands outside the case counts as it did when the entry was made."""
        told = past[n].said
        if (
            told.name == "apply"
            and told.follows is not None
            and told.follows == anew[n].said.follows
        ):
            return evolve(self, existing_cases=(told.follows,))
        if isinstance(told, FileRegistrationForm):
            return evolve(self, telephones={*self.telephones, *telephones_of(past[:n], told)})
        return self


def readable_beyond_types(command: Command) -> None:
    """``blank`` names fields of table B.1 and no other."""
    if isinstance(command, FileRegistrationForm) and not set(command.blank) <= {*TABLE_B1}:
        raise Unknown


def entry_named(past: Past, command: Correct) -> Entry | None:
    """I-6: an entry other than a correction."""
    found = [e for e in past if e.version == command.entry and e.name != "correct"]
    return found[0] if found else None


def may_be_corrected(command: Correct, entry: Entry) -> bool:
    """I-6: something that the entry has, and neither ``by``, ``case`` nor ``id`` (when it was
    entered and what it was are no fields of it); null only for what may be left out."""
    kept = {"by", "case", "id"}
    return bool(command.fields) and all(
        name not in kept
        and has_field(type(entry.said), name)
        and (value is not None or may_be_left_out(type(entry.said), name))
        for name, value in command.fields.items()
    )


def may_have_made(command: Correct, entry: Entry) -> bool:
    """I-6: whoever could have made that entry, of the same unit."""
    return command.by.role in BY[entry.name] and command.by.acting_unit == entry.unit


def telephones_of(past: Past, form: FileRegistrationForm) -> set[str]:
    """R-15: what a filed form had from the directory: it was whole, so a telephone that neither
    the staff nor a stated reason accounts for was there."""
    told = {member.unit for member in appointed_staff(past) if said(member.phone)}
    excused = {field for field, why in form.blank.items() if said(why)}
    head = lead(past)
    return {
        unit
        for unit in set(visited(past)) - told
        if ("lead_phone" if unit == head else "assisting_phones") not in excused
    }

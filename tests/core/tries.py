"""Commands to try on a case: every one of the twenty, ordinary or with something wrong.

An ordinary command would be accepted if it were its turn. A varied one has one to three of its
fields changed to what a guard must see: absent, blank, doubled, somebody else's, too early.
`road` walks one case from its application on and tries many of both at every step; everything
follows from its seed.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import attrs
from attrs import frozen

from onsite_workflow import (
    DB4209_T_32_2023,
    MOVES,
    Applicant,
    Case,
    Cause,
    Command,
    Decision,
    Directory,
    InvalidInput,
    ItemResult,
    OnsiteWorkflowError,
    OutstandingItem,
    Regulation,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    State,
    TransferNotice,
    Unit,
    UnitRole,
    decide,
    evolve,
)
from onsite_workflow.procedure import COMMANDS

from . import build
from .build import (
    APPLICANT,
    ASSISTING,
    CALENDAR,
    CARD,
    ENROLMENT,
    LEAD,
    RENEWAL,
    STRANGER,
    THIRD,
    WINDOW,
    item,
    notice,
    of,
)

T = TypeVar("T")

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
PAUSES = (0 * DAY, MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 9 * DAY)
UNITS = (LEAD, ASSISTING, THIRD, STRANGER)
CLAIM = "无障碍改造补贴申请"  # not of Annex A (5.2)
TWICE = "异地安置退休人员备案"  # Annex A prints it in rows 7 and 13
ITEMS = (RENEWAL, CARD, ENROLMENT, CLAIM)
OLD_CASE = "XN-2024-0001"

# What is applied for, and who gets a notice of what: alone, two, three; shared with the lead.
SHAPES: tuple[tuple[TransferNotice, ...], ...] = (
    (notice(LEAD, RENEWAL),),
    (notice(LEAD, RENEWAL), notice(ASSISTING, CARD)),
    (notice(LEAD, RENEWAL), notice(ASSISTING, CARD), notice(THIRD, ENROLMENT, CLAIM)),
    (notice(LEAD, RENEWAL, CARD), notice(ASSISTING, CARD), notice(THIRD, CARD, ENROLMENT)),
    (notice(LEAD, RENEWAL), notice(ASSISTING, RENEWAL)),
)


class Tries:
    """The tries on one case. ``now`` is when the next entry is made; ``pause`` moves it on."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.now = build.at("2025-09-12 09:00") + self.pick(PAUSES)
        self.shape = self.pick(SHAPES)

    def pick(self, choices: Sequence[T]) -> T:
        return self._random.choice(choices)

    def once_in(self, times: int) -> bool:
        return self._random.randrange(times) == 0

    def some(self, choices: Sequence[T]) -> tuple[T, ...]:
        return tuple(self._random.sample(choices, self._random.randint(0, len(choices))))

    def pause(self) -> None:
        self.now += self.pick(PAUSES)

    def happened(self) -> dt.datetime:
        return self.now - self.pick(PAUSES[:5]) * self.pick((0, 1))

    # --- ordinary -------------------------------------------------------------------------------

    def ordinary(self, name: str, case: Case | None) -> Command:
        """The command as an office would give it to this case, if it were its turn."""
        lead = of((case.lead if case is not None else None) or LEAD)
        visitors = (case.visiting_units if case is not None else ()) or (lead.unit or LEAD,)
        came = case.visit.staff if case is not None and case.visit is not None else ()
        start = self.now + self.pick(PAUSES[1:6])
        if case is not None and case.appointment is not None:
            start = case.appointment.start
        arrived = start + self.pick((-MINUTE, 0 * MINUTE, MINUTE, HOUR))
        promised = self.pick((None, (self.now + self.pick(PAUSES)).date()))
        noticed = self.pick((case.promised_items if case is not None else ()) or (RENEWAL,))
        declined = [n.unit for n in case.notices if n.declined] if case is not None else []
        unit = self.pick([n.unit for n in case.notices] if case and case.notices else [LEAD])
        made: dict[str, Callable[[], Command]] = {
            "apply": lambda: build.apply(items=[self._claimed(key) for key in self._keys()]),
            "transfer": lambda: build.transfer(*self.shape),
            "reassign": lambda: build.reassign(unit, notice=self._replacing(case, unit)),
            "acknowledge": lambda: build.acknowledge(unit),
            "accept": lambda: build.accept(unit),
            "decline": lambda: build.decline(unit),
            "designate_lead": lambda: build.designate_lead(unit),
            "explain_refusal": lambda: build.explain_refusal(self.pick(declined or [unit])),
            "schedule": lambda: build.schedule(
                *visitors,
                by=lead,
                start=self.now + self.pick(PAUSES[1:6]),
                staff=[
                    attrs.evolve(member, phone=self.pick((member.phone, member.phone, None)))
                    for member in build.staff(*visitors)
                ],
            ),
            "reschedule": lambda: build.reschedule(
                by=self.pick((APPLICANT, lead)), start=self.now + self.pick(PAUSES[1:6])
            ),
            "report_failed_visit": lambda: build.report_failed_visit(
                self.pick(tuple(Cause)), by=lead, note=self.pick((None, "门锁着。"))
            ),
            "serve": lambda: build.serve(
                *visitors,
                by=lead,
                arrived_at=arrived,
                left_at=arrived + HOUR,
                results=[
                    ItemResult(item=key, completed=self.pick((True, False)))
                    for key in (case.accepted_items if case is not None else (RENEWAL,))
                ],
            ),
            "give_one_time_notice": lambda: build.give_one_time_notice(
                by=lead,
                outstanding=[
                    OutstandingItem(item=key, needed=("照片",), expected_by=promised)
                    for key in (case.outstanding_items if case is not None else ())
                ],
            ),
            "report_outcome": lambda: build.report_outcome(
                noticed, by=lead, to_deliver=self.pick(((), ("证件",)))
            ),
            "deliver": lambda: build.deliver(self.pick((noticed, None)), by=lead),
            "close": lambda: build.close(by=self.pick((lead, WINDOW))),
            "withdraw": lambda: build.withdraw(by=self.pick((APPLICANT, WINDOW))),
            "file_registration_form": lambda: build.file_registration_form(
                *dict.fromkeys(member.unit for member in came),
                by=lead,
                blank=self.pick(({}, {"lead_phone": "检修。", "assisting_phones": "检修。"})),
            ),
            "archive": lambda: build.archive(by=lead if came else WINDOW),
            "correct": lambda: self._correction(case),
        }
        return attrs.evolve(made[name](), at=self.happened())

    def _keys(self) -> list[str]:
        return list(dict.fromkeys(key for given in self.shape for key in given.items))

    def _claimed(self, key: str) -> ServiceItem:
        return ServiceItem(name=CLAIM, ground="需上门勘查") if key == CLAIM else item(key)

    def _replacing(self, case: Case | None, unit: str) -> TransferNotice:
        old = next((n for n in case.notices if n.unit == unit), None) if case is not None else None
        given = self.pick(
            [u for u in UNITS if case is None or u not in {n.unit for n in case.notices}]
            or [STRANGER]
        )
        number = f"改〔2025〕{case.version if case is not None else 0}"
        role, keys = (old.role, old.items) if old is not None else (UnitRole.LEAD, (RENEWAL,))
        return TransferNotice(number=number, unit=given, role=role, items=keys)

    def _correction(self, case: Case | None) -> Command:
        if case is None:
            return build.correct(1, {"reason": "改写"})
        entry = self.pick(case.history)
        command = COMMANDS[COMMAND_OF[entry.name]]
        fields: dict[str, Any] = {"at": entry.at + self.pick((-DAY, -MINUTE, 0 * DAY, MINUTE, DAY))}
        others = [f.name for f in attrs.fields(command) if f.name in self._pool(case)]
        for name in self.some([n for n in others if n not in ("at", "by", "entry", "fields")])[:1]:
            fields = {name: self.pick(self._pool(case)[name])}
        if command.name == "transfer" and self.once_in(2):
            # another unit would have had to reply, or one fewer
            more = (*self.shape, notice(STRANGER, RENEWAL))
            fields = {"notices": self.pick((more, self.shape, self.shape[:-1]))}
        return build.correct(entry.version, fields, by=entry.by)

    # --- varied ---------------------------------------------------------------------------------

    def commands(self, case: Case | None, in_turn: Sequence[str]) -> Iterator[Command]:
        """Of each command whose turn it is one ordinary and some varied, and one of any other."""
        for name in (*in_turn, self.pick(tuple(COMMANDS))):
            for n in range(12 if name == "apply" and case is None else 3):
                try:
                    command = self.ordinary(name, case)
                    yield command if n == 0 else self.varied(command, case)
                except InvalidInput:  # such a command can't be made
                    continue

    def varied(self, command: Command, case: Case | None) -> Command:
        """The same with one to three fields changed."""
        pool = self._pool(case)
        known = [f.name for f in attrs.fields(type(command)) if f.name in pool]
        changed = {
            name: self.pick(pool[name]) for name in self.some(known)[: self.pick((1, 1, 2, 3))]
        }
        return attrs.evolve(command, **changed)

    def _pool(self, case: Case | None) -> dict[str, Sequence[Any]]:
        """For each field, values that a guard may be asked about."""
        texts, blanks = ("说明。",), (None, "", " \n", "\u2800")
        units = (*UNITS, None, "", "孝南区档案馆")
        keys = (*ITEMS, "A.5.3", "残疾人证换领")
        staff = [StaffMember(name="陈志远", unit=unit) for unit in UNITS]
        near = [self.now + self.pick((-1, 1)) * pause for pause in PAUSES]
        near.append(build.at("2023-06-30 23:59"))  # no edition is in force (1)
        if case is not None and case.appointment is not None:
            near += [case.appointment.start + gap for gap in (-DAY, -MINUTE, 0 * DAY, MINUTE)]
        if case is not None:
            near += [entry.at for entry in case.history[-3:]]
        return {
            "at": near,
            "by": (APPLICANT, WINDOW, *map(of, UNITS)),
            "applicant": (None, Applicant(name="王秀兰"), Applicant(name="王秀兰", phone=" ")),
            "address": (*blanks, *texts),
            "ground": (None, SpecialGroup.OTHER, SpecialGroup.ILL),
            "circumstances": (*blanks, *texts),
            "reason": (*blanks, *texts),
            "items": (
                (),
                (item(RENEWAL), item(RENEWAL)),
                (ServiceItem(name=CLAIM),),
                (ServiceItem(name=CLAIM, ground="需"), ServiceItem(name=CLAIM, ground="需")),
                (ServiceItem(name="残疾人证换领"), item(RENEWAL)),
                (item("A.99.1"),),
                (ServiceItem(name=TWICE, ground="需上门"),),
                *(tuple(map(self._claimed, self.some(ITEMS))) for _ in range(3)),
            ),
            "follows": (None, OLD_CASE, "XN-404", build.CASE),
            "notices": ((), *(self._notices(keys) for _ in range(8))),
            "from_unit": units,
            "notice": (None, *(self._one_notice(keys) for _ in range(6))),
            "alternatives": ((), ("",), ("", "网上办理。")),
            "unit": units,
            "channel": (*blanks, "电话"),
            "explained_to": (*blanks, "王秀兰"),
            "start": (None, *near),
            "place": (*blanks, *texts),
            "materials": (None, (), ("",), ("身份证",)),
            "staff": ((), *(self.some(staff) for _ in range(6))),
            "cause": (None, *Cause),
            "note": (*blanks, *texts),
            "arrived_at": (None, *near),
            "left_at": (None, *near),
            "forms_completed": (None, True, False),
            "results": ((), *(tuple(self._results(keys)) for _ in range(6))),
            "outstanding": ((), *(tuple(self._lines(keys)) for _ in range(6))),
            "item": (None, *keys, "A.99.1"),
            "outcome": (*blanks, *texts),
            "to_deliver": ((), ("",), ("证件",)),
            "received_by": (*blanks, "王秀兰"),
            "summary": (*blanks, *texts),
            "signatures": ((), *(tuple(self._signatures()) for _ in range(4))),
            "recipient_opinion": (*blanks, *texts),
            "blank": ({}, *({field: self.pick((" ", "无。"))} for field in BLANKS)),
            "archive_number": (*blanks, "档〔2025〕1"),
            "entry": (None, -1, 0, 1, 2, 3, 5, 8, 99),
            "fields": (
                {},
                {"by": APPLICANT},
                {"recorded_at": self.now},
                {"id": "x", "at": self.now},
                {"colour": "红"},
                {"at": None},
                {"reason": None},
                {"circumstances": None},
            ),
        }

    def _one_notice(self, keys: Sequence[str]) -> TransferNotice:
        return TransferNotice(
            number=self.pick((None, "", "转1", "转2", "转3", f"转〔2025〕{LEAD}")),
            unit=self.pick(UNITS),
            role=self.pick(tuple(UnitRole)),
            items=self.some(keys),
        )

    def _notices(self, keys: Sequence[str]) -> tuple[TransferNotice, ...]:
        return tuple(self._one_notice(keys) for _ in range(self.pick((1, 2, 3))))

    def _results(self, keys: Sequence[str]) -> Iterator[ItemResult]:
        for key in self.some(keys):
            yield ItemResult(item=key, completed=self.pick((True, False)))

    def _lines(self, keys: Sequence[str]) -> Iterator[OutstandingItem]:
        for key in self.some(keys):
            yield OutstandingItem(item=key, needed=self.pick(((), (" ",), ("照片",))))

    def _signatures(self) -> Iterator[Signature]:
        for unit in self.some(UNITS):
            yield Signature(name="陈志远", unit=unit)


BLANKS = (
    *("lead_phone", "assisting_phones", "recipient_opinion", "summary", "item_contents"),
    *("handler_signatures", "served_at", "opinion"),
)
COMMAND_OF = {
    "applied": "apply",
    "transferred": "transfer",
    "reassigned": "reassign",
    "acknowledged": "acknowledge",
    "accepted": "accept",
    "declined": "decline",
    "lead_designated": "designate_lead",
    "refusal_explained": "explain_refusal",
    "scheduled": "schedule",
    "rescheduled": "reschedule",
    "visit_failed": "report_failed_visit",
    "served": "serve",
    "one_time_notice_given": "give_one_time_notice",
    "outcome_reported": "report_outcome",
    "delivered": "deliver",
    "closed": "close",
    "withdrawn": "withdraw",
    "registration_form_filed": "file_registration_form",
    "archived": "archive",
    "corrected": "correct",
}


# --- one case, and all that is tried on it -------------------------------------------------------

#: One unit's telephone is known to the directory, another's is not.
DIRECTORIES = (
    Directory(),
    Directory([Unit(name=LEAD, phone="0712-2000101"), Unit(name=ASSISTING), Unit(name=THIRD)]),
)


@frozen(kw_only=True)
class Try:
    """A command put to a case at a step of its road, and all that it is judged by."""

    case: Case | None
    history: tuple[tuple[Command, dt.datetime], ...]
    command: Command
    recorded_at: dt.datetime
    regulation: Regulation
    directory: Directory
    existing_cases: tuple[str, ...]

    def decided(self) -> Decision | OnsiteWorkflowError:
        """What the library says."""
        try:
            return decide(
                self.case,
                self.command,
                recorded_at=self.recorded_at,
                regulation=self.regulation,
                calendar=CALENDAR,
                directory=self.directory,
                existing_cases=self.existing_cases,
            )
        except OnsiteWorkflowError as answer:
            return answer


def road(
    seed: int, *, regulation: Regulation = DB4209_T_32_2023, steps: int = 24
) -> Iterator[tuple[Try, Decision | OnsiteWorkflowError]]:
    """Every try on one case, with what the library said. Of those it allows, one is followed."""
    tries = Tries(seed)
    case: Case | None = None
    history: tuple[tuple[Command, dt.datetime], ...] = ()
    for _ in range(steps):
        state = State.NONE if case is None else case.state
        allowed: list[tuple[Try, Decision]] = []
        for command in tries.commands(case, [c.name for s, c in MOVES if s is state]):
            attempt = Try(
                case=case,
                history=history,
                command=command,
                recorded_at=tries.now - (HOUR if tries.once_in(8) else 0 * HOUR),
                regulation=regulation,
                directory=DIRECTORIES[seed % 2],
                existing_cases=(OLD_CASE,) if case is None else (OLD_CASE, case.id),
            )
            said = attempt.decided()
            yield attempt, said
            if isinstance(said, Decision):
                allowed.append((attempt, said))
        if allowed:
            attempt, decision = tries.pick(_likely(tries, allowed, state))
            history = (*history, (attempt.command, attempt.recorded_at))
            case = evolve(case, decision.events[0])
        tries.pause()


Step = tuple[Try, Decision]


def _likely(tries: Tries, allowed: list[Step], state: State) -> list[Step]:
    """Where to go on from: mostly on to another state, rarely to the end by withdrawal."""
    if tries.once_in(8):
        return allowed
    forward = [t for t in allowed if t[0].command.name not in ("withdraw", "correct")]
    on = [t for t in forward if t[1].events[0].state is not state]
    return (on if tries.once_in(2) else forward) or forward or allowed

"""What can be asked of a case next, as it should be and wrong in one thing at a time.

``proposals(case, now=...)`` gives for each of the twenty commands what an office would send from
here, every reply, result and cause apart; then the same with one thing wrong each (no reason, a
unit's staff missing, another role, a second too early, ...), so that every guard is made true and
false, each alone where it can be. Nothing here is read from the table: a command is proposed in
every state, and whether it is allowed is for ``decide`` to say.

The explorer tries all of them; ``commands_for`` draws from them. Everybody in them is invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any, Final, get_type_hints

import attrs

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.checks import SHANGHAI, local_day
from onsite_workflow.clause7 import commands as c
from onsite_workflow.clause7 import events as e
from onsite_workflow.clause7.case import Case, Notice
from onsite_workflow.clause7.procedure import CASE, COMMANDS
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.errors import InvalidInput
from onsite_workflow.regulation import Regulation
from onsite_workflow.terms import (
    Actor,
    Applicant,
    Cause,
    ItemResult,
    OutstandingItem,
    Recipient,
    Role,
    ServiceItem,
    Signature,
    SpecialGroup,
    StaffMember,
    TransferNotice,
    UnitRole,
)

from .explorable import Proposal

__all__ = [
    "FOLLOWED",
    "SHAPES",
    "UNITS",
    "around_the_limit",
    "checked_units",
    "proposals",
    "usual_start",
]

SECOND, MINUTE, DAY = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(days=1)

#: A Friday before a Sunday that is worked and a holiday of eight days.
_FRIDAY: Final = dt.date(2025, 9, 26)

#: The handling units: as many as a case may need, one to reassign to, one that has no notice.
UNITS: Final = ("虚构残联", "虚构人社局", "虚构医保局", "虚构卫健局", "虚构公汽公司")

#: A case that another one may follow (I-10).
FOLLOWED: Final = "FOLLOWED-1"

#: Who is given which items, the lead first: item numbers a unit. By the number of units.
SHAPES: Final[Mapping[int, tuple[tuple[tuple[int, ...], ...], ...]]] = {
    1: (((0,),), ((0, 1),)),
    2: (((0,), (1,)), ((0, 1), (1,))),
    3: (((0,), (1,), (2,)), ((0,), (0,), (0,))),
}

APPLICANT: Final = Actor(role=Role.APPLICANT, name="甲某")
WINDOW: Final = Actor(role=Role.INTEGRATED_WINDOW, name="窗口某")
_ADDRESS: Final = "虚构街道1号"
_BLANK: Final = " "


def checked_units(units: Iterable[int]) -> tuple[int, ...]:
    """Numbers of units that there are ``SHAPES`` for. ``InvalidInput`` where there are none."""
    if not isinstance(units, Iterable) or isinstance(units, str | bytes):
        raise InvalidInput.of(
            "units", "wrong_type", "应为一列数目，如 (1, 2)。", "must be numbers such as (1, 2)."
        )
    given = tuple(units)
    if not given:
        raise InvalidInput.of("units", "required", "不能为空。", "must not be empty.")
    for index, number in enumerate(given):
        if type(number) is not int or number not in SHAPES:
            raise InvalidInput.of(
                f"units[{index}]", "out_of_range", "应为1、2或者3。", "must be 1, 2 or 3."
            )
    return given


def usual_start(regulation: Regulation, calendar: WorkingCalendar) -> dt.datetime:
    """When a first case is applied for, so that limits run over a long holiday: on a Friday before one
    where the edition is in force then, otherwise on the last working day before the edition's first
    holiday of a week, otherwise on its first day."""
    day = _FRIDAY if regulation.in_force_on(_FRIDAY) else _eve(regulation, calendar)
    return dt.datetime.combine(day or regulation.in_force_from, dt.time(9), SHANGHAI)


def _eve(regulation: Regulation, calendar: WorkingCalendar) -> dt.date | None:
    first = max(regulation.in_force_from, calendar.first_day)
    for n in range(400):  # there is one in every year
        day = first + n * DAY
        week = (calendar.is_working_day(day + m * DAY) for m in range(1, 8))
        if regulation.in_force_on(day) and calendar.is_working_day(day) and not any(week):
            return day
    return None


def of(unit: str) -> Actor:
    """Somebody of that handling unit."""
    return Actor(role=Role.HANDLING_UNIT, name="经办某", unit=unit)


def staff(units: Iterable[str], *, phones: bool = True) -> tuple[StaffMember, ...]:
    """One of each unit."""
    phone = "0712-2000301" if phones else None
    return tuple(StaffMember(name="上门某", unit=unit, phone=phone) for unit in units)


def items(count: int, regulation: Regulation) -> tuple[ServiceItem, ...]:
    """The first of the catalogue, one claimed under 5.2, the second of the catalogue."""
    printed = [ServiceItem(id=item.id) for item in islice(regulation.catalogue, 2)]
    claimed = [ServiceItem(name=f"虚构事项{n}", ground="须上门办理。") for n in range(3)]
    return tuple([*printed[:1], claimed[0], *printed[1:], *claimed[1:]][:count])


def proposals(
    case: Case | None,
    *,
    now: dt.datetime,
    regulation: Regulation = DB4209_T_32_2023,
    units: Iterable[int] = (1, 2, 3),
    case_id: str = "PROPOSED-1",
) -> Mapping[type[c.Command], Iterator[Proposal]]:
    """For each command what can be asked next of ``case`` (None: before it is opened).

    ``now`` is when the next entry is made, not before the latest one. The first proposal of a
    command is what an office would send. ``units`` are the numbers of units that a case may be
    transferred to, 1 to 3; ``case_id`` names the case that is opened. ``InvalidInput`` where there are
    no such numbers.
    """
    desk = _Desk(case, now, regulation, checked_units(units), case_id)
    return {command: desk.about(command) for command in COMMANDS.values()}


class _Desk:
    """All that may be sent at one moment."""

    def __init__(
        self,
        case: Case | None,
        now: dt.datetime,
        regulation: Regulation,
        units: tuple[int, ...],
        case_id: str,
    ) -> None:
        self._case = case
        self.now = now
        self.regulation = regulation
        self.shapes = tuple(shape for n in units for shape in SHAPES[n])
        self.id = case_id if case is None else case.id
        self.noticed = () if case is None else tuple(n.unit for n in case.notices)
        self.stranger = next(unit for unit in UNITS if unit not in self.noticed)
        self.lead = of((None if case is None else case.lead) or UNITS[0])
        self.others = tuple(unit for unit in self.noticed if unit != self.lead.unit)

    @property
    def case(self) -> Case:
        assert self._case is not None
        return self._case

    # --- making them ---

    def say(
        self,
        command: type[c.Command],
        by: Actor,
        *,
        wrong: str | None = None,
        at: dt.datetime | None = None,
        recorded_at: dt.datetime | None = None,
        **fields: Any,
    ) -> Proposal:
        entered = recorded_at or self.now
        made = command(case=self.id, at=at or entered, by=by, **fields)
        return Proposal(command=made, recorded_at=entered, wrong=wrong)

    @staticmethod
    def but(proposal: Proposal, wrong: str | None, **changes: Any) -> Proposal:
        """The same with something else about it."""
        return attrs.evolve(
            proposal, command=attrs.evolve(proposal.command, **changes), wrong=wrong
        )

    def without_text(self, proposal: Proposal, *names: str) -> Iterator[Proposal]:
        """The same without one of these texts, and with a blank one."""
        for name in names:
            yield self.but(proposal, f"no {name}", **{name: None})
            yield self.but(proposal, f"blank {name}", **{name: _BLANK})

    def about(self, command: type[c.Command]) -> Iterator[Proposal]:
        if self._case is None and command is not c.Apply:
            # There is nothing to be right or wrong about yet.
            yield from (self.say(command, by, **_bare(command)) for by in (WINDOW, self.lead))
            return
        made = getattr(self, command.name, None)
        ordinary: Iterator[Proposal] = self.texts(command) if made is None else made()
        first = next(ordinary)
        yield first
        yield from self.in_other_roles(first)
        yield from self.at_other_times(first)
        yield from ordinary

    def texts(self, command: type[c.Command]) -> Iterator[Proposal]:
        """For a command that has no method of its own here: all its texts told, then each left out.
        One that asks for more than texts wants its own."""
        kinds = get_type_hints(command)
        own = [name for name in CASE.fields[command] if name != "case"]
        told: dict[str, Any] = {n: "某" for n in own if kinds[n] in (str, str | None)}
        first = self.say(command, WINDOW, **told)
        yield first
        yield from self.without_text(first, *(name for name in told if kinds[name] is not str))

    def in_other_roles(self, proposal: Proposal) -> Iterator[Proposal]:
        by = proposal.command.by
        for other in (APPLICANT, WINDOW, self.lead, *map(of, self.others), of(self.stranger)):
            if (other.role, other.unit) != (by.role, by.unit):
                yield self.but(proposal, f"by {other.unit or other.role}", by=other)

    def at_other_times(self, proposal: Proposal) -> Iterator[Proposal]:
        """I-15: before what made it possible, after it was entered, entered out of order."""
        at, entered = proposal.command.at, proposal.recorded_at
        yield self.but(proposal, "happened after it was entered", at=entered + SECOND)
        if self._case is None:
            return
        early = self.case.recorded_at - SECOND
        for moment in dict.fromkeys((min(at, early), min(self.case.changed_at, early))):
            moved = self.but(proposal, "entered out of order", at=moment)
            yield attrs.evolve(moved, recorded_at=early)
        for moment in dict.fromkeys((self.case.changed_at, *self.causes(proposal.command))):
            if moment <= at:
                yield self.but(proposal, None, at=moment)
                yield self.but(proposal, "happened too early", at=moment - SECOND)

    def causes(self, command: c.Command) -> Iterator[dt.datetime]:
        """What I-15 says made it possible, where that is not the latest change of state or reply."""
        case = self.case
        match command:
            case c.Acknowledge() | c.Accept() | c.Decline():
                yield from (n.issued.at for n in case.notices if n.unit == command.by.unit)
            case c.ExplainRefusal():
                yield from (n.reply.at for n in case.notices if n.reply and n.unit == command.unit)
            case c.ReportOutcome() if case.one_time_notice is not None:
                yield case.one_time_notice.at
            case c.Deliver() | c.FileRegistrationForm() if case.visit is not None:
                yield case.visit.at
                yield from (outcome.at for outcome in case.outcomes)
            case _:
                pass

    # --- 7.1 ---

    def apply(self) -> Iterator[Proposal]:
        fields: dict[str, Any] = {
            "applicant": Applicant(name="甲某", phone="0712-2000302"),
            "address": _ADDRESS,
            "ground": SpecialGroup.DISABLED,
            "reason": "长期卧床。",
            "items": items(1, self.regulation),
        }
        first = self.say(c.Apply, APPLICANT, **fields)
        yield first
        if self._case is not None:
            return
        counts = {1 + max((i for unit in shape for i in unit), default=0) for shape in self.shapes}
        for count in sorted(counts - {1}):
            yield self.but(first, None, items=items(count, self.regulation))
        someone = Recipient(name="乙某", relation="母女")
        yield self.but(first, None, recipient=someone, by=WINDOW)
        other = {"ground": SpecialGroup.OTHER}
        yield self.but(first, None, **other, circumstances="独居。")
        yield self.but(first, None, follows=FOLLOWED)
        yield self.but(first, "no circumstances", **other)
        yield self.but(first, "blank circumstances", **other, circumstances=_BLANK)
        yield self.but(first, "no applicant", applicant=None)
        yield self.but(first, "no telephone", applicant=Applicant(name="甲某"))
        yield from self.without_text(first, "address", "reason")
        yield self.but(first, "no ground", ground=None)
        yield self.but(first, "no item", items=())
        two = items(2, self.regulation)
        bare = attrs.evolve(two[1], ground=None)
        yield self.but(first, "an item claimed without a ground", items=(bare,))
        yield self.but(first, "an item twice", items=(two[0], two[0]))
        yield self.but(first, "a claimed item twice", items=(two[1], two[1]))
        yield self.but(first, "an item of no catalogue", items=(ServiceItem(id="A.99.1"),))
        names = [item.name for item in self.regulation.catalogue]
        for name in names[:1]:
            yield self.but(first, None, items=(ServiceItem(name=name),))
        for name in [name for name in names if names.count(name) > 1][:1]:
            yield self.but(first, "a name printed twice", items=(ServiceItem(name=name),))
        yield self.but(first, "follows no case", follows="NOBODY-1")
        yield self.say(c.Apply, WINDOW, wrong="nothing at all")
        for day in (self.regulation.in_force_from - DAY, self.regulation.in_force_until):
            if day is not None:
                moment = dt.datetime.combine(day, dt.time(9), SHANGHAI)
                yield self.say(
                    c.Apply, APPLICANT, wrong="not in force", recorded_at=moment, **fields
                )

    # --- 7.2 ---

    def notices(self, shape: tuple[tuple[int, ...], ...]) -> tuple[TransferNotice, ...]:
        keys = [item.key for item in self.case.items]
        return tuple(
            TransferNotice(
                number=f"{self.id}-{n}",
                unit=UNITS[n],
                role=UnitRole.ASSISTING if n else UnitRole.LEAD,
                items=[keys[i] for i in numbers if i < len(keys)],
            )
            for n, numbers in enumerate(shape)
        )

    def transfer(self) -> Iterator[Proposal]:
        count = len(self.case.items)
        whole = tuple(range(count))
        fitting = [s for s in self.shapes if {i for unit in s for i in unit} == set(whole)]
        first = self.say(c.Transfer, WINDOW, notices=self.notices((fitting or [(whole,)])[0]))
        yield first
        for shape in fitting[1:]:
            yield self.but(first, None, notices=self.notices(shape))
        (lead,) = self.notices((whole,))
        other = attrs.evolve(lead, unit=UNITS[1], role=UnitRole.ASSISTING, number=f"{self.id}-1")
        third = attrs.evolve(other, unit=UNITS[2], number=f"{self.id}-2")
        empty = attrs.evolve(lead, items=())
        for wrong, given in {
            "no notice": (),
            "an item in no notice": (attrs.evolve(lead, items=lead.items[1:]),),
            "an item of another case": (attrs.evolve(lead, items=(*lead.items, "别的事项")),),
            "a unit twice": (lead, attrs.evolve(other, unit=lead.unit)),
            "two leads": (lead, attrs.evolve(other, role=UnitRole.LEAD)),
            "no lead": (other,),
            "shared without the lead": (empty, other, third),
            "no number": (attrs.evolve(lead, number=None),),
            "a blank number": (attrs.evolve(lead, number=_BLANK),),
            "a number twice": (lead, attrs.evolve(other, number=lead.number)),
        }.items():
            yield self.but(first, wrong, notices=given)

    def reassign(self) -> Iterator[Proposal]:
        case = self.case
        number = f"{case.id}-R{case.version}"

        def to_another(old: Notice, wrong: str | None = None, **changes: Any) -> Proposal:
            values: dict[str, Any] = {
                "number": number,
                "unit": self.stranger,
                "role": old.role,
                "items": old.items,
            }
            notice = TransferNotice(**(values | changes))
            return self.say(
                c.Reassign,
                WINDOW,
                wrong=wrong,
                from_unit=old.unit,
                notice=notice,
                reason="不属该单位职责。",
            )

        silent = [n for n in case.notices if n.reply is None]
        olds = silent or list(case.notices)
        if not olds:
            notice = TransferNotice(number=number, unit=UNITS[0], role=UnitRole.LEAD)
            yield self.say(
                c.Reassign, WINDOW, from_unit=UNITS[1], notice=notice, reason="不属职责。"
            )
            return
        first = to_another(olds[0])
        yield first
        yield from (to_another(old) for old in case.notices if old is not olds[0])
        old = olds[0]
        roles = {UnitRole.LEAD: UnitRole.ASSISTING, UnitRole.ASSISTING: UnitRole.LEAD}
        yield to_another(old, "another role", role=roles[old.role])
        yield to_another(old, "other items", items=(*old.items, "别的事项"))
        yield to_another(old, "an item less", items=old.items[1:])
        yield to_another(old, "a number that was used", number=old.number)
        yield to_another(old, "no number", number=None)
        for taken in self.noticed:
            yield to_another(old, "to a unit with a notice", unit=taken)
        if case.replaced_notices:
            yield to_another(old, "a replaced number", number=case.replaced_notices[0].number)
        yield from self.without_text(first, "reason")
        yield self.but(first, "no notice", notice=None)
        yield self.but(first, "from no unit", from_unit=None)
        yield self.but(first, "from a unit without a notice", from_unit=UNITS[-1])

    def _by_each_unit(
        self, command: type[c.Command], owed: Callable[[Notice], bool], **fields: Any
    ) -> Iterator[Proposal]:
        notices = sorted(self.case.notices, key=lambda notice: not owed(notice))
        for unit in [notice.unit for notice in notices] or [UNITS[0]]:
            yield self.say(command, of(unit), **fields)
        yield self.say(command, of(self.stranger), wrong="no notice", **fields)

    def acknowledge(self) -> Iterator[Proposal]:
        yield from self._by_each_unit(c.Acknowledge, lambda n: n.acknowledged is None)

    def accept(self) -> Iterator[Proposal]:
        yield from self._by_each_unit(c.Accept, lambda n: n.reply is None)

    # --- 7.2.2 ---

    def decline(self) -> Iterator[Proposal]:
        given: dict[str, Any] = {"reason": "须到现场。", "alternatives": ("预约周六专窗。",)}
        ordinary = self._by_each_unit(c.Decline, lambda n: n.reply is None, **given)
        first = next(ordinary)
        yield first
        yield from ordinary
        yield from self.without_text(first, "reason")
        yield self.but(first, "no alternative", alternatives=())
        yield self.but(first, "blank alternative", alternatives=(_BLANK,))
        yield self.but(first, "neither reason nor alternative", reason=None, alternatives=())

    def explain_refusal(self) -> Iterator[Proposal]:
        told: dict[str, Any] = {"channel": "电话", "explained_to": "甲某"}
        owed = [n.unit for n in self.case.notices if n.declined and n.explained is None]
        rest = [unit for unit in (*self.noticed, self.stranger) if unit not in owed]
        first: Proposal | None = None
        for unit in (*owed, *rest):
            proposal = self.say(c.ExplainRefusal, of(unit), unit=unit, **told)
            first = first or proposal
            yield proposal
            yield self.but(proposal, None, by=WINDOW)
        assert first is not None
        yield from self.without_text(first, "channel")
        yield self.but(first, "told nobody", explained_to=None)
        yield self.but(first, "of no unit", unit=None)
        yield self.but(first, "of no unit, by the window", unit=None, by=WINDOW)

    # --- 7.2.3 ---

    def designate_lead(self) -> Iterator[Proposal]:
        accepted = [n.unit for n in self.case.notices if n.accepted]
        rest = [unit for unit in (*self.noticed, self.stranger) if unit not in accepted]
        for unit in (*accepted, *rest):
            yield self.say(c.DesignateLead, WINDOW, unit=unit)
        yield self.say(c.DesignateLead, WINDOW, unit=None, wrong="no unit")

    # --- 7.2.1 ---

    @property
    def visiting(self) -> tuple[str, ...]:
        return self.case.visiting_units or (UNITS[0],)

    def without_each(self, units: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for absent in units:
            yield absent, tuple(unit for unit in units if unit != absent)

    def tomorrow(self, hour: int = 9) -> dt.datetime:
        day = local_day(self.now) + DAY
        return dt.datetime.combine(day, dt.time(hour, 30), SHANGHAI)

    def schedule(self) -> Iterator[Proposal]:
        first = self.say(
            c.Schedule,
            self.lead,
            start=self.tomorrow(),
            place=_ADDRESS,
            materials=("身份证",),
            staff=staff(self.visiting),
        )
        yield first
        yield self.but(
            first,
            None,
            materials=(),
            end=self.tomorrow(11),
            staff=staff([*self.visiting, self.stranger], phones=False),
        )
        yield self.but(first, "no start", start=None)
        yield self.but(first, "starts now", start=first.command.at)
        yield self.but(first, "starts before now", start=first.command.at - DAY)
        yield from self.without_text(first, "place")
        yield self.but(first, "no list of materials", materials=None)
        for absent, rest in self.without_each(self.visiting):
            yield self.but(first, f"nobody of {absent}", staff=staff(rest))

    def reschedule(self) -> Iterator[Proposal]:
        start = self.tomorrow(10)
        first = self.say(c.Reschedule, APPLICANT, reason="当日有事。", start=start)
        yield first
        yield self.but(first, None, by=self.lead)
        yield self.but(first, None, by=self.lead, staff=staff(self.visiting), place=_ADDRESS)
        yield from self.without_text(first, "reason")
        yield self.but(first, "no start", start=None)
        yield self.but(first, "starts now", start=first.command.at)
        for absent, rest in self.without_each(self.visiting):
            yield self.but(first, f"nobody of {absent}", staff=staff(rest))

    # --- 7.3 ---

    def report_failed_visit(self) -> Iterator[Proposal]:
        for cause in Cause:
            note = "门锁着。" if cause is Cause.OTHER else None
            yield self.say(c.ReportFailedVisit, self.lead, cause=cause, note=note)
        yield self.say(c.ReportFailedVisit, self.lead, wrong="no cause")
        yield self.say(
            c.ReportFailedVisit, self.lead, wrong="other without a note", cause=Cause.OTHER
        )

    def results(self) -> Iterator[tuple[ItemResult, ...]]:
        keys = self.case.accepted_items
        for done in product((True, False), repeat=len(keys)):
            yield tuple(
                ItemResult(item=key, completed=completed)
                for key, completed in zip(keys, done, strict=True)
            )

    def serve(self) -> Iterator[Proposal]:
        appointment = self.case.appointment
        start = self.now if appointment is None else appointment.start
        arrived = max(self.now, start)
        left = arrived + 30 * MINUTE
        every = list(self.results())
        first = self.say(
            c.Serve,
            self.lead,
            recorded_at=left,
            arrived_at=arrived,
            left_at=left,
            staff=staff(self.visiting, phones=False),
            forms_completed=True,
            results=every[0],
        )
        yield first
        for results in every[1:]:
            completed = any(result.completed for result in results)
            yield self.but(first, None, results=results, forms_completed=completed)
        for late in (start + MINUTE - SECOND, start + MINUTE):
            if late >= self.now:
                yield self.but(first, None, arrived_at=late)
        yield self.but(first, None, arrived_at=start, left_at=max(start, self.now))
        yield self.but(first, "no arrival", arrived_at=None)
        yield self.but(first, "no leaving", left_at=None)
        yield self.but(first, "left before they came", left_at=arrived - MINUTE)
        yield self.but(first, "not yet left", left_at=left + SECOND)
        yesterday = start - DAY
        yield self.but(first, "came the day before", arrived_at=yesterday, left_at=yesterday)
        for absent, rest in self.without_each(self.visiting):
            yield self.but(first, f"nobody of {absent}", staff=staff(rest, phones=False))
        foreign = ItemResult(item="别的事项", completed=False)
        yield self.but(first, "an item of another case", results=(*every[0], foreign))
        refused = [i.key for i in self.case.items if i.key not in self.case.accepted_items]
        for key in refused:
            result = ItemResult(item=key, completed=False)
            yield self.but(first, "an item that was declined", results=(*every[0], result))
        if every[0]:
            yield self.but(first, "an item without a result", results=every[0][1:])
            yield self.but(first, "two results", results=(*every[0], every[0][0]))
            yield self.but(first, "forms not filled in", forms_completed=False)
            yield self.but(first, "nothing said of the forms", forms_completed=None)

    # --- 7.4 ---

    def give_one_time_notice(self) -> Iterator[Proposal]:
        keys = self.case.outstanding_items
        lines = tuple(OutstandingItem(item=key, needed=("照片",)) for key in keys)
        promise = local_day(self.now) + 2 * DAY
        first = self.say(c.GiveOneTimeNotice, self.lead, outstanding=lines)
        yield first
        promised = tuple(attrs.evolve(line, expected_by=promise) for line in lines[:1])
        yield self.but(first, None, outstanding=(*promised, *lines[1:]))
        for n, line in enumerate(lines):
            rest = (*lines[:n], *lines[n + 1 :])
            yield self.but(first, "an item left out", outstanding=rest)
            bare = (*rest, attrs.evolve(line, needed=()))
            yield self.but(first, "an item without what is needed", outstanding=bare)
            yield self.but(first, "an item twice", outstanding=(*lines, line))
        foreign = OutstandingItem(item="别的事项", needed=("照片",))
        yield self.but(first, "an item of another case", outstanding=(*lines, foreign))

    def report_outcome(self) -> Iterator[Proposal]:
        case = self.case
        due = [key for key in case.promised_items if case.outcome_of(key) is None]
        rest = [item.key for item in case.items if item.key not in due]
        first: Proposal | None = None
        for key in (*due, *rest):
            proposal = self.say(
                c.ReportOutcome, self.lead, item=key, outcome="已办结。", channel="电话"
            )
            first = first or proposal
            yield proposal
            yield self.but(proposal, None, to_deliver=("证件",))
            for unit in self.others:
                yield self.but(proposal, None, by=of(unit))
        assert first is not None
        yield self.but(first, None, to_deliver=(_BLANK,))
        yield from self.without_text(first, "outcome")
        yield self.but(first, "no item", item=None)
        yield self.but(first, "an item of another case", item="别的事项")

    def deliver(self) -> Iterator[Proposal]:
        case = self.case
        given: dict[str, Any] = {"materials": ("证件",), "method": "上门", "received_by": "甲某"}
        due = [o.item for o in case.outcomes if o.to_deliver and not case.delivery_of(o.item)]
        rest = [item.key for item in case.items if item.key not in due]
        for key in (*due, None, *rest):
            proposal = self.say(c.Deliver, self.lead, item=key, **given)
            yield proposal
            for unit in self.others if key is not None else ():
                yield self.but(proposal, None, by=of(unit))
        first = self.say(c.Deliver, self.lead, item=due[0] if due else None, **given)
        yield self.but(first, "no materials", materials=())
        yield self.but(first, "blank materials", materials=(_BLANK,))
        yield self.but(first, "received by nobody", received_by=None)
        yield self.but(first, "an item of another case", item="别的事项")

    # --- closing ---

    def close(self) -> Iterator[Proposal]:
        yield self.say(c.Close, self.lead)
        yield self.say(c.Close, WINDOW)

    def withdraw(self) -> Iterator[Proposal]:
        first = self.say(c.Withdraw, APPLICANT, reason="家人可以代办。")
        yield first
        yield self.but(first, None, by=WINDOW)
        yield from self.without_text(first, "reason")

    # --- 6.3, 9 ---

    def file_registration_form(self) -> Iterator[Proposal]:
        visit = self.case.visit
        visited = self.visiting if visit is None else tuple(m.unit for m in visit.staff)
        signed = tuple(Signature(name="上门某", unit=unit) for unit in visited)
        first = self.say(
            c.FileRegistrationForm,
            self.lead,
            summary="已办。",
            signatures=signed,
            recipient_opinion="满意。",
            blank={"lead_phone": "未登记。", "assisting_phones": "未登记。"},
        )
        yield first
        why = {"recipient_opinion": "服务对象不便填写。", **first.command.blank}
        yield self.but(first, None, recipient_opinion=None, blank=why)
        yield from self.without_text(first, "summary")
        yield self.but(first, "no opinion and no reason why", recipient_opinion=None)
        no_reason = {**why, "recipient_opinion": _BLANK}
        yield self.but(first, "no opinion, a blank reason", recipient_opinion=None, blank=no_reason)
        yield self.but(first, "nobody signed", signatures=())
        stranger = Signature(name="上门某", unit=self.stranger)
        for n, signature in enumerate(signed):
            rest = (*signed[:n], *signed[n + 1 :], stranger)
            yield self.but(first, f"not signed by {signature.unit}", signatures=rest)

    def archive(self) -> Iterator[Proposal]:
        by = WINDOW if self.case.visit is None else self.lead
        first = self.say(c.Archive, by, archive_number=f"档-{self.id}", keeper="保管某")
        yield first
        yield from self.without_text(first, "archive_number")

    # --- I-6 ---

    def correct(self) -> Iterator[Proposal]:
        def mend(
            entry: int | None, by: Actor, fields: Mapping[str, Any], wrong: str | None = None
        ) -> Proposal:
            return self.say(c.Correct, by, wrong=wrong, entry=entry, fields=fields, reason="笔误。")

        history = self.case.history
        opening = history[0]
        first = mend(1, opening.by, {"address": "虚构街道2号"})
        yield first
        yield self.but(first, "no reason", reason=None)
        yield self.but(first, "nothing to correct", fields={})
        yield self.but(first, "a field that entries do not have", fields={"state": "closed"})
        yield self.but(first, "a field that cannot be removed", fields={"address": None})
        yield self.but(first, None, fields={"circumstances": None})
        for entry in (None, 0, len(history) + 1):
            yield mend(entry, opening.by, {"address": "虚构街道2号"}, "no such entry")
        # Entries long past are corrected once a case is closed, the latest ones always.
        latest = {type(event): event for event in history}
        worth = history if self.case.closing is not None else history[-3:]
        for kind, event in latest.items():
            if all(event is not one for one in worth):
                continue
            if kind is e.Corrected:
                yield mend(event.version, event.by, {"reason": "笔误。"}, "of a correction")
                continue
            if event is history[-1]:
                yield mend(event.version, event.by, {"at": event.at - 30 * SECOND})
                yield mend(event.version, event.by, {"at": event.at - DAY}, "a day earlier")
            for fields in self.mendings(event):
                yield mend(event.version, event.by, fields)

    def mendings(self, event: e.Event) -> Iterator[Mapping[str, Any]]:
        """Values that an entry could have had instead: some fit what came later, some do not."""
        if isinstance(event, e.Applied):
            yield {"items": items(len(event.items) + 1, self.regulation)}
            yield {"ground": SpecialGroup.OTHER}
            yield {"reason": _BLANK}
        elif isinstance(event, e.Transferred):
            swapped = {UnitRole.LEAD: UnitRole.ASSISTING, UnitRole.ASSISTING: UnitRole.LEAD}
            renamed = [attrs.evolve(n, number=f"{n.number}-M") for n in event.notices]
            yield {"notices": tuple(renamed)}
            yield {"notices": tuple(attrs.evolve(n, role=swapped[n.role]) for n in event.notices)}
        elif isinstance(event, e.Declined):
            yield {"reason": "人手不足。", "alternatives": ("网上办理。",)}
            yield {"alternatives": ()}
        elif isinstance(event, e.RefusalExplained):
            yield {"unit": self.stranger}
        elif isinstance(event, e.LeadDesignated):
            yield from ({"unit": unit} for unit in self.others)
        elif isinstance(event, e.Scheduled | e.Rescheduled) and event.start is not None:
            yield {"start": event.start + MINUTE}
            yield {"start": event.start + DAY}
            yield {"start": event.at}
        elif isinstance(event, e.VisitFailed):
            yield {"cause": Cause.STAFF_ABSENT, "note": None}
            yield {"cause": Cause.SCHEDULED_IN_ERROR}
            yield {"cause": Cause.OTHER}
        elif isinstance(event, e.Served) and event.left_at is not None:
            yield {"arrived_at": event.left_at}
            yield {"left_at": event.left_at - MINUTE}
            yield {"left_at": event.recorded_at + MINUTE}
            flipped = [attrs.evolve(r, completed=not r.completed) for r in event.results]
            yield {"results": tuple(flipped), "forms_completed": True}
        elif isinstance(event, e.OneTimeNoticeGiven):
            promise = local_day(event.at) + DAY
            lines = [attrs.evolve(line, expected_by=promise) for line in event.outstanding]
            yield {"outstanding": tuple(lines)}
            yield {"outstanding": ()}
        elif isinstance(event, e.OutcomeReported):
            yield {"to_deliver": None}
            yield {"to_deliver": ("证件",)}
        elif isinstance(event, e.Delivered):
            yield {"item": None}
        elif isinstance(event, e.RegistrationFormFiled):
            yield {"summary": "已全部办结。"}
            yield {"signatures": ()}


def _bare(command: type[c.Command]) -> dict[str, Any]:
    """What a command can't be made without."""
    own = attrs.fields(command)
    given = ("case", "at", "by")
    return {f.name: "某" for f in own if f.default is attrs.NOTHING and f.name not in given}


# --- against the limits -------------------------------------------------------------------------


def around_the_limit(proposal: Proposal, met: Iterable[Obligation]) -> Iterator[Proposal]:
    """``proposal`` done in the last second of each limit that it meets: entered at once, and
    entered when the limit is over (``late_entry``); and done in the first moment that is late."""
    for due in dict.fromkeys(obligation.due for obligation in met):
        if due is None or due - SECOND < proposal.recorded_at:
            continue
        last = due - SECOND
        for at, entered in ((last, last), (last, due), (due, due)):
            changes: dict[str, Any] = {"at": at}
            if isinstance(proposal.command, c.Schedule):
                changes["start"] = due + DAY
            moved = attrs.evolve(proposal.command, **changes)
            yield attrs.evolve(proposal, command=moved, recorded_at=entered)

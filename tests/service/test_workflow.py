"""``Workflow``: load, decide, append, over a store that others write to as well.

Monday is 2 March 2026, in a week without holidays; everybody is invented.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    DB4209_T_32_2023,
    SHANGHAI,
    Accept,
    Acknowledge,
    Actor,
    Applicant,
    Apply,
    CaseNotFound,
    Conflict,
    Correct,
    Directory,
    InvalidInput,
    Kind,
    Limit,
    LimitUnit,
    MemoryStore,
    NotAllowed,
    Obligation,
    Refused,
    Regulation,
    ReplyClock,
    Role,
    ServiceItem,
    SpecialGroup,
    State,
    Status,
    StoreUnavailable,
    Transfer,
    TransferNotice,
    Unit,
    UnitRole,
    Withdraw,
    Workflow,
)
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.ports import CaseSummary, Commit, StoredCommit, unavailable
from onsite_workflow.testing import FixedClock

LEAD = "孝南区残疾人联合会"
DESK = Actor(role=Role.INTEGRATED_WINDOW, name="柳文静")
STAFF = Actor(role=Role.HANDLING_UNIT, name="陈志远", unit=LEAD)


def moment(day: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


MONDAY = moment(2)
FRIDAY = moment(6)


def apply(case: str = "XN-1", at: dt.datetime = MONDAY, **more: object) -> Apply:
    command = Apply(
        case=case,
        at=at,
        by=DESK,
        applicant=Applicant(name="王秀兰", phone="0712-2000301"),
        address="孝南区书院街道槐荫大道118号",
        ground=SpecialGroup.DISABLED,
        reason="长期卧床，无法前往政务服务中心。",
        items=[ServiceItem(id="A.5.2")],
    )
    return attrs.evolve(command, **more)  # type: ignore[arg-type]


def transfer(
    case: str = "XN-1", at: dt.datetime = MONDAY, *, number: str | None = None
) -> Transfer:
    notice = TransferNotice(
        number=number or f"{case} 1号", unit=LEAD, role=UnitRole.LEAD, items=["A.5.2"]
    )
    return Transfer(case=case, at=at, by=DESK, notices=[notice])


def accept(case: str = "XN-1", at: dt.datetime = MONDAY) -> Accept:
    return Accept(case=case, at=at, by=STAFF)


class Interposed(MemoryStore):
    """Somebody else acts between load and append, once for each of ``others``."""

    def __init__(self) -> None:
        super().__init__()
        self.others: list[Callable[[], object]] = []
        self.tried: list[str] = []

    def append(self, commit: Commit) -> StoredCommit:
        self.tried.append(commit.command_id)
        if self.others:
            (other, *rest), self.others = self.others, []
            other()
            self.others = rest
        return super().append(commit)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(FRIDAY)


@pytest.fixture
def store() -> Interposed:
    return Interposed()


@pytest.fixture
def office(store: Interposed, clock: FixedClock) -> Workflow:
    return Workflow(store, clock=clock)


def others(store: Interposed) -> Workflow:
    """Another process: the same store, a clock of its own."""
    return Workflow(store, clock=FixedClock(FRIDAY + dt.timedelta(minutes=1)))


def entries(office: Workflow, case: str = "XN-1") -> list[str]:
    return [event.name for event in office.case(case).history]


# --- idempotent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [None, "window 7"])
def test_a_command_sent_again_gets_the_same_receipt_and_adds_no_entry(
    office: Workflow, clock: FixedClock, named: str | None
) -> None:
    office.handle(apply())
    office.handle(transfer())
    late = attrs.evolve(accept(at=FRIDAY), id=named)
    receipt = office.handle(late)
    clock.advance(dt.timedelta(days=1))
    assert receipt.findings
    assert office.handle(late) == attrs.evolve(receipt, repeated=True)
    assert entries(office) == ["applied", "transferred", "accepted"]


def test_a_command_sent_again_after_the_case_went_on_is_answered_as_then(office: Workflow) -> None:
    receipt = office.handle(apply())
    office.handle(transfer())
    office.handle(Withdraw(case="XN-1", at=MONDAY, by=DESK, reason="不再需要。"))
    again = office.handle(apply())
    assert (again.state, again.version, again.repeated) == (State.APPLIED, 1, True)
    assert again.event == receipt.event


def test_the_same_entry_recorded_at_another_time_is_another_command(office: Workflow) -> None:
    office.handle(apply(), recorded_at=MONDAY)
    with pytest.raises(NotAllowed):
        office.handle(apply(), recorded_at=FRIDAY)


def test_an_id_used_for_something_else_is_a_conflict(office: Workflow) -> None:
    office.handle(apply(id="window 7"))
    with pytest.raises(Conflict) as conflict:
        office.handle(apply("XN-2", id="window 7"))
    assert conflict.value.violations[0].rule == "command_id"


def test_a_refused_command_is_judged_anew(office: Workflow) -> None:
    with pytest.raises(CaseNotFound):
        office.handle(transfer())
    office.handle(apply())
    assert not office.handle(transfer()).repeated


def test_a_command_that_another_process_carries_out_meanwhile_is_repeated(
    store: Interposed, office: Workflow
) -> None:
    store.others = [lambda: others(store).handle(apply())]
    receipt = office.handle(apply())
    assert (receipt.version, receipt.repeated) == (1, True)


class Seen(MemoryStore):
    """Somebody else acts before or after the case is looked at."""

    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        before, after = self.before, self.after
        self.before = self.after = None
        if before is not None:
            before()
        found = super().load(case)
        if after is not None:
            after()
        return found


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_command_that_another_process_has_just_carried_out_is_repeated(when: str) -> None:
    store = Seen()
    office = Workflow(store, clock=FixedClock(FRIDAY))
    setattr(store, when, lambda: Workflow(store, clock=FixedClock(FRIDAY)).handle(apply()))
    assert office.handle(apply()).repeated


def test_a_command_costs_two_calls_of_the_store() -> None:
    store = Counted()
    office = Workflow(store, clock=FixedClock(FRIDAY))
    office.handle(apply())
    assert store.calls == ["load", "append"]


class Lost(MemoryStore):
    """The connection is lost while the case is looked at."""

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        raise unavailable("lost")

    def find(self, command_id: str) -> StoredCommit | None:
        raise AssertionError("a store that can't say yes or no is not asked again")


def test_a_store_that_is_not_to_be_reached_is_told_at_once() -> None:
    with pytest.raises(StoreUnavailable):
        Workflow(Lost(), clock=FixedClock(FRIDAY)).handle(apply())


class Counted(MemoryStore):
    """Says which of its methods were called."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        self.calls.append("load")
        return super().load(case)

    def find(self, command_id: str) -> StoredCommit | None:
        self.calls.append("find")
        return super().find(command_id)

    def append(self, commit: Commit) -> StoredCommit:
        self.calls.append("append")
        return super().append(commit)


# --- conflicts ----------------------------------------------------------------------------------


def test_who_comes_second_is_judged_again_and_comes_after(
    store: Interposed, office: Workflow
) -> None:
    office.handle(apply())
    office.handle(transfer())
    store.others = [
        lambda: others(store).handle(Acknowledge(case="XN-1", at=MONDAY, by=STAFF)),
    ]
    assert office.handle(accept()).version == 4
    assert entries(office) == ["applied", "transferred", "acknowledged", "accepted"]


def test_who_comes_second_is_refused_what_is_no_longer_allowed(
    store: Interposed, office: Workflow
) -> None:
    office.handle(apply())
    withdraw = Withdraw(case="XN-1", at=MONDAY, by=DESK, reason="不再需要。")
    store.others = [lambda: others(store).handle(withdraw)]
    with pytest.raises(NotAllowed):
        office.handle(transfer())
    assert entries(office) == ["applied", "withdrawn"]


def test_who_always_comes_second_is_told_so_in_the_end(
    store: Interposed, clock: FixedClock
) -> None:
    office = Workflow(store, clock=clock, retries=2)
    office.handle(apply())

    def correct(number: int) -> object:
        right = {"address": f"孝南区书院街道槐荫大道{number}号"}
        reason = "录入有误。"
        return others(store).handle(
            Correct(case="XN-1", at=MONDAY, by=DESK, entry=1, fields=right, reason=reason)
        )

    store.others = [partial(correct, number) for number in range(5)]
    with pytest.raises(Conflict) as conflict:
        office.handle(attrs.evolve(transfer(), id="mine"))
    assert conflict.value.violations[0].rule == "version"
    assert store.tried.count("mine") == 3
    assert entries(office) == ["applied", *["corrected"] * 3]


def test_a_number_that_another_case_holds_is_not_tried_again(
    store: Interposed, office: Workflow
) -> None:
    office.handle(apply())
    office.handle(apply("XN-2"))
    office.handle(transfer(number="1号"))
    with pytest.raises(Conflict) as conflict:
        office.handle(attrs.evolve(transfer("XN-2", number="1号"), id="mine"))
    assert conflict.value.violations[0].facts["key"] == "notice:1号"
    assert store.tried.count("mine") == 1
    assert entries(office, "XN-2") == ["applied"]


# --- a case that follows another (I-10) ---------------------------------------------------------


@pytest.mark.parametrize("recorded_at", [moment(4), moment(5)])
def test_a_case_follows_one_that_had_been_entered_by_then(
    office: Workflow, recorded_at: dt.datetime
) -> None:
    office.handle(apply(), recorded_at=moment(4))
    receipt = office.handle(apply("XN-2", follows="XN-1"), recorded_at=recorded_at)
    assert receipt.state is State.APPLIED


@pytest.mark.parametrize("followed", ["XN-1", "XN-3"])
def test_a_case_follows_none_that_was_entered_later_or_never(
    office: Workflow, followed: str
) -> None:
    office.handle(apply(), recorded_at=moment(4))
    with pytest.raises(Refused) as refused:
        office.handle(
            apply("XN-2", follows=followed), recorded_at=moment(4) - dt.timedelta(microseconds=1)
        )
    assert [v.rule for v in refused.value.violations] == ["follows_existing_case"]


def test_a_correction_may_name_a_case_that_had_been_entered_by_then(office: Workflow) -> None:
    for case in ("XN-1", "XN-2"):
        office.handle(apply(case))
    correct = Correct(
        case="XN-2", at=MONDAY, by=DESK, entry=1, fields={"follows": "XN-1"}, reason="漏登。"
    )
    office.handle(correct)
    assert office.case("XN-2").application.follows == "XN-1"
    with pytest.raises(Refused):
        office.handle(attrs.evolve(correct, fields={"follows": "XN-3"}))


# --- editions -----------------------------------------------------------------------------------

STRICT = Regulation(
    edition="测试标准—2026",
    title="另一版工作规范",
    in_force_from=dt.date(2026, 3, 4),
    limits={Kind.REPLY: Limit(2, LimitUnit.HOURS)},
    reply_clock=ReplyClock.ISSUE,
)
OLD = attrs.evolve(DB4209_T_32_2023, in_force_until=STRICT.in_force_from)


@pytest.fixture
def offices(store: Interposed, clock: FixedClock) -> Workflow:
    """An office that knows both editions."""
    return Workflow(store, clock=clock, regulations=(OLD, STRICT))


@pytest.mark.parametrize(
    ("at", "edition"),
    [
        (dt.datetime(2026, 3, 3, 15, 59, 59, tzinfo=dt.UTC), OLD.edition),
        (dt.datetime(2026, 3, 3, 16, tzinfo=dt.UTC), STRICT.edition),  # 4 March in Shanghai
    ],
)
def test_a_case_falls_under_the_edition_in_force_on_the_day_of_its_application(
    offices: Workflow, at: dt.datetime, edition: str
) -> None:
    assert offices.handle(apply(at=at)).event.edition == edition


def test_a_case_stays_with_its_edition(offices: Workflow) -> None:
    offices.handle(apply())
    offices.handle(transfer(at=moment(5)))
    (reply,) = (o for o in offices.obligations("XN-1") if o.kind is Kind.REPLY)
    assert reply.due == moment(7, 0)  # 24:00 of the next working day, not two hours later


def test_two_cases_of_one_day_may_owe_by_different_editions(offices: Workflow) -> None:
    offices.handle(apply())
    offices.handle(apply("XN-2", at=moment(5)))
    for case in ("XN-1", "XN-2"):
        offices.handle(transfer(case, at=moment(5)))
    dues = {o.case: o.due for o in offices.due() if o.kind is Kind.REPLY}
    assert dues == {"XN-1": moment(7, 0), "XN-2": moment(5, 11)}


def test_no_case_is_opened_before_any_edition_is_in_force(offices: Workflow) -> None:
    with pytest.raises(Refused) as refused:
        offices.handle(apply(at=dt.datetime(2023, 6, 30, 12, tzinfo=SHANGHAI)))
    assert [v.rule for v in refused.value.violations] == ["edition_in_force"]


def test_a_case_whose_edition_was_not_given_is_not_judged_by_another(
    store: Interposed, clock: FixedClock, offices: Workflow
) -> None:
    offices.handle(apply(at=moment(5)))
    for ask in (
        lambda: Workflow(store, clock=clock).handle(transfer(at=moment(5))),
        lambda: Workflow(store, clock=clock).obligations("XN-1"),
    ):
        with pytest.raises(InvalidInput) as refused:
            ask()
        assert refused.value.violations[0].rule == "unknown_edition"


def test_a_workflow_needs_an_edition(store: Interposed) -> None:
    with pytest.raises(InvalidInput):
        Workflow(store, regulations=())


# --- the clock ----------------------------------------------------------------------------------


def test_the_clock_stamps_an_entry(office: Workflow, clock: FixedClock) -> None:
    assert office.handle(apply()).event.recorded_at == clock()


def test_an_entry_that_says_when_it_was_recorded_keeps_that(office: Workflow) -> None:
    assert office.handle(apply(), recorded_at=moment(3)).event.recorded_at == moment(3)


def test_an_entry_is_never_stamped_before_the_latest_of_its_case(
    office: Workflow, clock: FixedClock
) -> None:
    office.handle(apply())
    clock.set(MONDAY)  # a clock that was put back, or that of another machine
    assert office.handle(transfer()).event.recorded_at == FRIDAY
    assert office.handle(apply("XN-2")).event.recorded_at == MONDAY


def test_nothing_happens_after_the_clock(office: Workflow) -> None:
    with pytest.raises(Refused) as refused:
        office.handle(apply(at=FRIDAY + dt.timedelta(microseconds=1)))
    assert [v.interpretation for v in refused.value.violations] == ["I-15"]


@pytest.mark.parametrize("entered_before", [False, True])
def test_a_clock_without_an_offset_is_named(
    store: Interposed, office: Workflow, *, entered_before: bool
) -> None:
    if entered_before:
        office.handle(apply())
    naive = Workflow(store, clock=lambda: FRIDAY.replace(tzinfo=None))
    with pytest.raises(InvalidInput) as refused:
        naive.handle(transfer() if entered_before else apply())
    assert refused.value.violations[0].rule == "naive_time"


@pytest.mark.parametrize("follows", [None, "XN-1"])
def test_an_entry_recorded_at_a_time_without_an_offset_is_named(
    office: Workflow, follows: str | None
) -> None:
    office.handle(apply())
    with pytest.raises(InvalidInput) as refused:
        office.handle(apply("XN-2", follows=follows), recorded_at=FRIDAY.replace(tzinfo=None))
    assert refused.value.violations[0].facts["field"] == "recorded_at"


def test_a_fixed_clock_is_aware_and_stands_still(clock: FixedClock) -> None:
    assert (clock(), clock()) == (FRIDAY, FRIDAY)
    assert clock.advance(dt.timedelta(hours=2)) == clock() == moment(6, 11)
    with pytest.raises(InvalidInput):
        clock.set(dt.datetime(2026, 3, 6, 9))  # noqa: DTZ001


# --- what is due --------------------------------------------------------------------------------


@pytest.fixture
def busy(office: Workflow) -> Workflow:
    """XN-1 owes a transfer, XN-2 a reply (by Tuesday 24:00), XN-3 owed one and is accepted."""
    for case in ("XN-1", "XN-2", "XN-3"):
        office.handle(apply(case))
    office.handle(transfer("XN-2"))
    office.handle(transfer("XN-3", at=moment(3)))
    office.handle(accept("XN-3", at=moment(4)))
    return office


def owed(found: Sequence[Obligation]) -> list[tuple[str, str, str]]:
    return [(o.case, str(o.kind), o.status.value) for o in found]


def test_due_lists_what_is_owed_now_by_due_time_what_has_none_last(busy: Workflow) -> None:
    assert owed(busy.due()) == [
        ("XN-2", "reply", "overdue"),
        ("XN-1", "transfer", "open"),
        ("XN-3", "appointment", "open"),
    ]


def test_due_at_a_moment_knows_what_had_happened_by_then(busy: Workflow) -> None:
    assert owed(busy.due(at=moment(3, 23))) == [
        ("XN-2", "reply", "open"),
        ("XN-3", "reply", "open"),
        ("XN-1", "transfer", "open"),
    ]


def test_due_before_a_moment_leaves_out_that_moment_and_what_has_no_due_time(
    busy: Workflow,
) -> None:
    first_late_instant = moment(4, 0)
    assert busy.due(before=first_late_instant) == []
    just_after = first_late_instant + dt.timedelta(microseconds=1)
    assert owed(busy.due(before=just_after)) == [("XN-2", "reply", "overdue")]


def test_due_of_a_unit_is_what_that_unit_owes(busy: Workflow) -> None:
    assert {o.bearer for o in busy.due(unit=LEAD)} == {LEAD}
    assert len(busy.due(unit=LEAD)) == 2
    assert owed(busy.due(unit="integrated_window")) == [("XN-1", "transfer", "open")]


def test_due_with_everything_lists_what_is_met_too(busy: Workflow) -> None:
    found = busy.due(everything=True)
    assert [o for o in found if o.status in (Status.OPEN, Status.OVERDUE)] == busy.due()
    assert {o.status for o in found} == {Status.OPEN, Status.OVERDUE, Status.MET}


@pytest.mark.parametrize(
    "ask",
    [lambda office, naive: office.due(at=naive), lambda office, naive: office.due(before=naive)],
    ids=["at", "before"],
)
def test_due_asks_for_an_offset(
    busy: Workflow, ask: Callable[[Workflow, dt.datetime], object]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(busy, FRIDAY.replace(tzinfo=None))
    assert refused.value.violations[0].rule == "naive_time"


def test_what_a_store_lists_as_owed_is_what_the_workflow_finds(
    store: Interposed, busy: Workflow
) -> None:
    listed = store.open_obligations()
    assert {(o.case, o.kind, o.due) for o in listed} == {
        (o.case, o.kind, o.due) for o in busy.due()
    }


def test_what_is_owed_tomorrow_is_not_listed_as_overdue(
    store: Interposed, office: Workflow
) -> None:
    office.handle(apply(at=FRIDAY))
    office.handle(transfer(at=FRIDAY))
    (listed,) = store.open_obligations()
    assert (listed.status, listed.due_day) == (Status.OPEN, dt.date(2026, 3, 9))


class Small(MemoryStore):
    """Gives no more than two cases at a time."""

    def cases(self, *, limit: int = 1000, **only: Any) -> Sequence[CaseSummary]:
        return super().cases(limit=min(limit, 2), **only)

    def open_obligations(self, *, limit: int = 1000, **only: Any) -> Sequence[Obligation]:
        return super().open_obligations(limit=min(limit, 2), **only)


def test_all_cases_are_listed_page_by_page(clock: FixedClock) -> None:
    office = Workflow(Small(), clock=clock)
    names = [f"XN-{number}" for number in range(5)]
    for case in reversed(names):
        office.handle(apply(case))
    assert [summary.case for summary in office.cases()] == names
    assert len(office.due()) == len(names)


# --- forms --------------------------------------------------------------------------------------


def test_the_directory_and_the_issuer_fill_the_printed_forms(
    store: Interposed, busy: Workflow
) -> None:
    office = Workflow(
        store,
        directory=Directory([Unit(name=LEAD, phone="0712-2000101")]),
        issuer="孝感市孝南区",
    )
    (notice,) = office.transfer_notices("XN-2")
    assert (notice["issuer"].value, notice["number"].value) == ("孝感市孝南区", "XN-2 1号")
    assert office.registration_form("XN-2")["lead_phone"].value == "0712-2000101"


def test_without_directory_and_issuer_the_forms_say_what_is_missing(busy: Workflow) -> None:
    (notice,) = busy.transfer_notices("XN-2")
    assert notice.missing == ("issuer",)
    assert "lead_phone" in busy.registration_form("XN-2").missing


# --- no such case -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda office: office.case("XN-9"),
        lambda office: office.available("XN-9", DESK),
        lambda office: office.obligations("XN-9"),
        lambda office: office.findings("XN-9"),
        lambda office: office.registration_form("XN-9"),
        lambda office: office.transfer_notices("XN-9"),
        lambda office: office.handle(transfer("XN-9")),
    ],
    ids=["case", "available", "obligations", "findings", "form", "notices", "handle"],
)
def test_a_case_that_is_not_there_is_said_not_to_be(
    office: Workflow, ask: Callable[[Workflow], object]
) -> None:
    with pytest.raises(CaseNotFound) as refused:
        ask(office)
    assert refused.value.violations[0].facts["case"] == "XN-9"

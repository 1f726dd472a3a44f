"""Who owes what until when (domain of clauses 6.3, 7 and 9), and what is found late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs
import pytest
from hypothesis import assume, given

from onsite_workflow import (
    DB4209_T_32_2023,
    Case,
    Cause,
    Close,
    Finding,
    FindingCode,
    InvalidInput,
    Kind,
    Limit,
    LimitUnit,
    OutstandingItem,
    Refused,
    Regulation,
    Schedule,
    Serve,
    Status,
    WorkingCalendar,
    evolve,
    findings,
    moved,
    obligations,
)
from onsite_workflow.clause7.procedure import CASE

from .build import (
    ASSISTING,
    CALENDAR,
    CARD,
    ENROLMENT,
    FINISHED_LATER,
    INVENTED,
    LEAD,
    ORDINARY,
    RENEWAL,
    THIRD,
    WINDOW,
    Step,
    accept,
    acknowledge,
    after,
    all_owed,
    apply,
    archive,
    at,
    close,
    correct,
    decline,
    deliver,
    designate_lead,
    explain_refusal,
    file_registration_form,
    give_one_time_notice,
    joint,
    notice,
    of,
    opened,
    owed,
    play,
    reassign,
    report_failed_visit,
    report_outcome,
    reschedule,
    schedule,
    seen,
    serve,
    transfer,
    unfinished,
    withdraw,
)
from .walks import DAY, HOUR, SEEDS, Move, end_of, walk

LATER = "2025-09-30 12:00"


# --- the eleven kinds, each with every status it can have under DB4209/T 32—2023 ------------------

PROMISED = OutstandingItem(item=RENEWAL, needed=("近期免冠照片",), expected_by=dt.date(2025, 9, 22))


def replied(*steps: Step) -> Case:
    """One unit with a notice of Monday 15 September, 10:00."""
    return play(opened(), transfer(), *steps)


def lead_declined(*steps: Step) -> Case:
    """The lead has declined and the assisting unit has accepted."""
    return play(joint(), decline(LEAD), accept(ASSISTING, at="2025-09-15 14:30"), *steps)


def scheduled(*steps: Step) -> Case:
    """Appointed for Thursday 18 September, 9:30."""
    return play(after(Schedule, ORDINARY), *steps)


def visited(*steps: Step) -> Case:
    """The visit left on Thursday 18 September, 10:40, everything completed."""
    return play(after(Serve, ORDINARY), *steps)


def unfinished_visit(*steps: Step) -> Case:
    """The same, nothing completed."""
    return play(after(Serve, FINISHED_LATER), *steps)


def promised(*steps: Step) -> Case:
    """What is outstanding is promised for Monday 22 September."""
    return unfinished_visit(give_one_time_notice(outstanding=(PROMISED,)), *steps)


def announced(*steps: Step) -> Case:
    """The report on the item announces a certificate to deliver."""
    return unfinished_visit(
        give_one_time_notice(), report_outcome(to_deliver=("残疾人证",)), *steps
    )


def closed(*steps: Step) -> Case:
    return play(after(Close, ORDINARY), *steps)


STATUSES: list[tuple[str, Callable[[], Case], Kind, str, Status]] = [
    ("a case applied for is to be transferred", opened, Kind.TRANSFER, LATER, Status.OPEN),
    ("the transfer notice meets it", replied, Kind.TRANSFER, LATER, Status.MET),
    (
        "a withdrawn case needs no transfer",
        lambda: play(opened(), withdraw()),
        Kind.TRANSFER,
        LATER,
        Status.VOID,
    ),
    (
        "a reply may wait until the end of the next working day",
        replied,
        Kind.REPLY,
        "2025-09-16 23:59",
        Status.OPEN,
    ),
    ("then it is overdue", replied, Kind.REPLY, "2025-09-17 00:00", Status.OVERDUE),
    ("a unit that accepts has replied", lambda: replied(accept()), Kind.REPLY, LATER, Status.MET),
    ("a unit that declines has replied", lambda: replied(decline()), Kind.REPLY, LATER, Status.MET),
    (
        "a reply on the second day is late",
        lambda: replied(accept(at="2025-09-17 09:00")),
        Kind.REPLY,
        LATER,
        Status.MET_LATE,
    ),
    (
        "a refusal on the second day is late",
        lambda: replied(decline(at="2025-09-17 09:00")),
        Kind.REPLY,
        LATER,
        Status.MET_LATE,
    ),
    (
        "a withdrawn case needs no reply",
        lambda: replied(withdraw()),
        Kind.REPLY,
        LATER,
        Status.VOID,
    ),
    (
        "also where the reply was overdue by then",
        lambda: replied(withdraw(at="2025-09-18 09:00")),
        Kind.REPLY,
        LATER,
        Status.VOID,
    ),
    (
        "a new lead is to be designated where the lead declined and another unit accepted",
        lead_declined,
        Kind.LEAD,
        LATER,
        Status.OPEN,
    ),
    (
        "the designation meets it",
        lambda: lead_declined(designate_lead()),
        Kind.LEAD,
        LATER,
        Status.MET,
    ),
    (
        "a withdrawn case needs no lead",
        lambda: lead_declined(withdraw()),
        Kind.LEAD,
        LATER,
        Status.VOID,
    ),
    (
        "an accepted case needs an appointment",
        lambda: replied(accept()),
        Kind.APPOINTMENT,
        LATER,
        Status.OPEN,
    ),
    ("the appointment meets it", scheduled, Kind.APPOINTMENT, LATER, Status.MET),
    (
        "a withdrawn case needs no appointment",
        lambda: replied(accept(), withdraw()),
        Kind.APPOINTMENT,
        LATER,
        Status.VOID,
    ),
    (
        "a failed visit asks for another appointment",
        lambda: scheduled(report_failed_visit()),
        Kind.APPOINTMENT,
        LATER,
        Status.OPEN,
    ),
    (
        "the second appointment meets it",
        lambda: scheduled(
            report_failed_visit(), schedule(at="2025-09-19 09:00", start="2025-09-22 09:00")
        ),
        Kind.APPOINTMENT,
        LATER,
        Status.MET,
    ),
    (
        "a refusal is to be explained",
        lambda: replied(decline()),
        Kind.EXPLANATION,
        LATER,
        Status.OPEN,
    ),
    (
        "the explanation meets it",
        lambda: replied(decline(), explain_refusal()),
        Kind.EXPLANATION,
        LATER,
        Status.MET,
    ),
    (
        "a withdrawn case needs no explanation",
        lambda: lead_declined(withdraw()),
        Kind.EXPLANATION,
        LATER,
        Status.VOID,
    ),
    (
        "nor until then one that is given all the same, after the withdrawal",
        lambda: lead_declined(
            explain_refusal(LEAD, at="2025-09-15 17:00"),
            (withdraw(at="2025-09-15 16:00"), "2025-09-15 18:00"),
        ),
        Kind.EXPLANATION,
        "2025-09-15 16:30",
        Status.VOID,
    ),
    (
        "staff may arrive within the minute appointed",
        scheduled,
        Kind.ARRIVAL,
        "2025-09-18 09:30:59",
        Status.OPEN,
    ),
    ("after it they are overdue", scheduled, Kind.ARRIVAL, "2025-09-18 09:31", Status.OVERDUE),
    ("who arrives in time has met it", visited, Kind.ARRIVAL, LATER, Status.MET),
    (
        "who arrives after the minute has met it late",
        lambda: scheduled(serve(arrived_at="2025-09-18 09:31")),
        Kind.ARRIVAL,
        LATER,
        Status.MET_LATE,
    ),
    (
        "a failed visit ends it",
        lambda: scheduled(report_failed_visit()),
        Kind.ARRIVAL,
        LATER,
        Status.VOID,
    ),
    ("a withdrawal ends it", lambda: scheduled(withdraw()), Kind.ARRIVAL, LATER, Status.VOID),
    (
        "the form may wait for three working days",
        visited,
        Kind.FORM,
        "2025-09-23 23:59",
        Status.OPEN,
    ),
    ("then it is overdue", visited, Kind.FORM, "2025-09-24 00:00", Status.OVERDUE),
    (
        "the form filed in time meets it",
        lambda: visited(file_registration_form()),
        Kind.FORM,
        LATER,
        Status.MET,
    ),
    (
        "the form filed on the fourth day meets it late",
        lambda: visited(file_registration_form(at="2025-09-24 09:00")),
        Kind.FORM,
        LATER,
        Status.MET_LATE,
    ),
    (
        "an item not completed on site asks for a one-time notice",
        unfinished_visit,
        Kind.NOTICE,
        LATER,
        Status.OPEN,
    ),
    (
        "the one-time notice meets it",
        lambda: unfinished_visit(give_one_time_notice()),
        Kind.NOTICE,
        LATER,
        Status.MET,
    ),
    (
        "an outcome without a promised day is owed without a due day",
        lambda: unfinished_visit(give_one_time_notice()),
        Kind.OUTCOME,
        LATER,
        Status.OPEN,
    ),
    (
        "a promised outcome may wait for the whole of its day",
        promised,
        Kind.OUTCOME,
        "2025-09-22 23:59",
        Status.OPEN,
    ),
    ("then it is overdue", promised, Kind.OUTCOME, "2025-09-23 00:00", Status.OVERDUE),
    (
        "the report in time meets it",
        lambda: promised(report_outcome()),
        Kind.OUTCOME,
        LATER,
        Status.MET,
    ),
    (
        "the report on the day after meets it late",
        lambda: promised(report_outcome(at="2025-09-23 09:00")),
        Kind.OUTCOME,
        LATER,
        Status.MET_LATE,
    ),
    ("announced materials are to be delivered", announced, Kind.DELIVERY, LATER, Status.OPEN),
    (
        "their delivery meets it",
        lambda: announced(deliver()),
        Kind.DELIVERY,
        LATER,
        Status.MET,
    ),
    ("a closed case is to be archived", closed, Kind.ARCHIVE, LATER, Status.OPEN),
    ("the archiving meets it", lambda: closed(archive()), Kind.ARCHIVE, LATER, Status.MET),
    (
        "a withdrawn case is to be archived too",
        lambda: play(opened(), withdraw()),
        Kind.ARCHIVE,
        LATER,
        Status.OPEN,
    ),
]


@pytest.mark.parametrize(
    ("case", "kind", "as_of", "status"),
    [pytest.param(*row[1:], id=f"{row[2]}: {row[0]}") for row in STATUSES],
)
def test_each_obligation_stands_as_the_standard_says(
    case: Callable[[], Case], kind: Kind, as_of: str, status: Status
) -> None:
    assert owed(case(), kind, as_of).status is status


def test_every_kind_is_shown_with_every_status_it_can_have() -> None:
    shown = {(row[2], row[4]) for row in STATUSES}
    limited = {Kind.REPLY, Kind.ARRIVAL, Kind.FORM, Kind.OUTCOME}
    never_void = {Kind.FORM, Kind.NOTICE, Kind.OUTCOME, Kind.DELIVERY, Kind.ARCHIVE}
    possible = {(kind, status) for kind in Kind for status in (Status.OPEN, Status.MET)}
    possible |= {(kind, status) for kind in limited for status in (Status.OVERDUE, Status.MET_LATE)}
    possible |= {(kind, Status.VOID) for kind in Kind if kind not in never_void}
    assert shown == possible


@pytest.mark.parametrize(
    ("kind", "clause"),
    [
        (Kind.TRANSFER, "7.2"),
        (Kind.REPLY, "7.2"),
        (Kind.LEAD, "7.2.3"),
        (Kind.APPOINTMENT, "7.2.1"),
        (Kind.EXPLANATION, "7.2.2"),
        (Kind.ARRIVAL, "7.3"),
        (Kind.FORM, "6.3"),
        (Kind.NOTICE, "7.4"),
        (Kind.OUTCOME, "7.4"),
        (Kind.DELIVERY, "7.4"),
        (Kind.ARCHIVE, "9"),
    ],
)
def test_each_obligation_cites_its_clause(kind: Kind, clause: str) -> None:
    case = next(row[1] for row in STATUSES if row[2] is kind)()
    assert owed(case, kind, LATER).clause == clause == CASE.clause_of[kind]


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_owed_is_said_in_chinese(kind: Kind) -> None:
    assert kind.zh
    assert kind.zh.isprintable()
    assert kind.value not in kind.zh


# --- who owes it --------------------------------------------------------------------------------


def bearers(case: Case, kind: Kind) -> list[str]:
    return [obligation.bearer for obligation in all_owed(case, kind, LATER)]


def test_the_window_owes_the_transfer() -> None:
    assert bearers(opened(), Kind.TRANSFER) == ["integrated_window"]


def test_each_unit_with_a_notice_owes_its_own_reply() -> None:
    assert bearers(joint(), Kind.REPLY) == [LEAD, ASSISTING]


def test_the_window_owes_the_designation_of_a_new_lead() -> None:
    assert bearers(lead_declined(), Kind.LEAD) == ["integrated_window"]


def test_the_lead_owes_the_appointment() -> None:
    assert bearers(play(joint(), accept(LEAD), accept(ASSISTING)), Kind.APPOINTMENT) == [LEAD]


def test_the_new_lead_owes_what_the_lead_owed() -> None:
    assert bearers(lead_declined(designate_lead()), Kind.APPOINTMENT) == [ASSISTING]


def test_an_explanation_is_of_the_unit_that_declined() -> None:
    case = play(joint(), decline(LEAD), decline(ASSISTING))
    assert [o.subject for o in all_owed(case, Kind.EXPLANATION, LATER)] == [LEAD, ASSISTING]


def test_each_unit_that_declined_owes_its_own_explanation() -> None:
    case = play(joint(), decline(LEAD), decline(ASSISTING))
    assert bearers(case, Kind.EXPLANATION) == [LEAD, ASSISTING]


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (scheduled, Kind.ARRIVAL),
        (visited, Kind.FORM),
        (unfinished_visit, Kind.NOTICE),
        (promised, Kind.OUTCOME),
        (announced, Kind.DELIVERY),
        (closed, Kind.ARCHIVE),
    ],
)
def test_the_lead_owes_the_visit_and_all_that_follows_from_it(
    case: Callable[[], Case], kind: Kind
) -> None:
    assert bearers(case(), kind) == [LEAD]


def test_the_window_archives_a_case_without_a_visit() -> None:
    case = replied(decline(), explain_refusal(), close())
    assert bearers(case, Kind.ARCHIVE) == ["integrated_window"]  # I-16


# --- one obligation for each unit, item, report and appointment ----------------------------------


def test_each_item_of_the_notice_is_owed_its_own_outcome() -> None:
    case = play(
        joint(),
        accept(LEAD),
        accept(ASSISTING),
        schedule(LEAD, ASSISTING),
        serve(LEAD, ASSISTING, results=unfinished(RENEWAL, CARD)),
        give_one_time_notice(RENEWAL, CARD),
        report_outcome(CARD),
    )
    statuses = {o.subject: o.status for o in all_owed(case, Kind.OUTCOME, LATER)}
    assert statuses == {RENEWAL: Status.OPEN, CARD: Status.MET}


def test_a_report_that_announces_nothing_owes_no_delivery() -> None:
    case = unfinished_visit(give_one_time_notice(), report_outcome(to_deliver=(" ",)))
    assert all_owed(case, Kind.DELIVERY, LATER) == []


def test_a_delivery_without_an_item_meets_no_announcement() -> None:
    assert owed(announced(deliver(None)), Kind.DELIVERY, LATER).status is Status.OPEN


def test_a_report_of_one_item_is_not_delivered_by_another() -> None:
    case = play(
        joint(),
        accept(LEAD),
        accept(ASSISTING),
        schedule(LEAD, ASSISTING),
        serve(LEAD, ASSISTING, results=unfinished(RENEWAL, CARD)),
        give_one_time_notice(RENEWAL, CARD),
        report_outcome(RENEWAL, to_deliver=("残疾人证",)),
        report_outcome(CARD, to_deliver=("社会保障卡",)),
        deliver(CARD),
    )
    statuses = {o.subject: o.status for o in all_owed(case, Kind.DELIVERY, LATER)}
    assert statuses == {RENEWAL: Status.OPEN, CARD: Status.MET}


def test_each_appointment_is_owed_its_own_arrival() -> None:
    case = scheduled(
        reschedule(),
        report_failed_visit(at="2025-09-19 10:00"),
        schedule(at="2025-09-19 11:00", start="2025-09-22 09:00"),
        serve(at="2025-09-22 11:00", arrived_at="2025-09-22 08:58", left_at="2025-09-22 10:00"),
    )
    found = all_owed(case, Kind.ARRIVAL, LATER)
    assert [o.status for o in found] == [Status.VOID, Status.VOID, Status.MET]
    assert [o.due_day for o in found] == [
        dt.date(2025, 9, 18),
        dt.date(2025, 9, 19),
        dt.date(2025, 9, 22),
    ]


def test_nothing_is_owed_about_a_lead_while_a_reply_is_owed() -> None:
    assert all_owed(play(joint(), decline(LEAD)), Kind.LEAD, LATER) == []


def test_no_new_lead_is_owed_where_everybody_declined() -> None:
    assert all_owed(play(joint(), decline(LEAD), decline(ASSISTING)), Kind.LEAD, LATER) == []


def test_no_new_lead_is_owed_where_the_lead_accepted() -> None:
    assert all_owed(play(joint(), decline(ASSISTING), accept(LEAD)), Kind.LEAD, LATER) == []


def test_no_appointment_is_owed_while_a_reply_is_owed() -> None:
    assert all_owed(play(joint(), accept(LEAD)), Kind.APPOINTMENT, LATER) == []


def test_no_appointment_is_owed_until_a_new_lead_is_designated() -> None:
    assert all_owed(lead_declined(), Kind.APPOINTMENT, LATER) == []


def test_no_notice_is_owed_where_everything_was_completed_on_site() -> None:
    assert all_owed(visited(), Kind.NOTICE, LATER) == []


def test_what_ended_an_obligation_is_told_from_then_on() -> None:
    case = replied(withdraw(at="2025-09-18 09:00"))

    def told(as_of: str) -> tuple[object, ...]:
        reply = owed(case, Kind.REPLY, as_of)
        return reply.opened_by, reply.met_by, reply.ended_by

    assert told("2025-09-18 08:59") == (2, None, None)
    assert told("2025-09-18 09:00") == (2, None, case.version)


def test_an_application_alone_owes_only_its_transfer() -> None:
    found = obligations(opened(), regulation=DB4209_T_32_2023, calendar=CALENDAR, as_of=at(LATER))
    assert [o.kind for o in found] == [Kind.TRANSFER]


# --- what opens it, and when ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "kind", "opened_at"),
    [
        (opened, Kind.TRANSFER, "2025-09-15 09:00"),
        (replied, Kind.REPLY, "2025-09-15 10:00"),
        (lead_declined, Kind.LEAD, "2025-09-15 14:30"),
        (lambda: replied(accept()), Kind.APPOINTMENT, "2025-09-15 14:00"),
        (lambda: lead_declined(designate_lead()), Kind.APPOINTMENT, "2025-09-15 15:00"),
        (lambda: scheduled(report_failed_visit()), Kind.APPOINTMENT, "2025-09-18 10:00"),
        (lambda: replied(decline()), Kind.EXPLANATION, "2025-09-15 14:00"),
        (scheduled, Kind.ARRIVAL, "2025-09-15 16:00"),
        (lambda: scheduled(reschedule()), Kind.ARRIVAL, "2025-09-16 09:00"),
        (visited, Kind.FORM, "2025-09-18 11:00"),
        (unfinished_visit, Kind.NOTICE, "2025-09-18 11:00"),
        (promised, Kind.OUTCOME, "2025-09-18 11:30"),
        (announced, Kind.DELIVERY, "2025-09-22 10:00"),
        (closed, Kind.ARCHIVE, "2025-09-24 10:00"),
        (lambda: scheduled(withdraw()), Kind.ARCHIVE, "2025-09-15 17:00"),
    ],
)
def test_an_obligation_is_open_from_the_act_that_opens_it(
    case: Callable[[], Case], kind: Kind, opened_at: str
) -> None:
    found = owed(case(), kind, LATER)
    assert found.opened_at == at(opened_at)
    a_moment_before = (at(opened_at) - dt.timedelta(microseconds=1)).isoformat()
    earlier = all_owed(case(), kind, a_moment_before)
    assert found.opened_at not in [o.opened_at for o in earlier]
    assert owed(case(), kind, opened_at).opened_at == at(opened_at)


def test_the_lead_is_owed_from_the_latest_reply_whatever_the_order_of_entry() -> None:
    case = play(
        joint(),
        (accept(ASSISTING, at="2025-09-16 15:00"), "2025-09-16 15:00"),
        (decline(LEAD, at="2025-09-16 10:00"), "2025-09-16 16:00"),
    )
    assert owed(case, Kind.LEAD, LATER).opened_at == at("2025-09-16 15:00")


def test_obligations_are_listed_in_the_order_they_were_opened() -> None:
    case = play(None, *FINISHED_LATER)
    found = obligations(case, regulation=DB4209_T_32_2023, calendar=CALENDAR, as_of=at(LATER))
    assert [o.opened_at for o in found] == sorted(o.opened_at for o in found)
    assert [o.kind for o in found] == [
        Kind.TRANSFER,
        Kind.REPLY,
        Kind.APPOINTMENT,
        Kind.ARRIVAL,
        Kind.FORM,
        Kind.NOTICE,
        Kind.OUTCOME,
        Kind.DELIVERY,
        Kind.ARCHIVE,
    ]


def test_a_second_appointment_is_listed_after_the_first_visit_that_failed() -> None:
    found = obligations(
        scheduled(report_failed_visit()),
        regulation=DB4209_T_32_2023,
        calendar=CALENDAR,
        as_of=at(LATER),
    )
    assert [o.kind for o in found][2:] == [Kind.APPOINTMENT, Kind.ARRIVAL, Kind.APPOINTMENT]


# --- when it is due ------------------------------------------------------------------------------


def due(case: Case, kind: Kind, regulation: Regulation = DB4209_T_32_2023) -> tuple[str, str]:
    found = owed(case, kind, "2026-12-01 12:00", regulation=regulation)
    assert found.due_day is not None
    assert found.due is not None
    return str(found.due_day), found.due.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("issued", "day"),
    [
        pytest.param("2025-09-15 00:00", "2025-09-16", id="Monday's first minute"),
        pytest.param("2025-09-15 23:59", "2025-09-16", id="Monday's last minute"),
        pytest.param("2025-09-19 16:00", "2025-09-22", id="over a weekend"),
        pytest.param("2025-09-20 16:00", "2025-09-22", id="issued on a Saturday off"),
        pytest.param("2025-09-27 09:00", "2025-09-28", id="onto a make-up Sunday"),
        pytest.param("2025-09-28 09:00", "2025-09-29", id="from a make-up Sunday"),
        pytest.param("2025-09-30 17:00", "2025-10-09", id="over the golden week of 2025"),
        pytest.param("2025-10-03 09:00", "2025-10-09", id="issued within it"),
        pytest.param("2026-02-13 09:00", "2026-02-14", id="onto a make-up Saturday"),
        pytest.param("2026-02-14 09:00", "2026-02-24", id="over Spring Festival 2026"),
        pytest.param("2026-09-30 17:00", "2026-10-08", id="over the golden week of 2026"),
    ],
)
def test_a_reply_is_due_by_the_end_of_the_next_working_day(issued: str, day: str) -> None:
    case = play(opened(at=issued), transfer(at=issued))
    end = (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()
    assert due(case, Kind.REPLY) == (day, f"{end} 00:00:00")


def test_the_day_is_shanghais_whatever_offset_the_time_was_written_with() -> None:
    utc = dt.datetime(2025, 9, 15, 16, 30, tzinfo=dt.UTC)  # Tuesday, 00:30 in Shanghai
    case = play(opened(), transfer(at=utc))
    assert due(case, Kind.REPLY)[0] == "2025-09-17"


@pytest.mark.parametrize(
    ("left", "day"),
    [
        pytest.param("2025-09-18 10:40", "2025-09-23", id="Thursday to Tuesday"),
        pytest.param("2025-09-26 10:40", "2025-09-30", id="counting a make-up Sunday"),
        pytest.param("2025-09-29 10:40", "2025-10-10", id="over the golden week"),
        pytest.param("2026-02-13 10:40", "2026-02-25", id="over Spring Festival"),
    ],
)
def test_the_form_is_due_on_the_third_working_day_after_the_visit(left: str, day: str) -> None:
    start, visit_day = at(left) - dt.timedelta(hours=1), left[:10]
    case = replied(
        accept(),
        schedule(start=start),
        serve(at=f"{visit_day} 11:00", arrived_at=start, left_at=left),
    )
    assert due(case, Kind.FORM)[0] == day


def test_the_form_is_counted_from_leaving_not_from_the_entry() -> None:
    case = scheduled(serve(at="2025-09-19 09:00"))  # left on the 18th
    assert due(case, Kind.FORM)[0] == "2025-09-23"  # I-3


def test_seconds_are_cut_off_the_appointed_time() -> None:
    case = replied(accept(), schedule(start="2025-09-18 09:30:45.5"))
    assert due(case, Kind.ARRIVAL) == ("2025-09-18", "2025-09-18 09:31:00")


def test_an_appointment_in_the_last_minute_of_a_day_is_due_at_midnight() -> None:
    case = replied(accept(), schedule(start="2025-09-18 23:59"))
    assert due(case, Kind.ARRIVAL) == ("2025-09-18", "2025-09-19 00:00:00")


def test_an_outcome_is_due_on_the_day_promised_even_one_off() -> None:
    saturday = attrs.evolve(PROMISED, expected_by=dt.date(2025, 9, 20))
    case = unfinished_visit(give_one_time_notice(outstanding=(saturday,)))
    assert due(case, Kind.OUTCOME) == ("2025-09-20", "2025-09-21 00:00:00")


@pytest.mark.parametrize(
    "kind", sorted(set(Kind) - {Kind.REPLY, Kind.ARRIVAL, Kind.FORM, Kind.OUTCOME})
)
def test_where_the_text_sets_no_limit_nothing_is_ever_late(kind: Kind) -> None:
    case = next(row[1] for row in STATUSES if row[2] is kind and row[4] is Status.OPEN)()
    found = owed(case, kind, "2099-01-01 00:00")
    assert (found.due_day, found.due, found.earliest, found.latest) == (None, None, None, None)
    assert (found.status, found.provisional) == (Status.OPEN, False)


# --- days that no notice has arranged yet (I-11) -------------------------------------------------


def test_a_due_day_beyond_the_last_notice_is_provisional_and_has_an_interval() -> None:
    case = play(opened(at="2027-09-29 09:00"), transfer(at="2027-09-29 10:00"))
    found = owed(case, Kind.REPLY, "2027-12-01 12:00")
    reckoned = CALENDAR.add_working_days(dt.date(2027, 9, 29), 1)
    assert found.provisional
    assert (found.due_day, found.earliest, found.latest) == (
        reckoned.date,
        reckoned.earliest,
        reckoned.latest,
    )
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest < found.latest


def test_a_due_day_within_the_notices_is_certain() -> None:
    found = owed(replied(), Kind.REPLY, LATER)
    assert not found.provisional
    assert found.earliest == found.due_day == found.latest


def test_an_appointed_time_is_certain_in_any_year() -> None:
    case = replied(accept(), schedule(start="2027-10-02 09:30"))
    found = owed(case, Kind.ARRIVAL, LATER)
    assert (found.provisional, found.earliest, found.latest) == (
        False,
        dt.date(2027, 10, 2),
        dt.date(2027, 10, 2),
    )


def test_a_promised_day_is_certain_in_any_year() -> None:
    promise = attrs.evolve(PROMISED, expected_by=dt.date(2027, 10, 2))
    case = unfinished_visit(give_one_time_notice(outstanding=(promise,)))
    found = owed(case, Kind.OUTCOME, LATER)
    assert (found.provisional, found.earliest, found.latest) == (
        False,
        dt.date(2027, 10, 2),
        dt.date(2027, 10, 2),
    )


def test_a_limit_in_days_that_ends_beyond_the_notices_is_provisional() -> None:
    days = attrs.evolve(INVENTED, limits={Kind.TRANSFER: Limit(30, LimitUnit.DAYS)})
    case = play(None, apply(at="2027-09-15 09:00"), regulation=days)
    assert owed(case, Kind.TRANSFER, "2027-12-01 12:00", regulation=days).provisional


# --- as of a moment ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "status", "met_at"),
    [
        pytest.param("2025-09-17 08:59:59.999999", Status.OVERDUE, None, id="before the act"),
        pytest.param(
            "2025-09-17 09:00", Status.MET_LATE, "2025-09-17 09:00", id="at its very moment"
        ),
        pytest.param("2025-09-18 09:00", Status.MET_LATE, "2025-09-17 09:00", id="after it"),
    ],
)
def test_an_act_counts_from_the_moment_it_happened(
    as_of: str, status: Status, met_at: str | None
) -> None:
    found = owed(replied(accept(at="2025-09-17 09:00")), Kind.REPLY, as_of)
    assert found.status is status
    assert found.met_at == (None if met_at is None else at(met_at))


def test_an_act_counts_when_it_happened_not_when_it_was_entered() -> None:
    case = replied((accept(at="2025-09-16 09:00"), "2025-09-20 09:00"))
    assert owed(case, Kind.REPLY, "2025-09-16 09:00").status is Status.MET


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        pytest.param("2025-09-15 16:59:59", Status.OPEN, id="before the withdrawal"),
        pytest.param("2025-09-15 17:00", Status.VOID, id="at its very moment"),
        pytest.param("2025-09-30 17:00", Status.VOID, id="long after"),
    ],
)
def test_a_withdrawal_voids_from_the_moment_it_happened(as_of: str, status: Status) -> None:
    assert owed(replied(withdraw()), Kind.REPLY, as_of).status is status


def test_a_visit_not_yet_held_as_of_then_leaves_the_arrival_open() -> None:
    assert owed(visited(), Kind.ARRIVAL, "2025-09-18 09:20").status is Status.OPEN


def test_an_arrival_in_time_shows_as_overdue_until_the_visit_is_told_of() -> None:
    """The act is the visit as told, at 11:00; nobody knows of it before."""
    assert owed(visited(), Kind.ARRIVAL, "2025-09-18 10:00").status is Status.OVERDUE
    assert owed(visited(), Kind.ARRIVAL, "2025-09-18 11:00").status is Status.MET


def test_as_of_must_be_a_moment() -> None:
    with pytest.raises(InvalidInput) as caught:
        obligations(
            opened(),
            regulation=DB4209_T_32_2023,
            calendar=CALENDAR,
            as_of=dt.datetime(2025, 9, 16),  # noqa: DTZ001
        )
    (violation,) = caught.value.violations
    assert (violation.rule, violation.facts["field"]) == ("naive_time", "as_of")


# --- what makes it void --------------------------------------------------------------------------


def test_a_reassigned_notice_no_longer_asks_for_a_reply_and_the_new_one_does() -> None:
    found = all_owed(replied(reassign()), Kind.REPLY, "2025-09-15 12:00")
    assert {o.bearer: o.status for o in found} == {LEAD: Status.VOID, THIRD: Status.OPEN}


def test_the_new_unit_has_a_working_day_of_its_own() -> None:
    case = replied(reassign(at="2025-09-18 09:00"))
    found = {o.bearer: o.due_day for o in all_owed(case, Kind.REPLY, LATER)}
    assert found == {LEAD: dt.date(2025, 9, 16), THIRD: dt.date(2025, 9, 19)}


def test_a_reply_that_was_overdue_is_void_once_reassigned() -> None:
    case = replied(reassign(at="2025-09-18 09:00"))
    before, since = (
        {o.bearer: o.status for o in all_owed(case, Kind.REPLY, as_of)}
        for as_of in ("2025-09-18 08:59", "2025-09-18 09:00")
    )
    assert (before, since[LEAD]) == ({LEAD: Status.OVERDUE}, Status.VOID)


def test_a_rescheduled_arrival_is_void_from_the_rescheduling() -> None:
    case = scheduled(reschedule(at="2025-09-16 09:00"))
    found = [
        [o.status for o in all_owed(case, Kind.ARRIVAL, as_of)]
        for as_of in ("2025-09-16 08:59", "2025-09-16 09:00")
    ]
    assert found == [[Status.OPEN], [Status.VOID, Status.OPEN]]


def test_a_withdrawal_does_not_void_what_was_met() -> None:
    case = scheduled(withdraw())
    met = {o.kind for k in Kind for o in all_owed(case, k, LATER) if o.status is Status.MET}
    assert met == {Kind.TRANSFER, Kind.REPLY, Kind.APPOINTMENT}


# --- what is found late --------------------------------------------------------------------------

JUST_IN_TIME = "2025-09-16 23:59:59.999999"


def codes(case: Case, step: Step, regulation: Regulation = DB4209_T_32_2023) -> list[FindingCode]:
    return [finding.code for finding in seen(case, step, regulation=regulation)]


def test_a_reply_one_microsecond_before_the_limit_is_in_time() -> None:
    assert seen(replied(), accept(at=JUST_IN_TIME)) == []


def test_a_reply_at_the_limit_is_late() -> None:
    (found,) = seen(replied(), accept(at="2025-09-17 00:00"))
    assert (found.code, found.by_seconds) == (FindingCode.LATE_ACT, 0)


def test_a_late_act_says_who_was_late_under_which_clause_and_by_how_much() -> None:
    (found,) = seen(replied(), decline(at="2025-09-17 10:30"))
    assert attrs.asdict(found) == {
        "code": FindingCode.LATE_ACT,
        "clause": "7.2",
        "kind": Kind.REPLY,
        "bearer": LEAD,
        "due": at("2025-09-17 00:00"),
        "at": at("2025-09-17 10:30"),
        "by_seconds": 10 * 3600 + 30 * 60,
        "version": 3,
    }


def test_a_reply_in_time_entered_one_microsecond_before_the_limit_is_no_late_entry() -> None:
    assert seen(replied(), (accept(), JUST_IN_TIME)) == []


def test_a_reply_in_time_entered_at_the_limit_is_a_late_entry() -> None:
    assert codes(replied(), (accept(), "2025-09-17 00:00")) == [FindingCode.LATE_ENTRY]


def test_a_late_entry_says_how_long_after_the_limit_it_was_entered() -> None:
    (found,) = seen(replied(), (accept(), "2025-09-17 01:00"))
    assert (found.at, found.by_seconds) == (at("2025-09-15 14:00"), 3600)


def test_a_late_entry_of_an_act_in_time_meets_the_obligation() -> None:
    case = replied((accept(), "2025-09-20 09:00"))
    assert owed(case, Kind.REPLY, LATER).status is Status.MET


def test_a_late_act_entered_late_is_a_late_act_alone() -> None:
    step = (accept(at="2025-09-17 09:00"), "2025-09-20 09:00")
    (found,) = seen(replied(), step)
    assert (found.code, found.by_seconds) == (FindingCode.LATE_ACT, 9 * 3600)


def test_only_the_unit_that_was_late_is_found_late() -> None:
    case = play(joint(), accept(LEAD))
    (found,) = seen(case, accept(ASSISTING, at="2025-09-17 09:00"))
    assert found.bearer == ASSISTING


def test_a_form_filed_after_the_third_working_day_is_late() -> None:
    (found,) = seen(visited(), file_registration_form(at="2025-09-24 08:00"))
    assert (found.code, found.clause, found.by_seconds) == (FindingCode.LATE_ACT, "6.3", 8 * 3600)


def test_a_report_after_the_promised_day_is_late() -> None:
    (found,) = seen(promised(), report_outcome(at="2025-09-23 00:00"))
    assert (found.code, found.clause, found.by_seconds) == (FindingCode.LATE_ACT, "7.4", 0)


def test_staff_who_arrive_within_the_appointed_minute_are_on_time() -> None:
    assert seen(scheduled(), serve(arrived_at="2025-09-18 09:30:59.999999")) == []


def test_staff_who_arrive_after_the_appointed_minute_are_late() -> None:
    (found,) = seen(scheduled(), serve(arrived_at="2025-09-18 09:31"))
    assert (found.code, found.clause, found.bearer, found.by_seconds) == (
        FindingCode.LATE_ARRIVAL,
        "7.3",
        LEAD,
        0,
    )


def test_a_late_arrival_is_measured_at_the_door() -> None:
    (found,) = seen(scheduled(), serve(arrived_at="2025-09-18 09:45:30"))
    assert (found.at, found.by_seconds) == (at("2025-09-18 09:45:30"), 14 * 60 + 30)


def test_a_visit_entered_days_later_is_no_late_entry() -> None:
    assert seen(scheduled(), (serve(), "2025-09-30 09:00")) == []


def test_a_late_arrival_entered_days_later_is_a_late_arrival_alone() -> None:
    step = (serve(arrived_at="2025-09-18 09:45"), "2025-09-30 09:00")
    assert codes(scheduled(), step) == [FindingCode.LATE_ARRIVAL]


def test_staff_who_never_came_are_found_absent() -> None:
    (found,) = seen(scheduled(), report_failed_visit(Cause.STAFF_ABSENT, at="2025-09-18 10:01"))
    assert (found.code, found.clause, found.bearer, found.by_seconds) == (
        FindingCode.STAFF_ABSENT,
        "7.3",
        LEAD,
        30 * 60,
    )


def test_staff_reported_absent_within_the_appointed_minute_are_absent_and_not_yet_late() -> None:
    (found,) = seen(scheduled(), report_failed_visit(Cause.STAFF_ABSENT, at="2025-09-18 09:30:10"))
    assert (found.code, found.by_seconds) == (FindingCode.STAFF_ABSENT, 0)


@pytest.mark.parametrize("cause", sorted(set(Cause) - {Cause.STAFF_ABSENT}))
def test_a_visit_that_fails_for_another_cause_is_nobodys_fault(cause: Cause) -> None:
    note = "电梯停运。" if cause is Cause.OTHER else None
    assert seen(scheduled(), report_failed_visit(cause, note=note)) == []


def test_findings_stay_when_a_case_is_withdrawn() -> None:
    case = replied(accept(at="2025-09-17 09:00"), withdraw(at="2025-09-17 10:00"))
    found = findings(case, regulation=DB4209_T_32_2023, calendar=CALENDAR)
    assert [finding.code for finding in found] == [FindingCode.LATE_ACT]


def test_the_passing_of_time_alone_finds_nothing() -> None:
    """I-9: nothing is marked until somebody reports it."""
    assert findings(replied(), regulation=DB4209_T_32_2023, calendar=CALENDAR) == ()


def test_all_findings_of_a_case_are_listed_in_the_order_of_the_entries() -> None:
    case = replied(
        accept(at="2025-09-17 09:00"),
        schedule(at="2025-09-17 10:00"),
        report_failed_visit(Cause.STAFF_ABSENT),
        schedule(at="2025-09-18 11:00", start="2025-09-19 09:30"),
        serve(at="2025-09-19 11:00", arrived_at="2025-09-19 09:40", left_at="2025-09-19 10:40"),
        (file_registration_form(at="2025-09-22 09:00"), "2025-09-25 09:00"),
    )
    found = findings(case, regulation=DB4209_T_32_2023, calendar=CALENDAR)
    assert [(finding.version, finding.code) for finding in found] == [
        (3, FindingCode.LATE_ACT),
        (5, FindingCode.STAFF_ABSENT),
        (7, FindingCode.LATE_ARRIVAL),
        (8, FindingCode.LATE_ENTRY),
    ]


@pytest.mark.parametrize("code", list(FindingCode))
def test_a_finding_is_said_in_chinese(code: FindingCode) -> None:
    assert code.zh
    assert code.value not in code.zh


# --- a case is judged by the edition it was opened under -----------------------------------------


def ask_findings(case: Case) -> object:
    return findings(case, regulation=INVENTED, calendar=CALENDAR)


def ask_obligations(case: Case) -> object:
    return obligations(case, regulation=INVENTED, calendar=CALENDAR, as_of=at(LATER))


@pytest.mark.parametrize("ask", [ask_findings, ask_obligations])
def test_another_edition_is_not_asked_about_a_case(ask: Callable[[Case], object]) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(opened())
    (violation,) = caught.value.violations
    assert violation.rule == "wrong_edition"
    assert violation.facts["case"] == DB4209_T_32_2023.edition
    assert violation.facts["regulation"] == INVENTED.edition


# --- an invented edition: other limits, other units of time, other readings ----------------------


def invented(*steps: Step, regulation: Regulation = INVENTED) -> Case:
    return play(None, *steps, regulation=regulation)


SERVED_LATE = (
    apply(),
    transfer(at="2025-09-15 13:00"),
    accept(at="2025-09-15 14:00"),
    schedule(at="2025-09-22 17:00", start="2025-09-23 09:30"),
    serve(
        at="2025-09-23 11:00",
        arrived_at="2025-09-23 09:31",
        left_at="2025-09-23 10:40",
        results=unfinished(),
        forms_completed=False,
    ),
    give_one_time_notice(at="2025-09-24 17:00"),
    report_outcome(at="2025-09-25 09:00", to_deliver=("残疾人证",)),
    file_registration_form(at="2025-09-29 09:00"),
    deliver(at="2025-10-20 09:00"),
    close(at="2025-10-20 10:00"),
    archive(at="2025-11-20 09:00"),
)


def test_what_ours_never_calls_late_is_late_where_the_edition_sets_a_limit() -> None:
    case = invented(*SERVED_LATE)
    every = [all_owed(case, kind, "2025-12-01 09:00", regulation=INVENTED) for kind in Kind]
    late = [o.kind for found in every for o in found if o.status is Status.MET_LATE]
    assert late == [
        Kind.TRANSFER,
        Kind.APPOINTMENT,
        Kind.ARRIVAL,
        Kind.NOTICE,
        Kind.DELIVERY,
        Kind.ARCHIVE,
    ]


def test_findings_name_every_limit_of_the_edition_that_was_not_kept() -> None:
    found = findings(invented(*SERVED_LATE), regulation=INVENTED, calendar=CALENDAR)
    assert [(finding.kind, finding.code) for finding in found] == [
        (Kind.TRANSFER, FindingCode.LATE_ACT),
        (Kind.APPOINTMENT, FindingCode.LATE_ACT),
        (Kind.ARRIVAL, FindingCode.LATE_ARRIVAL),
        (Kind.NOTICE, FindingCode.LATE_ACT),
        (Kind.DELIVERY, FindingCode.LATE_ACT),
        (Kind.ARCHIVE, FindingCode.LATE_ACT),
    ]


def test_a_limit_in_hours_runs_by_the_clock_and_knows_no_close_of_business() -> None:
    case = invented(apply(at="2025-09-15 15:30"))
    assert due(case, Kind.TRANSFER, INVENTED) == ("2025-09-15", "2025-09-15 19:30:00")


def test_a_limit_in_hours_that_ends_at_midnight_still_ends_on_its_day() -> None:
    case = invented(apply(at="2025-09-15 20:00"))
    assert due(case, Kind.TRANSFER, INVENTED) == ("2025-09-15", "2025-09-16 00:00:00")


def test_a_transfer_at_the_last_hour_of_its_limit_is_late() -> None:
    case = invented(apply(at="2025-09-15 15:30"))
    in_time = transfer(at="2025-09-15 19:29:59.999999")
    assert codes(case, in_time, INVENTED) == []
    assert codes(case, transfer(at="2025-09-15 19:30"), INVENTED) == [FindingCode.LATE_ACT]


def test_an_overdue_transfer_is_overdue_until_it_is_made() -> None:
    case = invented(apply(at="2025-09-15 15:30"))
    assert owed(case, Kind.TRANSFER, LATER, regulation=INVENTED).status is Status.OVERDUE


def test_an_overdue_transfer_is_void_once_withdrawn() -> None:
    case = invented(apply(), withdraw())
    assert owed(case, Kind.TRANSFER, LATER, regulation=INVENTED).status is Status.VOID


def test_a_limit_in_days_that_ends_on_a_day_off_moves_to_the_next_working_day() -> None:
    case = invented(apply(), transfer(), accept(at="2025-09-15 14:00"))  # 5 days: Saturday the 20th
    assert due(case, Kind.APPOINTMENT, INVENTED) == ("2025-09-22", "2025-09-22 17:00:00")


def test_a_limit_in_days_that_ends_on_a_working_day_ends_there() -> None:
    case = invented(apply(), transfer(), accept(at="2025-09-17 14:00"))
    assert due(case, Kind.APPOINTMENT, INVENTED) == ("2025-09-22", "2025-09-22 17:00:00")


def test_a_limit_in_days_moves_over_a_whole_golden_week() -> None:
    case = invented(
        apply(at="2025-09-26 09:00"),
        transfer(at="2025-09-26 10:00"),
        accept(at="2025-09-28 10:00"),
    )
    assert due(case, Kind.APPOINTMENT, INVENTED)[0] == "2025-10-09"


def test_a_last_day_that_is_off_moves_onto_a_make_up_saturday() -> None:
    case = invented(
        apply(at="2026-02-10 09:00"),
        transfer(at="2026-02-10 10:00"),
        accept(at="2026-02-23 10:00"),
    )
    assert due(case, Kind.APPOINTMENT, INVENTED)[0] == "2026-02-28"


def test_a_limit_can_be_set_on_the_appointment_of_a_new_lead() -> None:
    case = invented(
        apply(items=opened(RENEWAL, CARD).items),
        transfer(notice(LEAD, RENEWAL), notice(ASSISTING, CARD)),
        decline(LEAD),
        accept(ASSISTING, at="2025-09-15 14:30"),
    )
    assert due(case, Kind.LEAD, INVENTED) == ("2025-09-16", "2025-09-16 17:00:00")
    late = designate_lead(at="2025-09-16 17:00")
    assert codes(case, late, INVENTED) == [FindingCode.LATE_ACT]
    assert codes(case, designate_lead(at="2025-09-16 16:59"), INVENTED) == []


def test_a_limit_can_be_set_on_the_explanation_of_a_refusal() -> None:
    case = invented(apply(), transfer(), decline())
    (found,) = seen(case, explain_refusal(at="2025-09-16 14:00"), regulation=INVENTED)
    assert (found.kind, found.bearer, found.clause) == (Kind.EXPLANATION, LEAD, "7.2.2")
    assert codes(case, explain_refusal(at="2025-09-16 13:59"), INVENTED) == []


def test_a_limit_can_be_set_on_archiving() -> None:
    case = invented(apply(), withdraw())
    assert due(case, Kind.ARCHIVE, INVENTED) == ("2025-10-15", "2025-10-15 17:00:00")
    late = archive(by=WINDOW, at="2025-10-15 17:00")
    assert codes(case, late, INVENTED) == [FindingCode.LATE_ACT]


def test_a_limit_can_be_set_on_a_second_appointment() -> None:
    case = invented(*SERVED_LATE[:3], schedule(), report_failed_visit())
    (found,) = seen(
        case,
        schedule(at="2025-09-23 17:00", start="2025-09-24 09:00"),  # five days end on the 23rd
        regulation=INVENTED,
    )
    assert (found.kind, found.by_seconds) == (Kind.APPOINTMENT, 0)


# I-1, the other reading: the reply is counted from receipt


def received(*steps: Step) -> Case:
    return invented(apply(), transfer(), *steps)


def test_until_the_notice_is_received_the_reply_is_owed_without_a_due_day() -> None:
    found = owed(received(), Kind.REPLY, LATER, regulation=INVENTED)
    assert (found.status, found.due_day, found.due) == (Status.OPEN, None, None)


def test_from_receipt_on_two_working_days_run_to_the_close_of_business() -> None:
    case = received(acknowledge(at="2025-09-18 09:00"))
    assert due(case, Kind.REPLY, INVENTED) == ("2025-09-22", "2025-09-22 17:00:00")


def test_as_of_a_moment_before_the_receipt_there_is_no_due_day() -> None:
    case = received(acknowledge(at="2025-09-18 09:00"))
    found = owed(case, Kind.REPLY, "2025-09-18 08:59", regulation=INVENTED)
    assert (found.status, found.due) == (Status.OPEN, None)


def test_a_reply_at_the_close_of_business_is_late() -> None:
    case = received(acknowledge(at="2025-09-18 09:00"))
    assert codes(case, accept(at="2025-09-22 16:59:59.999999"), INVENTED) == []
    assert codes(case, accept(at="2025-09-22 17:00"), INVENTED) == [FindingCode.LATE_ACT]


def test_a_reply_without_acknowledgement_counts_as_receipt_and_is_never_late() -> None:
    assert seen(received(), accept(at="2025-09-29 09:00"), regulation=INVENTED) == []


def test_a_reply_without_acknowledgement_entered_after_its_limit_is_a_late_entry() -> None:
    step = (accept(at="2025-09-15 14:00"), "2025-09-17 17:00")
    assert codes(received(), step, INVENTED) == [FindingCode.LATE_ENTRY]


def test_a_reply_given_before_its_acknowledgement_counts_as_the_receipt() -> None:
    case = received((acknowledge(at="2025-09-16 09:00"), "2025-09-16 09:00"))
    step = (accept(at="2025-09-15 14:00"), "2025-09-18 16:00")  # due on the 17th, not the 18th
    assert codes(case, step, INVENTED) == [FindingCode.LATE_ENTRY]


# I-2, the other readings


def edition(**changes: object) -> Regulation:
    """Ours under another name, with these changes."""
    return attrs.evolve(DB4209_T_32_2023, edition="DB0000/T 2—2024", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("issued", "day"),
    [
        pytest.param("2025-09-15 10:00", "2025-09-15", id="a Monday is day one"),
        pytest.param("2025-09-20 10:00", "2025-09-22", id="a Saturday off cannot be"),
        pytest.param("2025-09-28 10:00", "2025-09-28", id="a make-up Sunday is"),
    ],
)
def test_the_day_of_the_trigger_can_count_as_day_one(issued: str, day: str) -> None:
    regulation = edition(trigger_day_counts=True)
    case = invented(apply(at=issued), transfer(at=issued), regulation=regulation)
    assert due(case, Kind.REPLY, regulation)[0] == day


def test_the_day_of_the_trigger_can_count_in_a_limit_of_plain_days() -> None:
    regulation = edition(trigger_day_counts=True, limits={Kind.TRANSFER: Limit(1, LimitUnit.DAYS)})
    case = invented(apply(), regulation=regulation)
    assert due(case, Kind.TRANSFER, regulation)[0] == "2025-09-15"


def test_a_day_can_end_at_the_close_of_business() -> None:
    regulation = edition(close_of_business=dt.time(17, 30))
    case = invented(apply(), transfer(), regulation=regulation)
    assert due(case, Kind.REPLY, regulation) == ("2025-09-16", "2025-09-16 17:30:00")


def test_a_promised_day_ends_at_the_close_of_business_too() -> None:
    case = invented(
        *SERVED_LATE[:5], give_one_time_notice(at="2025-09-23 11:30", outstanding=(PROMISED,))
    )
    assert due(case, Kind.OUTCOME, INVENTED) == ("2025-09-22", "2025-09-22 17:00:00")


def test_an_edition_without_limits_finds_nothing_but_the_visit_and_the_promise() -> None:
    regulation = edition(limits={})
    case = invented(*SERVED_LATE, regulation=regulation)
    found = findings(case, regulation=regulation, calendar=CALENDAR)
    assert [finding.kind for finding in found] == [Kind.ARRIVAL]
    assert owed(case, Kind.REPLY, LATER, regulation=regulation).due is None


# --- corrected facts are judged anew (I-6) -------------------------------------------------------


def test_a_leaving_time_not_yet_past_when_it_was_entered_is_refused() -> None:
    """Otherwise the limit of 6.3, which counts from it, could be put off at will."""
    fields = {"arrived_at": at("2025-09-19 09:25"), "left_at": at("2025-09-19 10:40")}
    with pytest.raises(Refused) as refused:
        visited(correct(5, fields, by=of(LEAD)))
    (violation,) = refused.value.violations
    assert violation.facts["rules"] == ["times_in_order（7.3）"]


def test_a_corrected_time_of_reply_is_no_longer_late() -> None:
    case = replied((accept(at="2025-09-17 09:00"), "2025-09-17 09:00"))
    case = play(case, correct(3, {"at": at("2025-09-16 09:00")}, by=of(LEAD)))
    assert owed(case, Kind.REPLY, LATER).status is Status.MET


# --- on any road through the table ---------------------------------------------------------------


def acknowledged_after_reply(moves: list[Move]) -> bool:
    notices = end_of(moves).notices
    return any(
        n.acknowledged is not None
        and n.reply is not None
        and n.acknowledged.version > n.reply.version
        for n in notices
    )


@given(seed=SEEDS)
def test_the_findings_of_the_moves_are_the_findings_of_the_case(seed: int) -> None:
    moves = walk(seed, corrects=False)
    step_by_step = [found for *_, decision in moves for found in decision.findings]
    judged_anew = findings(end_of(moves), regulation=DB4209_T_32_2023, calendar=CALENDAR)
    assert tuple(step_by_step) == judged_anew


@given(seed=SEEDS)
def test_so_they_are_under_another_edition(seed: int) -> None:
    moves = walk(seed, corrects=False, regulation=INVENTED)
    # An acknowledgement told of after the reply moves what the reply is judged by.
    assume(not acknowledged_after_reply(moves))
    step_by_step = [found for *_, decision in moves for found in decision.findings]
    judged_anew = findings(end_of(moves), regulation=INVENTED, calendar=CALENDAR)
    assert tuple(step_by_step) == judged_anew


@given(seed=SEEDS)
def test_a_correction_answers_with_the_findings_that_the_case_did_not_have(seed: int) -> None:
    had: set[Finding] = set()
    for case, command, entered, decision in walk(seed):
        (event,) = decision.events
        now = findings(evolve(case, event), regulation=DB4209_T_32_2023, calendar=CALENDAR)
        assert set(decision.findings) == set(now) - had, (command, entered)
        had = set(now)


@given(seed=SEEDS)
def test_what_is_met_late_is_what_was_found_to_be_late(seed: int) -> None:
    case = end_of(walk(seed, regulation=INVENTED))
    found = findings(case, regulation=INVENTED, calendar=CALENDAR)
    late_codes = (FindingCode.LATE_ACT, FindingCode.LATE_ARRIVAL)
    late = sorted((f.kind, f.due) for f in found if f.code in late_codes)
    met_late = sorted(
        (o.kind, o.due)
        for o in obligations(
            case, regulation=INVENTED, calendar=CALENDAR, as_of=case.recorded_at + 2 * DAY
        )
        if o.status is Status.MET_LATE and o.due is not None
    )
    assert met_late == late


def test_under_a_limit_on_deliveries_one_of_nothing_announced_is_not_late() -> None:
    case = invented(*SERVED_LATE[:7])
    assert seen(case, deliver(None, at="2025-12-01 09:00"), regulation=INVENTED) == []


# --- another calendar ----------------------------------------------------------------------------

BEFORE_NOTICE = CALENDAR.as_known_on(dt.date(2023, 10, 1))
"""Before the notice of 25 October 2023, which left New Year's Eve, 9 February 2024, a working day:
nobody had expected that."""


def moves(case: Case, after_: WorkingCalendar, as_of: str) -> list[tuple[Kind, str, str]]:
    """What moves from where to where, when ``after_`` takes the place of what was known."""
    found = moved(
        case,
        regulation=DB4209_T_32_2023,
        before=BEFORE_NOTICE,
        after=after_,
        as_of=at(as_of),
    )
    return [(Kind(m.before.kind), str(m.before.due_day), str(m.after.due_day)) for m in found]


def transferred_before_new_year(*steps: Step) -> Case:
    return play(opened(at="2024-02-08 09:00"), transfer(at="2024-02-08 10:00"), *steps)


def test_a_new_notice_moves_what_is_still_owed() -> None:
    case = transferred_before_new_year()
    assert moves(case, CALENDAR, "2024-02-08 12:00") == [
        (
            Kind.REPLY,
            str(BEFORE_NOTICE.add_working_days(dt.date(2024, 2, 8), 1).date),
            "2024-02-09",
        )
    ]


def test_what_moved_it_is_named() -> None:
    (found,) = moved(
        transferred_before_new_year(),
        regulation=DB4209_T_32_2023,
        before=BEFORE_NOTICE,
        after=CALENDAR,
        as_of=at("2024-02-08 12:00"),
    )
    assert found.by == ("国办发明电〔2023〕7号",)
    assert (found.before.provisional, found.after.provisional) == (True, False)


def test_what_is_met_does_not_move() -> None:
    case = transferred_before_new_year(accept(at="2024-02-08 11:00"))
    assert moves(case, CALENDAR, "2024-02-08 12:00") == []


def test_the_same_calendar_moves_nothing() -> None:
    assert moves(transferred_before_new_year(), BEFORE_NOTICE, "2024-02-08 12:00") == []


def test_a_centres_own_day_off_moves_what_falls_on_it_and_is_named() -> None:
    closed_ = CALENDAR.with_local_days(
        closed=[dt.date(2024, 2, 9)], decided_by="孝南区政府", decided_on=dt.date(2024, 2, 1)
    )
    (found,) = moved(
        transferred_before_new_year(),
        regulation=DB4209_T_32_2023,
        before=CALENDAR,
        after=closed_,
        as_of=at("2024-02-08 12:00"),
    )
    assert (str(found.after.due_day), found.by) == ("2024-02-18", ("孝南区政府",))


def test_what_has_no_due_day_does_not_move() -> None:
    assert moves(opened(at="2024-02-08 09:00"), CALENDAR, "2024-02-08 12:00") == []


def test_a_day_that_is_worked_after_all_is_named_though_the_old_day_lies_beyond_it() -> None:
    closed_ = CALENDAR.with_local_days(
        closed=[dt.date(2024, 2, 9)], decided_by="孝南区政府", decided_on=dt.date(2024, 2, 1)
    )
    (found,) = moved(
        transferred_before_new_year(),
        regulation=DB4209_T_32_2023,
        before=closed_,
        after=CALENDAR,
        as_of=at("2024-02-08 12:00"),
    )
    assert (str(found.after.due_day), found.by) == ("2024-02-09", ("国办发明电〔2023〕7号",))


def local(calendar: WorkingCalendar, by: str, **days: str) -> WorkingCalendar:
    (kind,) = days
    return calendar.with_local_days(
        **{kind: [dt.date.fromisoformat(days[kind])]},
        decided_by=by,
        decided_on=dt.date(2024, 2, 1),
    )


@pytest.mark.parametrize("back", [False, True])
def test_whatever_changed_up_to_the_later_of_the_two_days_is_named(back: bool) -> None:
    """The second decision lies beyond the earlier of the two due days."""
    here = local(CALENDAR, "孝南区政府", closed="2024-02-09")
    if back:
        there = local(local(here, "甲", open="2024-02-10"), "乙", open="2024-02-11")
    else:
        here = CALENDAR
        there = local(local(here, "甲", closed="2024-02-09"), "乙", closed="2024-02-18")
    (found,) = moved(
        transferred_before_new_year(),
        regulation=DB4209_T_32_2023,
        before=here,
        after=there,
        as_of=at("2024-02-08 12:00"),
    )
    days = (str(found.before.due_day), str(found.after.due_day))
    assert days == (("2024-02-18", "2024-02-10") if back else ("2024-02-09", "2024-02-19"))
    assert found.by == ("甲", "乙")


# --- as of a moment between two of a kind --------------------------------------------------------


def test_what_was_opened_later_does_not_hide_what_was_opened_before() -> None:
    """The lead declined at three, the assisting unit at two; it is half past two."""
    case = play(
        joint(),
        decline(ASSISTING, at="2025-09-15 14:00"),
        decline(LEAD, at="2025-09-15 15:00"),
    )
    assert [o.bearer for o in all_owed(case, Kind.EXPLANATION, "2025-09-15 14:30")] == [ASSISTING]


def test_no_new_lead_is_owed_while_a_unit_has_not_replied() -> None:
    """The lead declined and another accepted; the third may yet do anything."""
    notices = (notice(LEAD, RENEWAL), notice(ASSISTING, CARD), notice(THIRD, ENROLMENT))
    case = play(opened(RENEWAL, CARD, ENROLMENT), transfer(*notices), decline(LEAD))
    case = play(case, accept(ASSISTING, at="2025-09-15 14:30"))
    assert all_owed(case, Kind.LEAD, LATER) == []


def test_a_new_lead_owes_an_appointment_again_after_a_failed_visit() -> None:
    case = lead_declined(
        designate_lead(),
        schedule(ASSISTING),
        report_failed_visit(by=of(ASSISTING)),
    )
    found = all_owed(case, Kind.APPOINTMENT, LATER)
    assert [(o.opened_at, o.status) for o in found] == [
        (at("2025-09-15 15:00"), Status.MET),
        (at("2025-09-18 10:00"), Status.OPEN),
    ]


def test_an_appointment_is_kept_to_the_minute_whatever_fraction_it_was_written_with() -> None:
    start = at("2025-09-18 09:30").replace(second=59, microsecond=999_999)
    case = play(opened(), transfer(), accept(), schedule(start=start))
    assert owed(case, Kind.ARRIVAL, LATER).due == at("2025-09-18 09:31")


def test_hours_that_end_just_after_midnight_end_on_the_new_day() -> None:
    """20:00 and a millionth of a second, and four hours."""
    moment = at("2025-09-15 20:00").replace(microsecond=1)
    found = owed(invented(apply(at=moment)), Kind.TRANSFER, LATER, regulation=INVENTED)
    assert (found.due, str(found.due_day)) == (moment + 4 * HOUR, "2025-09-16")


def test_hours_that_end_at_midnight_end_on_the_old_day() -> None:
    found = owed(invented(apply(at="2025-09-15 20:00")), Kind.TRANSFER, LATER, regulation=INVENTED)
    assert (found.due, str(found.due_day)) == (at("2025-09-16 00:00"), "2025-09-15")


def test_a_case_of_another_edition_says_which() -> None:
    with pytest.raises(InvalidInput) as caught:
        findings(opened(), regulation=INVENTED, calendar=CALENDAR)
    (violation,) = caught.value.violations
    ours, theirs = DB4209_T_32_2023.edition, INVENTED.edition
    assert (violation.zh, violation.en) == (
        f"regulation：此案依据的是{ours}，不是{theirs}。",
        f"regulation: the case is pinned to {ours}, not {theirs}.",
    )


def test_a_notice_received_this_moment_has_its_day_already() -> None:
    case = invented(apply(), transfer(), acknowledge(at="2025-09-15 11:30"))
    found = owed(case, Kind.REPLY, "2025-09-15 11:30", regulation=INVENTED)
    assert str(found.due_day) == "2025-09-17"


def test_whoever_withdraws_when_the_visit_is_overdue_was_not_late_to_it() -> None:
    case = scheduled(withdraw(at="2025-09-18 12:00"))
    assert findings(case, regulation=DB4209_T_32_2023, calendar=CALENDAR) == ()


def test_whoever_withdraws_when_the_reply_is_overdue_has_not_replied_late() -> None:
    case = replied(withdraw(at="2025-09-18 12:00"))
    assert findings(case, regulation=DB4209_T_32_2023, calendar=CALENDAR) == ()


def test_the_findings_have_their_names_in_chinese() -> None:
    assert {code.value: code.zh for code in FindingCode} == {
        "late_act": "逾期办理",
        "late_entry": "按期办理，逾期登记",
        "late_arrival": "未准时到达",
        "staff_absent": "工作人员未到",
    }


# --- by which entries ---------------------------------------------------------------------------


@given(seed=SEEDS)
def test_what_opens_meets_and_ends_a_duty_is_of_the_entries_that_its_kind_declares(
    seed: int,
) -> None:
    """What other rooms read of the declaration is what the facts give."""
    declared = {duties.kind: duties for duties in CASE.duties}
    case = end_of(walk(seed))
    for found in obligations(
        case, regulation=DB4209_T_32_2023, calendar=CALENDAR, as_of=case.recorded_at + 90 * DAY
    ):
        duties = declared[Kind(found.kind)]
        for version, kinds in (
            (found.opened_by, duties.opened_by),
            (found.met_by, duties.met_by),
            (found.ended_by, duties.ended_by),
        ):
            if version is not None:
                assert isinstance(case.history[version - 1], kinds), (found.kind, version)
        assert found.opened_by is not None
        assert (found.met_by is None) == (found.met_at is None)

"""The three shapes of a ledger: a row a case, a row a unit, a row an act."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow import (
    SHANGHAI,
    Case,
    Directory,
    MemoryStore,
    OnsiteWorkflowError,
    Status,
    Unit,
    Workflow,
)
from onsite_workflow.engine.history import corrected_history
from onsite_workflow.wire.reading import read_line

from .histories import (
    ACT_HEADER,
    ACT_MAPPING,
    HEADER,
    MAPPING,
    UNIT_HEADER,
    UNIT_MAPPING,
    Office,
    Row,
    clean,
    row_of,
    rows_of_acts,
    rows_of_units,
)
from .writing import judged, said, write_csv

ROOT = Path(__file__).parents[2]
JOURNAL = ROOT / "examples" / "xiaonan-2025-2026.jsonl"
AT = dt.datetime(2026, 10, 31, 21, tzinfo=SHANGHAI)


def acts(path: Path, rows: list[Row]) -> dict[str, list[tuple[str, str | None, str, str | None]]]:
    return said(judged(write_csv(path / "l.csv", rows, header=ACT_HEADER), ACT_MAPPING))


def units(path: Path, rows: list[Row]) -> dict[str, list[tuple[str, str | None, str, str | None]]]:
    return said(judged(write_csv(path / "l.csv", rows, header=UNIT_HEADER), UNIT_MAPPING))


def one_act(rows: list[Row], act: str) -> Row:
    return next(row for row in rows if row["环节"] == act)


# --- clean --------------------------------------------------------------------------------------


def test_a_row_an_act_shows_nothing_where_nothing_is_wrong(tmp_path: Path) -> None:
    assert acts(tmp_path, [row for case, _ in clean(150) for row in rows_of_acts(case)]) == {}


def test_a_row_a_unit_shows_nothing_where_nothing_is_wrong(tmp_path: Path) -> None:
    assert units(tmp_path, [row for case, _ in clean(150) for row in rows_of_units(case)]) == {}


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [row for case, _ in clean(40) for row in rows_of_acts(case)]
    Office(1).random.shuffle(rows)
    assert acts(tmp_path, rows) == {}


# --- rows that are no cases ---------------------------------------------------------------------

TOTALS = ["合计", "合 计：", "小计（34件）", "2026年9月合计", "共34件", "总计34", "填表人：王桂兰"]


def totalled(
    path: Path, *, case: str, header: tuple[str, ...], rows: list[Row], mapping: str
) -> Any:
    """The ledger with a row in its midst and one at its end that holds something in every cell."""
    total = dict.fromkeys(header, "34") | {"案号": case}
    written = [*rows[:2], total, *rows[2:], total]
    return judged(write_csv(path / "l.csv", written, header=header), mapping)


@pytest.mark.parametrize("case", TOTALS)
@pytest.mark.parametrize(
    ("header", "mapping", "rows_of"),
    [
        (HEADER, MAPPING, lambda case: [row_of(case)]),
        (UNIT_HEADER, UNIT_MAPPING, rows_of_units),
        (ACT_HEADER, ACT_MAPPING, rows_of_acts),
    ],
    ids=["cases", "units", "acts"],
)
def test_a_total_is_no_case_whatever_its_row_holds(
    header: tuple[str, ...], mapping: str, rows_of: Any, case: str, tmp_path: Path
) -> None:
    rows = [row for n in (1, 2) for row in rows_of(Office(3).history(n, "on_site"))]
    report = totalled(tmp_path, case=case, header=header, rows=rows, mapping=mapping)
    assert (report.findings, report.unreadable, report.owed) == ((), (), ())
    assert report.not_cases == (4, len(rows) + 3)
    assert (report.rows, report.cases) == (len(rows), 2)


@pytest.mark.parametrize("case", ["小计划-01", "合计-01", "共计户口2026-1", "审核-7"])
def test_an_id_that_only_looks_like_a_total_is_a_case(case: str, tmp_path: Path) -> None:
    row = row_of(Office(3).history(1, "on_site")) | {"案号": case}
    report = judged(write_csv(tmp_path / "l.csv", [row], header=HEADER))
    assert (report.cases, report.not_cases) == (1, ())


def test_a_total_may_stand_in_the_column_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("序号,案号,申请时间\n1,A,2026-03-02\n合计,,34\n", encoding="utf-8")
    report = judged(path, '[columns]\ncase = "案号"\napplied_at = "申请时间"')
    assert (report.not_cases, report.unreadable) == ((3,), ())


def test_rows_that_the_mapping_calls_no_cases(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号,申请时间\nA,2026-03-02\n本月 小结：,34\n", encoding="utf-8")
    columns = '[columns]\ncase = "案号"\napplied_at = "申请时间"'
    assert [c.row for c in judged(path, columns).unreadable] == [3]
    report = judged(path, columns + '\n[file]\nnot_cases = ["本月小结"]')
    assert (report.not_cases, report.unreadable) == ((3,), ())


def test_a_row_below_a_total_is_not_of_the_case_above_it(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("案号,单位\nA,云溪区残联\n小计,1\n,云溪区医保局\n", encoding="utf-8")
    report = judged(path, 'shape = "units"\n[columns]\ncase = "案号"\nunit = "单位"')
    assert [(c.row, c.field) for c in report.unreadable] == [(4, "case")]


# --- the example journal, against what the library itself says of it ----------------------------


def example() -> tuple[Workflow, list[Case]]:
    names = [
        line.split(",")[0]
        for line in (ROOT / "examples" / "units.csv").read_text("utf-8").splitlines()[1:]
    ]
    directory = Directory([Unit(name=name, phone="0712-2000300") for name in names])
    workflow = Workflow(MemoryStore(), directory=directory)
    for line in JOURNAL.read_bytes().splitlines():
        try:
            entry = read_line(line)
            workflow.handle(entry.command, recorded_at=entry.recorded_at or entry.command.at)
        except OnsiteWorkflowError:
            continue  # the journal's own mistakes
    return workflow, [workflow.case(summary.case) for summary in workflow.cases()]


def test_the_example_journal_as_a_ledger_shows_what_the_library_shows(tmp_path: Path) -> None:
    """47 cases with everything in them: failed visits, reassignments, corrections, partial refusals."""
    workflow, cases = example()
    as_they_stand = [
        attrs.evolve(case, history=tuple(corrected_history(case.history))) for case in cases
    ]
    rows = [row for case in as_they_stand for row in rows_of_acts(case)]
    report = judged(write_csv(tmp_path / "l.csv", rows, header=ACT_HEADER), ACT_MAPPING, at=AT)
    told = sorted((f.case, f.code.value, f.clause, f.bearer, f.due) for f in report.findings)
    library = [
        (case.id, f.code.value, f.clause, f.bearer, f.due)
        for case in cases
        for f in workflow.findings(case.id)
    ] + [
        (case.id, "overdue", owed.clause, owed.bearer, owed.due)
        for case in cases
        for owed in workflow.obligations(case.id, as_of=AT)
        if owed.status is Status.OVERDUE
    ]
    # A failed visit has no due instant in a ledger's finding.
    assert [(*t[:4], None) if t[1] == "staff_absent" else t for t in told] == sorted(
        (*w[:4], None) if w[1] == "staff_absent" else w for w in library
    )


def test_what_is_owed_without_a_limit_is_what_the_library_lists(tmp_path: Path) -> None:
    workflow, cases = example()
    rows = [
        row
        for case in cases
        for row in rows_of_acts(attrs.evolve(case, history=tuple(corrected_history(case.history))))
    ]
    report = judged(write_csv(tmp_path / "l.csv", rows, header=ACT_HEADER), ACT_MAPPING, at=AT)
    library = sorted(
        (case.id, str(owed.kind), owed.bearer)
        for case in cases
        for owed in workflow.obligations(case.id, as_of=AT)
        if owed.status is Status.OPEN and owed.due is None
    )
    assert sorted((o.case, o.kind.value, o.bearer) for o in report.owed) == library


# --- faults of acts -----------------------------------------------------------------------------


def test_a_second_one_time_notice_is_one_too_many(tmp_path: Path) -> None:
    rows = rows_of_acts(Office(3).history(1, "later"))
    told = one_act(rows, "一次性告知")
    rows.append(told | {"时间": told["时间"] + dt.timedelta(hours=1), "登记时间": None})
    (found,) = acts(tmp_path, rows)["YX-00001"]
    assert found[:3] == ("not_allowed", "7.4", "not_allowed")


def test_a_unit_that_replies_twice(tmp_path: Path) -> None:
    rows = rows_of_acts(Office(3).history(1, "joint"))
    replied = one_act(rows, "同意")
    rows.append(replied | {"时间": replied["时间"] + dt.timedelta(minutes=1), "登记时间": None})
    found = acts(tmp_path, rows)["YX-00001"]
    assert [entry[0] for entry in found] in (["unmet_rule"], ["not_allowed"])
    assert found[0][1] == "7.2"


def test_a_reply_of_a_unit_that_was_never_asked(tmp_path: Path) -> None:
    rows = rows_of_acts(Office(3).history(1, "on_site"))
    replied = one_act(rows, "同意")
    rows.append(
        replied | {"单位": "云溪区别的单位", "时间": replied["时间"] - dt.timedelta(minutes=1)}
    )
    found = acts(tmp_path, rows)["YX-00001"]
    assert ("unmet_rule", "7.2", "unit_has_notice", "云溪区别的单位") in found


def test_two_leads(tmp_path: Path) -> None:
    rows = rows_of_acts(Office(3).history(1, "joint"))
    for row in rows:
        if row["环节"] == "转办":
            row["身份"] = "主办"
    assert acts(tmp_path, rows)["YX-00001"] == [
        ("unmet_rule", "7.2.3", "exactly_one_lead", "integrated_window")
    ]


def test_a_visit_before_the_appointment_was_made(tmp_path: Path) -> None:
    rows = rows_of_acts(Office(3).history(1, "on_site"))
    made = one_act(rows, "约定")
    visited = one_act(rows, "上门")
    made |= {"时间": visited["到达"] + dt.timedelta(minutes=5), "登记时间": None}
    made["约定时间"] = visited["到达"] + dt.timedelta(minutes=10)
    (found,) = acts(tmp_path, rows)["YX-00001"]
    assert found[:3] == ("out_of_order", "9", "at_not_before_cause")


def test_the_staff_did_not_come(tmp_path: Path) -> None:
    case = Office(3).history(1, "on_site")
    rows = rows_of_acts(case)
    made = one_act(rows, "约定")
    start = made["约定时间"]
    failed = {
        "案号": case.id,
        "环节": "上门未果",
        "时间": start - dt.timedelta(hours=20),
        "原因": "工作人员未到",
    }
    first = made | {"时间": made["时间"], "约定时间": start - dt.timedelta(hours=21)}
    made["时间"] = made["登记时间"] = start - dt.timedelta(hours=19)
    assert first["时间"] < first["约定时间"], "there is room for a first visit"
    found = acts(tmp_path, [*rows, first, failed])["YX-00001"]
    assert [(f[0], f[1]) for f in found] == [("staff_absent", "7.3")]


def test_entered_after_the_limit_though_done_before(tmp_path: Path) -> None:
    rows = rows_of_acts(Office(3).history(1, "on_site"))
    filed = one_act(rows, "交表")
    filed["登记时间"] = filed["时间"] + dt.timedelta(days=20)
    (found,) = acts(tmp_path, rows)["YX-00001"]
    assert found[:3] == ("late_entry", "6.3", "form")


def test_entered_before_it_happened(tmp_path: Path) -> None:
    rows = rows_of_acts(Office(3).history(1, "on_site"))
    closed = one_act(rows, "结案")
    closed["登记时间"] = closed["时间"] - dt.timedelta(minutes=30)
    (found,) = acts(tmp_path, rows)["YX-00001"]
    assert found[:3] == ("out_of_order", "9", "at_not_after_recorded")


def test_an_act_that_the_ledger_never_records_is_not_missed(tmp_path: Path) -> None:
    """Where no row at all says that a refusal was explained, the ledger does not record it."""
    case = Office(3).history(1, "declined")
    rows = [row for row in rows_of_acts(case) if row["环节"] != "说明"]
    mapping = ACT_MAPPING.replace('"说明" = "explain_refusal"\n', "")
    report = judged(write_csv(tmp_path / "l.csv", rows, header=ACT_HEADER), mapping)
    assert report.findings == ()
    assert ("explained_at",) in [u.fields for u in report.unjudged]


def test_an_act_that_the_mapping_names_is_missed_where_no_row_has_it(tmp_path: Path) -> None:
    case = Office(3).history(1, "declined")
    rows = [row for row in rows_of_acts(case) if row["环节"] != "说明"]
    (found,) = acts(tmp_path, rows)["YX-00001"]
    assert found[:3] == ("missing_step", "7.2.2", "refusals_explained")


def test_arrival_and_leaving_on_rows_of_their_own(tmp_path: Path) -> None:
    case = Office(3).history(1, "on_site", "arrival")
    rows = rows_of_acts(case)
    visited = one_act(rows, "上门")
    arrived = {"案号": case.id, "环节": "到达", "时间": visited["到达"]}
    left = visited | {"环节": "离开", "时间": visited["离开"], "到达": None, "离开": None}
    rows = [row for row in rows if row is not visited] + [arrived, left]
    mapping = ACT_MAPPING.replace('"上门" = "serve"', '"到达" = "arrive"\n"离开" = "leave"')
    report = judged(write_csv(tmp_path / "l.csv", rows, header=ACT_HEADER), mapping)
    assert [f.code.value for f in report.findings] == ["late_arrival"]


# --- faults of units ----------------------------------------------------------------------------


def test_an_assisting_unit_that_stayed_away(tmp_path: Path) -> None:
    rows = rows_of_units(Office(3).history(1, "joint"))
    rows[1]["是否到场"] = "否"
    assert units(tmp_path, rows)["YX-00001"] == [
        ("unmet_rule", "7.2.3", "staff_of_every_unit", rows[1]["单位"])
    ]


def test_each_unit_answers_for_its_own_reply(tmp_path: Path) -> None:
    rows = rows_of_units(Office(3).history(1, "joint"))
    rows[1]["回复时间"] = rows[1]["是否同意"] = None
    assert units(tmp_path, rows)["YX-00001"] == [("missing_step", "7.2", "reply", rows[1]["单位"])]


def test_nobody_leads(tmp_path: Path) -> None:
    rows = rows_of_units(Office(3).history(1, "joint"))
    for row in rows:
        row["身份"] = "协办"
    assert units(tmp_path, rows)["YX-00001"] == [
        ("unmet_rule", "7.2.3", "exactly_one_lead", "integrated_window")
    ]

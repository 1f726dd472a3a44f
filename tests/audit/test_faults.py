"""Every fault that is planted is found, and nothing that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from onsite_workflow.audit import AuditCode, Why

from .faults import EDITED, LATE, Expected, Fault, planted, played_late
from .histories import HEADER, KINDS, MAPPING, Office, Row, clean, row_of
from .writing import judged, said, write_csv, write_xlsx


def test_cases_that_the_library_allowed_show_nothing(tmp_path: Path) -> None:
    report = judged(write_csv(tmp_path / "l.csv", (row for _, row in clean(200))))
    assert said(report) == {}
    assert report.unreadable == ()
    assert (report.rows, report.cases) == (200, 200)


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_a_case_of_every_kind_shows_nothing(kind: str, tmp_path: Path) -> None:
    office = Office(11)
    rows = [row_of(office.history(n, kind)) for n in range(1, 20)]
    assert said(judged(write_csv(tmp_path / "l.csv", rows))) == {}


@pytest.mark.parametrize("fault", EDITED, ids=lambda fault: fault.name)
def test_a_fault_is_found_and_no_other(fault: Fault, tmp_path: Path) -> None:
    office = Office(23)
    wanted: dict[str, list[Expected]] = {}
    rows: list[Row] = []
    for number in range(1, 9):
        row, expected = planted(office, number, fault)
        rows.append(row)
        wanted[row["案号"]] = sorted(expected, key=str)
    assert said(judged(write_csv(tmp_path / "l.csv", rows))) == wanted


@pytest.mark.parametrize(("late", "kind"), LATE)
def test_what_the_history_did_late_is_found_late(late: str, kind: str, tmp_path: Path) -> None:
    office = Office(29)
    played = [played_late(office, number, late, kind) for number in range(1, 13)]
    report = judged(write_csv(tmp_path / "l.csv", (row for row, _ in played)))
    assert said(report) == {row["案号"]: sorted(wanted, key=str) for row, wanted in played}


def test_lateness_is_measured_as_the_library_measures_it(tmp_path: Path) -> None:
    from onsite_workflow import DB4209_T_32_2023, findings  # noqa: PLC0415

    from .histories import CALENDAR  # noqa: PLC0415

    office = Office(31)
    cases = [office.history(n, kind, late) for n, (late, kind) in enumerate(LATE, start=1)]
    report = judged(write_csv(tmp_path / "l.csv", map(row_of, cases)))
    told = {(f.case, f.code.value, f.due, f.at, f.by_seconds) for f in report.findings}
    library = {
        (case.id, f.code.value, f.due, f.at, f.by_seconds)
        for case in cases
        for f in findings(case, regulation=DB4209_T_32_2023, calendar=CALENDAR)
        if f.code != "late_entry"
    }
    assert told == library


def test_the_same_case_twice_is_one_fault(tmp_path: Path) -> None:
    row = clean(1)[0][1]
    report = judged(write_csv(tmp_path / "l.csv", [row, row], style=0))
    (found,) = report.findings
    assert (found.code, found.row, found.clause) == (AuditCode.DUPLICATE_CASE, 3, "9")


def test_another_case_under_a_taken_id_is_judged_too(tmp_path: Path) -> None:
    rows = [row for _, row in clean(2)]
    rows[1] |= {"案号": rows[0]["案号"], "详细地址": None}
    report = judged(write_csv(tmp_path / "l.csv", rows))
    codes = [(f.row, f.code.value, f.rule) for f in report.findings]
    assert codes == [
        (3, "duplicate_case", None),
        (3, "unmet_rule", "address_given"),
    ]


@pytest.mark.parametrize(("column", "clause"), [("转办单编号", "7.2"), ("档号", "9")])
def test_a_number_that_two_cases_share_is_a_fault_of_the_second(
    column: str, clause: str, tmp_path: Path
) -> None:
    office = Office(5)
    rows = [row_of(office.history(n, "on_site")) for n in (1, 2, 3)]
    rows[2][column] = rows[0][column]
    report = judged(write_csv(tmp_path / "l.csv", rows))
    (found,) = report.findings
    assert (found.row, found.code, found.clause) == (4, AuditCode.DUPLICATE_NUMBER, clause)


def test_a_case_from_before_the_standard_is_not_judged(tmp_path: Path) -> None:
    row = clean(1)[0][1] | {"详细地址": None}
    row["申请时间"] = row["申请时间"].replace(year=2023, month=6, day=30)
    report = judged(write_csv(tmp_path / "l.csv", [row]))
    assert report.findings == ()
    assert [u.why for u in report.unjudged] == [Why.OUTSIDE_EDITION]


# --- five thousand rows ---------------------------------------------------------------------------


def two_thousand() -> tuple[list[Row], dict[str, list[Expected]]]:
    office = Office(2026)
    rows: list[Row] = []
    wanted: dict[str, list[Expected]] = {}
    for number in range(1, 2001):
        expected: list[Expected] = []
        if number % 10 == 0:
            fault = EDITED[(number // 10) % len(EDITED)]
            row, expected = planted(office, number, fault)
        elif number % 25 == 3:
            row, expected = played_late(office, number, *LATE[(number // 25) % len(LATE)])
        else:
            row = row_of(office.history(number))
        rows.append(row)
        if expected:
            wanted[row["案号"]] = sorted(expected, key=str)
    return rows, wanted


def test_every_fault_of_two_thousand_rows_is_found_and_no_other(tmp_path: Path) -> None:
    rows, wanted = two_thousand()
    assert len(wanted) > 260
    written = write_csv(tmp_path / "l.csv", rows, encoding="gb18030")
    report = judged(written)
    assert said(report) == wanted
    assert report.rows == 2000
    assert report.unreadable == ()
    native = write_xlsx(tmp_path / "l.xlsx", rows, title="2026年办件台账")
    assert judged(native, MAPPING + "\n[file]\nheader_row = 2\n").findings == tuple(
        _shifted(report, 1)
    )


def _shifted(report: object, by: int) -> list[object]:
    import attrs  # noqa: PLC0415

    from onsite_workflow.audit import Report  # noqa: PLC0415

    assert isinstance(report, Report)
    return [_moved(finding, by) for finding in report.findings if attrs.has(type(finding))]


def _moved(finding: object, by: int) -> object:
    import attrs  # noqa: PLC0415

    from onsite_workflow.audit import AuditFinding  # noqa: PLC0415

    assert isinstance(finding, AuditFinding)
    return attrs.evolve(finding, row=finding.row + by)


def test_columns_that_nobody_mapped_are_named(tmp_path: Path) -> None:
    report = judged(write_csv(tmp_path / "l.csv", [clean(1)[0][1]]))
    assert report.unused == ("申请人",)
    assert HEADER[1] == "申请人"

"""Ledgers as files, in the encodings and formats that offices use."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

from onsite_workflow import SHANGHAI
from onsite_workflow.audit import Report, audit, parse_mapping, read_ledger

from .histories import EXPORTED, HEADER, MAPPING, Row, lines, written


def write_csv(
    path: Path,
    rows: Iterable[Row],
    *,
    header: tuple[str, ...] = HEADER,
    encoding: str = "utf-8-sig",
    style: int | None = None,
) -> Path:
    """A CSV file; times in one style, or each row in its own."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        for n, line in enumerate(lines(rows, header)):
            writer.writerow([written(value, n % 4 if style is None else style) for value in line])
    return path


def write_xlsx(
    path: Path, rows: Iterable[Row], *, header: tuple[str, ...] = HEADER, title: str | None = None
) -> Path:
    """A workbook with real dates; ``title`` is a line above the header."""
    book = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet("办件台账")
    if title is not None:
        sheet.append([title])
    for line in lines(rows, header):
        sheet.append([_native(value) for value in line])
    book.save(path)
    return path


def _native(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).replace(tzinfo=None)
    return value


def judged(
    path: Path,
    mapping: str = MAPPING,
    *,
    at: dt.datetime = EXPORTED,
    more: Mapping[str, Any] | None = None,
) -> Report:
    """The audit of a file."""
    return audit(read_ledger(path, parse_mapping(mapping)), as_of=at, **(more or {}))


def said(report: Report) -> dict[str, list[tuple[str, str | None, str, str | None]]]:
    """What was found of each case: code, clause, rule or else kind, bearer."""
    found: dict[str, list[tuple[str, str | None, str, str | None]]] = {}
    for f in report.findings:
        what = f.rule or ("" if f.kind is None else f.kind.value)
        found.setdefault(f.case, []).append((f.code.value, f.clause, what, f.bearer))
    return {case: sorted(entries, key=str) for case, entries in found.items()}

"""What several commands share: reading arguments, opening a store, printing what is owed."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from onsite_workflow.adapters import open_store
from onsite_workflow.calendar import Notice, WorkingCalendar, read_notice
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.directory import Directory, Unit
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.errors import InvalidInput
from onsite_workflow.ports import DEFAULT_CENTRE
from onsite_workflow.procedures import kind_of
from onsite_workflow.service import Workflow
from onsite_workflow.terms import Role
from onsite_workflow.wire.reading import read_moment

from ._say import Say

WINDOW: Final = Role.INTEGRATED_WINDOW.value


def moment(text: str) -> dt.datetime:
    """An argument that is a time with an offset (RFC 3339)."""
    try:
        return read_moment(text)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(error.violations[0].en) from None


def day(text: str) -> dt.date:
    """An argument that is a day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written 2026-09-30") from None


def year_and_month(text: str) -> dt.date:
    """An argument that is a month, as its first day."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    except ValueError:
        raise argparse.ArgumentTypeError("a month is written 2026-09") from None


def directory(path: str | None) -> Directory:
    """The units in a CSV file with the columns ``name``, ``code``, ``phone``; none where no path."""
    if path is None:
        return Directory()
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput.of(
            "directory",
            "unreadable",
            "单位名录打不开。",
            f"can't be read ({type(error).__name__}).",
        ) from None
    units: list[Unit] = []
    for number, row in enumerate(rows, start=2):
        if "name" not in row or None in row.values() or None in row:
            raise InvalidInput.of(
                "directory",
                "unreadable",
                f"第{number}行：应有name、code、phone三列。",
                f"line {number} must have the columns name, code, phone.",
            )
        try:
            units.append(
                Unit(name=row["name"], code=row.get("code") or None, phone=row.get("phone") or None)
            )
        except InvalidInput as error:
            raise error.within(f"directory[{number}]") from None
    return Directory(units)


def notices_folder() -> Path:
    """The folder of added notices: ``ONSITE_WORKFLOW_NOTICES``, or a folder in the user's data."""
    named = os.environ.get("ONSITE_WORKFLOW_NOTICES")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME") or os.environ.get("APPDATA")
    return (
        (Path(base) if base else Path.home() / ".local" / "share") / "onsite-workflow" / "notices"
    )


def china() -> WorkingCalendar:
    """The calendar of the packaged notices and of those that were added on this machine."""
    calendar = WorkingCalendar.china()
    folder = notices_folder()
    added: list[Notice] = []
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            added.append(read_notice(file))
        except OSError as error:
            raise InvalidInput.of(
                file.name, "unreadable", "文件打不开。", f"can't be read ({error.strerror})."
            ) from None
        except InvalidInput as error:
            raise error.within(file.name) from None
    for notice in sorted(added, key=lambda notice: notice.issued):
        calendar = calendar.with_notice(notice)
    return calendar


def given_days(path: str) -> WorkingCalendar:
    """The calendar of the working days that a file tells one by one; no notice counts."""
    from onsite_workflow.conformance import read_days  # noqa: PLC0415

    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput.of(
            "calendar", "unreadable", "文件打不开。", f"can't be read ({error.strerror})."
        ) from None
    try:
        return read_days(text).calendar()
    except InvalidInput as error:
        raise error.within("calendar") from None


def _secret() -> bytes | None:
    """The secret of the keyed hashes by which people are found, or None where none is set.

    It is the content of the file that ``ONSITE_WORKFLOW_APPLICANT_SECRET_FILE`` names.
    """
    named = os.environ.get("ONSITE_WORKFLOW_APPLICANT_SECRET_FILE")
    if not named:
        return None
    try:
        return Path(named).read_bytes()
    except OSError as error:
        raise InvalidInput.of(
            "applicant_secret", "unreadable", "文件打不开。", f"can't be read ({error.strerror})."
        ) from None


@contextmanager
def opened(
    options: argparse.Namespace, *, create: bool = False, read_only: bool = True
) -> Iterator[Workflow]:
    """A `Workflow` over the store of the options, which is closed at the end of the block."""
    # Files are read first: where one can't be read, no store is made.
    told = getattr(options, "calendar", None)
    calendar = china() if told is None else given_days(told)
    units = directory(getattr(options, "directory", None))
    centre = getattr(options, "centre", DEFAULT_CENTRE)
    with closing(
        open_store(options.store, create=create, read_only=read_only, centre=centre)
    ) as store:
        yield Workflow(
            store,
            calendar=calendar,
            directory=units,
            issuer=getattr(options, "issuer", None),
            applicant_secret=_secret(),
        )


def bearer(bearer: str, say: Say) -> str:
    """Who owes something, as people call them."""
    return say.pick("综合窗口", "integrated window") if bearer == WINDOW else bearer


def end_of(due: dt.datetime) -> str:
    """The end of a time limit as people say it: midnight is 24:00 of the day before."""
    local = due.astimezone(SHANGHAI)
    if local.time() == dt.time():
        return f"{local.date() - dt.timedelta(days=1)} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")


def span(seconds: int, say: Say) -> str:
    """A length of time in days, hours and minutes."""
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    zh = f"{days}天" * bool(days) + f"{hours}小时" * bool(hours) + f"{minutes}分钟"
    return say.pick(zh, f"{f'{days} d ' * bool(days)}{hours}:{minutes:02}")


def print_rest(shown: int, all_of_them: int, say: Say) -> None:
    """Say how many lines were left out, where some were."""
    if all_of_them > shown:
        more = all_of_them - shown
        say.text(f"另有{more}行，请用--json查看。", f"And {more} more; see them with --json.")


def print_obligations(found: Iterable[Obligation], title: tuple[str, str], say: Say) -> None:
    """A table of what is owed, by whom, and until when."""
    say.table(
        title,
        (
            ("案号", "case"),
            ("条款", "clause"),
            ("应办", "owed"),
            ("责任方", "bearer"),
            ("对象", "for"),
            ("期限", "due day"),
            ("状态", "status"),
        ),
        (
            (
                o.case,
                o.clause,
                say.pick(kind_of(o).zh, o.kind),
                bearer(o.bearer, say),
                o.subject if o.subject != o.bearer else None,
                due_day(o, say),
                say.pick(
                    "待办" if o.due is None and o.status == "open" else o.status.zh,
                    o.status,
                ),
            )
            for o in found
        ),
    )


def due_day(obligation: Obligation, say: Say) -> str | None:
    """The last day as people say it: of an arrival with its time; of a provisional one with both
    bounds. None where nothing sets a day."""
    if obligation.due_day is None:
        return None
    if obligation.kind == "arrival" and obligation.due is not None:
        start = obligation.due - dt.timedelta(minutes=1)
        return start.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if obligation.provisional:
        return say.pick(
            f"{obligation.due_day}\n（暂定，{obligation.earliest}至{obligation.latest}）",
            f"{obligation.due_day}\n(provisional, {obligation.earliest} to {obligation.latest})",
        )
    return str(obligation.due_day)

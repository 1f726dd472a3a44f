"""Everything that reads from outside, as one table: what it is given, how it may refuse, and how what
it accepted is written again.

A new reader is one more row of ``TARGETS``; the tests beside this file and ``longer.py`` take it up.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tempfile
import traceback
from collections.abc import Callable, Sequence, Set
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from onsite_workflow import (
    SHANGHAI,
    CaseNotFound,
    Conflict,
    CorruptRecord,
    InvalidInput,
    MemoryStore,
    NotAllowed,
    OnsiteWorkflowError,
    Refused,
    Workflow,
    WrongRole,
    replay,
)
from onsite_workflow.audit import audit, read_ledger, read_mapping
from onsite_workflow.calendar import WorkingCalendar, read_notice
from onsite_workflow.catalogue import COLUMNS, Catalogue, annex_a
from onsite_workflow.cli._common import directory
from onsite_workflow.conformance import GivenDays, groups, read_days
from onsite_workflow.integrity import Seal, read_seal, seal_to_wire
from onsite_workflow.wire.answers import case_to_wire
from onsite_workflow.wire.reading import JournalLine, event_from_json, read_line
from onsite_workflow.wire.writing import command_to_wire, event_to_json, to_wire

ROOT: Final = Path(__file__).parents[2]
MONTHS_LATER: Final = dt.datetime(2026, 6, 1, tzinfo=SHANGHAI)
CALENDAR: Final = WorkingCalendar.china()

#: The fields that hold people's data, but for the names of units.
PEOPLES: Final = frozenset(
    {"name", "phone", "id_number", "address", "explained_to", "received_by", "reason", "summary"}
)


def people_in(value: Any) -> set[str]:
    """What ``value`` says about people."""
    if isinstance(value, list):
        return set().union(*map(people_in, value))
    if not isinstance(value, dict):
        return set()
    said = {text for key, text in value.items() if key in PEOPLES and isinstance(text, str)}
    return said.union(*map(people_in, value.values()))


@frozen(kw_only=True)
class Target:
    """One reader. ``seeds`` are good inputs as JSON values, which ``write`` makes bytes of; ``others``
    are good inputs that are bytes from the start. ``read`` may raise what is in ``refuses``, and
    nothing else, nor repeat what they say of ``people``. ``again`` writes what was read, for ``reread`` where that is another format."""

    name: str
    read: Callable[[bytes], Any]
    refuses: tuple[type[OnsiteWorkflowError], ...] = (InvalidInput,)
    again: Callable[[Any], bytes] | None = None
    reread: Callable[[bytes], Any] | None = None
    seeds: Sequence[Any] = ()
    people: Set[str] = frozenset()
    write: Callable[[Any], bytes] = lambda value: json.dumps(value).encode()
    others: Sequence[bytes] = ()

    @property
    def examples(self) -> list[bytes]:
        """Every good input, as bytes."""
        return [*map(self.write, self.seeds), *self.others]


def examine(target: Target, data: bytes) -> bool:
    """Hold ``target`` to its promises on one input; whether it was accepted.

    Never anything but the documented errors; each names what is wrong in both languages and repeats
    nothing about people; what is accepted is the same when it is written and read again.
    """
    try:
        value = target.read(data)
    except target.refuses as error:
        refused: OnsiteWorkflowError = error
    else:
        if target.again is not None:
            assert (target.reread or target.read)(target.again(value)) == value
        return True
    assert refused.violations
    assert all(violation.zh and violation.en for violation in refused.violations)
    said = "".join(traceback.format_exception(refused))
    said += "".join(f"{violation}{dict(violation.facts)}" for violation in refused.violations)
    assert [text for text in target.people if text in said] == []
    return False


# --- files --------------------------------------------------------------------------------------

_FOLDER: Final = tempfile.TemporaryDirectory(prefix="fuzz-")


def _in_a_file(suffix: str, read: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    file = Path(_FOLDER.name) / f"input{suffix}"

    def from_bytes(data: bytes) -> Any:
        file.write_bytes(data)
        return read(file)

    return from_bytes


def _rows(value: Any) -> bytes:
    """CSV of whatever ``value`` has become."""
    out = io.StringIO()
    rows = value if isinstance(value, list) else [value]
    csv.writer(out).writerows(
        [str(cell) for cell in row] if isinstance(row, list) else [str(row)] for row in rows
    )
    return out.getvalue().encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass" if _pairs_up(data) else "replace")


def _pairs_up(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


# --- the readers --------------------------------------------------------------------------------


def _journal() -> list[Any]:
    """The shortest accepted lines of each command."""
    found: dict[str, list[Any]] = {}
    for group in groups():
        for case in group.cases:
            for step in case.steps:
                if "line" in step and step["answer"]["ok"]:
                    found.setdefault(step["line"]["command"], []).append(step["line"])
    return [
        line for lines in found.values() for line in sorted(lines, key=lambda v: len(str(v)))[-2:]
    ]


def _line_again(line: JournalLine) -> bytes:
    return json.dumps(command_to_wire(line.command, line.recorded_at)).encode()


def _folded(data: bytes) -> Any:
    """A stored event; one that opens a case is folded too."""
    event = event_from_json(_text(data))
    if event.version == 1:
        replay([event])
    return event


def _event_again(event: Any) -> bytes:
    return event_to_json(event).encode("utf-8", "surrogatepass")


def _golden() -> list[Any]:
    text = (ROOT / "tests" / "golden" / "events-v1.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _notices() -> list[Any]:
    wire = [notice.to_mapping() for notice in WorkingCalendar.china().notices]
    public = {
        "year": wire[-4]["year"],
        "number": wire[-4]["number"],
        "issued": wire[-4]["issued"],
        "papers": ["https://www.gov.cn/zhengce/"],
        "days": [
            {"name": holiday["name"], "date": day, "isOffDay": off}
            for holiday in wire[-4]["holidays"]
            for days, off in ((holiday["off"], True), (holiday["work"], False))
            for day in days
        ],
    }
    return [*wire[-3:], public]


def _toml() -> bytes:
    page = (ROOT / "docs" / "how-to" / "add-a-notice.md").read_text(encoding="utf-8")
    return page.partition("```toml notice-2027.toml\n")[2].partition("```")[0].encode()


_from_json: Final = _in_a_file(".json", read_notice)


def _notice_again(notice: Any) -> bytes:
    return json.dumps(notice.to_mapping()).encode()


def _seals() -> list[Any]:
    text = '{"seal":1,"made_at":"2025-09-30T18:00:00+08:00","events":448,"position":"448","digest":"%s"}'
    return [json.loads(text % ("sha256:" + "0f" * 32))]


def _seal_again(seal: Seal) -> bytes:
    return json.dumps(seal_to_wire(seal)).encode()


def _catalogue_again(catalogue: Catalogue) -> bytes:
    rows = [[getattr(item, column) for column in COLUMNS] for item in catalogue]
    return _rows([list(COLUMNS), *rows])


def _items() -> list[Any]:
    return [
        [list(COLUMNS), *([i.id, i.row, i.position, i.department, i.name] for i in annex_a())][:9]
    ]


def _units() -> list[Any]:
    text = (ROOT / "examples" / "units.csv").read_text(encoding="utf-8-sig")
    return [list(csv.reader(io.StringIO(text)))]


def _units_again(units: Any) -> bytes:
    rows = [[unit.name, unit.code or "", unit.phone or ""] for unit in units.units]
    return _rows([["name", "code", "phone"], *rows])


HOW_TO: Final = ROOT / "docs" / "how-to"


def _ledger() -> list[Any]:
    with (HOW_TO / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        return [list(csv.reader(file))]


def _audited(file: Path) -> None:
    """Whatever stands in its cells, a ledger with the columns it should have is judged."""
    mapping = read_mapping(HOW_TO / "ledger.toml")
    audit(read_ledger(file, mapping), as_of=MONTHS_LATER, calendar=CALENDAR)


def _days_again(days: GivenDays) -> bytes:
    return json.dumps(to_wire(days)).encode()


def _counted(data: bytes) -> GivenDays:
    days = read_days(data)
    assert days.calendar().confirmed_through == days.confirmed_through
    return days


# --- a whole journal ----------------------------------------------------------------------------

ANSWERS: Final = (InvalidInput, CaseNotFound, NotAllowed, WrongRole, Refused, Conflict)


def _played(data: bytes) -> None:
    """A journal carried out line by line, refusing lines as it may. Whatever was accepted, each case
    can be read back, judged, shown and printed afterwards."""
    workflow = Workflow(MemoryStore(), calendar=CALENDAR)
    for line in data.split(b"\n"):
        try:
            entry = read_line(line)
            workflow.handle(entry.command, recorded_at=entry.recorded_at or entry.command.at)
        except ANSWERS:
            continue
    for id_ in [summary.case for summary in workflow.cases()]:
        case = workflow.case(id_)
        assert replay([event_from_json(event_to_json(e)) for e in case.history]) == case
        owed = workflow.obligations(id_, as_of=MONTHS_LATER)
        case_to_wire(case, obligations=owed, findings=workflow.findings(id_))
        workflow.registration_form(id_)
        workflow.transfer_notices(id_)


def _journals() -> list[Any]:
    """Whole cases of the pack, of those that get furthest."""
    found: list[list[Any]] = []
    for group in groups():
        for case in group.cases:
            lines = [s["line"] for s in case.steps if "line" in s and s["answer"]["ok"]]
            if not case.continues and 5 <= len(lines) <= 16:
                found.append(lines)
    return sorted(found, key=len)[-12:]


def _lines(value: Any) -> bytes:
    return b"\n".join(
        json.dumps(line).encode() for line in (value if isinstance(value, list) else [value])
    )


_LINES: Final = _journal()
_EVENTS: Final = _golden()

TARGETS: Final[tuple[Target, ...]] = (
    Target(
        name="journal-line",
        read=read_line,
        again=_line_again,
        seeds=_LINES,
        people=people_in(_LINES),
    ),
    Target(
        name="stored-event",
        read=_folded,
        refuses=(CorruptRecord,),
        again=_event_again,
        seeds=_EVENTS,
        people=people_in(_EVENTS),
    ),
    Target(name="notice-json", read=_from_json, again=_notice_again, seeds=_notices()),
    Target(
        name="notice-toml",
        read=_in_a_file(".toml", read_notice),
        again=_notice_again,
        reread=_from_json,
        others=[_toml()],
    ),
    Target(name="seal", read=read_seal, again=_seal_again, seeds=_seals()),
    Target(
        name="catalogue",
        read=_in_a_file(".csv", lambda file: Catalogue.from_csv(file, name="fuzz")),
        again=_catalogue_again,
        seeds=_items(),
        write=_rows,
    ),
    Target(
        name="directory",
        read=_in_a_file(".csv", lambda file: directory(str(file))),
        again=_units_again,
        seeds=_units(),
        write=_rows,
    ),
    Target(
        name="given-days",
        read=_counted,
        again=_days_again,
        seeds=[dict(group.calendar) for group in groups()],
    ),
    Target(
        name="ledger-mapping",
        read=_in_a_file(".toml", read_mapping),
        others=[(HOW_TO / "ledger.toml").read_bytes()],
    ),
    Target(name="ledger", read=_in_a_file(".csv", _audited), seeds=_ledger(), write=_rows),
    Target(name="journal", read=_played, seeds=_journals(), write=_lines),
)

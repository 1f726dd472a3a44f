"""Ledgers: CSV and XLSX as rows, each cell under the field that the mapping gives its column.

What cannot be read is named and left out; only a file that is no ledger at all is refused.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from onsite_workflow.catalogue import Catalogue, annex_a
from onsite_workflow.errors import InvalidInput, Violation

from ._cells import Cells, Unreadable
from ._fields import FIELDS, Field, Reads, Shape
from ._mapping import LedgerMapping, clipped, did_you_mean, fold

__all__ = ["Ledger", "LedgerRow", "UnreadableCell", "read_ledger"]

LARGEST: Final = 500_000_000
"""Bytes of a file, or of what a compressed one holds: a bound on memory."""


@frozen(kw_only=True)
class UnreadableCell:
    """A cell or a row that could not be read, by the row's number in the file and the column's
    name. Says what was expected; never what stands there."""

    row: int
    column: str | None
    field: str | None
    zh: str
    en: str


@frozen
class LedgerRow:
    """One row: its number in the file, and the values of its fields (``Unreadable`` or None too)."""

    number: int
    values: Mapping[str, Any] = field(repr=False)


@frozen(kw_only=True)
class Ledger:
    """A ledger as read. ``unused`` are columns that the mapping does not name, ``not_cases`` the
    numbers of rows that hold totals and the like."""

    name: str
    mapping: LedgerMapping
    rows: tuple[LedgerRow, ...] = field(repr=False)
    unreadable: tuple[UnreadableCell, ...] = ()
    unused: tuple[str, ...] = ()
    not_cases: tuple[int, ...] = ()


def read_ledger(
    path: str | PathLike[str], mapping: LedgerMapping, *, catalogue: Catalogue | None = None
) -> Ledger:
    """The ledger in a file: XLSX by its content, else CSV.

    ``catalogue`` is the list of items that names are looked up in (Annex A by default).
    ``InvalidInput`` where the file cannot be read at all, or lacks a column that the mapping names.
    """
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise _no_ledger("too_large", "文件过大。", "is too large.")
        content = file.read_bytes()
    except OSError as error:
        raise _no_ledger(
            "unreadable", "台账文件打不开。", f"can't be read ({type(error).__name__})."
        ) from None
    if content.startswith(b"PK\x03\x04"):
        table = _xlsx(content, mapping)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _no_ledger(
            "unreadable",
            "这是旧式的.xls文件，或者加了密的文件；请另存为.xlsx或者CSV。",
            "is an old .xls file or an encrypted one; save it as .xlsx or CSV.",
        )
    else:
        table = _csv(content, mapping)
    return _ledger(file.name, table, mapping, annex_a() if catalogue is None else catalogue)


def _no_ledger(rule: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput.of("ledger", rule, zh, en)


# --- files as rows of cells ---------------------------------------------------------------------

#: Row numbers as the file has them, each with its cells, or None where a row cannot be read.
Table = Iterable[tuple[int, "Sequence[Any] | None"]]


def _xlsx(content: bytes, mapping: LedgerMapping) -> Table:
    try:
        import openpyxl  # noqa: PLC0415
    except ImportError:
        raise _no_ledger(
            "missing",
            "读取XLSX需要安装onsite-workflow[audit]；也可以另存为CSV。",
            "an XLSX file needs onsite-workflow[audit]; or save it as CSV.",
        ) from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST:
                raise _no_ledger("too_large", "文件过大。", "is too large.")
            formulas = any(
                b"<f" in archive.read(name)
                for name in archive.namelist()
                if name.startswith("xl/worksheets/")
            )
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {sheet.title: sheet for sheet in book.worksheets}
    except InvalidInput:
        raise
    except Exception as error:
        # Whatever is wrong inside the file, openpyxl says so with all sorts of exceptions.
        raise _no_ledger(
            "unreadable",
            "不是可读的XLSX文件。",
            f"is no readable XLSX file ({type(error).__name__}).",
        ) from None
    if mapping.sheet is not None and mapping.sheet not in sheets:
        zh, en = did_you_mean(mapping.sheet, sheets)
        raise InvalidInput.of(
            "file.sheet",
            "unknown_value",
            f"台账里没有这个工作表，有：{'、'.join(sheets)}。{zh}",
            f"is no sheet of the ledger; it has {', '.join(sheets)}.{en}",
        )
    if not sheets:
        raise _no_ledger("unreadable", "文件里没有工作表。", "has no worksheet.")
    title = mapping.sheet if mapping.sheet is not None else next(iter(sheets))
    rows = _sheet_rows(sheets[title])
    if not formulas:
        return rows
    as_written = openpyxl.load_workbook(io.BytesIO(content), read_only=True)[title]
    return _calculated(rows, _sheet_rows(as_written))


def _calculated(values: Table, written: Table) -> Table:
    """The rows, a formula without a value marked as an error: only the program that wrote the file
    could have worked it out, and did not."""
    for (number, row), (_, cells) in zip(values, written, strict=True):
        assert row is not None
        assert cells is not None
        yield (
            number,
            [
                "#VALUE!" if value is None and cell is not None else value
                for value, cell in zip(row, cells, strict=True)
            ],
        )


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    sheet.reset_dimensions()  # other programs' files often say a wrong size
    try:
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    except Exception as error:
        raise _no_ledger(
            "unreadable",
            "工作表读到中途出错，文件可能已损坏。",
            f"breaks off in the middle of its sheet ({type(error).__name__}).",
        ) from None


_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _decoded(content: bytes, encoding: str | None) -> str:
    """The text. Without an encoding: by its mark, else UTF-8, else GB 18030."""
    if encoding is None:
        marked = [name for bom, name in _BOMS if content.startswith(bom)]
        for name in marked or ("utf-8", "gb18030"):
            try:
                return content.decode(name)
            except UnicodeDecodeError:
                continue
        encoding = marked[0] if marked else "gb18030"
    return content.decode(encoding, errors="replace").removeprefix("\ufeff")


def _delimiter(text: str, header_row: int) -> str:
    lines = text.split("\n", header_row)[:header_row]
    return max(",\t;", key=lines[-1].count) if lines else ","


def _csv(content: bytes, mapping: LedgerMapping) -> Table:
    text = _decoded(content, mapping.encoding).replace("\0", "\ufffd")
    delimiter = mapping.delimiter or _delimiter(text, mapping.header_rows[-1])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return _csv_rows(reader)


def _csv_rows(reader: Any) -> Iterator[tuple[int, Sequence[Any] | None]]:
    """A row's number is the one that a spreadsheet shows: a cell may hold line breaks."""
    for number in itertools.count(1):
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field beyond the reader's bound
            yield number, None


# --- rows as fields -----------------------------------------------------------------------------


def _header(rows: Sequence[Sequence[Any]]) -> tuple[dict[str, list[int]], list[str]]:
    """Where each name stands: the lowest text of a column, and it with the one above it before it
    (“主办/电话”). Of a merged heading the first cell holds the text for those after it."""
    places: dict[str, list[int]] = {}
    shown: list[str] = []
    width = max((len(row) for row in rows), default=0)
    above = ""
    for index in range(width):
        texts = [
            "" if index >= len(row) or row[index] is None else str(row[index]).strip()
            for row in rows
        ]
        lowest = next((text for text in reversed(texts) if text), "")
        if len(rows) > 1:
            above = texts[0] or above
            names = {fold(lowest), fold(f"{above}/{lowest}")}
        else:
            names = {fold(lowest)}
        for name in names - {""}:
            places.setdefault(name, []).append(index)
        shown.append("".join(c for c in lowest if c.isprintable())[:40])
    return places, shown


def _placed(
    mapping: LedgerMapping, places: Mapping[str, list[int]], shown: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """The columns of each field by position. ``InvalidInput`` names every column that is not there,
    and the ledger's own where some are like none of them."""
    wrong: list[Violation] = []
    headings = [text for text in shown if text]
    far = near = False
    placed: dict[str, tuple[int, ...]] = {}
    for name, columns in mapping.columns.items():
        found: list[int] = []
        for column in columns:
            where = places.get(fold(column), [])
            if len(where) == 1:
                found.append(where[0])
                continue
            named = clipped(column)
            zh, en = did_you_mean(column, headings)
            far, near = far or not (where or en), near or bool(where or en)
            wrong += InvalidInput.of(
                f"columns.{name}",
                "ambiguous_column" if where else "unknown_column",
                f"台账里有{len(where)}列叫“{named}”。"
                if where
                else f"台账里没有“{named}”这一列。{zh}",
                f'{len(where)} columns of the ledger are called "{named}".'
                if where
                else f'the ledger has no column "{named}".{en}',
                facts={"column": column},
            ).violations
        placed[name] = tuple(found)
    if not near and not any(placed.values()):
        # The row is perhaps no header but somebody's data: nothing of it is shown.
        row, named = mapping.header_rows[-1], clipped(mapping.columns["case"][0])
        raise InvalidInput.of(
            "file.header_row",
            "wrong_header",
            f"映射文件所写的各列（“{named}”等），第{row}行里一列也没有；"
            "请核对[file]里的header_row、sheet、encoding、delimiter。",
            f'none of the columns that the mapping names ("{named}" and so on) is in row {row}; '
            "check header_row, sheet, encoding and delimiter of [file].",
        )
    if far and any(placed.values()):
        wrong += _no_ledger(
            "unknown_column",
            f"台账的各列是：{'、'.join(headings)}。",
            f"its columns are: {', '.join(headings)}.",
        ).violations
    if wrong:
        raise InvalidInput(wrong)
    return placed


def _ledger(name: str, table: Table, mapping: LedgerMapping, catalogue: Catalogue) -> Ledger:
    rows = iter(table)
    first: list[tuple[int, Sequence[Any]]] = []
    for number, cells in rows:
        first.append((number, cells or ()))
        if number >= mapping.header_rows[-1]:
            break
    heading = [cells for number, cells in first if number in mapping.header_rows]
    places, shown = _header(heading)
    if not places:
        raise InvalidInput.of(
            "file.header_row", "unreadable", "这一行没有表头。", "has no header in the ledger."
        )
    try:
        placed = _placed(mapping, places, shown)
    except InvalidInput:
        # With another header most columns are missing, and only the header is to be mended.
        if elsewhere := _elsewhere(mapping, first, rows):
            raise elsewhere from None
        raise
    reading = _Reading(mapping, catalogue, placed, shown)
    read = [made for number, raw in rows if (made := reading.row(number, raw)) is not None]
    used = {index for indexes in placed.values() for index in indexes}
    return Ledger(
        name=name,
        mapping=mapping,
        rows=tuple(read),
        unreadable=tuple(reading.unreadable),
        unused=tuple(text for i, text in enumerate(shown) if text and i not in used),
        not_cases=tuple(reading.not_cases),
    )


def _elsewhere(mapping: LedgerMapping, first: Iterable[Any], rest: Table) -> InvalidInput | None:
    """Where columns are missing, what to say of the header: it may be another row, or garbled."""
    wanted = {fold(column) for columns in mapping.columns.values() for column in columns}
    found: dict[int, int] = {}
    for number, cells in itertools.chain(first, itertools.islice(rest, 12)):
        found[number] = len(wanted & {fold(str(cell)) for cell in cells or () if cell is not None})
    best = max(found, key=lambda number: found[number], default=0)
    if best and best not in mapping.header_rows and found[best] > 1:
        return InvalidInput.of(
            "file.header_row",
            "wrong_header",
            f"第{best}行更像表头；请写header_row = {best}。",
            f"row {best} looks like the header; write header_row = {best}.",
        )
    return None


#: Folded. What only begins like one (小计划-01) is a case.
_NOT_A_CASE: Final = re.compile(
    r".*(?:合计|总计|共计|小计|累计)[:(]?(?:共?[0-9]+)?[件案宗笔户条]?\)?[:。]?"
    r"|(?:合计|总计|共计|总共|共)[:有]?[0-9]+[件案宗笔户条][。]?"
    r"|(?:填表|制表|填报|审核)(?:人|单位|日期|时间|:).*|备注|(?:备注|注):.*"
)


class _Reading:
    """Reads the rows of one ledger and keeps what it could not read."""

    def __init__(
        self,
        mapping: LedgerMapping,
        catalogue: Catalogue,
        placed: Mapping[str, tuple[int, ...]],
        shown: Sequence[str],
    ) -> None:
        self.unreadable: list[UnreadableCell] = []
        self.not_cases: list[int] = []
        self._mapping = mapping
        self._cells = Cells(mapping, catalogue)
        self._shown = shown
        self._width = len(shown)
        self._fills_down = mapping.shape is not Shape.CASES
        self._case_at = placed["case"][0]
        self._above: Any = None
        self._placed: list[tuple[Field, tuple[int, ...]]] = [
            (FIELDS[name], where) for name, where in placed.items()
        ]
        self._fixed = {
            name: self._cells.read(FIELDS[name], (text,)) for name, text in mapping.fixed.items()
        }
        wrong = [name for name, value in self._fixed.items() if isinstance(value, Unreadable)]
        if wrong:
            raise InvalidInput(
                v
                for name in wrong
                for v in InvalidInput.of(
                    f"fixed.{name}",
                    "unreadable",
                    f"应为{self._fixed[name].zh}。",
                    f"must be {self._fixed[name].en}.",
                ).violations
            )

    def row(self, number: int, raw: Sequence[Any] | None) -> LedgerRow | None:
        """The values of one row; None where it holds nothing, is no case, or can't be read at all."""
        if raw is None:
            self._say(number, None, "这一行读不出来", "a row that can't be read")
            return None
        if self._is_no_case(raw):
            self.not_cases.append(number)
            self._above = None
            return None
        if len(raw) > self._width and any(map(self._cells.text, raw[self._width :])):
            self._say(
                number,
                None,
                "这一行的列数多于表头，内容可能错位，没有判断",
                "more cells than the header: they may be shifted, so the row is not judged",
            )
            return None
        values: dict[str, Any] = dict(self._fixed)
        empty = True
        for field_, where in self._placed:
            raws = tuple(raw[i] if i < len(raw) else None for i in where)
            value = self._cells.read(field_, raws)
            values[field_.name] = value
            if value is None:
                continue
            if field_.reads is not Reads.CASE:
                empty = False
            if isinstance(value, Unreadable):
                self._say(number, field_, value.zh, value.en, column=where[0])
        case = values.get("case")
        if case is None and self._fills_down:  # merged cells hold their text in the first alone
            values["case"] = self._above
        self._above = values.get("case")
        if empty:
            if case is not None:
                self._say(number, None, "除案号外没有内容", "nothing but a case id")
            return None
        if values.get("case") is None:
            self._say(number, FIELDS["case"], "案号", "a case id")
        return LedgerRow(number, values)

    def _is_no_case(self, raw: Sequence[Any]) -> bool:
        """Whether a row holds a total, or who drew up the sheet: by its case cell, or where that is
        blank by the first that is not."""
        cells = (*raw[self._case_at : self._case_at + 1], *raw)
        first = fold(next(filter(None, map(self._cells.text, cells)), ""))
        return bool(_NOT_A_CASE.fullmatch(first)) or first.startswith(self._mapping.not_cases)

    def _say(
        self, number: int, field_: Field | None, zh: str, en: str, column: int | None = None
    ) -> None:
        self.unreadable.append(
            UnreadableCell(
                row=number,
                column=None if column is None else self._shown[column],
                field=None if field_ is None else field_.name,
                zh=f"应为{zh}" if field_ is not None else zh,
                en=f"must be {en}" if field_ is not None else en,
            )
        )

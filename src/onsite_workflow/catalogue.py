"""The list of service items that may be asked for: Annex A of the standard, or another place's.

An item's identity is its row and position in the printed list, never its name: Annex A prints five
names twice, and prints no department for rows 8 and 13 (interpretation I-14). Both are kept as
they stand. Names are matched exactly; guessing which item somebody meant is not for a library.
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Self

from attrs import Factory, field, frozen

from onsite_workflow.errors import InvalidInput, Remedy

__all__ = ["Catalogue", "CatalogueItem", "annex_a"]

COLUMNS = ("id", "row", "position", "department", "name")


@frozen(kw_only=True)
class CatalogueItem:
    """One item of a catalogue.

    ``id`` is the list's letter, row and position (``A.5.3``); ``row`` and ``position`` count from
    1; ``department`` is empty where the list prints none.
    """

    id: str
    row: int
    position: int
    department: str
    name: str


def _first_repeat(items: Sequence[CatalogueItem]) -> tuple[int, int, str] | None:
    """The first item that repeats an earlier one's identity: its index, the earlier, the field."""
    seen: dict[str | tuple[int, int], int] = {}
    for index, item in enumerate(items):
        for column, key in (("id", item.id), ("position", (item.row, item.position))):
            if key in seen:
                return index, seen[key], column
            seen[key] = index
    return None


def _distinct(_: object, __: object, items: tuple[CatalogueItem, ...]) -> None:
    if repeat := _first_repeat(items):
        index, earlier, column = repeat
        raise InvalidInput.of(
            f"items[{index}].{column}",
            "duplicate_item",
            f"与 items[{earlier}] 重复。",
            f"repeats that of items[{earlier}].",
        )


def _as_tuple(items: Iterable[CatalogueItem]) -> tuple[CatalogueItem, ...]:
    return tuple(items)


def _index_ids(catalogue: Catalogue) -> Mapping[str, CatalogueItem]:
    return {item.id: item for item in catalogue.items}


def _index_names(catalogue: Catalogue) -> Mapping[str, tuple[CatalogueItem, ...]]:
    index: dict[str, tuple[CatalogueItem, ...]] = {}
    for item in catalogue.items:
        index[item.name] = (*index.get(item.name, ()), item)
    return index


@frozen
class Catalogue:
    """An immutable list of items, in the printed order.

    ``name`` says whose list it is. Raises InvalidInput (``duplicate_item``) where two items share
    an id or a place in the list; two items may share a name.
    """

    name: str
    items: tuple[CatalogueItem, ...] = field(converter=_as_tuple, validator=_distinct, repr=False)
    _by_id: Mapping[str, CatalogueItem] = field(
        init=False, repr=False, eq=False, default=Factory(_index_ids, takes_self=True)
    )
    _by_name: Mapping[str, tuple[CatalogueItem, ...]] = field(
        init=False, repr=False, eq=False, default=Factory(_index_names, takes_self=True)
    )

    def get(self, item_id: str) -> CatalogueItem:
        """The item with this id; raises InvalidInput (``unknown_item``) if there is none."""
        try:
            return self._by_id[item_id]
        except KeyError:
            raise InvalidInput.of(
                "id",
                "unknown_item",
                f"{self.name} 中没有这个编号的事项。",
                f"no item of {self.name} has this id.",
                remedy=Remedy(
                    zh="使用清单中的编号；清单以外的事项，写明名称和上门办理的理由（5.2）。",
                    en="Use an id of the list; for an item outside it, give the name and the "
                    "ground for an on-site visit (5.2).",
                ),
            ) from None

    def find(self, name: str) -> CatalogueItem | None:
        """The item printed under exactly this name, or None.

        Raises InvalidInput (``ambiguous_name``, facts ``ids``) where the list prints the name
        more than once.
        """
        found = self._by_name.get(name, ())
        if len(found) > 1:
            ids = [item.id for item in found]
            raise InvalidInput.of(
                "name",
                "ambiguous_name",
                f"{self.name} 中有 {len(ids)} 个事项使用这个名称：{'、'.join(ids)}。",
                f"{len(ids)} items of {self.name} have this name: {', '.join(ids)}.",
                facts={"ids": ids},
                remedy=Remedy(zh="改用其中一个编号。", en="Give one of these ids instead."),
            )
        return found[0] if found else None

    def __contains__(self, item_id: object) -> bool:
        """Whether an item has this id."""
        return item_id in self._by_id

    def __iter__(self) -> Iterator[CatalogueItem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @classmethod
    def from_csv(cls, source: str | PathLike[str], *, name: str) -> Self:
        """A catalogue from CSV with the header ``id,row,position,department,name``.

        ``source`` is a path object (a UTF-8 file) or, as a str, the text itself. ``row`` and
        ``position`` are whole numbers from 1; ``department`` may be empty. Raises InvalidInput
        naming the line (counted from 1, the header included) and the column; OSError where the
        file cannot be opened.
        """
        text = source if isinstance(source, str) else _read(source)
        # The byte order mark is what spreadsheets put before UTF-8; it is not part of the header.
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        items: list[CatalogueItem] = []
        lines: list[int] = []
        try:
            _check_header(next(rows, None))
            for cells in rows:
                if cells:
                    items.append(_item(cells, rows.line_num))
                    lines.append(rows.line_num)
        except csv.Error:
            raise _bad_line(
                rows.line_num,
                None,
                "malformed_csv",
                "不是规范的 CSV，请检查引号。",
                "not well-formed CSV; check the quotes.",
            ) from None
        if not items:
            raise InvalidInput.of(
                "source", "empty_catalogue", "清单没有任何事项。", "the list has no item."
            )
        if repeat := _first_repeat(items):
            index, earlier, column = repeat
            raise _bad_line(
                lines[index],
                column,
                "duplicate_item",
                f"与第 {lines[earlier]} 行重复。",
                f"repeats that of line {lines[earlier]}.",
            )
        return cls(name, items)


def _read(path: PathLike[str]) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError:
        raise InvalidInput.of(
            "source",
            "not_utf8",
            "文件不是 UTF-8 编码。",
            "the file is not UTF-8.",
            remedy=Remedy(
                zh="另存为“CSV UTF-8”（表格软件默认可能是 GBK）。",
                en="Save it as “CSV UTF-8” (a spreadsheet's default may be GBK).",
            ),
        ) from None


def _check_header(cells: list[str] | None) -> None:
    if cells is None or tuple(cells) != COLUMNS:
        expected = ",".join(COLUMNS)
        raise _bad_line(
            1,
            None,
            "header",
            f"表头应为 {expected}。",
            f"the header must be {expected}.",
            remedy=Remedy(
                zh="字符串参数是 CSV 正文；读取文件请传入 Path。",
                en="A str is the CSV text itself; to read a file, pass a Path.",
            ),
        )


def _item(cells: list[str], line: int) -> CatalogueItem:
    if len(cells) != len(COLUMNS):
        raise _bad_line(
            line,
            None,
            "cells",
            f"应有 {len(COLUMNS)} 列，实有 {len(cells)} 列。",
            f"must have {len(COLUMNS)} cells, has {len(cells)}.",
        )
    given = dict(zip(COLUMNS, cells, strict=True))
    for column, cell in given.items():
        # A space at the end or an invisible character would make an exact match impossible to see.
        if cell != cell.strip() or not cell.isprintable():
            raise _bad_line(
                line,
                column,
                "text",
                "首尾有空格或含有不可见字符。",
                "has spaces around it or an invisible character in it.",
            )
        if not cell and column != "department":
            raise _bad_line(line, column, "blank", "不能为空。", "must not be blank.")
    return CatalogueItem(
        id=given["id"],
        row=_count(given["row"], line, "row"),
        position=_count(given["position"], line, "position"),
        department=given["department"],
        name=given["name"],
    )


def _count(cell: str, line: int, column: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 6 and int(cell) > 0):
        raise _bad_line(
            line,
            column,
            "number",
            "应为从 1 起的整数。",
            "must be a whole number from 1.",
        )
    return int(cell)


def _bad_line(
    line: int, column: str | None, rule: str, zh: str, en: str, *, remedy: Remedy | None = None
) -> InvalidInput:
    return InvalidInput.of(
        f"line {line}, {column}" if column else f"line {line}",
        rule,
        zh,
        en,
        facts={"line": line, "column": column},
        remedy=remedy,
    )


@functools.cache
def annex_a() -> Catalogue:
    """Annex A of the standard: 76 items in 13 rows, read once, on the first call."""
    from importlib import resources  # noqa: PLC0415 - nothing is read, nor paid for, at import

    text = resources.files("onsite_workflow").joinpath("data/annex_a.csv").read_text("utf-8")
    return Catalogue.from_csv(text, name="DB4209/T 32—2023 附录 A")

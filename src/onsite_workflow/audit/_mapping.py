"""The mapping file: which column of somebody's ledger is which field, and what its words mean."""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from onsite_workflow.errors import InvalidInput, Violation

from ._fields import FIELDS, MEANINGS, WORDS, Reads, Shape

__all__ = ["LedgerMapping", "clipped", "did_you_mean", "fold", "parse_mapping", "read_mapping"]

SEPARATORS: Final = "、；;，,\n"
BLANKS: Final = ("", "-", "--", "—", "——", "/", "\\", "n/a", "null", "none", "nan", "nat")

_INVISIBLE: Final = {ord(c): None for c in "\ufeff\u200b\u200c\u200d\u2060"}


def fold(text: str) -> str:
    """How two words are compared: width, case, spaces and invisible characters do not count."""
    return "".join(unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold().split())


def _folded(words: Mapping[str, str]) -> dict[str, str]:
    return {fold(word): meaning for word, meaning in words.items()}


@frozen(kw_only=True)
class LedgerMapping:
    """How to read one centre's ledger. Made by ``read_mapping`` or ``parse_mapping``.

    ``columns`` gives each field the names of its columns (two where date and time of day stand
    apart); ``fixed`` gives a field one value for every row. ``words`` holds, for each kind of cell
    that is read by words, the folded words and what they stand for; ``acts_named`` are the acts the
    mapping itself gave words for. ``units`` and ``items`` hold other names, folded, ``not_cases``
    how the rows begin that are none, folded.
    """

    shape: Shape
    columns: Mapping[str, tuple[str, ...]]
    fixed: Mapping[str, str] = field(factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(
        factory=lambda: {kind: _folded(words) for kind, words in WORDS.items()}
    )
    acts_named: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(factory=dict)
    items: Mapping[str, str] = field(factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_rows: tuple[int, ...] = (1,)
    separators: str = SEPARATORS
    blanks: frozenset[str] = frozenset(BLANKS)
    date_formats: tuple[str, ...] = ()
    not_cases: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        """Whether the ledger has that field."""
        return name in self.columns or name in self.fixed


# --- reading ------------------------------------------------------------------------------------


def clipped(name: object) -> str:
    """A name of somebody else's file as it may be shown: nothing that prints nothing, not too long."""
    text = str(name)
    return "".join(c for c in text[:40] if c.isprintable()) + ("…" if len(text) > 40 else "")


def did_you_mean(name: str, known: Iterable[str]) -> tuple[str, str]:
    """The end of a sentence that proposes another name, in both languages; empty without one."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return (f"是否应为“{near[0]}”？", f" Did you mean {near[0]}?") if near else ("", "")


class _Reader:
    """Reads a mapping and keeps everything that is wrong with it, so that it is said at once."""

    def __init__(self) -> None:
        self.wrong: list[Violation] = []

    def refuse(self, name: str, rule: str, zh: str, en: str) -> None:
        self.wrong += InvalidInput.of(clipped(name), rule, zh, en).violations

    def table(self, given: Mapping[str, Any], name: str) -> dict[str, Any]:
        value = given.get(name, {})
        if isinstance(value, dict):
            return dict(value)
        self.refuse(name, "wrong_type", "应为一节（[…]）。", "must be a table.")
        return {}

    def text(self, given: Mapping[str, Any], name: str, path: str) -> str | None:
        value = given.get(name)
        if value is None or isinstance(value, str):
            return value
        self.refuse(path, "wrong_type", "应为文字。", "must be a text.")
        return None

    def texts(self, value: Any, path: str) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        if values and all(isinstance(v, str) and v.strip() for v in values):
            return tuple(values)
        self.refuse(
            path, "wrong_type", "应为文字，或者文字的列表。", "must be a text or a list of texts."
        )
        return ()

    def known(self, given: Iterable[str], allowed: Iterable[str], path: str, what: str) -> None:
        names = list(allowed)
        for name in given:
            if name not in names:
                zh, en = did_you_mean(name, names)
                where = f"{path}.{clipped(name)}" if path else name
                self.refuse(where, "unknown_field", f"没有这{what}。{zh}", f"is not known.{en}")


_TOP: Final = ("shape", "file", "columns", "fixed", "words", "units", "items")
_FILE: Final = (
    "encoding",
    "delimiter",
    "sheet",
    "header_row",
    "separators",
    "blank",
    "date_formats",
    "not_cases",
)


def read_mapping(path: str | PathLike[str]) -> LedgerMapping:
    """The mapping in a TOML file. ``InvalidInput`` naming everything that is wrong with it."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput.of(
            "mapping",
            "unreadable",
            "映射文件打不开，或者不是UTF-8。",
            f"can't be read as UTF-8 ({type(error).__name__}).",
        ) from None
    return parse_mapping(text)


def parse_mapping(text: str) -> LedgerMapping:
    """The mapping that a TOML text holds."""
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = str(error).rpartition("(")[2].rstrip(")")
        raise InvalidInput.of(
            "mapping",
            "unreadable",
            f"不是有效的TOML（{clipped(where)}）。",
            f"is not valid TOML ({clipped(where)}).",
        ) from None
    reader = _Reader()
    reader.known(given, _TOP, "", "一项")
    shape = _shape(reader, given)
    columns = _columns(reader, reader.table(given, "columns"), shape)
    fixed = _fixed(reader, reader.table(given, "fixed"), shape, columns)
    if "case" not in columns:
        reader.refuse("columns.case", "required", "须写明案号是哪一列。", "is required.")
    if shape is Shape.ACTS:
        for name in ("act", "at"):
            if name not in columns and name not in fixed:
                reader.refuse(
                    f"columns.{name}",
                    "required",
                    f"一行一环节的台账须有“{FIELDS[name].zh}”。",
                    "is required where a row is an act.",
                )
    words, acts_named = _words(reader, reader.table(given, "words"))
    file = reader.table(given, "file")
    reader.known(file, _FILE, "file", "一项")
    separators = reader.text(file, "separators", "file.separators")
    blank = reader.texts(file["blank"], "file.blank") if "blank" in file else ()
    made = LedgerMapping(
        shape=shape,
        columns=columns,
        fixed=fixed,
        words=words,
        acts_named=acts_named,
        units=_aliases(reader, reader.table(given, "units"), "units"),
        items=_aliases(reader, reader.table(given, "items"), "items"),
        encoding=_encoding(reader, reader.text(file, "encoding", "file.encoding")),
        delimiter=_delimiter(reader, reader.text(file, "delimiter", "file.delimiter")),
        sheet=reader.text(file, "sheet", "file.sheet"),
        header_rows=_header_rows(reader, file.get("header_row", 1)),
        separators=SEPARATORS if separators is None else separators,
        blanks=frozenset(map(fold, (*BLANKS, *blank))),
        date_formats=reader.texts(file["date_formats"], "file.date_formats")
        if "date_formats" in file
        else (),
        not_cases=tuple(map(fold, reader.texts(file["not_cases"], "file.not_cases")))
        if "not_cases" in file
        else (),
    )
    if reader.wrong:
        raise InvalidInput(reader.wrong)
    return made


def _shape(reader: _Reader, given: Mapping[str, Any]) -> Shape:
    value = given.get("shape", Shape.CASES.value)
    if isinstance(value, str) and value in {s.value for s in Shape}:
        return Shape(value)
    reader.refuse(
        "shape",
        "unknown_value",
        "应为cases（一行一案）、units（一案多行，一行一个单位）或者acts（一行一个环节）。",
        "must be cases (a row a case), units (a row a unit of a case) or acts (a row an act).",
    )
    return Shape.CASES


def _fits(reader: _Reader, name: str, shape: Shape, path: str) -> bool:
    if shape in FIELDS[name].shapes:
        return True
    shapes = ", ".join(sorted(FIELDS[name].shapes))
    reader.refuse(
        path,
        "wrong_shape",
        f"shape为{shape}时没有这一项（用于{shapes}）。",
        f"does not go with the shape {shape} (it is for {shapes}).",
    )
    return False


def _columns(reader: _Reader, given: dict[str, Any], shape: Shape) -> dict[str, tuple[str, ...]]:
    reader.known(
        given, [n for n, f in FIELDS.items() if shape in f.shapes or n in given], "columns", "一项"
    )
    columns: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        path = f"columns.{name}"
        if name not in FIELDS or value == "" or not _fits(reader, name, shape, path):
            continue
        names = reader.texts(value, path)
        if len(names) > 1 and (FIELDS[name].reads is not Reads.MOMENT or len(names) > 2):
            reader.refuse(
                path,
                "too_many",
                "只有时间可以由两列（日期、时刻）合成。",
                "only a time can be made of two columns, its date and its time of day.",
            )
            continue
        if names:
            columns[name] = names
    return columns


def _fixed(
    reader: _Reader, given: dict[str, Any], shape: Shape, columns: Mapping[str, Any]
) -> dict[str, str]:
    reader.known(
        given, [n for n, f in FIELDS.items() if shape in f.shapes or n in given], "fixed", "一项"
    )
    fixed: dict[str, str] = {}
    for name, value in given.items():
        path = f"fixed.{name}"
        if name not in FIELDS or not _fits(reader, name, shape, path):
            continue
        if name in columns:
            reader.refuse(path, "twice", "已经有一列了。", "has a column already.")
        elif not isinstance(value, str):
            reader.refuse(path, "wrong_type", "应为文字。", "must be a text.")
        else:
            fixed[name] = value
    return fixed


def _words(
    reader: _Reader, given: dict[str, Any]
) -> tuple[dict[str, Mapping[str, str]], frozenset[str]]:
    reader.known(given, WORDS, "words", "一类词")
    acts: frozenset[str] = frozenset()
    found: dict[str, Mapping[str, str]] = {}
    for kind, builtin in WORDS.items():
        own = reader.table(given, kind)
        for word, meaning in own.items():
            if meaning not in MEANINGS[kind]:
                allowed = "、".join(MEANINGS[kind])
                reader.refuse(
                    f"words.{kind}.{clipped(word)}",
                    "unknown_value",
                    f"应为以下之一：{allowed}。",
                    f"must be one of {', '.join(MEANINGS[kind])}.",
                )
        if kind == "act":
            acts = frozenset(str(meaning) for meaning in own.values())
        found[kind] = _folded(builtin) | _folded({w: str(m) for w, m in own.items()})
    return found, acts


def _aliases(reader: _Reader, given: dict[str, Any], path: str) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(value, str) or not value.strip():
            reader.refuse(f"{path}.{clipped(name)}", "wrong_type", "应为文字。", "must be a text.")
    return _folded({name: str(value).strip() for name, value in given.items()})


def _encoding(reader: _Reader, name: str | None) -> str | None:
    if name is not None:
        try:
            "".encode(name)
        except (LookupError, ValueError):
            reader.refuse(
                "file.encoding",
                "unknown_value",
                "没有这种编码；常用utf-8-sig、gb18030。",
                "is no encoding; utf-8-sig and gb18030 are usual.",
            )
    return name


def _delimiter(reader: _Reader, text: str | None) -> str | None:
    if text is not None and len(text) != 1:
        reader.refuse("file.delimiter", "wrong_type", "应为一个字符。", "must be one character.")
        return None
    return text


def _header_rows(reader: _Reader, value: Any) -> tuple[int, ...]:
    rows = value if isinstance(value, list) else [value]
    if (
        rows
        and all(isinstance(r, int) and not isinstance(r, bool) and 1 <= r <= 100 for r in rows)
        and rows == sorted(set(rows))
    ):
        return tuple(rows)
    reader.refuse(
        "file.header_row",
        "out_of_range",
        "应为表头的行号，从1起；两层表头写[1, 2]。",
        "must be the row of the header, from 1; [1, 2] for a header of two rows.",
    )
    return (1,)

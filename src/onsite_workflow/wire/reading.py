"""Journal lines and stored events, read.

What can't be read is refused, and the answer names the field: one that is not known, a wrong type,
a null where none may be, a time without an offset.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import typing
from collections import Counter
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar

import attrs
from attrs import field, frozen

from onsite_workflow.checks import SHANGHAI, check_moment, shown_name
from onsite_workflow.engine.procedure import Procedure
from onsite_workflow.engine.record import AnyCommand, AnyEvent
from onsite_workflow.errors import RESTORE, CorruptRecord, InvalidInput, Remedy
from onsite_workflow.procedures import DEFAULT, procedure_named

from .writing import fields_of

__all__ = ["JournalLine", "command_from_wire", "event_from_json", "read_line"]

LONGEST_LINE: Final = 8_000_000
"""Bytes: a bound on memory, far above what people write."""

MOST_NAMED: Final = 100
"""Fields of one object that an answer names."""

T = TypeVar("T")

Decoder = Callable[[Any], Any]

_RFC3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?"
    r"(?:([Zz])|([+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))"
)
_NAIVE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9.]+)?)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _refuse(name: str, rule: str, zh: str, en: str, **facts: Any) -> InvalidInput:
    return InvalidInput.of(name, rule, zh, en, facts=facts)


def read_moment(value: Any) -> dt.datetime:
    """An RFC 3339 time with its offset, in Asia/Shanghai. ``InvalidInput`` otherwise."""
    if not isinstance(value, str):
        raise _refuse("", "wrong_type", "应为时间。", "must be a date and time.")
    matched = _RFC3339.fullmatch(value)
    if matched is None:
        if _NAIVE.fullmatch(value):
            raise _refuse(
                "",
                "naive_time",
                "时间须带时区，例如2026-03-02T09:00:00+08:00。",
                "must carry an offset, as in 2026-03-02T09:00:00+08:00.",
            )
        raise _unreadable_time()
    day, clock, fraction, utc, offset = matched.groups()
    try:
        if offset == "+08:00":  # as this library writes it
            return dt.datetime.fromisoformat(f"{day}T{clock}{(fraction or '')[:7]}+00:00").replace(
                tzinfo=SHANGHAI
            )
        read = dt.datetime.fromisoformat(
            f"{day}T{clock}{(fraction or '')[:7]}{'+00:00' if utc else offset}"
        )
        return read.astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise _unreadable_time() from None


def _unreadable_time() -> InvalidInput:
    return _refuse(
        "",
        "unreadable",
        "不是RFC 3339时间，例如2026-03-02T09:00:00+08:00。",
        "is not an RFC 3339 time, such as 2026-03-02T09:00:00+08:00.",
    )


def _day(value: Any) -> dt.date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise _refuse("", "unreadable", "应为日期，例如2026-03-02。", "must be a date, as 2026-03-02.")


def _scalar(kind: type[Any], zh: str, en: str) -> Decoder:
    def decode(value: Any) -> Any:
        if type(value) is not kind:
            raise _refuse("", "wrong_type", f"应为{zh}。", f"must be {en}.")
        return value

    return decode


def _member(kind: type[Enum]) -> Decoder:
    members = {member.value: member for member in kind}

    def decode(value: Any) -> Any:
        if not isinstance(value, str):
            raise _refuse("", "wrong_type", "应为文字。", "must be a text.")
        if value not in members:
            raise _refuse(
                "",
                "unknown_value",
                "应为以下之一：" + "、".join(members) + "。",
                "must be one of " + ", ".join(members) + ".",
                allowed=list(members),
            )
        return members[value]

    return decode


def _sequence(inner: Decoder) -> Decoder:
    def decode(value: Any) -> Any:
        if not isinstance(value, list):
            raise _refuse("", "wrong_type", "应为列表。", "must be a list.")
        elements: list[Any] = []
        for index, element in enumerate(value):
            try:
                elements.append(inner(element))
            except InvalidInput as error:
                raise error.within(f"[{index}]") from None
        return tuple(elements)

    return decode


def _mapping(inner: Decoder) -> Decoder:
    def decode(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _refuse("", "wrong_type", "应为对象。", "must be an object.")
        read: dict[str, Any] = {}
        for key, element in value.items():
            try:
                read[key] = inner(element)
            except InvalidInput as error:
                raise error.within(shown_name(key)) from None
        return read

    return decode


def _decoder(hint: Any) -> Decoder:
    """How a value annotated ``hint`` is read. Built once a class."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        return _decoder(next(a for a in arguments if a is not NoneType))
    if origin is tuple:
        return _sequence(_decoder(arguments[0]))
    if origin is Mapping or getattr(origin, "__name__", "") == "Mapping":
        return _mapping(_decoder(arguments[1]))
    if hint is dt.datetime:
        return read_moment
    if hint is dt.date:
        return _day
    if hint is str:
        return _scalar(str, "文字", "a text")
    if hint is bool:
        return _scalar(bool, "true或者false", "true or false")
    if hint is int:
        return _scalar(int, "整数", "a whole number")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _member(hint)
    return lambda value: _read(hint, value)


@frozen
class _Reader:
    """How one class is read: a decoder a field, and the fields that must be there."""

    kind: type[Any]
    decoders: Mapping[str, Decoder]
    required: tuple[str, ...]
    nullable: frozenset[str]  # required, and None is a value: what is listed of a case


@cache
def _reader(kind: Any) -> _Reader:
    hints = typing.get_type_hints(kind)
    fields = [f for f in fields_of(kind) if f.init]
    decoders = {f.name: _decoder(hints[f.name]) for f in fields if f.name != "fields"}
    if "fields" in hints:
        decoders["fields"] = _corrected_fields(kind.procedure)
    required = tuple(f.name for f in fields if f.default is attrs.NOTHING)
    nullable = frozenset(name for name in required if NoneType in typing.get_args(hints[name]))
    return _Reader(kind, decoders, required, nullable)


def _read(kind: type[Any], value: Any) -> Any:
    """An instance of ``kind`` from a JSON object; every field that can't be read is named, up to
    ``MOST_NAMED``: beyond that a line is not a slip, and its answer would outgrow it."""
    if not isinstance(value, dict):
        raise _refuse("", "wrong_type", "应为对象。", "must be an object.")
    reader: _Reader = _reader(kind)  # type: ignore[arg-type]
    read: dict[str, Any] = {}
    wrong: list[InvalidInput] = []
    for name, given in value.items():
        if len(wrong) >= MOST_NAMED:
            break
        decode = reader.decoders.get(name)
        if decode is None:
            wrong.append(
                _refuse(shown_name(name), "unknown_field", "没有这一项。", "is not a field here.")
            )
        elif given is None and name in reader.nullable:
            read[name] = None
        elif given is None:
            wrong.append(
                _refuse(
                    name, "null", "不能为null；没有的，不写。", "must not be null; leave it out."
                )
            )
        else:
            try:
                read[name] = decode(given)
            except InvalidInput as error:
                wrong.append(error.within(name))
    wrong += [
        _refuse(name, "required", "必须填写。", "is required.")
        for name in reader.required
        if name not in value
    ]
    if wrong:
        raise InvalidInput(violation for error in wrong for violation in error.violations)
    return kind(**read)


@cache
def _correctable_decoders(procedure: str) -> Mapping[str, tuple[Decoder, ...]]:
    """By field name: a name nearly always has one shape, whatever the command."""
    found: dict[str, dict[Any, Decoder]] = {}
    for command in procedure_named(procedure).commands.values():
        hints = typing.get_type_hints(command)
        for f in attrs.fields(command):
            if f.name not in NOT_CORRECTABLE:
                found.setdefault(f.name, {})[hints[f.name]] = _decoder(hints[f.name])
    return {name: tuple(decoders.values()) for name, decoders in found.items()}


NOT_CORRECTABLE: Final = frozenset(
    {"by", "case", "record", "id", "recorded_at", "command", "fields"}
)


def _corrected_fields(procedure: str) -> Decoder:
    """The ``fields`` of a correction. Which of them the entry has is for the guard to judge."""

    def decode(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _refuse("", "wrong_type", "应为对象。", "must be an object.")
        decoders = _correctable_decoders(procedure)
        read: dict[str, Any] = {}
        for name, given in value.items():
            if given is None or name in NOT_CORRECTABLE:
                read[shown_name(name)] = None if given is None else ""
            elif name not in decoders:
                raise _refuse(shown_name(name), "unknown_field", "没有这一项。", "is not a field.")
            else:
                read[name] = _first_that_reads(name, decoders[name], given)
        return read

    return decode


def _first_that_reads(name: str, decoders: tuple[Decoder, ...], given: Any) -> Any:
    first: InvalidInput | None = None
    for decode in decoders:
        try:
            return decode(given)
        except InvalidInput as error:
            first = first or error.within(name)
    raise first or AssertionError(name)


def _procedure_of(record: dict[str, Any]) -> Procedure[Any]:
    """The procedure that a line or a stored event names; the case's where it names none."""
    name = record.get("procedure", DEFAULT)
    if not isinstance(name, str):
        raise _refuse("procedure", "wrong_type", "应为文字。", "must be a text.")
    return procedure_named(name)


def command_from_wire(line: Any) -> JournalLine:
    """The command that ``line`` asks for: the JSON object of a journal line, as a dictionary.

    Raises ``InvalidInput``, which names every field that can't be read.
    """
    if not isinstance(line, dict):
        raise _refuse("line", "wrong_type", "应为JSON对象。", "must be a JSON object.")
    outside = ("procedure", "command", "recorded_at")
    rest = {name: value for name, value in line.items() if name not in outside}
    if "record" in line and "procedure" not in line and "case" not in line:
        raise _refuse("procedure", "required", "必须填写。", "is required beside record.")
    commands = _procedure_of(line).commands
    name = line.get("command")
    if name is None:
        raise _refuse("command", "required", "必须填写。", "is required.")
    kind = commands.get(name) if isinstance(name, str) else None
    if kind is None:
        raise _refuse(
            "command",
            "unknown_command",
            "应为以下之一：" + "、".join(commands) + "。",
            "must be one of " + ", ".join(commands) + ".",
            allowed=list(commands),
        )
    recorded_at: dt.datetime | None = None
    if "recorded_at" in line:
        try:
            recorded_at = read_moment(line["recorded_at"])
        except InvalidInput as error:
            raise error.within("recorded_at") from None
        check_moment("recorded_at", recorded_at)
    command: AnyCommand = _read(kind, rest)
    return JournalLine(command=command, recorded_at=recorded_at)


@frozen(kw_only=True)
class JournalLine:
    """A line of the journal: what is asked, and when it was entered (None: the line does not
    say)."""

    command: AnyCommand
    recorded_at: dt.datetime | None = field(default=None)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        written = Counter(name for name, _ in pairs)
        twice = next(name for name, times in written.items() if times > 1)
        raise _refuse(shown_name(twice), "repeated", "同一项写了两次。", "stands there twice.")
    return read


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def parse_json(text: str | bytes) -> Any:
    """The value of JSON as RFC 8259 defines it: UTF-8, no NaN, no name twice in an object. Raises
    ``InvalidInput`` for anything else, and for text that is longer than ``LONGEST_LINE``."""
    if len(text) > LONGEST_LINE:
        raise _refuse("line", "too_long", "行过长。", "is too long.", limit=LONGEST_LINE)
    return _load(text)


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def _load(text: str | bytes) -> Any:
    try:
        return _STRICT.decode(text.decode("utf-8") if isinstance(text, bytes) else text)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise _refuse("line", "not_json", "不是JSON。", "is not JSON in UTF-8.") from None


def read_line(text: str | bytes) -> JournalLine:
    """The command of one line of a journal (JSON; bytes are UTF-8).

    Raises ``InvalidInput`` where it is no JSON, or too long, or no command: every field that can't
    be read is named.
    """
    return command_from_wire(parse_json(text))


def event_from_json(text: str) -> AnyEvent:
    """The event that ``event_to_json`` wrote, of any length. Raises ``CorruptRecord`` where
    ``text`` can't be read as one."""
    try:
        record = _load(text)
        if not isinstance(record, dict):
            raise _refuse("record", "wrong_type", "应为JSON对象。", "must be a JSON object.")
        events = _procedure_of(record).events
        record.pop("procedure", None)
        name = record.pop("event", None)
        kind = events.get(name) if isinstance(name, str) else None
        schema = record.pop("schema", None)
        if kind is None or type(schema) is not int or schema != kind.schema:
            raise _refuse(
                "event",
                "unknown_event",
                "本版本不认识这种记录。",
                "is of no known name and schema.",
            )
        event: AnyEvent = _read(kind, record)
    except InvalidInput as error:
        raise CorruptRecord(error.violations) from None
    return event


def stored_event(case: str, version: int, record: str | bytes) -> AnyEvent:
    """The event that a store keeps as entry ``version`` of ``case``. Raises ``CorruptRecord``,
    which names both, where ``record`` can't be read back or is another entry."""
    try:
        event = event_from_json(record.decode() if isinstance(record, bytes) else record)
    except UnicodeDecodeError:
        raise unreadable_event(case, version, "不是UTF-8", "is not UTF-8") from None
    except CorruptRecord as error:
        why = error.violations[0]
        if why.rule == "unknown_procedure":
            raise _of_others(case, version) from None
        zh, en = f"读不出来（{why.zh}）", f"can't be read back ({why.en})"
        raise unreadable_event(case, version, zh, en) from None
    if (event.key, event.version) != (case, version):
        raise unreadable_event(case, version, "不在其位", "is not in its place")
    return event


def _of_others(case: str, version: int) -> CorruptRecord:
    """The entry may be whole: nobody here can read it."""
    return CorruptRecord.because(
        "unknown_procedure",
        f"{case}的第{version}条记录属于本程序没有登记的办理程序。",
        f"Entry {version} of {case} is of a procedure that is not known here.",
        facts={"case": case, "version": version},
        remedy=Remedy(zh="先登记（register）该办理程序。", en="Register that procedure first."),
    )


def unreadable_event(
    case: str, version: int, zh: str = "不在库中", en: str = "is missing"
) -> CorruptRecord:
    """What a store raises where it can't give the event of that place."""
    return CorruptRecord.because(
        "unreadable_event",
        f"{case}的第{version}条记录{zh}。",
        f"Entry {version} of {case} {en}.",
        facts={"case": case, "version": version},
        remedy=RESTORE,
    )


def read_as(kind: type[T], value: Any) -> T:
    """An instance of the ``attrs`` class ``kind`` from the JSON object that ``to_wire`` made.
    Raises ``InvalidInput`` where ``value`` is not such an object."""
    read: T = _read(kind, value)
    return read

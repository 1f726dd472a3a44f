"""What a value must be: checks, converters, and the bases of values and messages.

Everything is checked when it is made, so that a value that exists can be read. Whether a record may
*move* is never decided here.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Set
from enum import Enum, StrEnum
from typing import Any, ClassVar, Final, Self, TypeVar

import attrs
from attrs import Attribute

from ._frozen import FrozenMapping
from .errors import InvalidInput

__all__ = ["SHANGHAI"]

# The mainland has kept UTC+8 without daylight saving since 1991: no time zone database is needed.
SHANGHAI: Final = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")

TEXT_MAX: Final = 2_000
NAME_MAX: Final = 100
COUNT_MAX: Final = 1_000_000_000
PHONE_DIGITS: Final = 5  # the shortest service numbers, such as 12345, have five
YEARS: Final = range(1950, 2200)
BIRTH_YEARS: Final = range(1800, 2200)


#: Letters by category that print nothing all the same: fillers and the empty braille pattern.
_FILLERS: Final = "\u115f\u1160\u2800\u3164\uffa0"


def _shows(character: str) -> bool:
    """Whether ``character`` prints anything: no separator, control, format or bare mark does."""
    category = unicodedata.category(character)
    return category[0] not in "ZCM" and character not in _FILLERS


def local_day(moment: dt.datetime) -> dt.date:
    """The day ``moment`` falls on in Asia/Shanghai: the one place where a day is folded."""
    return moment.astimezone(SHANGHAI).date()


def is_blank(value: str | None) -> bool:
    """Absent, empty, white space or invisible: what a guard treats as not given."""
    return value is None or not any(map(_shows, value))


def shown_name(name: str) -> str:
    """A field's name as an error may repeat it: one that is no identifier may be anything, a
    telephone number among others."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}", name) else "?"


class Discreet:
    """Base of every value: ``repr`` shows its type and whatever is not marked ``repr=False``.

    One method for all, so that what keeps people's data out of logs stands in one place (and so
    that importing the package need not compile it for each of its classes).
    """

    __slots__ = ()

    def __repr__(self) -> str:
        fields: Any = attrs.fields(type(self))  # type: ignore[arg-type]
        held = (f"{f.name}={getattr(self, f.name)!r}" for f in fields if f.repr)
        return f"{type(self).__name__}({', '.join(held)})"


class Message(Discreet):
    """Base of commands and events: equal where type and every field are. Not hashable, since some
    hold mappings."""

    __slots__ = ()
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        fields: Any = attrs.fields(type(self))  # type: ignore[arg-type]
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields)


# --- the checks -------------------------------------------------------------------------------

# Controls and line separators (newline apart), bidirectional controls, surrogates, U+FFFE/F.
_UNSAFE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_PHONE: Final = re.compile(r"\+?[0-9(][0-9 ()-]{1,28}[0-9)]([转,#*x][0-9]{1,8})?")
_KEY: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

Check = Callable[[str, Any], None]


def _wrong_type(name: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput.of(name, "wrong_type", f"应为{zh}。", f"must be {en}.")


def _string(name: str, value: object, longest: int, unsafe: re.Pattern[str] = _UNSAFE) -> str:
    if not isinstance(value, str):
        raise _wrong_type(name, "文字", "a text")
    if len(value) > longest:
        raise InvalidInput.of(
            name,
            "too_long",
            f"不得超过{longest}个字符。",
            f"must not be longer than {longest} characters.",
            facts={"limit": longest, "length": len(value)},
        )
    if found := unsafe.search(value):
        raise InvalidInput.of(
            name,
            "unsafe_character",
            "含有控制字符、双向控制符或其他不可用字符。",
            "holds a control, bidirectional or other unusable character.",
            facts={"character": f"U+{ord(found.group()):04X}", "position": found.start()},
        )
    return value


def check_text(name: str, value: object) -> None:
    """At most 2,000 characters; newlines allowed."""
    _string(name, value, TEXT_MAX)


def check_name(name: str, value: object) -> None:
    """At most 100 characters on one line; may be blank where a guard judges that."""
    if "\n" in _string(name, value, NAME_MAX):
        raise InvalidInput.of(name, "unsafe_character", "不得换行。", "must stay on one line.")
    text = str(value)
    if text and not is_blank(text) and not (_shows(text[0]) and not _blank_end(text[-1])):
        # “残联 ” and “残联” would be two units, “001号 ” and “001号” two numbers.
        raise InvalidInput.of(
            name,
            "surrounding_blank",
            "首尾不得有空格或者看不见的字符。",
            "must not begin or end with a blank or an invisible character.",
        )


def _blank_end(character: str) -> bool:
    """Whether a name ends in ``character`` for nothing; a mark belongs to the letter before."""
    return not _shows(character) and unicodedata.category(character)[0] != "M"


def check_given_name(name: str, value: object) -> None:
    """A name that no guard judges, so that it must be there."""
    check_name(name, value)
    if is_blank(str(value)):
        raise InvalidInput.of(name, "required", "不能为空。", "must not be blank.")


def check_key(name: str, value: object) -> None:
    """An identifier: 1–64 of letters, digits, ``-_.``."""
    if not isinstance(value, str):
        raise _wrong_type(name, "文字", "a text")
    if not _KEY.fullmatch(value):
        raise InvalidInput.of(
            name,
            "unreadable",
            "应为1至64个字母、数字或“-”“_”“.”。",
            "must be 1–64 letters, digits, '-', '_' or '.'.",
        )


def check_phone(name: str, value: object) -> None:
    """A mobile number or a landline such as 0712-2778219, extension allowed; may be blank."""
    text = _string(name, value, NAME_MAX)
    digits = sum(map(str.isdigit, text))
    if not is_blank(text) and (digits < PHONE_DIGITS or not _PHONE.fullmatch(text)):
        raise InvalidInput.of(name, "unreadable", "不是电话号码。", "is not a telephone number.")


def check_id_number(name: str, value: object) -> None:
    """A citizen identity number: 18 places, a real birth date, the check digit of GB 11643."""
    text = _string(name, value, NAME_MAX)
    good = re.fullmatch(r"[1-9][0-9]{16}[0-9X]", text, re.ASCII) is not None
    if good:
        try:
            good = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14])).year in BIRTH_YEARS
        except ValueError:
            good = False
    if good:
        total = sum(int(digit) * w for digit, w in zip(text, _ID_WEIGHTS, strict=False))
        good = "10X98765432"[total % 11] == text[17]
    if not good:
        raise InvalidInput.of(
            name,
            "unreadable",
            "不是有效的公民身份号码（GB 11643）。",
            "is not a valid citizen identity number (GB 11643).",
        )


def check_sha256(name: str, value: object) -> None:
    """64 lower-case hexadecimal digits."""
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise InvalidInput.of(
            name,
            "unreadable",
            "应为64位小写十六进制数。",
            "must be 64 lower-case hexadecimal digits.",
        )


def check_moment(name: str, value: object) -> None:
    """An aware datetime between 1950 and 2199; a naive one names no moment and is refused."""
    if not isinstance(value, dt.datetime):
        raise _wrong_type(name, "时间", "a date and time")
    if value.utcoffset() is None:
        raise InvalidInput.of(
            name,
            "naive_time",
            "时间须带时区，例如2026-03-02T09:00:00+08:00。",
            "must carry an offset, as in 2026-03-02T09:00:00+08:00.",
        )
    # Also as it is written, in Asia/Shanghai, or it could not be read back.
    if value.year not in YEARS or value.astimezone(SHANGHAI).year not in YEARS:
        raise InvalidInput.of(
            name, "out_of_range", "年份应在1950至2199之间。", "must lie between 1950 and 2199."
        )


def check_day(name: str, value: object) -> None:
    """A date (not a datetime) between 1950 and 2199."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise _wrong_type(name, "日期", "a date")
    if value.year not in YEARS:
        raise InvalidInput.of(
            name, "out_of_range", "年份应在1950至2199之间。", "must lie between 1950 and 2199."
        )


def check_bool(name: str, value: object) -> None:
    """True or False."""
    if not isinstance(value, bool):
        raise _wrong_type(name, "“是”或“否”", "true or false")


def check_count(name: str, value: object) -> None:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type(name, "整数", "a whole number")
    if abs(value) > COUNT_MAX:
        raise InvalidInput.of(name, "out_of_range", "数过大。", "is too large.")


def of_type(kind: type[Any]) -> Check:
    """A value of that class (an enumeration member, another value)."""

    def check(name: str, value: object) -> None:
        # Exactly: what a subclass adds could be neither stored nor hidden.
        if type(value) is not kind:
            raise _wrong_type(name, kind.__name__, kind.__name__)

    return check


def each(inner: Check) -> Check:
    """A sequence, every element of which passes ``inner``."""

    def check(name: str, value: object) -> None:
        if not isinstance(value, tuple):
            raise _wrong_type(name, "列表", "a list")
        for index, element in enumerate(value):
            inner(f"{name}[{index}]", element)

    return check


def check_mapping(inner: Check | None = None) -> Check:
    """A mapping from texts, every value of which passes ``inner``."""

    def check(name: str, value: object) -> None:
        if not isinstance(value, Mapping):
            raise _wrong_type(name, "对象", "an object")
        for key, element in value.items():
            check_name(name, key)
            if inner is not None:
                inner(f"{name}.{shown_name(key)}", element)

    return check


def checked(check: Check) -> Callable[[object, Attribute[Any], Any], None]:
    """The ``attrs`` validator of a field that must be given."""

    def validator(_: object, attribute: Attribute[Any], value: Any) -> None:
        check(attribute.name, value)

    return validator


def if_given(check: Check) -> Callable[[object, Attribute[Any], Any], None]:
    """The ``attrs`` validator of a field that may be None."""

    def validator(_: object, attribute: Attribute[Any], value: Any) -> None:
        if value is not None:
            check(attribute.name, value)

    return validator


def as_tuple(value: Iterable[T]) -> tuple[T, ...]:
    """Any iterable but a text becomes a tuple; what is none is left for the check to name.

    As a field's ``converter`` it needs a name for each type of element (``as_texts``): mypy does
    not follow a generic one, and takes whatever is given.
    """
    if isinstance(value, tuple) or not isinstance(value, Iterable):
        return value
    # A text is no list, and a set has no order.
    return value if isinstance(value, str | bytes | Mapping | Set) else tuple(value)  # type: ignore[return-value]


def as_texts(value: Iterable[str]) -> tuple[str, ...]:
    """``as_tuple`` of texts."""
    return as_tuple(value)


def as_optional_texts(value: Iterable[str] | None) -> tuple[str, ...] | None:
    """``as_tuple`` of texts, where absent and empty are two things."""
    return None if value is None else as_tuple(value)


def as_mapping(value: Mapping[K, V]) -> Mapping[K, V]:
    """A read-only copy."""
    return FrozenMapping(value) if isinstance(value, Mapping) else value


def as_fields(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A read-only copy of what is said field by field."""
    return as_mapping(value)


class Word(StrEnum):
    """A word of the wire form with its Chinese: ``APPLIED = "applied", "已申请"``."""

    _value_: str
    zh: str

    __hash__ = str.__hash__  # an Enum's own is written in Python, and every move looks one up

    def __new__(cls, value: str, zh: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.zh = zh
        return word


def plain(value: object) -> Any:
    """An enumeration member or a time as a JSON value: the form facts are shown in."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value

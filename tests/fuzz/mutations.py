"""Changes that make of a good input one that somebody might send: by its structure, by its text, by
its bytes."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Final

from hypothesis import strategies as st

#: Values that are the wrong thing in most places, and the right one in a few.
ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    1.0,
    1.5,
    10**20,
    "",
    " ",
    "a",
    " a",
    "a\n",
    "\u3164",
    "e\u0301",
    "\u202e",
    "\x00",
    "\ud83d",
    "😀",
    "A.5.1",
    "A.99.9",
    "1949-12-31T23:30:00Z",
    "2025-02-30T09:00:00+08:00",
    "2025-09-15T09:00:00",
    "2025-09-15T24:00:00+08:00",
    "2025-09-15t09:00:00.123456789z",
    "2025-09-15T09:00:00+08:00\n",
    "2199-12-31T23:00:00-05:00",
    "9999-12-31T23:59:59-23:59",
    "2025-09-15",
    "2025-02-29",
    "0001-01-01",
    "2025-09-01/2025-09-30",
    "12345",
    "0712-2778219转801",
    "handling_unit",
    "n" * 100,
    "n" * 101,
    "t" * 2_000,
    "t" * 2_001,
    [],
    [[]],
    {},
    {"name": "a"},
)

_junk: Final = st.sampled_from(ODD) | st.text(max_size=5) | st.integers(-5, 5)

Path = tuple[str | int, ...]


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    """Where each part of ``value`` stands, the whole first."""
    yield here
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in inner:
        yield from paths(part, (*here, key))


def part(value: Any, path: Path) -> Any:
    """What stands there."""
    for key in path:
        value = value[key]
    return value


def single_edits(value: Any) -> Iterator[Any]:
    """``value`` with each part in turn taken away, or replaced by everything odd, or, if it is a text,
    too long and with what is no character, or, in an object, under each of the texts in ``value``."""
    texts = {text for path in paths(value) if isinstance(text := part(value, path), str)}
    yield from ODD
    for path in list(paths(value))[1:]:
        holder, key = part(value, path[:-1]), path[-1]
        kept = copy.copy(holder)
        told = kept[key]
        more = (f"{told}\x00", told * 2_001) if isinstance(told, str) else ()
        for odd in (*ODD, *more):
            holder[key] = odd
            yield value
        holder[key] = told
        for name in sorted(texts) if isinstance(holder, dict) else ():
            moved = holder.pop(key)
            before = holder.get(name, holder)
            holder[name] = moved
            yield value
            del holder[name]
            if before is not holder:
                holder[name] = before
            holder[key] = moved
        del holder[key]
        yield value
        holder.clear()
        holder.update(kept) if isinstance(holder, dict) else holder.extend(kept)


def single_splices(data: bytes) -> Iterator[bytes]:
    """``data`` with everything that means something put in at every place, and cut off there."""
    for place in range(len(data) + 1):
        yield data[:place]
        for fragment in FRAGMENTS:
            yield data[:place] + fragment + data[place:]


def _edited(draw: st.DrawFn, value: Any) -> Any:
    """``value`` with one part changed, taken away, repeated, renamed or put elsewhere."""
    where = draw(st.sampled_from(list(paths(value))))
    if not where:
        return copy.deepcopy(draw(_junk)) if draw(st.integers(0, 9)) == 0 else value
    holder, key = part(value, where[:-1]), where[-1]
    act = draw(st.sampled_from(("junk", "drop", "null", "wrap", "move", "rename", "grow")))
    if act == "drop":
        del holder[key]
    elif act == "null":
        holder[key] = None
    elif act == "wrap":
        holder[key] = [holder[key]] if draw(st.booleans()) else {"name": holder[key]}
    elif act == "move":
        other = draw(st.sampled_from(list(paths(value))))
        holder[key] = copy.deepcopy(part(value, other))
    elif act == "rename" and isinstance(holder, dict):
        texts = [text for p in paths(value) if isinstance(text := part(value, p), str)]
        holder[draw(st.sampled_from([*texts, *map(str, holder)]))] = holder.pop(key)
    elif act == "grow" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[draw(st.integers(0, len(holder) - 1))]))
    else:
        holder[key] = copy.deepcopy(draw(_junk))
    return value


@st.composite
def structured(draw: st.DrawFn, seeds: Sequence[Any]) -> Any:
    """One of the JSON values with one to three edits."""
    value = copy.deepcopy(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 3))):
        value = _edited(draw, value)
    return value


@st.composite
def spliced(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the inputs with one to four stretches cut out, repeated or replaced."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        fragment = draw(
            st.binary(max_size=6)
            | st.text(max_size=3).map(lambda text: text.encode("utf-8", "surrogatepass"))
            | st.sampled_from(FRAGMENTS)
            | st.just(data[start:end] * 2)
        )
        data = data[:start] + fragment + data[end:]
    return data


#: Pieces of text that mean something to one reader or another.
FRAGMENTS: Final[tuple[bytes, ...]] = (
    b"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\r\n",
    b"\n",
    b"\0",
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[" * 5_000,
    b"]",
    b",",
    b":",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 5_000,
    b"null",
    b"\xc3\x28",
    b"/",
    b"=",
    b"'''",
    "〔２０２５〕".encode(),
)

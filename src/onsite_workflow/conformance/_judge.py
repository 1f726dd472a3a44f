"""What is wrong with an answer, held against the one expected.

One rule: an object must have what is expected of it and may have more; a list must have as many
elements as expected, each fitting one of them, in any order; two texts that are instants are equal
where the instants are; of a day that depends on a notice to come, only its bounds are expected.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

__all__ = ["answer_faults", "list_faults", "show_faults"]

#: Of an expected answer, what is said about it rather than to be found in it.
_ABOUT: Final = frozenset({"violations_include", "names"})
_ABSENT: Final = "(absent)"
_BOUNDS: Final = {"not_before", "not_after"}


def fits(expected: Any, got: Any) -> bool:
    """Whether ``got`` is what was expected, by the rule above."""
    if isinstance(expected, Mapping):
        if expected.keys() == _BOUNDS:
            return _within(expected, got)
        return isinstance(got, Mapping) and all(
            fits(value, got.get(key, _ABSENT)) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(got, list) and not _unmatched(expected, got)
    if isinstance(expected, str) and isinstance(got, str) and expected != got:
        return _same_instant(expected, got)
    return type(expected) is type(got) and bool(expected == got)


def _same_instant(a: str, b: str) -> bool:
    try:
        one, other = datetime.fromisoformat(a), datetime.fromisoformat(b)
    except ValueError:
        return False
    return None not in (one.tzinfo, other.tzinfo) and one == other


def _within(bounds: Mapping[str, str], got: Any) -> bool:
    """Whether ``got`` is a day that lies between the two, or is one of them."""
    try:
        day = date.fromisoformat(got)
    except (TypeError, ValueError):
        return False
    first, last = (date.fromisoformat(bounds[name]) for name in ("not_before", "not_after"))
    return first <= day <= last


def _unmatched(expected: Sequence[Any], got: Sequence[Any]) -> bool:
    if len(expected) != len(got):
        return True
    left = list(got)
    # What says most is matched first, so that a vague row does not take a precise one's place.
    for wanted in sorted(expected, key=lambda e: -len(e) if isinstance(e, Mapping) else 0):
        found = next((each for each in left if fits(wanted, each)), None)
        if found is None:
            return True
        left.remove(found)
    return False


def _differences(expected: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    for key, value in expected.items():
        if key not in _ABOUT and not fits(value, got.get(key, _ABSENT)):
            yield f"{key}: expected {_json(value)}, got {_json(got.get(key, _ABSENT))}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def answer_faults(
    expected: Mapping[str, Any], got: Mapping[str, Any], line: Mapping[str, Any], err: str = ""
) -> Iterator[str]:
    """What is wrong with the answer ``got`` to one journal line, and with what was said on the side
    (``err``)."""
    if expected["ok"]:
        expected = {"repeated": False, **expected}
        got = {"repeated": False, **got}
    yield from _differences(expected, got)
    violations = got.get("violations")
    for wanted in expected.get("violations_include", []):
        if not any(fits(wanted, each) for each in violations or []):
            yield f"violations: expected {_json(wanted)} among {_json(violations)}"
    if "names" in expected and expected["names"] not in _json(violations):
        yield f"the field {expected['names']} is not named: {_json(violations)}"
    if expected["ok"] is False and got.get("ok") is False:
        yield from _violation_faults(got.get("error"), violations)
    told = _json(got) + err
    if any(value in told for value in _people(line)):
        yield "the answer repeats people's data"


def _violation_faults(error: object, violations: Any) -> Iterator[str]:
    """A refusal says in both languages what is unmet and what would satisfy it."""
    if not isinstance(violations, list) or not violations:
        yield "no violation is given"
        return
    for each in violations:
        said: Any = each if isinstance(each, Mapping) else {}
        told: list[Any] = [said]
        if error == "refused":
            told.append(said.get("remedy"))
        for part, name in zip(told, ("sentence", "remedy"), strict=False):
            for language in ("zh", "en"):
                if not (part or {}).get(language):
                    yield f"{said.get('rule')}: no {name} in {language}"


def _people(line: Mapping[str, Any]) -> Iterator[str]:
    """What a line says about people, and no answer may repeat."""
    found: list[Any] = [line.get(key) for key in ("address", "explained_to", "received_by")]
    for person in (line.get("applicant"), line.get("recipient"), line.get("by")):
        if isinstance(person, Mapping):
            found += [person.get(key) for key in ("name", "phone", "id_number")]
    return (text for text in found if isinstance(text, str) and len(text) > 1)


def list_faults(expected: list[Any], got: list[Any]) -> Iterator[str]:
    """What is wrong with the lines that ``due`` printed."""
    if _unmatched(expected, got):
        yield from (f"expected {_json(row)}" for row in expected)
        yield from (f"got      {_json(row)}" for row in got)


def show_faults(step: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a case as it was shown."""
    yield from _differences(step["answer"], got)
    printed = _json(got)
    yield from (f"not shown: {text}" for text in step.get("contains", []) if text not in printed)
    yield from (f"shown: {text}" for text in step.get("lacks", []) if text in printed)

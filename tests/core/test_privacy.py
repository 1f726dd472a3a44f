"""People's data never stands in a ``repr``, an error or a fact; free text may hold some."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onsite_workflow import (
    DB4209_T_32_2023,
    Applicant,
    Case,
    Directory,
    Evidence,
    InvalidInput,
    OnsiteWorkflowError,
    Recipient,
    Unit,
    available,
    decide,
    findings,
    obligations,
    registration_form,
    transfer_notice,
)
from onsite_workflow.clause7.procedure import COMMANDS, EVENTS
from onsite_workflow.terms import SpecialGroup
from onsite_workflow.testing.cases.strategies import instances
from onsite_workflow.wire.reading import JournalLine, event_from_json, read_line
from onsite_workflow.wire.writing import command_to_wire, event_to_json

from .build import (
    CALENDAR,
    CASE,
    FINISHED_LATER,
    LEAD,
    apply,
    at,
    correct,
    file_registration_form,
    judged,
    of,
    opened,
    play,
)
from .test_available import CASES

#: Texts that name no person: units, items, numbers of papers, the id of a case or a request, and
#: how somebody was reached or served. Every other text is somebody's, or may hold something of
#: somebody's.
NOBODYS = frozenset({
    "archive_number",
    "case",
    "channel",
    "code",
    "edition",
    "follows",
    "from_unit",
    "item",
    "items",
    "method",
    "number",
    "previous",
    "sha256",
    "unit",
})  # fmt: skip


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every text and every ground within a value, with the fields that lead to it."""
    if isinstance(value, SpecialGroup | str):
        yield path, value
    elif attrs.has(type(value)):
        for f in attrs.fields(type(value)):
            yield from leaves(getattr(value, f.name), (*path, f.name))
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield from leaves(held, (*path, str(key)))
    elif isinstance(value, tuple | list):
        for held in value:
            yield from leaves(held, path)


def somebodys(path: tuple[str, ...], value: Any) -> bool:
    if isinstance(value, SpecialGroup):
        return True
    if type(value) is not str or path[-1] in NOBODYS:
        return False
    # The id and the name of an item are the catalogue's; the id of a message is the sender's.
    return not (path[-1] in {"id", "name"} and "items" in path) and path != ("id",)


def secrets(value: Any) -> set[str]:
    """The texts of a value that nobody but its reader should see, long enough to be told apart."""
    return {
        str(text.value if isinstance(text, SpecialGroup) else text).strip()
        for path, text in leaves(value)
        if somebodys(path, text)
    }


def leaked(hidden: set[str], shown: str) -> list[str]:
    return [text for text in hidden if len(text) > 1 and text in shown]


def marked(kind: type[Any], data: st.DataObject) -> Any:
    """An instance, filled so that every text is one of its own."""
    numbers = iter(range(10_000))

    def mark(name: str, value: Any) -> Any:
        if attrs.has(type(value)):
            changes = {
                f.name: mark(f.name, getattr(value, f.name))
                for f in attrs.fields(type(value))
                if f.init and f.name not in {"case", "follows", "sha256", "code", "state"}
            }
            return attrs.evolve(value, **changes)
        if isinstance(value, Mapping):
            return {key: mark(str(key), held) for key, held in value.items()}
        if isinstance(value, tuple):
            return tuple(mark(name, held) for held in value)
        if name == "phone" and value is not None:
            return f"1390000{next(numbers):04}"
        if type(value) is str and name != "id_number":
            return f"某人的事{next(numbers)}号"
        return value

    return mark("", data.draw(instances(kind)))


@pytest.mark.parametrize("kind", [*COMMANDS.values(), *EVENTS.values()], ids=lambda k: k.__name__)
@settings(max_examples=15)
@given(data=st.data())
def test_no_value_shows_what_is_somebodys(kind: type[Any], data: st.DataObject) -> None:
    value = marked(kind, data)
    hidden = secrets(value)
    for shown in (repr(value), str(value), repr([value]), repr(JournalLine(command=value))):
        assert leaked(hidden, shown) == []


def test_what_hides_a_name_also_hides_everything_else_of_a_person() -> None:
    """The test above can fail: these are what it looks for."""
    person = Applicant(name="某某", phone="13900001234", id_number="11010519491231002X")
    value = apply(
        applicant=person,
        recipient=Recipient(name="某人", relation="母女", phone="13900001235"),
        evidence=(Evidence(name="残疾人证", uri="file:///某人.pdf"),),
        circumstances="独居",
    )
    assert secrets(value) == {
        "某某",
        "13900001234",
        "11010519491231002X",
        "某人",
        "母女",
        "13900001235",
        "残疾人证",
        "file:///某人.pdf",
        "独居",
        "disabled",
        "孝南区书院街道槐荫大道118号",
        "长期卧床，无法前往政务服务中心。",
        "柳文静",
    }
    assert leaked({"某某"}, f"{person.name}来过") == ["某某"]


# --- a whole case --------------------------------------------------------------------------------

PEOPLE = (
    "王秀兰",
    "柳文静",
    "陈志远",
    "周敏",
    "经办人1",
    "0712-2000301",
    "槐荫大道",
    "卧床",
    "disabled",
    "照片",
    "身份证",
    "满意",
    "已办结",
)


def told_of(case: Case) -> Iterator[object]:
    """Everything that a program gets to see on the way of a case."""
    settings_ = {"regulation": DB4209_T_32_2023, "calendar": CALENDAR}
    yield case
    yield case.history
    yield case.notices
    yield case.bookings
    yield case.appointment
    yield obligations(case, as_of=case.recorded_at, **settings_)  # type: ignore[arg-type]
    yield findings(case, **settings_)  # type: ignore[arg-type]
    yield available(case, of(LEAD))
    yield registration_form(case, directory=Directory([Unit(name=LEAD)]))
    yield [transfer_notice(case, notice) for notice in case.notices]


@pytest.mark.parametrize("steps", range(4, len(FINISHED_LATER) + 1))
def test_nothing_on_the_way_of_a_case_shows_anybody(steps: int) -> None:
    case = play(None, *FINISHED_LATER[:steps])
    for told in told_of(case):
        assert leaked(set(PEOPLE), f"{told!r} {told}") == []


def test_a_decision_shows_nobody() -> None:
    for case, command in zip(
        [None, *(play(None, *FINISHED_LATER[:n]) for n in range(1, 11))],
        FINISHED_LATER,
        strict=True,
    ):
        assert leaked(set(PEOPLE), repr(judged(case, command))) == []


# --- answers -------------------------------------------------------------------------------------


def says(error: OnsiteWorkflowError) -> str:
    """All that an answer says, in every form of it."""
    parts = [str(error), repr(error)]
    for violation in error.violations:
        parts += [repr(violation), violation.zh, violation.en, repr(violation.facts)]
        parts.append(repr(violation.remedy))
    return "\n".join(parts)


def answer(ask: Callable[[], object]) -> OnsiteWorkflowError | None:
    try:
        ask()
    except OnsiteWorkflowError as error:
        return error
    return None


@settings(max_examples=300)
@given(name=st.sampled_from(list(CASES)), data=st.data())
def test_no_answer_repeats_what_is_somebodys(name: str, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(COMMANDS.values())))
    command = attrs.evolve(marked(kind, data), case=CASE)
    error = answer(
        lambda: decide(
            CASES[name](),
            command,
            recorded_at=at("2025-10-15 09:00"),
            regulation=DB4209_T_32_2023,
            calendar=CALENDAR,
        )
    )
    if error is not None:
        assert leaked(secrets(command), says(error)) == []


SPOILS: tuple[Callable[[str], Any], ...] = (
    lambda text: text + "\x00",
    lambda text: text + "长" * 3000,
    lambda text: [text],
    lambda text: {text: text},
    lambda text: {"name": text},
)


def spoilt(line: Any, spoil: Callable[[str], Any], at_: int) -> Any:
    """The line with its ``at_``-th text spoilt, wherever that stands."""
    count = iter(range(10_000))

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(held) for key, held in value.items()}
        if isinstance(value, list):
            return [walk(held) for held in value]
        return spoil(value) if isinstance(value, str) and next(count) == at_ else value

    return walk(line)


@settings(max_examples=300)
@given(data=st.data())
def test_no_complaint_about_a_line_repeats_what_is_somebodys(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(COMMANDS.values())))
    command = marked(kind, data)
    line = json.loads(json.dumps(command_to_wire(command)))
    spoil = data.draw(st.sampled_from(SPOILS))
    bad = spoilt(line, spoil, data.draw(st.integers(1, 12)))
    error = answer(lambda: read_line(json.dumps(bad)))
    if error is not None:
        # A group that can't be read is answered with all there are, so with this one too.
        assert leaked(secrets(command) - set(SpecialGroup), says(error)) == []


@settings(max_examples=200)
@given(data=st.data())
def test_no_complaint_about_a_record_repeats_what_is_somebodys(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(EVENTS.values())))
    event = marked(kind, data)
    spoil = data.draw(st.sampled_from(SPOILS))
    bad = spoilt(json.loads(event_to_json(event)), spoil, data.draw(st.integers(1, 12)))
    error = answer(lambda: event_from_json(json.dumps(bad)))
    if error is not None:
        assert leaked(secrets(event) - set(SpecialGroup), says(error)) == []  # as above


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: file_registration_form(blank={"王秀兰": "a\x00"}), id="a value"),
        pytest.param(lambda: file_registration_form(blank={"王秀兰\x00": "a"}), id="a key"),
        pytest.param(
            lambda: judged(opened(), correct(1, {"王秀兰": "x"})), id="a field to correct"
        ),
        pytest.param(
            lambda: judged(
                play(None, *FINISHED_LATER[:5]), file_registration_form(blank={"王秀兰": "x"})
            ),
            id="a box of the form",
        ),
    ],
)
def test_a_name_where_a_fields_name_belongs_is_not_repeated(make: Callable[[], object]) -> None:
    error = answer(make)
    assert error is not None
    assert leaked({"王秀兰"}, says(error)) == []


def test_a_kind_of_thing_that_is_wrong_is_named_without_the_thing() -> None:
    with pytest.raises(InvalidInput) as caught:
        Applicant(name="王秀兰", phone="王秀兰的电话")
    assert leaked({"王秀兰"}, says(caught.value)) == []

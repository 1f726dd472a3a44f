"""JSON Schemas (2020-12) of what goes in and out: journal lines, events, and the three answers.

They are made from the classes, their checks included, so that they cannot say anything else.
``docs/generate`` writes them to ``conformance/schemas``, where other languages find them. A schema
accepts everything that the library reads, and refuses what it refuses, as far as JSON Schema can
say it: ``docs/reference/conformance.md`` lists what it cannot.
"""

from __future__ import annotations

import datetime as dt
import inspect
import typing
from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final

import attrs

from onsite_workflow.checks import (
    COUNT_MAX,
    NAME_MAX,
    TEXT_MAX,
    check_bool,
    check_count,
    check_day,
    check_given_name,
    check_id_number,
    check_key,
    check_moment,
    check_name,
    check_phone,
    check_sha256,
    check_text,
)
from onsite_workflow.clause7.commands import Command, check_attendant
from onsite_workflow.clause7.procedure import COMMANDS, EVENTS, ROWS
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.clauses import CLAUSES
from onsite_workflow.conformance import FORMAT, GivenDays
from onsite_workflow.engine.duties import Finding, Obligation
from onsite_workflow.errors import (
    CaseNotFound,
    Conflict,
    InvalidInput,
    NotAllowed,
    Refused,
    Remedy,
    WrongRole,
)
from onsite_workflow.terms import (
    Actor,
    Appointment,
    Result,
    Role,
    ServiceItem,
    StaffMember,
    State,
    TransferNotice,
)
from onsite_workflow.wire.answers import MASK
from onsite_workflow.wire.reading import NOT_CORRECTABLE
from onsite_workflow.wire.writing import fields_of

__all__ = ["schemas"]

Schema = dict[str, Any]

# ``$`` alone would let a last newline pass in some languages; ``(?!\n)`` changes nothing in the others.
_END: Final = r"(?!\n)$"
_UNSAFE: Final = (
    r"\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    r"\ud800-\udfff\ufffe\uffff"
)
_CLOCK: Final = (
    r"[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_MONTH_AND_DAY: Final = r"-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_YEARS: Final = "(?:19[5-9][0-9]|2[01][0-9][0-9])"
# A moment is judged by its year in Asia/Shanghai, which may be the one before or after.
_YEARS_OF_MOMENTS: Final = "(?:19(?:49|[5-9][0-9])|2[01][0-9][0-9]|2200)"


def _text(longest: int, pattern: str) -> Schema:
    return {"type": "string", "maxLength": longest, "pattern": pattern}


def _written(pattern: str, **more: Any) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}{_END}", **more}


_MOMENT: Final = _written("[0-9]{4}" + _MONTH_AND_DAY + _CLOCK, format="date-time")
_DAY: Final = _written("[0-9]{4}" + _MONTH_AND_DAY, format="date")
# Blank is what prints nothing; a schema can name what certainly prints.
_PRINTS: Final = r"!-~\u00c0-\u024f\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7a3"
_BLANK: Final = rf"[^\n{_PRINTS}{_UNSAFE}]*"
_ONE_LINE: Final = rf"[^\s{_UNSAFE}](?:[^\n{_UNSAFE}]*[^\s{_UNSAFE}])?"
_NAME: Final = _text(NAME_MAX, rf"^(?:{_ONE_LINE}|{_BLANK}){_END}")

#: What each check of a plain value says, as far as a schema can.
_LEAVES: Final[Mapping[Any, Schema]] = {
    check_text: _text(TEXT_MAX, rf"^[^{_UNSAFE}]*$"),
    check_name: _NAME,
    check_given_name: _text(NAME_MAX, f"^{_ONE_LINE}{_END}"),
    check_key: _written("[A-Za-z0-9._-]{1,64}"),
    check_phone: _text(
        NAME_MAX,
        r"^(?:(?=(?:[^0-9]*[0-9]){5})\+?[0-9(][0-9 ()-]{1,28}[0-9)](?:[转,#*x][0-9]{1,8})?"
        rf"|{_BLANK}){_END}",
    ),
    check_id_number: _written(
        r"[1-9][0-9]{5}(?:1[89]|20|21)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
        r"[0-9]{3}[0-9X]"
    ),
    check_sha256: _written("[0-9a-f]{64}"),
    check_moment: _written(_YEARS_OF_MOMENTS + _MONTH_AND_DAY + _CLOCK, format="date-time"),
    check_day: _written(_YEARS + _MONTH_AND_DAY, format="date"),
    check_bool: {"type": "boolean"},
    check_count: {"type": "integer", "minimum": -COUNT_MAX, "maximum": COUNT_MAX},
}
_TYPES: Final[Mapping[Any, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    dt.datetime: _MOMENT,
    dt.date: _DAY,
}
#: What a class says of its fields together.
_TOGETHER: Final[Mapping[Any, Schema]] = {
    Actor: {
        "if": {"properties": {"role": {"const": Role.HANDLING_UNIT.value}}, "required": ["role"]},
        "then": {"required": ["unit"]},
    },
    ServiceItem: {"anyOf": [{"required": ["id"]}, {"required": ["name"]}]},
}
_ANSWERS: Final = (InvalidInput, CaseNotFound, NotAllowed, WrongRole, Refused, Conflict)
_CLAUSE_OF: Final = {row.command.name: row.clause for row in reversed(ROWS)}


class _Writer:
    """Writes the schemas of classes; those of values go to ``defs``, once each.

    ``shown``: as ``show`` prints them, where people's data may be masked.
    """

    def __init__(self, *, shown: bool = False) -> None:
        self.shown = shown
        self.defs: dict[str, Schema] = {}

    def value(self, kind: Any) -> Schema:
        """A reference to the definition of a value's class, or of an enumeration."""
        name = kind.__name__
        if name not in self.defs:
            self.defs[name] = {}  # first, in case it refers to itself
            self.defs[name] = (
                _enumeration(kind) if issubclass(kind, Enum) else self.instance(kind, {})
            )
        return {"$ref": f"#/$defs/{name}"}

    def instance(self, kind: Any, own: Schema, *, without: tuple[str, ...] = ()) -> Schema:
        """An object with the fields of ``kind``, and ``own`` ones, which are all required."""
        fields = [f for f in fields_of(kind) if f.init and f.name not in without]
        hints = typing.get_type_hints(kind)
        needed = [f.name for f in fields if f.default is attrs.NOTHING]
        about = _about(kind)
        return {
            **about,
            "type": "object",
            "properties": own | {f.name: self.field(f, hints[f.name]) for f in fields},
            "required": [*own, *needed],
            "additionalProperties": False,
            **_TOGETHER.get(kind, {}),
        }

    def field(self, f: attrs.Attribute[Any], hint: Any) -> Schema:
        """A field, by its check; by its annotation where it has none."""
        if f.name == "fields":
            return self.corrections()
        if f.validator is None:
            schema = self.shape(hint)
        else:
            schema = self.checked(inspect.getclosurevars(f.validator).nonlocals["check"])
        return self.masked(schema) if self.shown and not f.repr else schema

    def checked(self, check: Any) -> Schema:
        """What passes a check of ``terms``."""
        if check in _LEAVES:
            return self.leaf(check)
        if check is check_attendant:
            self.defs["Attendant"] = self.instance(StaffMember, {}, without=("phone",))
            return {"$ref": "#/$defs/Attendant"}
        made_of = inspect.getclosurevars(check).nonlocals
        if "kind" in made_of:
            return self.value(made_of["kind"])
        inner = self.checked(made_of["inner"])
        if check.__qualname__.startswith("each"):
            return {"type": "array", "items": inner}
        names = self.leaf(check_name)
        return {"type": "object", "propertyNames": names, "additionalProperties": inner}

    def leaf(self, check: Any) -> Schema:
        """What passes a check of a plain value."""
        name = str(check.__name__).removeprefix("check_")
        said = (inspect.getdoc(check) or "").partition("\n\n")[0].replace("\n", " ")
        self.defs.setdefault(name, {"description": said, **_LEAVES[check]})
        return {"$ref": f"#/$defs/{name}"}

    def shape(self, hint: Any) -> Schema:
        """What is read as ``hint``; None is left out, never written."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, UnionType):
            return self.shape(next(a for a in arguments if a is not NoneType))
        if origin is tuple:
            return {"type": "array", "items": self.shape(arguments[0])}
        if origin is not None:
            return {"type": "object", "additionalProperties": self.shape(arguments[1])}
        return _TYPES[hint] if hint in _TYPES else self.value(hint)

    def masked(self, schema: Schema) -> Schema:
        """``schema``, or what is shown in its place."""
        mask = {"const": MASK}
        if schema.get("type") == "array":
            return {**schema, "items": {"anyOf": [schema["items"], mask]}}
        if schema.get("type") == "object":
            return {**schema, "additionalProperties": {}}
        return {"anyOf": [schema, mask]}

    def corrections(self) -> Schema:
        """The ``fields`` of a correction: any entry's own, or null. Which of them, and what may not
        be corrected, is for the rules of ``correct`` to say."""
        found: dict[str, list[Schema]] = {}
        for command in COMMANDS.values():
            hints = typing.get_type_hints(command)
            for f in attrs.fields(command):
                if f.name not in NOT_CORRECTABLE:
                    shape = self.shape(hints[f.name])
                    if shape not in found.setdefault(f.name, []):
                        found[f.name].append(shape)
        null = [{"type": "null"}] + ([{"const": MASK}] if self.shown else [])
        return {
            "type": "object",
            "properties": {name: {"anyOf": [*shapes, *null]} for name, shapes in found.items()}
            | {name: {} for name in sorted(NOT_CORRECTABLE)},
            "additionalProperties": {"type": "null"},
        }

    def printed(self, kind: Any, names: tuple[str, ...], /, **instead: Any) -> Schema:
        """An object that always has those fields of ``kind``, with null for None. ``instead`` are
        types of fields that say more than the fields' own."""
        hints = typing.get_type_hints(kind) | instead
        return _object({name: self.nullable(hints[name]) for name in names})

    def nullable(self, hint: Any) -> Schema:
        """``shape``, or null where ``hint`` has None."""
        schema = self.shape(hint)
        return _or_null(schema) if NoneType in typing.get_args(hint) else schema


def _object(
    properties: Mapping[str, Schema], *, optional: Mapping[str, Schema] | None = None
) -> Schema:
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _enumeration(kind: type[Enum]) -> Schema:
    told = "; ".join(f"{m.value} {zh}" for m in kind if (zh := getattr(m, "zh", "")))
    schema: Schema = {"enum": [member.value for member in kind]}
    return {"description": told, **schema} if told else schema


def _about(kind: Any) -> Schema:
    """What the class says of itself: in Chinese, and in English where a clause has a gloss."""
    if issubclass(kind, Command):
        clause = CLAUSES[_CLAUSE_OF[kind.name]]
        return {"title": kind.zh, "description": f"{clause.number}: {clause.en}"}
    return {"description": (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")}


# --- the documents ------------------------------------------------------------------------------


def schemas() -> Mapping[str, Schema]:
    """Every schema by its name: ``journal-line``, ``event``, ``run-answer``, ``due-line``,
    ``case`` and ``conformance-group``. Their ``$id`` is ``urn:onsite-workflow:schema:NAME``."""
    return {
        name: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:onsite-workflow:schema:{name}",
            "title": title,
            **body,
        }
        for name, title, body in (
            ("journal-line", "A line of the journal 日志的一行", _journal_line()),
            ("event", "A stored event 已登记的事件", _event()),
            ("run-answer", "What run answers to one line 办理的答复", _run_answer()),
            ("due-line", "One time limit, as due prints it 一项时限", _due_line()),
            ("case", "A case, as show prints it 一个案件", _case()),
            ("conformance-group", "A file of the conformance pack 一组符合性用例", _group()),
        )
    }


def _one_of_named(word: str, named: Mapping[str, Schema], defs: Mapping[str, Schema]) -> Schema:
    """Objects told apart by the text in their field ``word``."""
    return {
        "type": "object",
        "properties": {word: {"enum": list(named)}},
        "required": [word],
        "allOf": [
            {
                "if": {"properties": {word: {"const": name}}, "required": [word]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in named
        ],
        "$defs": {**named, **defs},
    }


def _journal_line() -> Schema:
    writer = _Writer()
    named: dict[str, Schema] = {}
    for name, kind in COMMANDS.items():
        named[name] = writer.instance(kind, {"command": {"const": name}})
        named[name]["properties"]["recorded_at"] = writer.leaf(check_moment)
    return _one_of_named("command", named, writer.defs)


def _event() -> Schema:
    writer = _Writer()
    named = {
        name: writer.instance(kind, {"event": {"const": name}, "schema": {"const": kind.schema}})
        for name, kind in EVENTS.items()
    }
    return _one_of_named("event", named, writer.defs)


_FINDING: Final = ("code", "clause", "bearer", "due", "at", "by_seconds")
_OBLIGATION: Final = (
    "case",
    "clause",
    "kind",
    "bearer",
    "opened_at",
    "due_day",
    "due",
    "status",
    "provisional",
    "earliest",
    "latest",
)


def _run_answer() -> Schema:
    writer = _Writer()
    accepted = _object(
        {
            "line": {"type": "integer", "minimum": 1},
            "case": writer.leaf(check_key),
            "ok": {"const": True},
            "state": {"enum": [state.value for state in State if state is not State.NONE]},
            "version": {"type": "integer", "minimum": 1},
            "event": {"enum": list(EVENTS)},
            "findings": {"type": "array", "items": writer.printed(Finding, _FINDING)},
        },
        optional={"repeated": {"const": True}},
    )
    violation = _object(
        {
            "clause": _or_null({"enum": list(CLAUSES)}),
            "interpretation": _or_null(_written("I-[0-9]+")),
            "rule": {"type": "string"},
            "zh": {"type": "string", "minLength": 1},
            "en": {"type": "string", "minLength": 1},
            "facts": {"type": "object"},
            "remedy": writer.nullable(Remedy | None),
        }
    )
    refused = _object(
        {
            "line": {"type": "integer", "minimum": 1},
            "case": _or_null(writer.leaf(check_key)),
            "ok": {"const": False},
            "error": {"enum": [answer.answer for answer in _ANSWERS]},
            "violations": {"type": "array", "minItems": 1, "items": violation},
        }
    )
    return {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "if": {"properties": {"ok": {"const": True}}, "required": ["ok"]},
        "then": {"$ref": "#/$defs/accepted"},
        "else": {"$ref": "#/$defs/refused"},
        "$defs": {"accepted": accepted, "refused": refused, **writer.defs},
    }


def _due_line() -> Schema:
    writer = _Writer()
    return {**writer.printed(Obligation, _OBLIGATION, kind=Kind), "$defs": writer.defs}


def _case() -> Schema:
    writer = _Writer(shown=True)
    application = writer.instance(EVENTS["applied"], {})["properties"]
    people = ("applicant", "recipient", "address", "ground", "circumstances", "reason")
    notice = _object(
        {
            **dict.fromkeys(("number", "unit"), _TYPES[str]),
            "role": writer.shape(typing.get_type_hints(TransferNotice)["role"]),
            "items": {"type": "array", "items": _TYPES[str]},
            "issued_at": _MOMENT,
            "acknowledged_at": _or_null(_MOMENT),
            "reply": {"enum": ["accepted", "declined", None]},
            "replied_at": _or_null(_MOMENT),
            "explained_at": _or_null(_MOMENT),
        }
    )
    history = _one_of_named(
        "event",
        {name: writer.instance(kind, {"event": {"const": name}}) for name, kind in EVENTS.items()},
        {},
    )
    body = _object(
        {
            "case": writer.leaf(check_key),
            "state": {"enum": [state.value for state in State if state is not State.NONE]},
            "result": writer.nullable(Result | None),
            "version": {"type": "integer", "minimum": 1},
            "edition": _TYPES[str],
            "opened_at": _MOMENT,
            "follows": _or_null(writer.leaf(check_key)),
            **{name: _or_null(application[name]) for name in people},
            "items": {"type": "array", "items": writer.value(ServiceItem)},
            "lead": _or_null(_TYPES[str]),
            "notices": {"type": "array", "items": notice},
            "appointment": writer.nullable(Appointment | None),
            "obligations": {
                "type": "array",
                "items": writer.printed(Obligation, (*_OBLIGATION, "subject"), kind=Kind),
            },
            "findings": {"type": "array", "items": writer.printed(Finding, _FINDING)},
            "history": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/entry"}},
        }
    )
    entries: Schema = history.pop("$defs")
    return {**body, "$defs": {"entry": history, **entries, **writer.defs}}


def _group() -> Schema:
    writer = _Writer()
    moment, text, answer = writer.leaf(check_moment), _TYPES[str], {"type": "object"}
    texts = {"type": "array", "items": text}
    asked_due = _object(
        {"at": moment, "case": text},
        optional={"before": moment, "unit": text, "all": {"const": True}},
    )
    asked_show = _object({"case": text}, optional={"at": moment, "full": {"const": True}})
    steps: dict[str, Schema] = {
        "line": _object({"line": {"type": "object"}, "answer": answer}),
        "text": _object({"text": text, "answer": _or_null(answer)}),
        "due": _object({"due": asked_due, "answer": {"type": "array", "items": answer}}),
        "show": _object(
            {"show": asked_show, "answer": answer}, optional={"contains": texts, "lacks": texts}
        ),
    }
    case = _object(
        {
            "name": text,
            "shows": text,
            "clauses": {"type": "array", "items": {"enum": list(CLAUSES)}},
            "steps": {"type": "array", "minItems": 1, "items": {"oneOf": list(steps.values())}},
        },
        optional={"continues": {"const": True}},
    )
    body = _object(
        {
            "format": {"const": FORMAT},
            "edition": text,
            "calendar": writer.value(GivenDays),
            "cases": {"type": "array", "minItems": 1, "items": case},
        }
    )
    return {**body, "$defs": writer.defs}

"""The oracle's tables are those of the contract: moves, roles, rules, fields of the form."""

from __future__ import annotations

import csv
from pathlib import Path

from .rules import RULES, TABLE_B1
from .verdict import BY, CORRECTION, FROM

CONFORMANCE = Path(__file__).parents[1] / "conformance"


def rows(name: str) -> list[dict[str, str]]:
    with (CONFORMANCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_moves() -> None:
    for row in rows("moves.csv"):
        command = row.pop("command")
        assert {state for state, target in row.items() if target} == set(FROM[command].split())


def test_roles() -> None:
    for row in rows("roles.csv"):
        command = row.pop("command")
        assert {role for role, may in row.items() if may} == BY[command]


def test_rules() -> None:
    given = {
        (r["command"], r["rule"], r["clause"], r["interpretation"] or None)
        for r in rows("rules.csv")
    }
    own = {(command, *rule) for command, rules in RULES.items() for rule in rules}
    own |= {("correct", *rule) for rule in CORRECTION.values()}
    assert own == given


def test_every_command_is_there() -> None:
    assert {row["command"] for row in rows("moves.csv")} == set(FROM) == set(BY)


def test_fields_of_the_form() -> None:
    assert [row["field"] for row in rows("annex_b_fields.csv")] == list(TABLE_B1)

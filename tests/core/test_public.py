"""The names that are public: all there, none by accident, and dear ones only when asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import onsite_workflow as ow


@pytest.mark.parametrize("name", ow.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(ow, name) is not None


def test_the_public_names_are_sorted_and_told_by_dir() -> None:
    names = [name for name in ow.__all__ if not name.isupper()]
    assert len(set(ow.__all__)) == len(ow.__all__)
    assert names == sorted(names, key=lambda name: (name[0].islower(), name))
    assert dir(ow) == sorted(ow.__all__)


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="Machine"):
        ow.Machine  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("room", [room for room in ow._ROOMS if room != "calendar"])  # type: ignore[attr-defined]
def test_what_the_face_names_is_what_the_room_gives(room: str) -> None:
    """The type checkers are given the one, and a program the other."""
    named = ow._ROOMS[room].split()  # type: ignore[attr-defined]
    assert sorted(named) == sorted(import_module(f"onsite_workflow.{room}").__all__)


@pytest.mark.parametrize("module", ["sqlite3", "onsite_workflow.calendar", "holidays", "asyncio"])
def test_importing_the_package_alone_does_not_load(module: str) -> None:
    """What a core without a store and without a due day does not need."""
    code = f"import sys, onsite_workflow; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

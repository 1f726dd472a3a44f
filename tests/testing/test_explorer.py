"""The explorer visits everything there is, and what it reports can be replayed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow import DB4209_T_32_2023, MOVES, Kind, Regulation, State, Status, decide
from onsite_workflow import decide as _decide_function  # noqa: F401
from onsite_workflow.cli import main
from onsite_workflow.testing import INVARIANTS, Report, Try, Verdict, explore, invariant

NO_FIRST_MOMENT = {
    # Of the very first entry nothing can be earlier.
    ("apply", "recorded_in_order", "9"),
    ("apply", "at_not_before_cause", "9"),
}

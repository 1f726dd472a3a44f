"""Every exception of the package crosses processes and can be copied, with all that it carries."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import onsite_workflow
from onsite_workflow.errors import OnsiteWorkflowError, Remedy, Violation
from onsite_workflow.testing import PromiseBroken


def every_exception() -> list[type[BaseException]]:
    """The exception classes that any module of the package defines."""
    found: set[type[BaseException]] = set()
    for module in pkgutil.walk_packages(onsite_workflow.__path__, "onsite_workflow."):
        if not module.name.endswith("__main__"):
            members = vars(importlib.import_module(module.name)).values()
            found |= {
                member
                for member in members
                if inspect.isclass(member)
                and issubclass(member, BaseException)
                and member.__module__ == module.name
            }
    return sorted(found, key=lambda kind: kind.__qualname__)


def an_example(kind: type[BaseException]) -> BaseException:
    """One that carries as much as it can."""
    if issubclass(kind, OnsiteWorkflowError):
        violation = Violation(
            rule="a_rule",
            zh="不行。",
            en="No.",
            clause="7.1",
            interpretation="I1",
            facts={"field": "x", "found": 3, "units": ["甲", "乙"], "more": {"a": None}},
            remedy=Remedy(zh="改。", en="Mend it."),
        )
        return kind([violation, violation])
    if not inspect.isfunction(kind.__init__):  # a built-in one's own
        return kind("a sentence", 4)
    arguments: dict[str, Any] = {"int": 4, "str": "a sentence"}
    parameters = inspect.signature(kind).parameters.values()
    named = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    return kind(*(arguments[str(each.annotation)] for each in named))


def told(error: BaseException) -> tuple[Any, ...]:
    """All that there is to know of an exception."""
    return type(error), error.args, str(error), repr(error), vars(error)


def through_pickle(error: BaseException, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(error, protocol))


COPIES: dict[str, Callable[[Any], Any]] = {
    f"pickle {number}": partial(through_pickle, protocol=number)
    for number in range(pickle.HIGHEST_PROTOCOL + 1)
}
COPIES |= {"copy": copy.copy, "deepcopy": copy.deepcopy}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("kind", every_exception(), ids=lambda kind: kind.__qualname__)
def test_an_exception_is_whole_after_it_was_copied(
    kind: type[BaseException], copied: Callable[[Any], Any]
) -> None:
    error = an_example(kind)
    error.add_note("where it happened")
    assert told(copied(error)) == told(error)


def test_the_exceptions_that_users_meet_are_among_them() -> None:
    assert {OnsiteWorkflowError, PromiseBroken} < set(every_exception())

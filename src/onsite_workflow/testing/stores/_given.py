"""The contract, put to the store that ``python -m onsite_workflow.testing`` was told of: a plugin of
pytest, and the file that it collects."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from .store import StoreContract

__all__ = ["named", "pytest_addoption", "pytest_configure"]


def named(target: str) -> Any:
    """What ``package.module:name`` names. ``ValueError`` where that is nothing."""
    module, _, name = target.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{target} is no package.module:name that can be imported: {error}"
        ) from error
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the command line hands on."""
    parser.addoption("--store")
    parser.addoption("--transaction")


def pytest_configure(config: pytest.Config) -> None:
    """Make ``TestStore``, which pytest collects, of the store: an ``open_store(folder)``, or a whole
    subclass of ``StoreContract``."""
    target: Any = config.getoption("--store")
    transaction: Any = config.getoption("--transaction")
    found = named(target)
    if not (inspect.isclass(found) and issubclass(found, StoreContract)):
        hooks: dict[str, Any] = {"open_store": staticmethod(found)}
        if transaction is not None:
            hooks["transaction"] = staticmethod(named(transaction))
        found = type(target.replace(":", "."), (StoreContract,), hooks)
    globals()["TestStore"] = found

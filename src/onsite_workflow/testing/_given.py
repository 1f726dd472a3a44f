"""The contract, put to the store that ``python -m onsite_workflow.testing`` was told of."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from .store import StoreContract

__all__ = ["named", "tell"]


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


def tell(target: str, transaction: str | None = None) -> None:
    """Make ``TestStore``, which pytest collects, of ``target``: an ``open_store(folder)``, or a
    whole subclass of ``StoreContract``."""
    found = named(target)
    if not (inspect.isclass(found) and issubclass(found, StoreContract)):
        hooks: dict[str, Any] = {"open_store": staticmethod(found)}
        if transaction is not None:
            hooks["transaction"] = staticmethod(named(transaction))
        found = type(target.replace(":", "."), (StoreContract,), hooks)
    globals()["TestStore"] = found

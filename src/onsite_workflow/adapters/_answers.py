"""What every database's adapter answers in the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from onsite_workflow.errors import InvalidInput, NotSupported, Remedy

__all__ = ["Told", "not_joined", "read_only", "refused"]


class Told:
    """A block whose errors of a driver become the port's own answers, as ``tell`` raises them; it
    returns where an error is not the driver's. A class and not a generator, because it is faster."""

    def __init__(self, tell: Callable[[BaseException], None]) -> None:
        self._tell = tell

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            self._tell(error)


def read_only() -> NotSupported:
    """The answer to whoever writes to a store that was opened for reading."""
    return NotSupported.because(
        "read_only",
        "库是只读打开的，不能写入。",
        "the store was opened read-only: nothing can be written.",
        remedy=Remedy(zh="以可写方式打开。", en="Open it for writing."),
    )


def refused(
    rule: str, zh: str, en: str, remedy: Remedy | None = None, **facts: Any
) -> InvalidInput:
    """The answer where what was to be opened is no store, or not one for this version."""
    return InvalidInput.of("store", rule, zh, en, facts=facts, remedy=remedy)


def not_joined(rule: str, zh: str, en: str) -> InvalidInput:
    """The answer where the transaction given to ``joining`` can't be used."""
    return InvalidInput.of("transaction", rule, zh, en)

"""The promises of ``onsite_workflow.ports`` as tests that any store can be put to.

An adapter's whole test file::

    class TestMyStore(StoreContract):
        def open_store(self, folder: Path) -> CaseStore:
            return MyStore(folder / "cases.db")

A store that declares ``joining`` also needs ``transaction``; nothing else is asked for. What a store
does not declare is skipped with the number of the promise, or no test at all where the subclass says
``declares = MyStore.capabilities``. Servers and the like come from fixtures of the subclass.

A test's name begins with the number of the promise that it checks; it checks no other, so that a
broken store is told which promise it breaks. One test is of all of them: it tells stories of calls,
some written out and some made up, and holds the store against a dictionary (``stories``). They are
the same at every run; ``pytest --hypothesis-seed=7`` makes up others.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from onsite_workflow.ports import CaseStore

from . import report
from ._alike import AlikePromises
from ._base import PROMISES, PromiseBroken
from ._declared import CentrePromises, JoiningPromises, PositionPromises
from ._events import EventPromises
from ._leases import LeasePromises
from ._lists import ListPromises

__all__ = ["PROMISES", "PromiseBroken", "StoreContract"]


class StoreContract(  # pytest runs the tests of the last class first
    EventPromises,
    ListPromises,
    PositionPromises,
    CentrePromises,
    LeasePromises,
    JoiningPromises,
    AlikePromises,
):
    """Subclass it, name the subclass ``Test...``, and give it ``open_store`` (and ``transaction``).

    ``stories`` is how many stories of calls are made up, each of at most ``calls``.
    """

    stories: ClassVar[int] = 15
    calls: ClassVar[int] = 40

    shrink: bool = True
    """Whether the shortest story that fails is looked for. That can take minutes, so that it is not
    done where another test has failed before, and told more."""

    number: int | None = None
    """Which stories are made up: the same ones for the same number."""

    @pytest.fixture(autouse=True)
    def _reported(self, request: pytest.FixtureRequest) -> None:
        report.begin(request.config)
        self.shrink = self.shrink and not request.session.testsfailed
        number = str(request.config.getoption("hypothesis_seed", None))
        self.number = int(number) if number.isdecimal() else None

    @pytest.mark.hypothesis
    def test_stories_of_calls_are_answered_as_by_a_dictionary(
        self, store: CaseStore, folder: Path
    ) -> None:
        from .stories import tell_stories  # noqa: PLC0415 - brings Hypothesis

        tell_stories(
            self,
            folder.parent,
            stories=self.stories,
            calls=self.calls,
            shrink=self.shrink,
            number=self.number,
        )

"""A report by promise number, at the end of a run of pytest: one table for each adapter.

Every ``StoreContract`` brings it along; under ``pytest-xdist`` name it (``-p
onsite_workflow.testing.stores.report``), since the process that prints imports no test.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from typing import Any, Final

import pytest
from attrs import define, field

from onsite_workflow.ports import Capability

from ._base import PROMISES, Contract, promise_of

__all__ = ["Verdict", "begin", "lines", "sentence_of", "verdicts"]

_PROPERTY: Final = "onsite_workflow.promise"

_WIDTH: Final = max(map(len, PROMISES.values()))


@define
class Verdict:
    """What one adapter's tests say of one promise (None: of stories of calls)."""

    promise: int | None
    passed: int = 0
    skipped: set[str] = field(factory=set)
    failed: list[tuple[str, str]] = field(factory=list)
    """Sentence, and what the error says."""
    elsewhere: int | None = None
    """The promise that a test of this one found broken."""
    story: list[str] = field(factory=list)
    """Of the calls that showed it, a line each."""

    @property
    def word(self) -> str:
        """``kept``, ``BROKEN``, or why it was not tried."""
        if self.failed:
            return "BROKEN"
        if self.elsewhere is not None:
            return f"BROKEN: see promise {self.elsewhere}"
        undeclared = sorted(self.skipped)
        # That the methods of a capability refuse is tested where it is not declared.
        if (
            self.promise is not None
            and self.promise != 2
            and any(_declares(why) == self.promise for why in undeclared)
        ):
            return next(why.partition(": ")[2] for why in undeclared if _declares(why))
        return "kept" if self.passed else "not tried"


_OF_PROMISE: Final = {"durable": 4, "joining": 9, "leases": 10, "centres": 11, "positions": 12}


def _declares(why: str) -> int | None:
    """The promise that is not kept at all for this reason."""
    found = re.search(r"not declared \((\w+)\)", why)
    return _OF_PROMISE.get(found[1]) if found else None


@define(eq=False)  # pytest keeps plugins in sets
class _Results:
    """The plugin."""

    adapters: dict[str, dict[int | None, Verdict]] = field(factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = dict(report.user_properties).get(_PROPERTY)
        if not isinstance(told, dict):
            return
        found = self.adapters.setdefault(told["adapter"], {})
        verdict = found.setdefault(told["promise"], Verdict(told["promise"]))
        for why in told["undeclared"]:
            if (number := _declares(why)) is not None:
                found.setdefault(number, Verdict(number)).skipped.add(why)
        if report.failed:
            verdict.failed.append((told["sentence"], told["error"]))
            of = found.setdefault(told["of"], Verdict(told["of"]))
            of.story = told["story"]
            if of is not verdict:  # a story, which broke that promise
                of.elsewhere = told["promise"]
        elif report.skipped and isinstance(report.longrepr, tuple):
            verdict.skipped.add(report.longrepr[2].removeprefix("Skipped: "))
        elif report.when == "call":
            verdict.passed += 1

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for adapter, found in sorted(self.adapters.items()):
            terminalreporter.section(f"promises of {adapter}", sep="-")
            for line in lines(found.values()):
                terminalreporter.write_line(line)
            # Which pytest prints with the traceback, where there is one.
            story = found[None].story if None in found else []
            if story and terminalreporter.config.option.tbstyle == "no":
                terminalreporter.section(f"the story of {adapter}", sep="-")
                for line in story:
                    terminalreporter.write_line(line)


def lines(found: Iterable[Verdict]) -> list[str]:
    """The table of one adapter."""
    by_number = {verdict.promise: verdict for verdict in found}
    shown: list[str] = []
    for number in (*PROMISES, None):
        verdict = by_number.get(number, Verdict(number))
        title = "in stories of calls" if number is None else PROMISES[number]
        count = f"{verdict.passed} test{'' if verdict.passed == 1 else 's'}"
        word = f"{verdict.word} ({count})" if verdict.word == "kept" else verdict.word
        if verdict.failed:
            word += f" ({len(verdict.failed)} of {verdict.passed + len(verdict.failed)} tests fail)"
        shown.append(f"{'' if number is None else number:>4}  {title:<{_WIDTH}}  {word}")
        for sentence, error in verdict.failed[:1]:
            shown.append(f"      {'':<{_WIDTH}}  {sentence}")
            shown += [f"      {'':<{_WIDTH}}    {line}" for line in error.splitlines()[:1]]
    return shown


def verdicts(config: pytest.Config) -> dict[str, dict[int | None, Verdict]]:
    """Of the run that is over, by adapter."""
    plugin: Any = config.pluginmanager.get_plugin(_PROPERTY)
    return {} if plugin is None else plugin.adapters


def begin(config: pytest.Config) -> None:
    """Take part in the run, once."""
    manager = config.pluginmanager
    if not manager.has_plugin(_PROPERTY):
        manager.register(_Results(), _PROPERTY)
    if not manager.is_registered(_MAKER):
        manager.register(_MAKER)


def pytest_configure(config: pytest.Config) -> None:
    """Where this module itself is named as a plugin."""
    begin(config)


class _Maker:
    """Writes into each report what it says of which promise."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        adapter = getattr(item, "cls", None)
        if isinstance(adapter, type) and issubclass(adapter, Contract):
            error = None if call.excinfo is None else call.excinfo.value
            name = getattr(item, "originalname", item.name)
            promise = getattr(error, "promise", promise_of(name))
            told = {
                "adapter": adapter.__name__,
                "of": promise_of(name),
                "promise": promise,
                "undeclared": [
                    f"promise {promise}: not declared ({capability})"
                    for capability in sorted(
                        set(Capability) - (adapter.declares or set(Capability))
                    )
                ],
                "sentence": sentence_of(name),
                "error": getattr(error, "sentence", f"{type(error).__name__}: {error}"),
                "story": [] if promise_of(name) else _story(error),
            }
            report.user_properties.append((_PROPERTY, told))
        return report


_MAKER: Final = _Maker()


def _story(error: BaseException | None) -> list[str]:
    """As Hypothesis notes it, a call a line, without what looks whether all agrees."""
    calls = (" ".join(note.split()) for note in getattr(error, "__notes__", ()))
    return [call for call in calls if not call.endswith(".all_agrees()")]


def sentence_of(test: str) -> str:
    """A test's name as a sentence."""
    return re.sub(r"^test_(\d+_)?", "", test).replace("_", " ")

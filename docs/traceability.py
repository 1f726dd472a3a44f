"""From each normative sentence to the code and the tests that hold it, and back.

Nothing is listed by hand. What a sentence becomes stands in ``onsite_workflow.clauses``; the code is
found from the table of the procedure, the obligations and the fold; the tests are found in what they
assert already:

- the expected answers of the conformance pack: which rule refuses which command and where the
  same rule lets it pass, which obligation is owed and which is discharged, which event is kept;
- ``@pytest.mark.cites("form:phone", "6.3")``: a test names what it holds, for all the rest. It may
  name a clause, or anything that `Realisation.where` may.

`faults` says what is missing, either way. ``docs/generate`` makes the page,
``tests/test_traceability.py`` sees to it that there are no faults and that each can be found.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

import onsite_workflow as ow
from onsite_workflow.clause7.case import FOLD
from onsite_workflow.clause7.core import evolve
from onsite_workflow.clause7.events import Applied, Corrected
from onsite_workflow.clause7.forms import ANNEX_B, registration_form
from onsite_workflow.clause7.procedure import CASE, EVENTS, EVERY_MOVE
from onsite_workflow.clauses import SENTENCES, Becomes, NormativeSentence
from onsite_workflow.engine.history import corrected_history
from onsite_workflow.engine.rules import Guard

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"

#: What makes a sentence normative.
MODAL = re.compile("应|需|要|可|不得")

#: Reports and mechanisms that this version does not have: the sentences of clause 8 are recorded,
#: not counted. A place that is built leaves this list, or `faults` says so.
NOT_YET = frozenset(
    {
        "later:complaint",
        "later:request",
        "report:performance",
        "report:registration_forms",
        "report:training_needs",
    }
)


# --- what tests assert --------------------------------------------------------------------------


@frozen(kw_only=True)
class Answered:
    """One journal line of the acceptance data and the answer it must get.

    ``before`` is the state that the case had, as the answers before told it. ``unmet`` are the
    rules: (rule, clause).
    """

    test: str
    command: str
    before: str
    event: str | None
    unmet: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Owed:
    """One obligation that the acceptance data expect."""

    test: str
    kind: str
    clause: str
    status: str


def _pairs(found: Iterable[Any], name: str) -> tuple[tuple[str, str], ...]:
    """(rule or code, clause) of each."""
    return tuple((f[name], f["clause"]) for f in found)


def _steps() -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """(test, what is asked, expected answer) of the whole conformance pack, in order."""
    pack = ROOT / "src" / "onsite_workflow" / "conformance" / "cases"
    for path in sorted(pack.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            for step in case["steps"]:
                yield f"acceptance {case['name']}", step, step["answer"]


def acceptance() -> tuple[list[Answered], list[Owed]]:
    """What the acceptance data expect of commands and of obligations."""
    answered: list[Answered] = []
    owed: list[Owed] = []
    states: dict[tuple[str, str], str] = {}
    for test, asked, answer in _steps():
        line = asked.get("line")
        if "due" in asked:
            owed += (
                Owed(test=test, kind=row["kind"], clause=row["clause"], status=row["status"])
                for row in answer
            )
        elif isinstance(line, dict) and isinstance(answer, dict):
            case = (test.rpartition("-")[0], str(line.get("case")))
            unmet = [*answer.get("violations", ()), *answer.get("violations_include", ())]
            answered.append(
                Answered(
                    test=test,
                    command=str(line.get("command")),
                    before=states.get(case, "none"),
                    event=answer.get("event") if answer.get("ok") else None,
                    unmet=_pairs(unmet, "rule"),
                    findings=_pairs(answer.get("findings") or (), "code"),
                )
            )
            if answer.get("ok"):
                states[case] = answer.get("state", states.get(case, "none"))
    return answered, owed


def citations(tests: Path = TESTS) -> dict[str, list[str]]:
    """What the tests' own marks cite, each with the tests that cite it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.cites":
                    for argument in mark.args:
                        place = ast.literal_eval(argument)
                        found[place].append(f"{path.relative_to(tests).as_posix()} {node.name}")
    return dict(found)


# --- the code -----------------------------------------------------------------------------------


def _of(function: Callable[..., Any]) -> str:
    """``file`` and ``function``; of a guard made by a function, that function."""
    file = Path(inspect.getsourcefile(inspect.unwrap(function)) or "").name
    return f"{file} {function.__qualname__.partition('.<locals>')[0]}"


def guards() -> dict[str, list[tuple[Guard[Any, Any], frozenset[str]]]]:
    """Every ``command.rule`` with its guards, and the states each is asked in."""
    found: dict[str, list[tuple[Guard[Any, Any], frozenset[str]]]] = defaultdict(list)
    for row in ow.ROWS:
        for guard in row.guards:
            states = frozenset(state.value for state in row.source)
            found[f"{row.command.name}.{guard.rule}"].append((guard, states))
    for guard in EVERY_MOVE:
        found[f"*.{guard.rule}"].append((guard, frozenset(state.value for state in ow.State)))
    return dict(found)


def code(place: str) -> tuple[str, ...]:
    """Where in ``src/onsite_workflow`` something stands; nothing for what is not built."""
    family, _, name = place.partition(":")
    if place in NOT_YET:
        return ()
    if family == "event":
        event = EVENTS[name]
        folds: Mapping[type[ow.AnyEvent], Callable[..., Any]] = {
            **FOLD,
            Applied: evolve,
            Corrected: corrected_history,
        }
        fold = folds[event]
        return (f"events.py {event.__name__}", _of(fold))
    if family == "form" and name:
        return (_of(registration_form),)
    if "." in place:
        return tuple(dict.fromkeys(_of(guard.check) for guard, _ in guards()[place]))
    return tuple(_of(duties.of) for duties in CASE.duties if duties.kind == place)


# --- both ways ----------------------------------------------------------------------------------


@frozen(kw_only=True)
class Trace:
    """Everything that is compared; a test spoils one part at a time."""

    clauses: Mapping[str, str] = field(factory=lambda: {n: c.zh for n, c in ow.CLAUSES.items()})
    sentences: tuple[NormativeSentence, ...] = SENTENCES
    answered: list[Answered] = field(factory=lambda: acceptance()[0])
    owed: list[Owed] = field(factory=lambda: acceptance()[1])
    cited: Mapping[str, list[str]] = field(factory=citations)
    not_yet: frozenset[str] = NOT_YET

    def places(self) -> dict[str, list[Becomes]]:
        """Everything that some sentence becomes, and as what."""
        found: dict[str, list[Becomes]] = defaultdict(list)
        for sentence in self.sentences:
            for realisation in sentence.becomes:
                for where in realisation.where:
                    found[where].append(realisation.kind)
        return dict(found)

    def tests(self, place: str) -> dict[str, list[str]]:
        """The tests that hold a place, by what they show of it; none may be empty."""
        family, _, name = place.partition(":")
        if place in guards():
            shown = self._of_guard(place)
        elif family == "event":
            shown = {"kept": [a.test for a in self.answered if a.event == name]}
        elif place.startswith("form:"):
            shown = {"held": []}
        else:
            statuses = {"owed": {"open", "overdue"}, "discharged": {"met", "met_late", "void"}}
            shown = {
                word: [o.test for o in self.owed if o.kind == place and o.status in wanted]
                for word, wanted in statuses.items()
            }
        if cited := self.cited.get(place):
            shown["held"] = [*shown.get("held", ()), *cited]
        return shown

    def _of_guard(self, place: str) -> dict[str, list[str]]:
        command, _, rule = place.partition(".")
        states = frozenset[str]().union(*(asked for _, asked in guards()[place]))
        mine = [a for a in self.answered if command in (a.command, "*")]
        return {
            "refused": [a.test for a in mine if rule in {name for name, _ in a.unmet}],
            "let pass": [a.test for a in mine if a.event is not None and a.before in states],
        }

    def faults(self) -> list[str]:
        """What is missing or cites nothing; empty where the trace is whole."""
        return [*self._unentered(), *self._untested(), *self._unhung(), *self._astray()]

    def _unentered(self) -> Iterator[str]:
        """Normative sentences that no entry holds to their last character."""
        for number, sentence in normative(self.clauses):
            rest = _bare(sentence)
            for entry in self.sentences:
                if entry.clause == number:
                    rest = rest.replace(_bare(entry.zh), "", 1)
            if rest:
                yield f"{number}: no entry for {rest!r}"

    def _untested(self) -> Iterator[str]:
        known = known_places()
        for place in self.places():
            if place in self.not_yet:
                continue
            if place not in known:
                yield f"{place}: an entry for what does not exist"
                continue
            for word, tests in self.tests(place).items():
                if not tests:
                    yield f"{place}: no test shows it {word}"

    def _unhung(self) -> Iterator[str]:
        """What is there and no sentence asks for, and what is said not to be there and is cited."""
        hung = self.places()
        for place in sorted(known_places() - hung.keys()):
            yield f"{place}: no sentence becomes it"
        for place in sorted(self.not_yet):
            if place not in hung:
                yield f"{place}: said to be missing, and no sentence asks for it"
            if place in self.cited:
                yield f"{place}: said to be missing, and {self.cited[place][0]} tests it"

    def _astray(self) -> Iterator[str]:
        """Tests that cite a clause, a rule or an obligation that does not exist."""
        known = known_places() | set(self.clauses) | self.not_yet
        for place, tests in self.cited.items():
            if place not in known:
                yield f"{tests[0]}: cites {place}, which does not exist"
        table = guards()
        for a in self.answered:
            for rule, clause in a.unmet:
                named = table.get(f"{a.command}.{rule}") or table.get(f"*.{rule}")
                if named is None:
                    yield f"{a.test}: cites {a.command}.{rule}, which does not exist"
                elif clause and clause not in {guard.clause for guard, _ in named}:
                    yield f"{a.test}: cites {a.command}.{rule} under {clause}"
            for finding, clause in a.findings:
                if finding not in set(ow.FindingCode) or clause not in self.clauses:
                    yield f"{a.test}: cites the finding {finding} under {clause}"
        for o in self.owed:
            if o.kind not in set(ow.Kind) or CASE.clause_of[ow.Kind(o.kind)] != o.clause:
                yield f"{o.test}: cites the obligation {o.kind} under {o.clause}"


def known_places() -> set[str]:
    """Everything in the code that a sentence may become."""
    return {
        *guards(),
        *(kind.value for kind in ow.Kind),
        *(f"event:{name}" for name in EVENTS),
        *(f"form:{f.name}" for f in ANNEX_B),
    }


def _bare(text: str) -> str:
    return re.sub(r"[\s，。；]", "", text)


def normative(clauses: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The sentences of clauses 4 to 9 that bind somebody, each with the number of its clause."""
    for number, text in clauses.items():
        if re.match(r"[4-9]", number):
            for sentence in re.findall("[^。；\n]+[。；]", text):
                if MODAL.search(sentence):
                    yield number, sentence


# --- the page -----------------------------------------------------------------------------------


def _first(tests: Iterable[str], most: int = 2) -> str:
    """The first tests by name."""
    return ", ".join(f"`{name}`" for name in list(dict.fromkeys(tests))[:most])


def rows(
    trace: Trace, link: Callable[[Becomes, str], str]
) -> Iterator[tuple[NormativeSentence, str, str, str, str]]:
    """(sentence, kind, place, code, tests) of everything that a sentence becomes, in its order.

    ``link`` makes the text of a place."""
    for sentence in trace.sentences:
        for realisation in sentence.becomes:
            for where in realisation.where:
                shown = {} if where in trace.not_yet else trace.tests(where)
                yield (
                    sentence,
                    realisation.kind.value,
                    link(realisation.kind, where),
                    "<br>".join(f"`{c}`" for c in code(where)),
                    "<br>".join(f"{word}: {_first(tests)}" for word, tests in shown.items()),
                )

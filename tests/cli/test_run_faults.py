"""``run`` on what it must not trust: a thousand malformed lines, and journals of awkward shape.

The lines are made from those of the example journal, the same ones every time. All people in it
are invented; each line also carries data that no answer may repeat.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from onsite_workflow.wire.reading import LONGEST_LINE

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "examples" / "xiaonan-2025-2026.jsonl").read_text(encoding="utf-8").splitlines()
SIX = {"invalid", "not_found", "not_allowed", "wrong_role", "refused", "conflict"}
COUNT = 1_000

Json = Any
Where = tuple[str | int, ...]


# --- running ------------------------------------------------------------------------------------


@frozen
class Outcome:
    status: int
    out: str = field(repr=False)
    err: str

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.split("\n") if line]


def run(
    store: Path, journal: Path | str, *options: str, stdin: bytes | None = None, json_: bool = True
) -> Outcome:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "onsite_workflow.cli", "run", str(journal)),
            *("--store", f"sqlite:///{store}", *(["--json"] if json_ else []), *options),
        ],
        input=stdin,
        capture_output=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def content(store: Path) -> list[str]:
    """Every row of every table."""
    with closing(sqlite3.connect(store)) as db:
        return list(db.iterdump())


# --- malformed lines ----------------------------------------------------------------------------

#: Field names whose values are people's data, or texts that may hold some.
PRIVATE = {
    *("phone", "id_number", "address", "circumstances", "reason", "place", "note", "outcome"),
    *("received_by", "explained_to", "summary", "recipient_opinion", "keeper"),
}
PERSONS = {"applicant", "recipient", "by", "staff", "signatures"}
SECRETS = ("欧阳不可见", "13912345678", "420902199001011237", "长征路99号附1号")


def secrets_of(value: Json, under: str = "") -> Iterator[str]:
    """The people's data in a line."""
    if isinstance(value, dict):
        for name, inner in value.items():
            private = name in PRIVATE or (name == "name" and under in PERSONS)
            if private and isinstance(inner, str):
                yield inner
            yield from secrets_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_of(inner, under)


def places(value: Json, path: Where = ()) -> Iterator[Where]:
    """Where a line holds anything, from the outside in."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, name))


def at(value: Json, path: Where) -> Json:
    for name in path:
        value = value[name]
    return value


def with_value(line: Json, path: Where, new: Json) -> Json:
    """``line`` with another value at ``path``; the line given is left as it is."""
    copy = json.loads(json.dumps(line))
    at(copy, path[:-1])[path[-1]] = new
    return copy


def without(line: Json, path: Where) -> Json:
    copy = json.loads(json.dumps(line))
    del at(copy, path[:-1])[path[-1]]
    return copy


def encoded(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


MARK = "@@here@@"


def with_text(line: Json, path: Where, text: str) -> bytes:
    """``line`` with what no JSON value has at ``path``."""
    return encoded(with_value(line, path, MARK)).replace(f'"{MARK}"'.encode(), text.encode())


Malform = Callable[[random.Random, Json], bytes]
MALFORMED: list[Malform] = []
DOUBTFUL: list[Malform] = []


def malformed(make: Malform) -> Malform:
    """Whatever it makes is invalid."""
    MALFORMED.append(make)
    return make


def doubtful(make: Malform) -> Malform:
    """What it makes may be readable, and is then refused for another reason."""
    DOUBTFUL.append(make)
    return make


def somewhere(rng: random.Random, line: Json, kind: type | tuple[type, ...] = object) -> Where:
    """A place that holds such a value; any place where there is none."""
    found = [path for path in places(line) if isinstance(at(line, path), kind)]
    return rng.choice(found or list(places(line)))


@malformed
def another_type(rng: random.Random, line: Json) -> bytes:
    path = somewhere(rng, line)
    others = [7, 1.5, True, SECRETS[0], [SECRETS], {SECRETS[1]: SECRETS[2]}]
    old = at(line, path)
    return encoded(with_value(line, path, rng.choice([o for o in others if wrong(o, old)])))


def wrong(new: Json, old: Json) -> bool:
    """Whether no reader could take ``new`` for a value such as ``old``."""
    return not isinstance(new, type(old))


@malformed
def nothing(rng: random.Random, line: Json) -> bytes:
    paths = [path for path in places(line) if "fields" not in path]  # null removes in a correction
    return encoded(with_value(line, rng.choice(paths), None))


@malformed
def an_unknown_field(rng: random.Random, line: Json) -> bytes:
    objects = [(), *(p for p in places(line) if isinstance(at(line, p), dict))]
    path = rng.choice(objects)
    name = rng.choice([*SECRETS, "", "__proto__", "n" * 500, "\u202ename", "\ud800", "name\n"])
    return encoded(with_value(line, (*path, name), rng.choice(SECRETS)))


@malformed
def too_long_a_text(rng: random.Random, line: Json) -> bytes:
    text = rng.choice(SECRETS) * rng.choice([1_000, 10_000])
    return encoded(with_value(line, somewhere(rng, line, str), text))


UNSAFE = ("\x00", "\x07", "\t", "\r", "\x1b[31m", "\x7f", "\x85", "\u202e", "\u2066", "\u200f")


@malformed
def an_unsafe_character(rng: random.Random, line: Json) -> bytes:
    path = somewhere(rng, line, str)
    old = at(line, path)
    cut = rng.randint(0, len(old))
    return encoded(with_value(line, path, old[:cut] + rng.choice(UNSAFE) + old[cut:]))


@malformed
def half_a_surrogate_pair(rng: random.Random, line: Json) -> bytes:
    path = somewhere(rng, line, str)
    half = rng.choice([r"\ud83d", r"\udc00", r"\udc00\ud83d"])
    return with_text(line, path, f'"{SECRETS[0]}{half}"')


@malformed
def a_raw_control_character(rng: random.Random, line: Json) -> bytes:
    path = somewhere(rng, line, str)
    return with_text(line, path, f'"{SECRETS[0]}{chr(rng.choice([0, 1, 8, 9, 11, 12, 27, 31]))}"')


@malformed
def a_time_that_is_none(rng: random.Random, line: Json) -> bytes:
    paths = [p for p in places(line) if p[-1] in ("at", "recorded_at", "start", "end", "left_at")]
    times = (
        "2026-03-02T09:00:00",
        "2026-03-02",
        "2026-02-30T09:00:00+08:00",
        "2026-03-02T25:00:00+08:00",
        "2026-03-02T09:00:00+99:00",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "1949-09-30T00:00:00+08:00",
        "２０２６-03-02T09:00:00+08:00",
        "明天上午",
        f"2026-03-02T09:00:00+08:00 {SECRETS[0]}",
    )
    return encoded(with_value(line, rng.choice(paths), rng.choice(times)))


@malformed
def something_missing(rng: random.Random, line: Json) -> bytes:
    needed = [("command",), ("case",), ("at",), ("by",), ("by", "role"), ("by", "name")]
    return encoded(without(line, rng.choice(needed)))


@malformed
def a_name_twice(rng: random.Random, line: Json) -> bytes:
    path = somewhere(rng, line)
    while not isinstance(path[-1], str):
        path = path[:-1]
    twice = f'{json.dumps(path[-1])}: "{SECRETS[0]}", {json.dumps(path[-1])}: 1'
    outer = with_value(line, (*path[:-1], MARK), MARK)
    return encoded(outer).replace(f'"{MARK}": "{MARK}"'.encode(), twice.encode())


@malformed
def no_number(rng: random.Random, line: Json) -> bytes:
    numbers = (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e-999",
        "0x1F",
        "01",
        "1_000",
        "9" * 5000,
    )
    return with_text(line, somewhere(rng, line), rng.choice(numbers))


@malformed
def too_deep(rng: random.Random, line: Json) -> bytes:
    depth, (left, right) = rng.choice([60, 1_000, 100_000]), rng.choice(["[]", ('{"a":', "}")])
    inner = left * depth + ("1" if left != "[" else "") + right * depth
    paths = [path for path in places(line) if "fields" not in path or len(path) > 1]
    return with_text(line, rng.choice(paths), inner)


@malformed
def cut_short(rng: random.Random, line: Json) -> bytes:
    whole = encoded(line)
    return whole[: rng.randint(1, len(whole) - 1)]


@malformed
def bytes_that_are_no_utf8(rng: random.Random, line: Json) -> bytes:
    whole = encoded(line)
    cut = rng.randint(0, len(whole))
    wrong = rng.choice(
        [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xfe\xff"]
    )
    return whole[:cut] + wrong + whole[cut:]


@malformed
def another_encoding(rng: random.Random, line: Json) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode(
        rng.choice(["gb18030", "big5hkscs"]), "replace"
    )


@malformed
def raw_bytes(rng: random.Random, _: Json) -> bytes:
    some = rng.randbytes(rng.randint(1, 300)).replace(b"\n", b"").strip()
    return (some or b"\xff") + SECRETS[1].encode()


@malformed
def no_object(rng: random.Random, line: Json) -> bytes:
    return encoded(rng.choice([None, True, 0, -1.5, SECRETS[0], [], [line], [[[]]], [SECRETS]]))


@malformed
def two_on_a_line(_: random.Random, line: Json) -> bytes:
    return encoded(line) + b" " + encoded(line)


@malformed
def an_unknown_value(rng: random.Random, line: Json) -> bytes:
    named = [("command",), ("by", "role"), ("ground",), ("cause",)]
    path = rng.choice([p for p in named if p[0] in line])
    return encoded(with_value(line, path, rng.choice([*SECRETS, "", "APPLICANT", " apply"])))


@malformed
def no_case_id(rng: random.Random, line: Json) -> bytes:
    ids = (
        "",
        " ",
        "XN 1",
        "案1",
        "X" * 65,
        "../../etc/passwd",
        "XN-1\n",
        "XN-1'; DROP TABLE events",
    )
    return encoded(with_value(line, ("case",), rng.choice(ids)))


@malformed
def very_many_fields(rng: random.Random, line: Json) -> bytes:
    names = {f"field_{number}": 1 for number in range(rng.choice([200, 5_000]))}
    return encoded(names | line)


@malformed
def very_many_names_and_one_twice(rng: random.Random, line: Json) -> bytes:
    names = [f"field_{number}" for number in range(rng.choice([300, 300, 300, 300, 50_000]))]
    return encoded(dict.fromkeys(names, 1) | line)[:-1] + f', "{names[-1]}": 1}}'.encode()


@doubtful
def something_else_missing(rng: random.Random, line: Json) -> bytes:
    return encoded(without(line, somewhere(rng, line)))


@doubtful
def another_number(rng: random.Random, line: Json) -> bytes:
    path, number = somewhere(rng, line, (int, list)), rng.choice([0, -1, 10**18, 10**400])
    return encoded(with_value(line, path, number))


@doubtful
def a_list_again_and_again(rng: random.Random, line: Json) -> bytes:
    path = somewhere(rng, line, list)
    old = at(line, path)
    return encoded(with_value(line, path, old * 300 if isinstance(old, list) else []))


@doubtful
def a_blank_text(rng: random.Random, line: Json) -> bytes:
    return encoded(
        with_value(line, somewhere(rng, line, str), rng.choice(["", " ", "\n", "\u3000"]))
    )


@doubtful
def a_case_that_is_not_there(_: random.Random, line: Json) -> bytes:
    return encoded(with_value(line, ("case",), "XN-nowhere"))


@frozen
class Sent:
    """One line sent, what no answer to it may repeat, and whether it can only be invalid."""

    raw: bytes = field(repr=False)
    made_by: str
    secrets: frozenset[str] = field(repr=False)
    surely: bool


def lines_to_send() -> Iterator[Sent]:
    rng = random.Random(4209)
    known = [json.loads(line) for line in EXAMPLE]
    makers = [*MALFORMED, *MALFORMED, *DOUBTFUL]  # so that most are surely invalid
    for number in range(COUNT):
        make, line = makers[number % len(makers)], rng.choice(known)
        if make is a_case_that_is_not_there:
            line = rng.choice([one for one in known if one["command"] != "apply"])
        raw = make(rng, line)
        assert raw.strip(), make
        assert b"\n" not in raw, make
        secrets = frozenset(text for text in secrets_of(line) if len(text) > 1)
        yield Sent(raw, make.__name__, secrets | frozenset(SECRETS), make in MALFORMED)


@pytest.fixture(scope="module")
def sent() -> list[Sent]:
    return list(lines_to_send())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, sent: list[Sent]) -> Path:
    """A store of ordinary cases, and the malformed lines about them."""
    made = tmp_path_factory.mktemp("malformed")
    (made / "example").write_text("\n".join(EXAMPLE), encoding="utf-8")
    (made / "journal").write_bytes(b"".join(line.raw + b"\n" for line in sent))
    run(made / "cases.db", made / "example")
    return made


@frozen
class Trial:
    outcome: Outcome
    before: list[str] = field(repr=False)
    after: list[str] = field(repr=False)


@pytest.fixture(scope="module")
def trial(folder: Path) -> Trial:
    store = folder / "cases.db"
    before = content(store)
    outcome = run(store, folder / "journal")
    return Trial(outcome, before, content(store))


def test_every_malformed_line_has_one_answer(trial: Trial) -> None:
    assert [answer["line"] for answer in trial.outcome.answers] == list(range(1, COUNT + 1))


def test_every_malformed_line_is_invalid_or_refused_as_what_it_can_be_read_as(
    trial: Trial, sent: list[Sent]
) -> None:
    for line, answer in zip(sent, trial.outcome.answers, strict=True):
        assert not answer["ok"], line
        assert answer["error"] in ({"invalid"} if line.surely else SIX), line


def test_every_answer_says_why_in_both_languages(trial: Trial) -> None:
    for answer in trial.outcome.answers:
        assert answer["violations"]
        for violation in answer["violations"]:
            assert violation["rule"]
            assert violation["zh"].strip()
            assert violation["en"].strip()


def test_a_run_of_malformed_lines_ends_with_status_1_and_no_traceback(trial: Trial) -> None:
    assert (trial.outcome.status, trial.outcome.err) == (1, "")


def test_malformed_lines_store_nothing(trial: Trial) -> None:
    assert trial.before == trial.after


def test_no_answer_repeats_people_s_data(trial: Trial, sent: list[Sent]) -> None:
    for line, answer in zip(sent, trial.outcome.answers, strict=True):
        said = json.dumps(answer, ensure_ascii=False)
        assert [secret for secret in line.secrets if secret in said] == [], line


def test_no_answer_outgrows_a_page(trial: Trial) -> None:
    assert max(map(len, trial.outcome.out.split("\n"))) < 50_000


def test_a_person_reads_of_malformed_lines_no_traceback_and_no_people_s_data(
    folder: Path, sent: list[Sent]
) -> None:
    outcome = run(folder / "cases.db", folder / "journal", "--lang", "zh", json_=False)
    assert (outcome.status, outcome.err) == (1, "")
    assert [secret for secret in SECRETS if secret in outcome.out] == []


# --- journals of awkward shape ------------------------------------------------------------------

OPENING = EXAMPLE[:2]  # a case is applied for and transferred
BOM = b"\xef\xbb\xbf"


def shapes() -> Iterator[tuple[str, bytes, list[int]]]:
    """A name, a journal with the two lines of the opening, the numbers of its lines."""
    first, second = (line.encode() for line in OPENING)
    yield "plain", first + b"\n" + second + b"\n", [1, 2]
    yield "no final newline", first + b"\n" + second, [1, 2]
    yield "CRLF", first + b"\r\n" + second + b"\r\n", [1, 2]
    yield "BOM", BOM + first + b"\n" + second + b"\n", [1, 2]
    yield "BOM and a blank line", BOM + b"\n" + first + b"\n" + second + b"\n", [2, 3]
    yield "blank lines", b"\n \t\n" + first + b"\r\n\r\n\n" + second + b"\n\n", [3, 6]
    yield "blanks around", b"  " + first + b"\t \n " + second + b"  ", [1, 2]


SHAPES = list(shapes())


@pytest.mark.parametrize("how", ["file", "stream"])
@pytest.mark.parametrize(
    ("journal", "numbers"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES]
)
def test_a_journal_is_read_whatever_its_line_ends(
    tmp_path: Path, journal: bytes, numbers: list[int], how: str
) -> None:
    (tmp_path / "journal").write_bytes(journal)
    if how == "file":
        outcome = run(tmp_path / "cases.db", tmp_path / "journal")
    else:
        outcome = run(tmp_path / "cases.db", "-", stdin=journal)
    assert [(a["line"], a["event"]) for a in outcome.answers] == list(
        zip(numbers, ("applied", "transferred"), strict=True)
    )
    assert (outcome.status, outcome.err) == (0, "")


@pytest.mark.parametrize("journal", [b"", BOM, b"\n\n", b" \r\n"], ids=repr)
def test_an_empty_journal_is_all_accepted(tmp_path: Path, journal: bytes) -> None:
    assert run(tmp_path / "cases.db", "-", stdin=journal) == Outcome(0, "", "")


@pytest.mark.parametrize("start", [b"", BOM], ids=["plain", "BOM"])
def test_a_line_beyond_the_longest_is_one_invalid_line(tmp_path: Path, start: bytes) -> None:
    endless = start + b'{"case": "' + b"x" * (2 * LONGEST_LINE) + b'"}\n'
    outcome = run(tmp_path / "cases.db", "-", stdin=endless + OPENING[0].encode())
    invalid, applied = outcome.answers
    assert (invalid["line"], invalid["violations"][0]["rule"]) == (1, "too_long")
    assert (applied["line"], applied["ok"]) == (2, True)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_journal_that_can_t_be_read_is_a_usage_error_and_makes_no_store(
    tmp_path: Path, name: str
) -> None:
    outcome = run(tmp_path / "cases.db", tmp_path / name, "--lang", "en")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("journal: can't be read")
    assert not (tmp_path / "cases.db").exists()


def test_a_store_that_can_t_be_made_is_a_usage_error(tmp_path: Path) -> None:
    outcome = run(tmp_path / "no such folder" / "cases.db", "-", "--lang", "en", stdin=b"{}\n")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("store: the file can't be opened")


# --- a reader who goes away ---------------------------------------------------------------------


@pytest.mark.parametrize("lines", [1, len(EXAMPLE)])
@pytest.mark.parametrize("form", [["--json"], []], ids=["json", "tables"])
def test_a_reader_who_has_gone_undoes_nothing_and_is_told_nothing(
    tmp_path: Path, lines: int, form: list[str]
) -> None:
    store, journal = tmp_path / "cases.db", tmp_path / "journal"
    journal.write_text("\n".join(EXAMPLE[:lines]), encoding="utf-8")
    nobody, pipe = os.pipe()
    os.close(nobody)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "onsite_workflow.cli", "run", str(journal)]
    done = subprocess.run(
        [*command, "--store", f"sqlite:///{store}", *form],
        stdout=pipe,
        stderr=subprocess.PIPE,
        env=buffered,
        check=False,
    )
    os.close(pipe)
    assert (done.returncode, done.stderr) == (1, b"")
    answers = run(store, journal).answers
    assert answers[0]["repeated"]


# --- memory -------------------------------------------------------------------------------------

MEASURED = """
import resource, sys
from pathlib import Path
from onsite_workflow.cli import main
main(["run", sys.argv[1], "--store", f"sqlite:///{sys.argv[2]}", "--json"])
status = Path("/proc/self/status")
if status.exists():  # where ru_maxrss counts what the parent held too
    (peak,) = (line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line)
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak, file=sys.stderr)
"""


def peak(folder: Path, name: str, lines: Iterator[bytes]) -> int:
    """The most memory that a run over ``lines`` held, in the system's unit."""
    journal = folder / f"{name}.jsonl"
    with journal.open("wb") as file:
        file.writelines(lines)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(journal), str(folder / f"{name}.db")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    return int(done.stderr)


def many_cases(count: int) -> Iterator[bytes]:
    """Two accepted lines a case, two refused, one malformed: ``count`` lines in all."""
    apply, transfer = (json.loads(line) for line in OPENING)
    for number in range(count // 5):
        case = {"case": f"XN-{number}", "id": f"apply {number}"}
        notices = [notice | {"number": f"{number}号"} for notice in transfer["notices"]]
        opening = transfer | case | {"id": f"transfer {number}", "notices": notices}
        for line in (apply | case, opening, apply | case | {"id": "x"}, opening | {"id": "y"}):
            yield encoded(line) + b"\n"
        yield b'{"command": "apply", "case": \n'


def long_lines(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b'{"command": "apply", "reason": "' + b"x" * 1_000_000 + b'"}\n'


def test_ten_times_the_lines_need_no_more_memory(tmp_path: Path) -> None:
    small, large = (peak(tmp_path, str(n), many_cases(n)) for n in (1_000, 10_000))
    assert large < 1.3 * small


def test_many_long_lines_need_no_more_memory_than_a_few(tmp_path: Path) -> None:
    small, large = (peak(tmp_path, str(n), long_lines(n)) for n in (4, 80))
    assert large < 1.3 * small

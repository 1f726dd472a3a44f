"""Looking after a store at the command line: init, check, backup, reindex, verify, seal."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow import SQLiteStore
from onsite_workflow.cli import main
from onsite_workflow.testing import sample_case

Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cases.db"
    store = SQLiteStore(path)
    for commit in sample_case("XN-1"):
        store.append(commit)
    store.close()
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def answer(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
        capsys.readouterr()
        status = main([*map(str, arguments), "--json"])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return answer


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def tamper(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE events SET record = replace(record, '09:40', '09:30')")


def test_init_makes_a_store_and_running_it_again_changes_nothing(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "new.db"
    assert run("store", "init", url(path)) == (0, [{"ok": True}])
    before = path.read_bytes()
    assert run("store", "init", url(path))[0] == 0
    assert path.read_bytes() == before
    assert run("due", "--store", url(path)) == (0, [])


def test_a_sound_store_is_said_to_be(file: Path, run: Run) -> None:
    assert run("store", "check", url(file)) == (0, [{"ok": True, "violations": []}])


def test_a_copy_holds_what_the_store_holds(file: Path, tmp_path: Path, run: Run) -> None:
    copy = tmp_path / "copy.db"
    assert run("store", "backup", url(file), copy)[0] == 0
    shown = [run("show", "XN-1", "--store", url(path)) for path in (file, copy)]
    assert shown[0] == shown[1]


def test_a_copy_with_flaws_is_made_and_they_are_said(file: Path, tmp_path: Path, run: Run) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE events SET record = '{' WHERE version = 3")
    status, (said,) = run("store", "backup", url(file), tmp_path / "copy.db")
    assert (status, said["ok"]) == (1, False)
    assert [flaw["rule"] for flaw in said["violations"]] == ["unreadable_event"]
    assert run("store", "check", url(tmp_path / "copy.db")) == (1, [said])


def test_a_store_kept_in_memory_is_neither_checked_nor_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["store", "check", "memory:"]) == 2
    assert main(["store", "backup", "memory:", str(tmp_path / "copy")]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_reindex_counts_the_cases_of_another_calendar(file: Path, run: Run) -> None:
    assert run("store", "reindex", url(file)) == (0, [{"reindexed": 0}])
    assert run("store", "reindex", url(file), "--all") == (0, [{"reindexed": 1}])


def test_verify_names_the_entry_that_was_changed(file: Path, run: Run) -> None:
    status, (found,) = run("verify", "--store", url(file))
    assert (status, found["ok"], found["cases"], found["events"]) == (0, True, 1, 13)
    tamper(file)
    status, (found,) = run("verify", "--store", url(file))
    (violation,) = found["violations"]
    assert (status, found["ok"]) == (1, False)
    assert violation["facts"] == {"case": "XN-1", "version": 6}


def test_verify_tells_a_person_in_chinese(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(file)
    assert main(["verify", "--store", url(file), "--lang", "zh"]) == 1
    told = capsys.readouterr().out
    assert "核验了中心default的1案、13条记录、0份封存。" in told
    assert "XN-1的第6条记录与第7条接不上" in told


def test_each_seal_goes_on_from_the_last(file: Path, tmp_path: Path, run: Run) -> None:
    seals = tmp_path / "seals.jsonl"
    assert run("seal", "--store", url(file), "--to", seals)[0] == 0
    store = SQLiteStore(file)
    store.append(sample_case("XN-2")[0])
    store.close()
    assert run("seal", "--store", url(file), "--to", seals)[0] == 0
    counts = [json.loads(line)["events"] for line in seals.read_text().splitlines()]
    assert counts == [13, 14]
    status, (found,) = run("verify", "--store", url(file), "--seals", seals)
    assert (status, found["seals"]) == (0, 2)


def test_a_seal_tells_where_a_store_was_cut(file: Path, tmp_path: Path, run: Run) -> None:
    seals = tmp_path / "seals.jsonl"
    run("seal", "--store", url(file), "--to", seals)
    cut = tmp_path / "cut.db"
    store = SQLiteStore(cut)
    for commit in sample_case("XN-1")[:-1]:
        store.append(commit)
    store.close()
    status, (found,) = run("verify", "--store", url(cut), "--seals", seals)
    assert (status, [v["rule"] for v in found["violations"]]) == (1, ["broken_seal"])


def test_verify_goes_on_after_a_line_that_cannot_be_read(file: Path, run: Run) -> None:
    tamper(file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE cases SET state = x'00'")
    status, (found,) = run("verify", "--store", url(file))
    assert (status, found["cases"], found["events"]) == (1, 1, 13)
    assert [v["facts"] for v in found["violations"]] == [{"case": "XN-1", "version": 6}]


def test_verify_says_that_a_centre_has_no_cases(
    file: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    mistyped = ("verify", "--store", url(file), "--centre", "nosuch")
    assert main([*mistyped, "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "no cases" in told
    assert "Nothing was changed" not in told
    assert run(*mistyped)[1][0]["cases"] == 0


def test_a_seal_that_is_added_to_a_file_is_printed_too(
    file: Path, tmp_path: Path, run: Run
) -> None:
    seals = tmp_path / "seals.jsonl"
    status, (printed,) = run("seal", "--store", url(file), "--to", seals)
    assert status == 0
    assert seals.read_text().splitlines() == [json.dumps(printed)]


def test_a_last_line_without_an_end_is_ended(file: Path, tmp_path: Path, run: Run) -> None:
    seals = tmp_path / "seals.jsonl"
    run("seal", "--store", url(file), "--to", seals)
    seals.write_bytes(seals.read_bytes().rstrip())
    assert run("seal", "--store", url(file), "--to", seals)[0] == 0
    assert seals.read_bytes().count(b"\n") == 2
    assert run("verify", "--store", url(file), "--seals", seals)[1][0]["seals"] == 2


def test_a_line_that_was_cut_off_is_said_and_passed_over(
    file: Path, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    seals = tmp_path / "seals.jsonl"
    run("seal", "--store", url(file), "--to", seals)
    whole = seals.read_bytes()
    for kept in (1, 10, 11, 60, len(whole) - 2):
        seals.write_bytes(whole + whole[:kept])
        assert main(["seal", "--store", url(file), "--to", str(seals), "--lang", "en"]) == 0
        assert main(["verify", "--store", url(file), "--seals", str(seals), "--lang", "en"]) == 0
        out, err = capsys.readouterr()
        assert "2 seals" in out
        assert err == "Line 2 of the file of seals was cut off: it is passed over.\n" * 2


@pytest.mark.parametrize("ruin", [lambda line: line[2:], lambda line: line + line])
def test_a_line_that_was_not_cut_off_is_not_passed_over(
    file: Path, tmp_path: Path, run: Run, ruin: Callable[[bytes], bytes]
) -> None:
    seals = tmp_path / "seals.jsonl"
    run("seal", "--store", url(file), "--to", seals)
    seals.write_bytes(ruin(seals.read_bytes().rstrip()) + b"\n")
    assert main(["verify", "--store", url(file), "--seals", str(seals)]) == 2


def test_where_no_seal_can_be_written_that_is_said(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "missing" / "seals.jsonl"
    assert main(["seal", "--store", url(file), "--to", str(nowhere), "--lang", "en"]) == 2
    assert capsys.readouterr().err.startswith("to: can't be written")


def test_without_a_file_the_seal_is_printed(file: Path, run: Run) -> None:
    status, (seal,) = run("seal", "--store", url(file))
    assert (status, seal["events"], seal["digest"][:7]) == (0, 13, "sha256:")


@pytest.mark.parametrize("content", [None, "no seal\n"])
def test_a_file_of_seals_that_cannot_be_read_is_named(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    seals = tmp_path / "seals.jsonl"
    if content is not None:
        seals.write_text(content)
    assert main(["verify", "--store", url(file), "--seals", str(seals)]) == 2
    assert capsys.readouterr().err


def test_a_case_that_cannot_be_read_is_told_and_the_others_are_listed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = SQLiteStore(file)
    store.append(sample_case("XN-2")[0])
    store.append(sample_case("XN-3")[0])
    store.close()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE events SET record = '{' WHERE case_id = 'XN-2'")
    assert main(["due", "--store", url(file), "--json"]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["case"] for line in out.splitlines()] == ["XN-3"]
    assert "XN-2" in err


def test_centres_of_one_store_do_not_see_each_other(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path, journal = tmp_path / "shared.db", Path("docs/how-to/window.jsonl").resolve()
    assert run("run", journal, "--store", url(path), "--centre", "xiaonan")[0] == 1
    assert run("show", "XN-1", "--store", url(path), "--centre", "xiaonan")[0] == 0
    assert main(["show", "XN-1", "--store", url(path)]) == 2
    assert main(["due", "--store", url(path), "--centre", "孝南"]) == 2


def test_a_seal_of_another_centre_is_refused(
    file: Path, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    seals = tmp_path / "seals.jsonl"
    run("seal", "--store", url(file), "--centre", "xiaonan", "--to", seals)
    assert main(["verify", "--store", url(file), "--seals", str(seals), "--lang", "en"]) == 2
    assert "another centre" in capsys.readouterr().err


def test_a_secret_in_a_file_lets_people_be_found(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, secret = tmp_path / "new.db", tmp_path / "secret"
    secret.write_bytes(b"kept elsewhere")
    monkeypatch.setenv("ONSITE_WORKFLOW_APPLICANT_SECRET_FILE", str(secret))
    run("run", Path("docs/how-to/window.jsonl").resolve(), "--store", url(path))
    store = SQLiteStore(path)
    assert all(summary.applicant_keys for summary in store.cases())
    store.close()
    monkeypatch.setenv("ONSITE_WORKFLOW_APPLICANT_SECRET_FILE", str(tmp_path / "none"))
    assert main(["due", "--store", url(path)]) == 2

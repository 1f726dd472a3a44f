"""What the calendar says is what was read aloud and kept in ``words.txt`` (see ``words``)."""

from pathlib import Path

from words import words


def test_the_calendar_says_what_was_read_aloud() -> None:
    kept = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").splitlines()
    assert list(words()) == kept

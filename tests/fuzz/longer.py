"""A longer run, led by coverage: ``python tests/fuzz/longer.py TARGET [libFuzzer options]``.

Needs ``atheris`` (Linux), which is no requirement of the tests. It starts from the good inputs of the
target and keeps what reaches new code in ``.fuzz/``. ``TARGET/structure`` changes good inputs in their
structure instead of their bytes, as Hypothesis draws from the fuzzer's bytes. An input that breaks a
promise is written to ``crash-...`` in the folder it was started in, one that takes longer than ten
seconds to ``timeout-...``. Without options it runs for ten minutes.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import atheris
from hypothesis import given, settings

with atheris.instrument_imports(include=["onsite_workflow"]):
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from fuzz.mutations import FRAGMENTS, structured
    from fuzz.targets import TARGETS, examine


def main(name: str, *options: str) -> None:
    """Run until the fuzzer stops, which ends the process."""
    reader, _, structure = name.partition("/")
    target = next(target for target in TARGETS if target.name == reader)
    corpus = Path(".fuzz") / name.replace("/", "-")
    corpus.mkdir(parents=True, exist_ok=True)
    for data in () if structure else target.examples:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    words = Path(".fuzz") / "words.txt"
    entries = (
        "".join(f"\\x{byte:02x}" for byte in word) for word in FRAGMENTS if 0 < len(word) < 64
    )
    words.write_text("".join(f'"{entry}"\n' for entry in entries), encoding="ascii")

    def as_bytes(data: bytes) -> None:
        examine(target, data)

    @given(structured(target.seeds))
    @settings(database=None, deadline=None)
    def by_structure(value: Any) -> None:
        examine(target, target.write(value))

    changed: Any = by_structure
    once = changed.hypothesis.fuzz_one_input if structure else as_bytes
    common = (sys.argv[0], str(corpus), f"-dict={words}", "-timeout=10", "-max_len=8192")
    atheris.Setup([*common, *(options or ("-max_total_time=600",))], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])

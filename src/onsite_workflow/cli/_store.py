"""``store``: init, check, backup, reindex; ``verify`` and ``seal``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from onsite_workflow.adapters import init_store, open_store
from onsite_workflow.errors import InvalidInput, Violation
from onsite_workflow.integrity import Seal, read_seal, seal, seal_to_wire, verify
from onsite_workflow.service import system_clock
from onsite_workflow.wire import answers

from ._common import opened
from ._say import Say

__all__ = ["backup", "check", "init", "reindex", "seal_store", "verify_store"]


def init(options: argparse.Namespace, say: Say) -> int:
    """``store init``: make the schema, or bring it up to date."""
    init_store(options.store, restored=options.restored)
    if say.as_json:
        say.line({"ok": True})
    else:
        say.text("库可以使用了。", "The store is ready.")
    return 0


def check(options: argparse.Namespace, say: Say) -> int:
    """``store check``: is the file itself sound? Exit status 1 where it is not."""
    with closing(open_store(options.store, read_only=True)) as store:
        examine = getattr(store, "check", None)
        if examine is None:
            raise InvalidInput.of(
                "store",
                "unsupported",
                "请用数据库自己的工具检查。",
                "is checked with its own tools.",
            )
        flaws: tuple[Violation, ...] = tuple(examine())
    return _print_flaws(flaws, say, ("库是完好的。", "The store is sound."))


def backup(options: argparse.Namespace, say: Say) -> int:
    """``store backup``: copy the file. Exit status 1 where the copy has flaws."""
    with closing(open_store(options.store, read_only=True)) as store:
        copy = getattr(store, "backup", None)
        if copy is None:
            raise InvalidInput.of(
                "store",
                "unsupported",
                "请用数据库自己的工具备份。",
                "is copied with its own tools.",
            )
        flaws: tuple[Violation, ...] = copy(Path(options.to))
    if flaws and not say.as_json:
        say.text("已备份，但备份中有以下问题：", "Copied, with these flaws:")
    return _print_flaws(flaws, say, ("已备份，备份完好。", "Copied; the copy is sound."))


def reindex(options: argparse.Namespace, say: Say) -> int:
    """``store reindex``: compute the lists of the store anew."""
    with opened(options, read_only=False) as workflow:
        count = workflow.reindex(everything=options.all)
    if say.as_json:
        say.line({"reindexed": count})
    else:
        say.text(f"重算了{count}案的时限清单。", f"Counted anew: {count} cases.")
    return 0


# --- tamper evidence ----------------------------------------------------------------------------


def verify_store(options: argparse.Namespace, say: Say) -> int:
    """``verify``: was anything changed? Exit status 1 where something was changed, removed or moved,
    or can't be read."""
    seals = _seals(options.seals, options.centre, say) if options.seals else []
    with opened(options) as workflow:
        found = verify(workflow.store, seals=seals)
    if say.as_json:
        say.line(
            {
                "ok": not found.flaws,
                "centre": options.centre,
                "cases": found.cases,
                "events": found.events,
                "unchained": found.unchained,
                "seals": found.seals,
                "violations": [answers.violation_to_wire(flaw) for flaw in found.flaws],
            }
        )
        return 1 if found.flaws else 0
    say.text(
        f"核验了中心{options.centre}的{found.cases}案、{found.events}条记录、{found.seals}份封存。",
        f"Verified centre {options.centre}: {found.cases} cases, {found.events} entries, "
        f"{found.seals} seals.",
    )
    if found.unchained:
        say.text(
            f"其中{found.unchained}条是启用摘要之前登记的，只能凭封存核验。",
            f"{found.unchained} of them were stored before entries kept digests; seals alone vouch "
            "for them.",
        )
    if not found.cases:
        nothing = (
            "这个中心没有案件：请核对--centre。",
            "This centre has no cases: is --centre right?",
        )
    else:
        nothing = ("没有发现改动。", "Nothing was changed.")
    return _print_flaws(found.flaws, say, nothing)


def _print_flaws(flaws: tuple[Violation, ...], say: Say, none: tuple[str, str]) -> int:
    if say.as_json:
        say.line(
            {"ok": not flaws, "violations": [answers.violation_to_wire(flaw) for flaw in flaws]}
        )
    else:
        for zh, en in [(flaw.zh, flaw.en) for flaw in flaws] or [none]:
            say.text(zh, en)
    return 1 if flaws else 0


def seal_store(options: argparse.Namespace, say: Say) -> int:
    """``seal``: a seal over what is stored so far, added to the file ``--to`` or printed.

    It goes on from the last seal of that file.
    """
    since: Seal | None = None
    if options.to and Path(options.to).exists():
        since = next(reversed(_seals(options.to, options.centre, say)), None)
    with opened(options) as workflow:
        made = seal(workflow.store, made_at=system_clock(), since=since, centre=options.centre)
    if options.to:
        _add(Path(options.to), json.dumps(seal_to_wire(made), ensure_ascii=False))
    if say.as_json or not options.to:
        say.line(seal_to_wire(made))
    else:
        say.text(f"封存了{made.events}条记录。", f"Sealed {made.events} entries.")
    return 0


def _add(path: Path, line: str) -> None:
    try:
        with path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read() != b"\n":  # the line before it was cut off: begin a new one
                    line = "\n" + line
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InvalidInput.of(
            "to", "unwritable", "此处不能写入。", f"can't be written ({error.strerror})."
        ) from None


#: How each line of a file of seals begins.
_BEGINNING: Final = b'{"seal": 1'


def _seals(path: str, centre: str, say: Say) -> list[Seal]:
    """The seals in a file. A line that was cut off while it was written is reported and skipped."""
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise InvalidInput.of(
            "seals", "unreadable", "文件打不开。", f"can't be read ({error.strerror})."
        ) from None
    seals: list[Seal] = []
    what = ("centre", "wrong_centre", "是另一个中心的封存记录。", "is a seal of another centre.")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                seals.append(read_seal(line))
                if seals[-1].centre != centre:
                    raise InvalidInput.of(*what)
            except InvalidInput as error:
                if not _cut_off(line):
                    raise error.within(f"line {number}") from None
                told = say.pick(
                    f"封存文件第{number}行没有写完，已略过。",
                    f"Line {number} of the file of seals was cut off: it is passed over.",
                )
                sys.stderr.write(told + "\n")
    return seals


def _cut_off(line: bytes) -> bool:
    begun = line.startswith(_BEGINNING) or _BEGINNING.startswith(line)
    return begun and not line.rstrip().endswith(b"}")

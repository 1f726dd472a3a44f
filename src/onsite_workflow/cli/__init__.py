"""The command line: ``onsite-workflow``.

Programs read what ``--json`` prints. People get tables in Chinese or in English, for which the extra
``cli`` brings ``rich``. The exit status is 0 where all is well, 1 where something was refused, found or
not sound (the function of each command says what), and 2 where the command itself could not be carried
out: wrong usage, a file or a store that can't be opened.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from onsite_workflow.errors import OnsiteWorkflowError
from onsite_workflow.ports import DEFAULT_CENTRE
from onsite_workflow.terms import Role

from . import _audit, _calendar, _cases, _conformance, _demo, _reference, _store
from ._common import day, moment, year_and_month
from ._say import Say, language

__all__ = ["main"]

USAGE: Final = 2


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="one JSON object a line 供程序读取")
    common.add_argument("--lang", choices=("zh", "en"), help="language of messages 语言")
    stored = argparse.ArgumentParser(add_help=False)
    stored.add_argument("--store", required=True, metavar="URL", help=_URL)
    stored.add_argument(
        "--centre", default=DEFAULT_CENTRE, help="whose cases, where several share a store 中心"
    )
    stored.add_argument(
        "--calendar", metavar="FILE", help="count by the days told here, not by notices 指定工作日"
    )
    units = argparse.ArgumentParser(add_help=False)
    units.add_argument("--directory", metavar="CSV", help="units: name,code,phone 单位名录")

    parser = argparse.ArgumentParser(
        prog="onsite-workflow",
        description="政务服务“上门办、一次办” DB4209/T 32—2023: on-site, one-time government service.",
    )
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    def verb(
        name: str, act: Callable[..., int], text: str, *parents: Any
    ) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text, parents=[common, *parents])
        added.set_defaults(act=act)
        return added

    demo = verb("demo", _demo.demo, "run the example journal 演示")
    demo.add_argument("--store", help="keep the store here instead of throwing it away")

    run = verb("run", _cases.run, "apply a journal of commands 办理日志", stored, units)
    run.add_argument("journal", help="JSON lines; - is standard input")

    due = verb("due", _cases.due, "what is owed, by whom, until when 时限", stored)
    due.add_argument("--at", type=moment, help="as of this moment (RFC 3339), by default now")
    due.add_argument("--before", type=moment, help="due before this moment only")
    due.add_argument("--unit", help="owed by this unit only")
    due.add_argument("--all", action="store_true", help="also what is met or void")

    show = verb("show", _cases.show, "one case 查看一案", stored)
    show.add_argument("case")
    show.add_argument("--at", type=moment, help="as of this moment")
    show.add_argument("--full", action="store_true", help="people's data in full 不隐去个人信息")

    may = verb("available", _cases.available, "what an actor may do next 下一步", stored)
    may.add_argument("case")
    may.add_argument("--role", required=True, choices=[role.value for role in Role])
    may.add_argument("--unit")

    forms = verb("forms", _cases.forms, "the printed forms of a case 表单", stored, units)
    forms.add_argument("case")
    forms.add_argument("--full", action="store_true", help="people's data in full 不隐去个人信息")
    forms.add_argument("--issuer", help="authority printed on the transfer notice 签发机关")

    rules = verb("rules", _reference.rules, "every clause, what it becomes, where 条款")
    rules.add_argument("clause", nargs="?")

    catalogue = verb("catalogue", _reference.catalogue, "Annex A 事项清单")
    catalogue.add_argument("text", nargs="?", help="an id, or part of a name or department")

    conforms = verb("conformance", _conformance.conformance, "play the conformance pack 符合性检验")
    conforms.add_argument(
        "--command", metavar="PROGRAM", help="another implementation; without it, this one"
    )
    conforms.add_argument("--only", metavar="NAME", help="cases whose name begins so")

    calendar = verbs.add_parser("calendar", help="working days 工作日历", description="工作日历")
    days = calendar.add_subparsers(required=True, metavar="COMMAND")

    def day_verb(name: str, act: Callable[..., int], text: str) -> argparse.ArgumentParser:
        added = days.add_parser(name, help=text, description=text, parents=[common])
        added.set_defaults(act=act)
        return added

    explain = day_verb("explain", _calendar.explain, "count working days and say why 逐日说明")
    explain.add_argument("start", type=day, help="day zero, such as 2026-09-30")
    explain.add_argument("n", type=int, help="how many working days; negative counts back")

    month = day_verb("month", _calendar.month, "a month as a wall calendar 月历")
    month.add_argument("month", type=year_and_month, help="such as 2026-10")

    check = day_verb(
        "check", _calendar.check, "how far the sources reach, and what needs doing 检查"
    )
    check.add_argument("--at", type=moment, help="as of this moment, by default now")

    add = day_verb("add", _calendar.add, "add a State Council notice 加入放假通知")
    add.add_argument("file", help="TOML or JSON; also the public holiday-cn shape")
    add.add_argument("--number", help="the notice's number, where the file has none 文号")
    add.add_argument(
        "--issued", type=day, help="its date of issue, where the file has none 印发日期"
    )
    add.add_argument("--store", help="list what of this store's obligations moves")
    add.add_argument("--at", type=moment, help="as of this moment, by default now")

    store = verbs.add_parser("store", help="look after a store 库", description="库的维护")
    acts = store.add_subparsers(required=True, metavar="COMMAND")

    def store_verb(name: str, act: Callable[..., int], text: str) -> argparse.ArgumentParser:
        added = acts.add_parser(name, help=text, description=text, parents=[common])
        added.add_argument("store", metavar="URL", help=_URL)
        added.set_defaults(act=act)
        return added

    init = store_verb("init", _store.init, "make its schema, or bring it up to date 建库或升级")
    init.add_argument(
        "--restored",
        action="store_true",
        help="a PostgreSQL server was taken back to an earlier moment 数据库已恢复到较早的时刻",
    )
    store_verb("check", _store.check, "is the file itself sound? 检查库文件")
    backup = store_verb("backup", _store.backup, "copy it while it is in use 备份")
    backup.add_argument("to", metavar="FILE", help="a file that does not exist yet")
    reindex = store_verb(
        "reindex", _store.reindex, "count its lists anew, after a new notice 重算时限清单"
    )
    reindex.add_argument("--centre", default=DEFAULT_CENTRE)
    reindex.add_argument("--all", action="store_true", help="also what is up to date")

    verify = verb("verify", _store.verify_store, "was anything changed or removed? 核验", stored)
    verify.add_argument("--seals", metavar="FILE", help="the seals to hold it against 封存记录")

    seal = verb("seal", _store.seal_store, "seal what is stored so far 封存", stored)
    seal.add_argument("--to", metavar="FILE", help="add it to this file instead of printing it")

    ledger = verb("audit", _audit.run_audit, "judge a ledger exported from elsewhere 审查台账")
    _audit.add_arguments(ledger)
    return parser


_URL: Final = "sqlite:///relative.db, sqlite:////absolute.db, postgresql://user@host/database"


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; ``argv`` is without the program's name, by default that of the process.

    Returns the exit status: 0, 1 or 2 as the module says, 130 after Ctrl-C. Answers go to standard
    output, errors to standard error. Errors of the library are printed and not raised.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:  # argparse has said why
        return int(stop.code or 0)
    say = Say(options.lang or language(), as_json=options.json)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal can't show is printed as \\u...
            stream.reconfigure(encoding="utf-8" if say.as_json else None, errors="backslashreplace")
    try:
        if not say.as_json:
            _ = say.console  # a missing library is told before anything is done
        status = int(options.act(options, say))
        sys.stdout.flush()  # here, so that a broken pipe is handled below
        return status
    except OnsiteWorkflowError as error:
        for violation in error.violations:
            sys.stderr.write(say.pick(violation.zh, violation.en) + "\n")
        return USAGE
    except KeyboardInterrupt:
        return 130  # as shells do; whatever was answered is stored
    except BrokenPipeError:
        # Nobody reads any more, as with ``| head``. What was carried out is stored.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1

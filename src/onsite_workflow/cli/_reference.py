"""``rules`` and ``catalogue``."""

from __future__ import annotations

import argparse
from typing import Final

from onsite_workflow.catalogue import annex_a
from onsite_workflow.clauses import CLAUSES, SENTENCES, Becomes
from onsite_workflow.errors import InvalidInput

from ._say import Say

BECOMES_ZH: Final = {
    Becomes.GUARD: "规则",
    Becomes.OBLIGATION: "时限",
    Becomes.RECORD: "记录",
    Becomes.REPORT: "报表",
    Becomes.HUMAN: "由人判断",
}


def rules(options: argparse.Namespace, say: Say) -> int:
    """``rules``: the sentences of the clauses, what each becomes, and where."""
    entries = [
        {
            "clause": sentence.clause,
            "zh": sentence.zh,
            "en": sentence.en,
            "becomes": [
                {"kind": r.kind.value, "where": list(r.where), "zh": r.zh, "en": r.en}
                for r in sentence.becomes
            ],
        }
        for sentence in SENTENCES
        if options.clause is None or sentence.clause == options.clause
    ]
    if options.clause is not None and options.clause not in CLAUSES:
        raise InvalidInput.of("clause", "unknown_value", "没有这一条。", "is not a clause.")
    if say.as_json:
        for entry in entries:
            say.line(entry)
        return 0
    if options.clause is not None and not entries:
        found = CLAUSES[options.clause]
        say.text(f"{found.number}　{found.zh}", f"{found.number}  {found.en}")
        return 0
    say.table(
        ("每一条成为什么", "What each clause becomes"),
        (("条款", "clause"), ("原文", "text"), ("成为", "becomes"), ("何处", "where")),
        (
            (
                sentence.clause,
                say.pick(sentence.zh, sentence.en),
                say.pick(BECOMES_ZH[r.kind], r.kind.value),
                say.pick(r.zh, r.en) + "".join(f"\n{place}" for place in r.where),
            )
            for sentence in SENTENCES
            if options.clause is None or sentence.clause == options.clause
            for r in sentence.becomes
        ),
    )
    return 0


def catalogue(options: argparse.Namespace, say: Say) -> int:
    """``catalogue``: the items of Annex A."""
    text = options.text
    found = [
        item
        for item in annex_a()
        if text is None or text in item.name or text in item.department or text == item.id
    ]
    if say.as_json:
        for item in found:
            say.line({"id": item.id, "department": item.department, "name": item.name})
        return 0
    say.table(
        ("附录A　“上门办、一次办”事项清单", "Annex A: items"),
        (("编号", "id"), ("实施部门", "department"), ("事项名称", "name")),
        ((item.id, item.department or None, item.name) for item in found),
    )
    return 0

"""The six answers to a command that cannot be carried out, as exceptions that carry data.

They have one base, and are told apart by who can act on them. Every answer lists its *violations*:
what was wrong, in Chinese and in English, the facts that were judged, and what would satisfy the
rule. No field holds people's data: a fact is a time, a unit, an item, a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field, frozen

from ._frozen import FrozenMapping

__all__ = [
    "CaseNotFound",
    "Conflict",
    "CorruptRecord",
    "InvalidInput",
    "NotAllowed",
    "NotSupported",
    "OnsiteWorkflowError",
    "Refused",
    "Remedy",
    "StoreUnavailable",
    "Violation",
    "WrongRole",
]


@frozen(kw_only=True)
class Remedy:
    """What would satisfy the rule, in both languages."""

    zh: str
    en: str


def _facts(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return FrozenMapping(facts)


@frozen(kw_only=True)
class Violation:
    """One unmet rule.

    Args:
        rule: the rule's name.
        zh: what is wrong, in Chinese.
        en: the same in English.
        clause: the clause of the standard; None where the rule is not the standard's (a malformed
            line, a number that another record holds).
        interpretation: the number of the reading that it rests on, if any.
        facts: what was judged, by name; JSON values only.
        remedy: what would satisfy the rule, if that can be said.
    """

    rule: str
    zh: str
    en: str
    clause: str | None = None
    interpretation: str | None = None
    facts: Mapping[str, Any] = field(factory=dict, converter=_facts)
    remedy: Remedy | None = None


class OnsiteWorkflowError(Exception):
    """Base of everything that this library raises on purpose.

    ``answer`` is its name in the wire form, and ``answer_zh`` its name for a clerk. ``violations``
    is never empty.
    """

    answer: ClassVar[str]
    answer_zh: ClassVar[str]

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations: tuple[Violation, ...] = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        return "; ".join(
            f"{v.en} [{v.rule}{f', clause {v.clause}' if v.clause else ''}]"
            for v in self.violations
        )

    @classmethod
    def because(
        cls,
        rule: str,
        zh: str,
        en: str,
        *,
        facts: Mapping[str, Any] | None = None,
        remedy: Remedy | None = None,
    ) -> Self:
        """An answer with one violation, of a rule that is not the standard's."""
        return cls([Violation(rule=rule, zh=zh, en=en, facts=facts or {}, remedy=remedy)])


class InvalidInput(OnsiteWorkflowError):
    """``invalid``: the input cannot be read. Whoever wrote it can correct it."""

    answer = "invalid"
    answer_zh = "填写有误"

    @classmethod
    def of(
        cls,
        field: str,
        rule: str,
        zh: str,
        en: str,
        *,
        facts: Mapping[str, Any] | None = None,
        remedy: Remedy | None = None,
    ) -> Self:
        """An answer about the field ``field`` (a path such as ``notices[0].number``).

        The field's name is put before both sentences. They never repeat its value.
        """
        return cls.because(
            rule,
            f"{field}：{zh}",
            f"{field}: {en}",
            facts={"field": field, **(facts or {})},
            remedy=remedy
            or Remedy(zh="改正这一项后重新提交。", en="Mend this field and try again."),
        )

    def within(self, prefix: str) -> InvalidInput:
        """The same answer, about the same field of the part ``prefix`` of something larger."""

        def outer(inner: str) -> str:
            return f"{prefix}{inner}" if inner[:1] in ("", "[") else f"{prefix}.{inner}"

        return self._renamed(outer)

    def at(self, path: str) -> InvalidInput:
        """The same answer about the field ``path``."""
        return self._renamed(lambda _: path)

    def _renamed(self, rename: Callable[[str], str]) -> InvalidInput:
        def renamed(violation: Violation) -> Violation:
            old = violation.facts.get("field")
            if old is None:
                return violation
            new = rename(old)
            return Violation(
                rule=violation.rule,
                zh=violation.zh.replace(old, new, 1),
                en=violation.en.replace(old, new, 1),
                facts={**violation.facts, "field": new},
                remedy=violation.remedy,
            )

        return InvalidInput(renamed(v) for v in self.violations)


class CaseNotFound(OnsiteWorkflowError):
    """``not_found``: no case has this id."""

    answer = "not_found"
    answer_zh = "查无此案"


class NotAllowed(OnsiteWorkflowError):
    """``not_allowed``: no such move leaves the state the case is in."""

    answer = "not_allowed"
    answer_zh = "当前状态不能办理"


class WrongRole(OnsiteWorkflowError):
    """``wrong_role``: the move exists, but not for this actor's role."""

    answer = "wrong_role"
    answer_zh = "不归此方办理"


class Refused(OnsiteWorkflowError):
    """``refused``: the move exists, and rules of the standard are unmet; all of them are listed."""

    answer = "refused"
    answer_zh = "不符合规定"


class Conflict(OnsiteWorkflowError):
    """``conflict``: somebody wrote first, or a claimed key or an id is taken."""

    answer = "conflict"
    answer_zh = "与已有记录冲突"


class StoreUnavailable(OnsiteWorkflowError):
    """The store can't say yes or no: a full disk, a lock held too long, a lost connection.

    The same command may be sent again. By promise 3 of ``ports`` it is stored only once.
    """

    answer = "unavailable"
    answer_zh = "库不可用"


class NotSupported(OnsiteWorkflowError):
    """The store can't do what was asked: it has not declared that capability of ``ports``.

    The configuration is wrong, not the command.
    """

    answer = "not_supported"
    answer_zh = "库无此功能"


class CorruptRecord(OnsiteWorkflowError):
    """What is stored cannot be read back. This answers no command: an operator must look."""

    answer = "corrupt"
    answer_zh = "记录损坏"


#: The remedy where something stored can't be read back, whatever the store.
RESTORE: Final = Remedy(
    zh="查明损坏之处，从备份恢复。", en="Find out what is damaged, and restore a backup."
)

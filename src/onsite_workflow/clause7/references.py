"""Item references: what a command calls an item becomes the key that the case calls it.

An item is named by its id of Annex A, by its printed name, or, within a case, by what was claimed
under 5.2. This is reading, not judging: an unknown id and an ambiguous name are ``InvalidInput``;
an item that the case does not have is left as it is, for a guard to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

import attrs
from attrs import frozen

from onsite_workflow.catalogue import Catalogue, CatalogueItem
from onsite_workflow.engine.record import AnyCommand
from onsite_workflow.errors import InvalidInput
from onsite_workflow.terms import ServiceItem, TransferNotice

from . import commands as c
from .case import Case

__all__ = ["resolve_items"]

C = TypeVar("C", bound=AnyCommand)


def _printed(name: str, catalogue: Catalogue) -> CatalogueItem | None:
    """The item of the catalogue that has this id or this name."""
    if name in catalogue or (name.startswith("A.") and name[2:].replace(".", "").isdigit()):
        return catalogue.get(name)
    return catalogue.find(name)


def _applied_item(item: ServiceItem, catalogue: Catalogue) -> ServiceItem:
    """``item`` as the catalogue prints it; one that is not there stays a claim under 5.2."""
    printed = _printed(item.name or "", catalogue) if item.id is None else catalogue.get(item.id)
    if printed is None or (item.id == printed.id and item.name == printed.name):
        return item
    if item.id is not None and item.name is not None:
        raise InvalidInput.of(
            "name",
            "mismatch",
            "事项名称与编号不符。",
            "is not the name printed for this id.",
            facts={"id": printed.id},
        )
    return attrs.evolve(item, id=printed.id, name=printed.name)


def _apply(command: c.Apply, catalogue: Catalogue) -> c.Apply:
    items: list[ServiceItem] = []
    for index, item in enumerate(command.items):
        try:
            items.append(_applied_item(item, catalogue))
        except InvalidInput as error:
            raise error.within(f"items[{index}]") from None
    return command if items == list(command.items) else attrs.evolve(command, items=items)


def _key(name: str, case: Case | None, catalogue: Catalogue) -> str:
    """The case's own items come first, so that a name which Annex A prints twice is clear where
    the case has one of the two."""
    named = [item.key for item in case.items if item.name == name] if case is not None else []
    if len(named) == 1:
        return named[0]
    printed = _printed(name, catalogue)
    return name if printed is None else printed.id


# --- where each command names items -------------------------------------------------------------

_Keys = Iterator[str]


@frozen
class _Naming:
    """The names in a command, where each stands, and the command's fields with keys instead."""

    names: Callable[[Any], list[str]]
    paths: Callable[[Any], list[str]]
    renamed: Callable[[Any, _Keys], dict[str, Any]]


def _lines(field: str) -> _Naming:
    return _Naming(
        lambda command: [line.item for line in getattr(command, field)],
        lambda command: [f"{field}[{i}].item" for i in range(len(getattr(command, field)))],
        lambda command, keys: {
            field: [attrs.evolve(line, item=next(keys)) for line in getattr(command, field)]
        },
    )


def _with_keys(notice: TransferNotice, keys: _Keys) -> TransferNotice:
    return attrs.evolve(notice, items=[next(keys) for _ in notice.items])


_IN_NOTICES = _Naming(
    lambda command: [name for notice in command.notices for name in notice.items],
    lambda command: [
        f"notices[{i}].items[{j}]"
        for i, notice in enumerate(command.notices)
        for j in range(len(notice.items))
    ],
    lambda command, keys: {"notices": [_with_keys(n, keys) for n in command.notices]},
)
_IN_NOTICE = _Naming(
    lambda command: [] if command.notice is None else list(command.notice.items),
    lambda command: [f"notice.items[{j}]" for j in range(len(command.notice.items))],
    lambda command, keys: {"notice": _with_keys(command.notice, keys)},
)
_ITEM = _Naming(
    lambda command: [] if command.item is None else [command.item],
    lambda _: ["item"],
    lambda _, keys: {"item": next(keys)},
)

_NAMING: Mapping[type[AnyCommand], _Naming] = {
    c.Transfer: _IN_NOTICES,
    c.Reassign: _IN_NOTICE,
    c.Serve: _lines("results"),
    c.GiveOneTimeNotice: _lines("outstanding"),
    c.ReportOutcome: _ITEM,
    c.Deliver: _ITEM,
}


def resolve_items(case: Case | None, command: C, catalogue: Catalogue) -> C:
    """``command`` with every item named by its key.

    ``InvalidInput`` for an id that the catalogue does not have, a name that several items have.
    """
    if isinstance(command, c.Apply):
        return cast("C", _apply(command, catalogue))
    naming = _NAMING.get(type(command))
    if naming is None:
        return command
    names = naming.names(command)
    own = {item.key for item in case.items} if case is not None else set[str]()
    if own.issuperset(names):
        return command
    keys: list[str] = []
    for index, name in enumerate(names):
        try:
            keys.append(name if name in own else _key(name, case, catalogue))
        except InvalidInput as error:
            raise error.at(naming.paths(command)[index]) from None
    return (
        command if keys == names else attrs.evolve(command, **naming.renamed(command, iter(keys)))
    )

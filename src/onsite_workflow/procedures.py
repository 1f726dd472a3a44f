"""All procedures by name. Each is loaded when it is first asked for.

Register your own procedure with ``register`` before you read anything of it. Wire forms and stores
then read its commands and events as they read those that come with the library.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from .checks import Word
from .engine.duties import Obligation
from .engine.fit import check_procedure
from .engine.procedure import Procedure
from .errors import InvalidInput

__all__ = ["DEFAULT", "kind_of", "procedure_named", "procedure_names", "register"]

#: The procedure of a line or an event that names none: the case's.
DEFAULT: Final = "case"

#: Those that come with the library: the module and the name of the value.
_OURS: Final = {"case": (".clause7.procedure", "CASE")}

_loaded: dict[str, Procedure[Any]] = {}


def procedure_names() -> tuple[str, ...]:
    """The names of all procedures, ours first."""
    return tuple(dict.fromkeys((*_OURS, *_loaded)))


def procedure_named(name: str) -> Procedure[Any]:
    """The procedure with that name. Raises ``InvalidInput`` where there is none."""
    found = _loaded.get(name)
    if found is not None:
        return found
    if name not in _OURS:
        known = procedure_names()
        raise InvalidInput.of(
            "procedure",
            "unknown_procedure",
            "应为以下之一：" + "、".join(known) + "。",
            "must be one of " + ", ".join(known) + ".",
            facts={"allowed": list(known)},
        )
    module, value = _OURS[name]
    ours: Procedure[Any] = getattr(import_module(module, __package__), value)
    return _loaded.setdefault(name, ours)


def kind_of(obligation: Obligation) -> Word:
    """The kind of ``obligation`` as a word of its procedure, with its Chinese name (``zh``). Stores
    keep only the plain name."""
    return procedure_named(obligation.procedure).kinds(obligation.kind)


def register(procedure: Procedure[Any]) -> None:
    """Make your own procedure known to this process, under ``procedure.name``.

    The same procedure may be registered again. Raises ``InvalidInput`` where another one has that
    name (those that come with the library too), or its parts do not fit together;
    ``ValueError`` where its rows make no table (see ``engine.fit.check_procedure``).
    """
    name = procedure.name
    if name in _OURS or _loaded.get(name, procedure) is not procedure:
        raise InvalidInput.of(
            "procedure",
            "repeated",
            "已有同名的办理程序。",
            "has the name of another procedure.",
            facts={"name": name},
        )
    check_procedure(procedure)
    _loaded[name] = procedure

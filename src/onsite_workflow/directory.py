"""The units of a centre, with their telephones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from ._frozen import FrozenMapping
from .checks import (
    Discreet,
    as_tuple,
    check_given_name,
    check_key,
    check_phone,
    checked,
    each,
    if_given,
    is_blank,
    of_type,
)
from .errors import InvalidInput

__all__ = ["Directory", "Unit"]


@frozen(kw_only=True, repr=False)
class Unit(Discreet):
    """One entry of the directory: 窗口单位 with its code and its telephone."""

    name: str = field(validator=checked(check_given_name))
    code: str | None = field(default=None, validator=if_given(check_key))
    phone: str | None = field(default=None, validator=if_given(check_phone))


def _units(value: Iterable[Unit]) -> tuple[Unit, ...]:
    return as_tuple(value)


@frozen(repr=False)
class Directory(Discreet):
    """The units of a centre, by name. Printed forms take their telephones from here.

    ``InvalidInput`` (``repeated``) where two units have one name.
    """

    units: tuple[Unit, ...] = field(
        default=(), converter=_units, validator=checked(each(of_type(Unit)))
    )
    _by_name: Mapping[str, Unit] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        by_name: dict[str, Unit] = {}
        for unit in self.units:
            if unit.name in by_name:
                raise InvalidInput.of(
                    "units", "repeated", "单位名录中有重复的单位。", "a unit is listed twice."
                )
            by_name[unit.name] = unit
        object.__setattr__(self, "_by_name", FrozenMapping(by_name))

    def phone(self, unit: str) -> str | None:
        """That unit's telephone, or None where the directory has none."""
        found = self._by_name.get(unit)
        return None if found is None or is_blank(found.phone) else found.phone

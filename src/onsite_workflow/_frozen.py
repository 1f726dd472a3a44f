"""A mapping that does not change, and that can be copied, pickled and hashed as values are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

__all__ = ["FrozenMapping"]

K = TypeVar("K")
V = TypeVar("V")


class FrozenMapping(Mapping[K, V]):
    """A read-only copy of ``mapping``. (``types.MappingProxyType`` can be neither pickled nor
    copied, so an error that carried one was lost between processes.)"""

    __slots__ = ("_held",)

    def __init__(self, mapping: Mapping[K, V]) -> None:
        self._held = dict(mapping)

    def __getitem__(self, key: K) -> V:
        return self._held[key]

    def __contains__(self, key: object) -> bool:  # the mixin's own go by way of an exception
        return key in self._held

    def get(self, key: Any, default: Any = None) -> Any:
        return self._held.get(key, default)

    def __iter__(self) -> Iterator[K]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __hash__(self) -> int:
        return hash(frozenset(self._held.items()))

    def __repr__(self) -> str:
        # The keys alone: what a correction says may be somebody's.
        return f"FrozenMapping({', '.join(map(str, self._held))})"

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMapping, (self._held,)

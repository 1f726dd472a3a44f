"""Finding people without naming them: keyed hashes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from .engine.procedure import Person

__all__ = ["applicant_keys"]

_BLANKS: Final = re.compile(r"\s+")
_NO_DIGITS: Final = re.compile(r"[^0-9]+")


def applicant_keys(
    secret: bytes,
    *,
    name: str | None = None,
    phone: str | None = None,
    id_number: str | None = None,
) -> tuple[str, ...]:
    """A keyed hash (HMAC-SHA-256, hexadecimal) of each text that is given.

    It is the same for every way to write one text: width, upper and lower case, and blanks don't
    count (NFKC), nor does what stands between the digits of a phone number. Without ``secret``
    nobody can tell from it who the person is.
    """
    told = {
        "name": None if name is None else _BLANKS.sub("", _folded(name)),
        "phone": None if phone is None else _NO_DIGITS.sub("", _folded(phone)),
        "id_number": None if id_number is None else _BLANKS.sub("", _folded(id_number)),
    }
    import hmac  # noqa: PLC0415 - costs a tenth of importing the package

    return tuple(
        hmac.digest(secret, f"{kind}:{value}".encode(), "sha256").hex()
        for kind, value in told.items()
        if value
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def keys_of(people: Iterable[Person], secret: bytes) -> tuple[str, ...]:
    """The keys of everybody in ``people``, each once."""
    keys: list[str] = []
    for person in people:
        keys += applicant_keys(
            secret, name=person.name, phone=person.phone, id_number=person.id_number
        )
    return tuple(dict.fromkeys(keys))

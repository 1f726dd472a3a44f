"""What commands and events are known by: digests of their wire forms."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from onsite_workflow.engine.record import AnyCommand, AnyEvent

from .writing import command_to_wire, written

__all__ = ["event_digest"]

DIGEST: Final = "sha256"
"""The algorithm of ``event_digest``; another one (SM3) will have another name in the record."""


def content_key(command: AnyCommand, recorded_at: dt.datetime | None = None) -> str:
    """A digest of what was asked: the idempotency key where no ``id`` was given.

    ``recorded_at`` belongs to it only where the caller chose it.
    """
    return _sha256(command_to_wire(command, recorded_at))


def event_digest(event: AnyEvent) -> str:
    """The algorithm's name and, in hexadecimal, the digest of the event's canonical JSON (names
    sorted, ASCII). The record's next event keeps it as ``previous``.

    It is made of the event, not of the bytes that a store writes. So it tells for every store
    whether the store still has what was appended.
    """
    return digest(written(event))


def digest(value: Any) -> str:
    """The digest of JSON values, after the name of its algorithm."""
    return f"{DIGEST}:{_sha256(value)}"


def _sha256(value: Any) -> str:
    import hashlib  # noqa: PLC0415 - costs a tenth of importing the package

    canonical = json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()

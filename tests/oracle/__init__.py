"""The standard read a second time: clauses 6.3, 7 and 9 as plain predicates over what happened.

Nothing here knows how the library decides. It was written from the text of DB4209/T 32—2023 and
its reading (interpretations I-1 to I-17, R-1 to R-16), and takes of the library its values alone:
terms, commands, regulation, catalogue, calendar days (`test_apart.py` holds it to that). It is the
slow and obvious one: every question is asked of the whole history anew, and nothing is kept.

- `facts`: what a history says: the notices, the replies, the lead, the appointment, the visit;
- `rules`: clause by clause, what each move must satisfy;
- `limits`: who owes what until when, and what was late;
- `verdict`: the six answers, and `correct` (I-6);
- `wire` and `ledger`: the journal's lines, and several cases side by side.

`test_oracle` holds it to the data that readers wrote from the texts, `test_agreement` holds the
library to it.
"""

from .facts import Fact
from .limits import Late, Owed, late, standing
from .verdict import Verdict, judge

__all__ = ["Fact", "Late", "Owed", "Verdict", "judge", "late", "standing"]

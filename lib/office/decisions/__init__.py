"""Management decisions (regulation 2.19): made beside a figure, written into the school's own workbook, measured again.

A decision is safe as soon as it stands in the outbox, and goes from there into the workbook (form F25) once. What became of it is told by
measuring the same figure in the next comparable periods.
"""

from lib.office.decisions.decision import FORM, Decision, new_id
from lib.office.decisions.making import make
from lib.office.decisions.measuring import Outcome, Remeasured, following, remeasure
from lib.office.decisions.outbox import Outbox, Waiting
from lib.office.decisions.permission import may_decide, may_see
from lib.office.decisions.register import Entry, State, Where, is_overdue, register, state_of

__all__ = [
    "FORM", "Decision", "Entry", "Outbox", "Outcome", "Remeasured", "State", "Waiting", "Where", "following",
    "is_overdue", "make", "may_decide", "may_see", "new_id", "register", "remeasure", "state_of",
]  # fmt: skip

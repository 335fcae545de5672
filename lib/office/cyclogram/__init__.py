"""The yearly plan of monitoring: its rows, their days, how they stand, the order that approved them, calendar files (regulation 2.1)."""

from lib.office.cyclogram.approval import PARTS, Approval, Approvals, ChangeKind, PlanChange, changes, fingerprint
from lib.office.cyclogram.events import calendar_of, state_word
from lib.office.cyclogram.order import OrderRow, form_word, order_rows
from lib.office.cyclogram.plan import Plan, PlanRow, Said, days_of, read_plan
from lib.office.cyclogram.term import Term, Terms, TermState, terms

__all__ = [
    "PARTS", "Approval", "Approvals", "ChangeKind", "OrderRow", "Plan", "PlanChange", "PlanRow", "Said", "Term", "TermState",
    "Terms", "calendar_of", "changes", "days_of", "fingerprint", "form_word", "order_rows", "read_plan", "state_word", "terms",
]  # fmt: skip

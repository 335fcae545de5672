"""Reminders: one text a person, made from the board, to copy, as a calendar file, and by e-mail (regulation 2.5, 4.1)."""

from lib.office.reminders.letter import Letter, Task, calendar_of, letter, state_word, tasks
from lib.office.reminders.right import may_remind, may_send
from lib.office.reminders.round import Sending, round_of
from lib.office.reminders.sent import Outcome, Sent, SentReminders

__all__ = [
    "Letter", "Outcome", "Sending", "Sent", "SentReminders", "Task", "calendar_of", "letter", "may_remind", "may_send", "round_of",
    "state_word", "tasks",
]  # fmt: skip

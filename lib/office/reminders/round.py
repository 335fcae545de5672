"""One round of reminders: a letter a person, never twice a day, and one that fails does not keep the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lib.access.roles import Viewer
from lib.i18n import gettext as _
from lib.office.reminders.letter import Letter
from lib.office.reminders.post import NotSent, Post, message_of
from lib.office.reminders.right import may_remind
from lib.office.reminders.sent import Outcome, Sent, SentReminders
from lib.settings import UserError
from lib.settings.mail import Mail

Progress = Callable[[int, int, str], None]  # done, of how many, code of the person


@dataclass(frozen=True)
class Sending:
    """How a round ended. `passed_by`: people who had been reminded that day before, or are being reminded by another process."""

    sent: tuple[Sent, ...]
    passed_by: tuple[str, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(one.outcome is outcome for one in self.sent)


def round_of(
    letters: Iterable[Letter],
    mail: Mail,
    memory: SentReminders,
    viewer: Viewer,
    by: str,
    clock: Callable[[], dt.datetime],
    progress: Progress | None = None,
) -> Sending:
    """Send the letters. UserError, before anything is sent, when no server is set up or somebody is not the viewer's to remind.

    `by` names who sends, for the memory; `clock` is asked for each letter, so that a round over midnight counts its days rightly.
    """
    if not mail.is_set_up:
        raise UserError(_("No mail server is set up: name it in config/mail.yaml (host, from), the password in SAPAT_SMTP_PASSWORD."))
    one_each = list({letter.person.code: letter for letter in letters}.values())
    if not all(may_remind(viewer, letter.person) for letter in one_each):
        raise UserError(_("Reminders are sent by the director and the deputies, and by the head of an association to its teachers."))
    sent: list[Sent] = []
    passed_by: list[str] = []
    with Post(mail) as post:
        for number, letter in enumerate(one_each, 1):
            found = _one(letter, mail, post, memory, by, clock())
            if found is None:
                passed_by.append(letter.person.code)
            else:
                sent.append(found)
            if progress is not None:
                progress(number, len(one_each), letter.person.code)
    return Sending(tuple(sent), tuple(passed_by))


def _one(letter: Letter, mail: Mail, post: Post, memory: SentReminders, by: str, now: dt.datetime) -> Sent | None:
    code = letter.person.code
    if not memory.claim(code, len(letter.tasks), by, now):
        return None
    outcome, why = Outcome.SENT, ""
    try:
        post.send(message_of(letter, mail), letter.person.email)
    except UserError:
        outcome, why = Outcome.REFUSED, _("no e-mail that can be written to")
    except NotSent as error:
        outcome, why = error.outcome, error.why
    except Exception as error:  # a defect of ours over one letter must not keep the others from going out
        outcome, why = Outcome.UNKNOWN, type(error).__name__
    memory.note(code, outcome, now, why)
    return Sent(code, now, outcome, len(letter.tasks), by, why)

"""Reminders from the board: one person's text to copy, and a round of e-mails with progress."""

from __future__ import annotations

import datetime as dt
from functools import partial

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.office.calendar_file import MIME
from lib.office.people import Colleague
from lib.office.reminders import Letter, Outcome, Sent, SentReminders, calendar_of, letter, may_remind, may_send, round_of
from lib.office.reminders.letter import LANGUAGES
from lib.office.reminders.post import AWAY, BROKEN, CERTIFICATE, LOGIN, NO_TLS
from lib.settings import UserError
from lib.settings.mail import is_address, read_mail
from lib.ui import data
from lib.ui.blocks.board import BoardChoice, named
from lib.ui.blocks.panel import as_typed, to_read
from lib.ui.page import View

WEEK = 7


def reminder(view: View, board: BoardChoice) -> None:
    """The text for the chosen person, or for the reader themselves, to copy and as a calendar file."""
    code = board.person or (view.viewer.person.teacher_id if view.viewer.person is not None and not may_send(view.viewer) else "")
    person = _people(view).get(code)
    mine = person is not None and view.viewer.person is not None and view.viewer.person.teacher_id == person.code
    if person is None or not (mine or may_remind(view.viewer, person)):
        return
    st.subheader(_("What I have to do") if mine else f"{_('Reminder')} · {wording.plain(person.name)}", anchor=False)
    with st.container(border=True):
        language = _language("reminder_language")
        made = _letter(view, person, language)
        if made is None:
            st.markdown(f":green[▲] {_('There is nothing to do now.')}")
            return
        st.code(made.text, language=None, wrap_lines=True, height=420 if len(made.tasks) > 4 else "content")
        st.download_button(
            _("Calendar (.ics)"), partial(calendar_of, made, view.loaded, view.chosen.school_year, view.snapshot.as_of,
                                          view.snapshot.collected_at),
            f"sapat_{code}.ics", MIME, icon=":material/event:", on_click="ignore", key="reminder_calendar",
        )  # fmt: skip


def _language(key: str) -> str:
    names = {"ky": _("in Kyrgyz"), "ru": _("in Russian")}
    default = i18n.language() if i18n.language() in LANGUAGES else LANGUAGES[0]
    chosen = st.segmented_control(
        _("Language of the reminder"), LANGUAGES, default=default, required=True, key=key, format_func=names.__getitem__
    )  # fmt: skip
    return str(chosen or default)


def _people(view: View) -> dict[str, Colleague]:
    return dict(data.colleagues(view.snapshot, view.loaded, view.chosen.school_year).colleagues)


def _letter(view: View, person: Colleague, language: str) -> Letter | None:
    """All that the person has to do in the school year, whatever the filters leave: there is one reminder a day."""
    rows = [row for row in data.board(view.snapshot, view.loaded, view.chosen.school_year) if row.responsible == person.code]
    found = data.tasks_of(view.snapshot, view.loaded, view.chosen.school_year, rows)
    return letter(person, found, view.loaded, view.chosen.school_year, view.snapshot.as_of, language)


# --- the round -----------------------------------------------------------------------------------------------------------


def reminder_round(view: View, board: BoardChoice) -> None:
    """Reminders by e-mail to everybody of the choice who has something to do; never twice a day."""
    if not may_send(view.viewer) or view.loaded.store is None:
        return
    st.subheader(_("Reminders by e-mail"), anchor=False)
    memory, people, today = SentReminders(view.loaded.store), _people(view), dt.date.today()
    wanted = [
        people[pile.responsible] for pile in board.piles
        if pile.responsible in people and any(row.troubled for row in pile.rows) and may_remind(view.viewer, people[pile.responsible])
    ]  # fmt: skip
    reminded = memory.reminded((person.code for person in wanted), today)
    unreachable = [person for person in wanted if not is_address(person.email)]
    to_write = [person for person in wanted if person.code not in reminded and person not in unreachable]
    with st.container(border=True):
        with st.grid(4, min_column_width=150):
            st.metric(_("Have something to do"), i18n.number(len(wanted), 0))
            st.metric(_("Reminded today"), i18n.number(len(reminded), 0))
            st.metric(_("Without e-mail"), i18n.number(len(unreachable), 0))
            st.metric(_("To be written to"), i18n.number(len(to_write), 0))
        try:
            mail = read_mail()
        except UserError as error:
            st.error(wording.plain(str(error)))
            mail = None
        if mail is not None and not mail.is_set_up:
            st.caption(
                _("No mail server is set up: name it in `config/mail.yaml` (`host`, `from`), the password in `SAPAT_SMTP_PASSWORD`.")
                + " "
                + _("Until then choose a person above and copy the text.")
            )
        elif mail is not None:
            language = _language("round_language")
            label = f"{_('Send reminders')}: {len(to_write)}"
            pressed = st.button(label, icon=":material/send:", disabled=not to_write, key="send_reminders", type="primary")
            if pressed:
                _send(view, to_write, language, memory)
        _listed(view, memory, today)


def _send(view: View, people: list[Colleague], language: str, memory: SentReminders) -> None:
    letters = [made for person in people if (made := _letter(view, person, language)) is not None]
    bar = st.progress(0.0, text=f"0 / {len(letters)}")

    def progress(done: int, of: int, code: str) -> None:
        bar.progress(done / of, text=f"{done} / {of} · {named(view, code)}")

    by = view.viewer.person.teacher_id if view.viewer.person is not None else "+".join(sorted(view.viewer.roles))
    try:
        ended = round_of(letters, read_mail(), memory, view.viewer, by, dt.datetime.now, progress)
    except UserError as error:
        bar.empty()
        st.error(wording.plain(str(error)))
        return
    bar.empty()
    failed = len(ended.sent) - ended.count(Outcome.SENT)
    told = f"{_('sent')}: {ended.count(Outcome.SENT)} · {_('not sent')}: {failed} · {_('had been reminded today')}: {len(ended.passed_by)}"
    (st.warning if failed else st.success)(told)


def _listed(view: View, memory: SentReminders, today: dt.date) -> None:
    """The reminders of the last week, for those who may send them: of the people whom they may remind."""
    people = _people(view)
    sent = [one for one in memory.last(WEEK, today) if one.person in people and may_remind(view.viewer, people[one.person])]
    if not sent:
        st.caption(_("No reminders were sent in the last seven days."))
        return
    with st.expander(f"{_('Reminders of the last seven days')} · {len(sent)}"):
        columns = {
            _("When"): [i18n.moment(one.at) for one in sent],
            _("Responsible"): [named(view, one.person) for one in sent],
            _("Outcome"): [_outcome(one) for one in sent],
            _("Tasks"): [str(one.tasks) for one in sent],
            _("Sent by"): [named(view, one.by) if one.by in people else wording.role(view.loaded, one.by) for one in sent],
        }
        st.table(as_typed(to_read(columns)), border="horizontal", hide_index=True, alt=_("Reminders of the last seven days"))


def _outcome(one: Sent) -> str:
    words = {
        Outcome.SENT: f"▲ {_('sent')}",
        Outcome.UNKNOWN: f"● {_('nobody can tell whether it went out')}",
        Outcome.REFUSED: f"▼ {_('refused')}",
        Outcome.UNREACHED: f"▼ {_('the server was not reached')}",
    }
    why = {
        LOGIN: _("the server refused the user or the password"),
        CERTIFICATE: _("the server's certificate is not trusted here"),
        NO_TLS: _("the server does not speak TLS in this way: see tls in config/mail.yaml"),
        AWAY: _("no answer"),
        BROKEN: _("the connection broke off"),
    }.get(one.why, one.why)
    return words[one.outcome] + (f" ({why})" if why else "")

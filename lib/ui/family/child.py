"""The blocks of "my child": own progress first, then attendance, strengths, what to do at home, questions. One child, nobody else."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from lib import i18n, wording
from lib.family.child import Child, SubjectMarks, child_of
from lib.family.consent import consent_day
from lib.family.sentences import Sentences
from lib.i18n import gettext as _
from lib.model.calendar import QUARTERS
from lib.ui.blocks.panel import to_read
from lib.ui.family import way_in
from lib.ui.family.opening import FamilyView, leave_button

WIDTH = 720
_QUARTERS = 3  # as many as a phone shows beside each other
_STEPS = {1: "▲", 0: "●", -1: "▼"}


class Told:
    """A child and what is said about it, for one run of the page."""

    def __init__(self, view: FamilyView, child: Child) -> None:
        self.view, self.child = view, child
        self.say = Sentences(child, view.family, view.loaded)


def greeting(view: FamilyView) -> Told | None:
    """The child's name and class, and the day that the figures speak of; None when there is no such pupil any more."""
    child = child_of(view.snapshot, view.loaded, view.reader.pupil)
    if child is None:
        st.info(_("There is nothing to show: the register has no pupil for this code now. Ask the class teacher."))
        return None
    with st.container(width=WIDTH):
        if view.reader.example:
            st.caption(_("An invented child of the demo school."))
        st.header(wording.plain(child.name), anchor=False)
        year = wording.school_year(child.school_year)
        st.caption(f"{_('Class')}: {child.school_class} · {year} · {_('as of {day}', day=i18n.date(child.as_of))}")
    return Told(view, child)


def progress(told: Told) -> None:
    """This quarter against the child's own earlier marks; of grades without marks, the competences."""
    child, say = told.child, told.say
    with st.container(width=WIDTH):
        st.subheader(_("Own progress"), anchor=False)
        st.markdown(f"**{wording.plain(say.progress())}**")
        if child.marks:
            _marks(told)
        elif child.marked:
            st.markdown(_("There are no marks of this school year yet."))
        if child.skills:
            _skills(told)
        legend = _legend(told)
        st.caption(_("Compared only with the child's own earlier results.") + (f"  \n{legend}" if legend else ""))


def _marks(told: Told) -> None:
    child, say = told.child, told.say
    if means := child.means:
        before = wording.period(QUARTERS[QUARTERS.index(child.quarter) - 1]) if child.quarter != "Q1" else _("Year before")
        st.markdown(
            f"{_('Mean mark')}: **{i18n.number(means[0], 2)}** ({wording.period(child.quarter)}) · "
            f"{i18n.number(means[1], 2)} ({before}) · {_('subjects compared: {n}', n=_compared(child.marks))}"
        )  # fmt: skip
    shown = QUARTERS[: QUARTERS.index(child.quarter) + 1][-_QUARTERS:]
    rows = []
    for marks in child.marks:
        row = {_("Subject"): say.subject(marks.subject)}
        row |= {wording.short_period(quarter): _mark(told, marks.marks.get(quarter, "")) for quarter in shown}
        row[_("Change")] = _step(marks)
        rows.append(row)
    _table(rows, _("Own progress"))


def _compared(marks: Iterable[SubjectMarks]) -> int:
    return sum(m.step is not None for m in marks)


def _mark(told: Told, mark: str) -> str:
    choices = told.view.loaded.choices
    if mark in choices["unattested"]:
        return _("n/a")
    return _("rel.") if mark in choices["released"] else mark or "–"


def _legend(told: Told) -> str:
    """What the short words in the table mean, those that stand there."""
    seen = {mark for marks in told.child.marks for mark in marks.marks.values()}
    meanings = ((_("n/a"), _("not attested"), "unattested"), (_("rel."), _("released"), "released"))
    return "; ".join(f"{short}: {long}" for short, long, words in meanings if seen & set(told.view.loaded.choices[words]))


def _step(marks: SubjectMarks) -> str:
    step = marks.step
    return "–" if step is None else f"{_STEPS[(step > 0) - (step < 0)]} {i18n.signed(step, 0) if step else '='}"


def _skills(told: Told) -> None:
    levels = (_("not formed yet"), _("beginning"), _("base"), _("high"))
    rows = [
        {
            _("Skill"): told.say.skill(skill.competence).capitalize(),
            _("Before"): levels[skill.before] if skill.before is not None else "–",
            _("Now"): levels[skill.now] if skill.now is not None else "–",
        }
        for skill in told.child.skills
    ]
    _table(rows, _("Skill"))


def attendance(told: Told) -> None:
    """Days at school by quarter."""
    with st.container(width=WIDTH):
        st.subheader(_("Attendance"), anchor=False)
        if not told.child.days:
            st.markdown(_("Nothing has been noted yet."))
            return
        newest = told.child.days[-1]
        late = f" · {_('Late')}: {newest.late}" if newest.late is not None else ""
        st.markdown(
            f"{wording.period(newest.quarter)}: **{newest.planned - newest.missed}/{newest.planned}** "
            f"{_('school days')} ({i18n.percent(newest.attended, 0)}){late}"
        )
        rows = [
            {
                _("Period"): wording.short_period(days.quarter),
                _("Days"): str(days.planned),
                _("Missed"): str(days.missed),
                _("No reason"): str(days.unexcused),
            }
            for days in told.child.days
        ]
        _table(rows, _("Attendance"))


def strengths(told: Told) -> None:
    """What the child is good at."""
    _list(_("Strengths"), told.say.strengths())


def recommendations(told: Told) -> None:
    """Two things to do at home."""
    _list(_("What to do at home"), told.say.recommendations(), numbered=True)


def questions(told: Told) -> None:
    """Questions for self-assessment (regulation 4.3): nobody collects the answers."""
    with st.container(width=WIDTH):
        st.subheader(_("Questions to think about"), anchor=False)
        st.caption(_("For yourselves: the answers are not collected."))
        for who, title in (("pupil", _("To the pupil")), ("family", _("To the family"))):
            st.markdown(f"**{title}**\n" + "".join(f"\n- {wording.plain(text)}" for text in told.say.questions(who)))


def rights(told: Told) -> None:
    """Consent, how often the page was opened, who sees it, and the way out."""
    child, view = told.child, told.view
    seen = way_in.door_of(view.loaded).views.of([view.reader.pupil])[view.reader.pupil]
    day = consent_day(child.consent, child.as_of)
    with st.container(width=WIDTH):
        st.divider()
        st.caption(
            (_("Name and photograph may be published since {day}", day=i18n.date(day)) if day else
             _("Name and photograph are not published: the register has no consent with a date.")) + "  \n"
            + _("Opened with a code or e-mail: {n}", n=seen.times) + " · "
            + _("This page is seen by the family alone; the class teacher sees how often it was opened.")
        )  # fmt: skip
        leave_button(view)


def _list(title: str, sentences: list[str], numbered: bool = False) -> None:
    with st.container(width=WIDTH):
        st.subheader(title, anchor=False)
        st.markdown("\n".join(f"{f'{n}.' if numbered else '-'} {wording.plain(text)}" for n, text in enumerate(sentences, 1)))


def _table(rows: list[dict[str, str]], about: str) -> None:
    columns = {title: [row[title] for row in rows] for title in rows[0]} if rows else {}
    st.table(to_read(columns), border="horizontal", hide_index=True, alt=about)

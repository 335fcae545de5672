"""The order that approved the plan, what has changed since, and where the administration enters a new one."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.office.cyclogram import PARTS, Approval, Approvals, ChangeKind, PlanChange, changes
from lib.office.cyclogram.approval import APPROVERS
from lib.settings import UserError
from lib.ui import data
from lib.ui.blocks.panel import as_typed, to_read
from lib.ui.page import View

LISTED = 40


def plan_approval(view: View) -> None:
    """Whether the plan of the chosen year is approved, by which order, and whether it is still what was approved."""
    if view.loaded.store is None:
        return
    kept = Approvals(view.loaded.store)
    plan = data.cyclogram(view.snapshot, view.loaded, view.chosen.school_year).plan
    standing = kept.standing(plan.school_year)
    st.subheader(_("Approval"), anchor=False)
    with st.container(border=True):
        if not standing:
            st.markdown(f":gray-badge[○ {_('not approved yet')}] {_('The cyclogram is approved by an order of the director.')}")
        for order in standing:
            _approved(order, changes(order, plan, view.loaded))
        if APPROVERS & view.viewer.roles:
            _entering(view, kept, again=bool(standing))


def _approved(order: Approval, changed: list[PlanChange]) -> None:
    said = f"{_('Order')} №{i18n.NBSP}{wording.plain(order.number)}, {i18n.date(order.ordered_on)} · {wording.period(order.part)}"
    words = [change for change in changed if change.kind is not ChangeKind.MOVED]
    if not changed:
        st.markdown(f":green-badge[▲ {_('approved')}] {said} · {_('the plan is as it was approved')}")
        return
    if words:
        st.markdown(f":red-badge[▼ {_('changed after approval')}] {said} · {_('changes')}: **{len(changed)}**")
    else:
        st.markdown(f":orange-badge[● {_('days moved by the calendar')}] {said} · {_('changes')}: **{len(changed)}**")
    with st.expander(_("What has changed"), expanded=len(changed) <= 5, key=f"plan_changes_{order.part}"):
        columns = {
            _("Row"): [f"{change.id} · {change.object}" for change in changed[:LISTED]],
            _("Change"): [_kind(change) for change in changed[:LISTED]],
            _("Before"): [_value(change, change.before) for change in changed[:LISTED]],
            _("Now"): [_value(change, change.after) for change in changed[:LISTED]],
        }
        st.table(as_typed(to_read(columns)), border="horizontal", hide_index=True, alt=_("What has changed"))
        if len(changed) > LISTED:
            st.caption(f"+{len(changed) - LISTED}")


def _kind(change: PlanChange) -> str:
    kinds = {
        ChangeKind.ADDED: _("added"), ChangeKind.REMOVED: _("removed"), ChangeKind.CHANGED: _("changed"), ChangeKind.MOVED: _("day moved"),
    }  # fmt: skip
    fields = {
        "object": _("Object"), "directions": _("Directions"), "form": _("Form"), "method": _("Method of monitoring"),
        "responsible": _("Responsible"), "document": _("Document"), "indicators": _("Indicators"), "due_rule": _("Due rule"),
    }  # fmt: skip
    return f"{kinds[change.kind]}: {fields[change.field]}" if change.kind is ChangeKind.CHANGED else kinds[change.kind]


def _value(change: PlanChange, text: str) -> str:
    """Days as people write them; other texts as they stand in the cells."""
    if change.field != "due":
        return text or "–"
    return ", ".join(i18n.date(dt.date.fromisoformat(day)) for day in text.split(", ") if day) or "–"


def _entering(view: View, kept: Approvals, again: bool) -> None:
    label = _("Enter a new order: it approves the plan as it is now") if again else _("Enter the order that approves this plan")
    with st.expander(label), st.form("plan_order", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            number = st.text_input(_("Number of the order"), max_chars=40, width=200)
            # typed, not picked: Streamlit's calendar speaks English alone
            typed = st.text_input(_("Day of the order"), value=i18n.date(dt.date.today()), max_chars=10, width=200)
            part = st.selectbox(_("Part of the year"), PARTS, format_func=wording.period, width=200, key="plan_order_part")
            pressed = st.form_submit_button(_("Keep"), icon=":material/verified:")
        if not pressed:
            return
        day = _day(typed)
        if day is None:
            st.error(f"{_('The day of the order is missing.')} {_('Expected')}: {i18n.date(dt.date.today())}")
            return
        plan = data.cyclogram(view.snapshot, view.loaded, view.chosen.school_year).plan
        try:
            kept.enter(plan, view.loaded, view.viewer, number, day, _who(view), dt.datetime.now(), part)
        except UserError as error:
            st.error(wording.plain(str(error)))
            return
        st.toast(_("Kept."), icon=":material/check_circle:")
        st.rerun()


def _day(typed: str) -> dt.date | None:
    """ "30.08.2025" as a day; None for anything else."""
    try:
        return dt.datetime.strptime(typed.strip(), "%d.%m.%Y").date()
    except ValueError:
        return None


def _who(view: View) -> str:
    """Who enters it, for the desk alone: the code where somebody is known, else the role."""
    person = view.viewer.person
    return person.teacher_id if person is not None else "+".join(sorted(view.viewer.roles))

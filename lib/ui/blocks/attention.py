"""What needs attention: at most ten plain sentences, each with figure, target, n and a link that sets the filters."""

from __future__ import annotations

import streamlit as st

from lib import analysis, i18n, wording
from lib.analysis import Finding, FindingKind
from lib.i18n import gettext as _
from lib.model.indicator import Verdict
from lib.ui import data, decide, filters, state
from lib.ui.blocks import decisions
from lib.ui.page import View

_CLOSING = 3  # falls running that are worth saying


def attention(view: View) -> None:
    """The weightiest findings of the chosen period."""
    found = data.findings(view.snapshot, view.loaded, view.chosen.school_year, view.chosen.period)
    late = decisions.overdue(view)
    found = found[: data.LISTED - 1] if late else found
    with st.container(border=True):
        st.markdown(f"#### {_('What needs attention')}")
        if not found and not late:
            st.markdown(f":green[▲] {_('Nothing is beyond its target, and no data is late.')}")
        if late:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key="overdue_decisions"):
                st.markdown(late, width="stretch")
                st.page_link(state.page_file("decisions"), label=_("Open"), icon=":material/arrow_forward:")
        values = data.values(view.snapshot, {finding.indicator for finding in found} - {""}, loaded=view.loaded)
        for place, finding in enumerate(found):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key=f"finding_{place}"):
                st.markdown(_sentence(view, finding), width="stretch")
                decide.button(view, _figures(view, values, finding), f"finding_{place}")
                slug, scope = _where(view, finding)
                st.page_link(
                    state.page_file(slug), label=_("Open"), icon=":material/arrow_forward:",
                    query_params=filters.link(view.loaded, scope) or None,
                )  # fmt: skip


def _figures(view: View, values: data.Values, finding: Finding) -> list[decide.Seen]:
    """The finding's figure, to decide upon; late data has none."""
    if finding.kind is FindingKind.OVERDUE:
        return []
    indicator = view.indicator(finding.indicator)
    figure = values.at(finding.indicator, finding.school_year, finding.period, finding.scope)
    return decide.seen(indicator, figure, finding.school_year, finding.period, finding.scope)


def _where(view: View, finding: Finding) -> tuple[str, dict[str, str]]:
    if finding.kind is FindingKind.OVERDUE or finding.direction == state.MONITORING:
        return "collection", {}
    return view.loaded.directions[finding.direction].slug, dict(finding.scope)


def _sentence(view: View, finding: Finding) -> str:
    if finding.kind is FindingKind.OVERDUE:
        text = _(
            "Not filled in time: tabs {count} of {total}, empty cells {cells}, due {due}",
            count=finding.count, total=finding.total, cells=i18n.number(finding.cells, 0), due=i18n.date(finding.due),
        )  # fmt: skip
        return f":red[▼] **{wording.form(view.loaded, finding.form)}** — {text}."
    indicator = view.indicator(finding.indicator)
    judged = analysis.verdict(indicator, finding.value)
    where = wording.scope(view.loaded, finding.scope) if finding.scope else ""
    name = indicator.name.of(i18n.language())
    head = f"**{where}** — {name}" if where else f"**{name}**"
    facts = [f"{head}: {wording.number(indicator, finding.value)}"]
    about = [wording.target(indicator)]
    if finding.n:
        about.append(f"n{i18n.NBSP}={i18n.NBSP}{i18n.number(finding.n, 0)}")
    if finding.period != view.chosen.period:
        about.append(wording.period(finding.period))
    text = facts[0] + f" ({', '.join(part for part in about if part)})"
    if finding.change is not None:
        text += f". {_('Change')}: {wording.delta(indicator, finding.change)}"
        if finding.falls >= 2:
            text += f", {_('periods running: {n}', n=min(finding.falls, _CLOSING + 1))}"
    mark = judged if judged is not Verdict.REACHED else Verdict.NEAR
    return f":{wording.COLOURS[mark]}[{wording.SYMBOLS[mark]}] {text}{'' if text.endswith('.') else '.'}"

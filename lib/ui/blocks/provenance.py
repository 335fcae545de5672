"""Where a figure comes from: the formula in words, numerator and denominator, and the cells behind it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.model.cell import link_to
from lib.model.indicator import Indicator
from lib.ui import data, decide
from lib.ui.blocks.panel import downloads
from lib.ui.page import View

CELLS = 500
RANGE = "[&]range=(.+)$"  # the cell in the address that opens it


def provenance(view: View) -> None:
    """An expander that answers only when it is opened: choose a figure, see how it was made and of which cells."""
    expander = st.expander(_("Where does this figure come from?"), icon=":material/account_tree:", on_change="rerun", key="provenance")
    if not expander.open:
        return
    with expander:
        codes = [indicator.code for indicator in view.indicators]
        code = st.selectbox(
            _("Indicator"), codes, key="provenance_of", format_func=lambda c: f"{c} · {view.indicator(c).name.of(i18n.language())}"
        )
        _made_of(view, view.indicator(code))


def _made_of(view: View, indicator: Indicator) -> None:
    language = i18n.language()
    scope = view.scope(indicator)
    period = view.period(indicator, scope)
    figure = view.figure(indicator, scope, period)
    decide.button(view, decide.of_view(view, indicator), "provenance")
    st.markdown(f"**{_('Formula')}:** {indicator.formula.of(language)}")
    if figure is not None and figure.value is not None:
        parts = [f"**{_('Value')}:** {wording.number(indicator, figure.value)}"]
        if figure.numerator is not None:
            parts.append(
                f"**{_('Numerator')}** ({indicator.numerator.of(language)}): {i18n.number(figure.numerator, _decimals(figure.numerator))}"
            )
        if figure.denominator is not None:
            words = indicator.denominator.of(language)
            parts.append(f"**{_('Denominator')}** ({words}): {i18n.number(figure.denominator, _decimals(figure.denominator))}")
        st.markdown("  \n".join(parts))
    else:
        st.markdown(view.reason(indicator))
    about = [wording.at_time(view.chosen.school_year, period), wording.scope(view.loaded, scope), f"{_('snapshot')} {view.snapshot.id}"]
    st.caption(" · ".join(about))
    if method := indicator.method.of(language):
        st.markdown(f"**{_('How it is counted')}:** {method}")
    facts = [_("Regulation, clause {clause}", clause=indicator.clause), *_sources(view, indicator)]
    st.markdown("  \n".join(facts))
    if figure is not None and figure.value is not None:
        _cells(view, indicator, {**scope, "school_year": view.chosen.school_year, "period": period})


def _decimals(value: float) -> int:
    return 0 if value == int(value) else 2


def _sources(view: View, indicator: Indicator) -> list[str]:
    """The forms it is read from, who fills them, and when they were last read."""
    sheets = data.sheets(view.snapshot)
    told = []
    for source in indicator.sources:
        form = view.loaded.forms[source.form]
        own = sheets[(sheets["form"] == source.form) & (sheets["school_year"] == view.chosen.school_year)]
        text = f"{wording.form(view.loaded, source.form)} · {wording.role(view.loaded, form.filled_by)} · {_('tabs')}: {len(own)}"
        told.append(text)
    return told


def _cells(view: View, indicator: Indicator, scope: dict[str, str]) -> None:
    found = data.cells_behind(view.snapshot, view.loaded, indicator, scope)
    if not found:
        st.caption(_("No single cells stand behind this figure"))
        return
    st.markdown(f"**{_('Cells behind the figure')}:** {i18n.number(len(found), 0)}")
    frame = pd.DataFrame(
        {
            _("Workbook"): [c["workbook"] for c in found],
            _("Tab"): [c["tab"] for c in found],
            _("Cell"): [c["cell"] for c in found],
            _("Form"): [c["form"] for c in found],
            _("Column"): [_column(view, c["form"], c["column"]) for c in found],
            _("Content"): [_content(c["value"], view, c["form"]) for c in found],
        }
    )
    shown, config = _opening(view, frame.head(CELLS))
    height = min(36 * (len(frame) + 1) + 3, 330)
    st.dataframe(shown, hide_index=True, height=height, alt=_("Cells behind the figure"), column_config=config)
    if len(found) > CELLS:
        st.caption(_("The first {n} are shown; the file holds all", n=CELLS))
    downloads(frame, indicator.name.of(i18n.language()), f"cells_{indicator.code}_{scope['school_year']}_{scope['period']}")


def _opening(view: View, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    """The table with each cell's address as what opens that very cell, where the store has such addresses."""
    workbook, tab, cell = _("Workbook"), _("Tab"), _("Cell")
    links = data.links(view.snapshot)
    opened = [link_to(links.get((book, name), ""), at) for book, name, at in zip(frame[workbook], frame[tab], frame[cell], strict=True)]
    if not all(opened):
        return frame, None
    return frame.assign(**{cell: opened}), {cell: st.column_config.LinkColumn(cell, display_text=RANGE)}


def _column(view: View, form: str, column: str) -> str:
    known = view.loaded.forms[form].by_key
    return known[column].title.of(i18n.language()) if column in known else column


def _content(value: object, view: View, form: str) -> str:
    if view.loaded.forms[form].restricted:
        return _("restricted")
    return "" if value is None else str(value)

"""A chart's frame: title, what it says in one line, and the tabs chart · table · download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from altair.utils.schemapi import disable_debug_mode

from lib import charts
from lib.documents import tables
from lib.i18n import gettext as _

disable_debug_mode()  # altair checks every part of a chart against the schema as it is made; see _spec
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONG = 15  # more rows than this scroll inside their own frame


def theme() -> str:
    """The inks that the reader's theme needs."""
    return "dark" if st.context.theme.type == "dark" else "light"


def _spec(chart: charts.Chart) -> dict[str, Any]:
    """The chart as Vega-Lite. Not checked against the schema here: that costs five times the drawing, and the tests of charts do it."""
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec.pop("config", None)  # altair's own sizes; Streamlit's theme draws axes and fonts
    return spec


def panel(
    title: str,
    about: str,
    chart: charts.Chart,
    frame: pd.DataFrame,
    raw: pd.DataFrame,
    name: str,
    *,
    key: str = "",
    on_select: Callable[[], None] | None = None,
    picture: Callable[[], charts.Chart] | None = None,
) -> None:
    """Draw a chart with its table and downloads.

    `frame` is what people read (words and formatted numbers), `raw` what the files hold (full precision); `about` says the takeaway, which
    is the chart's text for those who do not see it. `picture` gives the chart for a PNG on white paper (default: `chart`).
    """
    with st.container(border=True):
        st.markdown(f"**{title}**")
        if about:
            st.caption(about)
        drawn, listed, saved = st.tabs([_("Chart"), _("Table"), _("Download")])
        with drawn:
            if on_select is None:
                st.vega_lite_chart(spec=_spec(chart), alt=f"{title}. {about}", key=key or None)
            else:
                st.vega_lite_chart(spec=_spec(chart), alt=f"{title}. {about}", key=key, on_select=on_select, selection_mode="cell")
        with listed:
            listing(frame, f"{title}. {about}")
        with saved:
            downloads(raw, title, name, picture or (lambda: chart), about)


def listing(frame: pd.DataFrame, alt_text: str) -> None:
    """A table to read: short ones are drawn as they print, long ones scroll."""
    if len(frame) > LONG or frame.shape[1] > 7:
        st.dataframe(frame, hide_index=True, alt=alt_text, height=min(36 * (len(frame) + 1) + 3, 460))
    else:
        st.table(frame, border="horizontal", hide_index=True, alt=alt_text)


def downloads(raw: pd.DataFrame, title: str, name: str, picture: Callable[[], charts.Chart] | None = None, about: str = "") -> None:
    """Buttons for CSV, XLSX and, with a chart, PNG. The files are made when they are asked for."""
    kinds: list[tuple[str, str, str, Callable[[], bytes]]] = [
        ("CSV", "text/csv", ":material/csv:", lambda: tables.to_csv(raw)),
        ("XLSX", XLSX, ":material/table_view:", lambda: tables.to_xlsx(raw, title=title, filters=about)),
    ]
    if picture is not None:
        drawn = picture
        kinds.append(("PNG", "image/png", ":material/image:", lambda: tables.to_png(drawn(), title=title, filters=about)))
    with st.container(horizontal=True):
        for kind, mime, icon, make in kinds:
            file = f"{name}.{kind.lower()}"
            st.download_button(kind, make, file, mime, icon=icon, on_click="ignore", key=f"{kind}_{name}")


def absent(title: str, why: str) -> None:
    """Never an empty chart: the title and the reason."""
    with st.container(border=True):
        st.markdown(f"**{title}**")
        st.caption(why)

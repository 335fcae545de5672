"""A chart's frame: title, what it says in one line, and the tabs chart · table · download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from lib.documents import tables
from lib.i18n import gettext as _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONG = 15  # more rows than this scroll inside their own frame


def theme() -> str:
    """The inks that the reader's theme needs."""
    return "dark" if st.context.theme.type == "dark" else "light"


def panel(
    title: str,
    about: str,
    chart: alt.TopLevelMixin,
    frame: pd.DataFrame,
    raw: pd.DataFrame,
    name: str,
    *,
    key: str = "",
    on_select: Callable[[], None] | None = None,
    picture: Callable[[], alt.TopLevelMixin] | None = None,
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
                st.altair_chart(chart, alt=f"{title}. {about}", key=key or None)  # type: ignore[arg-type]
            else:
                st.altair_chart(chart, alt=f"{title}. {about}", key=key, on_select=on_select)  # type: ignore[arg-type]
        with listed:
            listing(frame, f"{title}. {about}")
        with saved:
            downloads(raw, title, name, picture or (lambda: chart))


def listing(frame: pd.DataFrame, alt_text: str) -> None:
    """A table to read: short ones are drawn as they print, long ones scroll."""
    if len(frame) > LONG or frame.shape[1] > 7:
        st.dataframe(frame, hide_index=True, alt=alt_text, height=min(36 * (len(frame) + 1) + 3, 460))
    else:
        st.table(frame, border="horizontal", hide_index=True, alt=alt_text)


def downloads(raw: pd.DataFrame, title: str, name: str, picture: Callable[[], Any] | None = None) -> None:
    """Buttons for CSV, XLSX and, with a chart, PNG. The files are made when they are asked for."""
    with st.container(horizontal=True):
        st.download_button(
            "CSV", lambda: tables.to_csv(raw), f"{name}.csv", "text/csv", icon=":material/csv:", on_click="ignore", key=f"csv_{name}"
        )
        st.download_button(
            "XLSX",
            lambda: tables.to_xlsx(raw, title),
            f"{name}.xlsx",
            XLSX,
            icon=":material/table_view:",
            on_click="ignore",
            key=f"xlsx_{name}",
        )
        if picture is not None:
            st.download_button(
                "PNG", lambda: tables.to_png(picture()), f"{name}.png", "image/png", icon=":material/image:", on_click="ignore",
                key=f"png_{name}",
            )  # fmt: skip


def absent(title: str, why: str) -> None:
    """Never an empty chart: the title and the reason."""
    with st.container(border=True):
        st.markdown(f"**{title}**")
        st.caption(why)

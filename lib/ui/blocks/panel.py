"""A chart's frame: title, what it says in one line, and the tabs chart · table · download."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st

from lib import charts, i18n
from lib.documents import tables
from lib.i18n import gettext as _

charts.unchecked()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONG = 15  # more rows than this scroll inside their own frame
WIDE = 7  # so do more columns


def theme() -> str:
    """The inks that the reader's theme needs."""
    return "dark" if st.context.theme.type == "dark" else "light"


@dataclass(frozen=True)
class Drawing:
    """A chart ready to be shown, with its table and files. Made once for what is chosen and shared by all readers.

    `about` says the takeaway: it stands under the title and is the chart's text for those who do not see it. `table` is what people read
    (words and formatted numbers), `raw` what the files hold (full precision), `picture` the chart for a white sheet.
    """

    title: str
    about: str
    spec: dict[str, Any]
    table: pd.DataFrame
    raw: pd.DataFrame
    file: str
    picture: Callable[[], charts.Chart]
    width: int | None = None  # pixels; None = as wide as the page. A wider one scrolls inside its frame.


@dataclass(frozen=True)
class Absent:
    """Never an empty chart: the title and the reason."""

    title: str
    why: str


def drawing(
    title: str,
    about: str,
    chart: Callable[..., charts.Chart],
    ink: str,
    table: pd.DataFrame,
    raw: pd.DataFrame,
    file: str,
    width: int | None = None,
) -> Drawing:
    """`chart` makes the chart for a theme ("light" or "dark"); `ink` is the reader's."""
    return Drawing(title, about, charts.specification(chart(theme=ink)), table, raw, file, partial(chart, theme="light"), width)


def panel(shown: Drawing | Absent, *, key: str = "", on_select: Callable[[], None] | None = None) -> None:
    """Draw a chart with its table and downloads, or the reason why there is none."""
    with st.container(border=True):
        st.markdown(f"**{shown.title}**")
        if isinstance(shown, Absent):
            st.caption(shown.why)
            return
        if shown.about:
            st.caption(shown.about)
        drawn, listed, saved = st.tabs([_("Chart"), _("Table"), _("Download")])
        told = f"{shown.title}. {shown.about}"
        with drawn, st.container(horizontal=True, wrap=False):
            wide: int | Literal["stretch"] = shown.width or "stretch"
            if on_select is None:
                st.vega_lite_chart(spec=shown.spec, alt=told, key=key or None, width=wide)
            else:
                st.vega_lite_chart(spec=shown.spec, alt=told, key=key, width=wide, on_select=on_select, selection_mode="cell")
        with listed:
            listing(shown.table, told)
        with saved:
            downloads(shown.raw, shown.title, shown.file, shown.picture, shown.about)


def listing(frame: pd.DataFrame, alt_text: str) -> None:
    """A table to read: short ones are drawn as they print, long ones scroll."""
    if len(frame) > LONG or frame.shape[1] > WIDE:
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
            spoken = partial(_speaking, i18n.language(), make)
            st.download_button(kind, spoken, file, mime, icon=icon, on_click="ignore", key=f"{kind}_{name}")


def _speaking(language: str, make: Callable[[], bytes]) -> bytes:
    """Make a file in the reader's language: it is made after the page was drawn, in another thread."""
    i18n.use(language)
    return make()

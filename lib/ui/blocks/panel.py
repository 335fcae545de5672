"""A chart's frame: title, what it says in one line, and the tabs chart · table · download."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import streamlit as st

from lib import charts, i18n, wording
from lib.charts import Columns
from lib.i18n import gettext as _
from lib.ui import decide
from lib.ui.decide import Seen
from lib.ui.page import View

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
    (words and formatted numbers), `raw` what the files hold (column → cells, in full precision), `picture` the chart for a white sheet.
    `figures` are those that can be decided upon.
    """

    title: str
    about: str
    spec: dict[str, Any]
    table: pa.Table
    raw: Columns
    file: str
    picture: Callable[[], charts.Chart]
    width: int | None = None  # pixels; None = as wide as the page. A wider one scrolls inside its frame.
    figures: tuple[Seen, ...] = ()


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
    table: Columns,
    raw: Columns,
    file: str,
    width: int | None = None,
    figures: Sequence[Seen] = (),
) -> Drawing:
    """`chart` makes the chart for a theme ("light" or "dark"); `ink` is the reader's."""
    picture = partial(chart, theme="light")
    return Drawing(title, about, chart(theme=ink).for_page(), to_read(table), raw, file, picture, width, tuple(figures))


def to_read(columns: Columns) -> pa.Table:
    """A table of texts as Streamlit draws it quickest: it would make Arrow of a pandas frame at every rerun."""
    return pa.table({title: pa.array(cells, pa.string()) for title, cells in columns.items()})


def panel(shown: Drawing | Absent, *, view: View | None = None, key: str = "", on_select: Callable[[], None] | None = None) -> None:
    """Draw a chart with its table and downloads, or the reason why there is none. With `view` its figures can be decided upon."""
    with st.container(border=True):
        if view is not None and isinstance(shown, Drawing) and shown.figures:
            with st.container(horizontal=True, vertical_alignment="center", wrap=False):
                st.markdown(f"**{wording.plain(shown.title)}**", width="stretch")
                decide.button(view, shown.figures, shown.file)
        else:
            st.markdown(f"**{wording.plain(shown.title)}**")
        if isinstance(shown, Absent):
            st.caption(wording.plain(shown.why))
            return
        if shown.about:
            st.caption(wording.plain(shown.about))
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


def listing(table: pa.Table, alt_text: str) -> None:
    """A table to read: short ones are drawn as they print, long ones scroll."""
    if table.num_rows > LONG or table.num_columns > WIDE:
        st.dataframe(table, hide_index=True, alt=alt_text, height=min(36 * (table.num_rows + 1) + 3, 460))
    else:
        st.table(as_typed(table), border="horizontal", hide_index=True, alt=alt_text)


def as_typed(table: pa.Table) -> pa.Table:
    """The table for st.table, which reads Markdown in titles and cells: every text stays what it is."""
    cells = {wording.plain(name): [wording.plain(text or "") for text in table[name].to_pylist()] for name in table.column_names}
    return to_read(cells)


def downloads(
    raw: pd.DataFrame | Columns, title: str, name: str, picture: Callable[[], charts.Chart] | None = None, about: str = ""
) -> None:
    """Buttons for CSV, XLSX and, with a chart, PNG. The files are made when they are asked for."""
    kinds: list[tuple[str, str, str, Callable[[], bytes]]] = [
        ("CSV", "text/csv", ":material/csv:", lambda: _tables().to_csv(pd.DataFrame(raw))),
        ("XLSX", XLSX, ":material/table_view:", lambda: _tables().to_xlsx(pd.DataFrame(raw), title=title, filters=about)),
    ]
    if picture is not None:
        drawn = picture
        kinds.append(("PNG", "image/png", ":material/image:", lambda: _tables().to_png(drawn(), title=title, filters=about)))
    with st.container(horizontal=True):
        for kind, mime, icon, make in kinds:
            file = f"{name}.{kind.lower()}"
            spoken = partial(_speaking, i18n.language(), make)
            st.download_button(kind, spoken, file, mime, icon=icon, on_click="ignore", key=f"{kind}_{name}")


def _tables() -> ModuleType:
    """Imported with the first file that is asked for: the first page of a start does not wait for it."""
    from lib.documents import tables

    return tables


def _speaking(language: str, make: Callable[[], bytes]) -> bytes:
    """Make a file in the reader's language: it is made after the page was drawn, in another thread."""
    i18n.use(language)
    return make()

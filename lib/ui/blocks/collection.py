"""Collection: what has come, from whom, what is late, and what is wrong in which cell."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from functools import partial

import pandas as pd
import streamlit as st

from lib import charts, i18n, wording
from lib.charts import Columns
from lib.i18n import gettext as _
from lib.model.cell import link_to
from lib.model.indicator import Verdict
from lib.office.places import PART
from lib.ui import data, decide, freshness, state
from lib.ui.blocks.panel import Absent, Drawing, downloads, drawing, panel, theme
from lib.ui.page import View
from lib.ui.sources import StaleSource, stale_sources

ALL = ""
PAGE = 25  # issues on one page of the table
BRIEF = 8
COMPLETE, NEARLY = 100.0, 90.0
COMPLETENESS = "Q.01"
_WEIGHT = {"error": 0, "warning": 1, "note": 2}


# --- rows of the chosen year and period ------------------------------------------------------------------------------------


def _expected(view: View) -> pd.DataFrame:
    """Completeness of the chosen period and of what lies inside it, of what was due by the snapshot's day or has been begun."""
    return data.expected_rows(view.snapshot, view.loaded, view.chosen.school_year, view.chosen.period)


def _person(view: View, teacher: str) -> str:
    return view.roll.people.get((view.chosen.school_year, teacher), teacher) if teacher else _("not named")


def _issues(view: View) -> pd.DataFrame:
    """The issues of the chosen school year, and those of files that belong to no year."""
    found = data.issues(view.snapshot)
    return found[found["school_year"].isin(["", view.chosen.school_year])]


def _owners(view: View) -> dict[tuple[str, str], str]:
    """(workbook, tab) → code of the responsible person."""
    sheets = data.sheets(view.snapshot)
    return dict(zip(zip(sheets["workbook"], sheets["tab"], strict=True), sheets["responsible"], strict=True))


def _short(view: View, workbook: str) -> str:
    """The workbook's path without the folder of the chosen school year."""
    return workbook.removeprefix(f"{view.chosen.school_year}/")


def _share(filled: float, required: float) -> float | None:
    return 100.0 * filled / required if required else None


def _verdict(share: float | None) -> Verdict:
    if share is None:
        return Verdict.NONE
    return Verdict.REACHED if share >= COMPLETE - 1e-9 else Verdict.NEAR if share >= NEARLY else Verdict.MISSED


def _filled_word(share: float | None) -> str:
    words = {
        Verdict.REACHED: _("complete"),
        Verdict.NEAR: _("nearly complete"),
        Verdict.MISSED: _("much is missing"),
        Verdict.NONE: _("nothing due"),
    }
    return wording.badge(_verdict(share), words[_verdict(share)])


# --- blocks --------------------------------------------------------------------------------------------------------------


def completion_brief(view: View, link: bool = True) -> None:
    """Filled, late and wrong in one row; with `link`, under a heading and with the way to the page of collection."""
    rows, found = _expected(view), _issues(view)
    share = _share(rows["filled"].sum(), rows["required"].sum())
    late = _late(view, rows)
    errors = int((found["severity"] == "error").sum())
    if link:
        st.subheader(_("Collection of data"), anchor=False)
    with st.container(border=True):
        with st.grid(4, min_column_width=150):
            st.metric(_("Filled"), i18n.percent(share) if share is not None else "–")
            st.metric(_("Tabs expected"), i18n.number(_tabs(rows), 0))
            st.metric(_("Tabs late"), i18n.number(_tabs(late), 0))
            st.metric(_("Cells with errors"), i18n.number(errors, 0))
        if not late.empty:
            forms = late.groupby("form", observed=True).size().sort_values(ascending=False).head(BRIEF).index
            st.caption(f"{_('Late')}: {', '.join(wording.form(view.loaded, form) for form in forms)}")
        if link:
            st.page_link(state.page_file("collection"), label=_("Who has to fill what"), icon=":material/arrow_forward:")


def completion(view: View) -> None:
    """The matrix of completeness: classes (and the whole school) × forms."""
    ink = theme()
    panel(view.kept(f"completion {ink}", lambda: _completion(view, ink)), view=view)
    forms = sorted({*_expected(view)["form"]}, key=list(view.loaded.forms).index)
    st.caption(" · ".join(wording.form(view.loaded, form) for form in forms))


def _completion(view: View, ink: str) -> Drawing | Absent:
    rows = _expected(view)
    rows = rows[rows["required"] > 0]
    title = _("Completeness by class and form")
    if rows.empty:
        return Absent(title, _("Nothing was due in this period"))
    whole = _("School")
    place = rows["school_class"].where(rows["school_class"] != "", whole)
    sums = rows.assign(place=place).groupby(["place", "form"], observed=True)[["filled", "required"]].sum().reset_index()
    known = list(view.loaded.forms)
    places = [*(p for p in sorted(set(sums["place"]) - {whole}, key=i18n.class_key)), *([whole] if whole in set(sums["place"]) else [])]
    forms = sorted(set(sums["form"]), key=lambda f: known.index(f) if f in known else 99)
    share = sums["filled"] / sums["required"] * 100
    drawn: Columns = {
        "row": sums["place"].tolist(), "column": sums["form"].tolist(), "value": share.tolist(),
        "n": (sums["required"] - sums["filled"]).tolist(),
        "label": [i18n.number(v, 0) for v in share],
        "verdict": [_verdict(v).value for v in share],
        "distance": ((share - COMPLETE) / (COMPLETE - NEARLY)).tolist(),
        "n_label": [""] * len(sums),
        "tooltip": [f"{p} · {wording.form(view.loaded, f)}: {i18n.percent(v)}, {_('empty cells')}: {i18n.number(r - d, 0)}"
                    for p, f, v, r, d in zip(sums["place"], sums["form"], share, sums["required"], sums["filled"], strict=True)],
    }  # fmt: skip
    written = {(p, f): i18n.percent(v, 0) for p, f, v in zip(sums["place"], sums["form"], share, strict=True)}
    table = {_("Class"): places, **{form: [written.get((place, form), "") for place in places] for form in forms}}
    titles = {"place": _("Class"), "form": _("Form"), "filled": _("Filled cells"), "required": _("Required cells")}
    raw = {title: sums[name].tolist() for name, title in titles.items()}
    about = " · ".join([wording.at_time(view.chosen.school_year, view.chosen.period), _("filled, % of required cells")])
    file = f"completeness_{view.chosen.school_year}_{view.chosen.period}"
    chart = partial(charts.matrix, drawn, places, forms)
    return drawing(title, about, chart, ink, table, raw, file, figures=_to_decide(view, [p for p in places if p != whole], forms))


def _to_decide(view: View, classes: list[str], forms: list[str]) -> list[decide.Seen]:
    """The completeness of the school, and of each form of each class, as figures to decide upon."""
    if not view.has(COMPLETENESS):
        return []
    indicator, year, period = view.indicator(COMPLETENESS), view.chosen.school_year, view.chosen.period
    values = data.values(view.snapshot, {COMPLETENESS}, loaded=view.loaded)
    scopes: list[dict[str, str]] = [{}, *({"school_class": name, PART: form} for name in classes for form in forms)]
    return [
        one for scope in scopes for one in decide.seen(
            indicator, values.at(COMPLETENESS, year, period, {n: v for n, v in scope.items() if n != PART}, scope.get(PART, "")), year,
            period, scope,
        )
    ]  # fmt: skip


def workbooks(view: View) -> str:
    """Workbooks with their responsible people: filled, late, wrong. Gives the person chosen in its filter ("" = all)."""
    rows = _expected(view)
    found = _issues(view)
    owners = _owners(view)
    people = sorted({t for t in [*rows["teacher"], *owners.values()] if t}, key=lambda t: i18n.ky_key(_person(view, t)))
    chosen = st.selectbox(
        _("Responsible"), [ALL, *people], key="responsible", width=320, filter_mode="contains",
        format_func=lambda t: _person(view, t) if t else _("All"),
    )  # fmt: skip
    if chosen:
        rows = rows[rows["teacher"] == chosen]
        found = found[[owners.get(place) == chosen for place in zip(found["workbook"], found["tab"], strict=True)]]
    late = _late(view, rows)
    stale = {source.workbook: source for source in stale_sources(view.snapshot)}
    met = set(data.sheets(view.snapshot)["workbook"])
    told = []
    names = sorted({*rows["workbook"], *found["workbook"]} - {""}, key=lambda name: (name not in stale, i18n.ky_key(name)))
    for name in [*names, *([""] if (rows["workbook"] == "").any() else [])]:
        own = rows[rows["workbook"] == name]
        wrong = found[found["workbook"] == name] if name else found.iloc[:0]
        share = _share(own["filled"].sum(), own["required"].sum())
        persons = sorted({_person(view, t) for t in own["teacher"] if t}, key=i18n.ky_key)
        told.append(
            {
                _("Workbook"): _short(view, name) if name else _("not created yet"),
                _("Freshness"): _fresh_word(name, stale, met),
                _("Responsible"): ", ".join(persons[:3]) + (f" +{len(persons) - 3}" if len(persons) > 3 else "") if persons else "–",
                _("Tabs"): str(_tabs(own)),
                _("Filled"): i18n.percent(share, 0) if share is not None else "–",
                _("Status"): _filled_word(share),
                _("Tabs late"): str(_tabs(late[late["workbook"] == name])),
                _("Errors"): str(int((wrong["severity"] == "error").sum())),
                _("Warnings"): str(int((wrong["severity"] == "warning").sum())),
            }
        )
    st.subheader(_("Workbooks"), anchor=False)
    if not told:
        st.caption(_("Nothing was due in this period"))
        return str(chosen)
    told.sort(key=lambda row: (row[_("Freshness")][0] not in "●▼", row[_("Tabs late")] == "0" and row[_("Errors")] == "0"))
    frame = pd.DataFrame(told)
    plain = frame.assign(**{_("Status"): [text.split("[", 1)[1].rstrip("]") for text in frame[_("Status")]]})
    if all(text[0] in "▲–" for text in plain[_("Freshness")]):
        plain = plain.drop(columns=_("Freshness"))  # nothing to tell
    with st.container(border=True):
        listed, saved = st.tabs([_("Table"), _("Download")])
        with listed:
            st.dataframe(plain, hide_index=True, height=min(36 * (len(plain) + 1) + 3, 430), alt=_("Workbooks"))
        with saved:
            downloads(plain, _("Workbooks"), f"workbooks_{view.chosen.school_year}_{view.chosen.period}")
        freshness.one_workbook(names, lambda name: _short(view, name))
    return str(chosen)


def _fresh_word(workbook: str, stale: Mapping[str, StaleSource], met: Collection[str]) -> str:
    """Whether the figures are as the workbook is; since when they are not."""
    if not workbook:
        return "–"
    if workbook in stale:
        return _("● stale, {moment}", moment=i18n.moment(stale[workbook].since))
    return _("▲ fresh") if workbook in met else _("▼ not read")


def _tabs(rows: pd.DataFrame) -> int:
    return len(rows[["form", "school_class", "subject", "method_association", "workbook", "tab"]].drop_duplicates())


def _late(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose day has passed and whose required cells are not all there."""
    if rows.empty:
        return rows
    passed = [isinstance(day, dt.date) and day < view.snapshot.as_of for day in rows["due"]]
    return rows[pd.Series(passed, index=rows.index) & (rows["filled"] < rows["required"])]


# --- issues --------------------------------------------------------------------------------------------------------------


def issue_table(view: View, responsible: str = "") -> None:
    """Every issue with its cell, what was seen, what is expected and how to mend it; by severity, and for one person when chosen."""
    st.subheader(_("What to mend"), anchor=False)
    found = _issues(view)
    if responsible:
        owners = _owners(view)
        found = found[[owners.get(place) == responsible for place in zip(found["workbook"], found["tab"], strict=True)]]
    _listed(view, found, "issues", responsible)


def issues_of_direction(view: View) -> None:
    """The issues of the forms that feed this direction, for the chosen class and subject."""
    assert view.direction is not None
    forms = {source.form for indicator in view.indicators for source in indicator.sources}
    found = _issues(view)
    found = found[found["form"].isin(forms)]
    chosen = view.chosen
    if chosen.place[0] != "school":
        names = (chosen.school_class,) if chosen.school_class else view.classes
        found = found[found["school_class"].isin(["", *names])]
    if chosen.subject:
        found = found[found["subject"].isin(["", chosen.subject])]
    counted = found["severity"].value_counts()
    title = _("Issues of the forms of this direction")
    told = ", ".join(f"{wording.severity(name)}: {counted[name]}" for name in _WEIGHT if name in counted)
    expander = st.expander(f"{title} · {told or _('none')}", icon=":material/rule:", on_change="rerun", key="direction_issues")
    if expander.open:
        with expander:
            _listed(view, found, "direction_issues", "")


def _listed(view: View, found: pd.DataFrame, name: str, responsible: str) -> None:
    if found.empty:
        st.markdown(f":green[▲] {_('Nothing to mend here.')}")
        return
    number = pd.to_numeric(found["cell"].str.extract(r"(\d+)", expand=False), errors="coerce")
    found = found.assign(weight=found["severity"].map(_WEIGHT).fillna(9), number=number)
    found = found.sort_values(["weight", "workbook", "tab", "number", "cell"], kind="stable")
    severities = [s for s in _WEIGHT if (found["severity"] == s).any()]
    counts = found["severity"].value_counts()
    picked = st.pills(
        _("Severity"), severities, selection_mode="multi", key=f"{name}_severity",
        format_func=lambda s: f"{wording.severity(s)} · {counts[s]}",
    )  # fmt: skip
    kept = found[found["severity"].isin(picked)] if picked else found
    pages = max(1, -(-len(kept) // PAGE))
    page = st.pagination(pages, key=f"{name}_page_{pages}") if pages > 1 else 1
    listed = _to_read(view, _worded(view, kept.iloc[(page - 1) * PAGE : page * PAGE]), kept.iloc[(page - 1) * PAGE : page * PAGE])
    st.table(listed, border="horizontal", hide_index=True, alt=_("What to mend"))
    if st.toggle(_("Prepare files with all {n} rows", n=len(kept)), key=f"{name}_files"):
        downloads(_worded(view, kept), _("What to mend"), f"{name}_{view.chosen.school_year}_{responsible}".rstrip("_"))


def _worded(view: View, found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for row in found.to_dict("records"):
        seen, expected, mend = view.loaded.issue_words(row["code"], json.loads(row["slots"] or "{}"), row["form"], i18n.language())
        rows.append(
            {
                _("Severity"): wording.severity(row["severity"]),
                _("Workbook"): _short(view, row["workbook"]), _("Tab"): row["tab"], _("Cell"): row["cell"],
                _("Seen"): seen, _("Expected"): expected, _("How to mend"): mend,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _to_read(view: View, worded: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The table as Markdown: what people typed stays as it is, and the cell's address opens that very cell where the store can."""
    links = data.links(view.snapshot)
    places = zip(found["workbook"], found["tab"], found["cell"], strict=True)
    opening = [wording.link(cell, link_to(links.get((workbook, tab), ""), cell)) for workbook, tab, cell in places]
    return worded.map(wording.plain).assign(**{_("Cell"): opening})

"""Dynamics and comparison, the two basic instruments of regulation 2.11, and the charts that belong to marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lib import analysis, charts, i18n, wording
from lib.analysis import Figure
from lib.charts import Columns
from lib.i18n import gettext as _
from lib.model.indicator import Indicator, Verdict
from lib.office.places import PART
from lib.ui import data, decide, filters
from lib.ui.blocks.panel import Absent, Drawing, drawing, panel, theme
from lib.ui.decide import Seen
from lib.ui.page import View

# A matrix of more columns than this keeps CELL pixels a column and scrolls on a phone.
FITTING, CELL, ROW_NAMES = 10, 26, 52
SCATTER_POINTS = 60
AXIS_LETTERS = 32
# What a distribution of marks shows at its two ends: the share of 4 and 5, and of what is no 2 and not unattested.
OF_MARKS = ("D1.02", "D1.01")
OF_PAIRS = "D1.06"  # own marks that external ones confirm


def _name(view: View, kind: str, code: str) -> str:
    """A file name without names of people: kind, code, year, period, class."""
    chosen = view.chosen
    parts = [kind, code, chosen.school_year, chosen.period, chosen.place[1], chosen.topic[1]]
    return "_".join(part for part in parts if part).replace(" ", "-")


def _show(view: View, kind: str, code: str, make: Callable[[View, Indicator, str], Drawing | Absent]) -> None:
    """Draw what `make` gives for the view, the indicator and the reader's theme; made once for what is chosen."""
    if not view.has(code):
        return
    ink = theme()
    panel(view.kept(f"{kind} {code} {ink}", lambda: make(view, view.indicator(code), ink)), view=view)


# --- dynamics ------------------------------------------------------------------------------------------------------------


def dynamics(view: View, code: str) -> None:
    """The figure over its periods, with its target and a band for uncertainty."""
    _show(view, "dynamics", code, _dynamics)


def _dynamics(view: View, indicator: Indicator, ink: str) -> Drawing | Absent:
    scope = view.scope(indicator)
    series = view.history(indicator)
    title = _("Dynamics: {name}", name=wording.titled(indicator))
    where = wording.scope(view.loaded, scope)
    if series["value"].notna().sum() == 0:
        return Absent(title, view.reason(indicator))
    periods = list(zip(series["school_year"], series["period"], strict=True))
    drawn = {
        "period_label": [f"{wording.short_period(p)}\n{y[2:4]}–{y[7:9]}" if p != "Y" else wording.school_year(y) for y, p in periods],
        **{name: series[name].tolist() for name in ("order", "value", "low", "high")},
        "label": [_bare(indicator, v) for v in series["value"]],
        "tooltip": [_hint(indicator, y, p, v, lo, hi, n) for y, p, v, lo, hi, n in
                    zip(*(series[name].tolist() for name in ("school_year", "period", "value", "low", "high", "n")), strict=True)],
    }  # fmt: skip
    shown = series.dropna(subset=["value"])
    about = [where]
    if len(shown) > 1:
        first, last = shown.iloc[0], shown.iloc[-1]
        about.append(
            _(
                "from {first} ({since}) to {last} ({until})",
                first=wording.number(indicator, first["value"]), since=wording.at_time(first["school_year"], first["period"]),
                last=wording.number(indicator, last["value"]), until=wording.at_time(last["school_year"], last["period"]),
            )
        )  # fmt: skip
    if series["low"].notna().any():
        about.append(_("band: 95% interval"))
    chart = partial(charts.history, drawn, indicator.target, unit_title=_axis(indicator), target_label=wording.target(indicator))
    raw = {str(name): series[name].tolist() for name in series.columns if name != "order"}
    file = _name(view, "dynamics", indicator.code)
    return drawing(
        title, " · ".join(about), chart, ink, _series_table(indicator, series), raw, file, figures=decide.of_view(view, indicator)
    )  # fmt: skip


def _series_table(indicator: Indicator, series: pd.DataFrame) -> Columns:
    return {
        _("Period"): [wording.at_time(y, p) for y, p in zip(series["school_year"], series["period"], strict=True)],
        _("Value"): [wording.number(indicator, v) for v in series["value"]],
        _("95% interval"): [_interval(indicator, lo, hi) for lo, hi in zip(series["low"], series["high"], strict=True)],
        "n": [i18n.number(v, 0) for v in series["n"]],
    }


# --- comparison: classes × subjects ---------------------------------------------------------------------------------------


def matrix(view: View, code: str) -> None:
    """Classes × subjects: value and n in each cell, colour by the distance from the target; a click narrows the page."""
    if not view.has(code):
        return
    ink = theme()
    key = f"matrix_{code}"
    words = {wording.subject(view.loaded, subject): subject for subject in view.roll.subjects.get(view.chosen.school_year, ())}
    shown = view.kept(f"matrix {code} {ink}", lambda: _matrix(view, view.indicator(code), ink))
    panel(shown, view=view, key=key, on_select=partial(_narrow_to_cell, key, words))


def _matrix(view: View, indicator: Indicator, ink: str) -> Drawing | Absent:
    code = indicator.code
    title = _("Classes and subjects: {name}", name=wording.titled(indicator))
    year, period = view.chosen.school_year, view.period(indicator, {})
    rows = [name for name in view.classes if not view.chosen.school_class or name == view.chosen.school_class]
    association = view.chosen.method_association
    columns = [
        s for s in view.roll.subjects.get(year, ())
        if (not view.chosen.subject or s == view.chosen.subject)
        and (not association or s not in view.loaded.subjects or view.loaded.subjects[s].association == association)
    ]  # fmt: skip
    cells = []
    for row in rows:
        for column in columns:
            figure = view.values.at(code, year, period, {"school_class": row, "subject": column})
            if figure is not None and (figure.value is not None or figure.denominator):
                cells.append((row, column, figure))
    used = {column for _r, column, _f in cells}
    if not any(figure.value is not None for _r, _c, figure in cells):
        return Absent(title, view.reason(indicator))
    columns = [column for column in columns if column in used]
    rows = [row for row in rows if any(r == row for r, _c, _f in cells)]
    words = {column: wording.subject(view.loaded, column) for column in columns}
    told = [
        (r, words[c], f.value, f.denominator, _bare(indicator, f.value, short=True), analysis.verdict(indicator, f.value).value,
         analysis.distance(indicator, f.value), f"{r} · {words[c]}: {wording.number(indicator, f.value)}, {wording.n(f)}")
        for r, c, f in cells
    ]  # fmt: skip
    drawn = _columns(told, "row", "column", "value", "n", "label", "verdict", "distance", "tooltip")
    far = sum(analysis.verdict(indicator, f.value) is Verdict.MISSED for _r, _c, f in cells)
    about = " · ".join(
        text for text in (
            wording.at_time(year, period), wording.target(indicator), _("cells with target missed: {n}", n=far),
            _("colour: distance from target; a click on a cell narrows the page"),
        ) if text
    )  # fmt: skip
    order = [words[column] for column in columns]
    written = {(r, c): wording.number(indicator, f.value) for r, c, f in cells}
    table = {_("Class"): rows, **{words[column]: [written.get((row, column), "") for row in rows] for column in columns}}
    raw = _columns([(r, words[c], f.value, f.numerator, f.denominator) for r, c, f in cells],
                   _("Class"), _("Subject"), _("Value"), _("Numerator"), _("Denominator"))  # fmt: skip
    width = ROW_NAMES + CELL * len(order) if len(order) > FITTING else None
    figures = [one for r, c, f in cells for one in decide.seen(indicator, f, year, period, {"school_class": r, "subject": c})]
    chart = partial(charts.matrix, drawn, rows, order)
    return drawing(title, about, chart, ink, table, raw, _name(view, "matrix", code), width, figures)


def _narrow_to_cell(key: str, subjects: dict[str, str]) -> None:
    """A click on a cell sets the filters of class and subject."""
    picked = st.session_state[key].selection.get("cell", [])
    if picked:
        filters.narrow(
            stage="", grade="", school_class=picked[0]["row"], subject=subjects.get(picked[0]["column"], ""), method_association=""
        )


# --- comparison: groups beside each other ---------------------------------------------------------------------------------


def ranked(view: View, code: str, by: str = "school_class") -> None:
    """Groups beside each other with their 95 % intervals, the best first (small groups drawn towards the school's mean)."""
    _show(view, f"ranked {by}", code, partial(_ranked, by))


def _ranked(by: str, view: View, indicator: Indicator, ink: str) -> Drawing | Absent:
    by = _possible(indicator, by)
    title = _("Comparison: {name}", name=wording.titled(indicator))
    rows = _groups(view, indicator, by)
    if sum(figure.value is not None for _g, figure in rows) < 2:
        return Absent(title, _few(view, indicator, by, rows))
    period = view.period(indicator, {})
    frame = pd.DataFrame(
        [{by: g, "value": f.value, "numerator": f.numerator, "denominator": f.denominator, "status": f.status} for g, f in rows]
    )
    order = i18n.class_key if by == "school_class" else i18n.ky_key
    whole = view.figure(indicator, {}, period)
    found = analysis.ranked(frame, indicator, by, view.loaded.thresholds.shrinkage_m, whole, order).dropna(subset=["value"])
    names = [wording.member(view.loaded, by, group) for group in found["group"]]
    got = {str(name): found[name].tolist() for name in ("value", "low", "high", "n", "verdict", "differs")}
    drawn = {
        "group": names,
        **{name: got[name] for name in ("value", "low", "high", "verdict")},
        "label": [f"{wording.number(indicator, v)}  n={i18n.number(n, 0)}" for v, n in zip(got["value"], got["n"], strict=True)],
        "tooltip": [_hint_group(indicator, g, v, lo, hi, n) for g, v, lo, hi, n in
                    zip(names, got["value"], got["low"], got["high"], got["n"], strict=True)],
    }  # fmt: skip
    about = [wording.dimension(by), wording.at_time(view.chosen.school_year, period), wording.target(indicator)]
    if found["low"].notna().any():
        about.append(_("rule: 95% interval"))
    missing = [wording.member(view.loaded, by, g) for g, f in rows if f.value is None and f.status == "not_collected"]
    if missing:
        about.append(_("without data: {names}", names=", ".join(missing[:12]) + (" …" if len(missing) > 12 else "")))
    chart = partial(charts.ranked, drawn, indicator.target, names, unit_title=_axis(indicator), target_label=wording.target(indicator))
    table = {
        wording.dimension(by): names,
        _("Value"): [wording.number(indicator, v) for v in got["value"]],
        _("95% interval"): [_interval(indicator, lo, hi) for lo, hi in zip(got["low"], got["high"], strict=True)],
        "n": [i18n.number(v, 0) for v in got["n"]],
        _("Status"): [f"{wording.SYMBOLS[Verdict(v)]} {wording.verdict(Verdict(v))}" for v in got["verdict"]],
        _("Differs from the others"): [_differs(v) for v in got["differs"]],
    }
    raw = {**{name: got[name] for name in ("value", "low", "high", "n", "verdict")}, wording.dimension(by): names}
    file = _name(view, f"comparison-{by}", indicator.code)
    told = " · ".join(text for text in about if text)
    return drawing(title, told, chart, ink, table, raw, file, figures=_to_decide(view, indicator, by, rows, period))


def bars(view: View, code: str, by: str = "school_class") -> None:
    """Groups beside each other as bars from 0: for counts and means, which have no interval."""
    _show(view, f"bars {by}", code, partial(_grouped, by))


def _grouped(by: str, view: View, indicator: Indicator, ink: str) -> Drawing | Absent:
    by = _possible(indicator, by)
    rows = _groups(view, indicator, by)
    told = [(wording.member(view.loaded, by, g), f) for g, f in rows if f.value is not None]
    title = _("Comparison: {name}", name=wording.titled(indicator))
    if len(told) < 2:
        return Absent(title, _few(view, indicator, by, rows))
    period = view.period(indicator, {})
    return _bars(view, indicator, ink, title, wording.dimension(by), told, period, _to_decide(view, indicator, by, rows, period))


def parts(view: View, code: str) -> None:
    """The members of an indicator's breakdown beside each other: kinds, levels, respondents."""
    _show(view, "parts", code, _parts)


def _parts(view: View, indicator: Indicator, ink: str) -> Drawing | Absent:
    code = indicator.code
    title = _("Composition: {name}", name=wording.titled(indicator))
    scope = view.scope(indicator)
    period = view.period(indicator, scope)
    told, chosen = [], []
    for name in wording.in_order_of_form(view.loaded, indicator, view.values.parts(code)):
        figure = view.values.at(code, view.chosen.school_year, period, scope, name)
        if figure is not None and figure.value is not None:
            told.append((wording.part(view.loaded, indicator, name), figure))
            chosen += decide.seen(indicator, figure, view.chosen.school_year, period, {**scope, PART: name})
    if not told:
        return Absent(title, view.reason(indicator))
    return _bars(view, indicator, ink, title, _("Part"), told, period, chosen)


def _bars(
    view: View, indicator: Indicator, ink: str, title: str, heading: str, told: list[tuple[str, Figure]], period: str, chosen: list[Seen]
) -> Drawing:  # fmt: skip
    names, figures = [name for name, _f in told], [figure for _g, figure in told]
    values = [wording.number(indicator, f.value) for f in figures]
    drawn: Columns = {
        "group": names,
        "value": [f.value for f in figures],
        "label": [f"{v}  {wording.n(f)}" if indicator.roll_up != "count" else v for v, f in zip(values, figures, strict=True)],
    }
    table = {heading: names, _("Value"): values, "n": [i18n.number(f.denominator, 0) for f in figures]}
    raw = _columns([(g, f.value, f.numerator, f.denominator) for g, f in told], heading, _("Value"), _("Numerator"), _("Denominator"))
    chart = partial(charts.bars, drawn, names, unit_title=_axis(indicator))
    about = f"{heading} · {wording.at_time(view.chosen.school_year, period)}"
    return drawing(title, about, chart, ink, table, raw, _name(view, "bars", f"{indicator.code}-{heading}"), figures=chosen)


def _possible(indicator: Indicator, by: str) -> str:
    """`by` when the indicator is computed for it, else its nearest coarser dimension."""
    nearest = (by, "school_class", "grade", "stage", "subject", "method_association")
    return next((name for name in nearest if name in indicator.by), by)


def _groups(view: View, indicator: Indicator, by: str) -> list[tuple[str, Figure]]:
    """The members of a dimension within what is chosen, with their figures, in the school's order."""
    chosen, year = view.chosen, view.chosen.school_year
    scope = _beside(view, indicator, by)
    members: Iterable[str]
    if by == "school_class":
        members = view.classes
    elif by == "grade":
        members = [g for g in view.roll.grades(year) if g and (not chosen.stage or view.loaded.stage_of(year, int(g)) == chosen.stage)]
    elif by == "stage":
        members = view.loaded.stages
    elif by == "subject":
        members = view.roll.subjects.get(year, ())
        if chosen.method_association:
            members = [s for s in members if s in view.loaded.subjects and view.loaded.subjects[s].association == chosen.method_association]
    else:
        members = view.loaded.associations
    found = []
    period = view.period(indicator, {})
    for member in members:
        figure = view.values.at(indicator.code, year, period, {**scope, by: member})
        if figure is not None and figure.status != "not_applicable":
            found.append((member, figure))
    return found


def _to_decide(view: View, indicator: Indicator, by: str, rows: list[tuple[str, Figure]], period: str) -> list[Seen]:
    """The groups' figures, to decide upon."""
    scope = _beside(view, indicator, by)
    return [
        one for group, figure in rows
        for one in decide.seen(indicator, figure, view.chosen.school_year, period, {**scope, by: group})
    ]  # fmt: skip


def _beside(view: View, indicator: Indicator, by: str) -> dict[str, str]:
    """What is chosen besides the dimension that names the groups."""
    if by in ("subject", "method_association"):
        return {name: value for name, value in view.scope(indicator).items() if name not in ("subject", "method_association")}
    topic, what = view.chosen.topic
    return {topic: what} if topic and topic in indicator.by else {}


def _few(view: View, indicator: Indicator, by: str, rows: list[tuple[str, Figure]]) -> str:
    """Why there is nothing to compare."""
    told = [(wording.member(view.loaded, by, group), figure) for group, figure in rows if figure.value is not None]
    if len(told) == 1:
        return _("Only one group has data: {name}, {value}", name=told[0][0], value=wording.number(indicator, told[0][1].value))
    if by not in indicator.by:
        return _("This figure is kept for the whole school only")
    return view.reason(indicator)


# --- marks ---------------------------------------------------------------------------------------------------------------


def distribution(view: View) -> None:
    """How marks are spread, from 5 to unattested, by class or grade."""
    ink = theme()
    panel(view.kept(f"distribution {ink}", lambda: _distribution(view, ink)), view=view)


def _distribution(view: View, ink: str) -> Drawing | Absent:
    chosen, year = view.chosen, view.chosen.school_year
    title = _("How marks are spread")
    counts = data.mark_counts(view.snapshot, view.loaded)
    period = chosen.period
    kept = counts[(counts["school_year"] == year) & (counts["period"] == period)]
    topic, what = chosen.topic
    if topic:
        kept = kept[kept[topic] == what]
    by = "school_class" if chosen.grade or chosen.school_class or len(view.classes) <= 14 else "grade"
    kept = kept[kept["school_class"].isin(view.classes)]
    unattested, released = view.loaded.choices["unattested"][0], view.loaded.choices["released"][0]
    kept = kept[kept["state"] != released]
    if kept.empty:
        return Absent(title, view.reason(view.indicator("D1.01")) if view.has("D1.01") else wording.status(""))
    sums = kept.groupby([by, "state"], observed=True)["n"].sum().unstack(fill_value=0)
    order = sorted(sums.index, key=i18n.class_key)
    marks = [m for m in ("5", "4", "3", "2", unattested) if m in sums.columns]
    sums = sums.loc[order, marks]
    shares = sums.div(sums.sum(axis=1), axis=0) * 100
    say = {m: (_("unattested") if m == unattested else m) for m in marks}
    rows = []
    for group, of_group, parts_of in zip(order, sums.to_numpy(), shares.to_numpy(), strict=True):
        name = wording.member(view.loaded, by, group)
        for mark, count, share in zip(marks, of_group.tolist(), parts_of.tolist(), strict=True):
            hint = f"{name} · {say[mark]}: {i18n.number(count, 0)}, {i18n.percent(share)}"
            if count:
                rows.append((name, say[mark], share, i18n.percent(share, 0), hint))
    drawn = _columns(rows, "group", "mark", "share", "label", "tooltip")
    groups = [wording.member(view.loaded, by, g) for g in order]
    raw = {wording.dimension(by): groups, **{say[mark]: sums[mark].tolist() for mark in marks}}
    table = {title: cells if cells is groups else [i18n.number(float(n), 0) for n in cells] for title, cells in raw.items()}
    total = int(sums.to_numpy().sum())
    about = " · ".join([wording.at_time(year, period), wording.member(view.loaded, topic, what) if topic else _("all subjects"),
                        _("{n} marks", n=i18n.number(total, 0))])  # fmt: skip
    chart = partial(charts.stacked_marks, drawn, groups, unit_title=_("share of marks, %"), mark_order=[say[m] for m in marks])
    place = {topic: what} if topic else {}
    figures = [
        one for code in OF_MARKS if view.has(code) for group in order
        for one in decide.seen(
            view.indicator(code), view.values.at(code, year, period, {**place, by: group}), year, period, {**place, by: group}
        )
    ]  # fmt: skip
    return drawing(title, about, chart, ink, table, raw, _name(view, "marks", by), figures=figures)


def internal_external(view: View) -> None:
    """The school's own marks against external ones, a point a class and subject; on the diagonal they agree."""
    ink = theme()
    panel(view.kept(f"internal_external {ink}", lambda: _internal_external(view, ink)), view=view)


def _internal_external(view: View, ink: str) -> Drawing | Absent:
    title = _("Own and external marks")
    chosen = view.chosen
    pairs = data.internal_external(view.snapshot, view.loaded)
    kept = pairs[(pairs["school_year"] == chosen.school_year) & pairs["school_class"].isin(view.classes)]
    topic, what = chosen.topic
    if topic:
        kept = kept[kept[topic] == what]
    least = int(view.loaded.thresholds.min_pairs)
    kept = kept[kept["n"] >= least].nlargest(SCATTER_POINTS, "n")
    if kept.empty:
        why = view.reason(view.indicator("D1.06")) if view.has("D1.06") else ""
        return Absent(title, why if pairs.empty else _("No class and subject has {n} pairs of marks here", n=least))
    subjects = [wording.subject(view.loaded, s) for s in kept["subject"]]
    own, outside = (kept["internal"] / kept["n"]).tolist(), (kept["external"] / kept["n"]).tolist()
    classes, ns = kept["school_class"].tolist(), kept["n"].tolist()
    drawn = {
        "internal": own,
        "external": outside,
        "group": [wording.stage(view.loaded, s) for s in kept["stage"]],
        "n": ns,
        "label": classes if len(kept) <= 14 else [""] * len(kept),
        "tooltip": [
            f"{c} · {s}: {_('own')} {i18n.number(i, 2)}, {_('external')} {i18n.number(e, 2)}, n = {n}"
            for c, s, i, e, n in zip(classes, subjects, own, outside, ns, strict=True)
        ],
    }
    table = {
        _("Class"): classes, _("Subject"): subjects,
        _("Own mark, mean"): [i18n.number(v, 2) for v in own],
        _("External mark, mean"): [i18n.number(v, 2) for v in outside],
        _("Difference"): [i18n.signed(e - i, 2) for i, e in zip(own, outside, strict=True)],
        "n": [i18n.number(v, 0) for v in ns],
    }  # fmt: skip
    gap = float((kept["external"].sum() - kept["internal"].sum()) / kept["n"].sum())
    about = " · ".join([wording.school_year(chosen.school_year), _("external minus own, mean: {gap}", gap=i18n.signed(gap, 2)),
                        _("on the dashed line both agree")])  # fmt: skip
    chart = partial(charts.scatter, drawn, internal_title=_("own mark, mean"), external_title=_("external mark, mean"))
    figures = [
        one for place in zip(classes, kept["subject"], strict=True) if view.has(OF_PAIRS)
        for scope in ({"school_class": place[0], "subject": str(place[1])},)
        for one in decide.seen(view.indicator(OF_PAIRS), view.values.at(OF_PAIRS, chosen.school_year, "Y", scope), chosen.school_year,
                               "Y", scope)
    ]  # fmt: skip
    return drawing(title, about, chart, ink, table, table, _name(view, "internal-external", ""), figures=figures)


# --- small words and tables ---------------------------------------------------------------------------------------------


def _columns(rows: list[tuple[Any, ...]], *names: str) -> Columns:
    """Rows as named columns."""
    return dict(zip(names, map(list, zip(*rows, strict=True)) if rows else ([] for _name in names), strict=True))


def _bare(indicator: Indicator, value: float | None, short: bool = False) -> str:
    """A label on a mark: the number alone."""
    if value is None or value != value:
        return ""
    return i18n.number(value, 0 if short and indicator.unit == "percent" else indicator.decimals)


def _axis(indicator: Indicator) -> str:
    """Words with the unit; a name too long for a phone stands in the title of the chart only."""
    name, unit = indicator.name.of(i18n.language()), wording.unit(indicator)
    if len(name) + len(unit) > AXIS_LETTERS:
        return _("share, %") if unit == "%" else unit
    return f"{name}, {unit}" if unit else name


def _interval(indicator: Indicator, low: float | None, high: float | None) -> str:
    if low is None or high is None or low != low or high != high:
        return "–"
    return f"{i18n.number(low, indicator.decimals)}–{i18n.number(high, indicator.decimals)}"


def _hint(indicator: Indicator, year: str, period: str, value: float, low: float, high: float, n: float) -> str:
    return _hint_group(indicator, wording.at_time(year, period), value, low, high, n)


def _hint_group(indicator: Indicator, name: str, value: float, low: float, high: float, n: float) -> str:
    text = f"{name}: {wording.number(indicator, value)}"
    if low == low and high == high and low is not None:
        text += f" ({_interval(indicator, low, high)})"
    return f"{text}, n = {i18n.number(n, 0)}" if n == n and n is not None else text


def _differs(value: object) -> str:
    if value is None or value != value:
        return "–"
    return _("yes, surely") if value else _("within chance")

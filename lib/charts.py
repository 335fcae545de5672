"""Tables become charts: one palette, one axis style, legible in light, dark, grey print and at 390 px.

Every function takes a small pandas frame whose texts are translated and formatted already (labels with a decimal comma) and gives an altair
chart without size, background or theme of its own: Streamlit's theme draws axes on the page, `picture` does it for a PNG file.
`theme` is "light", "dark", or "both": inks that are readable on either ground.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
import pyarrow as pa

from lib import i18n
from lib.model.indicator import Verdict

Chart = alt.LayerChart

CATEGORICAL = ("#0B6E6E", "#E0A100", "#B4472E", "#5B6B8C")
WORSE, MIDDLE, BETTER = "#C9643F", "#F4F1EA", "#0F6A66"
MISSING = "#E3E7E6"
# 5, 4, 3, 2, unattested: dark to light to dark, so that the order can be read in grey as well.
MARKS = ("#0F7470", "#5DA9A3", "#E2E5DF", "#D98B66", "#6B7280")
# The matrix's colour is full at this many tolerances from the target.
FULL_COLOUR = 4.0
# Most labels on a line of a wide chart; on a narrow one only those marked as key are kept.
WIDE, NARROW = 560, 430


@dataclass(frozen=True)
class Inks:
    """Colours that depend on the ground: text, quiet text, rule, the main series and the four verdicts."""

    text: str
    quiet: str
    rule: str
    main: str
    verdicts: dict[str, str]


INKS = {
    "light": Inks(
        "#1D2A2A", "#55625F", "#7C8886", CATEGORICAL[0], {"reached": "#0B6E6E", "near": "#A87900", "missed": "#B4472E", "none": "#5B6B8C"}
    ),
    "dark": Inks(
        "#E6ECEB", "#A9B5B3", "#7D8987", "#4DB6AC", {"reached": "#4DB6AC", "near": "#E9B949", "missed": "#E58B6D", "none": "#9FB0CF"}
    ),
    "both": Inks(
        "#748280", "#748280", "#7F8A88", "#1F8F88", {"reached": "#1F8F88", "near": "#B98900", "missed": "#C8603F", "none": "#7586A8"}
    ),
}
# Status is never told by colour alone.
SYMBOLS = {"reached": "▲", "near": "●", "missed": "▼", "none": "○"}
_SHAPES = {"reached": "triangle-up", "near": "circle", "missed": "triangle-down", "none": "diamond"}
_VERDICTS = [v.value for v in (Verdict.REACHED, Verdict.NEAR, Verdict.MISSED, Verdict.NONE)]


# --- over time -----------------------------------------------------------------------------------------------------------


def history(
    frame: pd.DataFrame,
    target: float | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    target_label: str = "",
    height: int = 280,
    theme: str = "both",
) -> alt.LayerChart:
    """A figure over its periods: line, points with their labels, a band for uncertainty, the target as a thin rule.

    frame: period_label (may hold a line break: the second line is the school year), order (0, 1, …), value, low, high (null: no band), n,
    label, and optionally `tooltip`. A null value is a hole in the line.
    """
    ink = INKS[theme]
    data = frame.sort_values("order").reset_index(drop=True)
    data["key"] = _key_points(data["value"])
    data["text"] = data["label"].where(data["value"].notna(), "")
    data["valley"] = _valleys(data["value"])
    numbers = [*data["value"].dropna(), *data["low"].dropna(), *data["high"].dropna(), *([] if target is None else [target])]
    low, high = _padded(numbers)
    x = alt.X(
        "order:O",
        title=None,
        sort=data["order"].tolist(),
        scale=_given(padding=0.4),
        axis=_given(
            labelExpr=_label_expr(data["order"], data["period_label"]),
            labelAngle=0,
            labelOverlap=False,
            labelFlush=False,
            labelFontSize=_expr(f"width < {NARROW} && {len(data)} > 5 ? 9 : 11"),
            grid=False,
            labelPadding=8,
        ),
    )
    y_scale = _given(domain=[low, high], nice=False, zero=False)
    y = alt.Y("value:Q", title=unit_title or None, scale=y_scale, axis=_number_axis(5))
    base = alt.Chart(data)
    layers: list[alt.Chart] = []
    if data["low"].notna().any():
        band = base.mark_area(color=ink.main, opacity=0.16, line=False, tooltip=None)
        bottom = alt.Y("low:Q", title=unit_title or None, scale=y_scale, axis=_number_axis(5))
        layers.append(band.encode(x=x, y=bottom, y2=alt.Y2("high:Q")))
    if target is not None:
        text = target_label or i18n.number(target, 0 if target == int(target) else 1)
        goal = alt.Chart(pd.DataFrame({"value": [float(target)], "text": [text]}))
        layers.append(goal.mark_rule(color=ink.rule, strokeDash=[5, 4], strokeWidth=1.2).encode(y=y))
        layers.append(
            goal.mark_text(align="right", baseline="bottom", dy=-4, dx=-2, color=ink.quiet, fontSize=11).encode(
                x=alt.XValue("width"), y=y, text=alt.Text("text:N")
            )
        )
    tooltip = _tooltip(data)
    layers.append(base.mark_line(color=ink.main, strokeWidth=2.2, invalid="break-paths-filter-domains", tooltip=None).encode(x=x, y=y))
    layers.append(base.mark_point(color=ink.main, fill=ink.main, size=46, opacity=1).encode(x=x, y=y, tooltip=tooltip))
    wide = _expr(f"width < {NARROW} && {len(data)} > 5 && !datum.key ? 0 : 1")
    labels = base.mark_text(dy=_expr("datum.valley ? 15 : -13"), color=ink.text, fontSize=11.5, fontWeight=600, opacity=wide)
    layers.append(labels.encode(x=x, y=y, text=alt.Text("text:N")))
    return _finished(alt.layer(*layers), title, height)


def spark(frame: pd.DataFrame, *, theme: str = "both", height: int = 44) -> alt.LayerChart:
    """A small line without axes, its newest point marked. frame: order, value, and optionally `tooltip`."""
    ink = INKS[theme]
    data = frame.sort_values("order").dropna(subset=["value"]).reset_index(drop=True)
    low, high = _padded(list(data["value"]) or [0.0])
    x = alt.X("order:Q", axis=None, scale=_given(nice=False, zero=False, padding=6))
    y = alt.Y("value:Q", axis=None, scale=_given(domain=[low, high], nice=False, zero=False))
    line = alt.Chart(data).mark_line(color=ink.main, strokeWidth=1.8, tooltip=None).encode(x=x, y=y)
    last = alt.Chart(data.tail(1)).mark_point(color=ink.main, fill=ink.main, size=36, opacity=1).encode(x=x, y=y, tooltip=_tooltip(data))
    return _finished(alt.layer(line, last), "", height)


# --- beside each other ---------------------------------------------------------------------------------------------------


def ranked(
    frame: pd.DataFrame,
    target: float | None = None,
    order: Sequence[str] | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    target_label: str = "",
    theme: str = "both",
) -> alt.LayerChart:
    """Groups beside each other: a dot for the value, a rule for its interval, the target as a dashed rule; labels at the right edge.

    frame: group, value, low, high (null: no rule), n, verdict (reached, near, missed, none), label, and optionally `tooltip`.
    `order` is the order from top to bottom (default: that of the frame). Shape and colour both tell the verdict.
    """
    ink = INKS[theme]
    data = frame.reset_index(drop=True)
    groups = list(order) if order is not None else list(dict.fromkeys(data["group"]))
    numbers = [*data["value"].dropna(), *data["low"].dropna(), *data["high"].dropna(), *([] if target is None else [target])]
    low, high = _padded(numbers, 0.04)
    x_scale = _given(domain=[low, high], nice=False, zero=False)
    x = alt.X("value:Q", title=unit_title or None, scale=x_scale, axis=_number_axis(6))
    y = alt.Y("group:N", sort=groups, title=None, axis=_names_axis())
    base = alt.Chart(data)
    layers = [
        base.mark_rule(color=ink.rule, strokeWidth=1.6, tooltip=None).encode(
            x=alt.X("low:Q", title=unit_title or None, scale=x_scale, axis=_number_axis(6)), x2=alt.X2("high:Q"), y=y
        )
    ]
    if target is not None:
        text = target_label or i18n.number(target, 0 if target == int(target) else 1)
        goal = alt.Chart(pd.DataFrame({"value": [float(target)], "text": [text]}))
        layers.append(goal.mark_rule(color=ink.rule, strokeDash=[5, 4], strokeWidth=1.2).encode(x=x))
        words = goal.mark_text(baseline="bottom", color=ink.quiet, fontSize=11)
        layers.append(words.encode(x=x, y=alt.YValue(-4), text=alt.Text("text:N")))
    colour = alt.Color("verdict:N", scale=_given(domain=_VERDICTS, range=[ink.verdicts[v] for v in _VERDICTS]), legend=None)
    shape = alt.Shape("verdict:N", scale=_given(domain=_VERDICTS, range=[_SHAPES[v] for v in _VERDICTS]), legend=None)
    points = base.mark_point(filled=True, size=95, opacity=1)
    layers.append(points.encode(x=x, y=y, color=colour, shape=shape, tooltip=_tooltip(data)))
    labels = base.mark_text(align="left", dx=8, color=ink.text, fontSize=11.5)
    layers.append(labels.encode(x=alt.XValue("width"), y=y, text=alt.Text("label:N")))
    return _finished(alt.layer(*layers), title, alt.Step(26))


def bars(
    frame: pd.DataFrame,
    order: Sequence[str] | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    theme: str = "both",
) -> alt.LayerChart:
    """Lying bars that begin at 0, with their labels at the end. frame: group, value, label, and optionally `tooltip`."""
    ink = INKS[theme]
    data = frame.reset_index(drop=True)
    groups = list(order) if order is not None else list(dict.fromkeys(data["group"]))
    high = max([0.0, *data["value"].dropna()]) or 1.0
    low = min([0.0, *data["value"].dropna()])
    x = alt.X("value:Q", title=unit_title or None, scale=_given(domain=[low, high], nice=False), axis=_number_axis(5))
    y = alt.Y("group:N", sort=groups, title=None, axis=_names_axis())
    base = alt.Chart(data)
    return _finished(
        alt.layer(
            base.mark_bar(color=ink.main, height={"band": 0.66}).encode(x=x, y=y, tooltip=_tooltip(data)),
            base.mark_text(align="left", dx=6, color=ink.text, fontSize=11.5).encode(x=x, y=y, text=alt.Text("label:N")),
        ),
        title,
        alt.Step(28),
    )


def stacked_marks(
    frame: pd.DataFrame,
    order: Sequence[str] | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    mark_order: Sequence[str] | None = None,
    theme: str = "both",
) -> alt.LayerChart:
    """How marks are spread in each group: lying bars of 100 %, the best mark first, counts or shares written into the segments.

    frame: group, mark, count, share (0..100), label, and optionally `tooltip`. `mark_order` runs from the best mark to "unattested"
    (default: the order of the frame); at most five. A label is written where its segment has room for it.
    """
    data = frame.reset_index(drop=True)
    marks = list(mark_order) if mark_order is not None else list(dict.fromkeys(data["mark"]))
    groups = list(order) if order is not None else list(dict.fromkeys(data["group"]))
    colours = list(MARKS[: len(marks)])
    place = {mark: number for number, mark in enumerate(marks)}
    data["place"] = data["mark"].map(place)
    data = data.sort_values(["group", "place"], kind="stable").reset_index(drop=True)
    data["until"] = data.groupby("group", observed=True)["share"].cumsum()
    data["since"] = data["until"] - data["share"]
    data["middle"] = (data["until"] + data["since"]) / 2
    data["ink"] = [ink_on(colours[place[mark]]) for mark in data["mark"]]
    x_scale = _given(domain=[0, 100], nice=False)
    y = alt.Y("group:N", sort=groups, title=None, axis=_names_axis())
    legend = _given(title=None, orient="top", direction="horizontal", symbolType="square", labelLimit=90, offset=4)
    room = _expr("width * datum.share / 100 < 7 * length(datum.label) + 4 ? 0 : 1")
    base = alt.Chart(data)
    return _finished(
        alt.layer(
            base.mark_bar(height={"band": 0.74}).encode(
                x=alt.X("since:Q", title=unit_title or None, scale=x_scale, axis=_number_axis(5)),
                x2=alt.X2("until:Q"),
                y=y,
                color=alt.Color("mark:N", sort=marks, scale=_given(domain=marks, range=colours), legend=legend),
                tooltip=_tooltip(data),
            ),
            base.mark_text(fontSize=11, opacity=room).encode(
                x=alt.X("middle:Q", title=unit_title or None, scale=x_scale),
                y=y,
                text=alt.Text("label:N"),
                color=alt.Color("ink:N", scale=None, legend=None),
            ),
        ).resolve_scale(color="independent"),
        title,
        alt.Step(30),
    )


def scatter(
    frame: pd.DataFrame,
    title: str = "",
    internal_title: str = "",
    external_title: str = "",
    *,
    theme: str = "both",
    height: int = 340,
) -> alt.LayerChart:
    """Internal against external results: on the diagonal they agree, above it the outside mark is higher.

    frame: internal, external, group (at most four are told apart by colour and shape), n (size of the point), label (written beside the
    point; "" for none), and optionally `tooltip`.
    """
    ink = INKS[theme]
    data = frame.reset_index(drop=True)
    groups = list(dict.fromkeys(data["group"]))
    low, high = _padded([*data["internal"].dropna(), *data["external"].dropna()], 0.06)
    scale = _given(domain=[low, high], nice=False, zero=False)
    ticks = 4 if high - low > 2 else 5
    x = alt.X("internal:Q", title=internal_title or None, scale=scale, axis=_number_axis(ticks))
    y = alt.Y("external:Q", title=external_title or None, scale=scale, axis=_number_axis(ticks))
    if len(groups) > 1:
        # Whole marks meet on the same point: groups stand side by side there instead of covering each other.
        aside = data["group"].map({group: place - (len(groups) - 1) / 2 for place, group in enumerate(groups)})
        shared = data.duplicated(["internal", "external"], keep=False)
        data["internal"] = data["internal"] + aside.where(shared, 0.0) * (high - low) * 0.035
    ends = alt.Chart(pd.DataFrame({"internal": [low, high], "external": [low, high]}))
    base = alt.Chart(data)
    size = alt.Size("n:Q", scale=_given(range=[30, 260], zero=True), legend=None)
    points = base.mark_point(filled=True, opacity=0.8, color=ink.main).encode(x=x, y=y, size=size, tooltip=_tooltip(data))
    if 1 < len(groups) <= len(CATEGORICAL):
        legend = _given(title=None, orient="top", direction="horizontal")
        colours, shapes = [ink.main, *CATEGORICAL[1:]][: len(groups)], ["circle", "square", "diamond", "triangle-up"][: len(groups)]
        points = points.encode(
            color=alt.Color("group:N", sort=groups, scale=_given(domain=groups, range=colours), legend=legend),
            shape=alt.Shape("group:N", sort=groups, scale=_given(domain=groups, range=shapes), legend=legend),
        )
    return _finished(
        alt.layer(
            ends.mark_line(color=ink.rule, strokeDash=[5, 4], strokeWidth=1.2, tooltip=None).encode(x=x, y=y),
            points,
            base.mark_text(dy=-14, color=ink.text, fontSize=11).encode(x=x, y=y, text=alt.Text("label:N")),
        ),
        title,
        height,
    )


# --- the matrix ----------------------------------------------------------------------------------------------------------


def matrix(
    frame: pd.DataFrame,
    row_order: Sequence[str],
    column_order: Sequence[str],
    title: str = "",
    *,
    selection: str = "cell",
    theme: str = "both",
) -> alt.LayerChart:
    """Classes × subjects: in each cell the value, its verdict as a symbol and n; the colour is the distance from the target.

    frame: row, column, value (null: no cell value), n, label, verdict, distance (in tolerances, positive is good; null: no target), and
    optionally `n_label` (default: the number) and `tooltip`. A click on a cell sets the selection `selection` with fields row and column.
    """
    data = frame.reset_index(drop=True)
    data["fill"] = [_fill(value, apart) for value, apart in zip(data["value"], data["distance"], strict=True)]
    data["ink"] = [ink_on(fill) for fill in data["fill"]]
    empty = data["value"].isna()
    data["sign"] = data["verdict"].where(data["distance"].notna() & ~empty, "")
    data["below"] = data["n_label"] if "n_label" in data else ["" if n != n else f"{int(n)}" for n in data["n"]]
    data["below"] = data["below"].where(~empty, "")
    data["label"] = data["label"].fillna("")
    columns = max(1, len(column_order))
    cell = f"(width / {columns})"
    x = alt.X(
        "column:N",
        sort=list(column_order),
        title=None,
        scale=_given(domain=list(column_order), paddingInner=0.04, paddingOuter=0),
        axis=_given(
            orient="top",
            labelAngle=_expr(f"{cell} < 30 ? -90 : {cell} < 86 ? -40 : 0"),
            labelAlign=_expr(f"{cell} < 86 ? 'left' : 'center'"),
            labelBaseline=_expr(f"{cell} < 30 ? 'middle' : 'bottom'"),
            labelLimit=120,
            labelOverlap=False,
            labelFlush=False,
            labelPadding=6,
            domain=False,
            ticks=False,
            grid=False,
        ),
    )
    y = alt.Y(
        "row:N",
        sort=list(row_order),
        title=None,
        scale=_given(domain=list(row_order), paddingInner=0.05, paddingOuter=0),
        axis=_names_axis(),
    )
    chosen = alt.selection_point(name=selection, fields=["row", "column"])
    base = alt.Chart(data)
    cells = (
        base.mark_rect(cornerRadius=3, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=alt.Color("fill:N", scale=None, legend=None),
            opacity=alt.OpacityValue(0.45, condition={"param": selection, "value": 1.0}),
            tooltip=_tooltip(data),
        )
        .add_params(chosen)
    )
    colour = alt.Color("ink:N", scale=None, legend=None)
    size = _expr(f"{cell} < 27 ? 8.5 : {cell} < 36 ? 10 : 12.5")
    value = base.mark_text(fontSize=size, fontWeight=600, dy=-6, tooltip=None)
    narrow = f"{cell} < 46"
    small = base.mark_text(align="left", fontSize=10, dy=9, dx=-3, opacity=_expr(f"{narrow} ? 0 : 1"), tooltip=None)
    signs = _given(domain=list(_SHAPES), range=list(_SHAPES.values()))
    sign = base.transform_filter("datum.sign != ''").mark_point(
        filled=True, opacity=1, size=_expr(f"{cell} < 36 ? 20 : 34"), yOffset=9, xOffset=_expr(f"{narrow} ? 0 : -10"), tooltip=None
    )
    return _finished(
        alt.layer(
            cells,
            value.encode(x=x, y=y, text=alt.Text("label:N"), color=colour),
            small.encode(x=x, y=y, text=alt.Text("below:N"), color=colour),
            sign.encode(x=x, y=y, shape=alt.Shape("sign:N", scale=signs, legend=None), color=colour),
        ),
        title,
        alt.Step(36),
    )


def _fill(value: float | None, apart: float | None) -> str:
    """The cell's colour: on the way from the middle to worse or better by its distance in tolerances."""
    if value is None or value != value:
        return MISSING
    if apart is None or apart != apart:
        return MIDDLE
    share = min(abs(apart) / FULL_COLOUR, 1.0)
    return mixed(MIDDLE, BETTER if apart > 0 else WORSE, share)


# --- colour --------------------------------------------------------------------------------------------------------------


def mixed(start: str, end: str, share: float) -> str:
    """The colour at `share` (0..1) of the way from one hex colour to another."""
    pairs = zip(_rgb(start), _rgb(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Relative luminance of a hex colour, 0 (black) to 1 (white), as WCAG 2 defines it."""
    parts = [c / 255 for c in _rgb(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two hex colours, 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(fill: str) -> str:
    """The text colour that is read best on a filled cell: black or white, of which one always has a contrast of 4.5."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: contrast(ink, fill))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


# --- what the charts share -----------------------------------------------------------------------------------------------


def _expr(expression: str) -> Any:
    return alt.ExprRef(expression)


def _given(**named: Any) -> dict[str, Any]:
    """Properties of an axis, a scale or a legend. Not altair's own classes: each carries a hundred unset names that every copy of a chart
    copies as well, and a chart of five layers is copied often."""
    return named


def _number_axis(ticks: int) -> dict[str, Any]:
    """Numbers with the language's decimal sign (Vega itself writes a point)."""
    label = "datum.label" if i18n.language() == "en" else "replace(datum.label, '.', ',')"
    return _given(tickCount=ticks, labelFlush=False, labelExpr=label)


def _names_axis() -> dict[str, Any]:
    return _given(labelOverlap=False, labelFlush=False, labelLimit=150, grid=False, ticks=False, domain=False, labelPadding=8)


def _label_expr(keys: Iterable[Any], texts: Iterable[Any]) -> str:
    """A Vega expression that writes each key's text; a line break makes a second line."""
    words = {str(key): (lines if len(lines := str(text).split("\n")) > 1 else lines[0]) for key, text in zip(keys, texts, strict=True)}
    return f"({json.dumps(words, ensure_ascii=False)})[datum.value]"


def _padded(numbers: Sequence[float], share: float = 0.12) -> tuple[float, float]:
    """A domain around the numbers with a little air; a hundred per cent keeps none above it."""
    if not numbers:
        return 0.0, 1.0
    low, high = float(min(numbers)), float(max(numbers))
    air = (high - low) * share or abs(high) * 0.1 or 1.0
    return (max(0.0, low - air) if low >= 0 else low - air), high + air


def _key_points(values: pd.Series) -> list[bool]:
    """The points whose labels stay when there is little room: the first, the newest, the lowest and the highest."""
    there = values.dropna()
    if there.empty:
        return [False] * len(values)
    keep = {there.index[0], there.index[-1], there.idxmin(), there.idxmax()}
    return [index in keep for index in values.index]


def _valleys(values: pd.Series) -> list[bool]:
    """The points that lie below a neighbour and above none: their labels stand under the line, clear of it."""
    numbers = values.tolist()
    found = []
    for place, value in enumerate(numbers):
        beside = [n for n in (*numbers[max(0, place - 1) : place], *numbers[place + 1 : place + 2]) if n == n]
        found.append(bool(beside) and value == value and all(n >= value for n in beside) and any(n > value for n in beside))
    return found


def _tooltip(data: pd.DataFrame) -> Any:
    """The frame's own sentence, or its label."""
    field = "tooltip" if "tooltip" in data.columns else "label" if "label" in data.columns else None
    return alt.Tooltip(f"{field}:N", title="") if field else alt.TooltipValue(None)


def _finished(chart: alt.LayerChart | alt.FacetChart, title: str, height: float | alt.Step) -> alt.LayerChart:
    named = {"title": title} if title else {}
    assert isinstance(chart, alt.LayerChart)
    return chart.properties(height=height, width="container", **named)


# --- pictures ------------------------------------------------------------------------------------------------------------

_GROUNDS = {"light": "#FFFFFF", "dark": "#14191A"}


_ALTAIR = threading.Lock()  # its data transformer is one for the process


def specification(chart: Chart) -> dict[str, Any]:
    """The chart as Vega-Lite for the page: its data once each as Arrow under "datasets", no sizes or colours of altair's own.

    Not checked against the schema (that costs more than the drawing; the tests of charts do it): for charts made `unchecked`.
    """
    kept: dict[int, str] = {}
    datasets: dict[str, bytes] = {}

    def keep(frame: pd.DataFrame, **_options: Any) -> dict[str, str]:
        if id(frame) not in kept:
            name = kept[id(frame)] = f"data{len(kept)}"
            datasets[name] = _arrow(frame)
        return {"name": kept[id(frame)]}

    with _ALTAIR:
        alt.data_transformers.register("kept_as_arrow", keep)
        with alt.data_transformers.enable("kept_as_arrow"):
            spec: dict[str, Any] = chart.to_dict(validate=False)
    spec.pop("config", None)
    spec["datasets"] = datasets
    return spec


def _arrow(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def unchecked() -> None:
    """From now on altair makes charts in this process without checking each part of them against the schema as it is made."""
    alt.utils.schemapi.disable_debug_mode()


def picture(
    chart: alt.TopLevelMixin, title: str = "", lines: Sequence[str] = (), *, theme: str = "light", width: int = 760, scale: float = 2.0
) -> bytes:
    """The chart as a PNG file of its own: title, `lines` under it (filters, snapshot), background and fonts. `scale` 2 is fit for print."""
    import vl_convert

    ink = INKS[theme]
    spec = chart.to_dict()
    spec["width"] = width
    spec["background"] = _GROUNDS[theme]
    spec["padding"] = 16
    if title:
        spec["title"] = {"text": title, "subtitle": list(lines), "anchor": "start", "offset": 14, "frame": "bounds"}
    quiet = {"labelColor": ink.quiet, "titleColor": ink.quiet}
    axis = {**quiet, "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "domain": False, "ticks": False}
    spec["config"] = {
        "font": "Noto Sans, DejaVu Sans, Liberation Sans, sans-serif",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "view": {"stroke": None},
        "axis": {**axis, "gridColor": mixed(_GROUNDS[theme], ink.text, 0.1), "labelPadding": 6, "titlePadding": 10},
        "axisXBand": {"grid": False},
        "axisXPoint": {"grid": False},
        "legend": {**quiet, "labelFontSize": 12},
        "title": {"color": ink.text, "subtitleColor": ink.quiet, "fontSize": 15, "subtitleFontSize": 11, "subtitlePadding": 5},
    }
    version = alt.SCHEMA_VERSION.rpartition(".")[0]
    return bytes(vl_convert.vegalite_to_png(spec, vl_version=version, scale=scale, allowed_base_urls=[]))

"""Tables become charts: one palette, one axis style, legible in light, dark, grey print and at 390 px.

Every function takes a small table whose texts are translated and formatted already (labels with a decimal comma) and gives a chart in
Vega-Lite without size, background or theme of its own: Streamlit's theme draws axes on the page, `picture` does it for a PNG file.
`theme` is "light", "dark", or "both": inks that are readable on either ground.

Charts are altair's specification objects, filled with the properties as Vega-Lite names them. altair's chained methods would copy a chart
at every step and check it at most: a page of six charts spent half of its time there. Tests check every kind of chart against the schema.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import altair as alt
import pyarrow as pa
from altair.utils.schemapi import debug_mode

from lib import i18n
from lib.model.indicator import Verdict

if TYPE_CHECKING:
    import pandas as pd

    # A small table: the name of a column → its cells. A pandas frame is one as well.
    Table = Mapping[str, Sequence[Any]] | pd.DataFrame

Columns = dict[str, list[Any]]
VEGA_LITE = "6.4"

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


@dataclass(frozen=True)
class Chart:
    """A chart. `drawing` names the tables that it draws; they stand beside it, each once, without columns that are not drawn."""

    drawing: alt.TopLevelLayerSpec
    tables: dict[str, Columns]

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The drawing in Vega-Lite, without its tables."""
        with debug_mode(False):
            return self.drawing.to_dict(validate=False)

    def to_dict(self) -> dict[str, Any]:
        """The whole specification, rows inside."""
        rows = {
            name: [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]
            for name, table in self.tables.items()
        }
        return {**self.spec, "datasets": rows}

    def for_page(self) -> dict[str, Any]:
        """The same as Streamlit takes it quickest: its tables as Arrow."""
        return {**self.spec, "datasets": {name: _arrow(table) for name, table in self.tables.items()}}


# --- over time -----------------------------------------------------------------------------------------------------------


def history(
    frame: Table,
    target: float | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    target_label: str = "",
    height: int = 280,
    theme: str = "both",
) -> Chart:
    """A figure over its periods: line, points with their labels, a band for uncertainty, the target as a thin rule.

    frame: period_label (may hold a line break: the second line is the school year), order (0, 1, …), value, low, high (null: no band),
    label, and optionally `tooltip`. A null value is a hole in the line.
    """
    ink = INKS[theme]
    data = _columns(frame, "order", "value", "low", "high", "label", "tooltip", "period_label", by="order")
    periods = data.pop("period_label")
    data["key"], data["valley"] = _key_points(data["value"]), _valleys(data["value"])
    data["text"] = ["" if value is None else label for value, label in zip(data["value"], data["label"], strict=True)]
    low, high = _padded(_numbers(data["value"], data["low"], data["high"], [target]))
    many = f"width < {NARROW} && {len(periods)} > 5"
    x = _field(
        "order:O",
        title=None,
        sort=data["order"],
        scale={"padding": 0.4},
        axis={
            "labelExpr": _label_expr(data["order"], periods),
            "labelAngle": 0,
            "labelOverlap": False,
            "labelFlush": False,
            "labelFontSize": _expr(f"{many} ? 9 : 11"),
            "grid": False,
            "labelPadding": 8,
        },
    )
    along = {"title": unit_title or None, "scale": {"domain": [low, high], "nice": False, "zero": False}, "axis": _number_axis(5)}
    y = _field("value:Q", **along)
    tables = {"periods": data}
    layers = []
    if _numbers(data["low"]):
        band = _mark("area", color=ink.main, opacity=0.16, line=False, tooltip=None)
        layers.append(_layer("periods", band, x=x, y=_field("low:Q", **along), y2={"field": "high"}))
    if target is not None:
        tables["target"] = _target(target, target_label)
        words = _mark("text", align="right", baseline="bottom", dy=-4, dx=-2, color=ink.quiet, fontSize=11)
        layers.append(_layer("target", _mark("rule", color=ink.rule, strokeDash=[5, 4], strokeWidth=1.2), y=y))
        layers.append(_layer("target", words, x={"value": "width"}, y=y, text=_field("text:N")))
    line = _mark("line", color=ink.main, strokeWidth=2.2, invalid="break-paths-filter-domains", tooltip=None)
    layers.append(_layer("periods", line, x=x, y=y))
    points = _mark("point", color=ink.main, fill=ink.main, size=46, opacity=1)
    layers.append(_layer("periods", points, x=x, y=y, tooltip=_tooltip(data)))
    seen = _expr(f"{many} && !datum.key ? 0 : 1")
    labels = _mark("text", dy=_expr("datum.valley ? 15 : -13"), color=ink.text, fontSize=11.5, fontWeight=600, opacity=seen)
    layers.append(_layer("periods", labels, x=x, y=y, text=_field("text:N")))
    return _finished(layers, tables, title, height)


def spark(frame: Table, *, theme: str = "both", height: int = 44) -> Chart:
    """A small line without axes, its newest point marked. frame: order, value, and optionally `tooltip`."""
    ink = INKS[theme]
    data = _columns(frame, "order", "value", "label", "tooltip", by="order")
    there = [place for place, value in enumerate(data["value"]) if value is not None]
    data = {name: [cells[place] for place in there] for name, cells in data.items()}
    low, high = _padded(data["value"] or [0.0])
    x = _field("order:Q", axis=None, scale={"nice": False, "zero": False, "padding": 6})
    y = _field("value:Q", axis=None, scale={"domain": [low, high], "nice": False, "zero": False})
    line = _mark("line", color=ink.main, strokeWidth=1.8, tooltip=None)
    newest = _mark("point", color=ink.main, fill=ink.main, size=36, opacity=1)
    tables = {"periods": data, "newest": {name: cells[-1:] for name, cells in data.items()}}
    return _finished([_layer("periods", line, x=x, y=y), _layer("newest", newest, x=x, y=y, tooltip=_tooltip(data))], tables, "", height)


# --- beside each other ---------------------------------------------------------------------------------------------------


def ranked(
    frame: Table,
    target: float | None = None,
    order: Sequence[str] | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    target_label: str = "",
    theme: str = "both",
) -> Chart:
    """Groups beside each other: a dot for the value, a rule for its interval, the target as a dashed rule; labels at the right edge.

    frame: group, value, low, high (null: no rule), verdict (reached, near, missed, none), label, and optionally `tooltip`.
    `order` is the order from top to bottom (default: that of the frame). Shape and colour both tell the verdict.
    """
    ink = INKS[theme]
    data = _columns(frame, "group", "value", "low", "high", "verdict", "label", "tooltip")
    low, high = _padded(_numbers(data["value"], data["low"], data["high"], [target]), 0.04)
    along = {"title": unit_title or None, "scale": {"domain": [low, high], "nice": False, "zero": False}, "axis": _number_axis(6)}
    x, y = _field("value:Q", **along), _groups(data, order)
    tables = {"groups": data}
    layers = []
    if _numbers(data["low"]):  # a mark without an item would be a picture without a text for those who do not see it
        rule = _mark("rule", color=ink.rule, strokeWidth=1.6, tooltip=None)
        layers.append(_layer("groups", rule, x=_field("low:Q", **along), x2={"field": "high"}, y=y))
    if target is not None:
        tables["target"] = _target(target, target_label)
        words = _mark("text", baseline="bottom", color=ink.quiet, fontSize=11)
        layers.append(_layer("target", _mark("rule", color=ink.rule, strokeDash=[5, 4], strokeWidth=1.2), x=x))
        layers.append(_layer("target", words, x=x, y={"value": -4}, text=_field("text:N")))
    colours = {"domain": _VERDICTS, "range": [ink.verdicts[v] for v in _VERDICTS]}
    shapes = {"domain": _VERDICTS, "range": [_SHAPES[v] for v in _VERDICTS]}
    colour, shape = _field("verdict:N", scale=colours, legend=None), _field("verdict:N", scale=shapes, legend=None)
    points = _mark("point", filled=True, size=95, opacity=1)
    layers.append(_layer("groups", points, x=x, y=y, color=colour, shape=shape, tooltip=_tooltip(data)))
    labels = _mark("text", align="left", dx=8, color=ink.text, fontSize=11.5)
    layers.append(_layer("groups", labels, x={"value": "width"}, y=y, text=_field("label:N")))
    return _finished(layers, tables, title, {"step": 26})


def bars(
    frame: Table,
    order: Sequence[str] | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    theme: str = "both",
) -> Chart:
    """Lying bars that begin at 0, with their labels at the end. frame: group, value, label, and optionally `tooltip`."""
    ink = INKS[theme]
    data = _columns(frame, "group", "value", "label", "tooltip")
    numbers = [0.0, *_numbers(data["value"])]
    scale = {"domain": [min(numbers), max(numbers) or 1.0], "nice": False}
    x, y = _field("value:Q", title=unit_title or None, scale=scale, axis=_number_axis(5)), _groups(data, order)
    drawn = _mark("bar", color=ink.main, height={"band": 0.66})
    labels = _mark("text", align="left", dx=6, color=ink.text, fontSize=11.5)
    layers = [_layer("groups", drawn, x=x, y=y, tooltip=_tooltip(data)), _layer("groups", labels, x=x, y=y, text=_field("label:N"))]
    return _finished(layers, {"groups": data}, title, {"step": 28})


def stacked_marks(
    frame: Table,
    order: Sequence[str] | None = None,
    title: str = "",
    unit_title: str = "",
    *,
    mark_order: Sequence[str] | None = None,
    theme: str = "both",
) -> Chart:
    """How marks are spread in each group: lying bars of 100 %, the best mark first, counts or shares written into the segments.

    frame: group, mark, share (0..100), label, and optionally `tooltip`. `mark_order` runs from the best mark to "unattested" (default: the
    order of the frame); at most five. A label is written where its segment has room for it.
    """
    data = _columns(frame, "group", "mark", "share", "label", "tooltip")
    marks = list(mark_order) if mark_order is not None else list(dict.fromkeys(data["mark"]))
    colours = list(MARKS[: len(marks)])
    y = _groups(data, order)
    place = {mark: number for number, mark in enumerate(marks)}
    data = _sorted(data, list(zip(data["group"], [place[mark] for mark in data["mark"]], strict=True)))
    data["since"], data["until"] = [], []
    so_far: dict[str, float] = {}
    for group, share in zip(data["group"], data["share"], strict=True):
        data["since"].append(so_far.get(group, 0.0))
        so_far[group] = so_far.get(group, 0.0) + share
        data["until"].append(so_far[group])
    data["middle"] = [(since + until) / 2 for since, until in zip(data["since"], data["until"], strict=True)]
    data["ink"] = [ink_on(colours[place[mark]]) for mark in data["mark"]]
    along = {"title": unit_title or None, "scale": {"domain": [0, 100], "nice": False}}
    legend = {"title": None, "orient": "top", "direction": "horizontal", "symbolType": "square", "labelLimit": 90, "offset": 4}
    colour = _field("mark:N", sort=marks, scale={"domain": marks, "range": colours}, legend=legend)
    room = _expr("width * datum.share / 100 < 7 * length(datum.label) + 4 ? 0 : 1")
    segments = _layer(
        "groups", _mark("bar", height={"band": 0.74}),
        x=_field("since:Q", **along, axis=_number_axis(5)), x2={"field": "until"}, y=y, color=colour, tooltip=_tooltip(data),
    )  # fmt: skip
    words = _layer(
        "groups", _mark("text", fontSize=11, opacity=room),
        x=_field("middle:Q", **along), y=y, text=_field("label:N"), color=_field("ink:N", scale=None, legend=None),
    )  # fmt: skip
    return _finished([segments, words], {"groups": data}, title, {"step": 30}, resolve={"scale": {"color": "independent"}})


def scatter(
    frame: Table,
    title: str = "",
    internal_title: str = "",
    external_title: str = "",
    *,
    theme: str = "both",
    height: int = 340,
) -> Chart:
    """Internal against external results: on the diagonal they agree, above it the outside mark is higher.

    frame: internal, external, group (at most four are told apart by colour and shape), n (size of the point), label (written beside the
    point; "" for none), and optionally `tooltip`.
    """
    ink = INKS[theme]
    data = _columns(frame, "internal", "external", "group", "n", "label", "tooltip")
    groups = list(dict.fromkeys(data["group"]))
    low, high = _padded(_numbers(data["internal"], data["external"]), 0.06)
    along = {"scale": {"domain": [low, high], "nice": False, "zero": False}, "axis": _number_axis(4 if high - low > 2 else 5)}
    x = _field("internal:Q", title=internal_title or None, **along)
    y = _field("external:Q", title=external_title or None, **along)
    if len(groups) > 1:
        # Whole marks meet on the same point: groups stand side by side there instead of covering each other.
        points = list(zip(data["internal"], data["external"], strict=True))
        met = Counter(points)
        step = (high - low) * 0.035
        data["internal"] = [
            point[0] + (groups.index(group) - (len(groups) - 1) / 2) * step if met[point] > 1 else point[0]
            for point, group in zip(points, data["group"], strict=True)
        ]
    size = _field("n:Q", scale={"range": [30, 260], "zero": True}, legend=None)
    told: dict[str, Any] = {}
    if 1 < len(groups) <= len(CATEGORICAL):
        legend = {"title": None, "orient": "top", "direction": "horizontal"}
        colours, shapes = [ink.main, *CATEGORICAL[1:]][: len(groups)], ["circle", "square", "diamond", "triangle-up"][: len(groups)]
        told["color"] = _field("group:N", sort=groups, scale={"domain": groups, "range": colours}, legend=legend)
        told["shape"] = _field("group:N", sort=groups, scale={"domain": groups, "range": shapes}, legend=legend)
    diagonal = _mark("line", color=ink.rule, strokeDash=[5, 4], strokeWidth=1.2, tooltip=None)
    drawn = _mark("point", filled=True, opacity=0.8, color=ink.main)
    layers = [
        _layer("diagonal", diagonal, x=x, y=y),
        _layer("pairs", drawn, x=x, y=y, size=size, tooltip=_tooltip(data), **told),
        _layer("pairs", _mark("text", dy=-14, color=ink.text, fontSize=11), x=x, y=y, text=_field("label:N")),
    ]
    tables = {"pairs": data, "diagonal": {"internal": [low, high], "external": [low, high]}}
    return _finished(layers, tables, title, height)


# --- the matrix ----------------------------------------------------------------------------------------------------------


def matrix(
    frame: Table,
    row_order: Sequence[str],
    column_order: Sequence[str],
    title: str = "",
    *,
    selection: str = "cell",
    theme: str = "both",
) -> Chart:
    """Classes × subjects: in each cell the value, its verdict as a symbol and n; the colour is the distance from the target.

    frame: row, column, value (null: no cell value), n, label, verdict, distance (in tolerances, positive is good; null: no target), and
    optionally `n_label` (default: the number) and `tooltip`. A click on a cell sets the selection `selection` with fields row and column.
    """
    data = _columns(frame, "row", "column", "value", "n", "label", "verdict", "distance", "n_label", "tooltip")
    values, distances, ns, verdicts = (data.pop(name) for name in ("value", "distance", "n", "verdict"))
    beside = data.pop("n_label", None) or ["" if n is None else f"{int(n)}" for n in ns]
    data["fill"] = [_fill(value, apart) for value, apart in zip(values, distances, strict=True)]
    data["ink"] = [ink_on(fill) for fill in data["fill"]]
    data["sign"] = ["" if value is None or apart is None else sign for value, apart, sign in zip(values, distances, verdicts, strict=True)]
    data["below"] = ["" if value is None else text for value, text in zip(values, beside, strict=True)]
    data["label"] = [label or "" for label in data["label"]]
    cell = f"(width / {max(1, len(column_order))})"
    x = _field(
        "column:N",
        sort=list(column_order),
        title=None,
        scale={"domain": list(column_order), "paddingInner": 0.04, "paddingOuter": 0},
        axis={
            "orient": "top",
            "labelAngle": _expr(f"{cell} < 30 ? -90 : {cell} < 86 ? -40 : 0"),
            "labelAlign": _expr(f"{cell} < 86 ? 'left' : 'center'"),
            "labelBaseline": _expr(f"{cell} < 30 ? 'middle' : 'bottom'"),
            "labelLimit": 120,
            "labelOverlap": False,
            "labelFlush": False,
            "labelPadding": 6,
            "domain": False,
            "ticks": False,
            "grid": False,
        },
    )
    rows = {"domain": list(row_order), "paddingInner": 0.05, "paddingOuter": 0}
    y = _field("row:N", sort=list(row_order), title=None, scale=rows, axis=_names_axis())
    picked = {"condition": {"param": selection, "value": 1.0}, "value": 0.45}
    filled = _field("fill:N", scale=None, legend=None)
    cells = _layer(
        "cells", _mark("rect", cornerRadius=3, cursor="pointer"), more={"name": "cells"},
        x=x, y=y, color=filled, opacity=picked, tooltip=_tooltip(data),
    )  # fmt: skip
    colour = _field("ink:N", scale=None, legend=None)
    size = _expr(f"{cell} < 27 ? 8.5 : {cell} < 36 ? 10 : 12.5")
    narrow = f"{cell} < 46"
    value = _mark("text", fontSize=size, fontWeight=600, dy=-6, tooltip=None)
    small = _mark("text", align="left", fontSize=10, dy=9, dx=-3, opacity=_expr(f"{narrow} ? 0 : 1"), tooltip=None)
    layers = [
        cells,
        _layer("cells", value, x=x, y=y, text=_field("label:N"), color=colour),
        _layer("cells", small, x=x, y=y, text=_field("below:N"), color=colour),
    ]
    if any(data["sign"]):
        signs = _field("sign:N", scale={"domain": list(_SHAPES), "range": list(_SHAPES.values())}, legend=None)
        sign = _mark(
            "point", filled=True, opacity=1, size=_expr(f"{cell} < 36 ? 20 : 34"), yOffset=9, xOffset=_expr(f"{narrow} ? 0 : -10"),
            tooltip=None,
        )  # fmt: skip
        told = {"transform": [{"filter": "datum.sign != ''"}]}
        layers.append(_layer("cells", sign, more=told, x=x, y=y, shape=signs, color=colour))
    select = alt.TopLevelSelectionParameter(name=selection, select={"type": "point", "fields": ["row", "column"]}, views=["cells"])
    return _finished(layers, {"cells": data}, title, {"step": 36}, params=[select])


def _fill(value: float | None, apart: float | None) -> str:
    """The cell's colour: on the way from the middle to worse or better by its distance in tolerances."""
    if value is None or value != value:
        return MISSING
    if apart is None or apart != apart:
        return MIDDLE
    share = min(abs(apart) / FULL_COLOUR, 1.0)
    return mixed(MIDDLE, BETTER if apart > 0 else WORSE, share)


# --- states --------------------------------------------------------------------------------------------------------------

# How a thing that is due stands: the cell's colour on either ground; "" lets the ground through.
STATE_FILLS = {
    "overdue": WORSE, "due": "#EBC06D", "started": "#F6E5BD", "in_progress": "#F6E5BD", "complete": "#C9E2DE", "done": "#C9E2DE",
    "not_due": "", "planned": "", "cancelled": "",
}  # fmt: skip
_STATE_SHAPES = {"done": "triangle-up", "in_progress": "circle", "overdue": "triangle-down", "planned": "diamond", "cancelled": "cross"}
_STATE_VERDICTS = {"done": "reached", "in_progress": "near", "overdue": "missed", "planned": "none", "cancelled": "none"}


def states(
    frame: Table, row_order: Sequence[str], column_order: Sequence[str], title: str = "", *, selection: str = "cell", theme: str = "both",
    step: int = 32, upright: bool = False,
) -> Chart:  # fmt: skip
    """A grid whose cells are coloured by a state (a key of STATE_FILLS), with a short text in each and a smaller one below it.

    frame: row, column, state, label, below, and optionally `tooltip`. A click on a cell sets the selection `selection` with fields row and
    column. `step` is the height of a row in pixels; `upright`: the titles of columns never lie aslant.
    """
    ink = INKS[theme]
    data = _columns(frame, "row", "column", "state", "label", "below", "tooltip")
    fills = [STATE_FILLS[state] for state in data.pop("state")]
    data["fill"] = [fill or "transparent" for fill in fills]
    data["line"] = ["transparent" if fill else ink.rule for fill in fills]
    data["ink"] = [ink_on(fill) if fill else ink.text for fill in fills]
    cell = f"(width / {max(1, len(column_order))})"
    aslant = "false" if upright else f"{cell} < 60"
    axis = {
        "orient": "top", "labelAngle": _expr(f"{aslant} ? -60 : 0"), "labelAlign": _expr(f"{aslant} ? 'left' : 'center'"),
        "labelBaseline": "bottom", "labelLimit": 110, "labelOverlap": False, "labelFlush": False, "labelPadding": 6, "domain": False,
        "ticks": False, "grid": False,
    }  # fmt: skip
    across = {"domain": list(column_order), "paddingInner": 0.06, "paddingOuter": 0}
    down = {"domain": list(row_order), "paddingInner": 0.08, "paddingOuter": 0}
    x = _field("column:N", sort=list(column_order), title=None, scale=across, axis=axis)
    y = _field("row:N", sort=list(row_order), title=None, scale=down, axis=_names_axis())
    picked = {"condition": {"param": selection, "value": 1.0}, "value": 0.45}
    cells = _layer(
        "cells", _mark("rect", cornerRadius=3, cursor="pointer", strokeWidth=0.7), more={"name": "cells"}, x=x, y=y,
        color=_field("fill:N", scale=None, legend=None), stroke=_field("line:N", scale=None, legend=None), opacity=picked,
        tooltip=_tooltip(data),
    )  # fmt: skip
    colour = _field("ink:N", scale=None, legend=None)
    two = any(data["below"])
    size = _expr(f"{cell} < 27 ? 8.5 : {cell} < 36 ? 10 : 12.5")
    layers = [
        cells,
        _layer("cells", _mark("text", fontSize=size, fontWeight=600, dy=-6 if two else 0, tooltip=None), x=x, y=y,
               text=_field("label:N"), color=colour),
    ]  # fmt: skip
    if two:
        small = _mark("text", fontSize=_expr(f"{cell} < 36 ? 8.5 : 10.5"), dy=9, tooltip=None)
        layers.append(_layer("cells", small, x=x, y=y, text=_field("below:N"), color=colour))
    select = alt.TopLevelSelectionParameter(name=selection, select={"type": "point", "fields": ["row", "column"]}, views=["cells"])
    return _finished(layers, {"cells": data}, title, {"step": step}, params=[select])


def timeline(
    frame: Table, order: Sequence[str], months: Sequence[tuple[int, str]], today: int | None = None, title: str = "", *,
    today_label: str = "", theme: str = "both",
) -> Chart:  # fmt: skip
    """A year from left to right: a point for what is due in each group at a time, its shape and colour by state, its size by how much.

    frame: group, day (from the year's first day), state (done, in_progress, overdue, planned, cancelled), n, label (written beside the
    point; "" for none), and optionally `tooltip`. `months`: the first day of each month and its name; `today` is marked by a rule.
    """
    ink = INKS[theme]
    data = _columns(frame, "group", "day", "state", "n", "label", "tooltip")
    last = max([*_numbers(data["day"]), months[-1][0] + 31 if months else 1])
    ticks = {
        "values": [day for day, _name in months], "labelExpr": _label_expr(*zip(*months, strict=True)) if months else "''", "grid": True,
        "labelAlign": "left", "labelFlush": False, "labelOverlap": "parity", "ticks": False, "domain": False, "labelPadding": 6,
    }  # fmt: skip
    x = _field("day:Q", title=None, scale={"domain": [-8, last + 4], "nice": False, "zero": False}, axis=ticks)
    y = _groups(data, order)
    names = list(_STATE_SHAPES)
    colour = _field(
        "state:N", scale={"domain": names, "range": [ink.verdicts[_STATE_VERDICTS[name]] for name in names]}, legend=None
    )  # fmt: skip
    shape = _field("state:N", scale={"domain": names, "range": [_STATE_SHAPES[name] for name in names]}, legend=None)
    size = _field("n:Q", scale={"domain": [1, 12], "range": [55, 230], "clamp": True}, legend=None)
    tables = {"terms": data}
    layers = []
    if today is not None:
        tables["today"] = {"day": [today], "text": [today_label]}
        words = _mark("text", baseline="bottom", color=ink.quiet, fontSize=11)
        layers.append(_layer("today", _mark("rule", color=ink.rule, strokeDash=[5, 4], strokeWidth=1.2), x=x))
        layers.append(_layer("today", words, x=x, y={"value": -4}, text=_field("text:N")))
    points = _mark("point", filled=True, opacity=0.95)
    layers.append(_layer("terms", points, x=x, y=y, color=colour, shape=shape, size=size, tooltip=_tooltip(data)))
    labels = _mark("text", dy=-11, color=ink.text, fontSize=10, opacity=_expr("width < 520 ? 0 : 1"), tooltip=None)
    layers.append(_layer("terms", labels, x=x, y=y, text=_field("label:N")))
    return _finished(layers, tables, title, {"step": 34})


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


_KINDS = {"Q": "quantitative", "N": "nominal", "O": "ordinal"}


def _columns(frame: Table, *names: str, by: str = "") -> Columns:
    """The named columns as far as the table has them, absent cells as None; its rows in the order of the column `by`."""
    found = {name: [None if cell != cell else cell for cell in frame[name]] for name in names if name in frame}
    return _sorted(found, found[by]) if by else found


def _sorted(table: Columns, by: Sequence[Any]) -> Columns:
    places = sorted(range(len(by)), key=lambda place: by[place])
    return {name: [cells[place] for place in places] for name, cells in table.items()}


def _numbers(*columns: Iterable[float | None]) -> list[float]:
    return [number for cells in columns for number in cells if number is not None]


def _field(column: str, **more: Any) -> dict[str, Any]:
    """What a channel shows: a column with its kind, quantitative ("value:Q"), nominal ("group:N") or ordinal ("order:O")."""
    name, _, kind = column.partition(":")
    return {"field": name, "type": _KINDS[kind], **more}


def _mark(kind: str, **looks: Any) -> dict[str, Any]:
    return {"type": kind, **looks}


def _layer(table: str, mark: dict[str, Any], *, more: Mapping[str, Any] | None = None, **channels: Any) -> alt.UnitSpec:
    with debug_mode(False):
        return alt.UnitSpec(data=alt.NamedData(table), mark=mark, encoding=channels, **(more or {}))


def _expr(expression: str) -> dict[str, str]:
    return {"expr": expression}


def _target(target: float, label: str) -> Columns:
    return {"value": [float(target)], "text": [label or i18n.number(target, 0 if target == int(target) else 1)]}


def _groups(data: Columns, order: Sequence[str] | None) -> dict[str, Any]:
    """The groups from top to bottom, in the given order or that of the table."""
    names = list(order) if order is not None else list(dict.fromkeys(data["group"]))
    return _field("group:N", sort=names, title=None, axis=_names_axis())


def _number_axis(ticks: int) -> dict[str, Any]:
    """Numbers with the language's decimal sign (Vega itself writes a point)."""
    label = "datum.label" if i18n.language() == "en" else "replace(datum.label, '.', ',')"
    return {"tickCount": ticks, "labelFlush": False, "labelExpr": label}


def _names_axis() -> dict[str, Any]:
    return {
        "labelOverlap": False, "labelFlush": False, "labelLimit": 150, "grid": False, "ticks": False, "domain": False, "labelPadding": 8,
    }  # fmt: skip


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


def _key_points(values: Sequence[float | None]) -> list[bool]:
    """The points whose labels stay when there is little room: the first, the newest, the lowest and the highest."""
    there = [(value, place) for place, value in enumerate(values) if value is not None]
    if not there:
        return [False] * len(values)
    lowest, highest = min(there), max(there, key=lambda point: (point[0], -point[1]))
    keep = {there[0][1], there[-1][1], lowest[1], highest[1]}
    return [place in keep for place in range(len(values))]


def _valleys(values: Sequence[float | None]) -> list[bool]:
    """The points that lie below a neighbour and above none: their labels stand under the line, clear of it."""
    found = []
    for place, value in enumerate(values):
        beside = _numbers(values[max(0, place - 1) : place], values[place + 1 : place + 2])
        found.append(value is not None and bool(beside) and value <= min(beside) and value < max(beside))
    return found


def _tooltip(data: Columns) -> dict[str, Any]:
    """The table's own sentence, or its label."""
    field = "tooltip" if "tooltip" in data else "label" if "label" in data else None
    return _field(f"{field}:N", title="") if field else {"value": None}


def _finished(layers: list[alt.UnitSpec], tables: dict[str, Columns], title: str, height: float | dict[str, int], **more: Any) -> Chart:
    if title:
        more["title"] = title
    with debug_mode(False):
        return Chart(alt.TopLevelLayerSpec(layer=layers, width="container", height=height, **more), tables)


def _arrow(columns: Columns) -> bytes:
    arrays = [pa.array(cells) for cells in columns.values()]
    table = pa.table([a.cast(pa.float64()) if pa.types.is_null(a.type) else a for a in arrays], names=list(columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


# --- pictures ------------------------------------------------------------------------------------------------------------

_GROUNDS = {"light": "#FFFFFF", "dark": "#14191A"}


def picture(
    chart: Chart, title: str = "", lines: Sequence[str] = (), *, theme: str = "light", width: int = 760, scale: float = 2.0
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
    return bytes(vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[]))

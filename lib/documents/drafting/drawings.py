"""The charts of drafts: dynamics and comparison, for a white sheet."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib import analysis, charts, i18n, wording
from lib.documents.document import Picture
from lib.documents.drafting.pen import Pen, Scope, Seen
from lib.model.indicator import Indicator

MOST_BESIDE = 28  # more places than this are no picture that can be read on a sheet
LONGEST = 40  # letters of a title beside an axis
WIDTH, TALL = 640, 180


def history(pen: Pen, seen: Seen) -> list[Picture]:
    """The figure over its periods; nothing where there are fewer than two."""
    indicator = seen.indicator
    if seen.value is None:
        return []
    series = pen.basis.history(indicator, seen.scope, seen.school_year, seen.period)
    there = series.dropna(subset=["value"])
    if len(there) < 2:
        return []
    periods = list(zip(series["school_year"], series["period"], strict=True))
    drawn = {
        "period_label": [f"{wording.short_period(p)}\n{y[2:4]}–{y[7:9]}" if p != "Y" else wording.school_year(y) for y, p in periods],
        **{name: series[name].tolist() for name in ("order", "value", "low", "high")},
        "label": [_label(indicator, value) for value in series["value"]],
    }
    chart = charts.history(
        drawn, indicator.target, unit_title=_axis(indicator), target_label=wording.target(indicator), theme="light", height=TALL
    )  # fmt: skip
    caption = pen.text("c_history", name=wording.titled(indicator))
    told = (f"{wording.at_time(y, p)}: {wording.number(indicator, v)}" for y, p, v in zip(
        there["school_year"], there["period"], there["value"], strict=True))  # fmt: skip
    return [Picture(chart, caption, f"{caption}. {'; '.join(told)}", WIDTH)]


def beside(pen: Pen, indicator: Indicator, by: str, places: Sequence[tuple[str, Scope]]) -> list[Picture]:
    """Places (name, scope) beside each other, the best first, small ones drawn towards the whole. `by`: class, grade, subject, stage or
    association, for the caption. Nothing where fewer than two have a value, or too many to be read."""
    period = pen.basis.near(indicator, {}, pen.year, pen.period)
    found = [(name, pen.seen(indicator, scope, period)) for name, scope in places]
    there = {name: seen for name, seen in found if seen.value is not None and seen.figure is not None}
    if not 2 <= len(there) <= MOST_BESIDE:
        return []
    rows = pd.DataFrame(
        [
            {"place": name, "value": f.value, "numerator": f.numerator, "denominator": f.denominator, "status": f.status}
            for name, seen in there.items()
            if (f := seen.figure) is not None
        ]
    )
    whole = pen.basis.figure(indicator, {}, pen.year, period)
    order = i18n.class_key if by in ("class", "grade") else i18n.ky_key
    ranked = analysis.ranked(rows, indicator, "place", pen.loaded.thresholds.shrinkage_m, whole, order)
    names = ranked["group"].tolist()
    labels = [f"{wording.number(indicator, v)}  n={i18n.number(n, 0)}" for v, n in zip(ranked["value"], ranked["n"], strict=True)]
    drawn = {"group": names, **{name: ranked[name].tolist() for name in ("value", "low", "high", "verdict")}, "label": labels}
    caption = pen.text(f"c_by_{by}", name=wording.titled(indicator))
    if indicator.roll_up == "count":
        chart = charts.bars(drawn, names, unit_title=_axis(indicator), theme="light")
        note = ""
    else:
        target_label = wording.target(indicator)
        chart = charts.ranked(drawn, indicator.target, names, unit_title=_axis(indicator), target_label=target_label, theme="light")
        note = pen.text("c_interval" if ranked["low"].notna().any() else "c_plain") if indicator.target is not None else ""
    said = "; ".join(f"{name}: {wording.number(indicator, value)}" for name, value in zip(names, ranked["value"], strict=True))
    return [Picture(chart, f"{caption}. {note}".strip(". ") + ("." if note else ""), f"{caption}. {said}", WIDTH)]


def _label(indicator: Indicator, value: float) -> str:
    return wording.number(indicator, value) if value == value else ""


def _axis(indicator: Indicator) -> str:
    name = wording.unit(indicator)
    return name if name else indicator.name.of(i18n.language())[:LONGEST]

"""Charts: what is drawn is what was given, in the order given, and it can be read on either ground and without colour."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

import altair
import pandas as pd
import pyarrow as pa
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib import charts, i18n

GROUNDS = {"light": ("#FFFFFF", "#F4F6F5"), "dark": ("#14191A", "#1D2425")}
CLASSES = ["9-О", "9-Ө", "9-У", "9-Ү", "10-А"]  # code points would put 10-А first and 9-Ө last


@pytest.fixture
def series() -> pd.DataFrame:
    values = [47.9, 48.6, None, 50.1, 49.4]
    labels = ["1-ч\n2024/25", "2-ч", "3-ч", "4-ч", "1-ч\n2025/26"]
    texts = ["" if v is None else f"{v}".replace(".", ",") for v in values]
    return pd.DataFrame(
        {"period_label": labels, "order": range(5), "value": values, "low": [45.0, 46, None, 47, 46], "high": [51.0, 51, None, 53, 52],
         "n": [480] * 5, "label": texts}
    )  # fmt: skip


@pytest.fixture
def groups() -> pd.DataFrame:
    return pd.DataFrame(
        {"group": CLASSES, "value": [70.0, 60, 50, 40, None], "low": [55.0, 45, 35, 25, None], "high": [82.0, 73, 65, 57, None],
         "n": [25, 24, 23, 22, 0], "verdict": ["reached", "reached", "near", "missed", "none"],
         "label": ["70,0", "60,0", "50,0", "40,0", "–"]}
    )  # fmt: skip


@pytest.fixture
def cells() -> pd.DataFrame:
    rows = [
        {"row": row, "column": column, "value": 50.0 + 10 * place, "n": 25.0, "label": f"{50 + 10 * place}", "verdict": verdict,
         "distance": float(2 * place)}
        for row in CLASSES for place, (column, verdict) in enumerate((("Өзгөчө", "near"), ("Алгебра", "reached")), -1)
    ]  # fmt: skip
    rows.append({"row": "10-А", "column": "Ырлар", "value": None, "n": None, "label": "–", "verdict": "none", "distance": None})
    return pd.DataFrame(rows)


@pytest.fixture
def marks() -> pd.DataFrame:
    return pd.DataFrame(
        [{"group": g, "mark": m, "count": c, "share": c, "label": str(c)} for g in ("7-А", "7-Б")
         for m, c in zip(("5", "4", "3", "2", "н/а"), (20, 30, 31, 11, 8), strict=True)]
    )  # fmt: skip


@pytest.fixture
def all_charts(series, groups, cells, marks) -> dict[str, charts.Chart]:
    pairs = pd.DataFrame({"internal": [4.1, 3.2], "external": [3.9, 3.4], "group": ["ALG", "PHY"], "n": [25, 20], "label": ["7-А", ""]})
    return {
        "history": charts.history(series, 55, "", "сапат, %", target_label="максат: 55"),
        "history without target": charts.history(series.assign(low=None, high=None).astype({"low": float, "high": float})),
        "ranked": charts.ranked(groups, 55, CLASSES),
        "matrix": charts.matrix(cells, CLASSES, ["Алгебра", "Өзгөчө", "Ырлар"]),
        "stacked_marks": charts.stacked_marks(marks, ["7-Б", "7-А"]),
        "scatter": charts.scatter(pairs, "", "ички", "тышкы"),
        "bars": charts.bars(groups.dropna(), CLASSES[:4]),
        "spark": charts.spark(series),
    }


def walk(node: object, key: str) -> Iterator[object]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            if name != "datasets":
                yield from walk(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value, key)


def drawn(chart: charts.Chart, width: int = 700) -> str:
    """The SVG that Vega itself draws."""
    return vl_convert.vegalite_to_svg({**chart.to_dict(), "width": width, "config": {"font": "DejaVu Sans"}}, vl_version="6.1")


def texts(svg: str) -> list[str]:
    """Visible texts in the order of drawing."""
    found = re.findall(r"<text([^>]*)>(.*?)</text>", svg, re.DOTALL)
    return [re.sub(r"<[^>]+>", " ", text).strip() for style, text in found if 'opacity="0"' not in style]


def test_every_chart_is_valid_and_leaves_ground_and_fonts_to_the_theme(all_charts):
    for name, chart in all_charts.items():
        spec = chart.to_dict()
        altair.LayerChart.from_dict(spec)  # checks it against the schema of Vega-Lite
        assert "background" not in spec and "background" not in json.dumps(spec.get("config", {})), name
        assert not list(walk(spec, "font")), name
        assert spec["width"] == "container", name
        assert texts(drawn(chart)) or name == "spark"


def test_a_page_gets_the_same_rows_as_a_picture(all_charts):
    for name, chart in all_charts.items():
        whole, page = chart.to_dict(), chart.for_page()
        sent = {table: pa.ipc.open_stream(cells).read_all().to_pylist() for table, cells in page.pop("datasets").items()}
        assert sent == whole.pop("datasets"), name
        assert page == whole, name


def test_every_mark_has_something_to_draw(groups, cells):
    """A mark without an item is, for those who do not see it, a picture without a text."""
    whole = groups.assign(low=None, high=None).astype({"low": float, "high": float})
    assert "rule" not in [layer["mark"]["type"] for layer in charts.ranked(whole).to_dict()["layer"]]
    aimless = cells.assign(distance=None).astype({"distance": float})
    assert "point" not in [layer["mark"]["type"] for layer in charts.matrix(aimless, CLASSES, ["Алгебра"]).to_dict()["layer"]]


def test_no_condition_stands_in_another(all_charts):
    for chart in all_charts.values():
        assert not [c for c in walk(chart.to_dict(), "condition") if list(walk(c, "condition"))]


@pytest.mark.parametrize("name", ["ranked", "matrix", "bars"])
def test_groups_stand_in_the_order_given(all_charts, name):
    shown = [text for text in texts(drawn(all_charts[name])) if text in CLASSES]
    assert shown == (CLASSES[:4] if name == "bars" else CLASSES)


def test_stacked_groups_and_marks_stand_in_the_order_given(all_charts):
    shown = texts(drawn(all_charts["stacked_marks"]))
    assert [t for t in shown if t in ("7-А", "7-Б")] == ["7-Б", "7-А"]
    assert [t for t in shown if t in ("5", "4", "3", "2", "н/а")] == ["5", "4", "3", "2", "н/а"]


def test_labels_are_those_given_and_numbers_of_axes_have_a_comma(all_charts):
    shown = texts(drawn(all_charts["history"]))
    assert {"47,9", "48,6", "50,1", "49,4", "максат: 55"} <= set(shown)
    assert not [t for t in texts(drawn(all_charts["scatter"])) if re.fullmatch(r"\d+\.\d+", t)]
    assert [t for t in texts(drawn(all_charts["scatter"])) if re.fullmatch(r"\d+,\d+", t)]


def test_english_has_a_decimal_point(series):
    i18n.use("en")
    try:
        pairs = pd.DataFrame({"internal": [4.1, 3.2], "external": [3.9, 3.4], "group": ["a", "a"], "n": [25, 20], "label": ["", ""]})
        assert not [t for t in texts(drawn(charts.scatter(pairs))) if "," in t]
    finally:
        i18n.use("ky")


def test_years_stand_under_their_first_period(all_charts):
    assert "2024/25" in " ".join(texts(drawn(all_charts["history"])))


def test_on_a_phone_only_the_key_labels_of_a_long_line_stay(series):
    long = pd.concat([series, series.assign(order=range(5, 10))], ignore_index=True)
    wide, narrow = (len([t for t in texts(drawn(charts.history(long), w)) if "," in t]) for w in (700, 330))
    assert wide > narrow >= 3


def test_bars_begin_at_zero(groups):
    spec = charts.bars(groups.dropna()).to_dict()
    assert {tuple(domain) for domain in walk(spec, "domain") if isinstance(domain, list)} == {(0.0, 70.0)}


def test_a_click_in_the_matrix_selects_row_and_column(all_charts):
    (param,) = all_charts["matrix"].to_dict()["params"]
    assert (param["name"], param["select"]["type"], param["select"]["fields"]) == ("cell", "point", ["row", "column"])


def test_a_cell_of_the_matrix_tells_its_verdict_by_shape(all_charts):
    spec = all_charts["matrix"].to_dict()
    (scale,) = [s["scale"] for s in walk(spec, "shape") if isinstance(s, dict)]
    assert dict(zip(scale["domain"], scale["range"], strict=True))["missed"] == "triangle-down"
    svg = drawn(all_charts["matrix"])
    assert len(re.findall('aria-roledescription="point"', svg)) == 10  # the cell without a value has none


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_inks_can_be_read_on_their_ground(theme):
    ink = charts.INKS[theme]
    for ground in GROUNDS[theme]:
        for colour in (ink.text, ink.quiet):
            assert charts.contrast(colour, ground) >= 4.5
        for colour in (ink.main, ink.rule, *ink.verdicts.values()):
            assert charts.contrast(colour, ground) >= 3


def test_inks_for_both_grounds_can_be_told_on_either():
    ink = charts.INKS["both"]
    for ground in ("#FFFFFF", "#14191A"):
        assert min(charts.contrast(colour, ground) for colour in (ink.text, ink.main, *ink.verdicts.values())) >= 3


@given(st.floats(-20, 20), st.booleans())
def test_the_text_of_a_cell_can_be_read_on_its_colour(distance, absent):
    fill = charts._fill(None if absent else 50.0, distance)
    assert charts.contrast(charts.ink_on(fill), fill) >= 4.5


def test_the_text_of_a_segment_can_be_read_on_its_colour():
    assert min(charts.contrast(charts.ink_on(fill), fill) for fill in charts.MARKS) >= 4.5


def test_luminance_is_that_of_wcag():
    assert charts.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert charts.contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=1e-3)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_has_a_ground_a_title_and_twice_the_pixels(all_charts, theme):
    for name, chart in all_charts.items():
        with Image.open(io.BytesIO(charts.picture(chart, "Ө — Ң — Ү", ["чыпка", "сүрөт"], theme=theme, width=500))) as image:
            assert image.format == "PNG"
            assert image.width >= 1000, name
            ground = tuple(int(GROUNDS[theme][0][i : i + 2], 16) for i in (1, 3, 5))
            assert image.convert("RGB").getpixel((2, 2)) == ground
            assert len(set(image.convert("L").tobytes())) > 8, name


def test_empty_frames_make_empty_charts(series, groups, cells, marks):
    for chart in (
        charts.history(series.iloc[:0]), charts.ranked(groups.iloc[:0]), charts.matrix(cells.iloc[:0], [], []),
        charts.stacked_marks(marks.iloc[:0]), charts.bars(groups.iloc[:0]), charts.spark(series.iloc[:0]),
    ):  # fmt: skip
        assert chart.to_dict()["layer"]

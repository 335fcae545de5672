"""What can be worked out of the published files: no small hidden number, no name, no code, no class.

Recomputed here from data.csv and the snapshot alone, without the product's disclosure code.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from lib.model.form import ColumnType
from lib.settings import ROOT
from tests.publication.conftest import YEAR, Published
from tests.publication.test_contract import rows

pytestmark = pytest.mark.slow

# Books, hours, plans: no people (config/disclosure.yaml may list more; here stand those that the demo has).
THINGS = {"D5.01", "D5.03", "D5.04", "D6.01", "D6.02", "D6.04", "D6.05", "D6.07", "D7.02", "D8.02", "D9.05", "Q.03", "Q.04"}
SECRET, FEW = 10, 5


def truth(published: Published) -> dict[tuple[str, str, str, str], tuple[float | None, float | None, str]]:
    """(indicator, period, cut, group) → numerator, denominator, status."""
    table = published.snapshot.values(school_year=YEAR)
    found = {}
    for row in table[table["part"].astype(str) == ""].to_dict("records"):
        if row["level"] in ("school", "stage", "subject"):
            group = "" if row["level"] == "school" else row[row["level"]]
            pair = tuple(None if row[name] != row[name] else row[name] for name in ("numerator", "denominator"))
            found[row["indicator"], row["period"], row["level"], group] = (*pair, row["status"])
    return found


def test_a_symbol_leaves_no_number(published: Published):
    for folder in (published.first, published.second):
        for row in rows(folder):
            if row["symbol"] not in ("", "i"):
                assert row["value"] == "" and row["numerator"] == "", row
            if row["symbol"] in ("z", "x"):
                assert row["denominator"] == "", row


def test_no_share_of_people_stands_on_fewer_than_ten(published: Published):
    known = truth(published)
    small = 0
    for row in rows(published.second):
        n = known[row["indicator"], row["period"], row["cut"], row["group"]][1]
        if row["indicator"] not in THINGS and n is not None and 0 < n < SECRET:
            small += 1
            assert row["value"] == row["numerator"] == row["denominator"] == "" and row["symbol"] == "c", row
    assert small, "the demo school has no small group: this test does not test"


def test_value_is_numerator_by_denominator_or_nothing(published: Published):
    scale = {code: indicator.scale for code, indicator in published.settings.indicators.items()}
    for row in rows(published.second):
        assert bool(row["value"]) == bool(row["numerator"]), row
        if row["value"] and row["denominator"]:
            again = scale[row["indicator"]] * float(row["numerator"]) / float(row["denominator"])
            assert float(row["value"]) == pytest.approx(again), row


def determined(equations: list[dict[str, Fraction]], wanted: str) -> bool:
    """Whether the equations (variable → factor) fix the variable: Gauss with exact numbers."""
    rows_left = [dict(row) for row in equations]
    columns = sorted({name for row in rows_left for name in row} - {wanted})
    for column in columns:
        pivot = next((row for row in rows_left if row.get(column)), None)
        if pivot is None:
            continue
        rows_left.remove(pivot)
        for row in rows_left:
            if factor := row.get(column):
                for name, value in pivot.items():
                    row[name] = row.get(name, Fraction(0)) - value * factor / pivot[column]
                    if not row[name]:
                        del row[name]
    return any(set(row) == {wanted} for row in rows_left)


@pytest.mark.parametrize("name", ["numerator", "denominator"])
def test_no_small_hidden_number_follows_from_the_margins(published: Published, name: str):
    """Both editions and all their margins together as linear equations: none has a small hidden number as its only solution."""
    known = truth(published)
    tables: dict[tuple[str, str], dict[tuple[str, str], str]] = defaultdict(dict)
    for folder in (published.first, published.second):
        for row in rows(folder):
            place = row["indicator"], row["period"]
            tables[place].setdefault((row["cut"], row["group"]), row[name])
            tables[place][row["cut"], row["group"]] = tables[place][row["cut"], row["group"]] or row[name]
    place_of = 0 if name == "numerator" else 1
    asked = 0
    for (code, period), cells in tables.items():
        if code in THINGS:
            continue
        real = {cell: known[code, period, *cell][place_of] or 0.0 for cell in cells}
        equations = []
        for cut in ("stage", "subject"):
            parts = [cell for cell in cells if cell[0] == cut]
            if parts and abs(sum(real[cell] for cell in parts) - real["school", ""]) < 1e-6:
                unknown = [(cell, 1) for cell in parts if not cells[cell]] + ([(("school", ""), -1)] if not cells["school", ""] else [])
                unknown = [(cell, sign) for cell, sign in unknown if known[code, period, *cell][2] in ("ok", "incomplete")]
                equations.append({f"{cell}": Fraction(sign) for cell, sign in unknown})
        for cell, published_number in cells.items():
            small = 0 < real[cell] < (FEW if name == "numerator" else SECRET)
            if not published_number and small:
                asked += 1
                assert not determined(equations, f"{cell}"), (code, period, cell, equations)
    assert asked, "the demo school hides nothing small: this test does not test"


def test_gauss_finds_what_is_determined():
    one, minus = Fraction(1), Fraction(-1)
    assert determined([{"a": one}], "a")
    assert determined([{"a": one, "b": one}, {"b": one}], "a")
    assert determined([{"a": one, "b": one}, {"a": one, "b": minus}], "a")
    assert not determined([{"a": one, "b": one}], "a")
    assert not determined([{"a": one, "b": one, "c": one}, {"c": one}], "a")


# --- nobody is named -----------------------------------------------------------------------------------------------------


def paper(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode("utf-8")


@pytest.fixture(scope="module")
def everything(published: Published) -> dict[str, str]:
    """The text of each published file."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in published.second.iterdir() if path.suffix != ".pdf"}
    return texts | {path.name: paper(path) for path in published.second.glob("*.pdf")}


def test_no_name_code_or_class_is_published(published: Published, everything: dict[str, str]):
    snapshot, names, codes, classes = published.snapshot, set(), set(), set()
    for form, code in (("R1", "pupil_id"), ("R2S", "teacher_id")):
        records = snapshot.records(form).to_pylist()
        names |= {row["full_name"] for row in records if row["full_name"]}
        codes |= {row[code] for row in records if row[code]}
        classes |= {row["school_class"] for row in records if row.get("school_class")}
    assert len(names) > 80 and len(codes) > 80 and len(classes) > 8
    surnames = {name.split()[0] for name in names if len(name.split()[0]) > 5}
    for file, text in everything.items():
        flat = " ".join(text.split())
        assert [name for name in names if name in flat] == [], file
        assert [code for code in codes if re.search(rf"\b{re.escape(code)}\b", flat)] == [], file
        assert [name for name in classes if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", flat)] == [], file
        assert [name for name in surnames if re.search(rf"\b{re.escape(name)}\b", flat)] == [], file


def test_no_free_text_is_published(published: Published, everything: dict[str, str]):
    """Decisions, remarks, titles of events: what people typed stays inside."""
    loaded, typed = published.settings, set()
    for form in loaded.forms.values():
        records = published.snapshot.records(form.id)
        for column in form.columns:
            if column.type in (ColumnType.TEXT, ColumnType.NAME) and column.key in records.column_names:
                typed |= {str(text) for text in records[column.key].unique().to_pylist() if text and len(str(text)) > 20}
        typed |= {str(name).rsplit("/", 1)[-1] for name in records["workbook"].unique().to_pylist()}
    configured = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "config").rglob("*.yaml"))
    typed = {words for words in typed if words not in configured}  # plan rows that are named as an indicator is
    assert len(typed) > 50
    for file, text in everything.items():
        flat = " ".join(text.split())
        assert [words for words in typed if words in flat] == [], file

"""Nothing is lost and nothing is changed: cells counted with openpyxl, and a spoilt school held against its unspoilt twin."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT, Cli
from tests.oracle.raw import FIRST_DATA_ROW, Grammar, Reported, match_key, read_school

pytestmark = pytest.mark.oracle

PUPILS, YEARS, SEED = 120, 2, 13

# The demo without its damage has no command of its own: its plan is written as it is.
TWIN = """
import sys
from pathlib import Path
from lib import settings
from lib.demo import AS_OF, plan_school
from lib.templates import write_workbooks
loaded = settings.load(None, as_of=AS_OF)
plans, _, _ = plan_school({pupils}, {years}, {seed}, loaded, AS_OF, damaged=False)
write_workbooks(Path(sys.argv[1]), plans, loaded)
"""

Place = tuple[str, str, tuple]  # form, school year, what keeps the row apart
Values = dict[tuple[Place, str], object]


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> tuple[Path, str]:
    """A spoilt demo school and what `collect` said."""
    store = tmp_path_factory.mktemp("conservation") / "spoilt"
    cli("demo", store, "--pupils", PUPILS, "--years", YEARS, "--seed", SEED)
    done = cli("collect", "--store", store)
    return store, done.stdout.strip()


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same school before anyone spoilt it."""
    store = tmp_path_factory.mktemp("conservation") / "twin"
    script = TWIN.format(pupils=PUPILS, years=YEARS, seed=SEED)
    subprocess.run([sys.executable, "-c", script, str(store)], cwd=ROOT, env=os.environ | {"PYTHONUTF8": "1"}, check=True, timeout=300)
    return store


def snapshot(store: Path) -> Path:
    """The folder of the current snapshot."""
    return store / ".sapat" / "snapshots" / (store / ".sapat" / "current").read_text(encoding="utf-8").strip()


def count_cells(store: Path) -> Counter[tuple[str, str]]:
    """Non-empty cells from the first data row on, by workbook and tab, of the tabs that name themselves."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(store.rglob("*.xlsx")):
        book = openpyxl.load_workbook(path, read_only=True)  # formulas as formulas: one that was never calculated is a cell too
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True)
            if (next(rows, ()) or ("",))[0] != "sapat":
                continue
            place = (path.relative_to(store).as_posix(), sheet.title)
            for number, row in enumerate(rows, 2):
                if number >= FIRST_DATA_ROW:
                    found[place] += sum(value is not None and str(value).strip() != "" for value in row)
        book.close()
    return found


def test_every_cell_is_accepted_or_reported(spoilt: tuple[Path, str]) -> None:
    store, said = spoilt
    last = said.splitlines()[-1]
    numbers = re.fullmatch(r"cells (\d+) = accepted (\d+) \+ reported (\d+)", last)
    assert numbers, last
    cells, accepted, reported = map(int, numbers.groups())
    assert cells == accepted + reported and reported > 0

    counted = count_cells(store)
    sheets = pq.read_table(snapshot(store) / "sheets.parquet").to_pylist()
    by_tab = {(row["workbook"], row["tab"]): row["cells"] for row in sheets}
    assert {place: n for place, n in counted.items() if by_tab.get(place) != n} == {}
    assert sum(counted.values()) == cells
    # what was accepted lies in the records, cell by cell (the names of pupils are checked against the register and not kept)
    assert accepted == sum(row["accepted"] for row in sheets) and reported == sum(row["reported"] for row in sheets)


def plain(grammar: Grammar, form: str, key: str, value: object) -> object:
    """A value in a form that can be compared: codes without case, roles by their key, words by what people mean."""
    if isinstance(value, list):
        return tuple(grammar.role_keys.get(match_key(each), match_key(each)) for each in value)
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, bool | dt.date):
        return value
    if isinstance(value, int | float):
        return float(value)
    return str(value).casefold() if grammar.columns[form][key]["type"] == "id" else match_key(value)


def row_place(grammar: Grammar, form: str, year: str, identity: tuple[str, ...], row: dict, at: tuple[str, int]) -> Place | None:
    """What a row is about: its key where the form has one, else where it stands. None when a key cell is missing."""
    keys = grammar.forms[form].get("row_key") or []
    if any(row.get(key) is None and not grammar.columns[form][key].get("optional") for key in keys):
        return None
    named = tuple(plain(grammar, form, key, row.get(key) or "") for key in keys)
    return form, year, (identity + named) if keys else at


def accepted_values(store: Path, grammar: Grammar) -> Values:
    """What the product keeps: every column of every record, but names."""
    values: Values = {}
    for path in (snapshot(store) / "records").glob("*.parquet"):
        form = path.stem
        for record in pq.read_table(path).to_pylist():
            identity = tuple(record[name] or "" for name in ("school_class", "subject")) if grammar.forms[form]["tab"] != "single" else ()
            place = row_place(grammar, form, record["school_year"], identity, record, (record["workbook"], record["row"]))
            assert place is not None, f"{form} row {record['row']} of {record['workbook']} was accepted without its key"
            for key, column in grammar.columns[form].items():
                if column["type"] != "name" and record.get(key) is not None:
                    values[place, key] = plain(grammar, form, key, record[key])
    return values


def tab_of(row: dict) -> tuple[str, ...]:
    """What a tab is, whatever it is called."""
    return tuple(str(row[name]) for name in ("@workbook", "form", "@school_class", "@subject", "@method_association"))


def twins_values(store: Path, grammar: Grammar) -> tuple[Values, dict[Place, tuple[str, ...]]]:
    """What was typed before it was spoilt, read by the oracle's own grammar, and the tab that each row stands in."""
    school = read_school(store)
    assert not school.unreadable, school.unreadable[:10]
    values: Values = {}
    tabs: dict[Place, tuple[str, ...]] = {}
    for form, rows in school.rows.items():
        for row in rows:
            identity: tuple[str, ...] = ()
            if grammar.forms[form]["tab"] != "single":
                identity = (str(row["@school_class"] or row.get("school_class", "")), str(row["@subject"] or row.get("subject", "")))
            place = row_place(grammar, form, str(row["@school_year"]), identity, row, (str(row["@workbook"]), row["@row"]))
            if place is None:
                continue
            tabs[place] = tab_of({**row, "form": form})
            for key, column in grammar.columns[form].items():
                if column["type"] != "name" and key in row:
                    values[place, key] = plain(grammar, form, key, row[key])
    return values, tabs


def test_a_spoilt_school_gives_its_twins_values_less_the_reported_cells(spoilt: tuple[Path, str], twin: Path, cli: Cli) -> None:
    store, _ = spoilt
    grammar = Grammar()
    kept = accepted_values(store, grammar)
    typed, tabs = twins_values(twin, grammar)
    changed = {key: (value, typed.get(key)) for key, value in kept.items() if typed.get(key) != value}
    assert not changed, f"{len(changed)} accepted values differ from what was typed: {list(changed.items())[:10]}"

    # a tab that someone deleted has no cells that could be reported
    there = {tab_of(tab) for tab in read_school(store).tabs}
    missing = Counter(tabs[place][0] for place, _ in typed.keys() - kept.keys() if tabs[place] in there)
    reported = Reported.of_csv(cli("issues", "--store", store, "--format", "csv").stdout)
    cells: Counter[str] = Counter()
    for (workbook, _), places in reported.cells.items():
        cells[workbook] += len(places)
    silent = {workbook: (n, cells[workbook]) for workbook, n in missing.items() if n > cells[workbook]}
    assert missing and not silent, f"more values gone than cells reported, by workbook: {silent}"
    print(f"{len(kept)} accepted values as typed, {sum(missing.values())} gone with {sum(cells.values())} reported cells")

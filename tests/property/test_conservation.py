"""Conservation: whatever people do to a workbook, every cell ends as accepted or as a located issue, and nothing moves silently."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from lib import settings as configuration
from lib.i18n import match_key
from lib.intake.identity import check
from lib.intake.parse import edit_distance, is_blank
from lib.intake.read import read_sheets
from lib.intake.reading import Reading, TabReading
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellError, NotCalculated, RawSheet
from lib.model.form import ColumnType
from lib.model.issue import Issue, Severity
from lib.store.folder import FolderStore
from tests import small_school
from tests.property.damage import KINDS, Origin, School, whole

pytestmark = pytest.mark.slow

LOADED = configuration.load()
WORDS = Vocabulary.of(LOADED)
FORMS = dict(LOADED.forms)
REGISTERS = {"(R1)": "pupil", "(R2S)": "teacher", "(R2C)": "class"}
_SEEDS = (1, 2)
_CHECKED: Counter[str] = Counter()

Place = tuple[str, str, int, int]  # workbook, tab, row, column of a damaged school


@dataclass
class Outcome:
    """A collected school: where its cells are, what was accepted where, what was reported where."""

    tabs: list[TabReading]
    issues: list[Issue]
    origins: dict[Place, Origin | None]
    accepted: dict[Place, tuple[str, tuple[str, ...], str, object, tuple[Place, ...]]] = field(default_factory=dict)
    reported: dict[Place, list[str]] = field(default_factory=dict)


def collected(school: School) -> Outcome:
    books: dict[str, list[RawSheet]] = {}
    origins: dict[Place, Origin | None] = {}
    for sheet in school:
        books.setdefault(sheet.workbook, []).append(sheet.raw())
        for r, row in enumerate(sheet.grid):
            for c, cell in enumerate(row):
                if not is_blank(cell.value):
                    origins[sheet.workbook, sheet.title, r, c] = cell.origin
    readings = [read_sheets(name, sheets, WORDS) for name, sheets in sorted(books.items())]
    kept = [Reading.from_plain(reading.to_plain()) for reading in readings]
    tabs, issues = check([reading for reading in kept if reading is not None], LOADED)
    outcome = Outcome(tabs, issues, origins)
    for tab in tabs:
        for i, row in enumerate(tab.rows):
            mates = tuple((tab.workbook, tab.tab, row - 1, index(tab.columns[k])) for k, v in tab.values.items() if v[i] is not None)
            for key, values in tab.values.items():
                if values[i] is not None:
                    place = (tab.workbook, tab.tab, row - 1, index(tab.columns[key]))
                    outcome.accepted[place] = (tab.form, tab.scope, key, values[i], mates)
    by_tab = {(tab.workbook, tab.tab): tab for tab in tabs}
    for issue in issues:
        if issue.cells:
            tab = by_tab[issue.workbook, issue.tab]
            for place in located(issue, tab, outcome):
                outcome.reported.setdefault(place, []).append(issue.code)
    return outcome


def index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def located(issue: Issue, tab: TabReading, outcome: Outcome) -> list[Place]:
    """The filled cells that an issue speaks of; an issue of the whole tab speaks of all that no other issue has named."""
    if not issue.cell:
        named = {p for other in outcome.issues if other.cell and other.cells for p in located(other, tab, outcome)
                 if (other.workbook, other.tab) == (issue.workbook, issue.tab)}  # fmt: skip
        inside = [p for p in outcome.origins if p[:2] == (issue.workbook, issue.tab) and p not in named]
        # hidden rows and headers of a refused tab are no data: only as many cells as were counted, from below
        return sorted(inside, key=lambda p: p[2])[len(inside) - issue.cells :]
    found = re.fullmatch(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?", issue.cell)
    assert found, issue
    first, last = index(found[1]), index(found[3] or found[1])
    rows = range(int(found[2]) - 1, int(found[4] or found[2]))
    places = [(issue.workbook, issue.tab, r, c) for r in rows for c in range(first, last + 1)]
    return [p for p in places if p in outcome.origins]


def alike(key: str, form: str, one: object, other: object) -> bool:
    """Equal; for names, one name in whatever spelling (slips are among the kinds of damage)."""
    if FORMS[form].by_key[key].type is ColumnType.NAME:
        words, others = ("".join(sorted(map(match_key, str(name).split()))) for name in (one, other))
        return edit_distance(words, others, 2) <= 2
    return one == other


def assert_conserved(damaged: School, kinds: list[str]) -> None:
    """Every cell is accounted for once, every accepted one is the twin's in its own row and column, every loss has an address."""
    outcome = collected(damaged)
    _CHECKED["cells"] += sum(tab.cells for tab in outcome.tabs)
    for tab in outcome.tabs:
        own = [i for i in outcome.issues if (i.workbook, i.tab) == (tab.workbook, tab.tab)]
        assert tab.cells == tab.accepted + tab.reported, (kinds, tab)
        assert tab.reported == sum(i.cells for i in own), (kinds, tab.tab, own)
        accepted = sum(v is not None for column in tab.values.values() for v in column)
        assert tab.accepted == accepted, (kinds, tab)
    for place, codes in outcome.reported.items():
        assert len(codes) == 1, (kinds, place, codes)
        assert place not in outcome.accepted, (kinds, place, codes)
    # nothing between the first and the last record of a tab is left out of both
    for tab in outcome.tabs:
        if tab.rows:
            counted = [p for p in outcome.origins if p[:2] == (tab.workbook, tab.tab) and p[2] >= tab.rows[0] - 1]
            assert all(p in outcome.accepted or p in outcome.reported for p in counted), (kinds, tab.tab)
    missing = {
        register
        for issue in outcome.issues
        if issue.code == "registry_missing"
        for register in REGISTERS
        if register in issue.slots["register"]
    }
    unchecked_forms = {form.id for form in FORMS.values() if {REGISTERS[r] for r in missing} & {c.refers_to for c in form.columns}}
    # no silent shift: an accepted cell of the twin keeps its value, its question, its tab and its row-mates
    for place, (form, scope, key, value, mates) in outcome.accepted.items():
        origin = outcome.origins[place]
        # without a register nobody can tell whose name stands beside a code, or whether the code exists; that nothing was checked is said
        unchecked = unchecked_forms & {form}
        if origin is None or unchecked:
            continue
        twin = TWIN_BY_ORIGIN[origin]
        assert (form, scope, key) == twin[:3], (kinds, place, key, twin)
        assert alike(key, form, value, twin[3]), (kinds, place, value, twin)
        rows = {(m_origin[:3]) for m in mates if (m_origin := outcome.origins[m]) is not None}
        assert len(rows) == 1, (kinds, place, rows)
    # every value that the twin has and this school has not was reported, or is not in the sheets any more
    present = {origin for origin in outcome.origins.values() if origin is not None}
    accepted_origins = {outcome.origins[p] for p in outcome.accepted}
    reported_origins = {outcome.origins[p] for p in outcome.reported}
    for origin in TWIN_BY_ORIGIN:
        if origin in present and origin not in accepted_origins and origin not in reported_origins:
            where = [p for p, o in outcome.origins.items() if o == origin]
            raise AssertionError((kinds, "lost without a word", where))
    for issue in outcome.issues:
        words = LOADED.issues[issue.code]
        for text in (words.seen, words.expected, words.mend):
            for language in ("ky", "ru", "en"):
                text.of(language).format(**issue.slots)


TWIN = collected(whole(small_school.school(FORMS)))
TWIN_BY_ORIGIN = {TWIN.origins[place]: fact for place, fact in TWIN.accepted.items()}


def test_the_twin_is_accepted_whole():
    assert TWIN.issues == []
    assert sum(tab.cells for tab in TWIN.tabs) == len(TWIN.accepted) > 1_500


def test_there_are_enough_kinds_of_damage():
    assert len(KINDS) >= 40


@pytest.mark.parametrize("name", KINDS)
def test_one_kind_of_damage(name: str):
    """What one kind of damage does to the school: nothing is lost or moved without a word."""
    for seed in _SEEDS:
        school = whole(small_school.school(FORMS))
        KINDS[name](school, FORMS, random.Random(seed))
        assert_conserved(school, [name, str(seed)])


@runs(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=8), st.integers(0, 2**20))
def test_much_damage_at_once(names: list[str], seed: int):
    # who exchanges two columns and then takes away their headers leaves nothing to see it by
    assume("headers_swapped" not in names or not {"headers_erased", "header_renamed", "russian_headers_deleted"} & set(names))
    school = whole(small_school.school(FORMS))
    some = random.Random(seed)
    for name in names:
        try:
            KINDS[name](school, FORMS, some)
        except (IndexError, ValueError):
            continue  # nothing is left that this damage could spoil
    assert_conserved(school, names)


def test_enough_cells_were_tried():
    assert _CHECKED["cells"] >= 5_000


# What the reader of a report must see of the classic accidents.
EXPECTED: dict[str, set[str]] = {
    "mark_as_text": set(),
    "mark_with_decimal": set(),
    "mark_with_spaces": set(),
    "not_attested_in_latin": set(),
    "released_in_words": set(),
    "code_in_cyrillic": set(),
    "code_in_small_letters": set(),
    "name_decomposed": set(),
    "name_with_wrong_code_points": set(),
    "name_without_kyrgyz_letters": set(),
    "name_words_turned": set(),
    "name_with_spaces": set(),
    "date_as_text": set(),
    "date_as_iso": set(),
    "date_as_serial": set(),
    "date_with_time": set(),
    "number_as_text": set(),
    "yes_and_no_in_other_words": set(),
    "choice_in_capitals": set(),
    "choice_in_russian": set(),
    "class_in_latin": set(),
    "class_spelt_freely": set(),
    "subject_by_name": set(),
    "month_in_words": set(),
    "rows_sorted": set(),
    "blank_row_inserted": set(),
    "trailing_empties_trimmed": set(),
    "invisible_content": set(),
    "blank_column_inserted": set(),
    "columns_reordered": set(),
    "header_renamed": set(),
    "title_row_deleted": set(),
    "russian_headers_deleted": set(),
    "headers_erased": set(),
    "tab_renamed": set(),
    "tab_moved": set(),
    "rows_above": set(),
    "mark_became_date": {"date_in_mark"},
    "mark_one": {"mark_one"},
    "mark_that_is_none": {"mark_expected", "date_in_mark"},
    "key_row_lost": {"key_row_lost"},
    "keys_and_headers_lost": {"header_lost"},
    "remarks_column_inserted": {"column_unknown"},
    "headers_swapped": {"column_contradiction"},
    "column_copied_and_changed": {"column_twice"},
    "row_copied": {"duplicate_row_same"},
    "row_copied_and_changed": {"duplicate_row"},
    "row_copied_without_marks": {"duplicate_row_same"},
    "totals_of_a_list": {"date_expected", "row_without_key"},
    "name_with_a_slip": {"name_differs"},
    "name_of_somebody_else": {"name_id_mismatch"},
    "names_sorted_alone": {"name_id_mismatch"},
    "part_of_the_sheet_sorted": {"name_id_mismatch"},
    "form_newer": {"form_newer"},
    "extra_tab": {"tab_ignored"},
    "tab_copied_and_changed": {"duplicate_tab"},
}


@pytest.mark.parametrize(("name", "codes"), EXPECTED.items())
def test_what_is_said_about_it(name: str, codes: set[str]):
    for seed in _SEEDS:
        school = whole(small_school.school(FORMS))
        KINDS[name](school, FORMS, random.Random(seed))
        said = {issue.code for issue in collected(school).issues}
        if name == "row_copied" and not said:
            continue  # a form without a row key may hold equal rows
        # a register that was spoilt makes its own mistakes elsewhere
        consequences = {
            code for code in said if code.endswith(("_unknown", "_unknown_named", "_not_listed", "registry_missing", "name_unproven"))
        }
        assert said - (consequences - codes) == codes, (seed, said)


@pytest.mark.parametrize("seed", (5, 6))
def test_the_same_through_files(tmp_path: Path, seed: int):
    """A damaged school written as .xlsx and read back is judged as the same school in memory."""
    school = whole(small_school.school(FORMS))
    some = random.Random(seed)
    for name in some.sample(sorted(set(KINDS) - {"formula_not_calculated", "count_that_is_none", "date_that_is_none"}), 12):
        KINDS[name](school, FORMS, some)
    tabs = [small_school.Tab(s.workbook, s.title, s.form, [[c.value for c in row] for row in s.grid]) for s in school]
    small_school.write(tmp_path, tabs)
    store = FolderStore(tmp_path)
    for info in store.workbooks():
        from_file = read_sheets(info.name, store.read(info.name), WORDS)
        in_memory = read_sheets(info.name, small_school.by_workbook(tabs)[info.name], WORDS)
        assert from_file == in_memory


def test_uncalculated_and_wrong_cells_are_errors():
    for value, code in ((CellError("#REF!"), "cell_error"), (NotCalculated("A1"), "not_calculated")):
        tabs = small_school.school(FORMS)
        sheet = next(t for t in tabs if t.form == "F01")
        sheet.grid[7][3] = value
        reading = read_sheets(sheet.workbook, [sheet.sheet()], WORDS)
        assert [(i.code, i.severity, i.cell, i.cells) for i in reading.issues] == [(code, Severity.ERROR, "D8", 1)]

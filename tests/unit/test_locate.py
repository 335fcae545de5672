"""Finding a form on a tab: hidden rows first, then what else tells; what cannot be told is refused, never guessed."""

from __future__ import annotations

import pytest

from lib.intake.locate import Context, Layout, context, locate, signature
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import RawSheet
from lib.settings import Settings
from tests.small_school import Grid, grid_of, pupils


@pytest.fixture(scope="module")
def words(loaded: Settings) -> Vocabulary:
    return Vocabulary.of(loaded)


@pytest.fixture
def marks(loaded: Settings) -> Grid:
    """F01, 7-А, algebra: twelve pupils with marks in the first quarter."""
    rows = [{"pupil_id": p["pupil_id"], "full_name": p["full_name"], "q1": 5, "q2": 4} for p in pupils("7-А")]
    return grid_of(loaded.forms["F01"], rows, school_class="7-А", subject="ALG")


def found(grid: Grid, words: Vocabulary, title: str = "Алгебра", others: Context | None = None) -> Layout:
    layout = locate(RawSheet("2025-2026/class-7-А.xlsx", title, grid), signature(grid), others or Context(), words)
    assert layout is not None
    return layout


def codes(layout: Layout) -> list[str]:
    refused = [layout.refused.code] if layout.refused else []
    return [p.code for p in layout.problems] + [p.code for p in layout.unused.values()] + refused


def test_a_tab_as_the_template_made_it(marks: Grid, words: Vocabulary):
    layout = found(marks, words)
    assert layout.form is not None
    assert (layout.form.id, layout.school_year, layout.school_class, layout.subject) == ("F01", "2025-2026", "7-А", "ALG")
    assert list(layout.columns) == ["pupil_id", "full_name", "q1", "q2", "q3", "q4", "year", "exam", "final"]
    assert list(layout.data_rows) == list(range(5, 17))
    assert codes(layout) == []


def test_identity_cells_in_any_order(marks: Grid, words: Vocabulary):
    marks[0] = [None, "subject=ALG", " Form = f01@1 ", "school_class=7-A", "sapat", "school_year=2025-2026"]
    layout = found(marks, words)
    assert (layout.school_class, layout.subject, codes(layout)) == ("7-А", "ALG", [])


def test_columns_moved_with_their_keys_are_read_by_key(marks: Grid, words: Vocabulary):
    moved = [[row[c] if c < len(row) else None for c in (4, 0, 8, 2, 1, 3, 5, 6, 7)] for row in marks]
    layout = found(moved, words)
    assert layout.columns["pupil_id"] == 1
    assert layout.columns["q1"] == 3
    assert layout.columns["q2"] == 5
    # the identity cells moved as well
    assert layout.refused is None


def test_a_renamed_header_changes_nothing(marks: Grid, words: Vocabulary):
    marks[3][2] = marks[4][2] = "Биринчи чейректин баасы"
    assert found(marks, words).columns["q1"] == 2
    assert codes(found(marks, words)) == []


def test_key_and_header_that_contradict_each_other(marks: Grid, words: Vocabulary):
    marks[3][2], marks[3][3] = marks[3][3], marks[3][2]
    layout = found(marks, words)
    assert "q1" not in layout.columns
    assert "q2" not in layout.columns
    assert codes(layout) == ["column_contradiction", "column_contradiction"]


def test_a_key_twice(marks: Grid, words: Vocabulary):
    for r, row in enumerate(marks):
        row.append({1: "q1", 3: "1-чейрек"}.get(r, 3.0 if r >= 5 else None))
    layout = found(marks, words)
    assert "q1" not in layout.columns
    assert set(codes(layout)) == {"column_twice"}
    for row in marks[5:]:
        row[-1] = row[2]
    layout = found(marks, words)
    assert layout.columns["q1"] == 2
    assert codes(layout) == ["column_twice"]


def test_key_row_lost_headers_stand_in(marks: Grid, words: Vocabulary):
    marks[1] = []
    layout = found(marks, words)
    assert layout.columns["q4"] == 5
    assert codes(layout) == ["key_row_lost"]


@pytest.mark.parametrize("row", [3, 4])
def test_one_header_row_is_enough(marks: Grid, words: Vocabulary, row: int):
    marks[1] = []
    del marks[row]
    layout = found(marks, words)
    assert layout.columns["year"] == 6
    assert list(layout.data_rows) == list(range(4, 16))


def test_headers_in_other_spellings(marks: Grid, words: Vocabulary):
    marks[1] = []
    marks[3][:7] = ["ОКУУЧУНУН  КОДУ", "аты жөнү", "1 чейрек", "2чейрек", "3-Чейрек", "4-чейрек.", "Жылдык баа"]
    marks[4] = []
    layout = found(marks, words)
    assert {layout.columns[k] for k in ("pupil_id", "full_name", "q1", "q2", "q3", "q4", "year")} == set(range(7))


def test_a_misspelt_header_is_taken_with_a_warning(marks: Grid, words: Vocabulary):
    marks[1], marks[4] = [], []
    marks[3][6] = "Жылдык ба"
    layout = found(marks, words)
    assert layout.columns["year"] == 6
    assert codes(layout) == ["key_row_lost", "column_guessed"]


def test_a_quarter_is_never_taken_for_another(marks: Grid, words: Vocabulary):
    """ "5-чейрек" is one letter from four headers, and "11-чейрек" from one: neither is understood."""
    for wrong in ("5-чейрек", "11-чейрек", "-чейрек"):
        grid = [list(row) for row in marks]
        grid[1], grid[4] = [], []
        grid[3][2] = wrong
        layout = found(grid, words)
        assert "q1" not in layout.columns
        assert "column_unknown" in codes(layout)
        assert "column_missing" in codes(layout)


def test_keys_and_headers_lost(marks: Grid, words: Vocabulary):
    for r in (1, 3, 4):
        marks[r] = []
    layout = found(marks, words)
    assert codes(layout) == ["header_lost"]
    # the title above counts too: nothing tells it from data any more
    assert sum(cell is not None for r in layout.data_rows for cell in marks[r]) == 12 * 4 + 1


def test_the_column_of_codes_lost(marks: Grid, words: Vocabulary):
    layout = found([row[:0] + row[1:] if r else row for r, row in enumerate(marks)], words)
    assert "key_column_missing" in codes(layout)


def test_unknown_and_missing_columns(marks: Grid, words: Vocabulary):
    for r in (1, *range(3, 17)):
        marks[r][4] = {3: "Эскертүү", 6: "жакшы"}.get(r)
    layout = found(marks, words)
    assert set(codes(layout)) == {"column_unknown", "column_missing"}
    assert layout.unused[4].slots["seen"] == "Эскертүү"


def test_rows_above_and_title_row_gone(marks: Grid, words: Vocabulary):
    layout = found([["Урматтуу мугалимдер!"], [], *marks], words)
    assert list(layout.data_rows)[0] == 7
    del marks[2]
    assert list(found(marks, words).data_rows)[0] == 4


def test_a_newer_version(marks: Grid, words: Vocabulary):
    marks[0][1] = "form=F01@2"
    layout = found(marks, words)
    assert layout.refused is not None
    assert (layout.refused.code, layout.refused.slots) == ("form_newer", {"seen": "2", "known": "1"})


def test_an_unknown_form(marks: Grid, words: Vocabulary):
    marks[0][1] = "form=F77@1"
    assert codes(found(marks, words)) == ["form_unknown"]


def test_identity_lost_is_told_from_title_and_other_tabs(marks: Grid, words: Vocabulary):
    marks[0] = []
    others = Context({"2025-2026"}, {"7-А"}, set())
    layout = found(marks, words, "Алгебра", others)
    assert (layout.school_year, layout.school_class, layout.subject, layout.refused) == ("2025-2026", "7-А", "ALG", None)
    assert set(codes(layout)) == {"identity_inferred"}


def test_identity_lost_and_nothing_tells(marks: Grid, words: Vocabulary):
    marks[0] = []
    for title, others in (("Барак1", Context({"2025-2026"}, {"7-А"})), ("Алгебра", Context({"2025-2026"}, {"7-А", "7-Б"}))):
        layout = found(marks, words, title, others)
        assert layout.refused is not None
        assert layout.refused.code == "identity_lost"


def test_class_in_the_title(marks: Grid, words: Vocabulary):
    marks[0] = []
    assert found(marks, words, "Алгебра 7-Б", Context({"2025-2026"}, {"7-А", "7-Б"})).school_class == "7-Б"


def test_hidden_rows_deleted(marks: Grid, words: Vocabulary):
    layout = found(marks[2:], words, "Алгебра", Context({"2025-2026"}, {"7-А"}))
    assert layout.form is not None
    assert layout.form.id == "F01"
    assert layout.columns["q1"] == 2
    assert layout.refused is None


def test_what_is_no_form(words: Vocabulary):
    for grid in ([], [["Нускама"], ["Ушул китепти толтуруңуз"]], [[5.0, 4.0], [3.0]], [["а", "б", "в"]]):
        assert locate(RawSheet("b.xlsx", "Нускама", grid), signature(grid), Context(), words) is None


def test_context_is_what_the_tabs_say(marks: Grid, words: Vocabulary):
    second = [list(row) for row in marks]
    second[0][3] = "school_class=7-Б"
    both = context([signature(marks), signature(second), signature([["x"]])], words)
    assert (both.school_years, both.school_classes) == ({"2025-2026"}, {"7-А", "7-Б"})

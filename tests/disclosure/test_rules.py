"""Disclosure control by worked examples that a deputy director can check with a pencil."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from lib.model.indicator import Indicator
from lib.publication.disclosure import Cell, Shown, policy, protect
from lib.publication.disclosure.measure import Measure
from lib.settings import ROOT, UserError, load

SETTINGS = load()
PUBLIC, FAMILY = policy("public", SETTINGS), policy("family", SETTINGS)
YEAR = "2025-2026"

CLUBS = "D7.01"  # share of pupils in clubs: nothing sensitive, "all of them" may be said
TWOS = "D2.01"  # failing pupils: sensitive
OLYMPIAD = "D4.05"  # winners: a plain count
UPBRINGING = "D7.04"  # a mean of points 1–5
SANITATION = "D9.05"  # norms kept: not about people
HEALTH = "D9.01"
MEETINGS = "D7.05"  # attendances, which add up over the year


def cell(code: str, numerator: float | None, denominator: float | None, cut="school", group="", period="Y", status="ok") -> Cell:
    value = None if numerator is None else 100 * numerator / (denominator or 100)
    return Cell(code, YEAR, period, cut, group, numerator, denominator, value, status)


def table(code: str, school: tuple, period="Y", cut="stage", **parts: tuple) -> list[Cell]:
    """The whole school, then its parts: (numerator, denominator) each."""
    return [cell(code, *school, period=period), *(cell(code, *pair, cut, group, period) for group, pair in parts.items())]


def published(cells: list[Cell], rules=PUBLIC, earlier=()) -> list[str]:
    """What a reader sees: the count of how many, a band, or the symbol."""
    return [seen(shown) for shown in protect(cells, SETTINGS, rules, earlier)]


def seen(shown: Shown) -> str:
    if shown.symbol in ("", "i"):
        return shown.symbol + (f"{shown.numerator:g}" if shown.denominator is None else f"{shown.numerator:g}/{shown.denominator:g}")
    return shown.band or shown.symbol


# --- one cell by itself ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "numerator", "denominator", "expected"),
    [
        (CLUBS, 12, 25, "12/25"),
        (CLUBS, 3, 25, "<5"),  # three of 25
        (CLUBS, 0, 25, "0/25"),  # nobody: open, for it harms nobody
        (CLUBS, 25, 25, "25/25"),  # all of them: open
        (CLUBS, 23, 25, "≥80"),  # two are in no club; ≥90 could only be two or one
        (CLUBS, 6, 9, "c"),  # nine pupils are a small group
        (CLUBS, 5, 10, "5/10"),  # ten are not
        (TWOS, 1, 25, "≤10"),  # domain.md §9.6
        (TWOS, 0, 25, "≤10"),  # that nobody fails is not said
        (TWOS, 3, 25, "≤20"),  # the next band, else "<5" would mean three or four
        (TWOS, 6, 25, "6/25"),
        (TWOS, 4, 20, "≤20"),
        (TWOS, 2, 100, "≤5"),
        (TWOS, 1, 300, "≤1"),
        (TWOS, 25, 25, "≥90"),  # nor that all fail
        (HEALTH, 150, 159, "150/159"),
        (HEALTH, 158, 159, "≥99"),
        (UPBRINGING, 30, 9, "c"),
        (UPBRINGING, 40, 10, "40/10"),
        (OLYMPIAD, 4, None, "<5"),
        (OLYMPIAD, 0, None, "0"),
        (OLYMPIAD, 5, None, "5"),
        (SANITATION, 3, 8, "3/8"),
    ],
)
def test_one_cell(code, numerator, denominator, expected):
    assert published([cell(code, numerator, denominator)]) == [expected]


def test_families_see_groups_from_five():
    assert published([cell(UPBRINGING, 15, 5, "class", "7-A")], FAMILY) == ["15/5"]
    assert published([cell(UPBRINGING, 15, 4, "class", "7-A")], FAMILY) == ["c"]


def test_a_band_or_few_keeps_the_denominator_and_nothing_else():
    few = protect([cell(CLUBS, 3, 25)], SETTINGS, PUBLIC)[0]
    assert (few.numerator, few.denominator, few.value, few.symbol, few.band) == (None, 25, None, "<5", "")
    band = protect([cell(TWOS, 1, 25)], SETTINGS, PUBLIC)[0]
    assert (band.numerator, band.denominator, band.value, band.symbol, band.band) == (None, 25, None, "b", "≤10")
    small = protect([cell(CLUBS, 6, 9)], SETTINGS, PUBLIC)[0]
    assert (small.numerator, small.denominator, small.value, small.symbol, small.band) == (None, None, None, "c", "")


def test_what_is_not_there_says_why():
    cells = [
        cell(CLUBS, None, None, status="not_collected"),
        cell(CLUBS, None, None, "stage", "primary", status="not_applicable"),
        cell(CLUBS, 12, 30, "stage", "basic", status="incomplete"),
        cell("D1.10", 8, 2, "stage", "secondary", status="suppressed"),
    ]
    assert published(cells) == ["x", "z", "i12/30", "c"]


def test_marks_of_few_pupils_are_of_a_small_group():
    """Four pupils have forty marks, and are four pupils."""
    pupils = table("D1.05", (30, 64), primary=(2, 4), basic=(28, 60))
    marks = table("D1.02", (350, 640), primary=(20, 40), basic=(330, 600))
    assert published(marks) == ["350/640", "20/40", "330/600"]
    assert published([*pupils, *marks])[3:] == ["350/640", "c", "c"]


# --- all cells together ----------------------------------------------------------------------------------------------------


def test_a_small_stage_takes_another_with_it():
    """domain.md §9.6: of 25, 24 and 7 the seven are hidden; 56 − 25 − 24 would be seven, so one cell more is hidden."""
    assert published(table(CLUBS, (30, 56), primary=(14, 25), basic=(13, 24), secondary=(3, 7))) == ["30/56", "14/25", "c", "c"]


def test_two_small_stages_may_hide_each_other():
    """Nine and eight are seventeen together: each may have any size from none to nine, no third one is needed."""
    assert published(table(CLUBS, (28, 57), primary=(20, 40), basic=(4, 9), secondary=(4, 8))) == ["28/57", "20/40", "c", "c"]


def test_two_tiny_stages_need_a_third():
    """Two and three pupils are five together: then neither could have nine."""
    assert published(table(CLUBS, (22, 45), primary=(20, 40), basic=(1, 2), secondary=(1, 3))) == ["22/45", "c", "c", "c"]


def test_few_of_many_hide_beside_another():
    """3 of 60 would be 33 − 20 − 10; so 10 of 30 is not said either, but how many pupils there are is."""
    shown = protect(table(CLUBS, (33, 150), primary=(3, 60), basic=(20, 60), secondary=(10, 30)), SETTINGS, PUBLIC)
    assert [seen(one) for one in shown] == ["33/150", "<5", "20/60", "c"]
    assert [one.denominator for one in shown] == [150, 60, 60, 30]


def test_few_and_few_with_a_known_sum_are_hidden_both():
    """Four and three: "<5" and "<5" with a sum of seven could only be three and four."""
    assert published(table("D4.07", (14, None), primary=(7, None), basic=(4, None), secondary=(3, None))) == ["14", "7", "c", "c"]


def test_winners_by_subject():
    """Three subjects with "<5" each would say that there are at least three winners, where "<5" means one to four."""
    cells = table(OLYMPIAD, (4, None), cut="subject", MAT=(1, None), BIO=(2, None), CHM=(1, None), ENG=(0, None))
    assert published(cells) == ["<5", "c", "c", "c", "0"]


def test_the_complement_counts_too():
    """58 of 60 in clubs are two who are not."""
    assert published(table(CLUBS, (103, 150), primary=(58, 60), basic=(25, 60), secondary=(20, 30))) == ["103/150", "≥90", "25/60", "c"]


def test_a_school_of_one_small_stage_is_hidden_with_it():
    assert published(table(CLUBS, (4, 8), basic=(4, 8))) == ["c", "c"]


def test_sums_of_fractions_come_to_an_end():
    """Teachers' parts of an olympiad medal: 12.4 is their sum up to rounding only, which narrowed the bounds for ever."""
    parts = {"ALG": 1.6, "ENG": 3.2, "GGR": 2.8, "HKG": 1.6, "INF": 1.6, "PHY": 1.6}
    cells = table("D4.04", (12.4, 59), cut="subject", **{name: (x, 59) for name, x in parts.items()})
    assert len(published(cells)) == 7


def test_stages_and_subjects_share_the_school():
    """The school's total hides beside its stages only when its subjects do not tell it: so the smallest subject goes, too."""
    stages = {"primary": (20, 40), "basic": (1, 2), "secondary": (1, 3)}
    subjects = {"MAT": (12, 25), "RUS": (10, 20)}
    cells = table("D1.02", (22, 45), **stages) + table("D1.02", (22, 45), cut="subject", **subjects)[1:]
    assert published(cells) == ["22/45", "c", "c", "c", "12/25", "10/20"]


def test_health_of_a_stage_is_never_public():
    assert published(table(HEALTH, (132, 159), primary=(47, 58), basic=(60, 73), secondary=(25, 28))) == ["132/159", "c", "c", "c"]


# --- the same marks --------------------------------------------------------------------------------------------------------


def marks(fives, fours, threes, twos, unattested) -> list[Cell]:
    every = fives + fours + threes + twos + unattested
    total = 5 * fives + 4 * fours + 3 * threes + 2 * twos
    good = fives + fours
    return [cell("D1.01", good + threes, every), cell("D1.02", good, every), cell("D1.04", total, every - unattested)]


def test_the_mean_mark_stands_where_nobody_failed():
    assert published(marks(10, 10, 10, 0, 0)) == ["30/30", "20/30", "120/30"]


def test_the_mean_mark_does_not_tell_the_unattested():
    """30 marks less 28 that count in the mean would be two unattested."""
    assert published(marks(10, 9, 9, 0, 2)) == ["≥90", "19/30", "c"]


def test_the_mean_mark_may_stand_beside_a_band():
    """Two twos: with ten fives, anything that the band says is still possible."""
    assert published(marks(10, 9, 9, 2, 0)) == ["≥90", "19/30", "117/30"]


def test_the_mean_mark_does_not_tell_the_twos():
    """No fives and two twos: 20 fours and 8 threes would make two more than the sum of the marks."""
    assert published(marks(0, 20, 8, 2, 0)) == ["≥90", "20/30", "c"]


# --- earlier editions ------------------------------------------------------------------------------------------------------


def test_the_same_figures_are_published_again():
    cells = table(CLUBS, (30, 56), primary=(14, 25), basic=(13, 24), secondary=(3, 7))
    first = protect(cells, SETTINGS, PUBLIC)
    assert protect(cells, SETTINGS, PUBLIC, [first]) == first


def test_one_late_pupil_is_not_a_difference_of_two_editions():
    first = protect([cell("D1.05", 70, 160)], SETTINGS, PUBLIC)
    assert published([cell("D1.05", 71, 161)], earlier=[first]) == ["c"]
    assert published([cell("D1.05", 82, 185)], earlier=[first]) == ["82/185"]  # a whole class that came late


def test_a_club_may_grow():
    first = protect([cell(CLUBS, 70, 160)], SETTINGS, PUBLIC)
    assert published([cell(CLUBS, 71, 161)], earlier=[first]) == ["71/161"]


def test_what_was_hidden_stays_hidden():
    """The class of seven has grown to ten. Were its neighbour shown now, the old total would give the seven."""
    first = protect(table(CLUBS, (30, 56), primary=(14, 25), basic=(13, 24), secondary=(3, 7)), SETTINGS, PUBLIC)
    later = table(CLUBS, (67, 118), primary=(34, 60), basic=(28, 48), secondary=(5, 10))
    assert published(later, earlier=[first]) == ["67/118", "34/60", "c", "c"]


def test_hidden_ones_together_are_not_a_difference_either():
    """The two hidden stages had 31 pupils and have 34: 94 − 60 would tell of the three that came."""
    first = protect(table(CLUBS, (30, 56), primary=(14, 25), basic=(13, 24), secondary=(3, 7)), SETTINGS, PUBLIC)
    later = table(CLUBS, (52, 94), primary=(34, 60), basic=(13, 24), secondary=(5, 10))
    assert published(later, earlier=[first]) == ["52/94", "c", "c", "c"]


def test_a_published_figure_cannot_be_hidden_again():
    """All stages were published; now one has shrunk to nine. Its unchanged neighbours are known, so the school's total goes."""
    first = protect(table(CLUBS, (40, 84), primary=(15, 30), basic=(15, 34), secondary=(10, 20)), SETTINGS, PUBLIC)
    later = table(CLUBS, (34, 73), primary=(15, 30), basic=(15, 34), secondary=(4, 9))
    assert published(later, earlier=[first]) == ["c", "15/30", "15/34", "c"]


def test_half_a_year_less_a_quarter_is_the_other_quarter():
    first = protect([cell(MEETINGS, 40, 60, period="Q1")], SETTINGS, PUBLIC)
    assert published([cell(MEETINGS, 43, 64, period="H1")], earlier=[first]) == ["c"]  # 3 of 4 in the second quarter
    assert published([cell(MEETINGS, 70, 120, period="H1")], earlier=[first]) == ["70/120"]


def test_a_quarter_that_was_hidden_hides_its_half_year():
    first = protect([cell(MEETINGS, 4, 6, period="Q1")], SETTINGS, PUBLIC)
    assert published([cell(MEETINGS, 50, 80, period="H1")], earlier=[first]) == ["c"]


# --- what holds for all ----------------------------------------------------------------------------------------------------

counts = st.integers(0, 60)
pairs = st.tuples(counts, counts).map(lambda both: (min(both), max(both)))


@st.composite
def schools(draw) -> list[Cell]:
    code = draw(st.sampled_from([CLUBS, TWOS, "D1.02", HEALTH, "D4.07"]))
    stages = dict(zip(("primary", "basic", "secondary"), draw(st.lists(pairs, min_size=1, max_size=3)), strict=False))
    whole = tuple(sum(pair[i] for pair in stages.values()) for i in range(2))
    cells = table(code, whole, **stages)
    return [replace(one, denominator=None) for one in cells] if code == "D4.07" else cells


@tried(max_examples=150, deadline=None)
@given(schools())
def test_what_is_shown_is_true_and_what_is_hidden_is_absent(cells):
    shown = protect(cells, SETTINGS, PUBLIC)
    assert [one.key for one in shown] == [one.key for one in cells]
    for true, said in zip(cells, shown, strict=True):
        if said.symbol in ("", "i"):
            assert (said.numerator, said.denominator, said.value) == (true.numerator, true.denominator, true.value)
            assert true.denominator is None or true.denominator >= PUBLIC.minimum
        else:
            assert said.numerator is None and said.value is None
            assert said.denominator in (None, true.denominator)
        if said.band:
            edge, share = float(said.band[1:]), 100 * true.numerator / true.denominator
            assert share >= edge if said.band[0] == "≥" else share <= edge


@tried(max_examples=100, deadline=None)
@given(schools(), st.randoms(use_true_random=False))
def test_the_order_of_cells_does_not_matter(cells, chance):
    mixed = chance.sample(cells, len(cells))
    assert {one.key: one for one in protect(cells, SETTINGS, PUBLIC)} == {one.key: one for one in protect(mixed, SETTINGS, PUBLIC)}


@tried(max_examples=60, deadline=None)
@given(schools())
def test_an_edition_can_be_published_again(cells):
    first = protect(cells, SETTINGS, PUBLIC)
    assert protect(cells, SETTINGS, PUBLIC, [first]) == first


@tried(max_examples=60, deadline=None)
@given(st.lists(schools(), min_size=2, max_size=4))
def test_what_was_hidden_is_never_shown(editions):
    """Whatever happens to a school between editions, a figure that was hidden once stays so."""
    out: list[list[Shown]] = []
    hidden = set()
    for cells in editions:
        shown = protect(cells, SETTINGS, PUBLIC, out)
        assert not [one for one in shown if one.symbol in ("", "i") and one.key in hidden]
        hidden |= {one.key for one in shown if one.symbol in ("c", "<5", "b")}
        out.append(shown)


@pytest.mark.slow
@pytest.mark.parametrize("rules", [PUBLIC, FAMILY], ids=["public", "family"])
@pytest.mark.parametrize("code", [CLUBS, TWOS, "D1.01", "D4.03"])
def test_no_band_stands_for_a_single_count(rules, code):
    """Whatever is written instead of a count stands for two counts at least; only then may it be written."""
    measure = Measure(SETTINGS.all_indicators[code], rules)
    for n in range(rules.minimum, 260):
        alike: dict[tuple[str, str], list[int]] = {}
        for count in range(n + 1):
            alike.setdefault(measure.face(count, n), []).append(count)
        for face, found in alike.items():
            if face[0] in ("<5", "b"):
                assert found == list(range(found[0], found[-1] + 1)), (n, face, found)
                single = protect([cell(code, found[0], n)], SETTINGS, rules)[0]
                assert len(found) > 1 or single.symbol == "c", (n, face, found)
        assert all(measure.face(count, n)[0] != "" for count in range(1, 5)), n


# --- configuration ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("things: [", "things: [D99.1, ", "things: no indicator has the code 'D99.1'"),
        ("count: 5", "counts: 5", "the key 'count' is missing; did you write 'counts' instead?"),
        ("D9.07: numerator", "D9.07: twice", "cumulative: 'twice' was seen; expected one of numerator, both"),
        ("D1.04: [2, 5]", "D1.04: [2]", "range: [2] was seen; expected the least and the most, such as [2, 5]"),
        ("minimum: {public: 10", "minimum: {all: 10", "the key 'public' is missing"),
    ],
)
def test_wrong_rules_are_named(tmp_path, old, new, said):
    text = (ROOT / "config" / "disclosure.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "disclosure.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match="line") as error:
        policy("public", SETTINGS, tmp_path)
    assert said in str(error.value)


def test_every_indicator_is_measured():
    """No code stands in two contradicting lists, and every indicator has a way to be counted."""
    for indicator in SETTINGS.all_indicators.values():
        assert isinstance(indicator, Indicator)
        measure = Measure(indicator, PUBLIC)
        assert measure.kind in ("share", "sum", "count", "other")
        assert measure.high > measure.low
        assert measure.bounded == (measure.high < math.inf)
    assert not PUBLIC.things & PUBLIC.sensitive


# --- not too much ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The public cells of a demo school of 160 pupils: two years, all quarters."""
    from lib.cli import main
    from lib.publication.cells import cells_of
    from lib.snapshot import Snapshots

    store = tmp_path_factory.mktemp("demo") / "school"
    main(["demo", str(store), "--pupils", "160", "--years", "2", "--seed", "7"])
    main(["collect", "--store", str(store)])
    settings = load(str(store))
    snapshot = Snapshots(settings.store).current()
    yield settings, [cells_of(snapshot, settings, *when) for when in ((YEAR, "Q1"), (YEAR, "Q2"), (YEAR, "Q3"), ("2024-2025", "Y"))]
    shutil.rmtree(store.parent, ignore_errors=True)


@pytest.mark.slow
def test_most_of_the_demo_school_is_shown(demo, record_property):
    settings, editions = demo
    for cells in editions:
        shown = [one for cell, one in zip(cells, protect(cells, settings, PUBLIC), strict=True) if cell.value is not None]
        for cut, at_least in (("school", 0.75), ("stage", 0.70), ("subject", 0.65)):
            mine = [one for one in shown if one.cut == cut]
            share = sum(one.symbol in ("", "i") for one in mine) / len(mine)
            record_property(f"{cells[0].school_year} {cells[0].period} {cut}", round(share, 3))
            assert share >= at_least, (cut, share)


@pytest.mark.slow
def test_the_same_school_gives_the_same_edition(demo):
    settings, editions = demo
    assert protect(editions[0], settings, PUBLIC) == protect(editions[0], load(), PUBLIC)

"""Re-measurement with numbers that a deputy director can follow, and what people write into "group" and "period"."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from pathlib import Path

import pytest

from lib import settings
from lib.access import Person, Role, Viewer
from lib.analysis import Figure
from lib.analysis.cohorts import Cohort, Cohorts
from lib.i18n import canon
from lib.model.indicator import Indicator
from lib.office import opinions
from lib.office.decisions import (
    Decision,
    Outbox,
    Outcome,
    Remeasured,
    following,
    make,
    may_decide,
    may_see,
    new_id,
    remeasure,
)  # fmt: skip
from lib.office.places import as_text, from_text, from_words, period_of
from lib.settings import UserError

YEAR = "2025-2026"
LOADED = settings.load(as_of=dt.date(2026, 4, 15))
NO_REGISTER = Cohorts()
QUALITY = LOADED.indicators["D1.02"]  # percent, higher is better, target 50


class Table:
    """Figures by hand: (class, year, period) → Figure."""

    def __init__(self, **figures: Figure) -> None:
        self.figures = {tuple(name.split("__")): figure for name, figure in figures.items()}

    def at(self, scope, school_year, period, part=""):
        return self.figures.get((scope.get("school_class", "school"), school_year, period))

    def by_class(self, topic, school_year, period):
        return {}

    def has_year(self, school_year):
        return True


def share(k: int, n: int) -> Figure:
    return Figure(100 * k / n, k, n)


def measured(indicator: Indicator, figures: Table, decision: Decision, cohorts: Cohorts = NO_REGISTER) -> Remeasured:
    return remeasure(LOADED, indicator, figures, decision, cohorts)


def decided(value: float = 40.0, period: str = "Q1", **changed: object) -> Decision:
    made = Decision("B1", dt.date(2025, 11, 10), "D1.02", YEAR, period, (("school_class", "7-А"),), "7-А", value, 80, 200)
    return dataclasses.replace(made, **changed)


def table(**quarters: Figure) -> Table:
    return Table(**{f"7-А__{YEAR}__{quarter}": figure for quarter, figure in quarters.items()})


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (share(100, 200), Outcome.REACHED),  # 50 %: the target
        (share(99, 200), Outcome.NOT_MOVED),  # +9.5 points, within ±9.7
        (share(98, 190), Outcome.REACHED),
        (share(62, 200), Outcome.NOT_MOVED),  # −9 points, within chance
        (share(50, 200), Outcome.WORSE),  # −15 points
        (share(0, 200), Outcome.WORSE),
        (Figure(None), Outcome.NOT_MEASURED),
    ],
)
def test_the_outcome_against_the_band_of_chance(now: Figure, expected: Outcome):
    found = measured(QUALITY, table(Q1=share(80, 200), Q2=now), decided())
    assert found.outcome is expected
    if now.value is not None:
        assert (found.school_year, found.period, found.now) == (YEAR, "Q2", now)
        by_hand = 100 * 1.96 * math.sqrt(0.4 * 0.6 / 200 + (p := now.numerator / now.denominator) * (1 - p) / now.denominator)
        assert found.change is not None and found.change.noise == pytest.approx(by_hand, abs=0.01)
        assert found.change.delta == pytest.approx(now.value - 40.0)


def test_beyond_chance_but_not_at_the_target_has_moved():
    indicator = dataclasses.replace(QUALITY, target=80.0)
    assert measured(indicator, table(Q2=share(120, 200)), decided()).outcome is Outcome.MOVED
    lower = dataclasses.replace(indicator, better="lower", target=10.0)
    assert measured(lower, table(Q2=share(120, 200)), decided()).outcome is Outcome.WORSE
    assert measured(lower, table(Q2=share(50, 200)), decided()).outcome is Outcome.MOVED


def test_neither_way_is_judged_by_the_distance_from_the_target():
    either = dataclasses.replace(QUALITY, better="neither", target=60.0, tolerance=2.0)
    assert measured(either, table(Q2=share(110, 200)), decided()).outcome is Outcome.MOVED
    assert measured(either, table(Q2=share(120, 200)), decided()).outcome is Outcome.REACHED
    assert measured(either, table(Q2=share(40, 200)), decided()).outcome is Outcome.WORSE


def test_a_whole_period_goes_before_the_running_one():
    figures = table(Q2=share(60, 200), Q3=share(85, 200), Q4=share(190, 200))
    found = measured(QUALITY, figures, decided())
    assert (found.period, found.outcome, found.ended) == ("Q3", Outcome.NOT_MOVED, True), "the fourth quarter has only begun"
    found = measured(QUALITY, figures, decided(period="Q3"))
    assert (found.period, found.ended) == ("Q4", False)
    incomplete = dataclasses.replace(share(60, 200), status="incomplete")
    assert measured(QUALITY, table(Q2=share(85, 200), Q3=incomplete), decided()).period == "Q2"


def test_what_the_decision_keeps_counts_also_when_the_sheet_was_corrected():
    corrected = table(Q1=share(10, 200), Q2=share(99, 200))
    assert measured(QUALITY, corrected, decided()).then == Figure(40.0, 80, 200)
    bare = decided(numerator=None, denominator=None)
    assert measured(QUALITY, table(Q1=share(80, 200), Q2=share(99, 200)), bare).then == share(80, 200), "the same figure"
    assert measured(QUALITY, corrected, bare).then == Figure(40.0), "another one: nothing is taken from it"
    assert measured(QUALITY, corrected, decided(value=None)).then == share(10, 200)


def registers(**classes: str) -> Cohorts:
    """Registers by hand: y2024_7А="a b c": these pupils were in 7-А in 2024–2025."""
    pupils = []
    for name, codes in classes.items():
        year, school_class = int(name[1:5]), f"{name[6:-1]}-{name[-1]}"
        pupils += [(f"{year}-{year + 1}", pupil, school_class) for pupil in codes.split()]
    return Cohorts(pupils, {(year, name): name.partition("-")[0] for year, _pupil, name in pupils})


def periods(indicator: Indicator, year: str, period: str, day: dt.date, cohorts: Cohorts = NO_REGISTER, **place: str) -> list[object]:
    loaded = dataclasses.replace(LOADED, as_of=day)
    return [
        (y, p, None if scope is None else next(iter(scope.values()), "")) for y, p, scope in
        following(loaded, indicator, cohorts, year, period, place)
    ]  # fmt: skip


def test_after_the_summer_a_class_is_what_its_pupils_are_in():
    up = registers(y2024_7А="a b c d", y2025_8А="a b c e")
    assert periods(QUALITY, "2024-2025", "Q3", dt.date(2025, 12, 1), up, school_class="7-А") == [
        ("2024-2025", "Q4", "7-А"), ("2025-2026", "Q1", "8-А"), ("2025-2026", "Q2", "8-А"),
    ]  # fmt: skip
    skipped = registers(y2024_7А="a b c d", y2025_9Б="a b c e")
    assert periods(QUALITY, "2024-2025", "Q4", dt.date(2025, 10, 1), skipped, school_class="7-А") == [("2025-2026", "Q1", "9-Б")]
    assert periods(QUALITY, "2024-2025", "Q4", dt.date(2025, 10, 1), skipped, grade="7") == [("2025-2026", "Q1", "9")]
    anew = dataclasses.replace(QUALITY, grades=(1, 5, 10))
    assert periods(anew, "2024-2025", "Q4", dt.date(2026, 5, 1), school_class="5-А")[:1] == [("2025-2026", "Q4", "5-А")]
    yearly = dataclasses.replace(QUALITY, periods=("Y",))
    assert periods(yearly, "2023-2024", "Y", dt.date(2026, 4, 15)) == [("2024-2025", "Y", ""), ("2025-2026", "Y", "")]
    assert periods(yearly, "2024-2025", "Q1", dt.date(2026, 4, 15)) == [], "an indicator without quarters is not measured in one"


@pytest.mark.parametrize(
    "registered",
    [
        registers(y2024_7А="a b c d"),  # the next year has no register yet
        registers(y2024_7А="a b c d", y2025_8А="a b", y2025_8Б="c d"),  # parted in halves
        registers(y2024_7А="a b", y2024_7Б="c d", y2025_8А="a b c d"),  # merged with as many others
        registers(y2024_11А="a b", y2025_1А="x y", y2024_7А="", y2025_8А="z"),  # nobody of them is there any more
    ],
)
def test_where_the_next_class_cannot_be_told_it_is_said(registered: Cohorts):
    day = dt.date(2025, 12, 1)
    assert periods(QUALITY, "2024-2025", "Q3", day, registered, school_class="7-А") == [
        ("2024-2025", "Q4", "7-А"), ("2025-2026", "Q1", None),
    ]  # fmt: skip
    figures = Table(**{"7-А__2024-2025__Q4": share(90, 200), "8-А__2025-2026__Q1": share(190, 200)})
    earlier = decided(period="Q3", school_year="2024-2025")
    found = measured(QUALITY, figures, earlier, registered)
    assert (found.period, found.untold) == ("Q4", "2025-2026"), "what came before the summer is still told"
    found = measured(QUALITY, figures, dataclasses.replace(earlier, period="Q4"), registered)
    assert (found.outcome, found.untold, found.now) == (Outcome.NOT_MEASURED, "2025-2026", None)


def test_over_the_summer_the_figure_of_the_same_pupils_is_measured():
    up = registers(y2024_7А="a b c d", y2025_8А="a b c e")
    figures = Table(**{"7-А__2025-2026__Q1": share(190, 200), "8-А__2025-2026__Q1": share(60, 200), "8-А__2025-2026__Q2": share(85, 200)})
    found = measured(QUALITY, figures, decided(period="Q4", school_year="2024-2025"), up)
    assert (found.outcome, found.school_year, found.period, found.scope) == (Outcome.NOT_MOVED, YEAR, "Q2", (("school_class", "8-А"),))
    assert found.cohort == Cohort("8-А", 3, 4) and [step.figure.numerator for step in found.steps] == [60, 85]


def test_a_part_and_a_teacher_are_followed_as_such():
    class Parts(Table):
        def at(self, scope, school_year, period, part=""):
            return self.figures.get((scope.get("teacher", "school"), period, part))

    figures = Parts(school__Q2__pupil=share(190, 200), school__Q2__=share(20, 200), T5__Q2__=share(10, 200))
    assert measured(QUALITY, figures, decided(scope=(("part", "pupil"),))).now == share(190, 200)
    assert measured(QUALITY, figures, decided(scope=(("teacher", "T5"),))).now == share(10, 200)


def test_what_people_write():
    assert from_words(LOADED, "7-А · Алгебра") == {"school_class": "7-А", "subject": "ALG"}
    assert from_words(LOADED, "") == {} and from_words(LOADED, "7а") == {"school_class": "7-А"}
    assert from_words(LOADED, "бардык балдар") is None
    for scope in (
        {"school_class": "7-А", "subject": "ALG"},
        {"grade": "9"},
        {"stage": "basic"},
        {"method_association": "math"},
        {},
        {"teacher": "T005"},
        {"school_class": "7-А", "part": "ата-эне"},
        {"part": "IV"},
    ):
        assert from_text(LOADED, canon(as_text(scope))) == scope, "as intake gives it back, with look-alike letters"
    assert from_text(LOADED, "school_class=бир") is None and from_text(LOADED, "x=y") is None
    assert [period_of(text) for text in ("Q3", "q3", "Н1", "М09", "У", "чейрек")] == ["Q3", "Q3", "H1", "M09", "Y", ""], "look-alikes"


def test_a_row_that_names_no_place_is_kept_and_not_measured():
    row = {"id": "B-1", "indicator": "D1.02", "group": "бардык балдар", "period": "Q1", "value": 40.0, "school_year": YEAR}
    found = Decision.from_record(LOADED, row)
    assert not found.understood and found.group == "бардык балдар"
    assert measured(QUALITY, table(Q2=share(99, 200)), found).outcome is Outcome.NOT_MEASURED


def test_ids_are_made_once_and_say_nothing():
    made = {new_id(dt.date(2026, 4, 15)) for _ in range(2000)}
    assert len(made) == 2000 and all(code.startswith("B260415-") and len(code) == 16 for code in made)


# --- who decides, who reads ----------------------------------------------------------------------------------------------


def viewer(*roles: Role, code: str = "T9", association: str = "") -> Viewer:
    return Viewer(Person("x@school.example", code, frozenset(roles), association=association), frozenset(roles))


ALGEBRA, KYRGYZ, SCHOOL = {"school_class": "7-А", "subject": "ALG"}, {"subject": "KYR"}, {}


@pytest.mark.parametrize(
    ("who", "algebra", "kyrgyz", "school"),
    [
        (viewer(Role.DIRECTOR), True, True, True),
        (viewer(Role.DEPUTY), True, True, True),
        (viewer(Role.MO_HEAD, association="math"), True, False, False),
        (viewer(Role.MO_HEAD), False, False, False),
        (viewer(Role.TEACHER, association="math"), False, False, False),
        (viewer(Role.CLASS_HEAD), False, False, False),
        (viewer(Role.ORGANIZER), False, False, False),
        (Viewer(None, frozenset({Role.PUBLIC})), False, False, False),
        (Viewer(None, frozenset({Role.DIRECTOR})), True, True, True),  # this computer only
    ],
)
def test_who_may_decide(who: Viewer, algebra: bool, kyrgyz: bool, school: bool):
    assert [may_decide(who, LOADED, scope) for scope in (ALGEBRA, KYRGYZ, SCHOOL)] == [algebra, kyrgyz, school]


def test_a_head_of_association_decides_upon_own_teachers():
    head = viewer(Role.MO_HEAD, association="math")
    assert may_decide(head, LOADED, {"teacher": "T5"}, {"T5", "T9"}) and not may_decide(head, LOADED, {"teacher": "T6"}, {"T5", "T9"})
    assert not may_decide(viewer(Role.TEACHER, code="T5", association="math"), LOADED, {"teacher": "T5"}, {"T5"})
    about = decided(scope=(("teacher", "T6"),), responsible="T7")
    assert not may_see(head, LOADED, about, {"T5", "T9"}) and may_see(head, LOADED, about, {"T6"})


def test_the_writing_side_judges_too(tmp_path: Path):
    box = Outbox(tmp_path)
    algebra, school = decided(scope=tuple(ALGEBRA.items()), responsible="T5"), decided(scope=(), responsible="T5")
    for who, about, own in [
        (viewer(Role.TEACHER, association="math"), algebra, {"T5"}),
        (viewer(Role.MO_HEAD, association="math"), school, {"T5"}),
        (viewer(Role.MO_HEAD, association="math"), dataclasses.replace(algebra, responsible="T6"), {"T5"}),
        (Viewer(None, frozenset({Role.PUBLIC})), school, set()),
    ]:
        with pytest.raises(UserError):
            make(box, who, LOADED, about, own)
    assert box.waiting() == []
    made = make(box, viewer(Role.MO_HEAD, code="T9", association="math"), LOADED, dataclasses.replace(algebra, decided_by="T1"), {"T5"})
    assert box.waiting() == [made] and made.decided_by == "T9", "whoever decides signs"


def test_who_reads_a_decision():
    about = decided(scope=tuple(KYRGYZ.items()), responsible="T5", decided_by="T7")
    assert may_see(viewer(Role.DEPUTY), LOADED, about)
    assert may_see(viewer(Role.TEACHER, code="T5"), LOADED, about), "it is theirs to carry out"
    assert not may_see(viewer(Role.TEACHER, code="T6"), LOADED, about)
    assert not may_see(viewer(Role.MO_HEAD, association="math"), LOADED, about)
    assert may_see(viewer(Role.MO_HEAD, code="T7", association="math"), LOADED, about), "they made it"
    unknown = decided(understood=False, scope=(), responsible="T5")
    assert not may_see(viewer(Role.MO_HEAD, association="math"), LOADED, unknown) and may_see(viewer(Role.DIRECTOR), LOADED, unknown)
    family = Viewer(Person("p@home.example", "T5", frozenset({Role.FAMILY})), frozenset({Role.FAMILY}))
    assert not may_see(family, LOADED, about)


# --- expert opinions -----------------------------------------------------------------------------------------------------


def opinion(**changed: object) -> dict[str, object]:
    return {"school_year": YEAR, "indicator": "D1.02", "period": "Н1", "group": "", "level": 2, "comment": "орто", "expert_id": "T002",
            "signed_on": dt.date(2026, 1, 5), **changed}  # fmt: skip


def test_an_opinion_stands_beside_its_own_figure_only():
    read = opinions.read_opinions(
        LOADED,
        [opinion(), opinion(group="7-А", level=0), opinion(period="Q3", level=3, signed_on=dt.date(2026, 4, 1)), opinion(indicator="X9")],
    )  # fmt: skip
    assert [o.level for o in read] == [3, 2, 0]

    def level(period: str, **scope: str) -> int | None:
        found = opinions.beside(LOADED, read, "D1.02", YEAR, period, scope)
        return found.level if found else None

    assert [level(p) for p in ("Q1", "Q2", "Q3", "Q4", "Y")] == [2, 2, 3, 3, 3], "in the fourth quarter the newest earlier one"
    assert level("Q1", school_class="7-А") == 0 and level("Q1", school_class="7-Б") is None
    assert opinions.beside(LOADED, read, "D1.01", YEAR, "Q1", {}) is None


def test_means_of_levels_are_told_with_their_number_and_only_of_enough_visits():
    least = int(LOADED.thresholds.min_answers)
    span = (dt.date(2026, 1, 12), dt.date(2026, 3, 20))
    visit = {"held_on": dt.date(2026, 2, 2), "level": 2, "method_association": "math", **{f"crit{n}": n % 3 for n in range(1, 11)}}
    rows = [visit] * (least - 1) + [visit | {"level": None}]
    found = opinions.visits(LOADED, rows, "D3", span)
    assert found is not None and (found.n, found.levels, found.mean) == (least, least - 1, None), "too few levels for a mean"
    found = opinions.visits(LOADED, [*rows, visit | {"level": 0}], "D3", span)
    assert found is not None and found.mean == pytest.approx(2 * (least - 1) / least) and found.points == pytest.approx(1.0)
    assert opinions.visits(LOADED, rows[1:], "D3", span) is None
    audit = {"held_on": dt.date(2026, 2, 2), "direction": "D1", "strength": False, "level": 1, "due_on": dt.date(2026, 3, 1)}
    told = opinions.audits(
        [audit, audit | {"fixed_on": dt.date(2026, 2, 20)}, audit | {"direction": "D2"}], "D1", span, dt.date(2026, 4, 15)
    )
    assert told is not None and (told.n, told.mean, told.due, told.mended) == (2, 1.0, 2, 1)

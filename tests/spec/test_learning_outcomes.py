"""D1: what a deputy director would work out by hand from a small table of marks. Oracles: domain.md §1 and §9."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from lib.indicators.compute import behind
from tests.spec.school import YEAR, School, settings

GOLDEN = " ".join(["5"] * 5 + ["4"] * 9 + ["3"] * 8 + ["2"] * 2 + ["н/а"])  # 25 pupils


def algebra(q1: str, **more: str) -> School:
    """One class 7-А whose pupils have these marks in algebra."""
    school = School()
    school.school_class("7-А", pupils=len(q1.split()))
    school.teacher("T001", mo="math")
    school.teaches("T001", "7-А", "ALG")
    school.marks("7-А", "ALG", q1=q1, **more)
    return school


# --- §1.1: one subject, one class, one quarter ------------------------------------------------------------------------------


def test_golden_numbers():
    """5 fives, 9 fours, 8 threes, 2 twos, 1 unattested: B = 25."""
    school = algebra(GOLDEN)
    assert school.figure("D1.01", "Q1").value == pytest.approx(88.0)
    assert school.figure("D1.02", "Q1").value == pytest.approx(56.0)
    assert school.figure("D1.03", "Q1").value == pytest.approx(56.12)
    assert school.figure("D1.04", "Q1").value == pytest.approx(89 / 24)
    assert school.figure("D1.01", "Q1").denominator == 25
    assert school.figure("D1.04", "Q1").denominator == 24, "the unattested are not in the base of the mean mark"


@pytest.mark.parametrize(
    ("marks", "success", "quality", "degree", "mean"),
    [
        ("5 5 5 5", 100, 100, 100, 5),
        ("3 3 3 3", 100, 0, 36, 3),
        ("2 2 2 2", 0, 0, 16, 2),
        ("н/а н/а", 0, 0, 7, None),
    ],
)
def test_classes_with_one_kind_of_mark(marks: str, success: float, quality: float, degree: float, mean: float | None):
    school = algebra(marks)
    figures = [school.figure(code, "Q1", school_class="7-А").value for code in ("D1.01", "D1.02", "D1.03", "D1.04")]
    assert figures == [success, quality, degree, mean]


def test_only_released_pupils_give_no_figure():
    school = algebra("осв осв осв")
    for code in ("D1.01", "D1.02", "D1.03", "D1.04", "D1.05"):
        assert school.figure(code, "Q1").value is None
        assert school.figure(code, "Q1").status in ("not_applicable", "not_collected")


def test_released_pupil_never_changes_a_percentage():
    with_released, without = algebra("5 4 3 2 осв"), algebra("5 4 3 2")
    for code in ("D1.01", "D1.02", "D1.03", "D1.04"):
        assert with_released.figure(code, "Q1")[:4] == without.figure(code, "Q1")[:4]


def test_empty_cell_is_not_a_mark_but_a_gap():
    """9 of 10 marks: the figure speaks of nine pupils; below 90 % it is called incomplete."""
    full = algebra("5 5 5 5 5 4 4 3 3 -").figure("D1.02", "Q1")
    assert (full.value, full.denominator, full.expected, full.status) == (pytest.approx(700 / 9), 9, 10, "ok")
    assert algebra("5 4 3 -").figure("D1.02", "Q1").status == "incomplete"
    assert algebra("- - -").figure("D1.02", "Q1").status == "not_collected"


def test_empty_to_unattested_lowers_success_and_quality():
    before, after = algebra("5 4 3 -"), algebra("5 4 3 н/а")
    for code in ("D1.01", "D1.02"):
        assert after.figure(code, "Q1").value < before.figure(code, "Q1").value


def test_missing_tab_lowers_coverage():
    """The load says that 7-А has geometry as well: its empty tab is expected too."""
    school = algebra("5 4 3 2")
    school.teaches("T001", "7-А", "GEO")
    assert school.figure("D1.01", "Q1").expected == 8
    assert school.figure("D1.01", "Q1").status == "incomplete"
    assert school.figure("D1.01", "Q1", subject="GEO").status == "not_collected"


def test_roll_up_sums_counts():
    """10 of 20 and 1 of 2 make 11 of 22; 9 of 10 and 1 of 30 make 10 of 40, not 46.7."""
    for first, second, expected in (((10, 20), (1, 2), 50.0), ((9, 10), (1, 30), 25.0)):
        school = School()
        for name, (good, n) in (("7-А", first), ("7-Б", second)):
            school.school_class(name, pupils=n)
            school.teaches("T001", name, "ALG")
            school.marks(name, "ALG", q1=" ".join(["5"] * good + ["3"] * (n - good)))
        assert school.figure("D1.02", "Q1").value == expected
        assert school.figure("D1.02", "Q1", grade=7).value == expected
        assert school.figure("D1.02", "Q1", stage="basic").value == expected


def test_quality_never_exceeds_success():
    school = algebra("5 4 3 2 н/а 4 4 3")
    assert school.figure("D1.02", "Q1").value <= school.figure("D1.01", "Q1").value <= 100


def test_leaver_is_out_of_the_quarter_that_he_did_not_finish():
    school = School()
    school.school_class("7-А", pupils=3)
    school.pupil("7-А", left_on=dt.date(2025, 12, 1), status="чыгып кеткен")  # in Q2
    school.pupil("7-А", status="чыгып кеткен")  # without a day: gone from the start
    school.teaches("T001", "7-А", "ALG")
    school.marks("7-А", "ALG", q1="5 5 5 2 2", q2="5 5 5 2 2")
    assert school.figure("D1.01", "Q1").denominator == 4
    assert school.figure("D1.01", "Q1").value == 75
    assert school.figure("D1.01", "Q2").denominator == 3
    assert school.figure("D1.01", "Q2").value == 100


def test_newcomer_counts_from_his_first_quarter():
    school = School()
    school.school_class("7-А", pupils=1)
    school.pupil("7-А", entered_on=dt.date(2025, 11, 20))
    school.teaches("T001", "7-А", "ALG")
    school.marks("7-А", "ALG", q1="5 -", q2="5 4")
    assert (school.figure("D1.01", "Q1").expected, school.figure("D1.01", "Q2").expected) == (1, 2)


def test_pupil_who_changed_class_keeps_the_former_marks():
    """Now in 7-Б; the mark of quarter 1 stands in the tab of 7-А and is asked of nobody twice."""
    school = School()
    school.school_class("7-А", pupils=1)
    school.school_class("7-Б")
    moved = school.pupil("7-Б")
    for name in ("7-А", "7-Б"):
        school.teaches("T001", name, "ALG")
    school.marks("7-А", "ALG", pupils=[school.pupils("7-А")[0], moved], q1="4 5", q2="4 -")
    school.marks("7-Б", "ALG", pupils=[moved], q1="-", q2="3")
    assert school.figure("D1.04", "Q1")[:1] == (4.5,)
    assert (school.figure("D1.04", "Q2").value, school.figure("D1.04", "Q2").expected) == (3.5, 2)


def test_grades_without_marks_do_not_apply():
    school = algebra("5 4")
    school.school_class("2-А", pupils=3)
    school.teaches("T001", "2-А", "MAT")
    assert school.figure("D1.01", "Q1", school_class="2-А").status == "not_applicable"
    assert school.figure("D1.01", "Q1", grade=2).status == "not_applicable"
    assert school.figure("D1.01", "Q1", stage="primary").status == "not_applicable"
    assert school.figure("D1.01", "Q1").expected == 2


def test_period_that_has_not_begun_is_not_collected():
    school = School(as_of=dt.date(2025, 12, 1))
    school.school_class("7-А", pupils=1)
    school.teaches("T001", "7-А", "ALG")
    school.marks("7-А", "ALG", q1="5", q4="5")
    assert school.figure("D1.01", "Q1").status == "ok"
    assert school.figure("D1.01", "Q2").status == "not_collected"
    assert school.figure("D1.01", "Q4").status == "not_collected"
    assert school.figure("D1.01", "Q4").value is None


def test_marks_by_subject_and_association():
    """The association is the teacher's own; where nobody teaches, the subject's."""
    school = algebra("5 5 4 4")
    school.teacher("T002", mo="science")
    school.teaches("T002", "7-А", "PHY")
    school.teaches(None, "7-А", "MUZ")
    school.marks("7-А", "PHY", q1="3 3 3 5")
    school.marks("7-А", "MUZ", q1="5 5 5 5")
    assert school.figure("D1.02", "Q1", subject="ALG").value == 100
    assert school.figure("D1.02", "Q1", method_association="science").value == 25
    assert school.figure("D1.02", "Q1", method_association="arts").value == 100
    assert school.figure("D1.02", "Q1", school_class="7-А", subject="PHY").value == 25
    assert school.figure("D1.02", "Q1", grade=7, method_association="science").value == 25


# --- §1.2: the pupil over all subjects --------------------------------------------------------------------------------------

SUBJECTS = ("ALG", "GEO", "KYR", "RUS")
PUPILS = {  # algebra, geometry, Kyrgyz, Russian → category
    "5 5 5 5": "A5",
    "5 5 5 4": "A4_1",
    "5 5 4 4": "A45",
    "5 4 4 3": "R3_1",
    "5 4 3 3": "T3",
    "5 4 3 2": "N2",
    "5 5 5 н/а": "NA",
    "2 2 5 н/а": "N2",
    "5 5 5 осв": "A5",
    "5 5 5 -": "INC",
    "2 5 5 -": "INC",
}


def class_of(*pupils: str) -> School:
    school = School()
    school.school_class("7-А", pupils=len(pupils))
    school.teaches("T001", "7-А", *SUBJECTS)
    for place, subject in enumerate(SUBJECTS):
        school.marks("7-А", subject, q1=" ".join(marks.split()[place] for marks in pupils))
    return school


def test_categories_are_a_partition_of_the_pupils():
    school = class_of(*PUPILS)
    rows = school.data().categories.collect("pyarrow").rows(named=True)
    found = {row["pupil_id"]: row["category"] for row in rows if row["period"] == "Q1"}
    assert list(dict(sorted(found.items())).values()) == list(PUPILS.values())
    assert len(found) == len(PUPILS)


def test_quality_by_pupil():
    """Of the 9 pupils with complete marks 4 have only 4 and 5."""
    figure = class_of(*PUPILS).figure("D1.05", "Q1")
    assert (figure.numerator, figure.denominator, figure.expected) == (4, 9, 11)
    assert figure.value == pytest.approx(100 * 4 / 9)
    assert figure.status == "incomplete"


def test_quality_by_pupil_is_at_most_that_of_the_weakest_subject():
    school = class_of("5 5 5 5", "5 4 3 4", "4 4 4 2", "3 5 5 5")
    weakest = min(school.figure("D1.02", "Q1", subject=subject).value for subject in SUBJECTS)
    assert school.figure("D1.05", "Q1").value <= weakest


# --- §1.4: internal and external marks --------------------------------------------------------------------------------------


def external(pairs: str) -> School:
    """9-А: "internal:external" marks in algebra, the external ones of the state attestation."""
    school = School()
    both = [pair.split(":") for pair in pairs.split()]
    pupils = school.school_class("9-А", pupils=len(both))
    school.teacher("T001")
    school.teaches("T001", "9-А", "ALG")
    school.marks("9-А", "ALG", year_mark=" ".join(internal for internal, _ in both))
    for pupil, (_, mark) in zip(pupils, both, strict=True):
        school.add("F02", work_id="W1", source="ЖМА9", control_stage="акыркы", subject="ALG", held_on=dt.date(2026, 6, 3),
                   pupil_id=pupil, mark=mark)  # fmt: skip
    return school


def test_confirmed_raised_and_lowered():
    """10 pairs: 6 the same, 1 raised, 3 lowered (one of them by two)."""
    school = external("5:5 5:5 4:4 4:4 3:3 3:3 3:4 5:4 4:3 5:3")
    assert school.figure("D1.06", "Y").value == 60
    assert school.figure("D1.06.up", "Y").value == 10
    assert school.figure("D1.06.low", "Y").value == 30
    assert school.figure("D1.06.gap", "Y").value == pytest.approx(-0.3)
    assert sum(school.figure(code, "Y").value for code in ("D1.06", "D1.06.up", "D1.06.low")) == 100
    assert school.figure("D1.06", "Y", subject="ALG").denominator == 10
    assert school.figure("D1.06", "Y", part="ЖМА9").value == 60


def test_few_pairs_show_counts_only():
    few = external("5:5 4:3").figure("D1.06", "Y")
    assert (few.value, few.status, few.numerator, few.denominator) == (None, "suppressed", 1, 2)


def test_without_a_year_mark_the_last_quarter_is_internal():
    school = School()
    pupils = school.school_class("9-А", pupils=10)
    school.teaches("T001", "9-А", "ALG")
    school.marks("9-А", "ALG", q2=" ".join(["3"] * 10), q3=" ".join(["4"] * 10), year_mark=" ".join(["-"] * 9 + ["5"]))
    for pupil in pupils:
        school.add("F02", work_id="W1", source="РТ", control_stage="акыркы", subject="ALG", held_on=dt.date(2026, 4, 20),
                   pupil_id=pupil, mark="4")  # fmt: skip
    assert school.figure("D1.06", "Y").value == 90


def test_administrative_work_is_not_external():
    school = external("5:5 4:4")
    school.add("F02", work_id="W2", source="АДМ", control_stage="чейректик", subject="ALG", held_on=dt.date(2025, 12, 15),
               pupil_id=school.pupils("9-А")[0], mark="2")  # fmt: skip
    assert school.figure("D1.06", "Y").denominator == 2


def test_state_attestation():
    """D1.07: of five examined three have 4 and 5; a row without a mark is nobody examined."""
    school = external("5:5 4:4 4:4 4:3 3:2")
    school.add("F02", work_id="W1", source="ЖМА9", control_stage="акыркы", subject="KYR", held_on=dt.date(2026, 6, 5),
               pupil_id=school.pupils("9-А")[0])  # fmt: skip
    figure = school.figure("D1.07", "Y")
    assert (figure.value, figure.denominator) == (60, 5)
    assert school.figure("D1.07", "Y", grade=9, subject="ALG").value == 60


# --- national test ----------------------------------------------------------------------------------------------------------


def test_national_test():
    """D1.08: 5 graduates, 4 took it, 3 reached 110; subject tests do not count, nor the weaker of two results."""
    school = School()
    pupils = school.school_class("11-А", pupils=5)
    school.school_class("9-А", pupils=3)

    def result(pupil: str, score: float, subject: str | None = None, work: str = "ORT1") -> None:
        school.add("F02", work_id=work, source="ЖРТ", control_stage="акыркы", subject=subject, held_on=dt.date(2026, 6, 1),
                   pupil_id=pupil, score=score, max_score=245.0)  # fmt: skip

    for pupil, score in zip(pupils, (150.0, 110.0, 109.0, 90.0), strict=False):
        result(pupil, score)
    result(pupils[0], 30.0, subject="ALG")
    result(pupils[3], 120.0, work="ORT2")
    assert school.figure("D1.08", "Y").value == 75
    assert school.figure("D1.08.mean", "Y").value == pytest.approx((150 + 110 + 109 + 120) / 4)
    assert school.figure("D1.08.taken", "Y").value == 80
    assert school.figure("D1.08", "Y", school_class="9-А").status == "not_applicable"


def test_national_test_without_results_is_no_zero():
    school = School()
    school.school_class("11-А", pupils=5)
    assert school.figure("D1.08.taken", "Y").status == "not_collected"
    assert school.figure("D1.08", "Y").status == "not_collected"


# --- adaptation, satisfaction, growth ---------------------------------------------------------------------------------------


def test_adaptation():
    """D1.09: autumn, grade 5: levels 3 3 2 1, one pupil not yet seen."""
    school = School()
    pupils = school.school_class("5-А", pupils=5)
    school.school_class("6-А", pupils=2)
    for pupil, level in zip(pupils, (3, 3, 2, 1), strict=False):
        school.add("F03", pupil_id=pupil, wave="күз", adapt=level, school_class="5-А")
    school.add("F03", pupil_id=pupils[0], wave="жаз", adapt=2, school_class="5-А")
    autumn = school.figure("D1.09", "H1", grade=5)
    assert (autumn.value, autumn.denominator, autumn.expected, autumn.status) == (50, 4, 5, "incomplete")
    assert school.figure("D1.09.dez", "H1").value == 25
    assert school.figure("D1.09", "H2").value == 0
    assert school.figure("D1.09", "H1", school_class="6-А").status == "not_applicable"


def test_parents_satisfaction_and_response():
    """D1.10: 12 families answer two statements; 20 were invited. Pupils' and other topics' answers do not count."""
    school = School()
    school.school_class("7-А", pupils=20)
    school.school_class("7-Б", pupils=20)
    for name, families in (("7-А", 12), ("7-Б", 3)):
        for family in range(families):
            for item, score in (("S1", 4), ("S2", 2)):
                if (family, item) != (0, "S2"):  # one family skipped a statement
                    school.add("F04", survey_id="A26", respondent="ата-эне", school_class=name, topic="натыйжа", item=item, score=score)
        school.add("F04H", survey_id="A26", respondent="ата-эне", school_class=name, invited=20)
    school.add("F04", survey_id="A26", respondent="окуучу", school_class="7-А", topic="натыйжа", item="S1", score=0)
    school.add("F04", survey_id="A26", respondent="ата-эне", school_class="7-А", topic="тарбия", item="S1", score=0)
    score, answers = 12 * 4 + 11 * 2, 23
    assert school.figure("D1.10", "Y", school_class="7-А").value == pytest.approx(100 * score / (4 * answers))
    assert school.figure("D1.10.response", "Y", school_class="7-А").value == 60
    assert school.figure("D1.10.response", "Y").value == pytest.approx(100 * 15 / 40)
    small = school.figure("D1.10", "Y", school_class="7-Б")
    assert (small.value, small.status) == (None, "suppressed"), "3 questionnaires: merged into the grade"
    assert school.figure("D1.10", "Y", grade=7).denominator == 28


def test_growth_from_entry_to_final_work():
    """D1.11: 40 → 70 of 100 is half of what was left; 20 of 25 → 24 of 25 is 80 % → 96 %: four fifths of what was left."""
    school = School()
    first, second, perfect, absent = school.school_class("3-А", pupils=4)

    def work(pupil: str, stage: str, day: dt.date, score: float, highest: float) -> None:
        school.add("F02", work_id=f"{stage}-{day}", source="АДМ", control_stage=stage, subject="MAT", held_on=day, pupil_id=pupil,
                   score=score, max_score=highest)  # fmt: skip

    autumn, spring = dt.date(2025, 9, 15), dt.date(2026, 5, 20)
    work(first, "баштапкы", autumn, 40, 100)
    work(first, "акыркы", spring, 70, 100)
    work(second, "баштапкы", autumn, 20, 25)
    work(second, "акыркы", spring, 24, 25)
    work(perfect, "баштапкы", autumn, 25, 25)
    work(perfect, "акыркы", spring, 24, 25)
    work(absent, "баштапкы", autumn, 10, 25)
    figure = school.figure("D1.11", "Y", subject="MAT")
    assert figure.denominator == 2
    assert figure.value == pytest.approx(100 * (0.5 + 0.8) / 2)


# --- the way back -----------------------------------------------------------------------------------------------------------


def test_cells_behind_a_value():
    """Two marks of one class: the cells of column q1 in the tab's first data rows; a released pupil's cell is not one of them."""
    school = algebra("5 осв 2", q2="5 5 5")
    table = behind("D1.01", school.data(), {"school_year": YEAR, "period": "Q1", "school_class": "7-А"})
    assert [(row["form"], row["tab"], row["row"], row["column"]) for row in table.to_pylist()] == [
        ("F01", "7-А-ALG", 6, "q1"),
        ("F01", "7-А-ALG", 8, "q1"),
    ]


def test_cells_behind_a_pupils_category():
    school = class_of("5 5 5 5", "4 4 4 2")
    table = behind("D1.05", school.data(), {"school_year": YEAR, "period": "Q1"})
    assert table.num_rows == 8


# --- words ------------------------------------------------------------------------------------------------------------------


def test_mark_weights_are_the_published_ones():
    assert dict(settings().sou_weights) == {"5": 100, "4": 64, "3": 36, "2": 16, "na": 7}
    degrees = [algebra(mark).figure("D1.03", "Q1").value for mark in ("5", "4", "3", "2", "н/а")]
    assert all(higher > lower for higher, lower in pairwise(degrees))

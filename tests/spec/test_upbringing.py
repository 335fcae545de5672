"""D7 as a deputy director would check it by hand: clubs, events, level of upbringing, parents' meetings, achievements, satisfaction."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.spec.school import School

DAY = dt.date


@pytest.fixture
def school() -> School:
    """7-А with four pupils (P001–P004), 8-А with six (P005–P010)."""
    school = School()
    school.school_class("7-А", pupils=4)
    school.school_class("8-А", pupils=6)
    return school


def club(school: School, name: str, pupil: str, since: dt.date, until: dt.date | None = None) -> None:
    """One row of F16."""
    school.add("F16", club=name, pupil_id=pupil, area="спорт", **{"from": since, "to": until})


def event(school: School, day: dt.date, **columns: object) -> None:
    """One row of F18: planned and done unless said otherwise."""
    school.add("F18", **{"held_on": day, "title": "Иш-чара", "planned": True, "done": True, "initiator": "мугалим",
                         "parent_meeting": False, **columns})  # fmt: skip


def test_D7_01_a_pupil_of_two_clubs_counts_once(school: School):
    club(school, "Шахмат", "P001", DAY(2025, 9, 10))
    club(school, "Хор", "P001", DAY(2025, 9, 10))
    club(school, "Хор", "P005", DAY(2025, 9, 10))
    assert school.figure("D7.01", "H1").value == 20.0  # 2 of 10
    assert school.figure("D7.01", "H1", school_class="7-А").value == 25.0
    assert school.figure("D7.01", "H1", grade=8)[2:4] == (1.0, 6.0)


def test_D7_01_looks_at_the_last_day_of_the_period(school: School):
    club(school, "Шахмат", "P001", DAY(2025, 9, 10), DAY(2025, 12, 30))  # to the very last day of the first half-year
    club(school, "Шахмат", "P002", DAY(2025, 9, 10), DAY(2025, 12, 1))  # left before
    club(school, "Шахмат", "P003", DAY(2026, 1, 15))  # came later
    assert school.figure("D7.01", "H1").numerator == 1.0
    assert school.figure("D7.01", "H2").numerator == 1.0
    assert school.figure("D7.01", "Y").numerator == 1.0


def test_D7_01_while_the_half_year_runs_today_is_what_counts():
    school = School(as_of=DAY(2026, 4, 15))
    school.school_class("7-А", pupils=2)
    club(school, "Шахмат", "P001", DAY(2025, 9, 10), DAY(2026, 5, 1))
    assert school.figure("D7.01", "H2").value == 50.0


def test_D7_02_only_planned_events_whose_day_has_come():
    school = School(as_of=DAY(2026, 4, 15))
    school.school_class("7-А", pupils=1)
    event(school, DAY(2025, 9, 20))
    event(school, DAY(2025, 9, 25), done=False)
    event(school, DAY(2025, 9, 26), planned=False)  # was not in the plan
    event(school, DAY(2025, 11, 7))  # in the holidays: the next quarter
    event(school, DAY(2026, 5, 9), done=False)  # still to come
    assert school.figure("D7.02", "M09").value == 50.0
    assert school.figure("D7.02", "Q1").value == 50.0
    assert school.figure("D7.02", "Q2").value == 100.0
    assert school.figure("D7.02", "Y")[2:4] == (2.0, 3.0)


def test_D7_03_events_of_the_whole_school_belong_to_no_class(school: School):
    event(school, DAY(2025, 9, 20), school_class="7-А", participants=4)
    event(school, DAY(2025, 9, 21), participants=10)
    event(school, DAY(2025, 9, 22), participants=10, done=False)  # did not take place
    assert school.figure("D7.03", "Q1").value == pytest.approx(1.4)  # 14 participations, 10 pupils
    assert school.figure("D7.03", "Q1", school_class="7-А").value == 1.0
    assert school.figure("D7.03", "Q1", school_class="8-А").value == 0.0
    assert school.figure("D7.03", "Q2").value == 0.0


def rate(school: School, pupil: str, wave: int, own: int, teacher: int, **columns: object) -> None:
    """One row of F17: the same rating for all six qualities."""
    ratings = {f"self{n}": own for n in range(1, 7)} | {f"teacher{n}": teacher for n in range(1, 7)}
    school.add("F17", pupil_id=pupil, wave=wave, **(ratings | columns))


def test_D7_04_is_the_mean_of_own_and_teachers_ratings(school: School):
    rate(school, "P001", 1, own=5, teacher=4)  # 4.5
    rate(school, "P002", 1, own=3, teacher=4)  # 3.5
    rate(school, "P003", 1, own=4, teacher=4)  # 4.0
    rate(school, "P004", 1, own=4, teacher=4)  # 4.0
    figure = school.figure("D7.04", "H1", school_class="7-А")
    assert (figure.value, figure.status) == (pytest.approx(4.0), "ok")
    assert school.figure("D7.04.high", "H1", school_class="7-А").value == 75.0  # 4.0 itself is high
    assert school.figure("D7.04", "H2").status == "not_collected"


def test_D7_04_a_row_with_a_gap_is_expected_but_not_counted(school: School):
    rate(school, "P001", 1, own=5, teacher=5)
    rate(school, "P002", 1, own=1, teacher=1, teacher6=None)
    figure = school.figure("D7.04", "H1", school_class="7-А")
    assert (figure.value, figure.status, figure.denominator, figure.expected) == (5.0, "incomplete", 1.0, 4.0)


def test_D7_04_the_year_is_the_latest_wave_of_each_pupil(school: School):
    rate(school, "P001", 1, own=2, teacher=2)
    rate(school, "P001", 2, own=4, teacher=4)
    rate(school, "P002", 1, own=3, teacher=3)
    assert school.figure("D7.04", "Y").value == pytest.approx(3.5)
    assert school.figure("D7.04", "H1").value == pytest.approx(2.5)
    assert school.figure("D7.04", "H2").value == pytest.approx(4.0)


def test_D7_05_parents_are_summed_over_meetings(school: School):
    event(school, DAY(2025, 10, 1), parent_meeting=True, school_class="7-А", parents_present=9, parents_total=10)
    event(school, DAY(2025, 10, 1), parent_meeting=True, school_class="8-А", parents_present=1, parents_total=30)
    event(school, DAY(2025, 10, 2), parents_present=50, parents_total=50)  # no meeting
    assert school.figure("D7.05", "Q1").value == 25.0  # 10 of 40, not the mean of 90 and 3
    assert school.figure("D7.05", "Q1", school_class="7-А").value == 90.0


def test_D7_05_a_meeting_without_a_count_is_expected(school: School):
    event(school, DAY(2025, 10, 1), parent_meeting=True, school_class="7-А", parents_present=9, parents_total=10)
    event(school, DAY(2025, 10, 1), parent_meeting=True, school_class="8-А", parents_total=30)
    assert school.figure("D7.05", "Q1")[:2] == (90.0, "incomplete")


def test_D7_06_every_result_counts_and_a_team_is_shared_between_the_classes(school: School):
    row = {"kind": "спорт", "title": "Футбол", "held_on": DAY(2026, 3, 1)}
    for pupil in ("P001", "P005", "P006"):
        school.add("F11", pupil_id=pupil, level="район", place="1", team="Ала-Тоо", **row)  # 3 points for the team
    school.add("F11", pupil_id="P002", kind="чыгармачыл", title="Ыр", level="мектеп", place="1", held_on=DAY(2026, 3, 1))
    school.add("F11", pupil_id="P002", kind="чыгармачыл", title="Бий", level="мектеп", place="2", held_on=DAY(2026, 3, 1))
    school.add("F11", pupil_id="P003", kind="олимпиада", title="Алгебра", level="район", place="1", held_on=DAY(2026, 3, 1))
    assert school.figure("D7.06", "Y").value == pytest.approx(48.0)  # 3 + 1 + 0.8 points, 10 pupils
    assert school.figure("D7.06", "Y", school_class="7-А").numerator == pytest.approx(1 + 1.8)
    assert school.figure("D7.06", "Y", school_class="8-А").numerator == pytest.approx(2.0)


def answers(school: School, topic: str, respondent: str, school_class: str, *scores: int, item: str = "1", survey: str = "S1") -> None:
    """Rows of F04: the scores that one item got."""
    for score in scores:
        school.add("F04", survey_id=survey, respondent=respondent, school_class=school_class, topic=topic, item=item, score=score)


def test_D7_07_is_the_mean_score_in_per_cent_of_four(school: School):
    answers(school, "тарбия", "ата-эне", "7-А", *[4] * 10)
    answers(school, "тарбия", "окуучу", "7-А", *[2] * 10)
    answers(school, "сабак", "ата-эне", "7-А", *[0] * 10)  # another topic
    assert school.figure("D7.07", "Y").value == 75.0
    assert school.figure("D7.07", "Y", part="ата-эне").value == 100.0
    assert school.figure("D7.07", "Y", part="окуучу").value == 50.0


def test_D7_07_a_class_with_few_questionnaires_shows_no_value(school: School):
    answers(school, "тарбия", "ата-эне", "7-А", *[4] * 9)
    answers(school, "тарбия", "ата-эне", "7-А", *[4] * 9, item="2")  # the same nine people
    assert school.figure("D7.07", "Y", school_class="7-А")[:2] == (None, "suppressed")
    assert school.figure("D7.07", "Y").value == 100.0


def test_D7_07_response_is_questionnaires_among_the_invited(school: School):
    answers(school, "тарбия", "ата-эне", "7-А", 4, 4, 4)
    answers(school, "тарбия", "ата-эне", "7-А", 4, 4, item="2")
    school.add("F04H", survey_id="S1", respondent="ата-эне", school_class="7-А", invited=4)
    school.add("F04H", survey_id="S9", respondent="ата-эне", school_class="7-А", invited=100)  # another survey
    assert school.figure("D7.07.response", "Y").value == 75.0
    assert school.figure("D7.07.response", "Y", school_class="7-А").value == 75.0

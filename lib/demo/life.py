"""Everything that a school writes down in one year beside the tabs of its classes."""

from __future__ import annotations

from lib.demo.care import Care
from lib.demo.learning import Contents, Learning
from lib.demo.office import Office
from lib.demo.school import School, YearOfSchool
from lib.demo.talents import Talents
from lib.demo.teaching import Teaching
from lib.demo.upbringing import Upbringing
from lib.templates import Place


def contents(school: School, year: YearOfSchool, learning: Learning) -> Contents:
    """The rows of every register, school-wide form and association form, up to the school's `as_of`."""
    scene = (school, year, learning)
    office, teaching, talents, upbringing, care = Office(*scene), Teaching(*scene), Talents(*scene), Upbringing(*scene), Care(*scene)
    visits, planned_visits = teaching.visits()
    single = {
        "R1": office.pupil_rows(),
        "R2C": office.classes(),
        "R2S": year.staff_rows,
        "R2L": office.loads(),
        "F06": care.support_plans(),
        "F10": talents.gifted(),
        "F11": talents.contests(),
        "F12": teaching.innovations(),
        "F13": teaching.publications(),
        "F14": office.equipment(),
        "F15": office.textbooks(),
        "F16": upbringing.clubs(),
        "F18": upbringing.events(),
        "F18S": upbringing.self_government(),
        "F19": care.cases(),
        "F19R": care.registers(),
        "F22": care.safety(),
        "F23": care.injuries(),
        "F24": office.plan(planned_visits),
        "F25": office.decisions(),
        "F26": office.expert(),
        "F27": office.audits(),
    }
    return {
        **{Place(form): rows for form, rows in single.items()},
        **learning.works(),
        **upbringing.surveys(),
        **visits,
        **teaching.achievements(),
    }

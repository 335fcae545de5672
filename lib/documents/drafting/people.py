"""The pages of a class and of a pupil. A pupil's holds that pupil's own figures only."""

from __future__ import annotations

from collections.abc import Sequence

from lib import i18n, wording
from lib.documents.document import Block, Cell, Document, Heading, Paragraph, Sentence, Table, Told
from lib.documents.drafting import drawings, frame, sheets
from lib.documents.drafting.briefing import by_subject, of_class
from lib.documents.drafting.pen import Pen, place_of
from lib.family.child import Child, child_of
from lib.family.rules import read_family
from lib.family.sentences import Sentences
from lib.settings import UserError

TOLD = ("D1.05", "D1.02", "D1.01", "D2.01", "D2.07")
DRAWN = ("D1.05", "D2.07")


def school_class(pen: Pen) -> Document:
    """The page of the request's class."""
    name = pen.request.school_class
    found = of_class(pen, name)
    there = [seen for seen in found if seen.value is not None]
    cautions = pen.cautions(found)
    blocks: list[Block] = [
        *frame.beginning(pen, "4.3", school_class=name),
        Heading(pen.text("h_results")),
        *frame.states(pen, frame.headline(pen, found, TOLD)),
        *([Paragraph(tuple(cautions))] if cautions else []),
        *(sheets.of_indicators(pen, there, pen.text("h_results")) if there else []),
        *frame.headed(pen, "h_by_subjects", by_subject(pen, {"school_class": name}, frame.places(pen, "subject", school_class=name))),
        *frame.headed(pen, "h_dynamics", [p for seen in frame.headline(pen, found, DRAWN) for p in drawings.history(pen, seen)]),
        *frame.headed(pen, "h_absent", pen.absent([seen for seen in found if seen.indicator.core])),
    ]
    about = [pen.text("of_class", name=name), *frame.led_by(pen, name), *frame.times(pen)]
    return frame.document(pen, about, blocks, [frame.class_teacher(pen, name)], pen.basis.pupils(pen.year, pen.period, (name,)))


# --- a pupil -------------------------------------------------------------------------------------------------------------


def pupil(pen: Pen) -> Document:
    """The page of the request's pupil, by the newest quarter that has marks."""
    child = child_of(pen.basis.snapshot, pen.loaded, pen.request.pupil)
    if child is None:
        raise UserError(i18n.gettext("--pupil: nobody with this code studies here now. Codes stand in the register of pupils (R1)."))
    words = Sentences(child, read_family(pen.loaded), pen.loaded)
    blocks: list[Block] = [
        Paragraph((pen.say("own_only"),), "note"),
        Heading(pen.text("h_marks")),
        *_marks(pen, child),
        Heading(pen.text("h_attendance")),
        *_attendance(pen, child),
        *frame.headed(pen, "h_competences", _competences(pen, child, words)),
        Heading(pen.text("h_achievements")),
        *_achievements(pen, child, words),
    ]
    about = [
        pen.text("of_pupil", name=child.name), pen.text("of_class", name=child.school_class),
        *frame.led_by(pen, child.school_class), *frame.times(pen),
    ]  # fmt: skip
    return frame.document(pen, about, blocks, [frame.class_teacher(pen, child.school_class)], 1)


def _own(pen: Pen, child: Child, indicator: str, period: str, what: str, value: float, text: str) -> Told:
    return Told(indicator, child.school_year, period, place_of({"pupil": pen.request.pupil}), what, value, text)


def _marks(pen: Pen, child: Child) -> list[Block]:
    if not child.marks or not child.quarter:
        return [Paragraph((pen.say("no_marks"),))]
    quarters = sorted({quarter for mark in child.marks for quarter in mark.marks})
    head = (pen.text("t_subject"), *(wording.period(quarter) for quarter in quarters))
    rows = tuple(
        (Cell(wording.subject(pen.loaded, mark.subject)), *(Cell(mark.marks.get(quarter, "")) for quarter in quarters))
        for mark in child.marks
    )
    widths = (46.0, *(54.0 / len(quarters) for _ in quarters))
    return [
        Paragraph(tuple(_means(pen, child))),
        Table(pen.text("h_marks"), head, rows, widths, frozenset(range(1, len(head)))),
    ]


def _means(pen: Pen, child: Child) -> list[Sentence]:
    now = [mark.now for mark in child.marks if mark.now is not None]
    said = []
    if now:
        mean = sum(now) / len(now)
        value = _own(pen, child, "D1.04", child.quarter, "value", mean, i18n.number(mean, 2))
        n = _own(pen, child, "D1.04", child.quarter, "n", len(now), str(len(now)))
        said.append(pen.say("mean_mark", time=wording.at_time(child.school_year, child.quarter), value=value, n=n))
    if child.means is not None:
        step = child.means[0] - child.means[1]
        both = sum(mark.step is not None for mark in child.marks)
        delta = _own(pen, child, "D1.04", child.quarter, "step", step, i18n.signed(step, 2))
        said.append(pen.say("mean_change", delta=delta, n=_own(pen, child, "D1.04", child.quarter, "both", both, str(both))))
    if unattested := [wording.subject(pen.loaded, mark.subject) for mark in child.marks if mark.open]:
        said.append(pen.say("unattested", names=", ".join(unattested)))
    return said


def _attendance(pen: Pen, child: Child) -> list[Block]:
    if not child.days:
        return [Paragraph((pen.say("no_attendance"),))]
    last = child.days[-1]
    value = _own(pen, child, "D2.07", last.quarter, "value", last.attended, i18n.percent(last.attended))
    n = _own(pen, child, "D2.07", last.quarter, "n", last.planned, str(last.planned))
    said = pen.say("attended", time=wording.at_time(child.school_year, last.quarter), value=value, n=n)
    keys = ("t_quarter", "t_days_planned", "t_days_missed", "t_days_unexcused", "t_attended")
    rows = tuple(
        (
            Cell(wording.period(day.quarter)), Cell(str(day.planned)), Cell(str(day.missed)), Cell(str(day.unexcused)),
            Cell(i18n.percent(day.attended)),
        )
        for day in child.days
    )  # fmt: skip
    table = Table(pen.text("h_attendance"), tuple(map(pen.text, keys)), rows, (28, 18, 18, 18, 18), frozenset({1, 2, 3, 4}))
    return [Paragraph((said,)), table]


def _competences(pen: Pen, child: Child, words: Sentences) -> list[Block]:
    if not child.skills:
        return []
    head = (pen.text("t_competence"), pen.text("t_level_now"), pen.text("t_level_before"))
    rows = tuple((Cell(words.skill(skill.competence)), _level(pen, skill.now), _level(pen, skill.before)) for skill in child.skills)
    return [Table(pen.text("h_competences"), head, rows, (52, 24, 24), frozenset({1, 2})), *pen.legend()]


def _level(pen: Pen, level: int | None) -> Cell:
    if level is not None:
        return Cell(str(level))
    pen.marks.add("no_data")
    return Cell(pen.text("no_data"))


def _achievements(pen: Pen, child: Child, words: Sentences) -> list[Block]:
    roles: Sequence[str] = [words.role(role, body) for role, body in child.roles]
    told = {
        "clubs": ", ".join(child.clubs),
        "contests": "; ".join(words.contest(contest) for contest in child.contests),
        "pupil_roles": "; ".join(roles),
    }
    said = [Paragraph((pen.say(key, names=names),), "item") for key, names in told.items() if names]
    return list(said) or [Paragraph((pen.say("no_achievements"),))]

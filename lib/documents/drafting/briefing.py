"""The briefing note (маалымкат) on a direction, a class or a subject (regulation 2.18)."""

from __future__ import annotations

from collections.abc import Sequence

from lib import i18n, wording
from lib.documents.document import Block, Document, Heading, Paragraph
from lib.documents.drafting import drawings, frame, sheets
from lib.documents.drafting.pen import Pen, Scope, Seen
from lib.documents.drafting.proposals import proposals
from lib.i18n import gettext as _
from lib.model.indicator import Indicator
from lib.settings import UserError

MARKS = ("D1.01", "D1.02", "D1.03", "D1.04")
OF_CLASS = ("D1.02", "D1.05", "D1.01", "D1.04")
MOST_FOUND = 8


def briefing(pen: Pen) -> Document:
    """The note on whatever the request names."""
    match pen.request.about:
        case "direction", _name:
            return _on_direction(pen)
        case "school_class", name:
            return _on_class(pen, name)
        case _:
            return _on_subject(pen, pen.request.subject)


# --- a direction ---------------------------------------------------------------------------------------------------------


def _on_direction(pen: Pen) -> Document:
    language = i18n.language()
    direction = pen.loaded.directions[pen.request.direction]
    indicators = pen.of_direction(direction.id)
    found = [pen.seen(indicator, {}) for indicator in indicators if pen.basis.sees(indicator, {}, pen.year)]
    best = frame.headline(pen, found, direction.headline)
    mine = [f for f in pen.basis.findings(pen.year, pen.period) if f.direction == direction.id]
    blocks = [
        *frame.beginning(pen, _clause(indicators), direction.objects.of(language)),
        *_results(pen, found, best, direction.id),
        *_dynamics(pen, best),
        *_comparison(pen, best),
        *frame.attention(pen, mine, found, MOST_FOUND),
        *frame.headed(pen, "h_absent", pen.absent(found)),
        *proposals(pen, found, mine),
    ]
    about = [pen.text("of_direction", name=direction.name.of(language)), *frame.times(pen)]
    return frame.document(pen, about, blocks, frame.prepared(pen), pen.basis.pupils(pen.year, pen.period))


def _clause(indicators: Sequence[Indicator]) -> str:
    return indicators[0].clause if indicators else "2.16"


def _results(pen: Pen, found: Sequence[Seen], best: Sequence[Seen], of: str) -> list[Block]:
    cautions = pen.cautions(found)
    return [
        Heading(pen.text("h_results")),
        Paragraph((frame.tally(pen, found, of),)),
        *frame.states(pen, best),
        *([Paragraph(tuple(cautions))] if cautions else []),
        *sheets.of_indicators(pen, [seen for seen in found if seen.value is not None], pen.text("h_results")),
    ]


def _dynamics(pen: Pen, best: Sequence[Seen]) -> list[Block]:
    drawn = (drawings.history(pen, seen) for seen in best)
    return frame.headed(pen, "h_dynamics", next((pictures for pictures in drawn if pictures), []))


def _comparison(pen: Pen, best: Sequence[Seen]) -> list[Block]:
    """The first headline figure whose places can be set beside each other: in words, and as a picture."""
    for seen in best:
        dimension = frame.comparable(seen.indicator)
        if not dimension:
            continue
        places = frame.places(pen, dimension)
        said = pen.extremes(seen.indicator, places)
        if dimension == "school_class" and len(places) > drawings.MOST_BESIDE and "grade" in seen.indicator.by:
            dimension, places = "grade", frame.places(pen, "grade")
        drawn = drawings.beside(pen, seen.indicator, frame.SAID[dimension], places)
        if said or drawn:
            return frame.headed(pen, "h_comparison", [*([Paragraph(tuple(said))] if said else []), *drawn])
    return []


# --- a class -------------------------------------------------------------------------------------------------------------


def _on_class(pen: Pen, name: str) -> Document:
    scope: Scope = {"school_class": name}
    only = pen.loaded.directions.get(pen.request.direction)
    found = [seen for seen in of_class(pen, name) if only is None or seen.indicator.direction == only.id]
    if only is not None and not found:
        raise UserError(_("{direction}: nothing of it is kept class by class. Leave out --school-class or --direction.", direction=only.id))
    best = frame.headline(pen, found, OF_CLASS if only is None else only.headline)
    mine = [
        f for f in pen.basis.findings(pen.year, pen.period)
        if f.scope.get("school_class") == name and (only is None or f.direction == only.id)
    ]  # fmt: skip
    by_subjects = any(seen.indicator.code in MARKS for seen in found)
    subjects = frame.places(pen, "subject", school_class=name) if by_subjects else []
    blocks = [
        *frame.beginning(pen, frame.CLAUSE, school_class=name),
        *_results(pen, found, best, ""),
        *_beside_school(pen, best),
        *(frame.headed(pen, "h_by_subjects", by_subject(pen, scope, subjects)) if by_subjects else []),
        *_dynamics(pen, best),
        *frame.attention(pen, mine, found, MOST_FOUND),
        *frame.headed(pen, "h_absent", pen.absent([seen for seen in found if seen.indicator.core])),
        *proposals(pen, found, mine),
    ]
    named = [pen.text("of_direction", name=only.name.of(i18n.language()))] if only is not None else []
    about = [pen.text("of_class", name=name), *named, *frame.led_by(pen, name), *frame.times(pen)]
    return frame.document(pen, about, blocks, frame.prepared(pen), pen.basis.pupils(pen.year, pen.period, (name,)))


def of_class(pen: Pen, name: str) -> list[Seen]:
    """Every indicator that is kept class by class, for this one; those that have no sense for its grade are left out."""
    scope: Scope = {"school_class": name}
    found = [
        pen.seen(indicator, scope)
        for indicator in pen.loaded.indicators.values()
        if "school_class" in indicator.by and indicator.direction != "Q" and pen.basis.sees(indicator, scope, pen.year)
    ]
    return [seen for seen in found if seen.figure is None or seen.figure.status != "not_applicable"]


def by_subject(pen: Pen, scope: Scope, subjects: frame.Places) -> list[Block]:
    """The marks of the subjects beneath each other: in words what is highest and lowest, and the table."""
    (quality,) = pen.indicators("D1.02") or (None,)
    said = pen.extremes(quality, subjects) if quality is not None else []
    table = sheets.of_places(pen, pen.indicators(*MARKS), subjects, pen.text("t_subject"), pen.text("h_by_subjects"))
    return [*([Paragraph(tuple(said))] if said and table else []), *table]


def _beside_school(pen: Pen, best: Sequence[Seen]) -> list[Block]:
    """The whole school's figure beside that of the class, of the first headline figure."""
    for seen in best:
        whole = pen.seen(seen.indicator, {}, seen.period)
        if whole.value is not None and whole.n is not None:
            said = (pen.value(seen), pen.say("whole_school", value=pen.told(whole), n=pen.told_n(whole)))
            return frame.headed(pen, "h_comparison", [Paragraph(said)])
    return []


# --- a subject -----------------------------------------------------------------------------------------------------------


def _on_subject(pen: Pen, subject: str) -> Document:
    scope: Scope = {"subject": subject}
    found = [
        pen.seen(indicator, scope)
        for indicator in pen.loaded.indicators.values()
        if "subject" in indicator.by and pen.basis.sees(indicator, scope, pen.year)
    ]
    found = [seen for seen in found if seen.figure is None or seen.figure.status != "not_applicable"]
    best = frame.headline(pen, found, (*MARKS, "D1.06"))
    mine = [f for f in pen.basis.findings(pen.year, pen.period) if f.scope.get("subject") == subject]
    classes = [
        (name, {**place, "subject": subject}) for name, place in frame.places(pen, "school_class")
        if subject in pen.basis.roll.taught.get((pen.year, name), ())
    ]  # fmt: skip
    blocks = [
        *frame.beginning(pen, _clause(pen.indicators("D1.01"))),
        *_results(pen, found, best, ""),
        *_dynamics(pen, best[1:] or best),
        *_by_class(pen, classes),
        *frame.attention(pen, mine, found, MOST_FOUND),
        *frame.headed(pen, "h_absent", pen.absent([seen for seen in found if seen.indicator.core])),
        *proposals(pen, found, mine),
    ]
    association = pen.loaded.subjects[subject].association
    about = [
        pen.text("of_subject", name=wording.subject(pen.loaded, subject)),
        pen.text("of_association", name=wording.association(pen.loaded, association)), *frame.times(pen),
    ]  # fmt: skip
    names = tuple(name for name, _scope in classes)
    return frame.document(pen, about, blocks, frame.prepared(pen), pen.basis.pupils(pen.year, pen.period, names))


def _by_class(pen: Pen, classes: frame.Places) -> list[Block]:
    (quality,) = pen.indicators("D1.02") or (None,)
    if quality is None:
        return []
    said = pen.extremes(quality, classes)
    table = sheets.of_places(pen, pen.indicators(*MARKS), classes, pen.text("t_class"), pen.text("h_by_classes"), pupils=True)
    drawn = drawings.beside(pen, quality, "class", classes)
    return frame.headed(pen, "h_by_classes", [*([Paragraph(tuple(said))] if said else []), *drawn, *table])

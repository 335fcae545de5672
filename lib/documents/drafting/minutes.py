"""What boards meet over: the extract from an association's minutes, and the material for the pedagogical council (regulation 2.3, 3.3)."""

from __future__ import annotations

from collections.abc import Sequence

from lib import i18n, wording
from lib.analysis import Finding
from lib.charts import SYMBOLS
from lib.documents.document import Block, Cell, Document, Heading, Paragraph, Sentence, Signature, Table
from lib.documents.drafting import drawings, frame, sheets
from lib.documents.drafting.briefing import MARKS
from lib.documents.drafting.carried_out import decisions
from lib.documents.drafting.pen import Pen, Seen
from lib.documents.drafting.proposals import proposals
from lib.model.indicator import Verdict

OBSERVED = ("D3.01", "D3.02", "D3.03")
CARRIED_OUT = ("Q.03", "Q.04", "Q.01", "Q.02")
HEADLINES = 2  # figures of each direction in the council's table
MOST_FOUND = 10


def association(pen: Pen) -> Document:
    """The extract: agenda, what was heard of each subject, what was resolved."""
    name = pen.request.association
    subjects = frame.places(pen, "subject", association=name)
    codes = [scope["subject"] for _name, scope in subjects]
    when = wording.at_time(pen.year, pen.period)
    heard = [pen.seen(indicator, {"method_association": name}) for indicator in pen.indicators(*MARKS)]
    observed = [pen.seen(indicator, {"method_association": name}) for indicator in pen.indicators(*OBSERVED)]
    findings = [f for f in pen.basis.findings(pen.year, pen.period) if f.scope.get("subject") in codes]
    weak = [pen.seen(indicator, scope) for indicator in pen.indicators("D1.02") for _name, scope in subjects]
    blocks: list[Block] = [
        Paragraph((pen.say("present"),)),
        Heading(pen.text("h_agenda")),
        *_numbered(pen.say("agenda_subjects", time=when), pen.say("agenda_observation"), pen.say("agenda_measures")),
        Heading(pen.text("h_heard")),
        *frame.states(pen, heard),
        *_subjects(pen, subjects),
        *_matrix(pen, name, codes),
        *frame.headed(pen, "h_observation", [*frame.states(pen, observed), *pen.absent(observed)], 2),
        *frame.headed(pen, "h_attention", pen.findings(findings, [*heard, *weak]), 2),
        *frame.headed(pen, "h_decisions", decisions(pen, name), 2),
        *_resolved(pen, "h_resolved", [*heard, *observed, *weak], findings),
    ]
    about = [pen.text("of_association", name=wording.association(pen.loaded, name)), *frame.times(pen)]
    signatures = [Signature(pen.text("s_chair")), Signature(pen.text("s_secretary")), frame.of_role(pen, "mo_head", name)]
    pupils = pen.basis.pupils(pen.year, pen.period, pen.basis.classes_of(pen.year, name))
    return frame.document(pen, about, blocks, signatures, pupils, (pen.text("number_and_date"),))


def _numbered(*said: Sentence) -> list[Block]:
    return [Paragraph((sentence,), "numbered") for sentence in said]


def _subjects(pen: Pen, subjects: frame.Places) -> list[Block]:
    drawn: list[Block] = []
    for indicator in pen.indicators("D1.02"):
        said = pen.extremes(indicator, subjects)
        drawn = [*([Paragraph(tuple(said))] if said else []), *drawings.beside(pen, indicator, "subject", subjects)]
    table = sheets.of_places(pen, pen.indicators(*MARKS), subjects, pen.text("t_subject"), pen.text("h_by_subjects"))
    return frame.headed(pen, "h_by_subjects", [*drawn, *table], 2)


def _matrix(pen: Pen, name: str, subjects: Sequence[str]) -> list[Block]:
    for indicator in pen.indicators("D1.02"):
        classes = pen.basis.classes_of(pen.year, name)
        title = f"{pen.text('h_by_places')}: {wording.titled(indicator)}"
        table = sheets.matrix(pen, indicator, classes, subjects, title)
        return [Heading(title, 2), *table] if table else []
    return []


def _resolved(pen: Pen, heading: str, found: Sequence[Seen], findings: Sequence[Finding]) -> list[Block]:
    """What is resolved, and the table of measures where any figure asks for one."""
    measures = proposals(pen, found, findings)[1:]
    asked = any(isinstance(block, Table) for block in measures)
    points = ("resolve_noted", *(["resolve_measures"] if asked else []), "resolve_control")
    return [
        Heading(pen.text(heading)),
        *_numbered(*(pen.say(key) for key in points)),
        *measures,
    ]  # fmt: skip


# --- the council ---------------------------------------------------------------------------------------------------------


def council(pen: Pen) -> Document:
    """The material: agenda, the nine directions on one sheet, what needs attention, what became of plan and decisions, a draft."""
    when = wording.at_time(pen.year, pen.period)
    directions = [d for d in pen.loaded.directions.values() if d.id != "Q"]
    by_direction = {d.id: [pen.seen(i, {}) for i in pen.of_direction(d.id) if pen.basis.sees(i, {}, pen.year)] for d in directions}
    headlines = {d.id: frame.headline(pen, by_direction[d.id], d.headline)[:HEADLINES] for d in directions}
    findings = pen.basis.findings(pen.year, pen.period)
    carried = [pen.seen(indicator, {}) for indicator in pen.indicators(*CARRIED_OUT)]
    every = [seen for found in by_direction.values() for seen in found]
    drawn = [picture for direction in ("D1", "D2") for seen in headlines.get(direction, [])[:1] for picture in drawings.history(pen, seen)]
    blocks: list[Block] = [
        Heading(pen.text("h_agenda")),
        *_numbered(
            pen.say("agenda_quality", time=when), pen.say("agenda_attention"), pen.say("agenda_decisions"), pen.say("agenda_resolution")
        ),
        *frame.beginning(pen, "2.19"),
        Heading(pen.text("h_directions")),
        Paragraph((frame.tally(pen, every),)),
        *_passport(pen, headlines),
        *frame.headed(pen, "h_dynamics", drawn),
        *frame.attention(pen, findings, [], MOST_FOUND),
        *frame.headed(pen, "h_decisions", [*frame.states(pen, carried), *pen.absent(carried), *decisions(pen)]),
        *_resolved(pen, "h_resolution", [seen for found in headlines.values() for seen in found], findings),
    ]
    signatures = [Signature(pen.text("s_prepared")), Signature(pen.text("s_secretary")), frame.of_role(pen, "director")]
    return frame.document(pen, frame.times(pen), blocks, signatures, pen.basis.pupils(pen.year, pen.period))


def _passport(pen: Pen, headlines: dict[str, list[Seen]]) -> list[Block]:
    """The headline figures of the directions beneath each other."""
    language = i18n.language()
    rows = []
    for direction, found in headlines.items():
        name = pen.loaded.directions[direction].short.of(language)
        if not found:
            rows.append((Cell(name, bold=True), Cell(""), pen.cell(_nothing(pen, direction)), Cell(""), Cell(""), Cell("")))
        for place, seen in enumerate(found):
            target = seen.indicator.target is not None
            judged = seen.verdict
            rows.append(
                (
                    Cell("" if place else name, bold=True),
                    Cell(wording.titled(seen.indicator), "" if seen.period == pen.period else wording.period(seen.period)),
                    pen.cell(seen),
                    Cell(pen.told_target(seen).text, told=pen.told_target(seen)) if target else Cell(""),
                    Cell(f"{SYMBOLS[judged.value]} {wording.verdict(judged)}" if judged is not Verdict.NONE else ""),
                    pen.change_cell(seen),
                )
            )
    head = tuple(pen.text(key) for key in ("t_direction", "t_indicator", "t_value", "t_target", "t_verdict", "t_change"))
    table = Table(pen.text("h_directions"), head, tuple(rows), (18, 28, 12, 11, 17, 14), frozenset({2, 3, 5}))
    return [table, *pen.legend()]


def _nothing(pen: Pen, direction: str) -> Seen:
    return pen.seen(pen.of_direction(direction)[0], {})

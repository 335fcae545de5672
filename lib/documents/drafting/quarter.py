"""The analysis of a quarter: the school, its stages, classes and subjects (regulation 2.18, 003 6.1)."""

from __future__ import annotations

from lib.documents.document import Block, Document, Heading, Paragraph
from lib.documents.drafting import drawings, frame, sheets
from lib.documents.drafting.briefing import by_subject
from lib.documents.drafting.carried_out import decisions
from lib.documents.drafting.pen import Pen
from lib.documents.drafting.proposals import proposals

# What a quarter is judged by, in the order of its telling.
RESULTS = ("D1.01", "D1.02", "D1.03", "D1.04", "D1.05", "D2.01", "D2.02", "D2.03", "D2.04", "D2.06", "D2.07", "D2.08", "D3.01", "D3.02")
TOLD = ("D1.01", "D1.02", "D1.05", "D1.04", "D2.01", "D2.07")
BESIDE = ("D1.01", "D1.02", "D1.05", "D2.01", "D2.07")
MOST_FOUND = 10


def quarter(pen: Pen) -> Document:
    """The analysis of the request's quarter."""
    found = [pen.seen(indicator, {}, pen.period) for indicator in pen.indicators(*RESULTS) if pen.basis.sees(indicator, {}, pen.year)]
    there = [seen for seen in found if seen.value is not None]
    told = frame.headline(pen, found, TOLD)
    findings = pen.basis.findings(pen.year, pen.period)
    cautions = pen.cautions(found)
    blocks: list[Block] = [
        *frame.beginning(pen, "2.16"),
        Heading(pen.text("h_results")),
        Paragraph((frame.tally(pen, found),)),
        *frame.states(pen, told),
        *([Paragraph(tuple(cautions))] if cautions else []),
        *sheets.of_indicators(pen, there, pen.text("h_results")),
        *frame.headed(pen, "h_dynamics", [picture for seen in told[1:3] for picture in drawings.history(pen, seen)]),
        *_by_stages(pen),
        *_by_classes(pen),
        *frame.headed(pen, "h_by_subjects", by_subject(pen, {}, frame.places(pen, "subject"))),
        *frame.attention(pen, findings, found, MOST_FOUND),
        *frame.headed(pen, "h_absent", pen.absent(found)),
        *frame.headed(pen, "h_decisions", decisions(pen)),
        *proposals(pen, found, findings),
    ]
    signatures = [*frame.prepared(pen), frame.of_role(pen, "director")]
    return frame.document(pen, frame.times(pen), blocks, signatures, pen.basis.pupils(pen.year, pen.period))


def _by_stages(pen: Pen) -> list[Block]:
    table = sheets.of_places(pen, pen.indicators(*BESIDE), frame.places(pen, "stage"), pen.text("t_stage"), pen.text("h_by_stages"))
    return frame.headed(pen, "h_by_stages", table)


def _by_classes(pen: Pen) -> list[Block]:
    classes = frame.places(pen, "school_class")
    drawn: list[Block] = []
    for indicator in pen.indicators("D1.02"):
        said = pen.extremes(indicator, classes)
        drawn += [Paragraph(tuple(said))] if said else []
        drawn += drawings.beside(pen, indicator, "class", classes) or drawings.beside(pen, indicator, "grade", frame.places(pen, "grade"))
    table = sheets.of_places(pen, pen.indicators(*BESIDE), classes, pen.text("t_class"), pen.text("h_by_classes"), pupils=True)
    return frame.headed(pen, "h_by_classes", [*drawn, *table])

"""The yearly analysis of the school's work: a part for each direction (regulation 2.18, 4.2)."""

from __future__ import annotations

from lib import i18n
from lib.documents.document import Block, Document, Heading, Paragraph
from lib.documents.drafting import drawings, frame, sheets
from lib.documents.drafting.carried_out import decisions
from lib.documents.drafting.pen import Pen, Seen
from lib.documents.drafting.proposals import proposals
from lib.model.indicator import Direction

HEADLINES = 3
MOST_FOUND = 10


def year(pen: Pen) -> Document:
    """The analysis of a school year."""
    directions = [d for d in pen.loaded.directions.values() if d.id != "Q"]
    found = {d.id: [pen.seen(i, {}) for i in pen.of_direction(d.id) if pen.basis.sees(i, {}, pen.year)] for d in directions}
    own = [seen for name, of in found.items() for seen in of if seen.indicator.direction == name]
    findings = pen.basis.findings(pen.year, pen.period)
    carried = [pen.seen(indicator, {}) for indicator in pen.indicators("Q.03", "Q.04")]
    stages = sheets.of_places(
        pen, pen.indicators("D1.01", "D1.02", "D1.05", "D2.01", "D2.07"), frame.places(pen, "stage"), pen.text("t_stage"),
        pen.text("h_by_stages"),
    )  # fmt: skip
    blocks: list[Block] = [
        *frame.beginning(pen, frame.CLAUSE),
        Paragraph((frame.tally(pen, own),)),
        *frame.headed(pen, "h_by_stages", stages),
        *(block for direction in directions for block in _part(pen, direction, found[direction.id])),
        *frame.headed(pen, "h_decisions", [*frame.states(pen, carried), *pen.absent(carried), *decisions(pen)]),
        *frame.attention(pen, findings, [], MOST_FOUND),
        *proposals(pen, own, findings, "h_goals"),
    ]
    signatures = [*frame.prepared(pen), frame.of_role(pen, "director")]
    return frame.document(pen, frame.times(pen), blocks, signatures, pen.basis.pupils(pen.year, pen.period))


def _part(pen: Pen, direction: Direction, found: list[Seen]) -> list[Block]:
    """A direction: its figures in words, as a table, and the dynamics of the first headline figure that has any."""
    name = direction.name.of(i18n.language())
    best = frame.headline(pen, found, direction.headline)
    drawn = next((pictures for seen in best if (pictures := drawings.history(pen, seen))), [])
    there = [seen for seen in found if seen.value is not None]
    cautions = pen.cautions(found)
    return [
        Heading(f"{direction.numeral}. {name}" if direction.numeral else name),
        *frame.states(pen, best[:HEADLINES]),
        *([Paragraph(tuple(cautions))] if cautions else []),
        *(sheets.of_indicators(pen, there, name) if there else []),
        *drawn,
        *frame.headed(pen, "h_absent", pen.absent(found), 2),
    ]

"""What is beyond its target, with room for a measure: the part of a document that its author fills in before signing."""

from __future__ import annotations

from collections.abc import Sequence

from lib import i18n, wording
from lib.analysis import Finding
from lib.documents.document import Block, Cell, Heading, Paragraph, Table
from lib.documents.drafting.pen import Pen, Seen, key_of
from lib.model.indicator import Verdict

MOST = 12


def proposals(pen: Pen, found: Sequence[Seen], findings: Sequence[Finding], heading: str = "h_measures") -> list[Block]:
    """The figures beyond their targets, and the places that findings speak of, each once; measure, responsible and day are left empty."""
    weak = [pen.seen(pen.loaded.indicators[f.indicator], f.scope, f.period, f.school_year) for f in findings if f.indicator]
    far = list({key_of(seen): seen for seen in (*found, *weak) if seen.verdict is Verdict.MISSED}.values())
    if not far:
        return [Heading(pen.text(heading)), Paragraph((pen.say("nothing_missed"),))]
    return [Heading(pen.text(heading)), Paragraph((pen.say("to_write"),)), *table(pen, far[:MOST], pen.text(heading))]


def table(pen: Pen, far: Sequence[Seen], title: str) -> list[Block]:
    """Indicator, value, target, and three empty cells a row."""
    rows = tuple(
        (
            Cell(str(number)),
            Cell(_placed(pen, seen)),
            pen.cell(seen),
            Cell(pen.told_target(seen).text, told=pen.told_target(seen)),
            *(Cell(""), Cell(""), Cell("")),
        )
        for number, seen in enumerate(far, 1)
    )
    head = tuple(pen.text(key) for key in ("t_number", "t_indicator", "t_now", "t_target", "t_measure", "t_responsible", "t_due"))
    return [Table(title, head, rows, (5, 24, 12, 10, 22, 16, 11), frozenset({2, 3}), tall=True), *pen.legend()]


def _placed(pen: Pen, seen: Seen) -> str:
    name = seen.indicator.name.of(i18n.language())
    return f"{wording.scope(pen.loaded, seen.scope)}. {name}" if seen.scope else name

"""The self-assessment for accreditation: criterion, result, evidence, by direction (regulation 2.13)."""

from __future__ import annotations

from lib import i18n, wording
from lib.charts import SYMBOLS
from lib.documents.document import Block, Cell, Document, Heading, Paragraph, Sentence, Table, Told, Turn
from lib.documents.drafting import frame
from lib.documents.drafting.pen import Pen, Seen, place_of
from lib.model.indicator import Verdict
from lib.office.opinions import AUDIT


def self_assessment(pen: Pen) -> Document:
    """A table for each direction, on sheets that lie on their side."""
    directions = [d for d in pen.loaded.directions.values() if d.id != "Q"]
    found = {
        d.id: [pen.seen(i, {}) for i in pen.loaded.indicators.values() if i.direction == d.id and pen.basis.sees(i, {}, pen.year)]
        for d in directions
    }
    every = [seen for of in found.values() for seen in of]
    blocks: list[Block] = [Turn(flipped=True), *frame.beginning(pen, "2.13"), Paragraph((frame.tally(pen, every),))]
    language = i18n.language()
    for direction in directions:
        name = direction.name.of(language)
        blocks.append(Heading(f"{direction.numeral}. {name}" if direction.numeral else name))
        observed = _observed(pen, direction.id)
        blocks += [*([Paragraph(observed)] if observed else []), *_table(pen, found[direction.id], name)]
    signatures = [*frame.prepared(pen), frame.of_role(pen, "director")]
    return frame.document(pen, frame.times(pen), blocks, signatures, pen.basis.pupils(pen.year, pen.period))


def _table(pen: Pen, found: list[Seen], title: str) -> list[Block]:
    keys = ("t_criterion", "t_result", "t_n", "t_target", "t_verdict", "t_opinion", "t_evidence")
    rows = []
    for seen in found:
        target = seen.indicator.target is not None
        judged = seen.verdict
        when = "" if seen.value is None else wording.at_time(seen.school_year, seen.period)
        result = pen.cell(seen)
        rows.append(
            (
                Cell(wording.titled(seen.indicator), f"{seen.indicator.code} · {seen.indicator.formula.of(i18n.language())}"),
                Cell(result.text, when, result.told, bold=True),
                pen.n_cell(seen),
                Cell(pen.told_target(seen).text, told=pen.told_target(seen)) if target else Cell(""),
                Cell(f"{SYMBOLS[judged.value]} {wording.verdict(judged)}" if judged is not Verdict.NONE else ""),
                _opinion(pen, seen),
                Cell(_evidence(pen, seen)),
            )
        )
    return [Table(title, tuple(map(pen.text, keys)), tuple(rows), (29, 11, 7, 8, 12, 15, 18), frozenset({2, 3})), *pen.legend()]


def _opinion(pen: Pen, seen: Seen) -> Cell:
    """What an expert wrote of the whole school's figure: level, comment, when and by whom. Never mixed into the number."""
    opinion = pen.basis.opinion(seen.indicator, {}, pen.year, seen.period or pen.period)
    if opinion is None:
        return Cell("")
    when, who = wording.at_time(opinion.school_year, opinion.period), pen.basis.person(opinion.expert)
    signed = ", ".join(part for part in (who, i18n.date(opinion.signed_on) if opinion.signed_on else "") if part)
    about = " · ".join(part for part in (opinion.comment, when, signed) if part)
    pen.marks.add("opinion")
    place = place_of(dict(opinion.scope))
    told = Told(opinion.indicator, opinion.school_year, opinion.period, place, "opinion", opinion.level, str(opinion.level))
    return Cell(pen.text("opinion_level", level=told), about, told)


def _observed(pen: Pen, direction: str) -> tuple[Sentence, ...]:
    """Audits and lesson visits of the direction, in sums and means."""
    said = []
    for found in pen.basis.observed(direction, pen.year, pen.period):
        told = {
            name: pen.counted(f"{found.source}_{name}", getattr(found, name), of=direction) for name in ("n", "strengths", "due", "mended")
        }
        if found.source == AUDIT:
            said.append(pen.say("audited", **told))
        elif found.mean is not None:
            level = Told(
                direction, pen.year, pen.period, (), f"{found.source}_mean", found.mean, i18n.number(found.mean, 2)
            )  # fmt: skip
            said.append(pen.say("visited_level", n=told["n"], level=level))
        else:
            said.append(pen.say("visited", n=told["n"]))
    return tuple(said)


def _evidence(pen: Pen, seen: Seen) -> str:
    """The forms that the figure was read from."""
    forms = "; ".join(wording.form(pen.loaded, source.form) for source in seen.indicator.sources)
    return pen.text("evidence_forms", forms=forms)

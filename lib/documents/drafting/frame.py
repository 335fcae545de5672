"""What all drafts share: head and foot, the places of a school, and the paragraphs that most documents begin with."""

from __future__ import annotations

from collections.abc import Sequence

from lib import i18n, wording
from lib.analysis import Finding
from lib.analysis.dynamics import has_ended
from lib.documents.document import Block, Document, Heading, Paragraph, Sentence, Signature
from lib.documents.drafting.pen import Pen, Scope, Seen
from lib.model.indicator import Indicator, Verdict
from lib.publication.draft import method_version

CLAUSE = "2.18"  # of the regulation: documents of the monitoring
BY = ("school_class", "grade", "stage", "subject", "method_association")
SAID = {"school_class": "class", "grade": "grade", "stage": "stage", "subject": "subject", "method_association": "association"}

Places = Sequence[tuple[str, Scope]]


def document(
    pen: Pen, about: Sequence[str], blocks: Sequence[Block], signatures: Sequence[Signature], pupils: int, above: Sequence[str] = (),
    after: Sequence[Block] = (),
) -> Document:  # fmt: skip
    """The draft with its head and foot. `pupils`: of how many it speaks."""
    kind, basis = pen.phrases.kinds[pen.request.kind], pen.basis
    day = i18n.date(basis.snapshot.as_of)
    method = method_version(pen.loaded)
    footer = pen.text("footer", snapshot=basis.snapshot.id, day=day, n=i18n.number(pupils, 0), method=method)
    language = i18n.language()
    return Document(
        kind.id, language, pen.loaded.school_name.of(language), kind.title.of(language), tuple(about), tuple(blocks), tuple(signatures),
        footer, pen.request.file, tuple(above), tuple(after),
    )  # fmt: skip


def times(pen: Pen) -> list[str]:
    """The lines under the title that say of when the document is."""
    if not pen.period:
        when = pen.text("of_school_year", time=wording.school_year(pen.year))
    else:
        when = pen.text("of_time", time=wording.at_time(pen.year, pen.period))
    return [f"{when} · {pen.text('of_day', day=i18n.date(pen.basis.snapshot.as_of))}"]


def beginning(pen: Pen, clause: str, objects: str = "", school_class: str = "") -> list[Block]:
    """Ground, pupils, completeness, and what is late."""
    scope = {"school_class": school_class} if school_class else {}
    classes = (school_class,) if school_class else None
    ground = [pen.say("ground", clause=clause), *([pen.say("objects", objects=objects)] if objects else [])]
    pupils = pen.counted("pupils", pen.basis.pupils(pen.year, pen.period, classes), scope)
    if school_class:
        data = [pen.say("pupils", n=pupils)]
    else:
        told = pen.counted("classes", len(pen.basis.roll.classes.get(pen.year, ())))
        data = [pen.say("pupils_and_classes", n=pupils, classes=told)]
    return [
        Heading(pen.text("h_basis")), Paragraph(tuple(ground)), Paragraph((*data, *_came(pen, scope))),
    ]  # fmt: skip


def _came(pen: Pen, scope: Scope) -> list[Sentence]:
    """How much of the data has come, and whether the period is over."""
    said = []
    for indicator in pen.indicators("Q.01"):
        seen = pen.seen(indicator, scope, pen.period)
        if seen.value is not None and seen.n is not None:
            said.append(pen.say("completeness", value=pen.told(seen), n=pen.told_n(seen)))
    late = pen.basis.late(pen.year, pen.period, scope.get("school_class", ""))
    if late is not None and late.count:
        count, total = pen.counted("tabs_late", late.count, scope), pen.counted("tabs_due", late.total, scope)
        said.append(pen.say("late", count=count, total=total, cells=pen.counted("cells_empty", late.cells, scope)))
    elif late is not None and late.total:
        said.append(pen.say("not_late"))
    if not has_ended(pen.loaded, pen.year, pen.period):
        said.append(pen.say("year_not_over" if pen.period == "Y" else "period_not_over"))
    return said


def tally(pen: Pen, found: Sequence[Seen], of: str = "") -> Sentence:
    """How many of the figures stand where."""
    there = [seen for seen in found if seen.value is not None]
    counts = {verdict: sum(seen.verdict is verdict for seen in there) for verdict in Verdict}
    told = {verdict.value: pen.counted(verdict.value, count, of=of) for verdict, count in counts.items()}
    return pen.say("counted", **told, absent=pen.counted("absent", len(found) - len(there), of=of))


def states(pen: Pen, found: Sequence[Seen]) -> list[Paragraph]:
    """The state of each figure, a point each."""
    return [Paragraph(tuple(said), "item") for seen in found if (said := pen.state(seen))]


def headed(pen: Pen, key: str, blocks: Sequence[Block], level: int = 1) -> list[Block]:
    """The blocks under a heading; nothing where there are none."""
    return [Heading(pen.text(key), level), *blocks] if blocks else []


def attention(pen: Pen, found: Sequence[Finding], figures: Sequence[Seen], most: int) -> list[Block]:
    """What needs attention: the `most` weightiest findings, and every figure of the document that missed its target; or that none did."""
    points = pen.findings(found[:most], figures)
    return [Heading(pen.text("h_attention")), *(points or [Paragraph((pen.say("nothing_missed"),))])]


def places(pen: Pen, by: str, school_class: str = "", association: str = "") -> list[tuple[str, Scope]]:
    """The members of a dimension that may be seen, with their names, in the school's order."""
    basis, year = pen.basis, pen.year
    if by == "school_class":
        members: Sequence[str] = basis.classes(year)
    elif by == "grade":
        members = basis.roll.grades(year)
    elif by == "stage":
        members = tuple(pen.loaded.stages)
    elif by == "subject":
        members = basis.subjects(year, association, school_class)
    else:
        members = tuple(pen.loaded.associations)
    within: Scope = {"school_class": school_class} if school_class else {}
    return [(wording.member(pen.loaded, by, member), {**within, by: member}) for member in members if member]


def headline(pen: Pen, found: Sequence[Seen], codes: Sequence[str] = ()) -> list[Seen]:
    """Those of the named indicators that have a value, in the order of their naming."""
    by_code = {seen.indicator.code: seen for seen in found if seen.value is not None}
    return [by_code[code] for code in codes if code in by_code]


def comparable(indicator: Indicator) -> str:
    """The dimension by which the places of a school are set beside each other for this indicator; "" for none."""
    return next((name for name in BY if name in indicator.by), "")


# --- who signs -----------------------------------------------------------------------------------------------------------


def prepared(pen: Pen) -> list[Signature]:
    """Who prepared it, whoever that is, and the deputy for studies."""
    return [Signature(pen.text("s_prepared")), of_role(pen, "dep_study")]


def of_role(pen: Pen, role: str, association: str = "") -> Signature:
    """The one who has a role (in an association), by name where there is exactly one."""
    names = pen.basis.staff(role, pen.year, association)
    return Signature(pen.loaded.roles[role].of(i18n.language()), names[0] if len(names) == 1 else "")


def class_teacher(pen: Pen, school_class: str) -> Signature:
    """Who leads the class."""
    return Signature(pen.loaded.roles["class_head"].of(i18n.language()), pen.basis.class_teacher(school_class, pen.year))


def led_by(pen: Pen, school_class: str) -> list[str]:
    """The line that names the class teacher."""
    name = pen.basis.class_teacher(school_class, pen.year)
    return [pen.text("of_class_head", name=name)] if name else []

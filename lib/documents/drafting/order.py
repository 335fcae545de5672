"""The director's order that approves the cyclogram, with the cyclogram as its appendix (regulation 2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lib import i18n, wording
from lib.documents.document import Block, Cell, Document, Heading, Paragraph, Sentence, Table, Turn
from lib.documents.drafting import frame
from lib.documents.drafting.pen import Pen
from lib.office.cyclogram import OrderRow, Plan, changes, fingerprint, order_rows
from lib.settings.cyclogram import PlanWords

CLAUSE = "2.1"
MOST_NAMED = 2  # associations in one cell


def order(pen: Pen) -> Document:
    """The order with the rows of the school year's plan. Its number and day stand in it once they are entered for the plan as it is now."""
    plan, words = pen.basis.plan(pen.year), pen.basis.plan_words
    listed = rows(pen, plan, words)
    points = [
        pen.say("order_approve", time=wording.school_year(pen.year), rows=pen.counted("plan_rows", len(plan.rows), period="Y")),
        *(pen.say(key) for key in ("order_data", "order_analysis", "order_council", "order_control")),
    ]
    numbered, earlier = _approved(pen, plan)
    blocks: list[Block] = [
        Paragraph((pen.say("order_ground", clause=CLAUSE),)),
        Paragraph((pen.say("order_word"),), "centred"),
        *(Paragraph((point,), "numbered") for point in (*points, *earlier)),
    ]
    signatures = [frame.of_role(pen, "director")]
    after: list[Block] = [
        Heading(pen.text("h_acquainted"), 2), _acquainted(pen, plan, words), Turn(flipped=True), Heading(pen.text("h_appendix")),
        _table(pen, listed),
    ]  # fmt: skip
    about = [pen.text("order_subject"), pen.text("of_school_year", time=wording.school_year(pen.year))]
    pupils = pen.basis.pupils(pen.year, "Y")
    return frame.document(pen, about, blocks, signatures, pupils, (numbered, pen.text("place_of_order")), after)


def _approved(pen: Pen, plan: Plan) -> tuple[str, list[Sentence]]:
    """Number and day of the order where it approved the plan as it is now. Else the line to fill in, and what becomes of the earlier one:
    a plan that changed after its order needs another."""
    approval = pen.basis.approval(pen.year)
    if approval is None:
        return pen.text("number_and_date"), []
    day = i18n.date(approval.ordered_on)
    if approval.fingerprint == fingerprint(plan, pen.loaded):
        return pen.text("numbered_and_dated", number=approval.number, day=day), []
    rows_changed = len({change.id for change in changes(approval, plan, pen.loaded)})
    changed = pen.counted("plan_changed", rows_changed, period="Y")
    return pen.text("number_and_date"), [pen.say("order_earlier", number=approval.number, day=day, rows=changed)]


def rows(pen: Pen, plan: Plan, words: PlanWords) -> list[OrderRow]:
    """The plan in the order of its days; rows that are alike but for what stands behind the colon (a visit to each teacher) as one row
    with their number."""
    alike: dict[tuple[object, ...], list[OrderRow]] = {}
    for row in order_rows(plan, pen.loaded, words, i18n.language()):
        before = row.object.partition(":")[0]
        alike.setdefault((before, row.directions, row.form, row.method, row.document, row.due), []).append(row)
    gathered = [_alone(words, found[0]) if len(found) == 1 else _gathered(pen, words, str(key[0]), found) for key, found in alike.items()]
    return [replace(row, number=number) for number, row in enumerate(gathered, 1)]


def _alone(words: PlanWords, row: OrderRow) -> OrderRow:
    """The row, with what stands before a colon in the document's language."""
    what, colon, which = row.object.partition(":")
    return replace(row, object=f"{words.phrase(what, i18n.language())}{colon}{which}") if colon else row


def _gathered(pen: Pen, words: PlanWords, what: str, found: Sequence[OrderRow]) -> OrderRow:
    people = list(dict.fromkeys(row.responsible for row in found))
    known = {association.of(i18n.language()) for association in pen.loaded.associations.values()}
    together = pen.text("plan_associations") if len(people) > MOST_NAMED and set(people) <= known else ", ".join(people)
    named = words.phrase(what, i18n.language())
    return replace(found[0], object=pen.text("plan_gathered", object=named, n=len(found)), responsible=together)


def _directions(pen: Pen, named: Sequence[str]) -> str:
    """Directions by their short names; all of them by one word."""
    every = {direction.short.of(i18n.language()) for name, direction in pen.loaded.directions.items() if name != "Q"}
    return pen.text("all_directions") if every <= set(named) else ", ".join(named)


def _acquainted(pen: Pen, plan: Plan, words: PlanWords) -> Table:
    """Who must have read the order: the roles that the plan makes responsible, in the order of config/subjects.yaml."""
    said = (i18n.match_key(piece) for row in plan.rows for piece in row.responsible.split(","))
    named = {role for key in said if key in words.responsible for role in words.responsible[key].roles}
    head = (pen.text("t_number"), pen.text("t_position"), pen.text("t_name_and_sign"), pen.text("t_date"))
    readers = [name.of(i18n.language()) for role, name in pen.loaded.roles.items() if role in named and role != "director"]
    table_rows = tuple((Cell(str(number)), Cell(name), Cell(""), Cell("")) for number, name in enumerate(readers, 1))
    return Table(pen.text("h_acquainted"), head, table_rows, (6, 44, 34, 16), tall=True)


def _table(pen: Pen, listed: list[OrderRow]) -> Table:
    keys = ("t_number", "t_object", "t_directions", "t_form", "t_method", "t_responsible", "t_document", "t_due")
    table_rows = tuple(
        (
            Cell(str(row.number)), Cell(row.object), Cell(_directions(pen, row.directions)), Cell(row.form), Cell(row.method),
            Cell(row.responsible), Cell(row.document), Cell(", ".join(i18n.date(day) for day in row.due)),
        )
        for row in listed
    )  # fmt: skip
    return Table(pen.text("h_appendix"), tuple(pen.text(key) for key in keys), table_rows, (4, 24, 14, 9, 13, 16, 11, 9))

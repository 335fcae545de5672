"""The registry that is proposed for the next school year: an ordinary registry workbook that a deputy edits."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib import i18n
from lib.settings import Settings
from lib.templates import CellContent, Row, plan_registry, write_workbooks
from lib.templates import Place as TabPlace
from lib.turn.book import CLASSES, LOADS, PUPILS, STAFF, Book
from lib.turn.classes import ClassTurn, has_left, turned
from lib.turn.loads import Hands, class_rows, staff_rows
from lib.turn.rules import Rules


@dataclass(frozen=True)
class Proposal:
    """`rows`: what stands in each register; `turn`: what became of the classes."""

    to_year: str
    rows: Mapping[TabPlace, list[Row]]
    turn: ClassTurn


def propose(book: Book, to_year: str, rules: Rules, settings: Settings) -> Proposal:
    """The next year's registers. Nobody is left out but who has left and who ends the last grade; all codes stay as they are.

    A pupil without a class, or of a grade that nothing is said of, stands there without a class; so does one whose code is doubled: that is
    for a person to decide.
    """
    turn = turned(book, to_year, rules, settings)
    hands = Hands(book, turn, to_year, rules, settings)
    rows: dict[TabPlace, list[Row]] = {
        TabPlace(PUPILS): list(_pupils(book, turn, settings)),
        TabPlace(CLASSES): list(class_rows(hands)),
        TabPlace(STAFF): list(staff_rows(book)),
        TabPlace(LOADS): list(hands.loads()),
    }
    return Proposal(to_year, rows, turn)


def _pupils(book: Book, turn: ClassTurn, settings: Settings) -> list[dict[str, CellContent]]:
    found = []
    for line in book.lines[PUPILS]:
        name = line.text("school_class")
        if has_left(line, settings) or name in turn.leaving:
            continue
        row = line.contents() | {"school_class": turn.goes.get(name), "left_on": None}
        found.append((i18n.class_key(turn.goes.get(name, "")), i18n.ky_key(line.text("full_name")), line.text("pupil_id"), row))
    return [row for *_, row in sorted(found, key=lambda item: item[:-1])]


def workbook(proposal: Proposal, settings: Settings) -> bytes:
    """The proposal as an .xlsx file, made as `templates` makes the blank one. The same proposal gives the same bytes."""
    plan = plan_registry(settings, proposal.to_year, proposal.rows)
    with tempfile.TemporaryDirectory() as folder:
        return write_workbooks(Path(folder), [plan], settings)[0].read_bytes()

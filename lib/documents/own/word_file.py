"""A Word template (.docx): its text, tables, headers, footers, text boxes, notes, comments and charts."""

from __future__ import annotations

import re

from lxml import etree

from lib.documents.own.asking import Asking
from lib.documents.own.package import Parts, is_xml, parsed
from lib.documents.own.paragraphs import paragraphs, replaced
from lib.i18n import gettext as _

_NUMBERED = re.compile(r"(\d*)\.xml$")


def fill(name: str, parts: Parts, asking: Asking) -> Parts:
    """The parts with every placeholder filled; those without one are the same bytes."""
    return {part: _filled(name, part, body, asking) if _may_hold(part, body) else body for part, body in parts.items()}


def _may_hold(part: str, body: bytes) -> bool:
    return is_xml(part) and (b"{" in body or b"}}" in body)


def _filled(name: str, part: str, body: bytes, asking: Asking) -> bytes:
    root = parsed(name, part, body)
    where, changed = _Where(root, part), False
    for words in paragraphs(root):
        if "{" not in words.text and "}}" not in words.text:
            continue
        place = where.of(words.element)
        changed |= replaced(words, asking.text(place))
        asking.look_for_rests(words.text, place)
    asking.look_elsewhere(root, where.part)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True) if changed else body


class _Where:
    """Says where in a part a paragraph stands, as a person would look for it."""

    def __init__(self, root: etree._Element, part: str) -> None:
        self.part = _part(part)
        self.tables: dict[etree._Element, int] = {}
        self.lines: dict[etree._Element, int] = {}
        for element in root.iter(etree.Element):
            tag = etree.QName(element).localname
            if tag == "tbl":
                self.tables[element] = len(self.tables) + 1
            elif tag == "p":
                self.lines[element] = len(self.lines) + 1

    def of(self, line: etree._Element) -> str:
        """ "table 2, row 3, column 1", "text box", "paragraph 12", each with the part where that is not the text itself."""
        row = cell = table = None
        box = False
        for above in line.iterancestors():
            tag = etree.QName(above).localname
            if tag == "txbxContent":
                box = True
                break
            if tag == "tc" and cell is None:
                cell = _number(above, "tc")
            elif tag == "tr" and row is None:
                row = _number(above, "tr")
            elif tag == "tbl" and table is None:
                table = self.tables[above]
                break
        if table is not None:
            said = _("table {table}, row {row}, column {column}", table=table, row=row, column=cell)
        elif box:
            said = _("text box")
        else:
            said = _("paragraph {n}", n=self.lines.get(line, 1))
        return f"{self.part}, {said}" if self.part else said


def _number(element: etree._Element, tag: str) -> int:
    return 1 + sum(1 for before in element.itersiblings(preceding=True) if etree.QName(before).localname == tag)


def _part(part: str) -> str:
    file = part.rpartition("/")[2]
    number = found[1] if (found := _NUMBERED.search(file)) else ""
    kinds = {
        "document": "", "header": _("header"), "footer": _("footer"), "footnotes": _("footnote"), "endnotes": _("footnote"),
        "comments": _("comment"), "chart": _("chart"),
    }  # fmt: skip
    stem = file.removesuffix(".xml").removesuffix(number)
    said = kinds.get(stem, part)
    return f"{said} {number}" if said and number and stem in kinds else said

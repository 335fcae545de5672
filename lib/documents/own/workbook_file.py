"""A template of a spreadsheet (.xlsx): cells, headers and footers of the page, comments, text boxes and titles of charts.

The file's parts are changed where they hold a placeholder and copied otherwise, so that charts, pictures, conditional formats, names and
settings of printing stay as they are. A cell that holds one placeholder alone becomes a number; stored results of formulas are let go, so
that every program computes them anew when it opens the file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property

from lxml import etree

from lib.documents.own.answers import Filled
from lib.documents.own.asking import Asking
from lib.documents.own.looks import Looks
from lib.documents.own.package import Parts, is_xml, parsed, refused
from lib.documents.own.paragraphs import FOUND, WordsOf, paragraphs, replaced
from lib.documents.tables import without_controls
from lib.i18n import gettext as _
from lib.neutral import is_dangerous

BOOK, LINKS, STRINGS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"
_PAGE_TEXTS = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
_BEFORE_COUNTING = ("definedNames", "externalReferences", "functionGroups", "sheets")  # what stands before calcPr, the nearest first


def fill(name: str, parts: Parts, asking: Asking) -> Parts:
    """The parts with every placeholder filled."""
    return _Book(name, parts, asking).filled()


class _Book:
    def __init__(self, name: str, parts: Parts, asking: Asking) -> None:
        self.name, self.parts, self.asking = name, parts, asking
        self.roots: dict[str, etree._Element] = {}
        self.changed: set[str] = set()

    def filled(self) -> Parts:
        sheets = list(self._sheets())
        for title, part in sheets:
            self._sheet(title, part)
        for words in self.strings:
            if words is not None and replaced(words, self._known):
                self.changed.add(STRINGS)
        done = {STRINGS, *(part for _title, part in sheets)}
        for part, body in self.parts.items():
            if is_xml(part) and part not in done and (b"{" in body or b"}}" in body):
                self._paragraphs(part)
        for part in [part for part in self.roots if part != STRINGS]:
            self.asking.look_elsewhere(self.root(part), part)
        if self.changed:
            self._count_anew()
        return {part: self._written(part) if part in self.changed else body for part, body in self.parts.items()}

    def root(self, part: str) -> etree._Element:
        if part not in self.roots:
            self.roots[part] = parsed(self.name, part, self.parts[part])
        return self.roots[part]

    def _written(self, part: str) -> bytes:
        return etree.tostring(self.root(part), xml_declaration=True, encoding="UTF-8", standalone=True)

    def _sheets(self) -> Iterator[tuple[str, str]]:
        """Title and part of each sheet, in the order of the tabs."""
        if LINKS not in self.parts:
            raise refused(self.name, _("its part {part} is damaged", part=LINKS))
        targets = {str(link.get("Id")): str(link.get("Target")) for link in self.root(LINKS)}
        for sheet in self.root(BOOK).iter(etree.Element):
            if _local(sheet) != "sheet":
                continue
            link = next((value for name, value in sheet.attrib.items() if str(name).endswith("}id")), "")
            target = targets.get(str(link), "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
            if part in self.parts:
                yield str(sheet.get("name")), part

    @cached_property
    def strings(self) -> list[WordsOf | None]:
        """The shared strings by their number; None where there is no text."""
        if STRINGS not in self.parts:
            return []
        root = self.root(STRINGS)
        known = {words.element: words for words in paragraphs(root)}
        return [known.get(item) for item in root if _local(item) == "si"]

    @cached_property
    def looks(self) -> Looks:
        if STYLES not in self.parts:
            raise refused(self.name, _("its part {part} is damaged", part=STYLES))
        return Looks(self.root(STYLES))

    # --- cells -----------------------------------------------------------------------------------------------------------

    def _sheet(self, title: str, part: str) -> None:
        for element in list(self.root(part).iter(etree.Element)):
            tag = _local(element)
            if tag == "c":
                self._cell(part, element, f"{title}!{element.get('r', '')}")
            elif tag in _PAGE_TEXTS and element.text:
                self._page_text(part, element, f"{title}, {_('header or footer of the page')}")

    def _cell(self, part: str, cell: etree._Element, place: str) -> None:
        children = {_local(child): child for child in cell}
        if "f" in children:
            if "v" in children:
                cell.remove(children["v"])
                self.changed.add(part)
        elif cell.get("t") == "s" and "v" in children:
            number = int(children["v"].text or -1)
            words = self.strings[number] if 0 <= number < len(self.strings) else None
            if words is not None:
                self._text(part, cell, words.text, place)
        elif cell.get("t") == "inlineStr":
            for words in list(paragraphs(cell)):
                if not self._text(part, cell, words.text, place) and replaced(words, self._known):
                    self.changed.add(part)

    def _text(self, part: str, cell: etree._Element, text: str, place: str) -> bool:
        """Ask for what a cell's text names; make a number of a cell that holds one placeholder alone, and say whether it became one."""
        if "{" not in text and "}}" not in text:
            return False
        values = [self.asking.value(inside, place) for inside in FOUND.findall(text)]
        self.asking.look_for_rests(FOUND.sub("", text), place)
        look = int(cell.get("s", "0"))
        alone = values[0] if FOUND.fullmatch(text.strip()) else None
        if alone is not None and alone.number is not None and not self.looks.is_text(look):
            self._number(cell, alone, look)
            self.changed |= {part, STYLES}
            return True
        if is_dangerous(FOUND.sub(lambda found: self._known(found[1]), text)):
            cell.set("s", str(self.looks.quoted(look)))
            self.changed |= {part, STYLES}
        return False

    def _number(self, cell: etree._Element, value: Filled, look: int) -> None:
        """The figure in full precision. A cell whose look says nothing of numbers gets one that does; a share stands as 0.735 where it is
        shown in percent, as 73.5 elsewhere."""
        assert value.number is not None
        if not self.looks.shows_numbers(look):
            look = self.looks.as_number(look, value.decimals, value.percent)
            cell.set("s", str(look))
        shown = value.number / 100 if value.percent and self.looks.is_percent(look) else value.number
        space = cell.tag.rpartition("}")[0] + "}" if "}" in cell.tag else ""
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        etree.SubElement(cell, f"{space}v").text = repr(int(shown) if shown == int(shown) else shown)

    def _known(self, inside: str) -> str:
        """The text for a placeholder that was asked for already; nothing for a wrong one, with which no file is written."""
        found = self.asking.answers.of(" ".join(inside.split()))
        return without_controls(found.text) if isinstance(found, Filled) else ""

    # --- elsewhere -------------------------------------------------------------------------------------------------------

    def _page_text(self, part: str, element: etree._Element, place: str) -> None:
        """A header or footer: & begins a code there, and digits behind a code would be taken for a size of letters."""
        text = element.text or ""
        value = self.asking.text(place)

        def said(found: re.Match[str]) -> str:
            told = value(found[1])
            if told is None:
                return found[0]
            told = without_controls(told).replace("&", "&&")
            return f" {told}" if told[:1].isdigit() and text[: found.start()][-1:].isdigit() else told

        new = FOUND.sub(said, text)
        self.asking.look_for_rests(new, place)
        if new != text:
            element.text = new
            self.changed.add(part)

    def _paragraphs(self, part: str) -> None:
        """Text boxes, charts, comments."""
        for words in paragraphs(self.root(part)):
            if "{" in words.text or "}}" in words.text:
                if replaced(words, self.asking.text(part)):
                    self.changed.add(part)
                self.asking.look_for_rests(words.text, part)

    def _count_anew(self) -> None:
        """Say that formulas are to be computed when the file is opened."""
        book = self.root(BOOK)
        space = book.tag.rpartition("}")[0] + "}" if "}" in book.tag else ""
        told = book.find(f"{space}calcPr")
        if told is None:
            told = etree.Element(f"{space}calcPr")
            before = next(found for name in _BEFORE_COUNTING if (found := book.find(f"{space}{name}")) is not None)
            before.addnext(told)
        told.set("fullCalcOnLoad", "1")
        self.changed.add(BOOK)


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)

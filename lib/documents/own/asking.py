"""What came of the placeholders of one template: each with its places and value, and everything that is wrong with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from lib.documents.own.answers import Answers, Filled
from lib.documents.own.paragraphs import CLOSING, FOUND, OPENING, SINGLE, paragraphs
from lib.documents.own.placeholder import LONGEST, Wrong, written
from lib.documents.tables import without_controls
from lib.i18n import gettext as _


@dataclass
class Met:
    """A placeholder that was met: as it is typed, where, and what it is filled with."""

    text: str
    value: Filled
    places: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that would stay in the filled file: what stands there, where, why, and the nearest right placeholder."""

    text: str
    place: str
    why: str
    near: str = ""


@dataclass
class Asking:
    """Asks for the value of each placeholder of a template and remembers what it met."""

    answers: Answers
    met: dict[str, Met] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def value(self, inside: str, place: str) -> Filled | None:
        """The value for what stands between the braces; None, and a fault, when it is wrong."""
        inside = " ".join(inside.split())
        found = self.answers.of(inside) if len(inside) <= LONGEST else Wrong(_("it is too long"))
        if isinstance(found, Wrong):
            self.faults.append(Fault(written(inside[:LONGEST]), place, found.why, found.near))
            return None
        met = self.met.setdefault(inside, Met(written(inside), found))
        if place not in met.places:
            met.places.append(place)
        return found

    def text(self, place: str) -> Callable[[str], str | None]:
        """The same as a function that gives the text, for one place."""

        def of(inside: str) -> str | None:
            found = self.value(inside, place)
            return None if found is None else without_controls(found.text)

        return of

    def look_for_rests(self, text: str, place: str) -> None:
        """Braces that make no placeholder: not closed, over two paragraphs, or one where there should be two."""
        text = FOUND.sub("", text)  # these were asked for, right or wrong
        for sign, why in ((OPENING, _("it is opened and not closed here")), (CLOSING, _("it is closed and not opened here"))):
            if sign in text:
                at = text.index(sign)
                seen = text[at : at + 40] if sign == OPENING else text[max(0, at - 38) : at + 2]
                self.faults.append(Fault(seen.strip(), place, why))
                break
        for single in SINGLE.finditer(text):
            if self.answers.is_one(single[1]):
                self.faults.append(Fault(single[0], place, _("it needs two braces on each side"), written(single[1].strip())))

    def look_elsewhere(self, root: etree._Element, place: str) -> None:
        """Placeholders where none can be filled: in names, fields, formulas, and what tracked changes have taken out."""
        judged = {piece.element for words in paragraphs(root) for piece in words.pieces}
        for element in root.iter(etree.Element):
            told = ["" if element in judged else element.text or "", element.tail or "", *map(str, element.attrib.values())]
            for text in told:
                if OPENING in text:
                    self.faults.append(Fault(text.strip()[:60], place, _("placeholders are not filled in such a place")))

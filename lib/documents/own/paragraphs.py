"""Placeholders in the paragraphs of a part, wherever a program has split them over runs.

Word parts a typed text at each change of spelling, language or look, so that {{D1.02}} may lie in five runs. Here the texts of one
paragraph are read as one; a value goes into the run in which its placeholder begins and so looks like that, and the rest of the
placeholder is taken out of the others. Only elements with text are touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

PARAGRAPHS = ("p", "si", "is", "text")  # of Word and drawings; shared and inline strings, and comments, of sheets
OPENING, CLOSING = "{{", "}}"
FOUND = re.compile(r"\{\{([^{}\n]*)\}\}")
SINGLE = re.compile(r"(?<!\{)\{([^{}\n]{2,80})\}(?!\})")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_GAPS = ("br", "cr", "tab", "ptab")
_HYPHENS = {"noBreakHyphen": "-", "softHyphen": ""}
_PASSED = ("rPh", "del", "moveFrom")  # readings of signs; what tracked changes have taken out


@dataclass(slots=True)
class Piece:
    """A stretch of a paragraph's text: of an element with text, or of one that is a sign by itself."""

    element: etree._Element
    text: str
    is_text: bool


@dataclass(slots=True)
class WordsOf:
    """A paragraph and its pieces in the order of reading."""

    element: etree._Element
    pieces: list[Piece]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def paragraphs(root: etree._Element) -> Iterator[WordsOf]:
    """Every paragraph with text, text boxes inside of one apart from it."""
    found: dict[etree._Element, WordsOf] = {}
    for element in root.iter(etree.Element):
        piece = _piece(element)
        if piece is None:
            continue
        for above in element.iterancestors():
            name = _local(above)
            if name in _PASSED:
                break
            if name in PARAGRAPHS:
                found.setdefault(above, WordsOf(above, [])).pieces.append(piece)
                break
    yield from found.values()


def _piece(element: etree._Element) -> Piece | None:
    name = _local(element)
    if name == "t":
        return Piece(element, element.text or "", True)
    if name in _HYPHENS:
        return Piece(element, _HYPHENS[name], False)
    if name in _GAPS and (above := element.getparent()) is not None and _local(above) in ("r", "p"):
        return Piece(element, "\n", False)
    return None


def replaced(words: WordsOf, value: Callable[[str], str | None]) -> bool:
    """Put values in the place of placeholders; `value` is given the inside and gives None where it stays. Whether anything was changed."""
    found = [(match.start(), match.end(), text) for match in FOUND.finditer(words.text) if (text := value(match[1])) is not None]
    for start, end, text in reversed(found):
        _replace(words, start, end, text)
    return bool(found)


def _replace(words: WordsOf, start: int, end: int, text: str) -> None:
    place, put = 0, False
    for piece in words.pieces:
        first, last = place, place + len(piece.text)
        place = last
        if not (first < end and last > start) and not start < first == last < end:
            continue
        if not piece.is_text:
            _take_out(piece)
            continue
        kept_before, kept_after = piece.text[: max(0, start - first)], piece.text[max(0, end - first) :] if end < last else ""
        piece.text = kept_before + ("" if put else text) + kept_after
        put = True
        _write(piece)


def _write(piece: Piece) -> None:
    lines = piece.text
    piece.element.text = lines
    if lines != lines.strip() or "  " in lines:
        piece.element.set(_SPACE, "preserve")


def _take_out(piece: Piece) -> None:
    above = piece.element.getparent()
    if above is not None:
        above.remove(piece.element)
    piece.text = ""


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname

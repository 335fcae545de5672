"""A document before it is a file: title, paragraphs, tables, charts, lines to sign. Word and PDF are written from the same one.

Texts are plain, never markup. What a sentence or a cell says of the school is carried beside it as figures (`Told`), so that each can be
followed back to the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lib import charts

Place = tuple[tuple[str, str], ...]  # the filled dimensions of a figure, as pairs


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as it is said. `what`: value, n (its denominator), numerator, target, change (since `against`, the school year and period it
    is compared with), gap (value here less the value of `other`), or something counted: pupils, tabs_late, tabs_due, cells_empty, classes.

    `value` is the number in full precision, `text` how it stands in the sentence. `indicator` is a form's id where tabs are counted.
    """

    indicator: str
    school_year: str
    period: str
    scope: Place
    what: str
    value: float
    text: str
    against: tuple[str, str] = ("", "")
    other: Place = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and the figures that it says."""

    text: str
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level 1 parts a document, level 2 a part. `new_page`: it begins a page."""

    text: str
    level: int = 1
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that run on. `kind`: text | item (a point of a list) | numbered (a point of an order) | note (small, beneath a table) |
    centred (such as the word by which a director orders)."""

    sentences: tuple[Sentence, ...]
    kind: str = "text"

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; `note` is a quieter second line."""

    text: str
    note: str = ""
    told: Told | None = None
    bold: bool = False


LONG = 400  # letters of a cell


def is_short(row: tuple[Cell, ...]) -> bool:
    """Whether a row is to stay on one sheet. One with a very long cell, such as somebody typed, must break, or it would run off it."""
    return all(len(cell.text) + len(cell.note) <= LONG for cell in row)


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `widths` are shares of the page's width; `right` the columns that are set to the right; `tall` leaves room for handwriting
    in the rows. A head is repeated on each page, and no row is broken that is not very long. `title` is for those who do not see it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()
    tall: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart with its caption. `alt` says it in words."""

    chart: charts.Chart
    caption: str
    alt: str
    width: int = 640  # pixels before scaling

    @cached_property
    def png(self) -> bytes:
        """The chart for a white sheet."""
        return charts.picture(self.chart, theme="light", width=self.width, scale=2.0)


@dataclass(frozen=True, slots=True)
class Signature:
    """A line to sign: who, and the name where it is known."""

    who: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """The sheets after it lie on their side (`flipped`), or stand again."""

    flipped: bool


Block = Heading | Paragraph | Table | Picture | Turn


@dataclass(frozen=True)
class Document:
    """A whole document in one language. `above` stands over the title (number and date to fill in), `about` under it, `after` behind the
    signatures. `footer` names what it was made of; `file` is a file name without ending, free of names and codes of pupils."""

    kind: str
    language: str
    school: str
    title: str
    about: tuple[str, ...]
    blocks: tuple[Block, ...]
    signatures: tuple[Signature, ...]
    footer: str
    file: str
    above: tuple[str, ...] = ()
    after: tuple[Block, ...] = ()

    @property
    def subject(self) -> str:
        """What it is about, for the file's own properties: search and mail programs show these, so that no pupil's name stands in them."""
        return "" if self.kind == "pupil" else " · ".join(self.about)

    @property
    def every(self) -> tuple[Block, ...]:
        """All blocks, those after the signatures too."""
        return self.blocks + self.after

    def sentences(self) -> Iterator[Sentence]:
        """Every sentence."""
        for block in self.every:
            if isinstance(block, Paragraph):
                yield from block.sentences

    def told(self) -> Iterator[Told]:
        """Every figure that is said, in sentences and in tables."""
        for sentence in self.sentences():
            yield from sentence.told
        for block in self.every:
            if isinstance(block, Table):
                yield from (cell.told for row in block.rows for cell in row if cell.told is not None)

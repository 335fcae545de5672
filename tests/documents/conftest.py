"""The demo school's documents, each made once a run and read back with programs that are not ours."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docx
import pytest
from docx.document import Document as Word

from lib import i18n, settings
from lib.access import EVERYTHING, Sight
from lib.documents import paper, phrases, word
from lib.documents.basis import Basis, Holdings
from lib.documents.document import Document, Paragraph, Table
from lib.documents.drafting import draft
from lib.documents.request import ask
from lib.snapshot import Snapshots

# Every kind, and every sort of thing that it may be about. "1st": the first that the viewer sees.
CASES: tuple[tuple[str, dict[str, str]], ...] = (
    ("briefing", {"direction": "D1"}),
    ("briefing", {"direction": "D4"}),
    ("briefing", {"school_class": "7-А"}),
    ("briefing", {"subject": "ALG"}),
    ("quarter", {}),
    ("quarter", {"period": "Q1"}),
    ("association", {"association": "1st"}),
    ("council", {}),
    ("order", {}),
    ("year", {}),
    ("year", {"school_year": "2024-2025"}),
    ("class", {"school_class": "7-А"}),
    ("pupil", {"pupil": "1st"}),
    ("self_assessment", {}),
)
NAMES = ["-".join((kind, *about.values())) for kind, about in CASES]


@dataclass
class Press:
    """Makes documents of one basis, each once."""

    basis: Basis
    words: phrases.Phrases = field(default_factory=phrases.load)
    _drafts: dict[tuple[str, ...], Document] = field(default_factory=dict)
    _files: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def about(self, given: dict[str, str]) -> dict[str, str]:
        year = self.basis.roll.school_years[-1]
        firsts = {"association": lambda: self.basis.associations(year)[0], "pupil": lambda: self.basis.members("7-А")[0].pupil}
        return {name: firsts[name]() if value == "1st" else value for name, value in given.items()}

    def draft(self, kind: str, given: dict[str, str], language: str) -> Document:
        key = (kind, *given.values(), language)
        if key not in self._drafts:
            with i18n.speaking(language):
                self._drafts[key] = draft(self.basis, self.words, ask(self.basis, self.words, kind, **self.about(given)))
        return self._drafts[key]

    def file(self, kind: str, given: dict[str, str], language: str, ending: str) -> bytes:
        key = (kind, *given.values(), language, ending)
        if key not in self._files:
            made = self.draft(kind, given, language)
            write = word.to_docx if ending == "docx" else paper.to_pdf
            self._files[key] = write(made, self.basis.snapshot.as_of)
        return self._files[key]


def holdings_of(store: Path) -> Holdings:
    """What documents of a store's newest snapshot speak of."""
    snapshot = Snapshots(store).current()
    assert snapshot is not None
    return Holdings.of(snapshot, settings.load(store, as_of=snapshot.as_of))


@pytest.fixture(scope="session")
def holdings(demo_store: Path) -> Holdings:
    return holdings_of(demo_store)


@pytest.fixture(scope="session")
def press(holdings: Holdings) -> Press:
    return Press(Basis(holdings))


def press_for(holdings: Holdings, eyes: Sight = EVERYTHING) -> Press:
    """Documents as one viewer gets them."""
    return Press(Basis(holdings, eyes))


@pytest.fixture(autouse=True)
def _speaks_kyrgyz() -> Iterator[None]:
    with i18n.speaking("ky"):
        yield


# --- reading back --------------------------------------------------------------------------------------------------------


def word_texts(content: bytes) -> list[str]:
    """The paragraphs of a .docx, those of cells too, as python-docx reads them; headers and footers last."""
    read: Word = docx.Document(io.BytesIO(content))
    found = [line.text for line in read.paragraphs]
    for table in read.tables:
        seen = set()
        for row in table.rows:
            for cell in row.cells:
                if cell._tc not in seen:
                    seen.add(cell._tc)
                    found.append(cell.text)
    for section in read.sections:
        found += [line.text for line in (*section.header.paragraphs, *section.footer.paragraphs)]
    return found


def pdf_pages(content: bytes) -> list[str]:
    """The text of each page of a PDF, as poppler reads it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.fail("pdftotext is missing: install poppler-utils")
    done = subprocess.run([program, "-raw", "-enc", "UTF-8", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def squeezed(text: str) -> str:
    """The text without any gap: lines break differently in each program."""
    return re.sub(r"[\s\u00a0\u202f\u200b\u2060]+", "", text)


def said_in(document: Document) -> Iterator[str]:
    """Every sentence, and every cell with its note."""
    for block in document.every:
        if isinstance(block, Paragraph):
            yield from (sentence.text for sentence in block.sentences)
        elif isinstance(block, Table):
            yield from block.head
            yield from (text for row in block.rows for cell in row for text in (cell.text, cell.note) if text)

"""Every document in both languages opens in LibreOffice, becomes a PDF there, and is whole: no glyph is missing, no slot left unfilled."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documents.conftest import CASES, NAMES, Press, pdf_pages, said_in, squeezed, word_texts

pytestmark = pytest.mark.slow
OWN = "ңөүҢӨҮ"
LEFT = re.compile(r"\{\w*\}|\{\{|\}\}|\bNone\b|\bnan\b|\bTold\(")


def fonts(pdf: bytes) -> list[list[str]]:
    """The fonts of a PDF as poppler lists them: name …, emb, sub, uni, object."""
    program = shutil.which("pdffonts")
    assert program, "pdffonts is missing: install poppler-utils"
    done = subprocess.run([program, "-"], input=pdf, capture_output=True, check=True)
    return [line.split() for line in done.stdout.decode().splitlines()[2:]]


@pytest.mark.parametrize("language", ["ky", "ru"])
@pytest.mark.parametrize(("kind", "about"), CASES, ids=NAMES)
def test_the_pdf_embeds_its_fonts_and_has_every_letter(press: Press, kind: str, about: dict[str, str], language: str):
    pdf = press.file(kind, about, language, "pdf")
    listed = fonts(pdf)
    assert listed and all(row[-5:-2] == ["yes", "yes", "yes"] for row in listed), "embedded, subset, with a map to letters"
    text = "".join(pdf_pages(pdf))
    document = press.draft(kind, about, language)
    assert "\ufffd" not in text and "\x00" not in text and not LEFT.search(text)
    said = squeezed("".join(said_in(document)))
    for letter in OWN:
        assert squeezed(text).count(letter) >= said.count(letter), letter
    if language == "ky":
        assert sum(said.count(letter) for letter in OWN) >= 10


@pytest.mark.parametrize("language", ["ky", "ru"])
@pytest.mark.parametrize(("kind", "about"), CASES, ids=NAMES)
def test_the_word_file_has_no_slot_left(press: Press, kind: str, about: dict[str, str], language: str):
    texts = word_texts(press.file(kind, about, language, "docx"))
    assert not [text for text in texts if LEFT.search(text)]


def test_libreoffice_opens_every_word_file(press: Press, tmp_path: Path):
    office = os.environ.get("SAPAT_SOFFICE") or shutil.which("soffice")
    assert office, "LibreOffice is missing: install libreoffice-writer-nogui"
    cases = [(kind, about, language) for kind, about in CASES for language in ("ky", "ru")]
    for number, (kind, about, language) in enumerate(cases):
        (tmp_path / f"{number}.docx").write_bytes(press.file(kind, about, language, "docx"))
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--norestore", "--convert-to", "pdf", "--outdir",
               str(tmp_path), *map(str, sorted(tmp_path.glob("*.docx")))]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    for number, (kind, about, language) in enumerate(cases):
        pdf = (tmp_path / f"{number}.pdf").read_bytes()
        pages = pdf_pages(pdf)
        document = press.draft(kind, about, language)
        printed = squeezed("".join(pages))
        assert "\ufffd" not in printed and all(row[-5] == "yes" for row in fonts(pdf)), (kind, language)
        for place, page in enumerate(pages, 1):
            assert f"{place}/{len(pages)}" in squeezed(page) and press.basis.snapshot.id in page, (kind, language, place)
        missing = [s for s in document.sentences() if len(s.text) < 120 and squeezed(s.text) not in printed]
        assert len(missing) <= 2, [s.text for s in missing]  # a page's edge may stand inside one
        letters = squeezed("".join(said_in(document)))
        assert all(printed.count(letter) >= letters.count(letter) for letter in OWN), (kind, language)

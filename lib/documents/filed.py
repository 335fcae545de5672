"""A drafted document as a file: to edit (.docx) or to print (.pdf)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from lib.documents.document import Document
from lib.documents.paper import to_pdf
from lib.documents.word import to_docx

DOCX, PDF = ".docx", ".pdf"
MIMES = {
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PDF: "application/pdf",
}
_WRITERS: Mapping[str, Callable[[Document, dt.date], bytes]] = {DOCX: to_docx, PDF: to_pdf}


def filed(document: Document, ending: str, day: dt.date) -> bytes:
    """The document as a file of that kind (DOCX or PDF); `day` is the snapshot's."""
    return _WRITERS[ending](document, day)

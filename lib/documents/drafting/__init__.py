"""Drafts: a request over a basis becomes a document, in the current language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lib.documents.basis import Basis
from lib.documents.document import Document
from lib.documents.drafting import briefing, minutes, order, people, quarter, self_assessment, year
from lib.documents.drafting.pen import Pen
from lib.documents.phrases import Phrases
from lib.documents.request import Request

DRAFTS: Mapping[str, Callable[[Pen], Document]] = {
    "briefing": briefing.briefing,
    "quarter": quarter.quarter,
    "association": minutes.association,
    "council": minutes.council,
    "order": order.order,
    "year": year.year,
    "class": people.school_class,
    "pupil": people.pupil,
    "self_assessment": self_assessment.self_assessment,
}


def draft(basis: Basis, phrases: Phrases, request: Request) -> Document:
    """The document that was asked for. The same snapshot, request and language give the same document."""
    return DRAFTS[request.kind](Pen(basis, phrases, request))

"""Documents in a warm process: one briefing note, and the pages of as many classes as a large school has, as Word files and as PDFs."""

from __future__ import annotations

import datetime as dt
import time
from itertools import cycle, islice
from pathlib import Path

from bench.measure import Measurement
from lib import i18n, settings
from lib.collection import collect
from lib.documents import paper, phrases, word
from lib.documents.basis import Basis, Holdings
from lib.documents.drafting import draft
from lib.documents.request import ask
from lib.settings import load
from lib.snapshot import Snapshots

SET = 40  # class documents of one archive


def documents(store: Path, notes: int = 9) -> list[Measurement]:
    """Draft and write: the slowest of `notes` briefing notes on directions, and SET class pages (classes in turn where there are fewer)."""
    if Snapshots(store).current() is None:
        collect(store, load(store), dt.datetime.now())
    snapshot = Snapshots(store).current()
    assert snapshot is not None
    started = time.perf_counter()
    basis = Basis(Holdings.of(snapshot, settings.load(store, as_of=snapshot.as_of)))
    words = phrases.load()

    def made(kind: str, language: str, **about: str) -> float:
        """Seconds for both files."""
        with i18n.speaking(language):
            before = time.perf_counter()
            document = draft(basis, words, ask(basis, words, kind, **about))
            word.to_docx(document, snapshot.as_of)
            paper.to_pdf(document, snapshot.as_of)
            return time.perf_counter() - before

    made("briefing", "ky", direction="D1")
    warmed = time.perf_counter() - started
    codes = [code for code in basis.loaded.directions if code != "Q"]
    single = sorted(made("briefing", "ky" if n % 2 else "ru", direction=code) for n, code in enumerate(islice(cycle(codes), notes)))
    classes = basis.classes(basis.roll.school_years[-1])
    busy = time.process_time()
    pages = [made("class", "ky", school_class=name) for name in islice(cycle(classes), SET)]
    busy = time.process_time() - busy
    one = {"runs": [round(s, 2) for s in single], "first, with reading the snapshot, s": round(warmed, 2)}
    whole = {"classes": len(classes), "slowest, s": round(max(pages), 2), "processor s": round(busy, 1)}
    return [
        Measurement("briefing note, .docx and PDF", single[-1], "s", 2.0, one),
        Measurement(f"{SET} class documents, .docx and PDF", sum(pages), "s", 60.0, whole),
    ]

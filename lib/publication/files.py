"""The files of an edition: data for other programs, the web page, the PDF in both languages."""

from __future__ import annotations

import csv
import io
import json

from lib.neutral import neutral
from lib.publication.article import article, spoken
from lib.publication.edition import DATA, Edition
from lib.publication.paper import report
from lib.publication.site import index

LANGUAGES = ("ky", "ru")
NAMES = ("data.csv", DATA, "index.html", "report.pdf", "report.ru.pdf")
CSV_COLUMNS = (
    "edition", "indicator", "school_year", "period", "cut", "group", "numerator", "denominator", "value", "symbol",
)  # fmt: skip


def files_of(edition: Edition, before: Edition | None = None) -> dict[str, bytes]:
    """name → content of every file of the edition. The same edition gives the same bytes."""
    articles = []
    for language in LANGUAGES:
        with spoken(language):
            articles.append(article(edition, before))
    kyrgyz, russian = articles
    return {
        "data.csv": data_csv(edition),
        DATA: (json.dumps(edition.plain, ensure_ascii=False, indent=1) + "\n").encode(),
        "index.html": index(articles).encode(),
        "report.pdf": report(kyrgyz, edition.day),
        "report.ru.pdf": report(russian, edition.day),
    }


def data_csv(edition: Edition) -> bytes:
    """One row a published cell. A hidden number is an empty cell; `symbol` says why, or is the band (≥95) that stands for it."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for cell in edition.cells:
        numbers = (_plain(number) for number in (cell.numerator, cell.denominator, cell.value))
        place = map(neutral, (cell.indicator, cell.school_year, cell.period, cell.cut, cell.group))
        writer.writerow([edition.id, *place, *numbers, cell.band or cell.symbol])
    return stream.getvalue().encode()


def _plain(number: float | None) -> str:
    """Full precision, whole numbers without a point; "" for what is absent."""
    if number is None:
        return ""
    return str(int(number)) if number == int(number) else repr(float(number))

"""The report to print: an A4 PDF, set by typst from the article as data. No text of it is ever read as markup."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path

import typst

from lib.i18n import gettext as _
from lib.publication.article import Article, spoken
from lib.publication.site import reading_notes

TEMPLATE = Path(__file__).with_name("report.typ")


def report(article: Article, day: dt.date) -> bytes:
    """The article as a PDF of that day. typst's own fonts are used and no other, so that it looks alike on every machine."""
    with spoken(article.language):
        words = {
            "brief": _("In short"),
            "legend": _("How to read this report"),
            "rules": _("How each figure is counted"),
        }
        rules = [
            {
                "title": f"{rule.code} · {rule.name}",
                "texts": [rule.formula, rule.method],
                "note": f"{_('Source: {forms}', forms=rule.sources)} · {_('Regulation, clause {clause}', clause=rule.clause)}",
            }
            for rule in article.rules
        ]
        plain = asdict(article) | {"words": words, "notes": reading_notes(), "rules": rules}
    told = json.dumps(plain, ensure_ascii=False)
    pdf = typst.compile(
        str(TEMPLATE), sys_inputs={"article": told}, ignore_system_fonts=True, root=str(TEMPLATE.parent),
        timestamp=int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()),
    )  # fmt: skip
    return bytes(pdf)

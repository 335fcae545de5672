"""The static web page: one file that asks nobody for anything. It works from any web server, a USB stick or a mail.

Both languages stand in it; the address (#ky, #ru) says which one is shown, by style alone. There is no script, and the content security
policy in it forbids any, with everything else that does not lie in the file. Every text is escaped here, on its way into the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path

from lib.i18n import gettext as _
from lib.publication.article import Article, Bar, Chapter, Drawing, Sheet, spoken
from lib.publication.edition import DATA

STYLE = Path(__file__).with_name("site.css")
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' "
    "fill='%230b6e6e'/%3E%3Cpath d='M4 12V8m4 4V4m4 8V6' stroke='white' stroke-width='2'/%3E%3C/svg%3E"
)


def index(articles: Sequence[Article]) -> str:
    """index.html with the articles, the first of which is shown when the address says nothing."""
    style = STYLE.read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src 'sha256-{_sha256(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    first = articles[0]
    title = f"{' · '.join(a.title for a in articles)} · {first.subtitle} · {first.school}"
    switch = "".join(
        f'<a class="to-{a.language}" href="#{a.language}" lang="{a.language}" hreflang="{a.language}">{escape(a.language_name)}</a>'
        for a in articles
    )
    return f"""<!DOCTYPE html>
<html lang="{first.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<link rel="icon" href="{escape(_ICON)}">
<style>{style}</style>
</head>
<body>
<nav class="bar-top" aria-label="{escape(" / ".join(a.language_name for a in articles))}">{switch}</nav>
{"".join(_main(article) for article in articles)}
</body>
</html>
"""


def _main(article: Article) -> str:
    with spoken(article.language):
        parts = [
            f'<header><p class="school">{escape(article.school)}</p>',
            f"<h1>{escape(article.title)}<small>{escape(article.subtitle)}</small></h1>",
            f'<ul class="about">{"".join(f"<li>{escape(text)}</li>" for text in article.about)}</ul></header>',
            _brief(article),
            *(_chapter(article, chapter) for chapter in article.chapters),
            _section(article, "changes", article.changes.title, _table(article.changes, heading=False)) if article.changes else "",
            _section(article, "legend", _("How to read this report"), _reading(article)),
            _section(article, "rules", _("How each figure is counted"), _rules(article)),
        ]
        return f'<main id="{article.language}" lang="{article.language}">\n' + "\n".join(part for part in parts if part) + "\n</main>\n"


def _section(article: Article, name: str, title: str, content: str) -> str:
    return f'<section class="{name}" id="{article.language}-{name}"><h2>{escape(title)}</h2>{content}</section>'


def _brief(article: Article) -> str:
    rows = "".join(
        f'<li><a href="#{article.language}-{c.id}"><b>{escape(c.short)}</b><i>{escape(c.value)}</i><em>{escape(c.name)}</em>'
        f'<u class="{c.verdict}">{escape(f"{c.symbol} {c.verdict_words}".strip())}</u></a></li>'
        for c in article.chapters
    )
    return f'<section class="brief"><h2>{escape(_("In short"))}</h2><ol>{rows}</ol></section>'


def _chapter(article: Article, chapter: Chapter) -> str:
    numbered = f"{chapter.numeral} · {chapter.title}" if chapter.numeral else chapter.title
    parts = [
        f'<p class="question">{escape(chapter.question)}</p>',
        f'<p class="headline"><strong>{escape(chapter.value)}</strong><span>{escape(chapter.name)}</span></p>',
        f'<p class="verdict {chapter.verdict}">{chapter.symbol} {escape(chapter.verdict_words)}</p>' if chapter.verdict_words else "",
        *(f'<p class="meaning">{escape(text)}</p>' for text in chapter.meaning),
        _figure(chapter.drawing) if chapter.drawing else "",
        *(_table(sheet) for sheet in chapter.tables),
    ]
    return _section(article, chapter.id, numbered, "".join(parts))


def _figure(drawing: Drawing) -> str:
    rows = "".join(
        f'<div><dt>{escape(bar.label)}</dt><dd class="drawn">{_bar(bar, drawing)}</dd><dd>{escape(bar.text)}</dd></div>'
        for bar in drawing.bars
    )
    key = ""
    if drawing.target is not None:
        sign = '<svg viewBox="0 0 8 16" aria-hidden="true"><line class="aim" x1="4" x2="4" y1="0" y2="16"/></svg>'
        key = f'<p class="key">{sign}{escape(drawing.target_label)}</p>'
    return f'<figure><figcaption>{escape(drawing.title)}</figcaption><dl class="bars">{rows}</dl>{key}</figure>'


def _bar(bar: Bar, drawing: Drawing) -> str:
    """One bar as a picture without words: its number stands beside it as text."""

    def place(value: float) -> str:
        return f"{min(100.0, max(0.0, 100 * value / drawing.full)):.2f}"

    drawn = '<rect class="track" width="100" height="10"/>'
    if bar.low is not None and bar.high is not None:
        kind = "band" if bar.is_band else "full"
        drawn += f'<rect class="{kind}" x="{place(bar.low)}" width="{place(bar.high - bar.low)}" height="10"/>'
    if drawing.target is not None:
        x = place(drawing.target)
        drawn += f'<line class="aim" x1="{x}" x2="{x}" y1="-1" y2="11" vector-effect="non-scaling-stroke"/>'
    return f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'


def _table(sheet: Sheet, heading: bool = True) -> str:
    """A table; on a narrow screen each row becomes a card, its cells named by `data-of`."""
    head = "".join(f'<th scope="col" role="columnheader">{escape(text)}</th>' for text in sheet.head)
    rows = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{escape(line.name)}{_small(line.note)}</th>'
        + "".join(
            f'<td role="cell" data-of="{escape(of)}"{"" if mark.text else " class=empty"}>'
            f"<span><b>{escape(mark.text)}</b>{_small(mark.note)}</span></td>"
            for of, mark in zip(sheet.head[1:], line.cells, strict=True)
        )
        + "</tr>"
        for line in sheet.lines
    )
    title = f"<h3>{escape(sheet.title)}</h3>" if heading else ""
    return (
        f'{title}<table role="table" aria-label="{escape(sheet.title)}"><thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>'
    )


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""


def _reading(article: Article) -> str:
    symbols = "".join(f"<dt>{escape(symbol)}</dt><dd>{escape(text)}</dd>" for symbol, text in article.legend)
    said = "".join(f"<p>{escape(text)}</p>" for text in reading_notes())
    pdf = "report.pdf" if article.language == "ky" else f"report.{article.language}.pdf"
    files = "".join(
        f'<li><a href="{name}">{escape(text)}</a></li>'
        for name, text in ((pdf, _("This report to print (PDF)")), ("data.csv", _("Data as CSV")), (DATA, _("Data as JSON")))
    )
    return f'{said}<dl class="legend">{symbols}</dl><h3 class="files">{escape(_("Files"))}</h3><ul class="files">{files}</ul>'


def reading_notes() -> tuple[str, ...]:
    """What a reader should know before comparing figures."""
    return (
        _("The report shows the whole school, its stages and its subjects. Nobody is named and nobody is ranked."),
        _("n: how many marks, pupils or answers a figure is made of. The smaller n, the more chance moves the figure."),
        _("Within chance: a change not larger than chance alone would give. Editions are compared as published; pupils may be others."),
        _("An edition is frozen: it does not change after its publication. A correction is a new edition with the next number."),
    )


def _rules(article: Article) -> str:
    return "".join(
        f"<div><h3>{escape(rule.code)} · {escape(rule.name)}</h3><p>{escape(rule.formula)}</p>"
        + (f"<p>{escape(rule.method)}</p>" if rule.method else "")
        + f'<p class="noted">{escape(_("Source: {forms}", forms=rule.sources))} · '
        f"{escape(_('Regulation, clause {clause}', clause=rule.clause))}</p></div>"
        for rule in article.rules
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

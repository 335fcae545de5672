"""An edition as a short article in one language: chapters of a sentence, a figure, what it means, and the tables behind it.

Plain text only, no markup: the web page, the PDF and the public page of the app draw the same article, each escaping in its own way.
Nothing is ranked: groups stand in the order of the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lib import analysis, i18n
from lib.analysis import Figure
from lib.charts import SYMBOLS
from lib.i18n import gettext as _
from lib.model.indicator import Verdict
from lib.publication.disclosure import Shown
from lib.publication.edition import Edition
from lib.publication.printed import band, legend, stated, target, unit
from lib.wording import at_time, period, verdict

ABSENT = ("z", "x")  # nothing was there to be published


@dataclass(frozen=True)
class Bar:
    """One row of a figure. `low`..`high` is what is drawn, in the indicator's unit: from 0 to the value, or for a band (≥ 95 %) the stretch
    in which the value lies; None when there is no number. `text` stands beside it."""

    label: str
    text: str
    verdict: str
    low: float | None
    high: float | None
    is_band: bool


@dataclass(frozen=True)
class Drawing:
    """The figure of a chapter. `full` is the length of a whole row in the indicator's unit; `target_label` says the target's rule."""

    title: str
    bars: tuple[Bar, ...]
    full: float
    target: float | None
    target_label: str


@dataclass(frozen=True)
class Mark:
    """One cell of a table: what is printed, and a quieter note (n = …)."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a table: its name, a quieter note, and its cells."""

    name: str
    note: str
    cells: tuple[Mark, ...]


@dataclass(frozen=True)
class Sheet:
    """A table: `head` names the columns, the first of them the rows' names."""

    title: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Chapter:
    """One direction of regulation 2.16: question, the headline figure as number and sentences, a drawing, the tables."""

    id: str
    numeral: str
    title: str
    short: str
    question: str
    name: str
    value: str
    verdict: str
    symbol: str
    verdict_words: str
    meaning: tuple[str, ...]
    drawing: Drawing | None
    tables: tuple[Sheet, ...]


@dataclass(frozen=True)
class Rule:
    """How one indicator is counted."""

    code: str
    name: str
    formula: str
    method: str
    sources: str
    clause: str


@dataclass(frozen=True)
class Article:
    """The whole report in one language."""

    language: str
    language_name: str
    school: str
    title: str
    subtitle: str
    about: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    changes: Sheet | None
    legend: tuple[tuple[str, str], ...]
    rules: tuple[Rule, ...]


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Everything said meanwhile is said in that language."""
    before = i18n.language()
    i18n.use(language)
    try:
        yield
    finally:
        i18n.use(before)


def article(edition: Edition, before: Edition | None = None) -> Article:
    """The edition in the current language; `before` is the one it is compared with."""
    language = i18n.language()
    return Article(
        language=language,
        language_name=_("English"),  # the msgid of every language's own name
        school=edition.words("school").of(language),
        title=_("Open report"),
        subtitle=at_time(edition.school_year, edition.period),
        about=(
            _("Edition: {edition}", edition=edition.id),
            _("Published: {date}", date=i18n.date(edition.day)),
            _("Data as of: {date}", date=i18n.date(edition.as_of)),
            _("Snapshot: {id}", id=edition.plain["snapshot"]),
            _("Method: {id}", id=edition.plain["method"]),
        ),
        chapters=tuple(_chapter(edition, before, direction) for direction in edition.plain["directions"]),
        changes=_changes(edition, before) if before is not None else None,
        legend=legend(edition.cells),
        rules=tuple(_rule(edition, code) for code in edition.plain["indicators"]),
    )


# --- chapters ------------------------------------------------------------------------------------------------------------


def _chapter(edition: Edition, before: Edition | None, direction: str) -> Chapter:
    language, about = i18n.language(), edition.plain["directions"][direction]
    codes = [code for code, plain in edition.plain["indicators"].items() if plain["direction"] == direction]
    code = _headline(edition, about["headline"], codes)
    indicator, cell = edition.indicator(code), edition.cell(code)
    judged = analysis.verdict(indicator, cell.value if cell else None)
    said = edition.words("directions", direction, "name").of(language)
    return Chapter(
        id=direction,
        numeral=about["numeral"],
        title=said,
        short=edition.words("directions", direction, "short").of(language),
        question=edition.words("directions", direction, "question").of(language),
        name=indicator.name.of(language),
        value=stated(indicator, cell),
        verdict=judged.value,
        symbol=SYMBOLS[judged.value] if judged != Verdict.NONE else "",
        verdict_words=f"{verdict(judged)} ({target(indicator, word=False)})" if judged != Verdict.NONE else "",
        meaning=tuple(_meaning(edition, before, code, cell)),
        drawing=_drawing(edition, before, code),
        tables=tuple(sheet for sheet in (_by_stage(edition, codes), _by_subject(edition, codes)) if sheet is not None),
    )


def _headline(edition: Edition, preferred: Sequence[str], codes: Sequence[str]) -> str:
    """The direction's first headline indicator that was published with a number, else the first one."""
    order = [*preferred, *(code for code in codes if code not in preferred)]
    return next((code for code in order if (cell := edition.cell(code)) and cell.value is not None), order[0])


def _meaning(edition: Edition, before: Edition | None, code: str, cell: Shown | None) -> Iterator[str]:
    language, indicator = i18n.language(), edition.indicator(code)
    if cell is None:
        return
    if cell.numerator is not None and cell.denominator:
        above, below = indicator.numerator.of(language), indicator.denominator.of(language)
        k, n = i18n.number(cell.numerator, 0), i18n.number(cell.denominator, 0)
        yield _("How it comes about: {above} – {k}; {below} – {n}.", above=above, k=k, below=below, n=n)
    else:
        yield _("How it comes about: {formula}.", formula=indicator.formula.of(language))
    if cell.period != edition.period:
        yield _("Time: {period}.", period=at_time(cell.school_year, cell.period))
    earlier = before.cell(code) if before else None
    moved = _moved(edition, code, earlier, cell)
    if moved and earlier and before:
        told = f"{moved.text} ({moved.note})" if moved.note else moved.text
        yield _("Edition before ({period}): {value}. Change: {change}.", period=at_time(before.school_year, before.period),
                value=stated(indicator, earlier), change=told)  # fmt: skip


def _moved(edition: Edition, code: str, earlier: Shown | None, cell: Shown | None) -> Mark | None:
    """The change from what was published before to what is published now; None unless both are numbers, and either of another time or
    no longer the same."""
    if earlier is None or cell is None or earlier.value is None or cell.value is None:
        return None
    if _same_time(earlier, cell) and earlier.value == cell.value:
        return None
    indicator = edition.indicator(code)
    change = analysis.change(_figure(earlier), _figure(cell), indicator)
    if change is None:
        return None
    text = i18n.signed(change.delta, indicator.decimals)
    if indicator.unit in ("percent", "pp"):
        text += f"{i18n.NBSP}{_('pp')}"
    return Mark(text, _("within chance") if change.is_noise else "")


def _same_time(earlier: Shown, cell: Shown) -> bool:
    return (earlier.school_year, earlier.period) == (cell.school_year, cell.period)


def _figure(cell: Shown) -> Figure:
    return Figure(cell.value, cell.numerator, cell.denominator)


# --- the drawing ---------------------------------------------------------------------------------------------------------


def _drawing(edition: Edition, before: Edition | None, code: str) -> Drawing | None:
    """The headline figure of the school and its stages, the earlier edition's beside them; None for one lonely number."""
    language, indicator = i18n.language(), edition.indicator(code)
    whole, earlier = edition.cell(code), before.cell(code) if before else None
    rows = [(_("Whole school"), whole)]
    if whole is not None and earlier is not None and earlier.value is not None and not _same_time(earlier, whole):
        rows.insert(0, (at_time(earlier.school_year, earlier.period), earlier))
    stages = [(edition.words("stages", key).of(language), edition.cell(code, "stage", key)) for key in edition.plain["stages"]]
    rows += [(name, cell) for name, cell in stages if cell is not None and cell.symbol not in ABSENT]
    if len(rows) < 2 and indicator.target is None:
        return None
    reach = [c.value for _name, c in rows if c and c.value is not None] + ([indicator.target] if indicator.target is not None else [])
    full = 100.0 if indicator.unit == "percent" else 1.15 * max([*reach, 0.0]) or 1.0
    bars = tuple(_bar(edition, code, name, cell) for name, cell in rows)
    return Drawing(indicator.name.of(language), bars, full, indicator.target, target(indicator))


def _bar(edition: Edition, code: str, name: str, cell: Shown | None) -> Bar:
    indicator = edition.indicator(code)
    value = cell.value if cell else None
    judged = analysis.verdict(indicator, value).value
    if value is not None:
        return Bar(name, stated(indicator, cell), judged, 0.0, value, False)
    limits = band(indicator, cell.band) if cell is not None and cell.band else None
    low, high = limits or (None, None)
    return Bar(name, stated(indicator, cell), judged, low, high, limits is not None)


# --- tables --------------------------------------------------------------------------------------------------------------


def _by_stage(edition: Edition, codes: Sequence[str]) -> Sheet:
    """All published indicators of a direction: the whole school, and the stages where any of them has such cells."""
    language = i18n.language()
    stages = [key for key in edition.plain["stages"] if any(_there(edition.cell(code, "stage", key)) for code in codes)]
    lines = []
    for code in codes:
        cells = [edition.cell(code), *(edition.cell(code, "stage", key) for key in stages)]
        lines.append(_line(edition, code, cells))
    head = (_("Indicator"), _("Whole school"), *(edition.words("stages", key).of(language) for key in stages))
    return Sheet(_("All published figures of the direction"), head, tuple(lines))


def _line(edition: Edition, code: str, cells: Sequence[Shown | None]) -> Line:
    indicator = edition.indicator(code)
    whole = cells[0]
    notes = [code]
    if whole is not None and whole.period != edition.period:
        notes.append(period(whole.period))
    if indicator.target is not None:
        notes.append(target(indicator))
    return Line(named(edition, code), " · ".join(notes), tuple(_mark(edition, code, cell) for cell in cells))


def _by_subject(edition: Edition, codes: Sequence[str]) -> Sheet | None:
    """The indicators of a direction that have a cut by subject; subjects of which nothing was there are left out."""
    language = i18n.language()
    cut = [code for code in codes if any(_there(edition.cell(code, "subject", key)) for key in edition.plain["subjects"])]
    lines = []
    for key in edition.plain["subjects"]:
        cells = [edition.cell(code, "subject", key) for code in cut]
        if any(_there(cell) for cell in cells):
            marks = tuple(_mark(edition, code, cell) for code, cell in zip(cut, cells, strict=True))
            lines.append(Line(edition.words("subjects", key).of(language), "", marks))
    if not lines:
        return None
    return Sheet(_("By subject"), (_("Subject"), *(named(edition, code) for code in cut)), tuple(lines))


def _there(cell: Shown | None) -> bool:
    return cell is not None and cell.symbol not in ABSENT


def _mark(edition: Edition, code: str, cell: Shown | None) -> Mark:
    if cell is None:
        return Mark("")
    note = f"n{i18n.NBSP}={i18n.NBSP}{i18n.number(cell.denominator, 0)}" if cell.denominator else ""
    return Mark(stated(edition.indicator(code), cell), note)


def named(edition: Edition, code: str) -> str:
    """The indicator's name with its unit where the number alone would not say it."""
    indicator = edition.indicator(code)
    name, said = indicator.name.of(i18n.language()), unit(indicator)
    return name if said.casefold() in name.casefold() else f"{name}, {said}"


def _changes(edition: Edition, before: Edition) -> Sheet | None:
    """What both editions published of the whole school, side by side."""
    lines = []
    for code in edition.plain["indicators"]:
        cell, earlier = edition.cell(code), before.cell(code)
        if moved := _moved(edition, code, earlier, cell):
            marks = (_mark(edition, code, earlier), _mark(edition, code, cell), moved)
            lines.append(Line(named(edition, code), code, marks))
    head = (_("Indicator"), at_time(before.school_year, before.period), at_time(edition.school_year, edition.period), _("Change"))
    return Sheet(_("What changed since the edition {edition}", edition=before.id), head, tuple(lines)) if lines else None


def _rule(edition: Edition, code: str) -> Rule:
    language, indicator, plain = i18n.language(), edition.indicator(code), edition.plain["indicators"][code]
    sources = " + ".join(f"{source['form']} · {source['title'][language]}" for source in plain["sources"])
    return Rule(
        code, indicator.name.of(language), indicator.formula.of(language), indicator.method.of(language), sources, indicator.clause
    )  # fmt: skip

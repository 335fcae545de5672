"""Every figure that a document says is the snapshot's, reckoned another way, and stands in both files as it was said."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile

import pandas as pd
import pytest

from lib import i18n, wording
from lib.analysis import periods_for
from lib.documents.basis import Holdings
from lib.documents.document import Cell, Heading, Paragraph, Table, Told
from lib.model.indicator import Indicator
from tests.documents.conftest import CASES, NAMES, Press, pdf_pages, said_in, squeezed, word_texts
from tests.documents.figures import Reckoner, number_in, rounded

pytestmark = pytest.mark.slow
CHANCE = {"ky": "кокустук чегинде", "ru": "в пределах случайного"}
UNSURE = {"ky": "ишенимдүү эмес", "ru": "недостоверна"}
CHANGES = ("change", "gap", "since_decided")
# Counts whose reckoning has a test of its own below.
ELSEWHERE = re.compile(r"reached|near|missed|none|absent|plan_rows|decisions|decisions_.*|decided|since_decided|opinion|F\d\d_.*|step|both")
# Figures in a sentence that are no figures of the school: days, years, periods, clauses, codes of forms, class names, scales.
PLAIN = (
    r"\d\d\.\d\d\.\d{4}",
    r"\d{4}–\d{4}",
    r"\d-(чейрек|я четверть)",
    r"[12]-(жарым|е полугодие)\w*",
    r"пункт\w* \d(\.\d+)+",
    r"\bF\d\d\w?\b",
    r"\b\d{1,2}-[А-Я]\b",
    r"\b\d{1,2}-(класс|е класс)\w*",
    r"0–3",
    r"n < \d+",
    r"(орду|место): \d",
)


@pytest.fixture(scope="module")
def reckoner(holdings: Holdings) -> Reckoner:
    return Reckoner(holdings.snapshot, holdings.loaded)


def of_pupil(told: Told) -> bool:
    return any(name == "pupil" for name, _ in told.scope)


@pytest.mark.parametrize("language", ["ky", "ru"])
@pytest.mark.parametrize(("kind", "about"), CASES, ids=NAMES)
def test_every_figure_is_the_snapshots(press: Press, reckoner: Reckoner, kind: str, about: dict[str, str], language: str):
    document = press.draft(kind, about, language)
    checked = 0
    for told in document.told():
        if of_pupil(told) or ELSEWHERE.fullmatch(told.what):
            continue
        expected = reckoner.expected(told)
        assert told.value == pytest.approx(expected, abs=1e-9), told
        indicator = reckoner.loaded.all_indicators.get(told.indicator)
        decimals = indicator.decimals if indicator is not None and told.what in ("value", "change", "gap") else 0
        if told.what != "target":
            assert number_in(told.text) == rounded(expected, decimals), told
        else:
            assert number_in(told.text) == pytest.approx(expected), told
        if indicator is not None and indicator.unit == "percent" and told.what in ("value", "target"):
            assert told.text.endswith("%"), told
        checked += 1
    assert checked > 5 or kind in ("order", "pupil")


@pytest.mark.parametrize("language", ["ky", "ru"])
@pytest.mark.parametrize(("kind", "about"), CASES, ids=NAMES)
def test_no_change_within_chance_is_claimed(press: Press, reckoner: Reckoner, kind: str, about: dict[str, str], language: str):
    document = press.draft(kind, about, language)
    for sentence in document.sentences():
        for told in sentence.told:
            if told.what == "change":
                indicator = reckoner.loaded.all_indicators[told.indicator]
                chance = reckoner.is_chance(indicator, *reckoner.compared(told))
                assert (CHANCE[language] in sentence.text) == chance, sentence.text
            elif told.what == "gap":
                indicator = reckoner.loaded.all_indicators[told.indicator]
                here, there = reckoner.row(told), reckoner.row(told, told.other)
                if reckoner.is_share(indicator, here) and reckoner.is_share(indicator, there):
                    sure = reckoner.differ(here.numerator, here.denominator, there.numerator, there.denominator)
                else:
                    sure = abs(told.value) > indicator.tolerance / 2
                assert (UNSURE[language] in sentence.text) != sure, sentence.text
    for block in document.every:
        for cell in (cell for row in block.rows for cell in row) if isinstance(block, Table) else ():
            if cell.told is not None and cell.told.what == "change":
                indicator = reckoner.loaded.all_indicators[cell.told.indicator]
                assert cell.text.startswith("≈ ") == reckoner.is_chance(indicator, *reckoner.compared(cell.told)), cell


@pytest.mark.parametrize("language", ["ky", "ru"])
@pytest.mark.parametrize(("kind", "about"), CASES, ids=NAMES)
def test_every_number_in_a_sentence_is_a_figure_that_it_remembers(
    press: Press, reckoner: Reckoner, kind: str, about: dict[str, str], language: str
):
    document = press.draft(kind, about, language)
    known = sorted(_names(reckoner, language), key=len, reverse=True)
    for sentence in document.sentences():
        left = sentence.text
        for name in known:
            left = left.replace(name, "")
        for pattern in PLAIN:
            left = re.sub(pattern, "", left)
        for told in sorted(sentence.told, key=lambda told: -len(told.text)):
            assert told.text in left, (told.text, sentence.text)
            left = left.replace(told.text, "", 1)
        assert not re.search(r"\d", left), (left, sentence.text)


def _names(reckoner: Reckoner, language: str) -> set[str]:
    """The catalogue's own names that hold a digit."""
    loaded = reckoner.loaded
    with i18n.speaking(language):
        titles = {wording.titled(indicator) for indicator in loaded.all_indicators.values()}
    words = [*(i.name for i in loaded.all_indicators.values()), *(f.title for f in loaded.forms.values())]
    words += [*(d.objects for d in loaded.directions.values()), *(s.name for s in loaded.subjects.values())]
    return {text for text in (*titles, *(word.of(language) for word in words)) if re.search(r"\d", text)}


@pytest.mark.parametrize("language", ["ky", "ru"])
@pytest.mark.parametrize(("kind", "about"), CASES, ids=NAMES)
def test_both_files_hold_every_sentence_and_cell(press: Press, kind: str, about: dict[str, str], language: str):
    document = press.draft(kind, about, language)
    texts = [squeezed(text) for text in word_texts(press.file(kind, about, language, "docx"))]
    joined = "\n".join(texts)
    pages = [squeezed(page) for page in pdf_pages(press.file(kind, about, language, "pdf"))]
    edge = squeezed(document.school + document.title.capitalize())
    foot = [squeezed(document.footer) + f"{number}/{len(pages)}" for number in range(1, len(pages) + 1)]
    for page, below in zip(pages, foot, strict=True):
        assert edge in page and below in page, "each sheet says whose it is, of which snapshot and n, and its number"
    printed = "".join(page.replace(edge, "").replace(below, "") for page, below in zip(pages, foot, strict=True))
    assert squeezed(document.footer) in joined and press.basis.snapshot.id in document.footer
    for said in said_in(document):
        assert squeezed(said) in joined, f"not in the .docx: {said}"
        assert squeezed(said) in printed, f"not in the PDF: {said}"
    for signature in document.signatures:
        assert squeezed(signature.who) in joined and squeezed(signature.who) in printed
        assert squeezed(signature.name) in joined and squeezed(signature.name) in printed


# --- counts ---------------------------------------------------------------------------------------------------------------


def _verdict(indicator: Indicator, value: float | None) -> str:
    """By the catalogue's words: at the target, within tolerance of it, beyond; as printed."""
    if value is None:
        return "absent"
    if indicator.target is None:
        return "none"
    said = rounded(value, indicator.decimals)
    apart = said - indicator.target if indicator.better == "higher" else indicator.target - said
    if indicator.better == "neither":
        return "reached" if abs(apart) <= indicator.tolerance + 1e-9 else "missed"
    return "reached" if apart >= -1e-9 else "near" if apart >= -indicator.tolerance - 1e-9 else "missed"


def _near(reckoner: Reckoner, indicator: Indicator, year: str, period: str, place: dict[str, str]) -> float | None:
    for own in periods_for(reckoner.loaded, indicator, year, period):
        row = reckoner.rows.get((indicator.code, year, own, frozenset(place.items())))
        if row is not None and row.value is not None:
            return row.value
    return None


@pytest.mark.parametrize("direction", ["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9"])
def test_a_direction_is_tallied_as_its_figures_stand(press: Press, reckoner: Reckoner, direction: str):
    document = press.draft("briefing", {"direction": direction}, "ru")
    (tally,) = (s for s in document.sentences() if any(told.what == "reached" for told in s.told))
    year = press.basis.roll.school_years[-1]
    period = press.basis.roll.quarter
    loaded = reckoner.loaded
    own = [i for i in loaded.indicators.values() if i.direction == direction]
    own += [loaded.indicators[code] for code in loaded.directions[direction].also]
    expected = Counter(_verdict(i, _near(reckoner, i, year, period, {})) for i in own)
    assert {told.what: told.value for told in tally.told} == {
        word: expected[word] for word in ("reached", "near", "missed", "none", "absent")
    }


def test_every_missed_figure_of_a_class_is_named_for_attention(press: Press):
    """What the tally counts as missed is told beneath, one by one, and where none is, nothing else is claimed."""
    counts = []
    for name in press.basis.classes(press.basis.roll.school_years[-1]):
        document = press.draft("briefing", {"school_class": name}, "ru")
        missed = next(told.value for sentence in document.sentences() for told in sentence.told if told.what == "missed")
        headings = [block.text if isinstance(block, Heading) else "" for block in document.blocks]
        points = list(takewhile(lambda block: isinstance(block, Paragraph), document.blocks[headings.index("Требует внимания") + 1 :]))
        here = (("school_class", name),)
        named = {told.indicator for p in points for told in p.sentences[0].told if told.what == "value" and told.scope == here}
        assert len(named) == missed
        assert ("нет не достигших цели" in points[0].text) == (not any(point.kind == "item" for point in points))
        counts.append(missed)
    assert max(counts) > 0


def test_the_order_has_a_row_for_each_of_the_plan(press: Press, holdings: Holdings):
    document = press.draft("order", {}, "ky")
    table = holdings.snapshot.records("F24").to_pandas()
    rows = int((table["school_year"] == press.basis.roll.school_years[-1]).sum())
    (told,) = (told for told in document.told() if told.what == "plan_rows")
    assert told.value == rows > 40
    appendix = [block for block in document.after if isinstance(block, Table)][-1]
    gathered = [int(number[1]) for row in appendix.rows if (number := re.search(r": (\d+)$", row[1].text))]
    assert len(appendix.rows) - len(gathered) + sum(gathered) == rows, "gathered rows say of how many they are"


@pytest.mark.parametrize("kind", ["quarter", "year", "council"])
def test_decisions_are_those_of_the_journal_and_what_became_of_them(press: Press, reckoner: Reckoner, kind: str):
    document = press.draft(kind, {}, "ru")
    table = reckoner.snapshot.records("F25").to_pandas()
    table = table[table["decided_on"].notna()]
    calendar = reckoner.loaded.school_year(press.basis.roll.school_years[-1])
    span = calendar.period("Y" if kind == "year" else press.basis.roll.quarter)
    days = table[["decided_on", "done_on", "due_on"]].apply(pd.to_datetime)
    begin, end, today = pd.Timestamp(span.start), pd.Timestamp(span.end), pd.Timestamp(reckoner.snapshot.as_of)
    own = (table["school_year"] == calendar.id) & (table["period"] == span.id)
    ours = (days["decided_on"] <= end) & (days["done_on"].isna() | (days["done_on"] >= begin)) | own
    done = days["done_on"].notna() | table["status"].isin(reckoner.loaded.choices["done"])
    late = ours & ~done & (days["due_on"] < today)
    expected = {"decisions": ours, "decisions_done": ours & done, "decisions_overdue": late, "decisions_open": ours & ~done & ~late}
    told = {told.what: told.value for sentence in document.sentences() for told in sentence.told if told.what.startswith("decisions")}
    assert {name: told[name] for name in expected} == {name: int(rows.sum()) for name, rows in expected.items()} and ours.any()
    (listed,) = (b for b in document.blocks if isinstance(b, Table) and b.head[0] == "Решение, мера")
    assert sorted(row[0].text for row in listed.rows) == sorted(table[ours]["decision"])
    for row in listed.rows:
        _then_and_now(reckoner, row)


def _then_and_now(reckoner: Reckoner, row: tuple[Cell, ...]) -> None:
    """Figure then, figure now and the change are the snapshot's; within chance nothing is said to have moved."""
    then, now, outcome = (cell.told for cell in row[4:7])
    if then is None or now is None or outcome is None:
        return
    indicator = reckoner.loaded.all_indicators[then.indicator]
    before, after = reckoner.row(then), reckoner.row(now)
    assert then.value == pytest.approx(before.value) and now.value == pytest.approx(after.value)
    assert outcome.value == pytest.approx(now.value - then.value)
    if reckoner.is_chance(indicator, before, after):
        assert row[6].note.startswith("≈ ") and row[6].text.split(" ", 1)[1] in ("цель достигнута", "в пределах случайного"), row[6]


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_expert_opinions_stand_beside_figures(press: Press, reckoner: Reckoner, language: str):
    document = press.draft("self_assessment", {"period": "H1"}, language)
    table = reckoner.snapshot.records("F26").to_pandas()
    table = table[table["school_year"] == press.basis.roll.school_years[-1]]
    cells = {
        cell.told.indicator: cell for b in document.blocks if isinstance(b, Table) for row in b.rows if (cell := row[5]).told is not None
    }
    assert set(cells) == set(table["indicator"]) and len(cells) == 7
    for code, level, comment in zip(table["indicator"], table["level"], table["comment"], strict=True):
        assert cells[code].told.value == level and comment in cells[code].note
    audits = reckoner.snapshot.records("F27").to_pandas()
    span = reckoner.loaded.school_year(press.basis.roll.school_years[-1]).period("H1")
    held = pd.to_datetime(audits["held_on"]).between(pd.Timestamp(span.start), pd.Timestamp(span.end))
    told = Counter({told.indicator: told.value for told in document.told() if told.what == "F27_n"})
    by_code = audits[held]["direction"].astype(str).value_counts()
    assert sum(told.values()) == by_code.sum()


# --- one pupil ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 3, 7])
def test_a_pupils_figures_are_the_pupils_own(press: Press, holdings: Holdings, place: int):
    member = press.basis.members("7-А")[place]
    document = press.draft("pupil", {"pupil": member.pupil}, "ru")
    year = press.basis.roll.school_years[-1]
    table = holdings.snapshot.records("F01").to_pandas()
    table = table[(table["pupil_id"] == member.pupil) & (table["school_year"] == year)]
    told = {(told.indicator, told.what): told for told in document.told()}
    mean = told["D1.04", "value"]
    marks = pd.to_numeric(table[mean.period.lower()], errors="coerce").dropna()
    assert mean.value == pytest.approx(marks.mean()) and told["D1.04", "n"].value == len(marks)
    missed = holdings.snapshot.records("F05").to_pandas()
    missed = missed[(missed["pupil_id"] == member.pupil) & (missed["school_year"] == year)]
    calendar = holdings.loaded.school_year(year)
    days = told["D2.07", "value"]
    months = missed[[calendar.quarter_of_month(int(m)) == days.period for m in missed["month"]]]
    planned, absent = months["days_plan"].sum(), months["missed_excused"].fillna(0).sum() + months["missed_unexcused"].fillna(0).sum()
    assert told["D2.07", "n"].value == planned and number_in(days.text) == rounded(100 * (1 - absent / planned), 1)
    others = [m.name for m in press.basis.members("7-А") if m.pupil != member.pupil]
    everything = " ".join(word_texts(press.file("pupil", {"pupil": member.pupil}, "ru", "docx")))
    assert member.name in everything and not any(name in everything for name in others)

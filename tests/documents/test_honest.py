"""Where figures are lacking, few or withheld a document says so; it never says 0, and never says more than is known."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest

from lib import collection, settings
from lib.access import Role, Viewer
from lib.documents.basis import Basis, Holdings
from lib.documents.document import Document, Table
from lib.documents.phrases import KINDS, load
from lib.documents.request import ask, members
from lib.model.indicator import Status
from lib.office.cyclogram import Approvals
from lib.office.decisions import Decision
from lib.settings import UserError
from tests import small_school
from tests.documents.conftest import Press, holdings_of, pdf_pages, press_for, said_in, word_texts

DAY, NOW, YEAR = dt.date(2026, 4, 15), dt.datetime(2026, 4, 15, 8, 0), small_school.YEAR
ZERO = re.compile(r"(?<![\d,])0(,0+)?\s?%")


def collected(root: Path, tabs: list[small_school.Tab]) -> Holdings:
    small_school.write(root, tabs)
    collection.collect(root, settings.load(root, as_of=DAY), NOW)
    return holdings_of(root)


def tabs_of() -> list[small_school.Tab]:
    return small_school.school(settings.load(as_of=DAY).forms)


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Holdings:
    """Two classes of 12, most forms missing."""
    return collected(tmp_path_factory.mktemp("little") / "school", tabs_of())


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Holdings:
    """The registers, and nothing else."""
    return collected(tmp_path_factory.mktemp("bare") / "school", [tab for tab in tabs_of() if tab.form.startswith("R")])


@pytest.fixture(scope="session")
def one_class(tmp_path_factory: pytest.TempPathFactory) -> Holdings:
    def is_ours(row: list[object]) -> bool:
        return not any(cell == "7-Б" or str(cell).startswith("P20191") for cell in row)

    tabs = [tab for tab in tabs_of() if "class-7-Б" not in tab.workbook]
    for tab in tabs:
        tab.grid = [row for row in tab.grid if is_ours(row)]
    return collected(tmp_path_factory.mktemp("one") / "school", tabs)


def every(press: Press) -> list[tuple[str, dict[str, str]]]:
    """Each kind about the first of each sort that it takes."""
    found: list[tuple[str, dict[str, str]]] = []
    for kind in press.words.kinds.values():
        firsts = {name: list(members(press.basis, kind, name, YEAR))[:1] for name in kind.takes}
        firsts |= {"pupil": [press.basis.members("7-А")[0].pupil]} if "pupil" in kind.takes else {}
        found += [(kind.id, {name: value[0]}) for name, value in firsts.items() if value] if kind.takes else [(kind.id, {})]
    return found


def texts(document: Document) -> str:
    return "\n".join(said_in(document))


@pytest.mark.slow
@pytest.mark.parametrize("store", ["little", "bare", "one_class"])
def test_every_document_of_a_poor_store_is_made_and_opens(store: str, request: pytest.FixtureRequest):
    press = press_for(request.getfixturevalue(store))
    asked = every(press)
    assert {kind for kind, _ in asked} >= set(KINDS) - {"association"}
    for kind, about in asked:
        for language in ("ky", "ru"):
            assert word_texts(press.file(kind, about, language, "docx"))
            assert pdf_pages(press.file(kind, about, language, "pdf"))


@pytest.mark.slow
def test_without_data_nothing_is_0_and_the_reason_is_said(bare: Holdings):
    press = press_for(bare)
    for kind, about in every(press):
        document = press.draft(kind, about, "ru")
        assert not [told for told in document.told() if told.what in ("value", "n", "change", "gap") and told.indicator.startswith("D1.0")]
        if kind in ("quarter", "briefing", "class"):
            assert "Показатели без данных" in [getattr(block, "text", "") for block in document.blocks], kind
        assert "Наибольшее значение" not in texts(document) and not ZERO.search(_of_marks(document)), kind


def _of_marks(document: Document) -> str:
    return "\n".join(s.text for s in document.sentences() if any(told.indicator.startswith(("D1.0", "D2.0")) for told in s.told))


@pytest.mark.slow
def test_one_class_is_not_compared_with_itself(one_class: Holdings):
    document = press_for(one_class).draft("quarter", {}, "ru")
    assert not [told for told in document.told() if told.what == "gap" and "school_class" in dict(told.scope)]
    assert not [block for block in document.blocks if "по классам" in getattr(block, "caption", "")]


@pytest.mark.slow
def test_an_empty_store_is_told_what_is_missing(tmp_path: Path):
    (tmp_path / "school").mkdir()
    collection.collect(tmp_path / "school", settings.load(tmp_path / "school", as_of=DAY), NOW)
    basis, words = Basis(holdings_of(tmp_path / "school")), load()
    for kind in KINDS:
        given = {"direction": "D1"} if kind == "briefing" else dict.fromkeys(words.kinds[kind].takes[:1], "7-А")
        with pytest.raises(UserError):
            ask(basis, words, kind, **given)


def changed(holdings: Holdings, indicator: str, place: dict[str, str], **cells: object) -> Holdings:
    """The holdings with another row of an indicator, in every period."""
    table = holdings.values.copy()
    rows = table["indicator"].astype(str) == indicator
    for name in ("stage", "grade", "school_class", "subject", "method_association", "teacher"):
        rows &= table[name].astype(str).to_numpy() == place.get(name, "")
    assert rows.any()
    table["status"] = table["status"].astype(str)
    for name, value in cells.items():
        table.loc[rows, name] = value
    return dataclasses.replace(holdings, values=table)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "word", "legend"), [("ky", "аз", "аз – жооптор аз"), ("ru", "мало", "мало – мало ответов")])
def test_what_is_suppressed_is_said_to_be_few(little: Holdings, language: str, word: str, legend: str):
    nothing = {"value": np.nan, "numerator": np.nan, "denominator": np.nan, "status": Status.SUPPRESSED.value}
    press = press_for(changed(little, "D1.02", {"school_class": "7-А"}, **nothing))
    document = press.draft("quarter", {"period": "Q2"}, language)
    (table,) = (b for b in document.blocks if isinstance(b, Table) and b.title in ("Класстар боюнча", "По классам"))
    place = [text.startswith(("Билим сапаты", "Качество знаний")) for text in table.head].index(True)
    (row,) = (row for row in table.rows if row[0].text == "7-А")
    assert row[place].text == word and row[place].told is None
    assert legend in texts(document)
    assert not [told for told in document.told() if told.indicator == "D1.02" and dict(told.scope) == {"school_class": "7-А"}]


@pytest.mark.slow
def test_few_are_marked_and_explained(little: Holdings):
    press = press_for(changed(little, "D1.02", {}, value=50.0, numerator=2.0, denominator=4.0))
    document = press.draft("quarter", {"period": "Q2"}, "ru")
    cells = [cell for b in document.blocks if isinstance(b, Table) for row in b.rows for cell in row]
    assert [
        cell.text for cell in cells if cell.told and cell.told.indicator == "D1.02" and cell.told.what == "value" and not cell.told.scope
    ][0].endswith("*")
    said = texts(document)
    assert "* – малое число" in said and "Малое число, использовать с осторожностью: Качество знаний" in said


@pytest.mark.slow
def test_of_few_no_highest_and_lowest_is_told(little: Holdings):
    press = press_for(changed(little, "D1.02", {"school_class": "7-Б"}, value=0.0, numerator=0.0, denominator=3.0))
    document = press.draft("quarter", {"period": "Q2"}, "ru")
    assert not [told for told in document.told() if told.what == "gap" and "school_class" in dict(told.scope)]


@pytest.mark.slow
def test_words_that_people_typed_stand_as_they_are(little: Holdings):
    """Formulas, signs that no file holds, markup of typst and of Word, and a text that is longer than a sheet."""
    payloads = ("=HYPERLINK(\"http://example.org\")", "a\x00b\x0bc\ufffe", "#set text(red) $x$ *b* _i_ `c` @a <b>", "</w:t></w:r><w:p/>",
                "{value} {{ D1.02 }} %s", "Ң" * 9000, "\u202eabc", "👩‍🏫 中文")  # fmt: skip
    decisions = tuple(
        Decision(f"B{n}", dt.date(2026, 1, 20), "D1.02", YEAR, "Q2", decision=text, measure=text, responsible=text, due_on=DAY)
        for n, text in enumerate(payloads)
    )
    holdings = dataclasses.replace(little)
    holdings.__dict__["decisions"] = decisions
    press = press_for(holdings)
    word = "\n".join(word_texts(press.file("quarter", {"period": "Q3"}, "ky", "docx")))
    pages = pdf_pages(press.file("quarter", {"period": "Q3"}, "ky", "pdf"))
    printed = re.sub(r"[\s\u200b]", "", "".join(pages))
    for text in payloads[:5]:
        clean = re.sub("[\x00-\x08\x0b\ufffe]", "", text)
        assert clean in word and re.sub(r"\s", "", clean) in printed
    assert word.count("Ң") >= 27000 and printed.count("Ң") >= 27000, "nothing of a long text runs off the sheet"
    assert b"/URI" not in press.file("quarter", {"period": "Q3"}, "ky", "pdf")


@pytest.mark.slow
def test_the_order_has_its_number_while_the_plan_is_as_approved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Before the order a line to fill in; then number and day; for a plan that changed since, the line again, and what it replaces."""
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "desks"))
    holdings = collected(tmp_path / "school", [tab for tab in tabs_of() if tab.form.startswith("R")])
    basis, director = Basis(holdings), Viewer(None, frozenset({Role.DIRECTOR}))
    plan, approvals = basis.plan(YEAR), Approvals(holdings.loaded.store)

    def order() -> Document:
        return press_for(holdings).draft("order", {}, "ru")

    assert order().above[0].startswith("№ ____") and "Прежний приказ" not in texts(order())
    fewer = dataclasses.replace(plan, rows=plan.rows[2:])
    approvals.enter(fewer, holdings.loaded, director, "11-П", dt.date(2025, 8, 29), "T001", NOW)
    (said,) = (s for s in order().sentences() if "Прежний приказ" in s.text)
    assert order().above[0].startswith("№ ____") and "№ 11-П от 29.08.2025. Изменено строк с того времени: 2;" in said.text
    approvals.enter(plan, holdings.loaded, director, "12-П", dt.date(2025, 9, 3), "T001", NOW)
    assert order().above[0].split() == ["№", "12-П", "03.09.2025"] and "Прежний приказ" not in texts(order())
    assert f"строк плана: {len(plan.rows)}." in texts(order())

"""Placeholders over a school's figures: what each gives equals the command `values`; groups, words in three languages, what is wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pyarrow.compute as pc
import pytest

from lib import access, i18n, settings
from lib.access import Person, Role, Sight, Viewer
from lib.collection import collect
from lib.documents.basis import Basis, Holdings
from lib.documents.own import shelf
from lib.documents.own.answers import Answers, Filled, Purpose
from lib.documents.own.placeholder import Placeholder, Vocabulary, Wrong
from lib.documents.own.words import FIELDS, FIGURES, load
from lib.documents.phrases import load as load_phrases
from lib.settings import GoogleFolder, UserError
from lib.snapshot import Snapshots
from lib.store.folder import FolderStore

pytestmark = pytest.mark.slow
YEAR = "2025-2026"


@pytest.fixture(scope="module")
def basis(demo_store: Path) -> Basis:
    snapshot = Snapshots(demo_store).current()
    assert snapshot is not None
    loaded = dataclasses.replace(settings.load(demo_store), as_of=snapshot.as_of)
    return Basis(Holdings.of(snapshot, loaded))


@pytest.fixture(autouse=True)
def russian():
    i18n.use("ru")
    yield
    i18n.use("ky")


def answers(basis: Basis, period: str = "Q1", **scope: str) -> Answers:
    return Answers(basis, load_phrases(), load(), Purpose(YEAR, period, scope))


def stored(basis: Basis, code: str, period: str, **scope: str) -> tuple[float, float]:
    """Value and denominator straight from the table of the snapshot."""
    table = basis.snapshot.table("values")
    wanted = {"indicator": code, "school_year": YEAR, "period": period, "teacher": "", "part": ""}
    wanted |= dict.fromkeys(("stage", "grade", "school_class", "subject", "method_association"), "") | scope
    for row in table.filter(pc.equal(table["indicator"].cast("string"), code)).to_pylist():
        level = {"school": {}, "school_class": {"school_class"}, "subject": {"subject"}}.get(row["level"])
        if level is not None and set(scope) == set(level) and all(str(row[name]) == value for name, value in wanted.items() if name in
                                                                  {"school_year", "period", "part", *scope}):  # fmt: skip
            return row["value"], row["denominator"]
    raise AssertionError((code, period, scope))


def test_values_are_those_of_the_snapshot(basis: Basis):
    asked = answers(basis, "Q1", school_class="7-А")
    value, n = stored(basis, "D1.02", "Q1", school_class="7-А")
    found = asked.of("D1.02")
    assert isinstance(found, Filled) and found.number == value and found.percent
    assert asked.of("n D1.02").number == n  # type: ignore[union-attr]
    whole, _n = stored(basis, "D1.02", "Q1")
    assert asked.of("школа D1.02").number == asked.of("D1.02 school").number == whole != value  # type: ignore[union-attr]
    other, _n = stored(basis, "D1.02", "Q2", school_class="8-А")
    assert asked.of("D1.02 8-А Q2").number == other  # type: ignore[union-attr]
    algebra, _n = stored(basis, "D1.02", "Q1", subject="ALG")
    assert asked.of("D1.02 ALG").number == asked.of("D1.02 | Алгебра | Q1").number == algebra  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["D1.02 7-А Q1", "Q1 7-А D1.02", "D1.02 | 7-А | Q1", "D1.02 school_class=7-А period=Q1", "d1.02 7-a q1", "D1.02 7А 1-чейрек",
     "значение D1.02 7-А 1 четверть", "value D1.02, 7\u2011А, quarter 1", "D1.02\u00a07-А\u00a0Q1", "маани D1.02 7-А 1-чейрек 2025-2026"],
)  # fmt: skip
def test_a_placeholder_may_be_written_in_many_ways(basis: Basis, text: str):
    found = Vocabulary(basis, load()).read(text)
    assert isinstance(found, Placeholder)
    assert (found.indicator, found.scope, found.period, found.figure) == ("D1.02", (("school_class", "7-А"),), "Q1", "value")


@pytest.mark.parametrize(
    ("text", "near"),
    [("D1.2", "{{D1.02}}"), ("D1.02 77-А", "{{D1.02 7-А}}"), ("scool_name", "{{school_name}}"), ("chang D1.02", "{{change D1.02}}"),
     ("7-А Q1", "{{D1.02 7-А Q1}}"), ("school_name 7-А", "{{school_name}}"), ("D1.02 Q1 Q2", ""), ("", ""), ("ыыыыыыыыы", "")],
)  # fmt: skip
def test_a_wrong_placeholder_is_told_with_the_nearest_right_one(basis: Basis, text: str, near: str):
    found = answers(basis).of(text)
    assert isinstance(found, Wrong) and found.near == near and found.why


def test_an_indicator_that_is_not_kept_by_a_group_is_not_filled_with_the_schools_figure(basis: Basis):
    loaded = basis.loaded
    code = next(i.code for i in loaded.indicators.values() if "school_class" not in i.by)
    found = answers(basis, school_class="7-А").of(code)
    assert isinstance(found, Wrong) and found.near == f"{{{{{code} school}}}}"
    yearly = next(i.code for i in loaded.indicators.values() if i.periods == ("Y",))
    assert isinstance(answers(basis).of(f"{yearly} Q1"), Wrong)
    assert isinstance(answers(basis).of(yearly), Filled), "without a period it takes its own"


def test_every_word_and_every_indicator_gives_something_and_never_zero_for_nothing(basis: Basis):
    asked = answers(basis, school_class="7-А")
    for field in FIELDS:
        assert isinstance(found := asked.of(field), Filled) and found.text, field
    whole = answers(basis)
    for code in basis.loaded.all_indicators:
        for figure in FIGURES:
            found = whole.of(f"{figure} {code}")
            assert isinstance(found, Filled) and found.text, (figure, code)
            if found.absent:
                assert found.number is None and found.note and not any(sign.isdigit() for sign in found.text), (figure, code)


def test_no_two_words_share_a_spelling(basis: Basis):
    words, vocabulary = load(), Vocabulary(basis, load())
    for sort, found in (("figure", words.figures), ("field", words.fields)):
        for key, word in found.items():
            for text in (key, word.spelt.ky, word.spelt.ru, word.spelt.en):
                placeholder = vocabulary.read(text if sort == "field" else f"{text} D1.02")
                assert isinstance(placeholder, Placeholder), text
                assert getattr(placeholder, sort) == key, text
    for code in ("Q1", "H2", "Y"):
        for text in (words.periods[code].ky, words.periods[code].ru, words.periods[code].en):
            assert vocabulary.read(f"D1.02 {text}") == Placeholder("D1.02", period=code)


def test_a_class_teacher_sees_the_own_class_alone(basis: Basis):
    person = Person("a@example.org", "T1", frozenset({Role.CLASS_HEAD}), frozenset({"7-А"}), school_year=YEAR)
    roll = basis.roll
    viewer = Viewer(person, person.roles)
    eyes = Sight.of(access.load(), viewer, "documents", basis.loaded, classes=roll.classes, taught=roll.taught)
    asked = answers(dataclasses.replace(basis, eyes=eyes))
    assert asked.of("D1.02 7-А").number is not None  # type: ignore[union-attr]
    assert asked.of("pupils 7-А").number  # type: ignore[union-attr]
    for foreign in ("D1.02 9-А", "n D1.02 9-А", "change D1.02 9-А", "state D1.02 9-А", "pupils 9-А"):
        found = asked.of(foreign)
        assert isinstance(found, Filled) and found.absent and found.number is None and found.text == "–", foreign


# --- where templates lie -------------------------------------------------------------------------------------------------


def test_the_folder_of_templates_is_no_data(demo_store: Path, tmp_path: Path):
    import openpyxl

    store = tmp_path / "store"
    (store / "templates" / "old").mkdir(parents=True)
    (store / "2025-2026" / "templates").mkdir(parents=True)
    for place in ("templates/a.xlsx", "templates/old/b.xlsx", "templates/c.xls", "2025-2026/templates/d.xlsx", "e.xlsx"):
        openpyxl.Workbook().save(store / place)
    assert [info.name for info in FolderStore(store).workbooks()] == ["2025-2026/templates/d.xlsx", "e.xlsx"]
    result = collect(store, settings.load(store), dt.datetime(2026, 4, 15))
    assert not any(row["workbook"].startswith("templates") for row in result.snapshot.table("issues").to_pylist())


def test_the_shelf_names_what_is_there_and_refuses_what_leads_out(basis: Basis, tmp_path: Path):
    words = load()
    assert shelf.folder(basis.loaded, words) == basis.loaded.store / "templates"  # type: ignore[operator]
    google = shelf.folder(dataclasses.replace(basis.loaded, store=GoogleFolder("x" * 20, None)), words)  # type: ignore[arg-type]
    assert google is not None and google.is_absolute() and google.parts[-2:] == ("var", "templates")
    (tmp_path / "shelf").mkdir()
    for name in ("b.docx", "a.xlsx", "~$b.docx", ".hidden.docx", "notes.txt", "old.doc"):
        (tmp_path / "shelf" / name).write_bytes(b"x")
    assert shelf.names(tmp_path / "shelf") == ["a.xlsx", "b.docx", "old.doc"]
    (tmp_path / "secret.docx").write_bytes(b"x")
    (tmp_path / "shelf" / "way.docx").symlink_to(tmp_path / "secret.docx")
    for name in ("../secret.docx", "/etc/passwd", "way.docx", "bb.docx", "old.doc"):
        with pytest.raises(UserError) as told:
            shelf.opened(tmp_path / "shelf", name)
        assert "bb.docx" not in name or "b.docx" in str(told.value)

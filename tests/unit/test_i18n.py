"""The Kyrgyz alphabet, one spelling for what people type, numbers as printed (oracles 7-9 of domain.md §9)."""

import pytest

from lib import i18n


@pytest.fixture(autouse=True)
def kyrgyz():
    i18n.use("ky")
    yield
    i18n.use("ky")  # AppTest formats options in this thread, too


def test_words_sort_by_the_kyrgyz_alphabet():
    right = ["Ная", "Нурлан", "Ңая", "Ооз", "Осмон", "Өзгөн", "Улан", "Усен", "Үмүт", "Үсөн", "Фариза"]
    assert sorted(right, key=i18n.ky_key) == right


def test_classes_sort_by_grade_then_letter():
    right = ["1-А", "1-Б", "2-А", "5-В", "5-Г", "9-О", "9-Ө", "9-У", "9-Ү", "10-А", "11-А", "11-Б", "11-В"]
    assert sorted(right, key=i18n.class_key) == right


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ѳздѳштүрүү", "өздөштүрүү"), ("Кыргыз  тили ", "Кыргыз тили"), ("5-A", "5-А"), ("деӊгээл", "деңгээл"), ("ɵзбек", "өзбек"),
     ("Математикa", "Математика"), ("Excel", "Excel"), ("й", "й")],
)  # fmt: skip
def test_one_spelling(typed, meant):
    assert i18n.canon(typed) == meant


def test_letters_left_out_meet_only_in_the_match_key():
    assert i18n.canon("жетишуу") != i18n.canon("жетишүү")
    assert i18n.match_key("жетишуу") == i18n.match_key("Жетишүү")


@pytest.mark.parametrize(
    ("value", "decimals", "ky", "ru", "en"),
    [(88.25, 1, "88,3", "88,3", "88.3"), (2.5, 0, "3", "3", "3"), (-2.25, 1, "−2,3", "−2,3", "−2.3"), (-0.04, 1, "0,0", "0,0", "0.0"),
     (12345.678, 2, "12\u00a0345,68", "12\u00a0345,68", "12,345.68"), (None, 1, "–", "–", "–"), (float("nan"), 1, "–", "–", "–")],
)  # fmt: skip
def test_numbers_are_printed_half_up_with_a_comma(value, decimals, ky, ru, en):
    for language, text in (("ky", ky), ("ru", ru), ("en", en)):
        i18n.use(language)
        assert i18n.number(value, decimals) == text


def test_percent_has_a_space_in_russian_only():
    assert i18n.percent(73.5) == "73,5%"
    i18n.use("ru")
    assert i18n.percent(73.5) == "73,5\u00a0%"

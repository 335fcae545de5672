"""Small groups: no figure, exact or as a band, says more than "fewer than five"."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest

from lib import settings
from lib.family.consent import consent_day, may_be_named
from lib.family.protection import ABSENT, BAND, COUNT_MINIMUM, FEW, HIDDEN, SHOWN, protected, protected_count
from lib.family.rules import Family
from lib.family.summary import ClassSummary, summary_of
from tests.family.conftest import snapshot_of
from tests.spec.school import School

MINIMUM = 5


def holds(band: str, percent: float) -> bool:
    return percent >= float(band[1:]) if band[0] == "≥" else percent <= float(band[1:])


@pytest.mark.parametrize("pupils", [1, 3, 4, 5, 7, 9, 12, 20, 21, 36, 41, 100, 300])
@pytest.mark.parametrize("times", [1, 10, 40])
def test_no_share_tells_of_fewer_than_five(pupils: int, times: int):
    """`times`: marks or days for each pupil. Every possible count of every size."""
    n = pupils * times
    told = defaultdict(set)
    for count in range(n + 1) if n <= 400 else [*range(12), n // 2, *range(n - 11, n + 1)]:
        share = protected(n, count, MINIMUM, pupils)
        told[share.band, share.percent, share.symbol].add(count)
        if pupils < MINIMUM:
            assert (share.percent, share.band, share.symbol) == (None, "", HIDDEN)
        elif min(count, n - count) < COUNT_MINIMUM:
            assert share.percent is None and share.symbol in (BAND, HIDDEN)
        else:
            assert (share.symbol, share.percent) == (SHOWN, 100 * count / n)
        if share.band:
            assert holds(share.band, 100 * count / n)
    for (_band, percent, symbol), counts in told.items():
        if symbol == BAND:
            few = {count for count in counts if count < COUNT_MINIMUM} or {n - count for count in counts}
            assert few == set(range(COUNT_MINIMUM)), "a band means 0 to 4, and any of them"
        assert percent is None or len(counts) == 1


def test_a_share_that_is_not_there():
    assert protected(None, 3, MINIMUM).symbol == protected(0, 0, MINIMUM).symbol == ABSENT


def test_worked_bands():
    assert protected(25, 24, MINIMUM).band == "≥80"
    assert protected(200, 198, MINIMUM, 14).band == "≥80", "of 14 pupils, however many marks they have"
    assert protected(200, 198, MINIMUM, 30).band == "≥90"
    assert protected(14, 1, MINIMUM).band == "≤50"
    assert protected(6, 6, MINIMUM).symbol == HIDDEN, "six of six, or two of six: neither is told"


@pytest.mark.parametrize(("count", "told"), [(0, (0, "")), (1, (None, FEW)), (4, (None, FEW)), (5, (5, ""))])
def test_counts(count: int, told: tuple):
    assert protected_count(count) == told
    assert protected_count(0, sensitive=True) == (None, FEW)


# --- the class summary ---------------------------------------------------------------------------------------------------


def class_of(pupils: int) -> School:
    made = School(as_of=dt.date(2026, 3, 20))
    made.school_class("7-А", pupils=pupils)
    made.school_class("8-А", pupils=20)
    made.marks("7-А", "ALG", q1=" ".join("5" * pupils), q2=" ".join(("4", "3")[n % 2] for n in range(pupils)))
    made.marks("8-А", "ALG", q1=" ".join("5" * 20), q2=" ".join("3" * 20))
    for n, pupil in enumerate(made.pupils("7-А")):
        made.add("F05", pupil_id=pupil, school_class="7-А", month=9, days_plan=20, missed_excused=n % 3, missed_unexcused=0)
    return made


def told(pupils: int, family: Family) -> ClassSummary:
    made = class_of(pupils)
    return summary_of(snapshot_of(made), settings.load(as_of=made.as_of), family, "7-А")


def test_of_three_pupils_nothing_is_told(family: Family):
    summary = told(3, family)
    assert summary.small and summary.paragraphs == () and summary.missing == ()


def test_of_fourteen_pupils(family: Family):
    """Marks of quarter 2: seven 4 and seven 3. Success 14 of 14: a band, for nobody may count the missing. Quality 7 of 14."""
    summary = told(14, family)
    by_code = {p.line.indicator: p for p in summary.paragraphs}
    assert (by_code["D1.01"].now.period, by_code["D1.01"].now.share.band) == ("Q2", "≥50")
    assert by_code["D1.02"].now.share.percent == 50.0
    assert by_code["D1.02"].before is None, "quarter 1 was 14 of 14: a band, and a band is not compared"
    assert by_code["D2.07"].now.share.percent == pytest.approx(100 * (280 - 13) / 280)


def test_only_public_indicators_of_a_class_are_told(family: Family):
    catalogue = settings.load().indicators
    assert {catalogue[line.indicator].visibility for line in family.summary} == {"PUB"}


# --- consent -------------------------------------------------------------------------------------------------------------

DAY = dt.date(2026, 4, 15)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"consent_publish": True, "consent_publish_on": dt.date(2025, 9, 1)}, True),
        ({"consent_publish": True, "consent_publish_on": DAY}, True),
        ({"consent_publish": True, "consent_publish_on": dt.date(2026, 9, 1)}, False),
        ({"consent_publish": True, "consent_publish_on": None}, False),
        ({"consent_publish": True}, False),
        ({"consent_publish": False, "consent_publish_on": dt.date(2025, 9, 1)}, False),
        ({"consent_publish": None, "consent_publish_on": dt.date(2025, 9, 1)}, False),
        ({"consent_publish": "ооба", "consent_publish_on": dt.date(2025, 9, 1)}, False),
    ],
)
def test_a_name_is_shown_to_others_only_with_a_dated_consent(row: dict, named: bool):
    assert may_be_named(row, DAY) is named
    assert (consent_day(row, DAY) is not None) is named

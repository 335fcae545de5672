"""A figure before and after disclosure control."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN, CONFIDENTIAL, FEW, BAND, NOT_APPLICABLE, NOT_AVAILABLE, INCOMPLETE = "", "c", "<5", "b", "z", "x", "i"
OPEN = (SHOWN, INCOMPLETE)  # the numbers stand there
EMPTY = (NOT_APPLICABLE, NOT_AVAILABLE)  # there are no numbers
SCHOOL = "school"

Key = tuple[str, str, str, str, str]  # indicator, school_year, period, cut, group


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure that may be published. `cut`: by what the school is divided, "school" (not at all, with group ""), "stage", "subject"."""

    indicator: str
    school_year: str
    period: str
    cut: str
    group: str
    numerator: float | None
    denominator: float | None
    value: float | None
    status: str

    @property
    def key(self) -> Key:
        """Which figure it is."""
        return self.indicator, self.school_year, self.period, self.cut, self.group


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it is published: hidden numbers are absent, `symbol` says why, and `band` ("≥95") stands instead of a share."""

    indicator: str
    school_year: str
    period: str
    cut: str
    group: str
    numerator: float | None
    denominator: float | None
    value: float | None
    band: str
    symbol: str

    @property
    def key(self) -> Key:
        """Which figure it is."""
        return self.indicator, self.school_year, self.period, self.cut, self.group

"""What an indicator is, and what a value of one carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lib.model.words import Words

# The dimensions of a value, in the order of the `values` command; an empty one means "all".
DIMENSIONS = ("school", "stage", "grade", "school_class", "subject", "method_association", "teacher")


class Status(StrEnum):
    """Why a value is or is not there. Absent is never 0."""

    OK = "ok"
    NOT_APPLICABLE = "not_applicable"
    NOT_COLLECTED = "not_collected"
    INCOMPLETE = "incomplete"  # a value is given, but less than settings.thresholds.complete_from of the data has come
    SUPPRESSED = "suppressed"


class Verdict(StrEnum):
    """A value against its target."""

    REACHED = "reached"
    NEAR = "near"  # within tolerance
    MISSED = "missed"
    NONE = "none"  # no target or no value


@dataclass(frozen=True, slots=True)
class Source:
    """A form that feeds an indicator. `columns` maps a period kind or "" to the column keys that are read for it."""

    form: str
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of the catalogue (config/indicators/*.yaml).

    value = scale × Σ numerator / Σ denominator for roll_up "sum" and "distinct" (the numerator then counts distinct pupils or
    teachers at each level); = scale × Σ numerator for kind "count"; "median" and "spread" are computed anew at each level.
    `by` are the dimensions its contributions carry; `denominator_by` those that its denominator keeps (default: the same).
    `periods` are the kinds of period it exists for: Q, H, Y, M.
    `grades`: (), meaning all, or the grades it speaks of; `marked_only`: only grades with marks.
    """

    code: str
    direction: str
    name: Words
    formula: Words
    numerator: Words
    denominator: Words
    method: Words
    unit: str
    scale: float
    decimals: int
    better: str  # higher | lower | neither
    target: float | None
    tolerance: float
    periods: tuple[str, ...]
    by: tuple[str, ...]
    denominator_by: tuple[str, ...]
    roll_up: str  # sum | distinct | count | median | spread
    breakdown: str  # "" or "FORM.column" whose choices name the parts
    grades: tuple[int, ...]
    marked_only: bool
    clause: str
    part: str  # inv | var
    visibility: str  # PUB | INT | ADM
    core: bool
    filled_by: str
    sources: tuple[Source, ...]
    tags: tuple[str, ...]
    companion_of: str = ""
    variative: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Direction:
    """One of the nine directions of regulation 2.16, with the numeral that the regulation itself prints ("" where lost)."""

    id: str
    numeral: str
    slug: str
    name: Words
    short: Words
    objects: Words
    question: Words
    icon: str
    headline: tuple[str, ...]
    also: tuple[str, ...] = ()

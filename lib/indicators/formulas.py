"""Formulas and their contributions: what every record adds to the two sides of an indicator.

A formula (lib/indicators/<direction>.py) gives contributions, one row a finest unit:

    school_year, period                        which period the unit belongs to
    grade, school_class, subject, method_association, teacher, part     those that the unit has
    numerator, denominator                     what it adds to either side
    expected                                   what it should have added to the denominator (absent: the denominator itself)
    cases                                      how many people or cards stand behind it (absent: the denominator itself)
    pupil_id, form, record                     whom and which row of which form it comes from
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from types import ModuleType

import narwhals as nw

from lib.indicators import variative
from lib.indicators.relations import Data
from lib.model.indicator import Indicator
from lib.settings import Settings, UserError

TEXT_UNITS = ("school_class", "subject", "method_association", "teacher", "part")
UNIT_COLUMNS = (
    "indicator", "school_year", "period", "grade", *TEXT_UNITS, "who", "numerator", "denominator", "expected", "cases",
)  # fmt: skip


@cache
def _module(slug: str) -> ModuleType:
    return importlib.import_module(f"lib.indicators.{slug}")


def contributions(code: str, data: Data) -> nw.LazyFrame:
    """The contributions of an indicator or companion, as its formula gives them (see the head of this file)."""
    indicator = data.settings.all_indicators[code]
    if indicator.variative is not None:
        return variative.contributions(indicator, data)
    module = _module(data.settings.directions[indicator.direction].slug)
    formula = getattr(module, code.replace(".", "_"), None)
    if formula is None:
        raise UserError(
            f"config/indicators/{data.settings.directions[indicator.direction].slug}.yaml: {code} has no formula; "
            f"expected a function {code.replace('.', '_')} in lib/indicators, or a `variative` rule in the YAML entry"
        )
    return formula(data)


def least(settings: Settings) -> list[tuple[str, str, float]]:
    """(indicator, level, n): below n cases at that level ("" = any) the value is withheld. Said by the directions' LEAST."""
    found = []
    for direction in settings.directions.values():
        if not any(indicator.direction == direction.id for indicator in settings.indicators.values()):
            continue
        try:
            rules: Mapping[str, tuple[str, str]] = getattr(_module(direction.slug), "LEAST", {})
        except ModuleNotFoundError:
            continue
        for code, (level, threshold) in rules.items():
            found.append((code, level, float(getattr(settings.thresholds, threshold))))
    return found


def unit_query(indicator: Indicator, data: Data) -> str:
    """SQL of the contributions of one indicator, with UNIT_COLUMNS, summed to the grain that its levels need (kept single for a median)."""
    frame = contributions(indicator.code, data)
    own = set(frame.collect_schema().names())
    wanted = {"grade", "school_class", *indicator.by, *indicator.denominator_by}
    cells = [f"'{indicator.code}' AS indicator", "school_year", "period"]
    cells.append('"grade"::INTEGER AS grade' if "grade" in own else "NULL::INTEGER AS grade")
    for name in TEXT_UNITS:
        keep = name in own and (name in wanted or (name == "part" and bool(indicator.breakdown)))
        cells.append(f'nullif("{name}", \'\') AS "{name}"' if keep else f'NULL::VARCHAR AS "{name}"')
    who = next((name for name in ("pupil_id", "teacher") if name in own), "")
    cells.append(f"{who} AS who" if who and indicator.roll_up == "distinct" else "NULL::VARCHAR AS who")
    expected = 'coalesce("expected", denominator)' if "expected" in own else "denominator"
    cases = 'coalesce("cases", 0)' if "cases" in own else "denominator"
    if indicator.roll_up == "median":
        measures = f"numerator::DOUBLE, denominator::DOUBLE, ({expected})::DOUBLE AS expected, ({cases})::DOUBLE AS cases"
        ending = ""
    else:
        measures = ", ".join(f"fsum({cell})::DOUBLE" for cell in ("numerator", "denominator", expected, cases))
        ending = " GROUP BY ALL"
    kinds = ", ".join(f"'{kind}'" for kind in indicator.periods)
    inner = nw.to_native(frame).sql_query()
    return f"SELECT {', '.join(cells)}, {measures} FROM ({inner}) WHERE left(period, 1) IN ({kinds}){ending}"

"""What several unit tests share: an indicator and rows of the values table, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from lib import settings
from lib.model.indicator import DIMENSIONS, Indicator
from lib.model.words import Words

WORDS = Words("сөз", "слово", "word")
PLAIN: dict[str, Any] = {
    "code": "D1.02", "direction": "D1", "name": WORDS, "formula": WORDS, "numerator": WORDS, "denominator": WORDS, "method": WORDS,
    "unit": "percent", "scale": 100.0, "decimals": 1, "better": "higher", "target": 50.0, "tolerance": 5.0, "periods": ("Q", "Y"),
    "by": ("stage", "grade", "school_class", "subject"), "denominator_by": ("stage", "grade", "school_class", "subject"),
    "roll_up": "sum", "breakdown": "", "grades": (), "marked_only": True, "clause": "2.16.1", "part": "inv", "visibility": "PUB",
    "core": True, "filled_by": "teacher", "sources": (), "tags": (),
}  # fmt: skip


@pytest.fixture(scope="session")
def loaded() -> settings.Settings:
    return settings.load()


@pytest.fixture(scope="session")
def make_indicator() -> Callable[..., Indicator]:
    """A share of marks with target 50 ± 5; keywords change it."""
    return lambda **changes: Indicator(**{**PLAIN, **changes})


@pytest.fixture(scope="session")
def make_values() -> Callable[..., pd.DataFrame]:
    """Rows of the values table: make_values((school_year, period, {dimension: value}, numerator, denominator), …, indicator="D1.02")."""

    def make(
        *rows: tuple[str, str, dict[str, str], float | None, float | None], indicator: str = "D1.02", scale: float = 100
    ) -> pd.DataFrame:
        found = []
        for year, period, scope, numerator, denominator in rows:
            level = "+".join(name for name in DIMENSIONS if name in scope) or "school"
            value = None if numerator is None or not denominator else scale * numerator / denominator
            status = "ok" if value is not None else "not_collected"
            found.append(
                {"indicator": indicator, "school_year": year, "period": period, "level": level, "part": "", "numerator": numerator,
                 "denominator": denominator, "value": value, "status": status, **dict.fromkeys(DIMENSIONS, ""), **scope}
            )  # fmt: skip
        return pd.DataFrame(found).astype(dict.fromkeys(("numerator", "denominator", "value"), "float64"))

    return make

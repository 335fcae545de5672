"""How sure a share of a small class is (domain.md §5.2).

The marks of a whole class are a census: these intervals speak of stability (what would change next time), not of sampling. With 25 pupils
a share stands within some 18 points either way, so a difference of two classes is often none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from lib.analysis.figure import Figure, is_share, scale_of
from lib.model.indicator import Indicator

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def wilson(k: float, n: float) -> tuple[float, float]:
    """The 95 % Wilson interval of the share k/n, as shares 0..1. ValueError unless 0 ≤ k ≤ n and n > 0."""
    if n <= 0 or not 0 <= k <= n:
        raise ValueError(f"not a share: {k} of {n}")
    share = k / n
    centre = (k + Z**2 / 2) / (n + Z**2)
    half = Z * math.sqrt(n * share * (1 - share) + Z**2 / 4) / (n + Z**2)
    return (0.0 if k == 0 else max(0.0, centre - half)), (1.0 if k == n else min(1.0, centre + half))


def newcombe(k1: float, n1: float, k2: float, n2: float) -> tuple[float, float]:
    """The 95 % interval of the difference k1/n1 − k2/n2, by Newcombe's hybrid of two Wilson intervals (shares −1..1)."""
    first, second = k1 / n1, k2 / n2
    (low1, high1), (low2, high2) = wilson(k1, n1), wilson(k2, n2)
    gap = first - second
    return (
        gap - math.hypot(first - low1, high2 - second),
        gap + math.hypot(high1 - first, second - low2),
    )


def differ(k1: float, n1: float, k2: float, n2: float) -> bool:
    """Whether two shares differ for sure: Newcombe's interval of their difference leaves out 0."""
    low, high = newcombe(k1, n1, k2, n2)
    return low > 0 or high < 0


def shrunk(k: float, n: float, whole: float, m: float) -> float:
    """The share k/n drawn towards the whole's share by m imagined pupils: (k + m·whole) / (n + m). Lists are sorted by it."""
    return (k + m * whole) / (n + m) if n + m > 0 else whole


def noise_band(k1: float, n1: float, k2: float, n2: float) -> float:
    """How far two shares may lie apart by chance alone: 1.96·√(p1q1/n1 + p2q2/n2), as a share."""
    first, second = k1 / n1, k2 / n2
    return Z * math.sqrt(first * (1 - first) / n1 + second * (1 - second) / n2)


def interval(indicator: Indicator | None, row: Figure | Mapping[str, Any]) -> tuple[float, float] | None:
    """The Wilson interval of a row of the values table in the indicator's own unit; None where the value is no share."""
    figure = Figure.of(row)
    if figure.value is None or not is_share(indicator, figure):
        return None
    assert figure.numerator is not None and figure.denominator is not None
    low, high = wilson(figure.numerator, figure.denominator)
    scale = scale_of(indicator, figure)
    # 100·(1 − k/n) kinds of value would leave their own interval: then the numerator is not what the value counts.
    return (low * scale, high * scale) if low * scale - 1e-9 <= figure.value <= high * scale + 1e-9 else None

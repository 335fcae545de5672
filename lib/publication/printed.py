"""How published figures, bands and symbols are printed. Words are translated when printed: call these while a language is spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lib import i18n
from lib.i18n import gettext as _
from lib.model.indicator import Indicator
from lib.publication.disclosure import Shown

_BAND = re.compile(r"([≤≥])\s*(\d+(?:\.\d+)?)$")


def unit(indicator: Indicator) -> str:
    """The unit where the number alone does not say it; "" for shares and plain counts."""
    units = {
        "points": _("points"),
        "pupils": _("pupils"),
        "times": _("times"),
        "points_per_100": _("points per 100 pupils"),
        "per_100": _("per 100 teachers"),
    }
    return units.get(indicator.unit, "")


def number(indicator: Indicator, value: float, decimals: int | None = None) -> str:
    """The number with its sign of unit: "61,7%", "31‰", "3,84"."""
    places = indicator.decimals if decimals is None else decimals
    if indicator.unit == "percent":
        return i18n.percent(value, places)
    signs = {"per_mille": "‰", "pp": _("pp"), "days": _("days")}
    text = i18n.number(value, places)
    return f"{text}{i18n.NBSP}{signs[indicator.unit]}" if indicator.unit in signs else text


def stated(indicator: Indicator, cell: Shown | None) -> str:
    """What stands in the place of a figure: the number, its band, or the symbol that says why there is none."""
    if cell is None:
        return ""
    if cell.value is not None:
        text = number(indicator, cell.value)
        return f"{text} ({cell.symbol})" if cell.symbol else text
    if cell.band and (found := _BAND.match(cell.band)):
        limit = float(found[2])
        return f"{found[1]}{i18n.NBSP}{number(indicator, limit, 0 if limit == int(limit) else None)}"
    return cell.band or cell.symbol


def band(indicator: Indicator, text: str) -> tuple[float, float] | None:
    """The ends of a share's band in the indicator's unit: "≥95" → (95, 100)."""
    found = _BAND.match(text)
    if found is None:
        return None
    return (float(found[2]), indicator.scale) if found[1] == "≥" else (0.0, float(found[2]))


def target(indicator: Indicator, word: bool = True) -> str:
    """ "target ≥ 50%", or "≥ 50%" alone; "" without a target."""
    if indicator.target is None:
        return ""
    bound = {"higher": "≥", "lower": "≤"}.get(indicator.better, "≈")
    said = f"{bound}{i18n.NBSP}{number(indicator, indicator.target, 0 if indicator.target == int(indicator.target) else None)}"
    return f"{_('target')} {said}" if word else said


def legend(cells: Iterable[Shown]) -> tuple[tuple[str, str], ...]:
    """The symbols that these cells use, with their meaning; always the two that a reader asks for first."""
    words = {
        "c": _("protected: the group is small, or its number would give away another protected one"),
        "<5": _("one to four: small counts are not told apart"),
        "b": _("a band (≥ or ≤) instead of the exact share: nearly all or nearly nobody"),
        "z": _("not applicable: there is nobody to count"),
        "x": _("not available: the data has not come"),
        "i": _("incomplete: not all data has come"),
    }
    used = {cell.symbol for cell in cells}
    shown = {"b": "≥ ≤"}
    return tuple((shown.get(symbol, symbol), text) for symbol, text in words.items() if symbol in used or symbol in ("c", "<5"))

"""Periods in words, as pages and reminders say them."""

from __future__ import annotations

from lib import i18n
from lib.i18n import gettext as _


def period(period_id: str) -> str:
    """ "Quarter 1", "Half-year 1", "Year", "September"."""
    number = period_id[1:].lstrip("0")
    match period_id[0]:
        case "Q":
            return _("Quarter {number}", number=number)
        case "H":
            return _("Half-year {number}", number=number).replace(" ", i18n.NBSP).replace("-", "\u2011")
        case "M":
            return month(int(number))
        case _:
            return _("Year")


def month(number: int) -> str:
    """The month's name, 1..12."""
    names = (
        _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
        _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
    )  # fmt: skip
    return names[number - 1]

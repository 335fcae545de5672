"""Whether a pupil's name or photograph may be shown to others: only with a consent that is in the register and has a day.

The pupil's own family sees the name always: it is theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

GIVEN, DAY = "consent_publish", "consent_publish_on"


def consent_day(row: Mapping[str, Any], as_of: dt.date) -> dt.date | None:
    """The day from which the pupil of this row of R1 may be named; None when there is no consent, none with a day, or not yet."""
    day = row.get(DAY)
    if isinstance(day, dt.datetime):
        day = day.date()
    return day if row.get(GIVEN) is True and isinstance(day, dt.date) and day <= as_of else None


def may_be_named(row: Mapping[str, Any], as_of: dt.date) -> bool:
    """Whether others than the family may read this pupil's name on that day."""
    return consent_day(row, as_of) is not None

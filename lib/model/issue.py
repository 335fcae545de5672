"""What is wrong with a cell, said so that the person who typed it can mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """error: the cell's value is not used. warning: used or ignored, but look at it. note: for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about the data, with its address.

    `code` is a key of config/issues.yaml, which holds the words (what was seen, what is expected, how to mend it)
    in ky, ru and en with {slots}; `slots` fills them. `cell` is an A1 address, a range "B7:D7", or "" for a whole
    tab or workbook. `cells` is the number of non-empty data cells that this issue keeps from being accepted: 0 when the
    value was used all the same.
    """

    code: str
    severity: Severity
    workbook: str
    tab: str = ""
    cell: str = ""
    form: str = ""
    school_year: str = ""
    school_class: str = ""
    subject: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    cells: int = 0

"""What was read of a workbook: plain lists that JSON can hold, so that it can be kept and need not be read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lib.intake.parse import Value
from lib.model.issue import Issue, Severity

# Raised whenever the same workbook would be read in another way than before; kept readings of another number are not used.
READING_VERSION = 2

READ, REFUSED, EMPTY, IGNORED = "read", "refused", "empty", "ignored"


@dataclass(slots=True)
class TabReading:
    """One tab of a form.

    `state`: read | refused (none of its cells is used) | empty (no row) | ignored (no form). `columns`: column key → letters.
    `rows`: sheet row number (from 1) of each record; `values`: column key → one value or None per record, only columns that
    the tab has; dates as ISO text. `cells` = non-empty cells of the data area = `accepted` + `reported`.
    `identity`: school_year, school_class, subject, method_association as far as the tab has them. `link` opens the tab in a browser.
    """

    workbook: str
    tab: str
    form: str = ""
    version: int = 0
    school_year: str = ""
    school_class: str = ""
    subject: str = ""
    method_association: str = ""
    state: str = IGNORED
    cells: int = 0
    accepted: int = 0
    reported: int = 0
    link: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    values: dict[str, list[Value | None]] = field(default_factory=dict)

    @property
    def scope(self) -> tuple[str, str, str, str, str]:
        """What the tab speaks of: form, school year, class, subject, association."""
        return self.form, self.school_year, self.school_class, self.subject, self.method_association

    def issue(self, code: str, severity: Severity, cell: str = "", cells: int = 0, slots: Mapping[str, str] | None = None) -> Issue:
        """An issue of this tab."""
        return Issue(
            code, severity, self.workbook, self.tab, cell, self.form, self.school_year, self.school_class, self.subject, slots or {}, cells
        )


@dataclass(slots=True)
class Reading:
    """All forms of one workbook, and everything that was found wrong in it.

    `passing`: nothing could be read for a reason outside of the workbook (network, quota, …), so that it says nothing about it.
    """

    workbook: str
    tabs: list[TabReading] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    passing: bool = False

    def to_plain(self) -> dict[str, Any]:
        """Dicts and lists for JSON."""
        return {
            "version": READING_VERSION,
            "workbook": self.workbook,
            "passing": self.passing,
            "tabs": [asdict_of_tab(tab) for tab in self.tabs],
            "issues": [{**asdict(issue), "slots": dict(issue.slots)} for issue in self.issues],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Reading | None:
        """The reading kept as `plain`; None when it was written by another version of intake."""
        if plain.get("version") != READING_VERSION:
            return None
        issues = [Issue(**{**issue, "severity": Severity(issue["severity"])}) for issue in plain["issues"]]
        return cls(plain["workbook"], [TabReading(**tab) for tab in plain["tabs"]], issues, plain["passing"])


def asdict_of_tab(tab: TabReading) -> dict[str, Any]:
    """The tab's fields; its lists are not copied."""
    return {name: getattr(tab, name) for name in TabReading.__slots__}

"""What was read of a workbook: plain lists that JSON can hold, so that it can be kept and need not be read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lib.intake.parse import Value
from lib.model.issue import Issue, Severity

# Raised whenever the same workbook would be read in another way than before; kept readings of another number are not used.
READING_VERSION = 3

READ, REFUSED, EMPTY, IGNORED = "read", "refused", "empty", "ignored"
EXPORT = "export"  # what a tab's cells came from, where it is no teacher's tab


@dataclass(slots=True)
class TabReading:
    """One tab of a form.

    `state`: read | refused (none of its cells is used) | empty (no row) | ignored (no form). `columns`: column key → letters.
    `rows`: sheet row number (from 1) of each record; `values`: column key → one value or None per record, only columns that
    the tab has; dates as ISO text. `cells` = non-empty cells of the data area = `accepted` + `reported`.
    `identity`: school_year, school_class, subject, method_association as far as the tab has them. `link` opens the tab in a browser.
    `source`: "" for a tab that people fill, "export" for what an export of the electronic journal says of one class and subject.
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
    source: str = ""
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
class ExportColumn:
    """A column of an export that may hold marks: where it stands (from 0), its header, and what the header says: the code of a subject, the
    key of a period's column in form F01 (q1 … year); "" where it says nothing, `unknown` when it says something that is not understood."""

    column: int
    header: str
    subject: str = ""
    period: str = ""
    unknown: bool = False


@dataclass(slots=True)
class ExportRow:
    """A row of an export: its number (from 1), the name as it was seen, what its own columns say, and how many of its cells say that."""

    number: int
    name: str
    school_class: str = ""
    subject: str = ""
    period: str = ""
    cells: int = 1


@dataclass(slots=True)
class ExportMark:
    """A filled cell of an export: its row and column as places in the lists, and its mark; None when it holds none, and why."""

    row: int
    column: int
    mark: str | None = None
    code: str = ""
    severity: str = ""
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ExportReading:
    """One table of an export of the electronic journal, before anybody has asked whose marks these are.

    `said`: what titles, tab and file name say of school_year, school_class, subject and period; more than one word where they disagree.
    `per_row`: which of school_class, subject and period each row says by itself. `cells`: non-empty cells of the data area, of which
    `reported` have an issue in the workbook's reading already. `name_column`: where the names begin. `counted`: whether its cells count
    now (not when its last good records stand in).
    """

    workbook: str
    tab: str
    link: str = ""
    said: dict[str, list[str]] = field(default_factory=dict)
    per_row: list[str] = field(default_factory=list)
    name_column: int = 0
    columns: list[ExportColumn] = field(default_factory=list)
    rows: list[ExportRow] = field(default_factory=list)
    marks: list[ExportMark] = field(default_factory=list)
    cells: int = 0
    reported: int = 0
    counted: bool = True

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ExportReading:
        """What `dataclasses.asdict` made plain."""
        lists = {
            "columns": [ExportColumn(**column) for column in plain["columns"]],
            "rows": [ExportRow(**row) for row in plain["rows"]],
            "marks": [ExportMark(**mark) for mark in plain["marks"]],
        }
        return cls(**{**plain, **lists})


@dataclass(slots=True)
class Reading:
    """All forms and exports of one workbook, and everything that was found wrong in it.

    `passing`: nothing could be read for a reason outside of the workbook (network, quota, …), so that it says nothing about it.
    """

    workbook: str
    tabs: list[TabReading] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    passing: bool = False
    exports: list[ExportReading] = field(default_factory=list)

    def to_plain(self) -> dict[str, Any]:
        """Dicts and lists for JSON."""
        return {
            "version": READING_VERSION,
            "workbook": self.workbook,
            "passing": self.passing,
            "tabs": [asdict_of_tab(tab) for tab in self.tabs],
            "issues": [{**asdict(issue), "slots": dict(issue.slots)} for issue in self.issues],
            "exports": [asdict(export) for export in self.exports],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Reading | None:
        """The reading kept as `plain`; None when it was written by another version of intake."""
        if plain.get("version") != READING_VERSION:
            return None
        issues = [Issue(**{**issue, "severity": Severity(issue["severity"])}) for issue in plain["issues"]]
        exports = [ExportReading.from_plain(export) for export in plain["exports"]]
        return cls(plain["workbook"], [TabReading(**tab) for tab in plain["tabs"]], issues, plain["passing"], exports)


def asdict_of_tab(tab: TabReading) -> dict[str, Any]:
    """The tab's fields; its lists are not copied."""
    return {name: getattr(tab, name) for name in TabReading.__slots__}

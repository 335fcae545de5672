"""The marks that exports claim for pupils, and what is done where two of them speak of the same mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lib.intake.reading import EXPORT, READ, TabReading
from lib.model.cell import column_letters
from lib.model.issue import Issue, Severity

FORM = "F01"
Slot = tuple[str, str, str, str]  # school year, subject, pupil, column of F01


@dataclass(frozen=True)
class Claim:
    """One mark of a pupil, and the cell of the export where it stands (`row` from 1, `column` from 0)."""

    workbook: str
    tab: str
    link: str
    row: int
    column: int
    school_year: str
    school_class: str
    subject: str
    pupil_id: str
    key: str
    mark: str
    changed_at: float
    counted: bool = True

    @property
    def slot(self) -> Slot:
        return self.school_year, self.subject, self.pupil_id, self.key

    @property
    def cell(self) -> str:
        return f"{column_letters(self.column)}{self.row}"

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.workbook}, {self.tab}, {self.cell}"

    def issue(self, code: str, severity: Severity, cells: int, slots: Mapping[str, str]) -> Issue:
        """An issue about the cell."""
        return Issue(
            code, severity, self.workbook, self.tab, self.cell, FORM, self.school_year, self.school_class, self.subject, dict(slots), cells
        )  # fmt: skip


def settle(claims: Iterable[Claim]) -> tuple[list[Claim], list[Issue]]:
    """One claim a mark: (those that count, issues of those that say otherwise).

    Two exports that differ: the one whose file was changed later counts; when neither was, none does.
    """
    by_slot: dict[Slot, list[Claim]] = {}
    for claim in claims:
        by_slot.setdefault(claim.slot, []).append(claim)
    kept: list[Claim] = []
    issues: list[Issue] = []
    for same in by_slot.values():
        newest = max(claim.changed_at for claim in same)
        last = [claim for claim in same if claim.changed_at == newest]
        if len({claim.mark for claim in last}) > 1:
            issues += [_twice(claim, next(c for c in same if c.mark != claim.mark), "journal_twice", Severity.ERROR) for claim in same]
            continue
        kept.append(last[0])
        for claim in same:
            if claim.mark != last[0].mark:
                issues.append(_twice(claim, last[0], "journal_older", Severity.WARNING))
    return kept, issues


def _twice(claim: Claim, other: Claim, code: str, severity: Severity) -> Issue:
    return claim.issue(code, severity, int(claim.counted), {"value": claim.mark, "other": other.mark, "place": other.place})


def tabs_of(claims: Iterable[Claim], version: int) -> list[TabReading]:
    """The claims as readings of form F01, one for each table, class and subject. Their cells are counted with their table."""
    groups: dict[tuple[str, str, str, str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.workbook, claim.tab, claim.school_year, claim.school_class, claim.subject), []).append(claim)
    found = []
    for (workbook, tab, school_year, school_class, subject), own in sorted(groups.items()):
        rows: dict[tuple[int, str], dict[str, str]] = {}
        letters: dict[str, str] = {}
        for claim in own:
            rows.setdefault((claim.row, claim.pupil_id), {})[claim.key] = claim.mark
            letters[claim.key] = column_letters(claim.column)
        keys = sorted(letters)
        order = sorted(rows)
        reading = TabReading(
            workbook, tab, FORM, version, school_year, school_class, subject, state=READ, link=own[0].link, source=EXPORT, columns=letters,
            rows=[row for row, _pupil in order],
        )  # fmt: skip
        reading.values = {"pupil_id": [pupil for _row, pupil in order], **{key: [rows[place].get(key) for place in order] for key in keys}}
        found.append(reading)
    return found

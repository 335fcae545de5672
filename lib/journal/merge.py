"""Exports beside the teachers' tabs: empty cells are filled, equal ones confirmed, and where they differ both are shown and a rule says
which counts (config/journal.yaml)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lib.intake.frozen import FrozenYears
from lib.intake.parse import Value
from lib.intake.reading import ExportReading, TabReading
from lib.intake.registry import known_by_year
from lib.journal.answers import Answers
from lib.journal.claims import FORM, Claim, settle, tabs_of
from lib.journal.match import Matched, match_exports
from lib.journal.question import Outcome, Question
from lib.model.issue import Issue, Severity
from lib.settings import Settings
from lib.settings.journal import EXPORT, NEWEST


@dataclass
class Merged:
    """What counts when exports are read: `tabs` are all tabs of the store (the teachers' where an export takes a mark's place, changed
    copies), then those of exports; `given`: everything that exports say of each class and subject, whether or not a tab says it too."""

    tabs: list[TabReading]
    issues: list[Issue]
    given: list[TabReading] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    pins: Mapping[tuple[str, str], str] = field(default_factory=dict)


def merge(
    tabs: Sequence[TabReading],
    exports: Sequence[ExportReading],
    settings: Settings,
    answers: Answers,
    changed_at: Mapping[str, float],
    frozen: FrozenYears,
) -> Merged:
    """The marks of exports among the checked tabs of a store. `changed_at`: workbook → when it was last changed (0: unknown)."""
    if not exports:
        return Merged(list(tabs), [])
    matched = match_exports(exports, known_by_year(tabs), settings, answers, changed_at, frozen)
    kept, issues = settle(matched.claims)
    version = settings.forms[FORM].version
    sheets = _Sheets(tabs, settings, changed_at)
    used, differing = sheets.take(kept)
    _count(matched, issues, sheets)
    issues += differing
    return Merged(
        [*sheets.tabs, *matched.tables, *tabs_of(used, version)], [*matched.issues, *issues],
        tabs_of(kept, version), matched.questions, matched.outcomes, matched.pins,
    )  # fmt: skip


class _Sheets:
    """The teachers' tabs of marks, found by pupil."""

    def __init__(self, tabs: Sequence[TabReading], settings: Settings, changed_at: Mapping[str, float]) -> None:
        self.tabs = list(tabs)
        self.settings, self.changed_at = settings, changed_at
        self.new: Counter[tuple[str, str, str]] = Counter()  # (workbook, tab, period)
        self.differ: Counter[tuple[str, str, str]] = Counter()
        self.lost: dict[tuple[str, str], int] = {}  # marks of an export's table that a tab's take the place of
        self._own: set[tuple[int, str]] = set()

    def take(self, claims: Iterable[Claim]) -> tuple[list[Claim], list[Issue]]:
        """The claims that become records, and an issue for each that differs from a tab."""
        claims = list(claims)
        places = self._places({(c.school_year, c.subject) for c in claims})
        used: list[Claim] = []
        issues: list[Issue] = []
        for claim in claims:
            table = (claim.workbook, claim.tab)
            here = [(t, row) for t, row in places.get(claim.slot[:3], ()) if self._value(t, claim.key, row) is not None]
            if not here:
                used.append(claim)
                self.new[*table, claim.key] += 1
                continue
            other = next(((t, row) for t, row in here if self._value(t, claim.key, row) != claim.mark), None)
            if other is None:
                continue
            self.differ[*table, claim.key] += 1
            if self._export_counts(claim, other[0]):
                used.append(claim)
                issues.append(self._differs(claim, *other, "journal_differs_export"))
                for t, row in here:
                    self._drop(t, claim.key, row)
            else:
                self.lost[table] = self.lost.get(table, 0) + int(claim.counted)
                issues.append(self._differs(claim, *other, "journal_differs"))
        return used, issues

    def _places(self, wanted: set[tuple[str, str]]) -> dict[tuple[str, str, str], list[tuple[int, int]]]:
        """(school year, subject, pupil) → (tab, row)."""
        found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for number, tab in enumerate(self.tabs):
            if tab.form == FORM and (tab.school_year, tab.subject) in wanted:
                for row, pupil in enumerate(tab.values.get("pupil_id", ())):
                    found.setdefault((tab.school_year, tab.subject, str(pupil)), []).append((number, row))
        return found

    def _value(self, tab: int, key: str, row: int) -> Value | None:
        column = self.tabs[tab].values.get(key)
        return column[row] if column is not None else None

    def _export_counts(self, claim: Claim, tab: int) -> bool:
        rule = self.settings.journal.counts
        if rule == NEWEST:
            return claim.changed_at > self.changed_at.get(self.tabs[tab].workbook, 0.0)
        return rule == EXPORT

    def _differs(self, claim: Claim, tab: int, row: int, code: str) -> Issue:
        """One issue for both cells: it stands at the teacher's and names the export's."""
        own = self.tabs[tab]
        cell = f"{own.columns[claim.key]}{own.rows[row]}"
        slots = {
            "column": self.settings.forms[FORM].by_key[claim.key].title.ky,
            "value": str(self._value(tab, claim.key, row)), "other": claim.mark, "place": claim.place,
        }  # fmt: skip
        return own.issue(code, Severity.WARNING, cell, int(claim.counted), slots)

    def _drop(self, tab: int, key: str, row: int) -> None:
        """Take a tab's mark away: it has been reported, and the export's counts. The tab as it was given stays."""
        own = self.tabs[tab]
        if (tab, "") not in self._own:
            own = self.tabs[tab] = replace(own, values=dict(own.values))
            self._own.add((tab, ""))
        if (tab, key) not in self._own:
            own.values[key] = list(own.values[key])
            self._own.add((tab, key))
        own.values[key][row] = None
        if own.cells:
            own.accepted -= 1
            own.reported += 1


def _count(matched: Matched, issues: Iterable[Issue], sheets: _Sheets) -> None:
    """Bring the cells of each table up to date with what was reported after its names were matched, and tell what became of its marks."""
    late: dict[tuple[str, str], int] = {}
    for issue in issues:
        if issue.code in ("journal_twice", "journal_older"):
            late[issue.workbook, issue.tab] = late.get((issue.workbook, issue.tab), 0) + issue.cells
    for table, outcome in zip(matched.tables, matched.outcomes, strict=True):
        place = (table.workbook, table.tab)
        more = late.get(place, 0) + sheets.lost.get(place, 0)
        table.reported += more
        table.accepted -= more
        outcome.reported += more
        outcome.new = [sheets.new[*place, key] for key in outcome.periods]
        outcome.differ = [sheets.differ[*place, key] for key in outcome.periods]

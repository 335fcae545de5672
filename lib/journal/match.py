"""Whose marks an export holds: its tables against the registers, and what must be asked before they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lib.i18n import match_key
from lib.intake.frozen import FrozenYears
from lib.intake.reading import EMPTY, EXPORT, READ, ExportColumn, ExportReading, ExportRow, TabReading
from lib.intake.registry import Known
from lib.intake.vocabulary import Vocabulary
from lib.journal.answers import NOBODY, Answers
from lib.journal.claims import FORM, Claim
from lib.journal.names import SURE, ClassNames, Found, Match
from lib.journal.question import Asked, Outcome, Places, Question
from lib.journal.said import near_subjects
from lib.model.cell import column_letters
from lib.model.issue import Issue, Severity
from lib.settings import Settings

_ASKED = {
    Asked.SCHOOL_CLASS: "journal_school_class_asked",
    Asked.SUBJECT: "journal_subject_asked",
    Asked.PERIOD: "journal_period_asked",
}
PERIODS = ("q1", "q2", "q3", "q4", "year")


@dataclass
class Matched:
    """What came of exports: the marks that they claim, a reading of each table that counts its cells, issues, questions and outcomes.
    `pins`: tables that name no school year → the one that they are taken to be of from now on."""

    claims: list[Claim] = field(default_factory=list)
    tables: list[TabReading] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    pins: dict[tuple[str, str], str] = field(default_factory=dict)


def match_exports(
    exports: Sequence[ExportReading],
    known: Mapping[str, Known],
    settings: Settings,
    answers: Answers,
    changed_at: Mapping[str, float],
    frozen: FrozenYears,
) -> Matched:
    """All tables of all exports. `known`: school year → registers; `changed_at`: workbook → when it was last changed. A frozen year takes
    nothing new, and nobody is asked about it: an answer would move its figures. Of its own exports count the answers given by then."""
    found = Matched()
    words = Vocabulary.of(settings)
    names: dict[tuple[str, str], ClassNames] = {}
    for export in exports:
        kept = frozen.answers(export.workbook)
        own = answers if kept is None else Answers(**kept)
        _Matching(export, known, settings, words, own, changed_at.get(export.workbook, 0.0), frozen, names, found).run()
    found.questions = [question for question in found.questions if question.school_year not in frozen.years]
    return found


class _Matching:
    """One table under way."""

    def __init__(
        self, export: ExportReading, known: Mapping[str, Known], settings: Settings, words: Vocabulary, answers: Answers, changed_at: float,
        frozen: FrozenYears, names: dict[tuple[str, str], ClassNames], found: Matched,
    ) -> None:  # fmt: skip
        self.export, self.known, self.settings, self.words, self.answers = export, known, settings, words, answers
        self.changed_at, self.frozen, self.names, self.found = changed_at, frozen, names, found
        self.said = answers.table(export.workbook, export.tab)
        self.table = TabReading(export.workbook, export.tab, state=EMPTY, link=export.link, source=EXPORT)
        self.outcome = Outcome(export.workbook, export.tab)
        self.waits = Places()
        self.subjects: dict[str, None] = {}
        self.periods: dict[str, int] = {}  # marks of each
        self.marks_of: dict[int, list[int]] = {}
        for place, mark in enumerate(export.marks):
            self.marks_of.setdefault(mark.row, []).append(place)
        self.reported = export.reported

    def run(self) -> None:
        """Match, or ask what the table speaks of."""
        export, found, table = self.export, self.found, self.table
        self.year = self._school_year()
        self.outcome.school_year = self.year
        if self.year not in self.known:
            self._all_wait("journal_year_unknown", {"value": self.year or "–"})
        elif self.frozen.shut(self.year, export.workbook):
            self._all_wait("year_frozen_new", {"year": self.year}, Severity.ERROR)
        elif (missing := self._missing_scope()) is not None:
            self._ask_scope(missing)
        else:
            self._rows()
            for key, (first, last, cells) in self.waits.found.items():
                self._tell(key, first if first == last else f"{first}:{last}", cells)
        if export.counted:
            table.cells, table.reported = export.cells, min(self.reported, export.cells)
        table.accepted = table.cells - table.reported
        table.state = READ if self.periods else EMPTY
        self.outcome.subjects, self.outcome.periods = tuple(self.subjects), tuple(sorted(self.periods))
        self.outcome.marks = [self.periods[key] for key in self.outcome.periods]
        table.school_year = self.year
        self.outcome.cells, self.outcome.reported = table.cells, table.reported
        found.tables.append(table)
        found.outcomes.append(self.outcome)

    # --- what the table speaks of ----------------------------------------------------------------------------------------

    def _school_year(self) -> str:
        stated = self.export.said.get("school_year", [])
        if len(stated) == 1:
            return stated[0]
        if pinned := self.said.get("school_year"):
            return pinned
        begun = [year for year in self.known if self.settings.school_year(year).start <= self.settings.as_of]
        year = max(begun or self.known, default="")
        if year:
            self.found.pins[self.export.workbook, self.export.tab] = year
        return year

    def _of_table(self, name: str) -> str:
        """What the table as a whole says of its class, subject or period; "" when nothing or several things."""
        if answer := self.said.get(name):
            return answer
        stated = self.export.said.get(name, [])
        if name == "school_class":
            stated = [c for c in stated if c in self.known[self.year].class_names] or stated
        return stated[0] if len(stated) == 1 else ""

    def _missing_scope(self) -> Asked | None:
        """The first thing that neither the table nor its rows nor its columns say."""
        export = self.export
        self.own = {name: self._of_table(name) for name in ("school_class", "subject", "period")}
        if "school_class" not in export.per_row and self.own["school_class"] not in self.known[self.year].class_names:
            return Asked.SCHOOL_CLASS
        wanting = [column for column in export.columns if not column.unknown]
        if "subject" not in export.per_row and not self.own["subject"] and any(not column.subject for column in wanting):
            return Asked.SUBJECT
        if "period" not in export.per_row and not self.own["period"] and any(not column.period for column in export.columns):
            return Asked.PERIOD
        return None

    def _ask_scope(self, about: Asked) -> None:
        export, known = self.export, self.known[self.year]
        stated = export.said.get(about.value, [])
        school_class = self.own["school_class"]
        match about:
            case Asked.SCHOOL_CLASS:
                candidates = [c for c in stated if c in known.class_names] or [c.school_class for c in known.registry.classes]
            case Asked.SUBJECT:
                candidates = stated or known.registry.subjects_of(school_class) or list(self.settings.subjects)
            case _:
                candidates = stated or list(PERIODS)
        cells = export.cells - export.reported
        slots = {"seen": ", ".join(stated) or "–"}
        self._all_wait(_ASKED[about], slots)
        subjects = (self.own["subject"],) if self.own["subject"] else ()
        self.found.questions.append(
            Question(
                about, export.workbook, export.tab, "", slots["seen"], self.year, school_class, subjects, tuple(candidates), cells=cells
            )
        )  # fmt: skip

    def _all_wait(self, code: str, slots: Mapping[str, str], severity: Severity = Severity.WARNING) -> None:
        cells = self.export.cells - self.export.reported
        self._issue(code, severity, "", cells, slots)

    # --- rows ------------------------------------------------------------------------------------------------------------

    def _rows(self) -> None:
        matches = self._matches()
        classes: dict[str, None] = {}
        people: dict[tuple[str, str], Match] = {}
        for place, row in enumerate(self.export.rows):
            school_class = self._class_of(row)
            filled = row.cells + len(self.marks_of.get(place, ()))
            here = f"{column_letters(self.export.name_column)}{row.number}"
            if school_class not in self.known[self.year].class_names:
                self.waits.add(("journal_class_unknown", school_class or row.school_class or "–"), here, filled)
                continue
            classes[school_class] = None
            match = people[school_class, row.name] = matches[school_class, row.name]
            if match.found in SURE:
                self._marks(place, row, school_class, match.pupil_id)
            else:
                self.waits.add(("name", school_class, row.name), here, filled)
        self.people = people
        self.outcome.classes = tuple(classes)
        found = [match.found for match in people.values()]
        self.outcome.matched = sum(f in SURE for f in found)
        self.outcome.asked, self.outcome.unknown = found.count(Found.ASKED), found.count(Found.UNKNOWN)

    def _class_of(self, row: ExportRow) -> str:
        return row.school_class or self.own["school_class"]

    def _matches(self) -> dict[tuple[str, str], Match]:
        """(class, name as it was seen) → whose it is; names that would give one mark to two rows are asked about."""
        rows: dict[tuple[str, str], list[int]] = {}
        for place, row in enumerate(self.export.rows):
            school_class = self._class_of(row)
            if school_class in self.known[self.year].class_names:
                rows.setdefault((school_class, row.name), []).append(place)
        matches = {key: self._match(*key) for key in rows}
        slots = {key: [slot for place in places for slot in self._slots(place)] for key, places in rows.items()}
        there = {(key[0], match.pupil_id) for key, match in matches.items() if match.found in (Found.SAME, Found.ANSWERED)}
        there |= {(key[0], match.candidates[0]) for key, match in matches.items() if match.unless}
        for key, match in matches.items():
            if match.unless and all((key[0], other) in there for other in match.candidates[1:]):
                matches[key] = Match(Found.SAME, match.candidates[0])
        doubted = self._doubted(matches)
        bearers: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for key, match in matches.items():
            if len(set(slots[key])) < len(slots[key]):  # two rows of one name: two children, perhaps
                matches[key] = Match(Found.ASKED)
            elif match.found in (Found.SHORT, Found.INITIALS) and (key[0], match.pupil_id, match.found) in doubted:
                matches[key] = Match(Found.ASKED, candidates=(match.pupil_id,))
            elif match.pupil_id:
                bearers.setdefault((key[0], match.pupil_id), []).append(key)
        for (_class, pupil_id), keys in bearers.items():
            rivals = [k for k in keys if any(set(slots[k]) & set(slots[other]) for other in keys if other is not k)]
            if not rivals:
                continue
            by = (Found.ANSWERED, Found.SAME)  # a person's word goes before; less than the whole name gives way and proves nothing
            sure = next((of for found in by if (of := [k for k in rivals if matches[k].found is found])), [])
            for key in rivals:
                if len(sure) != 1 or key is not sure[0]:
                    matches[key] = Match(Found.ASKED, candidates=(pupil_id,))
        return matches

    @staticmethod
    def _doubted(matches: Mapping[tuple[str, str], Match]) -> set[tuple[str, str, Found]]:
        """(class, pupil, by what) that cannot be told from a short name or initials, because another row of the table may be that pupil's:
        one whose name differs by a letter or shares two words, or, for initials, one that shares a word."""
        found: set[tuple[str, str, Found]] = set()
        for (school_class, _seen), match in matches.items():
            if match.near:
                found |= {(school_class, pupil, by) for pupil in match.candidates for by in (Found.SHORT, Found.INITIALS)}
            elif match.found is Found.UNKNOWN:
                found |= {(school_class, pupil, Found.INITIALS) for pupil in match.candidates}
                found |= {(school_class, pupil, Found.SHORT) for pupil in match.namesakes}
        return found

    def _match(self, school_class: str, seen: str) -> Match:
        known = self.known[self.year]
        answer = self.answers.name(self.year, school_class, seen)
        if answer == NOBODY:
            return Match(Found.PASSED)
        if answer is not None and answer in known.pupils and known.pupils[answer].school_class == school_class:
            return Match(Found.ANSWERED, answer)
        held = self.names.setdefault(
            (self.year, school_class), ClassNames(known.by_class.get(school_class, []), self.settings.journal.words)
        )
        return held.match(seen)

    def _slots(self, place: int) -> list[tuple[str, str]]:
        """(subject, period) of the row's filled cells, as it says them."""
        row = self.export.rows[place]
        columns = [self.export.columns[self.export.marks[m].column] for m in self.marks_of.get(place, ())]
        return [(row.subject or column.subject or column.header, row.period or column.period) for column in columns]

    def _marks(self, place: int, row: ExportRow, school_class: str, pupil_id: str) -> None:
        for number in self.marks_of.get(place, ()):
            mark = self.export.marks[number]
            column = self.export.columns[mark.column]
            address = f"{column_letters(column.column)}{row.number}"
            subject = self._subject(row, column, school_class)
            key = row.period or column.period or self.own["period"]
            if subject is None:
                seen = row.subject if "subject" in self.export.per_row else column.header
                self.waits.add(("column", school_class, seen), address, 1)
            elif subject == NOBODY:
                self.waits.add(("journal_column_other", column.header), address, 1)
            elif not key:
                self.waits.add(("journal_period_unknown", school_class), address, 1)
            else:
                claim = Claim(
                    self.export.workbook, self.export.tab, self.export.link, row.number, column.column, self.year, school_class, subject,
                    pupil_id, key, mark.mark or "", self.changed_at, self.export.counted,
                )  # fmt: skip
                if mark.code:
                    slots = {"column": self.settings.forms[FORM].by_key[key].title.ky, **mark.slots}
                    self._add(claim.issue(mark.code, Severity(mark.severity), int(mark.mark is None), slots))
                if mark.mark is not None:
                    self.found.claims.append(claim)
                    self.subjects[subject] = None
                    self.periods[key] = self.periods.get(key, 0) + 1

    def _subject(self, row: ExportRow, column: ExportColumn, school_class: str) -> str | None:
        """The code of the subject; "" where a person said that there is none, None while it is not known."""
        if column.subject:
            return column.subject
        if column.unknown:
            return self.answers.column(school_class, column.header)
        if "subject" in self.export.per_row:
            return self.settings.subject_keys.get(match_key(row.subject)) or self.answers.column(school_class, row.subject)
        return self.own["subject"]

    # --- what is told ----------------------------------------------------------------------------------------------------

    def _tell(self, key: tuple[str, ...], address: str, cells: int) -> None:
        """The issue, and the question if there is one, about cells that wait for the same reason."""
        kind = key[0]
        if kind == "name":
            self._tell_name(key[1], key[2], address, cells)
        elif kind == "column":
            school_class, header = key[1:]
            self._issue("journal_column_asked", Severity.WARNING, address, cells, {"seen": header}, school_class)
            near = near_subjects(header, self.words)
            taught = self.known[self.year].registry.subjects_of(school_class)
            candidates = tuple(dict.fromkeys([*(code for code in near if code in taught), *near, *taught]))
            self.found.questions.append(
                Question(
                    Asked.COLUMN, self.export.workbook, self.export.tab, address, header, self.year, school_class, (), candidates,
                    bool(near), cells,
                )
            )  # fmt: skip
        elif kind == "journal_column_other":
            self._issue(kind, Severity.NOTE, address, cells, {"seen": key[1]})
        else:
            self._issue(kind, Severity.WARNING, address, cells, {"value": key[1]}, key[1] if kind == "journal_period_unknown" else "")

    def _tell_name(self, school_class: str, seen: str, address: str, cells: int) -> None:
        match = self.people[school_class, seen]
        if match.found is Found.PASSED:
            self._issue("journal_name_passed", Severity.NOTE, address, cells, {"name": seen}, school_class)
            return
        places = [p for p, row in enumerate(self.export.rows) if row.name == seen and self._class_of(row) == school_class]
        of_subject = {self._subject(self.export.rows[p], self.export.columns[self.export.marks[m].column], school_class)
                      for p in places for m in self.marks_of.get(p, ())}  # fmt: skip
        subjects = tuple(sorted(code for code in of_subject if code))
        slots = [slot for p in places for slot in self._slots(p)]
        subject = subjects[0] if len(subjects) == 1 else ""
        if len(set(slots)) < len(slots):
            self._issue("journal_name_twice", Severity.ERROR, address, cells, {"name": seen}, school_class, subject)
            return
        asked = match.found is Found.ASKED
        elsewhere = self._elsewhere(seen) if not asked else ""
        code = "journal_name_asked" if asked else "journal_name_elsewhere" if elsewhere else "journal_name_unknown"
        slots_of = {"name": seen, "class": school_class, "other": elsewhere}
        self._issue(code, Severity.WARNING if asked else Severity.ERROR, address, cells, slots_of, school_class, subject)
        self.found.questions.append(
            Question(
                Asked.NAME, self.export.workbook, self.export.tab, address.split(":")[0], seen, self.year, school_class, subjects,
                match.candidates, asked, cells,
            )
        )  # fmt: skip

    def _elsewhere(self, seen: str) -> str:
        """The only other class in which exactly one pupil bears that very name."""
        known = self.known[self.year]
        found = []
        for name in known.by_class:
            held = self.names.setdefault((self.year, name), ClassNames(known.by_class[name], self.settings.journal.words))
            if held.match(seen).found in (Found.SAME, Found.SHORT):
                found.append(name)
        return found[0] if len(found) == 1 else ""

    def _issue(
        self, code: str, severity: Severity, cell: str, cells: int, slots: Mapping[str, str], school_class: str = "", subject: str = ""
    ) -> None:
        counted = cells if self.export.counted else 0
        about = replace(self.table, form=FORM, school_year=self.year, school_class=school_class, subject=subject)
        self._add(about.issue(code, severity, cell, counted, slots))

    def _add(self, issue: Issue) -> None:
        self.found.issues.append(issue)
        self.reported += issue.cells

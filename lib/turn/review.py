"""What became of everybody: a year's registry beside the next one's, whoever wrote that (the program, or a deputy after it)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lib import i18n
from lib.model.issue import Severity
from lib.settings import Settings
from lib.turn.book import CLASSES, LOADS, PUPILS, STAFF, Book, Line
from lib.turn.classes import has_left
from lib.turn.loads import works
from lib.turn.rules import LEAVES, Rules


class Fate(StrEnum):
    """What became of a pupil. Each pupil of the old year has exactly one; `named` is for a person to decide."""

    MOVED = "moved"
    GRADUATED = "graduated"
    LEFT = "left"
    NAMED = "named"


class Weight(StrEnum):
    """forbids: nothing is made before it is mended. decide: a pupil or a class to decide about. advice: worth a look."""

    FORBIDS = "forbids"
    DECIDE = "decide"
    ADVICE = "advice"


@dataclass(frozen=True)
class Question:
    """Something to mend or to decide. `code` is a key of lib.turn.told, or of config/issues.yaml where `form` names a register."""

    code: str
    weight: Weight
    workbook: str = ""
    tab: str = ""
    cell: str = ""
    form: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it is: "registry.xlsx, Окуучулар реестри, D17"."""
        return ", ".join(part for part in (self.workbook, self.tab, self.cell) if part)


@dataclass
class Way:
    """One class of the old year: where its pupils go, class → how many, and how many have another fate."""

    school_class: str
    goes: Counter[str] = field(default_factory=Counter)
    fates: Counter[Fate] = field(default_factory=Counter)


@dataclass(frozen=True)
class Review:
    """The outcome. pupils = moved + graduated + left + named; `entered`: pupils of the new year who were not in the old one."""

    from_year: str
    to_year: str
    fates: Mapping[Fate, int]
    entered: int
    ways: tuple[Way, ...]
    teachers_on: int
    teachers_left: int
    loads_kept: int
    loads_open: int
    questions: tuple[Question, ...]

    @property
    def pupils(self) -> int:
        """All pupils of the old year."""
        return sum(self.fates.values())

    def of(self, weight: Weight) -> list[Question]:
        """The questions of that weight."""
        return [question for question in self.questions if question.weight is weight]


def review(old: Book, new: Book, rules: Rules, settings: Settings) -> Review:
    """Look at both registries. `new` may be the proposal as it was made, or as a deputy has changed it."""
    asked: list[Question] = [*_mistakes(new), *_misplaced(new, settings)]
    fates: Counter[Fate] = Counter(dict.fromkeys(Fate, 0))
    ways: dict[str, Way] = {}
    other: Counter[tuple[str, str]] = Counter()
    standing: dict[str, list[Line]] = {}
    for line in new.lines[PUPILS]:
        if code := line.text("pupil_id"):
            standing.setdefault(code, []).append(line)
    for line in old.lines[PUPILS]:
        if not (line.text("pupil_id") or line.text("full_name")):
            continue  # a remark, a line of totals: intake names it
        fate, target, question = _fate(line, old, new, standing, rules, settings)
        name = line.text("school_class")
        way = ways.setdefault(name, Way(name))
        fates[fate] += 1
        way.fates[fate] += 1
        if target:
            way.goes[target] += 1
            if new.grade(target) != rules.after(old.grade(name), new.school_year):
                other[name, target] += 1
        if question is not None:
            asked.append(question)
    before = {line.text("pupil_id") for line in old.lines[PUPILS]}
    in_order = tuple(ways[name] for name in sorted(ways, key=i18n.class_key))
    asked += _about_classes(in_order, other, new, rules, settings)
    lines = new.lines[LOADS]
    return Review(
        old.school_year, new.school_year, fates,
        entered=sum(code not in before and any(not has_left(line, settings) for line in found) for code, found in standing.items()),
        ways=in_order,
        teachers_on=sum(map(works, new.lines[STAFF])),
        teachers_left=sum(not works(line) for line in old.lines[STAFF]),
        loads_kept=sum(bool(line.text("teacher_id")) for line in lines),
        loads_open=sum(not line.text("teacher_id") for line in lines),
        questions=tuple(_once(asked)),
    )  # fmt: skip


def _once(questions: Iterable[Question]) -> Iterator[Question]:
    """The questions by weight, each place once for each kind."""
    seen: set[tuple[str, str]] = set()
    for question in sorted(questions, key=lambda question: list(Weight).index(question.weight)):
        place = (question.code, question.place or str(sorted(question.slots.items())))
        if place not in seen:
            seen.add(place)
            yield question


def _fate(
    line: Line, old: Book, new: Book, standing: Mapping[str, list[Line]], rules: Rules, settings: Settings
) -> tuple[Fate, str, Question | None]:  # fmt: skip
    """The pupil's fate, the class that they go to, and what is to be decided about them."""
    code, name = line.text("pupil_id"), line.text("school_class")
    after = rules.after(old.grade(name), new.school_year) if name else None

    def named(why: str, key: str, **slots: str) -> tuple[Fate, str, Question]:
        return Fate.NAMED, "", Question(why, Weight.DECIDE, line.workbook, line.tab, line.cell(key), slots=slots)

    if not code:
        return named("no_code", "pupil_id")
    if code in old.doubled:
        return named("doubled_code", "pupil_id")
    rows = standing.get(code, [])
    here = [row for row in rows if not has_left(row, settings)]
    if len(here) == 1 and here[0].text("school_class"):
        return Fate.MOVED, here[0].text("school_class"), None
    if has_left(line, settings) or (rows and not here):
        return Fate.LEFT, "", None
    if after == LEAVES and not here:
        return Fate.GRADUATED, "", None
    if name and after is None:
        return Fate.NAMED, "", Question("unknown_grade", Weight.DECIDE, slots={"school_class": name})
    if here:  # without a class: that is asked where it can be mended
        return Fate.NAMED, "", None
    return named("not_carried", "pupil_id", school_class=name or "–")


# --- what is wrong in the new registry ------------------------------------------------------------------------------------


def _mistakes(new: Book) -> Iterator[Question]:
    """What intake refuses in the new registry: one question a row and kind."""
    seen = set()
    for issue in new.issues:
        row = re.sub(r"\D", "", issue.cell.split(":")[0])
        if issue.severity is Severity.ERROR and (issue.tab, row, issue.code) not in seen:
            seen.add((issue.tab, row, issue.code))
            yield Question(issue.code, Weight.FORBIDS, issue.workbook, issue.tab, issue.cell, issue.form, issue.slots)


def _misplaced(new: Book, settings: Settings) -> Iterator[Question]:
    """Pupils without a class, classes that stand in no list, and grades that are not those of their classes."""

    def at(line: Line, key: str, code: str, **slots: str) -> Question:
        return Question(code, Weight.FORBIDS, line.workbook, line.tab, line.cell(key), slots=slots)

    for line in new.lines[PUPILS]:
        name = line.text("school_class")
        if has_left(line, settings) or not (line.text("pupil_id") or line.text("full_name")):
            continue
        if "school_class" not in line.raw or not name:
            yield at(line, "school_class", "without_class")
        elif new.classes.get(name) is None:
            yield at(line, "school_class", "class_not_in_list", school_class=name)
    for line in new.lines[CLASSES]:
        name = line.text("school_class")
        if not name:
            continue
        grade, in_name = new.grade(name), name.split("-")[0]
        if in_name.isdigit() and grade != int(in_name):
            yield at(line, "grade", "grade_not_of_class", school_class=name, grade=str(grade))
        elif not settings.stage_of(new.school_year, grade):
            yield at(line, "grade", "grade_without_stage", school_class=name, grade=str(grade))


# --- what is worth a look ------------------------------------------------------------------------------------------------


def _about_classes(
    ways: Iterable[Way], other: Mapping[tuple[str, str], int], new: Book, rules: Rules, settings: Settings
) -> Iterator[Question]:  # fmt: skip
    sources: dict[str, Counter[str]] = {}
    for way in ways:
        for target, number in way.goes.items():
            if (way.school_class, target) not in other:
                sources.setdefault(target, Counter())[way.school_class] += number
        grade = way.school_class.split("-")[0]
        if grade.isdigit() and int(grade) in rules.may_leave and way.fates[Fate.MOVED]:
            slots = {"school_class": way.school_class, "pupils": str(way.fates[Fate.MOVED])}
            yield Question("may_leave", Weight.DECIDE, slots=slots)
    for target, classes in sources.items():
        if len(classes) > 1:
            told = ", ".join(f"{name}: {number}" for name, number in classes.items())
            yield Question("merged", Weight.DECIDE, slots={"school_class": target, "classes": told})
        for name in classes:
            if len(classes) == 1 and name.partition("-")[2] != target.partition("-")[2]:
                yield Question("other_letter", Weight.DECIDE, slots={"school_class": name, "target": target})
    for (name, target), number in other.items():
        yield Question("other_grade", Weight.DECIDE, slots={"school_class": name or "–", "target": target, "pupils": str(number)})
    lived_in = {line.text("school_class") for line in new.lines[PUPILS] if not has_left(line, settings)}
    for name, row in new.classes.items():
        if row is None:
            continue
        at = {"workbook": row.workbook, "tab": row.tab, "slots": {"school_class": name}}
        if name not in lived_in:
            yield Question("no_pupils_yet", Weight.ADVICE, cell=row.cell("school_class"), **at)  # type: ignore[arg-type]
        if not row.text("class_teacher_id"):
            yield Question("no_class_teacher", Weight.ADVICE, cell=row.cell("class_teacher_id"), **at)  # type: ignore[arg-type]
    yield from _open_loads(new, settings)
    if new.school_year not in settings.calendar:
        yield Question("no_calendar", Weight.ADVICE, slots={"year": new.school_year, "row": _calendar_row(new.school_year, settings)})


def _open_loads(new: Book, settings: Settings) -> Iterator[Question]:
    """Subjects that nobody teaches yet, class by class."""
    found: dict[str, list[Line]] = {}
    for line in new.lines[LOADS]:
        if not line.text("teacher_id") and line.text("subject"):
            found.setdefault(line.text("school_class"), []).append(line)
    for name, lines in found.items():
        first = lines[0]
        subjects = ", ".join(dict.fromkeys(settings.subjects[line.text("subject")].name.of(i18n.language()) for line in lines))
        slots = {"school_class": name, "subjects": subjects}
        yield Question("open_loads", Weight.ADVICE, first.workbook, first.tab, first.cell("teacher_id"), slots=slots)


def _calendar_row(school_year: str, settings: Settings) -> str:
    """The line to write into config/school.yaml, with the default dates."""
    rows = ", ".join(f'["{first}", "{last}"]' for first, last in settings.calendar["default"])
    return f"{school_year}: [{rows}]"

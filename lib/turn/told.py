"""What a turn says to people, in their language. No pupil is named: cells are, and whoever may open the registry sees who it is."""

from __future__ import annotations

from collections.abc import Iterator

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.provisioning import told
from lib.settings import GoogleFolder, Settings
from lib.turn.desk import moment
from lib.turn.making import Made
from lib.turn.prepared import Prepared, Source
from lib.turn.review import Fate, Question, Review, Way, Weight

COMMAND = "command"  # who confirmed it, where nobody signs in
MARKS = {Weight.FORBIDS: "▼", Weight.DECIDE: "●", Weight.ADVICE: "○"}
LISTED = 12  # classes in one sentence


def counts(found: Review) -> str:
    """The one line that says that nobody is lost."""
    return _(
        "Pupils of {year}: {pupils} = moved: {moved} + graduated: {graduated} + left: {left} + to decide: {named}",
        year=found.from_year, pupils=found.pupils, moved=found.fates[Fate.MOVED], graduated=found.fates[Fate.GRADUATED],
        left=found.fates[Fate.LEFT], named=found.fates[Fate.NAMED],
    )  # fmt: skip


def others(found: Review) -> str:
    """New pupils, staff and loads."""
    return _(
        "New pupils: {entered} · staff who go on: {on} · staff who left: {left} · lessons with a teacher: {kept} · open lessons: {open}",
        entered=found.entered, on=found.teachers_on, left=found.teachers_left, kept=found.loads_kept, open=found.loads_open,
    )  # fmt: skip


def becomes(way: Way) -> str:
    """What a class becomes: "8-А", "8-А: 12, 8-Б: 9", "graduates", or "–"."""
    if len(way.goes) == 1:
        return next(iter(way.goes))
    if way.goes:
        return ", ".join(f"{name}: {number}" for name, number in sorted(way.goes.items(), key=lambda item: i18n.class_key(item[0])))
    return _("graduates") if way.fates[Fate.GRADUATED] else "–"


def question(asked: Question, settings: Settings) -> str:
    """One question as a sentence, without its place."""
    if asked.form:
        return settings.issue_sentence(asked.code, asked.slots, asked.form, i18n.language())
    slots = dict(asked.slots)
    match asked.code:
        case "no_code":
            return _("The pupil has no code. Give one, the code stays for all years.")
        case "doubled_code":
            return _("The code stands in more than one row. Each pupil needs a code of their own.")
        case "not_carried":
            return _("The pupil of the class does not stand in the new registry: {school_class}", **slots)
        case "unknown_grade":
            return _("It is not said which grade follows (config/turn.yaml). Class: {school_class}", **slots)
        case "without_class":
            return _("The pupil has no class. Write the class of the new school year.")
        case "class_not_in_list":
            return _("The class does not stand in the list of classes: {school_class}", **slots)
        case "grade_not_of_class":
            return _("The grade is not that of the class. Class: {school_class}, grade: {grade}", **slots)
        case "grade_without_stage":
            return _("The school has no such grade in that year (stage_grades in config/school.yaml). Class: {school_class}", **slots)
        case "may_leave":
            return _("After this grade pupils may leave; all are proposed to go on. Class: {school_class}, pupils: {pupils}", **slots)
        case "merged":
            return _("One class out of several: {school_class} ({classes})", **slots)
        case "other_letter":
            return _("Another letter, since the name is taken: {school_class} → {target}", **slots)
        case "other_grade":
            return _("Not the grade that follows: {school_class} → {target}, pupils: {pupils}", **slots)
        case "no_pupils_yet":
            return _("No pupils yet: {school_class}. Its workbooks are made when they are enrolled: run the turn once more.", **slots)
        case "no_class_teacher":
            return _("No class teacher yet: {school_class}", **slots)
        case "open_loads":
            return _("Lessons without a teacher. Class: {school_class}: {subjects}", **slots)
        case "no_calendar":
            return _("The calendar of the school year is not written yet, the usual dates are taken: {year}", year=slots["year"])
    return asked.code


def to_type(asked: Question) -> str:
    """What is to be typed where, letter by letter, "" for questions that are mended otherwise."""
    return f"config/school.yaml, calendar: {asked.slots['row']}" if asked.code == "no_calendar" else ""


def source(prepared: Prepared) -> str:
    """Where the registry of the next year comes from."""
    match prepared.source:
        case Source.PROPOSED:
            return _("Registry of {year}: as proposed", year=wording.school_year(prepared.to_year))
        case Source.HANDED_IN:
            return _("Registry of {year}: as handed in", year=wording.school_year(prepared.to_year))
        case _:
            return _("Registry of {year}: stands in the school's folder", year=wording.school_year(prepared.to_year))


def standing(prepared: Prepared) -> str:
    """How far the turn is, "" before it was confirmed."""
    state = prepared.state
    if state is None:
        return ""
    by = _("command") if state.by == COMMAND else _whose(state.by, prepared.settings)
    slots = {"by": by, "moment": i18n.moment(moment(state.done_at or state.at))}
    return _("Carried out ({by}, {moment})", **slots) if state.done else _("Begun and not ended ({by}, {moment})", **slots)


def _whose(by: str, settings: Settings) -> str:
    """A person's name as it is; a role in words, where nobody signed in."""
    if by == "deputy":
        return settings.roles["dep_study"].of(i18n.language())
    return settings.roles[by].of(i18n.language()) if by in settings.roles else by


def freezing(prepared: Prepared) -> str:
    """Whether the old year is frozen, and from which day on it may be."""
    if prepared.frozen is not None:
        at = i18n.moment(moment(prepared.frozen.at))
        return _(
            "Frozen: {year} ({moment}, workbooks: {n})",
            year=wording.school_year(prepared.from_year),
            moment=at,
            n=len(prepared.frozen.workbooks),
        )
    day = prepared.rules.freezes_on(prepared.settings, prepared.from_year)
    return _("Open: {year}. It is frozen from {day} on.", year=wording.school_year(prepared.from_year), day=i18n.date(day))


def report(prepared: Prepared) -> Iterator[str]:
    """The whole report, for the command."""
    found = prepared.review
    yield _("From {old} to {new}", old=found.from_year, new=found.to_year)
    yield from filter(None, (source(prepared), standing(prepared), freezing(prepared)))
    yield ""
    for way in found.ways:
        moved, left, named = (way.fates[fate] for fate in (Fate.MOVED, Fate.LEFT, Fate.NAMED))
        yield f"  {way.school_class or '–':>5} → {becomes(way):<12} " + _(
            "moved: {moved}, left: {left}, to decide: {named}", moved=moved, left=left, named=named
        )
    yield ""
    for asked in found.questions:
        parts = (asked.place, question(asked, prepared.settings), to_type(asked))
        yield f"{MARKS[asked.weight]} " + ": ".join(filter(None, parts))
    yield others(found)


def made(done: Made, prepared: Prepared) -> Iterator[str]:
    """What a run did, and what comes next."""
    yield _("Workbooks made: {made}, already there: {there}", made=len(done.made), there=done.there)
    if done.waiting:
        yield _("Waiting for enrolment: {classes}", classes=", ".join(done.waiting[:LISTED]))
    if done.frozen is None:
        yield freezing(prepared)
    else:
        yield _("Frozen: {year}, workbooks: {n}", year=wording.school_year(prepared.from_year), n=len(done.frozen.year.workbooks))
        if done.frozen.going_on:
            yield _("They go on and stay open: {names}", names=", ".join(done.frozen.going_on))
        if done.frozen.mixed:
            yield _("They hold other school years, too, and stay open: {names}", names=", ".join(done.frozen.mixed))
        if done.frozen.unprotected is not None:
            why = told.problem(done.frozen.unprotected, prepared.settings)
            yield _("Google did not protect the spreadsheets, the figures stay all the same. {why}", why=why)
    if isinstance(prepared.place, GoogleFolder):
        yield _(
            "Share the folder of {year} with the teachers, and the restricted one with those who may see it.",
            year=wording.school_year(prepared.to_year),
        )

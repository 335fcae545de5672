"""What somebody asks for: which document, about what, of when. Checked against the snapshot before anything is drafted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from lib import i18n, wording
from lib.access import Place
from lib.documents.basis import Basis
from lib.documents.phrases import TAKEN, Kind, Phrases
from lib.i18n import gettext as _
from lib.model.calendar import HALF_YEARS, QUARTERS, YEAR
from lib.settings import UserError

PERIODS = (*QUARTERS, *HALF_YEARS, YEAR)
NARROWED = {"direction", "school_class"}  # the one pair of arguments that go together
_HALF = 0.5  # how alike two words must be for one to be offered for the other


@dataclass(frozen=True, slots=True)
class Request:
    """A document that can be drawn up: everything in it exists and may be seen. `period` is "" where the kind has none. A `direction`
    beside a `school_class` narrows the class's document to that direction.

    `pupil` is the code of a pupil in the register; it is shown nowhere, also not in what this prints as.
    """

    kind: str
    school_year: str
    period: str = ""
    direction: str = ""
    school_class: str = ""
    subject: str = ""
    association: str = ""
    pupil: str = field(default="", repr=False)

    @property
    def about(self) -> tuple[str, str]:
        """What it is about, as (name of the argument, value); ("", "") for the school."""
        if self.school_class:
            return "school_class", self.school_class
        return next(((name, value) for name in TAKEN if (value := str(getattr(self, name)))), ("", ""))

    @property
    def file(self) -> str:
        """A file name without ending: kind, what it is about (never a pupil), year and period."""
        name, value = self.about
        narrowed = self.direction if name != "direction" else ""
        parts = (self.kind, "" if name == "pupil" else value, narrowed, self.school_year, self.period)
        return "_".join(part for part in parts if part)


def option(name: str) -> str:
    """An argument as the command line spells it."""
    return "--" + name.replace("_", "-")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like the one that was written; "" when none is."""
    by_key = {i18n.match_key(name): name for name in known}
    found = get_close_matches(i18n.match_key(word), list(by_key), 1, _HALF)
    return by_key[found[0]] if found else ""


def ask(basis: Basis, phrases: Phrases, kind: str, **given: str) -> Request:
    """The request for a document. `given`: school_year, period (default: the newest that has figures), and what it is about.

    Subjects and associations may be given by code or by name, classes in any spelling. UserError says what is wrong, what is expected and
    what comes nearest; also where the viewer may not have the document.
    """
    if kind not in phrases.kinds:
        raise _unknown(_("document"), kind, phrases.kinds)
    asked = phrases.kinds[kind]
    given = {name: value.strip() for name, value in given.items() if value and value.strip()}
    about = _taken(asked, given)
    school_year = _school_year(basis, given.get("school_year", ""))
    period = _period(basis, asked, given.get("period", ""))
    read = {name: _READ[name](basis, school_year, value) for name, value in about.items()}
    request = Request(kind, school_year, period, **read)
    if not allowed(basis, asked, request):
        raise UserError(_("This document is not among those of your role, or speaks of what is not yours."))
    return request


def kinds_of(basis: Basis, phrases: Phrases) -> list[Kind]:
    """The kinds that the viewer's roles may draw up."""
    return [kind for kind in phrases.kinds.values() if basis.eyes.all_seen or kind.roles & basis.eyes.roles]


def allowed(basis: Basis, kind: Kind, request: Request) -> bool:
    """Whether the viewer may have that document. Who sees the whole school may have all; others what their roles draw up of their own."""
    eyes = basis.eyes
    if eyes.all_seen:
        return True
    if not kind.roles & eyes.roles:
        return False
    match request.about:
        case "school_class", name:
            return eyes.sees_class(Place(request.school_year, school_class=name))
        case "association", name:
            return name in basis.associations(request.school_year)
        case "pupil", code:
            return _pupils_class(basis, request.school_year, code) is not None
        case _:
            return False


def members(basis: Basis, kind: Kind, name: str, school_year: str) -> tuple[str, ...]:
    """Everything that a document of the kind may be about, of one sort (`name` of its `takes`); pupils are asked of `pupils_of`."""
    match name:
        case "direction":
            return tuple(basis.loaded.directions)
        case "school_class":
            return basis.classes(school_year)
        case "subject":
            return basis.subjects(school_year)
        case "association":
            return basis.associations(school_year)
        case _:
            return ()


# --- the arguments -------------------------------------------------------------------------------------------------------


def _taken(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    about = {name: value for name, value in given.items() if name in TAKEN}
    wrong = [option(name) for name in about if name not in kind.takes]
    expected = " | ".join(map(option, kind.takes)) or "–"
    if wrong:
        raise UserError(_("{kind} does not take {seen}; it takes: {expected}", kind=kind.id, seen=", ".join(wrong), expected=expected))
    if kind.takes and len(about) != 1 and about.keys() != NARROWED:
        seen = ", ".join(map(option, about)) or "–"
        raise UserError(_("{kind} needs exactly one of: {expected}; given: {seen}", kind=kind.id, expected=expected, seen=seen))
    return about


def _school_year(basis: Basis, school_year: str) -> str:
    years = basis.roll.school_years
    if not years:
        raise UserError(_("The snapshot knows no school year yet: fill the registry and collect."))
    if school_year and school_year not in years:
        raise _unknown("--school-year", school_year, years)
    return school_year or basis.roll.newest


def _period(basis: Basis, kind: Kind, period: str) -> str:
    known = [name for name in PERIODS if name[0] in kind.periods]
    if period and period not in known:
        if not known:
            raise UserError(_("{kind} takes no --period: it speaks of the school year", kind=kind.id))
        raise _unknown("--period", period, known)
    if period or not known:
        return period
    return basis.roll.quarter if "Q" in kind.periods else known[-1]


def _direction(basis: Basis, _school_year: str, value: str) -> str:
    words = {d.id: d.id for d in basis.loaded.directions.values()} | {d.slug: d.id for d in basis.loaded.directions.values()}
    found = {i18n.match_key(word): name for word, name in words.items()}.get(i18n.match_key(value))
    if found is None:
        raise _unknown("--direction", value, basis.loaded.directions)
    return found


def _school_class(basis: Basis, school_year: str, value: str) -> str:
    known = basis.classes(school_year)
    found = {i18n.match_key(name): name for name in known}.get(i18n.match_key(value))
    if found is None:
        raise _unknown("--school-class", value, known)
    return found


def _subject(basis: Basis, school_year: str, value: str) -> str:
    found = basis.loaded.subject_keys.get(i18n.match_key(value))
    if found is None or found not in basis.subjects(school_year):
        raise _unknown("--subject", value, basis.subjects(school_year), lambda code: wording.subject(basis.loaded, code))
    return found


def _association(basis: Basis, school_year: str, value: str) -> str:
    found = basis.loaded.association_keys.get(i18n.match_key(value))
    if found is None or found not in basis.associations(school_year):
        raise _unknown("--association", value, basis.associations(school_year), lambda key: wording.association(basis.loaded, key))
    return found


def _pupil(basis: Basis, school_year: str, value: str) -> str:
    if _pupils_class(basis, school_year, value) is None:
        # neither the code nor a name: what is said here may stand in a log
        raise UserError(_("--pupil: nobody with this code studies here now. Codes stand in the register of pupils (R1)."))
    return value


def _pupils_class(basis: Basis, school_year: str, pupil: str) -> str | None:
    """The class of a pupil who studies here now and may be seen."""
    return basis.pupils_class(pupil) if school_year == basis.pupils_year else None


_READ = {"direction": _direction, "school_class": _school_class, "subject": _subject, "association": _association, "pupil": _pupil}


def _unknown(where: str, seen: str, known: Iterable[str], name: Callable[[str], str] | None = None) -> UserError:
    names = list(known)
    near = nearest(seen, names)
    told = [f"{key} ({name(key)})" if name is not None else key for key in names]
    hint = f" {_('Nearest: {near}.', near=near)}" if near else ""
    expected = ", ".join(told[:40]) or "–"
    return UserError(_("{where}: “{seen}” was seen; expected one of: {expected}.", where=where, seen=seen[:60], expected=expected) + hint)

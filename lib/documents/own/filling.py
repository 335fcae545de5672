"""Templates filled for a group and a period: what a person asked for becomes a purpose, one file, or a set for all classes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePath

from lib import i18n, wording
from lib.documents.basis import Basis
from lib.documents.own.answers import Answers, Purpose
from lib.documents.own.template import Looked, Template
from lib.documents.own.words import PlaceholderWords
from lib.documents.phrases import Phrases
from lib.documents.request import PERIODS, nearest, option
from lib.i18n import gettext as _
from lib.settings import UserError

PLACES = ("school_class", "grade", "subject", "association")
Progress = Callable[[int, int, str], None]


def purpose(basis: Basis, about: Mapping[str, str]) -> Purpose:
    """What a template is filled for, from words that a person typed (school_year, period and PLACES). UserError names the nearest right."""
    given = {name: value.strip() for name, value in about.items() if value and value.strip()}
    years = basis.roll.school_years
    if not years:
        raise UserError(_("The snapshot knows no school year yet: fill the registry and collect."))
    year = _one_of("school_year", given.get("school_year", ""), {name: name for name in years}) or basis.roll.newest
    period = _one_of("period", given.get("period", ""), {name: name for name in PERIODS}) or basis.roll.quarter
    known: dict[str, dict[str, str]] = {
        "school_class": {name: name for name in basis.classes(year)},
        "grade": {word: grade for grade in basis.roll.grades(year) for word in (grade, wording.grade(grade))},
        "subject": {word: code for code in basis.subjects(year) for word in (code, wording.subject(basis.loaded, code))},
        "association": {word: key for key in basis.loaded.associations for word in (key, wording.association(basis.loaded, key))},
    }
    names = {"association": "method_association"}
    scope = {names.get(name, name): _one_of(name, given[name], known[name]) for name in PLACES if name in given}
    return Purpose(year, period, scope)


def _one_of(name: str, value: str, known: Mapping[str, str]) -> str:
    by_key = {i18n.match_key(word): found for word, found in known.items()}
    if not value or (key := i18n.match_key(value)) in by_key:
        return by_key[key] if value else ""
    near = nearest(value, known)
    hint = f" {_('Nearest: {near}.', near=near)}" if near else ""
    expected = ", ".join(dict.fromkeys(known.values())) or "–"
    told = _("{where}: “{seen}” was seen; expected one of: {expected}.", where=option(name), seen=value[:60], expected=expected)
    raise UserError(told + hint)


def fill(basis: Basis, phrases: Phrases, words: PlaceholderWords, template: Template, wanted: Purpose) -> Looked:
    """The template with its values, in the current language."""
    return template.looked_through(Answers(basis, phrases, words, wanted))


def archive_of_classes(
    basis: Basis, phrases: Phrases, words: PlaceholderWords, template: Template, wanted: Purpose, progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> bytes | None:  # fmt: skip
    """The template filled for each class that may be seen, as a .zip; None when it was stopped. UserError when a placeholder is wrong for
    one of the classes: nothing is made then."""
    classes = basis.classes(wanted.school_year)
    if not classes:
        raise UserError(_("There is nothing that this set could be made of."))
    made = io.BytesIO()
    progress(0, len(classes), "")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for done, name in enumerate(classes, 1):
            own = Purpose(wanted.school_year, wanted.period, {"school_class": name})
            looked = fill(basis, phrases, words, template, own)
            looked.check()
            entry = zipfile.ZipInfo(own.file(template.name) + template.kind, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            packed.writestr(entry, looked.content)
            progress(done, len(classes), PurePath(entry.filename).name)
            if stopped():
                return None
    return made.getvalue()

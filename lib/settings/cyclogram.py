"""The yearly plan of monitoring, config/cyclogram.yaml, and the words of its cells, config/cyclogram_words.yaml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib.i18n import match_key
from lib.model.calendar import MONTHS, QUARTERS, SchoolYear
from lib.model.words import Words
from lib.settings.document import read

_ROOT = Path(__file__).resolve().parent.parent.parent
_DAY = dt.date(2025, 9, 1)  # any day: only the spelling of the rules is tried


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One row of the cyclogram. `form`: continuous | periodic; `due`: a rule of lib.model.calendar.SchoolYear.resolve."""

    id: str
    object: Words
    directions: tuple[str, ...]
    form: str
    method: str
    responsible: str
    document: str
    indicators: tuple[str, ...]
    due: str


def read_cyclogram(config: Path = _ROOT / "config") -> list[PlanItem]:
    """All rows of config/cyclogram.yaml; UserError names file, line and key of what is wrong."""
    document = read(config / "cyclogram.yaml")
    items = []
    for row in document.entries("rows"):
        item = PlanItem(
            id=row.take("id"),
            object=row.words("object"),
            directions=row.texts("directions"),
            form=row.one_of("form", ("continuous", "periodic")),
            method=row.take("method"),
            responsible=row.take("responsible"),
            document=row.take("document"),
            indicators=row.texts("indicators"),
            due=row.take("due"),
        )
        try:
            SchoolYear("2025-2026", ((_DAY, _DAY),) * 4).resolve(item.due, "M09" if item.due.startswith("month") else "Q1")
        except ValueError as error:
            row.fail("due", str(error))
        row.done()
        items.append(item)
    document.done()
    return items


def plan_of(items: list[PlanItem], year: SchoolYear) -> list[PlanItem]:
    """The plan of one school year: rows due each month or quarter stand once for each ("C14-09", "C47-Q1"), each with a rule of its own."""
    plan = []
    for item in items:
        if item.due.startswith("month"):
            for month in MONTHS:
                due = year.resolve(item.due, month)
                plan.append(replace(item, id=f"{item.id}-{month[1:]}", due=f"{due:%m-%d}"))
        elif item.due.startswith("Qn"):
            plan += [replace(item, id=f"{item.id}-{quarter}", due=quarter + item.due[2:]) for quarter in QUARTERS]
        else:
            plan.append(item)
    return sorted(plan, key=lambda item: (year.resolve(item.due), item.id))


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who is meant by a word of the plan's column of responsible people: `roles` are keys of config/subjects.yaml."""

    key: str
    roles: tuple[str, ...]
    name: Words


@dataclass(frozen=True)
class PlanWords:
    """config/cyclogram_words.yaml. All mappings are asked by match_key of what was typed."""

    responsible: Mapping[str, Responsible]
    phrases: Mapping[str, Words]
    associations: Mapping[str, Words] = field(default_factory=dict)

    def phrase(self, text: str, language: str) -> str:
        """A cell of methods or documents in another language: each piece between commas that is known, the others as they were typed."""
        return _said_in(text, self.phrases, language)

    def responsible_in(self, text: str, language: str) -> str:
        """A cell of responsible people in another language, likewise."""
        return _said_in(text, {**self.associations, **{key: about.name for key, about in self.responsible.items()}}, language)


def read_plan_words(roles: Mapping[str, Words], associations: Mapping[str, Words], config: Path = _ROOT / "config") -> PlanWords:
    """The words of the plan's cells; `roles` and `associations` are those of Settings. UserError names the line that is wrong."""
    document = read(config / "cyclogram_words.yaml")
    people: dict[str, Responsible] = {}
    section = document.entry("responsible")
    for key in section.names():
        entry = section.entry(key)
        named = entry.texts("roles", (key,))
        for role in named:
            if role not in roles:
                section.fail(key, f"no such role: {role!r}; expected some of {', '.join(roles)}")
        found = Responsible(key, named, entry.words("name"))
        own = roles.get(key, Words(""))
        for text in (key, *_said(found.name), *_said(own), *entry.texts("spellings", ())):
            people.setdefault(match_key(text), found)
        entry.done()
    phrases: dict[str, Words] = {}
    for row in document.entries("phrases"):
        words = Words(row.take("ky"), row.take("ru"), row.take("en"))
        for text in _said(words):
            phrases.setdefault(match_key(text), words)
        row.done()
    document.done()
    return PlanWords(people, phrases, {match_key(text): words for words in associations.values() for text in _said(words)})


def _said_in(text: str, known: Mapping[str, Words], language: str) -> str:
    if (whole := match_key(text)) in known:  # a name may hold a comma itself
        return known[whole].of(language)
    pieces = (piece.strip() for piece in text.split(","))
    return ", ".join(known[key].of(language) if (key := match_key(piece)) in known else piece for piece in pieces if piece)


def _said(words: Words) -> tuple[str, ...]:
    return tuple(text for text in (words.ky, words.ru, words.en) if text)

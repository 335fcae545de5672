"""What the invented school is made of: config/demo/*.yaml, and chance that comes out the same for the same seed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lib.settings import ROOT, Settings
from lib.settings.document import read

T = TypeVar("T")

_NAMES = (
    "boys", "girls", "surnames", "fathers", "patronymic", "lineage", "class_letters", "look_alikes", "other_signs", "plain_letters",
)  # fmt: skip
_CURRICULUM = (
    "hours", "class_teacher", "specialties", "ease", "attestation_9", "attestation_11", "national_tests", "national_assessment", "district",
    "administrative", "quarterly", "olympiad",
)  # fmt: skip
_WORDS = (
    "school_name", "skills", "survey_items", "reasons", "measures", "dismissed", "technologies", "visit_comments", "contests",
    "open_lessons",
    "self_study", "gifted_areas", "olympiad_title", "research_titles", "creative_titles", "sport_titles", "innovation_titles",
    "innovation_expected", "talks", "articles", "cabinets", "equipment", "clubs", "events", "pupils_events", "class_hours",
    "parent_meeting",
    "parliament_roles", "council_roles", "organisation_roles", "support_categories", "incident_kinds", "injury_places", "act",
    "certificate",
    "safety", "late_note", "visit_plan", "findings", "effects", "expert_comments", "audits", "damage",
)  # fmt: skip


@dataclass(frozen=True)
class Material:
    """The three files of config/demo as plain values: invented names, the curriculum, and words."""

    names: Mapping[str, Any]
    curriculum: Mapping[str, Any]
    words: Mapping[str, Any]


def read_material(folder: Path = ROOT / "config" / "demo") -> Material:
    """Read config/demo; a missing or unknown key is a UserError with file and line."""

    def whole(name: str, keys: Sequence[str]) -> dict[str, Any]:
        document = read(folder / name)
        found = {key: document.take(key, object) for key in keys}
        document.done()
        return found

    return Material(whole("names.yaml", _NAMES), whole("curriculum.yaml", _CURRICULUM), whole("words.yaml", _WORDS))


class Dice:
    """Chance that depends on the seed and on what it decides alone, never on the order in which things are decided."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, *what: object) -> np.random.Generator:
        """The generator of one decision, such as of("F05", "2025-2026", "7-A")."""
        return np.random.default_rng([self.seed, zlib.crc32("|".join(map(str, what)).encode())])


def pick(rng: np.random.Generator, things: Sequence[T]) -> T:
    """One of the things."""
    return things[int(rng.integers(len(things)))]


def some(rng: np.random.Generator, things: Sequence[T], number: int) -> list[T]:
    """`number` different things (all of them when there are fewer), in their own order."""
    number = min(number, len(things))
    return [things[int(place)] for place in sorted(rng.choice(len(things), number, replace=False))] if number else []


class Answers:
    """The answers of the forms' closed lists, asked for by their English words, so that no form's Kyrgyz word stands in the code."""

    def __init__(self, settings: Settings) -> None:
        self._keys = {
            (form.id, column.key, choice.words.en): choice.key
            for form in settings.forms.values()
            for column in form.columns
            for choice in column.choices
        }

    def __call__(self, form: str, column: str, *english: str) -> str:
        """The stored answer of a form's column; several English words are tried in turn. KeyError when the list has none of them."""
        for word in english:
            if (form, column, word) in self._keys:
                return self._keys[form, column, word]
        raise KeyError(
            f"{form}.{column} has no answer {' / '.join(english)}; it has {[k[2] for k in self._keys if k[:2] == (form, column)]}"
        )

    def all(self, form: str, column: str) -> list[str]:
        """All answers of a form's column in their order."""
        return [key for (f, c, _), key in self._keys.items() if (f, c) == (form, column)]

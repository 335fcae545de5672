"""The words of placeholders, config/own_templates.yaml: figures, fields, periods, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lib.model.words import Words
from lib.settings import ROOT
from lib.settings.document import Entry, read

FILE = ROOT / "config" / "own_templates.yaml"
FIGURES = ("value", "n", "change", "target", "state", "name")
FIELDS = (
    "school_name", "period", "school_year", "group", "date", "snapshot", "pupils", "classes", "director", "class_teacher",
)  # fmt: skip
PERIODS = ("Q1", "Q2", "Q3", "Q4", "H1", "H2", "Y")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of placeholders: how it may be written beside its key, and what it stands for."""

    key: str
    spelt: Words
    about: Words


@dataclass(frozen=True)
class PlaceholderWords:
    """All of config/own_templates.yaml."""

    folder: str
    figures: Mapping[str, Word]
    fields: Mapping[str, Word]
    periods: Mapping[str, Words]
    whole: Words
    grade: Words


def load(file: Path = FILE) -> PlaceholderWords:
    """The words as they are on disk now. UserError names the line that is wrong."""
    return _load(file, file.stat().st_mtime_ns if file.exists() else 0)


@lru_cache(maxsize=4)
def _load(file: Path, _stamp: int) -> PlaceholderWords:
    document = read(file)
    periods = document.entry("periods")
    found = PlaceholderWords(
        folder=document.take("folder", str),
        figures=_words(document.entry("figures"), FIGURES),
        fields=_words(document.entry("fields"), FIELDS),
        periods={name: periods.words(name) for name in PERIODS},
        whole=document.words("whole"),
        grade=document.words("grade"),
    )
    periods.done()
    document.done()
    return found


def _words(entry: Entry, names: tuple[str, ...]) -> dict[str, Word]:
    found = {}
    for name in names:
        row = entry.entry(name)
        found[name] = Word(name, Words(row.take("ky"), row.take("ru"), row.take("en")), row.words("about"))
        row.done()
    entry.done()
    return found

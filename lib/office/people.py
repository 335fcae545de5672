"""The school's people as the office needs them: who answers for what, and under which address they are reached."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from lib.i18n import ky_key, match_key
from lib.settings import Settings
from lib.settings.cyclogram import PlanWords
from lib.snapshot import Snapshot

_PIECES = re.compile(r"[,;\n]")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the staff who works now (a row of R2S). `roles` are keys of config/subjects.yaml."""

    code: str
    name: str
    email: str = ""
    roles: tuple[str, ...] = ()
    association: str = ""


@dataclass(frozen=True, slots=True)
class Answering:
    """Who is named in a row's cell of responsible people: keys of `PlanWords.responsible`, associations, codes of colleagues, and the
    pieces that are none of these, as they were typed."""

    parties: tuple[str, ...] = ()
    associations: tuple[str, ...] = ()
    colleagues: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staff:
    """The colleagues of one school year, by code, in the order of the Kyrgyz alphabet."""

    colleagues: Mapping[str, Colleague]
    words: PlanWords
    association_keys: Mapping[str, str] = field(default_factory=dict)

    def named(self, code: str) -> str:
        """The name of a colleague, the code where nobody is known by it."""
        return self.colleagues[code].name if code in self.colleagues else code

    def read(self, text: str) -> Answering:
        """Who is named in a cell such as "medic, class teachers", "Mathematics" or "T012"."""
        found: dict[str, list[str]] = {"parties": [], "associations": [], "colleagues": [], "others": []}
        for piece in filter(None, (part.strip() for part in _PIECES.split(text))):
            key = match_key(piece)
            if key in self.words.responsible:
                found["parties"].append(self.words.responsible[key].key)
            elif key in self.association_keys:
                found["associations"].append(self.association_keys[key])
            elif code := self._codes.get(key, ""):
                found["colleagues"].append(code)
            else:
                found["others"].append(piece)
        return Answering(*(tuple(dict.fromkeys(values)) for values in found.values()))

    def answering(self, said: Answering) -> list[Colleague]:
        """The people who answer: all who have one of the roles, the heads of the associations, and those named themselves."""
        roles = {role for party in said.parties for role in self._parties[party]}
        return [
            person
            for person in self.colleagues.values()
            if person.code in said.colleagues
            or roles.intersection(person.roles)
            or (person.association in said.associations and "mo_head" in person.roles)
        ]

    @property
    def _parties(self) -> dict[str, tuple[str, ...]]:
        return {about.key: about.roles for about in self.words.responsible.values()}

    @property
    def _codes(self) -> dict[str, str]:
        return {match_key(text): person.code for person in self.colleagues.values() for text in (person.code, person.name) if text}


def staff_of(snapshot: Snapshot, settings: Settings, school_year: str, words: PlanWords) -> Staff:
    """The staff of a school year as the registry of the snapshot knows it."""
    keys = {match_key(text): key for key, name in settings.roles.items() for text in (key, name.ky, name.ru, name.en) if text}
    found = [_colleague(row, keys) for row in _rows(snapshot, school_year) if row["teacher_id"] and row["active"] is not False]
    people = {person.code: person for person in sorted(found, key=lambda person: (ky_key(person.name), person.code))}
    return Staff(people, words, settings.association_keys)


def _rows(snapshot: Snapshot, school_year: str) -> list[dict]:
    table: pa.Table = snapshot.records("R2S")
    return table.filter(pc.equal(table["school_year"].cast(pa.string()), school_year)).to_pylist()


def _colleague(row: Mapping[str, object], keys: Mapping[str, str]) -> Colleague:
    said = row["roles"] if isinstance(row["roles"], Sequence) and not isinstance(row["roles"], str) else ()
    return Colleague(
        code=str(row["teacher_id"]),
        name=str(row["full_name"] or row["teacher_id"]),
        email=str(row["email"] or ""),
        roles=_known(said, keys),
        association=str(row["mo"] or ""),
    )


def _known(said: Iterable[object], keys: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys[key] for word in said if (key := match_key(str(word))) in keys))

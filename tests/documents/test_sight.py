"""A document holds nothing that its reader may not see: not in words, not in pictures, not in what a file says of itself."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest

from lib.access import Person, Place, Role, Sight, Viewer, load, read_staff
from lib.documents.basis import Holdings
from lib.documents.document import Document, Picture, Table
from lib.documents.request import ask, kinds_of, members
from lib.settings import UserError
from tests.documents.conftest import Press, pdf_pages, press_for

pytestmark = pytest.mark.slow
PAGE = "learning_outcomes"
POISON = 0.123456


def sight(holdings: Holdings, person: Person, *roles: Role) -> Sight:
    staff = read_staff(holdings.snapshot, holdings.loaded, load())
    return Sight.of(load(), Viewer(person, frozenset(roles)), PAGE, holdings.loaded, staff, holdings.roll.classes, holdings.roll.taught)


def people(holdings: Holdings) -> Iterator[tuple[Role, Person]]:
    """The first colleague of each role that is not the administration's."""
    staff = read_staff(holdings.snapshot, holdings.loaded, load())
    for role in Role:
        if role not in (Role.DIRECTOR, Role.DEPUTY, Role.PUBLIC, Role.FAMILY) and (found := staff.with_role(role)):
            yield role, next((person for person in found if person.association == "math"), found[0])


def everything(press: Press, kind: str) -> Iterator[dict[str, str]]:
    """What a document of a kind may be asked about at all, the whole school's lists; pupils of each class."""
    whole = press_for(press.basis.holdings).basis
    year = whole.roll.school_years[-1]
    if not press.words.kinds[kind].takes:
        yield {}
    for name in press.words.kinds[kind].takes:
        if name == "pupil":
            yield from ({"pupil": whole.members(school_class)[0].pupil} for school_class in whole.classes(year))
        else:
            yield from ({name: value} for value in members(whole, press.words.kinds[kind], name, year))


def granted(press: Press) -> list[tuple[str, dict[str, str]]]:
    """Every document that the reader is given when all are asked for."""
    found = []
    for kind in press.words.kinds:
        for about in everything(press, kind):
            try:
                ask(press.basis, press.words, kind, **about)
            except UserError:
                continue
            found.append((kind, about))
    return found


def traces(press: Press, kind: str, about: dict[str, str]) -> str:
    """All that can be read in both files: text, metadata, alternative texts, the data of pictures and of their charts."""
    document = press.draft(kind, about, "ky")
    content = press.file(kind, about, "ky", "docx")
    parts = zipfile.ZipFile(io.BytesIO(content))
    told = [parts.read(name).decode("utf-8") for name in parts.namelist() if name.endswith((".xml", ".rels"))]
    told += [re.sub(r"<[^>]+>", "", text) for text in told]
    pdf = press.file(kind, about, "ky", "pdf")
    told += [*pdf_pages(pdf), pdf.decode("latin-1")]
    told += [json.dumps(p.chart.to_dict(), ensure_ascii=False, default=str) + p.alt + p.caption for p in pictures(document)]
    return "\n".join(told)


def pictures(document: Document) -> Iterator[Picture]:
    yield from (block for block in document.every if isinstance(block, Picture))


def chunks(png: bytes) -> set[bytes]:
    found, place = set(), 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        found.add(png[place + 4 : place + 8])
        place += 12 + length
    return found


def poisoned(holdings: Holdings, eyes: Sight) -> Holdings:
    """The same holdings with other figures wherever the reader may not look."""
    table = holdings.values.copy()
    all_indicators = holdings.loaded.all_indicators
    hidden = np.zeros(len(table), dtype=bool)
    names = ["stage", "grade", "school_class", "subject", "method_association", "teacher"]
    for place, (code, year, *dims) in enumerate(table[["indicator", "school_year", *names]].astype(str).itertuples(index=False, name=None)):
        # what tells of the whole school is made of all classes: only the classes' own rows are poisoned
        hidden[place] = bool(dims[2]) and not eyes.sees(all_indicators[code], Place(year, **dict(zip(names, dims, strict=True))))
    assert hidden.any()
    there = hidden & table["value"].notna().to_numpy()
    table.loc[there, ["value", "numerator", "denominator"]] = [POISON, POISON, 997.0]
    return Holdings(holdings.snapshot, holdings.loaded, holdings.roll, table, holdings.completeness)


# --- who is given what ----------------------------------------------------------------------------------------------------


def test_the_administration_may_have_every_document(press: Press):
    assert {kind for kind, _about in granted(press)} == set(press.words.kinds)


def test_others_are_given_their_own_documents_and_no_other(holdings: Holdings):
    seen = set()
    for role, person in people(holdings):
        press = press_for(holdings, sight(holdings, person, role))
        found = granted(press)
        assert {kind for kind, _ in found} <= {kind.id for kind in kinds_of(press.basis, press.words)}
        for kind, about in found:
            match kind, role:
                case "class", Role.CLASS_HEAD:
                    assert about["school_class"] in person.classes
                case "pupil", Role.CLASS_HEAD:
                    assert press.basis.pupils_class(about["pupil"]) in person.classes
                case "association", Role.MO_HEAD:
                    assert about["association"] == person.association
                case _:
                    raise AssertionError(f"{role} was given {kind}")
            seen.add(kind)
    assert seen == {"class", "pupil", "association"}


# --- canaries -------------------------------------------------------------------------------------------------------------


def _readers(holdings: Holdings) -> Iterator[tuple[Role, Person, Press, list[tuple[str, dict[str, str]]]]]:
    for role, person in people(holdings):
        press = press_for(holdings, sight(holdings, person, role))
        if found := granted(press):
            yield role, person, press, found


def test_no_foreign_class_pupil_or_teacher_is_named(holdings: Holdings):
    records = holdings.snapshot.records("R1").to_pandas()
    staff = holdings.snapshot.records("R2S").to_pandas()
    year = holdings.roll.school_years[-1]
    checked = 0
    for role, person, press, found in _readers(holdings):
        for kind, about in found:
            text = traces(press, kind, about)
            classes = {name for name, _, _ in holdings.roll.classes[year]}
            foreign = classes - set(press.basis.classes(year))
            if kind == "association":
                foreign -= set(press.basis.classes_of(year, person.association))
                own_subjects = set(press.basis.subjects(year, person.association))
                places = [dict(told.scope) for told in press.draft(kind, about, "ky").told()]
                assert all(place["subject"] in own_subjects for place in places if "school_class" in place or "subject" in place)
            # "7-А" was 6-А a year ago; a name is foreign where it stands alone
            assert not [name for name in foreign if re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", text)], (role, kind)
            own = about.get("pupil", "")
            pupils = records[records["pupil_id"] != own]
            assert not [name for name in pupils["full_name"].dropna().unique() if name in text], (role, kind)
            assert not [code for code in records["pupil_id"].dropna().unique() if code in text], (role, kind, "codes")
            head = press.basis.class_teacher(next(iter(person.classes), ""), year)
            allowed = {person.name, head, *press.basis.staff("director", year), *press.basis.staff("dep_study", year)}
            responsible = {
                press.basis.person(d.responsible) for d in press.basis.decisions(year, press.basis.roll.quarter, person.association)
            }
            others = set(staff["full_name"].dropna()) - allowed - responsible
            assert not [name for name in others if name in text], (role, kind)
            checked += 1
    assert checked == 3, "a class page, a pupil's, an association's minutes"


def test_the_head_of_an_association_gets_its_minutes_whole(holdings: Holdings, press: Press):
    """All that the director's hold of the association's own subjects, and the same n; not an empty table or an n of 0."""
    person = next(person for role, person in people(holdings) if role is Role.MO_HEAD)
    own = press_for(holdings, sight(holdings, person, Role.MO_HEAD))
    about = {"association": "math"}
    document, whole = own.draft("association", about, "ru"), press.draft("association", about, "ru")
    assert document.footer == whole.footer and "(n): 0" not in document.footer
    titles = [block.title for block in whole.blocks if isinstance(block, Table)]
    assert [block.title for block in document.blocks if isinstance(block, Table)] == titles and len(titles) >= 2
    assert set(document.told()) == set(whole.told())


def test_what_may_not_be_seen_changes_no_byte(holdings: Holdings):
    """The strongest canary: with other figures in every class that the reader may not see, class and pupil pages stay the same files."""
    checked = 0
    for _role, _person, press, found in _readers(holdings):
        other = press_for(poisoned(holdings, press.basis.eyes), press.basis.eyes)
        for kind, about in found:
            if kind == "association":
                continue
            for ending in ("docx", "pdf"):
                assert press.file(kind, about, "ky", ending) == other.file(kind, about, "ky", ending), (kind, ending)
            checked += 1
    assert checked


def test_the_poison_would_be_seen(holdings: Holdings, press: Press):
    """The oracle of the test before: a reader of everything gets another file."""
    _role, person = next((r, p) for r, p in people(holdings) if r is Role.CLASS_HEAD)
    other = press_for(poisoned(holdings, sight(holdings, person, Role.CLASS_HEAD)))
    foreign = next(c for c in press.basis.classes(press.basis.roll.school_years[-1]) if c not in person.classes)
    about = {"school_class": foreign}
    assert press.file("class", about, "ky", "pdf") != other.file("class", about, "ky", "pdf")


def test_pictures_hold_nothing_but_the_drawing(press: Press):
    document = press.draft("quarter", {}, "ky")
    assert len(list(pictures(document))) >= 3
    for picture in pictures(document):
        assert chunks(picture.png) <= {b"IHDR", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA"}, "no chart's data rides in the file"


def test_the_files_properties_name_no_pupil(press: Press):
    member = press.basis.members("7-А")[0]
    about = {"pupil": member.pupil}
    parts = zipfile.ZipFile(io.BytesIO(press.file("pupil", about, "ky", "docx")))
    core = parts.read("docProps/core.xml").decode()
    pdf = press.file("pupil", about, "ky", "pdf")
    document = press.draft("pupil", about, "ky")
    for secret in (member.name, member.pupil):
        assert secret not in core and secret not in document.file and secret.encode() not in pdf
        assert secret.encode("utf-16-be") not in pdf and secret.encode("utf-16-be").hex().upper().encode() not in pdf.upper()
    request = ask(press.basis, press.words, "pupil", pupil=member.pupil)
    assert member.pupil not in repr(request) and member.pupil not in request.file

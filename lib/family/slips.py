"""The slips of a class in one PDF: for each family a QR and the code that it holds. The codes stand nowhere else."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import segno
import typst

from lib import i18n
from lib.family.register import Member
from lib.family.rules import Family

DESIGN = Path(__file__).with_name("slips.typ")
ENTRANCE = "/family/enter"
PER_PAGE = 8


def link(base_url: str, code: str, language: str) -> str:
    """What the QR holds. The code stands behind #, the part of an address that no browser sends and no server logs."""
    return f"{base_url}{ENTRANCE}?lang={language}#{code}"


def qr(text: str) -> segno.QRCode:
    """The QR of a text; error level M: a crease does not matter."""
    return segno.make(text, error="m", micro=False)


def pdf(
    codes: Mapping[str, str], members: Sequence[Member], school: str, school_class: str, family: Family, base_url: str, until: dt.date
) -> bytes:
    """The slips as a PDF, in the order of `members`; the code of the class itself (key ""), where there is one, comes last.

    Words are those of the current language. `until`: the last day on which the codes open anything.
    """
    words, language = family.slips, i18n.language()
    slips = []
    for member in [*members, Member("", "")]:
        if member.pupil not in codes:
            continue
        code = codes[member.pupil]
        svg = io.BytesIO()
        qr(link(base_url, code, language)).save(svg, kind="svg", border=2, xmldecl=False, svgns=True)
        for_class = not member.pupil
        slips.append(
            {
                "name": member.name if member.pupil else words.class_title.of(language),
                "school_class": school_class,
                "title": "" if for_class else words.title.of(language),
                "what": (words.class_what if for_class else words.what).of(language),
                "how": words.how.of(language),
                "keep": "" if for_class else words.keep.of(language),
                "until": words.until.of(language).format(day=i18n.date(until)),
                "address": f"{base_url}{ENTRANCE}",
                "code": code,
                "qr": svg.getvalue().decode(),
            }
        )
    data = {"title": words.title.of(language), "school": school, "lang": language, "slips": slips}
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)  # the same slip on every computer
    made = typst.compile(DESIGN.read_bytes(), font_paths=fonts, sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    assert isinstance(made, bytes)
    return made

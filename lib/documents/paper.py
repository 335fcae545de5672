"""A document as a PDF to print: A4, set by typst from the document as data. No text of it is ever read as markup."""

from __future__ import annotations

import datetime as dt
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typst

from lib.documents.document import Block, Document, Heading, Paragraph, Picture, Table, Turn, is_short
from lib.documents.tables import without_controls

TEMPLATE = Path(__file__).with_name("document.typ")
_UNBROKEN, _BREAK = re.compile(r"\S{40,}"), "\u200b"
WIDEST, TALLEST = 152.0, 195.0  # millimetres of a picture


def to_pdf(document: Document, day: dt.date) -> bytes:
    """The document as a PDF of that day. typst's own fonts are used and no other, so that it looks alike on every machine."""
    told = _writable(
        {
            "language": document.language,
            "school": document.school,
            "title": document.title,
            "running": document.title.capitalize(),
            "about": document.about,
            "above": document.above,
            "footer": document.footer,
            "signatures": [{"who": s.who, "name": s.name} for s in document.signatures],
            "about_file": document.subject,
            "parts": list(_parts(document)),
        }
    )
    pdf = typst.compile(
        str(TEMPLATE), sys_inputs={"document": json.dumps(told, ensure_ascii=False)}, ignore_system_fonts=True, root=str(TEMPLATE.parent),
        timestamp=int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()),
    )  # fmt: skip
    assert isinstance(pdf, bytes)
    return pdf


def _writable(value: Any) -> Any:
    """The data with every text free of signs that no letter stands for, and with places to break in what is too long for a line."""
    match value:
        case str():
            return _UNBROKEN.sub(lambda run: _BREAK.join(re.findall(".{1,8}", run[0])), without_controls(value))
        case dict():
            return {key: _writable(inner) for key, inner in value.items()}
        case list() | tuple():
            return value if value and isinstance(value[0], int) else [_writable(inner) for inner in value]
        case _:
            return value


def _parts(document: Document) -> Iterator[dict[str, Any]]:
    """Runs of blocks on sheets that lie alike. The signatures stand behind the last block that is signed."""
    part = _part(flipped=False)
    for blocks, place in ((document.blocks, "blocks"), (document.after, "after")):
        for block in blocks:
            if isinstance(block, Turn):
                if part["blocks"] or part["after"] or part["signed"]:
                    yield _numbered(part)
                part = _part(block.flipped)
            else:
                part[place].append(_plain(block))
        part["signed"] = part["signed"] or place == "blocks"
    yield _numbered(part)


def _part(flipped: bool) -> dict[str, Any]:
    return {"flipped": flipped, "blocks": [], "signed": False, "after": []}


def _plain(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text, "level": block.level, "new_page": block.new_page}
        case Paragraph():
            return {"kind": block.kind, "text": block.text, "number": 1}
        case Table():
            return {
                "kind": "table",
                "head": block.head,
                "rows": [[{"text": c.text, "note": c.note, "bold": c.bold, "whole": is_short(row)} for c in row] for row in block.rows],
                "widths": block.widths,
                "right": sorted(block.right),
                "tall": block.tall,
            }
        case Picture():
            across, down = struct.unpack(">II", block.png[16:24])
            width = min(WIDEST, TALLEST * across / down)
            return {"kind": "picture", "caption": block.caption, "alt": block.alt, "png": list(block.png), "width": width}
        case _:
            raise TypeError(f"no such block: {block!r}")


def _numbered(part: dict[str, Any]) -> dict[str, Any]:
    """The part with its lists counted (points count from 1 anew after anything else), and a text kept with the table that it is about."""
    for blocks in (part["blocks"], part["after"]):
        number = 0
        for block, following in zip(blocks, [*blocks[1:], {"kind": ""}], strict=False):
            block["sticky"] = block["kind"] == "text" and following["kind"] in ("table", "picture")
            number = number + 1 if block["kind"] == "numbered" else 0
            block["number"] = number
    return part

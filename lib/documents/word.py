"""A document as a Word file (.docx) to edit: real headings, tables and lists, A4, charts as pictures.

The same document gives the same bytes: the file carries the snapshot's day and no moment of its making.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Iterable

import docx
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.section import Section
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as WordTable
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from lib.documents.document import Block, Cell, Document, Heading, Paragraph, Picture, Signature, Table, Turn, is_short
from lib.documents.tables import without_controls

# Fonts that schools have: Word's own on Windows and macOS; its twin of the same widths where LibreOffice is used.
FONT, TWIN = "Times New Roman", "Liberation Serif"
SHORT, LONG = Mm(210), Mm(297)  # A4
LEFT, RIGHT, TOP, BOTTOM = Mm(25), Mm(15), Mm(18), Mm(18)
TALLEST = Mm(205)  # a picture with its heading on one sheet
INK, QUIET, SHADE, LINE = RGBColor(0x0B, 0x5E, 0x5E), RGBColor(0x52, 0x60, 0x5D), "E7EFED", "B9C6C2"
LOCALES = {"ky": "ky-KG", "ru": "ru-RU", "en": "en-GB"}
STYLES = {"text": "Normal", "item": "List Bullet", "numbered": "List Number", "note": "Normal", "centred": "Normal"}
LOOKS = {
    "Normal": (11, False),
    "Title": (15, True),
    "Heading 1": (12.5, True),
    "Heading 2": (11, True),
    "List Bullet": (11, False),
    "List Number": (11, False),
    "Caption": (9, False),
    "Header": (9, False),
    "Footer": (8, False),
}  # points, and whether bold; fmt: skip
SIGNED = (0.42, 0.22, 0.36)  # shares of the width: who, the line, the name
ROOM = Mm(11)  # of a row that is filled in by hand


def to_docx(document: Document, day: dt.date) -> bytes:
    """The document as a Word file; `day` is the snapshot's."""
    word = docx.Document()
    _set_styles(word, document.language)
    section = word.sections[0]
    _set_sheet(section, flipped=False)
    _set_edges(section, document)
    _head(word, document)
    _blocks(word, document.blocks)
    _signatures(word, document.signatures)
    _blocks(word, document.after)
    _tell_of(word, document, day)
    buffer = io.BytesIO()
    word.save(buffer)
    return settled(buffer.getvalue())


def settled(content: bytes) -> bytes:
    """The same package with its parts in a fixed order, each of the same moment."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(part, old.read(name))
    return made.getvalue()


def _tell_of(word: Word, document: Document, day: dt.date) -> None:
    about = word.core_properties
    moment = dt.datetime(day.year, day.month, day.day)
    about.title, about.author, about.last_modified_by = without_controls(document.title), without_controls(document.school), ""
    about.subject, about.comments, about.keywords = without_controls(document.subject), "", ""
    about.created = about.modified = moment
    about.revision, about.language = 1, LOCALES[document.language]


# --- styles and sheets ---------------------------------------------------------------------------------------------------


def _set_styles(word: Word, language: str) -> None:
    """One font everywhere, sizes of an office paper, and the language for the speller."""
    defaults = word.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    lang = defaults.find(qn("w:lang"))
    lang.set(qn("w:val"), LOCALES[language])
    _name_font(defaults.find(qn("w:rFonts")))
    for name, (size, bold) in LOOKS.items():
        style = word.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = INK if name.startswith(("Heading", "Title")) else QUIET if name in ("Caption", "Header", "Footer") else None
        _name_font(style.element.get_or_add_rPr().get_or_add_rFonts())
        spacing = style.paragraph_format
        spacing.space_before, spacing.space_after = Pt(12 if name == "Heading 1" else 8 if name == "Heading 2" else 0), Pt(4)
        spacing.line_spacing = 1.08
        spacing.keep_with_next = name.startswith("Heading")
        spacing.widow_control = True
    for name in ("Header", "Footer"):  # whose own stops would come before ours
        properties = word.styles[name].element.pPr
        if (tabs := properties.find(qn("w:tabs"))) is not None:
            properties.remove(tabs)
    title = word.styles["Title"]
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    _add_twin(word)


def _name_font(fonts: object) -> None:
    for key in list(fonts.attrib):  # type: ignore[attr-defined]
        del fonts.attrib[key]  # type: ignore[attr-defined]
    for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{kind}"), FONT)  # type: ignore[attr-defined]


def _add_twin(word: Word) -> None:
    """Name the font that stands in where the first one is not there."""
    for part in word.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            text = part.blob.decode("utf-8")
            mark = f'<w:font w:name="{FONT}">'
            part._blob = text.replace(mark, f'{mark}<w:altName w:val="{TWIN}"/>', 1).encode("utf-8")


def _set_sheet(section: Section, flipped: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if flipped else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (LONG, SHORT) if flipped else (SHORT, LONG)
    section.left_margin, section.right_margin = (Mm(15), Mm(15)) if flipped else (LEFT, RIGHT)
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.header_distance, section.footer_distance = Mm(8), Mm(8)


def _room(section: Section) -> Length:
    assert section.page_width is not None and section.left_margin is not None and section.right_margin is not None
    return Length(section.page_width - section.left_margin - section.right_margin)


def _set_edges(section: Section, document: Document) -> None:
    """The school above, what the document was made of below, with the number of the page."""
    section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
    above, below = section.header.paragraphs[0], section.footer.paragraphs[0]
    for line, text in ((above, document.school), (below, document.footer)):
        stops = line.paragraph_format.tab_stops
        stops.add_tab_stop(_room(section), WD_TAB_ALIGNMENT.RIGHT)
        _write(line, text)
    _write(above, f"\t{document.title.capitalize()}")
    _write(below, "\t")
    for field, before in (("PAGE", ""), ("NUMPAGES", " / ")):
        _write(below, before)
        _field(below.add_run(), field)


def _field(run: Run, code: str) -> None:
    for kind, text in (("begin", ""), ("", f" {code} "), ("separate", ""), ("text", "1"), ("end", "")):
        if kind in ("begin", "separate", "end"):
            made = OxmlElement("w:fldChar")
            made.set(qn("w:fldCharType"), kind)
        else:
            made = OxmlElement("w:t" if kind else "w:instrText")
            made.text = text
        run._r.append(made)


# --- what is written -----------------------------------------------------------------------------------------------------


def _write(line: WordParagraph, text: str) -> Run:
    return line.add_run(without_controls(text))


def _head(word: Word, document: Document) -> None:
    for text in document.above:
        _write(word.add_paragraph(), text)
    title = word.add_paragraph(style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = Pt(6)
    _write(title, document.title)
    for place, text in enumerate(document.about):
        line = word.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.space_after = Pt(1 if place + 1 < len(document.about) else 10)
        _write(line, text).bold = not place and len(document.about) > 1


def _blocks(word: Word, blocks: Iterable[Block]) -> None:
    number = None
    listed = list(blocks)
    for block, following in zip(listed, [*listed[1:], None], strict=False):
        number = (number if number is not None else _new_list(word)) if _is_numbered(block) else None
        if isinstance(block, Heading):
            line = word.add_heading(without_controls(block.text), block.level)
            line.paragraph_format.page_break_before = block.new_page
        elif isinstance(block, Paragraph):
            _paragraph(word, block, number).paragraph_format.keep_with_next = isinstance(following, Table | Picture)
        elif isinstance(block, Table):
            _table(word, block, legend=isinstance(following, Paragraph) and following.kind == "note")
        elif isinstance(block, Picture):
            _picture(word, block)
        elif isinstance(block, Turn):
            _turn(word, block)


def _turn(word: Word, block: Turn) -> None:
    """Lie the sheets down or up: at once where the document has only its head yet, else from a new sheet on."""
    begun = any(child.tag == qn("w:tbl") for child in word.element.body) or len(word.paragraphs) > 6
    section = word.add_section(WD_SECTION.NEW_PAGE) if begun else word.sections[-1]
    _set_sheet(section, block.flipped)
    room = _room(section)
    if begun:
        old = word.sections[-2]
        for new, former in ((section.header, old.header), (section.footer, old.footer)):
            new.is_linked_to_previous = False
            new.paragraphs[0]._p.getparent().replace(new.paragraphs[0]._p, _copy(former.paragraphs[0]))
    for edge in (section.header, section.footer):
        stops = edge.paragraphs[0].paragraph_format.tab_stops
        stops.clear_all()
        stops.add_tab_stop(room, WD_TAB_ALIGNMENT.RIGHT)


def _copy(line: WordParagraph) -> object:
    import copy

    return copy.deepcopy(line._p)


def _is_numbered(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.kind == "numbered"


def _new_list(word: Word) -> int:
    """A list that counts from 1; the id of its numbering."""
    style = word.styles["List Number"].element
    old = style.pPr.numPr.numId.val
    numbering = word.part.numbering_part.element
    abstract = next(num for num in numbering.num_lst if num.numId == old).abstractNumId.val
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(made.numId)


def _paragraph(word: Word, block: Paragraph, number: int | None) -> WordParagraph:
    line = word.add_paragraph(style=STYLES[block.kind])
    run = _write(line, block.text)
    if block.kind == "note":
        run.font.size, run.font.color.rgb = Pt(8.5), QUIET
        line.paragraph_format.space_before = Pt(3)
    elif block.kind == "centred":
        line.alignment, run.bold = WD_ALIGN_PARAGRAPH.CENTER, True
        line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(8)
    elif number is not None:
        properties = line._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = number
    if block.kind == "text":
        line.alignment = WD_ALIGN_PARAGRAPH.LEFT
    return line


def _picture(word: Word, block: Picture) -> None:
    room = _room(word.sections[-1])
    across, down = struct.unpack(">II", block.png[16:24])
    width = min(room, int(TALLEST * across / down), int(Mm(152)))
    caption = word.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next, caption.paragraph_format.space_before = True, Pt(8)
    _write(caption, block.caption)
    line = word.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = line.add_run().add_picture(io.BytesIO(block.png), width=Length(width))
    drawn = shape._inline.docPr
    drawn.set("descr", without_controls(block.alt))
    drawn.set("title", without_controls(block.caption))


# --- tables --------------------------------------------------------------------------------------------------------------


def _table(word: Word, block: Table, legend: bool) -> None:
    """The table; `legend`: what follows explains its signs, and stays on the sheet of its last row."""
    made = word.add_table(rows=1 + len(block.rows), cols=len(block.head), style="Table Grid")
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    room = _room(word.sections[-1])
    widths = [Length(int(room * share / sum(block.widths))) for share in block.widths]
    _describe(made, block.title, widths)
    size = Pt(9 if len(block.head) <= 7 else 8.5)
    rows = list(made.rows)
    _row(rows[0].cells, [Cell(text, bold=True) for text in block.head], widths, block.right, size, shade=True)
    properties = rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    for row, cells in zip(rows[1:], block.rows, strict=True):
        _row(row.cells, cells, widths, block.right, size)
        if block.tall:
            row.height = ROOM
    for row, whole in zip(rows, [True, *(is_short(cells) for cells in block.rows)], strict=True):
        if whole:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    after = _after_table(word)
    for line in (*(cell.paragraphs[0] for cell in rows[-1].cells), after) if legend else ():
        line.paragraph_format.keep_with_next = True
    mark, small = OxmlElement("w:rPr"), OxmlElement("w:sz")
    small.set(qn("w:val"), "2")
    mark.append(small)
    after._p.get_or_add_pPr().append(mark)


def _after_table(word: Word) -> WordParagraph:
    """The line that Word wants behind each table: as small as can be, so that it begins no sheet of its own."""
    after = word.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
    after.paragraph_format.line_spacing = Pt(2)
    return after


def _row(
    places: tuple[WordCell, ...], cells: Iterable[Cell], widths: list[Length], right: frozenset[int], size: Pt, shade: bool = False
) -> None:
    for place, (made, cell) in enumerate(zip(places, cells, strict=True)):
        made.width = widths[place]
        line = made.paragraphs[0]
        line.paragraph_format.space_after = Pt(1)
        line.paragraph_format.line_spacing = 1.0
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT if place in right else WD_ALIGN_PARAGRAPH.LEFT
        run = _write(line, cell.text)
        run.font.size, run.bold = size, cell.bold
        if cell.note:
            run.add_break()
            note = _write(line, cell.note)
            note.font.size, note.font.color.rgb = Pt(7.5), QUIET
        if shade:
            _shade(made)


def _shade(cell: WordCell) -> None:
    fill = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", SHADE)):
        fill.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(fill)


def _describe(made: WordTable, title: str, widths: list[Length]) -> None:
    """Thin quiet lines, narrow margins, the widths for all programs, and a title for those who do not see the table."""
    properties = made._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "70")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), without_controls(title))
    look = properties.find(qn("w:tblLook"))
    for element in (borders, margins):
        look.addprevious(element)
    look.addnext(caption)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width


def _signatures(word: Word, signatures: Iterable[Signature]) -> None:
    """Who · a line to sign on · the name, one beneath the other and never parted from each other: a table without lines, so that a long
    office or name breaks within its own place."""
    lines = list(signatures)
    if not lines:
        return
    word.add_paragraph().paragraph_format.keep_with_next = True
    room = _room(word.sections[-1])
    widths = [Length(int(room * share)) for share in SIGNED]
    made = word.add_table(rows=len(lines), cols=len(SIGNED))
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for place, (row, signature) in enumerate(zip(made.rows, lines, strict=True)):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width, text in zip(row.cells, widths, (signature.who, "_" * 18, signature.name or "_" * 20), strict=True):
            cell.width, cell.vertical_alignment = width, WD_ALIGN_VERTICAL.BOTTOM
            line = cell.paragraphs[0]
            line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(10), Pt(0)
            line.paragraph_format.keep_with_next = place + 1 < len(lines)
            _write(line, text)
    _after_table(word)

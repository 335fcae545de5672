"""Drive's files: list, get, create, upload, update, move, copy, delete, export."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from typing import Any

from . import masks, workbook
from .accounts import Caller
from .document import Document
from .drive_desk import CONTENT, JSON, WRITE, Desk
from .errors import ApiError, may_not, wrong_parameter
from .exchange import Answer, Request, as_json
from .files import FOLDER, SPREADSHEET, XLSX, File
from .queries import Facts, Query, ordered

EXPORT_LIMIT = 10_000_000


class DriveFiles(Desk):
    def list(self, request: Request, caller: Caller) -> Answer:
        tree = self._mask(request, "FileList", "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)")
        query = Query(request.one("q"))
        size, start = self._page(request, 100)
        everywhere = request.flag("includeItemsFromAllDrives") or request.flag("includeTeamDriveItems")
        corpora, drive = request.one("corpora", "user"), request.one("driveId")
        self._check_corpora(request, caller, corpora, drive, everywhere)
        for parent in query.parents:
            if parent in request.revoked:
                raise _unseen_parent()
            try:
                self.files.get(parent, caller, all_drives=request.flag("supportsAllDrives"))
            except ApiError:
                raise _unseen_parent() from None
        found = []
        for file in list(self.files.by_id.values()):
            if (
                self.files.is_root(file)
                or file.id in request.revoked
                or (file.drive and not everywhere)
                or (corpora == "drive" and file.drive != drive)
            ):
                continue
            # what anyone with the link may open is listed only where its folder was named
            if not self.files.sees(file, caller, anyone=file.parent in query.parents):
                continue
            if query.test(self._facts(file, caller, request)):
                found.append(file)
        found = ordered(found, request.one("orderBy"))
        page = found[start : start + size]
        parts: dict[str, Callable[[masks.Tree], Any]] = {
            "kind": lambda t: "drive#fileList",
            "nextPageToken": lambda t: f"~!!~p{start + size}" if start + size < len(found) else None,
            "incompleteSearch": lambda t: False,
            "files": lambda t: [self.resource(file, caller, request, t) for file in page],
        }
        return as_json(masks.filled(tree, parts))

    def _check_corpora(self, request: Request, caller: Caller, corpora: str, drive: str, everywhere: bool) -> None:
        if corpora not in {"user", "drive", "allDrives", "domain", "allTeamDrives", "teamDrive"}:
            raise wrong_parameter("corpora")
        if corpora != "user" and corpora != "domain" and not (everywhere and request.flag("supportsAllDrives")):
            raise ApiError(
                403,
                "The includeItemsFromAllDrives and supportsAllDrives parameters must be set to true to search all shared drives.",
                "teamDrivesParentLimit",
            )
        if everywhere and not (request.flag("supportsAllDrives") or request.flag("supportsTeamDrives")):
            raise ApiError(403, "The includeItemsFromAllDrives parameter requires supportsAllDrives.", "teamDrivesNotSupported")
        if corpora == "drive" and not drive:
            raise wrong_parameter("driveId", "The driveId parameter must be specified if and only if corpora is set to drive.", "required")
        if drive and corpora != "drive":
            raise wrong_parameter("driveId", "The driveId parameter must be specified if and only if corpora is set to drive.", "invalid")
        if drive:
            self._shared_drive(drive, caller)

    def _facts(self, file: File, caller: Caller, request: Request) -> Facts:
        held = file.permissions.values()
        modified, _ = self._times(file)
        return {
            "name": file.name,
            "mimeType": file.mime,
            "parents": {file.parent, "root"} if file.parent == self.files.root(caller.email) else {file.parent},
            "trashed": file.id in request.trashed or self.files.is_trashed(file),
            "starred": file.starred,
            "modifiedTime": modified,
            "createdTime": file.created,
            "viewedByMeTime": modified,
            "sharedWithMeTime": file.created,
            "owners": {file.owner} | ({"me"} if file.owner == caller.email else set()),
            "writers": {one.email for one in held if one.role in {"writer", "owner", "organizer", "fileOrganizer"}},
            "readers": {one.email for one in held},
            "sharedWithMe": file.owner != caller.email and any(one.email == caller.email for one in held),
            "properties": file.properties,
            "appProperties": file.app_properties,
        }

    def get(self, request: Request, caller: Caller, file_id: str) -> Answer:
        tree = self._mask(request, "File", self.ONE)
        file = self._file(request, caller, file_id)
        if request.one("alt") != "media":
            return as_json(self.resource(file, caller, request, tree))
        caller.need("drive", "google.apps.drive.v3.DriveFiles.Get", *CONTENT)
        if file.content is None:
            message = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
            raise ApiError(403, message, "fileNotDownloadable", location=("parameter", "alt"))
        return Answer(200, file.content, file.mime)

    def generate_ids(self, request: Request, caller: Caller) -> Answer:
        count = int(request.one("count", "10"))
        return as_json({"kind": "drive#generatedIds", "space": "drive", "ids": [self.files.fresh_id() for _ in range(count)]})

    def create(self, request: Request, caller: Caller) -> Answer:
        tree = self._mask(request, "File", self.ONE)
        body, content, type_ = self._upload(request)
        parent = self._parent(request, caller, body.get("parents"))
        mime = body.get("mimeType") or type_ or "application/octet-stream"
        document = self._document(mime, content, type_, str(body.get("name", "Untitled")))
        file = self.files.create(str(body.get("name", "Untitled")), mime, caller, parent)
        self._describe(file, body)
        if document is not None:
            file.document = document
        elif mime != FOLDER and mime != SPREADSHEET:
            file.content = content or b""
        return as_json(self.resource(file, caller, request, tree))

    def _parent(self, request: Request, caller: Caller, parents: Any) -> str:
        if not parents:
            return ""
        if not isinstance(parents, list) or len(parents) > 1:
            raise ApiError(400, "A file cannot have more than one parent.", "multipleParentsNotSupported")
        folder = self._file(request, caller, str(parents[0]))
        if not self.files.may(folder, caller, "writer"):
            raise may_not(folder.id)
        if folder.mime != FOLDER:
            raise ApiError(403, "The specified parent is not a folder.", "parentNotAFolder")
        return folder.id

    @staticmethod
    def _document(mime: str, content: bytes | None, type_: str, name: str) -> Document | None:
        """A spreadsheet, empty or made of what was uploaded."""
        if mime != SPREADSHEET:
            return None
        if not content:
            return workbook.blank(name)
        try:
            return workbook.from_csv(content, name) if "csv" in type_ else workbook.from_xlsx(content, name)
        except Exception:
            raise ApiError(400, 'Bad Request. User message: "The file could not be converted."', "badRequest") from None

    @staticmethod
    def _describe(file: File, body: JSON) -> bool:
        """Takes over what the body says; whether anything but a star changed."""
        changed = False
        if "name" in body:
            changed, file.name = True, str(body["name"])
            if file.document is not None:
                file.document = file.document.draft()
                file.document.properties["title"] = file.name
        for held, name in ((file.properties, "properties"), (file.app_properties, "appProperties")):
            for key, value in (body.get(name) or {}).items():
                changed = True
                if value is None:
                    held.pop(key, None)
                else:
                    held[key] = str(value)
        if "description" in body:
            changed, file.description = True, str(body["description"])
        if "starred" in body:
            file.starred = bool(body["starred"])
        return changed

    def _upload(self, request: Request) -> tuple[JSON, bytes | None, str]:
        """(metadata, content, its type): of a multipart, a media or a plain metadata request."""
        kind = request.one("uploadType") if request.path.startswith("/upload/") else ""
        content_type = request.headers.get("Content-Type", "")
        if not kind:
            return request.json(), None, ""
        if kind == "media":
            return {}, request.body, content_type.partition(";")[0]
        if kind != "multipart":
            raise wrong_parameter("uploadType", f"Upload type {kind} is not supported here.")
        message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + request.body)
        parts = list(message.walk())[1:]
        if len(parts) != 2:
            raise ApiError(400, "Malformed multipart body.", "badContent")
        described, content = (_content(part) for part in parts)
        return json.loads(described or b"{}"), content, parts[1].get_content_type()

    def update(self, request: Request, caller: Caller, file_id: str) -> Answer:
        tree = self._mask(request, "File", self.ONE)
        file = self._file(request, caller, file_id)
        body, content, type_ = self._upload(request)
        files = self.files
        if not files.may(file, caller, "writer") or (content is not None and not caller.allowed(*WRITE)):
            raise may_not(file.id)
        to_trash = "trashed" in body and bool(body["trashed"]) != file.trashed
        if to_trash and (files.is_root(file) or not files.may(file, caller, "fileOrganizer" if file.drive else "owner")):
            raise may_not(file.id)
        added, removed = request.one("addParents"), request.one("removeParents")
        parent = self._parent(request, caller, [added]) if added else ""
        if body.get("parents"):
            message = (
                "The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead."
            )
            raise ApiError(403, message, "fieldNotWritable")
        document = None
        if content is not None and file.mime == SPREADSHEET:
            document = self._document(SPREADSHEET, content, type_, file.name)
        changed = self._describe(file, body)
        if "trashed" in body:
            file.trashed = bool(body["trashed"])
        if parent and parent != file.parent:
            self._move(file, parent, removed)
        if document is not None:
            file.document = document
        elif content is not None:
            file.content = content
        files.touch(file, caller.email, content=changed or content is not None)
        return as_json(self.resource(file, caller, request, tree))

    def _move(self, file: File, parent: str, removed: str) -> None:
        home = self.files.by_id[parent]
        if any(above is file for above in self.files.upwards(home)):
            raise ApiError(403, "The requested operation would create a cycle.", "cyclicalParents")
        file.parent = parent
        if home.drive != file.drive:
            self._settle(file, home.drive)

    def _settle(self, file: File, drive: str) -> None:
        """Into or out of a shared drive, with all that lies in it; inside one nobody owns a file."""
        file.drive = drive
        if drive:
            file.permissions = {key: one for key, one in file.permissions.items() if one.role != "owner"}
        for child in list(self.files.by_id.values()):
            if child.parent == file.id:
                self._settle(child, drive)

    def delete(self, request: Request, caller: Caller, file_id: str) -> Answer:
        self.files.delete(self._file(request, caller, file_id), caller)
        return Answer(204, b"", "text/html")

    def copy(self, request: Request, caller: Caller, file_id: str) -> Answer:
        tree = self._mask(request, "File", self.ONE)
        file, body = self._file(request, caller, file_id), request.json()
        if file.mime == FOLDER:
            raise ApiError(403, "This file cannot be copied by the user.", "cannotCopyFile")
        parent = self._parent(request, caller, body.get("parents"))
        if not parent and file.parent and self.files.may(self.files.by_id[file.parent], caller, "writer"):
            parent = file.parent
        twin = self.files.create(str(body.get("name") or f"Copy of {file.name}"), str(body.get("mimeType") or file.mime), caller, parent)
        twin.properties, twin.app_properties = dict(file.properties), dict(file.app_properties)
        if twin.mime == SPREADSHEET and file.content is not None:
            twin.document = self._document(SPREADSHEET, file.content, file.mime, twin.name)
        elif file.document is not None:
            twin.document = file.document.draft()
        else:
            twin.content = copy.copy(file.content)
        self._describe(
            twin, {"name": twin.name} | {name: body[name] for name in ("properties", "appProperties", "description") if name in body}
        )
        return as_json(self.resource(twin, caller, request, tree))

    def export(self, request: Request, caller: Caller, file_id: str) -> Answer:
        # files.export knows no supportsAllDrives: a spreadsheet of a shared drive is exported like any other
        file, mime = self.files.get(file_id, caller, all_drives=True), request.one("mimeType")
        if not mime:
            raise wrong_parameter("mimeType", "Required parameter: mimeType", "required")
        if file.document is None:
            raise ApiError(403, "Export only supports Docs Editors files.", "fileNotExportable")
        if mime == XLSX:
            content = workbook.to_xlsx(file.document)
        elif mime in {"text/csv", "text/tab-separated-values"}:
            content = workbook.to_csv(file.document, "," if mime == "text/csv" else "\t")
        else:
            raise wrong_parameter("convertTo", "The requested conversion is not supported.", "badRequest")
        if len(content) > EXPORT_LIMIT:
            raise ApiError(403, "This file is too large to be exported.", "exportSizeLimitExceeded")
        return Answer(200, content, mime)

    def comments(self, request: Request, caller: Caller, file_id: str) -> Answer:
        """Nobody comments here; gspread asks before it copies."""
        self._file(request, caller, file_id)
        return as_json({"kind": "drive#commentList", "comments": []})


def _content(part: Message) -> bytes:
    held = part.get_payload(decode=True)
    return held if isinstance(held, bytes) else b""


def _unseen_parent() -> ApiError:
    return ApiError(404, "File not found: .", "notFound", location=("parameter", "fileId"))

"""What every part of Drive's interface needs: the file that is meant, the mask, the page, and how files and permissions are told."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from . import masks
from .accounts import Caller
from .errors import ApiError, no_such_file, wrong_parameter
from .exchange import Request
from .files import FOLDER, ROLES, SPREADSHEET, File, Files, Permission, permission_id, stamp
from .shapes import DRIVE

JSON = dict[str, Any]

WRITE = ("drive", "drive.file")
CONTENT = ("drive", "drive.readonly", "drive.file")

_PAGE = re.compile(r"p(\d+)")


class Desk:
    ONE = "kind,id,name,mimeType"
    """What is told of a file when nothing was asked for."""

    def __init__(self, files: Files, now: Callable[[], float], lag: Callable[[], float]) -> None:
        self.files, self._now, self._lag = files, now, lag

    def _file(self, request: Request, caller: Caller, file_id: str) -> File:
        if file_id in request.revoked:
            raise no_such_file(file_id)
        return self.files.get(file_id, caller, all_drives=request.flag("supportsAllDrives"))

    def _times(self, file: File) -> tuple[float, int]:
        lag = self._lag()
        return file.told(self._now() - lag) if lag > 0 else (file.modified, file.version)

    def resource(self, file: File, caller: Caller, request: Request, tree: masks.Tree) -> JSON:
        """The file as the caller sees it, cut to the mask."""
        files, me = self.files, caller.email
        modified, version = self._times(file)
        parent = files.by_id.get(file.parent)
        role = files.role(file, me)
        rank = ROLES.index(role) if role else -1
        can = {
            "canEdit": rank >= 2, "canRename": rank >= 2, "canModifyContent": rank >= 2, "canShare": rank >= 2, "canComment": rank >= 1,
            "canCopy": rank >= 0, "canDownload": rank >= 0, "canDelete": role in {"owner", "organizer"}, "canTrash": rank >= 3,
            "canUntrash": rank >= 3, "canAddChildren": rank >= 2 and file.mime == FOLDER, "canListChildren": file.mime == FOLDER,
            "canMoveItemWithinDrive": rank >= 2, "canChangeCopyRequiresWriterPermission": rank >= 2, "canReadRevisions": rank >= 2,
        }  # fmt: skip
        parts: dict[str, Callable[[masks.Tree], Any]] = {
            "kind": lambda t: "drive#file",
            "id": lambda t: file.id,
            "name": lambda t: file.name,
            "mimeType": lambda t: file.mime,
            "description": lambda t: file.description or None,
            "starred": lambda t: file.starred,
            "trashed": lambda t: file.id in request.trashed or files.is_trashed(file),
            "explicitlyTrashed": lambda t: file.id in request.trashed or file.trashed,
            "parents": lambda t: [parent.id] if parent and files.sees(parent, caller, anyone=False) else None,
            "properties": lambda t: dict(file.properties) or None,
            "appProperties": lambda t: dict(file.app_properties) or None,
            "spaces": lambda t: ["drive"],
            "version": lambda t: str(version),
            "webViewLink": lambda t: link(file),
            "iconLink": lambda t: f"https://drive-thirdparty.googleusercontent.com/16/type/{file.mime}",
            "createdTime": lambda t: stamp(file.created),
            "modifiedTime": lambda t: stamp(modified),
            "owners": lambda t: [masks.cut(self._person(file.owner, me), t)] if file.owner else None,
            "driveId": lambda t: file.drive or None,
            "teamDriveId": lambda t: file.drive or None,
            "lastModifyingUser": lambda t: masks.cut(self._person(file.modifier, me), t),
            "shared": lambda t: len(file.permissions) > 1 or bool(file.drive),
            "ownedByMe": lambda t: None if file.drive else file.owner == me,
            "capabilities": lambda t: masks.cut(can, t),
            "permissions": lambda t: [masks.cut(self._permission(one), t) for one in file.permissions.values()] if rank >= 2 else None,
            "permissionIds": lambda t: [one.id for one in file.permissions.values()] if rank >= 2 else None,
            "writersCanShare": lambda t: None if file.drive else True,
            "size": lambda t: str(len(file.content)) if file.content is not None else "1024" if file.document else None,
            "quotaBytesUsed": lambda t: str(len(file.content or b"")),
            "md5Checksum": lambda t: _md5(file.content) if file.content is not None else None,
            "originalFilename": lambda t: file.name if file.content is not None else None,
            "isAppAuthorized": lambda t: me in file.by_app,
        }
        return masks.filled(tree, parts)

    @staticmethod
    def _person(email: str, me: str) -> JSON:
        person = {"kind": "drive#user", "displayName": email.partition("@")[0], "me": email == me}
        return person | {"permissionId": permission_id(email), "emailAddress": email}

    @staticmethod
    def _mask(request: Request, message: str, default: str) -> masks.Tree:
        try:
            tree = masks.parse(request.one("fields") or default)
            masks.check(tree, DRIVE, message)
        except masks.UnknownField as wrong:
            raise wrong_parameter("fields", f"Invalid field selection {str(wrong).rpartition('.')[2]}", "invalidParameter") from None
        return tree

    @staticmethod
    def _page(request: Request, default: int) -> tuple[int, int]:
        text = request.one("pageSize", str(default))
        if not text.isdigit() or not 1 <= int(text) <= 1000:
            raise wrong_parameter("pageSize", f"Invalid value '{text}'. Values must be within the range: [1, 1000]", "invalidParameter")
        token = request.one("pageToken")
        found = _PAGE.fullmatch(token.removeprefix("~!!~"))
        if token and not found:
            raise wrong_parameter("pageToken")
        return int(text), int(found[1]) if found else 0

    @staticmethod
    def _permission(one: Permission) -> JSON:
        told: JSON = {"kind": "drive#permission", "id": one.id, "type": one.type, "role": one.role}
        if one.email:
            told |= {"emailAddress": one.email, "displayName": one.email.partition("@")[0], "deleted": False, "pendingOwner": False}
        if one.domain:
            told |= {"domain": one.domain, "displayName": one.domain}
        if one.type == "anyone":
            told["allowFileDiscovery"] = False
        return told

    def _shared_drive(self, drive_id: str, caller: Caller) -> File:
        drive = self.files.drives.get(drive_id)
        if drive is None or not self.files.role(drive, caller.email):
            raise ApiError(404, f"Shared drive not found: {drive_id}", "notFound", location=("parameter", "driveId"))
        return drive


def link(file: File) -> str:
    if file.mime == SPREADSHEET:
        return f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk"
    if file.mime == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    return f"https://drive.google.com/file/d/{file.id}/view?usp=drivesdk"


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()

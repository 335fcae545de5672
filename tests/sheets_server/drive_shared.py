"""Shared drives."""

from __future__ import annotations

from . import masks
from .accounts import Caller
from .drive_desk import JSON, Desk
from .errors import ApiError, invalid, may_not, wrong_parameter
from .exchange import Answer, Request, as_json
from .files import ROLES, File, stamp


class SharedDrives(Desk):
    def _drive_resource(self, drive: File, caller: Caller) -> JSON:
        rank = ROLES.index(self.files.role(drive, caller.email))
        can = {
            "canAddChildren": rank >= 2,
            "canEdit": rank >= 2,
            "canManageMembers": rank >= 4,
            "canListChildren": True,
            "canShare": rank >= 4,
        }
        return {
            "kind": "drive#drive",
            "id": drive.id,
            "name": drive.name,
            "createdTime": stamp(drive.created),
            "hidden": False,
            "capabilities": can,
        }

    def drives(self, request: Request, caller: Caller) -> Answer:
        tree = self._mask(request, "DriveList", "kind,nextPageToken,drives(kind,id,name)")
        size, start = self._page(request, 10)
        seen = [self._drive_resource(one, caller) for one in self.files.drives.values() if self.files.role(one, caller.email)]
        told: JSON = {"kind": "drive#driveList", "drives": seen[start : start + size]}
        if start + size < len(seen):
            told["nextPageToken"] = f"~!!~p{start + size}"
        return as_json(masks.cut(told, tree))

    def create_drive(self, request: Request, caller: Caller) -> Answer:
        tree = self._mask(request, "Drive", "kind,id,name")
        if not request.one("requestId"):
            raise wrong_parameter("requestId", "Required parameter: requestId", "required")
        name = str(request.json().get("name", ""))
        if not name:
            raise invalid("The name field is required.")
        return as_json(masks.cut(self._drive_resource(self.files.create_drive(name, request.one("requestId"), caller), caller), tree))

    def drive(self, request: Request, caller: Caller, drive_id: str) -> Answer:
        tree = self._mask(request, "Drive", "kind,id,name")
        return as_json(masks.cut(self._drive_resource(self._shared_drive(drive_id, caller), caller), tree))

    def rename_drive(self, request: Request, caller: Caller, drive_id: str) -> Answer:
        drive = self._shared_drive(drive_id, caller)
        if not self.files.may(drive, caller, "organizer"):
            raise may_not(drive_id)
        drive.name = str(request.json().get("name", drive.name))
        return self.drive(request, caller, drive_id)

    def delete_drive(self, request: Request, caller: Caller, drive_id: str) -> Answer:
        drive = self._shared_drive(drive_id, caller)
        if not self.files.may(drive, caller, "organizer"):
            raise may_not(drive_id)
        if any(file.drive == drive_id and file is not drive for file in self.files.by_id.values()):
            raise ApiError(403, "The shared drive must be empty before it can be deleted.", "cannotDeleteNonEmptyTeamDrive")
        del self.files.drives[drive_id], self.files.by_id[drive_id]
        return Answer(204, b"", "text/html")

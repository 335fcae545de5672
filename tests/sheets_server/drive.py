"""Drive v3 over HTTP: which part answers what, and with which scopes."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from . import masks
from .accounts import Caller
from .drive_desk import CONTENT, WRITE, Desk
from .drive_files import DriveFiles
from .drive_shared import SharedDrives
from .drive_sharing import Sharing
from .errors import ApiError, wrong_parameter
from .exchange import Answer, Request, as_json
from .files import Files

READ = (*CONTENT, "drive.metadata", "drive.metadata.readonly")


class Drive(Desk):
    def __init__(self, files: Files, now: Callable[[], float], lag: Callable[[], float]) -> None:
        super().__init__(files, now, lag)
        files_, sharing, shared = DriveFiles(files, now, lag), Sharing(files, now, lag), SharedDrives(files, now, lag)
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Answer], tuple[str, ...], str]] = [
            (method, re.compile(f"/(?:upload/)?drive/v3/{path}"), work, scopes, name)
            for method, path, work, scopes, name in (
                ("GET", "about", self.about, READ, "About.Get"),
                ("GET", "files", files_.list, READ, "Files.List"),
                ("POST", "files", files_.create, WRITE, "Files.Create"),
                ("GET", "files/generateIds", files_.generate_ids, WRITE, "Files.GenerateIds"),
                ("GET", "files/([^/]+)", files_.get, READ, "Files.Get"),
                ("PATCH", "files/([^/]+)", files_.update, (*WRITE, "drive.metadata"), "Files.Update"),
                ("DELETE", "files/([^/]+)", files_.delete, WRITE, "Files.Delete"),
                ("POST", "files/([^/]+)/copy", files_.copy, WRITE, "Files.Copy"),
                ("GET", "files/([^/]+)/export", files_.export, CONTENT, "Files.Export"),
                ("GET", "files/([^/]+)/permissions", sharing.permissions, READ, "Permissions.List"),
                ("POST", "files/([^/]+)/permissions", sharing.share, WRITE, "Permissions.Create"),
                ("GET", "files/([^/]+)/permissions/([^/]+)", sharing.permission, READ, "Permissions.Get"),
                ("PATCH", "files/([^/]+)/permissions/([^/]+)", sharing.reshare, WRITE, "Permissions.Update"),
                ("DELETE", "files/([^/]+)/permissions/([^/]+)", sharing.unshare, WRITE, "Permissions.Delete"),
                ("GET", "files/([^/]+)/comments", files_.comments, CONTENT, "Comments.List"),
                ("GET", "drives", shared.drives, ("drive", "drive.readonly"), "Drives.List"),
                ("POST", "drives", shared.create_drive, ("drive",), "Drives.Create"),
                ("GET", "drives/([^/]+)", shared.drive, ("drive", "drive.readonly"), "Drives.Get"),
                ("PATCH", "drives/([^/]+)", shared.rename_drive, ("drive",), "Drives.Update"),
                ("DELETE", "drives/([^/]+)", shared.delete_drive, ("drive",), "Drives.Delete"),
            )
        ]

    def answer(self, request: Request, caller: Caller) -> Answer:
        for method, path, work, scopes, name in self._routes:
            found = path.fullmatch(request.path)
            if found and method == request.method:
                caller.need("drive", f"google.apps.drive.v3.Drive{name}", *scopes)
                return work(request, caller, *map(unquote, found.groups()))
        raise ApiError(404, "Not Found", "notFound")

    def about(self, request: Request, caller: Caller) -> Answer:
        if not request.one("fields"):
            raise wrong_parameter("fields", "The 'fields' parameter is required for this method.", "required")
        tree = self._mask(request, "About", "*")
        used = sum(len(file.content or b"") for file in self.files.by_id.values() if file.owner == caller.email)
        limit = "0" if caller.service and not self.files.service_storage else "16106127360"
        quota = {"limit": limit, "usage": str(used), "usageInDrive": str(used), "usageInDriveTrash": "0"}
        told = {"kind": "drive#about", "user": self._person(caller.email, caller.email), "storageQuota": quota, "canCreateDrives": True}
        return as_json(masks.cut(told, tree))

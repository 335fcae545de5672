"""Drive's permissions: who a file is shared with."""

from __future__ import annotations

import re

from . import masks
from .accounts import Caller
from .drive_desk import JSON, Desk
from .errors import ApiError, may_not, wrong_parameter
from .exchange import Answer, Request, as_json
from .files import ROLES, File, Permission


class Sharing(Desk):
    _PERMISSION = "kind,id,type,role"

    def permissions(self, request: Request, caller: Caller, file_id: str) -> Answer:
        tree = self._mask(request, "PermissionList", f"kind,nextPageToken,permissions({self._PERMISSION})")
        file = self._file(request, caller, file_id)
        if not self.files.may(file, caller, "writer"):
            raise ApiError(
                403,
                "The authenticated user does not have the required access to list permissions of the file.",
                "insufficientFilePermissions",
            )
        size, start = self._page(request, 100)
        held = [
            self._permission(one)
            for holder in self.files.upwards(file)
            for one in holder.permissions.values()
            if self._counts(file, holder, one)
        ]
        told: JSON = {"kind": "drive#permissionList", "permissions": held[start : start + size]}
        if start + size < len(held):
            told["nextPageToken"] = f"~!!~p{start + size}"
        return as_json(masks.cut(told, tree))

    def _counts(self, file: File, holder: File, one: Permission) -> bool:
        """Own permissions, and those that come from above unless the file has the same one itself."""
        return holder is file or (one.role != "owner" and one.id not in file.permissions)

    def permission(self, request: Request, caller: Caller, file_id: str, permission_id: str) -> Answer:
        tree = self._mask(request, "Permission", self._PERMISSION)
        return as_json(masks.cut(self._permission(self._held(self._file(request, caller, file_id), permission_id)), tree))

    @staticmethod
    def _held(file: File, permission_id: str) -> Permission:
        one = file.permissions.get(permission_id)
        if one is None:
            raise ApiError(404, f"Permission not found: {permission_id}.", "notFound", location=("parameter", "permissionId"))
        return one

    def share(self, request: Request, caller: Caller, file_id: str) -> Answer:
        tree = self._mask(request, "Permission", self._PERMISSION)
        file, body = self._file(request, caller, file_id), request.json()
        self._may_share(file, caller)
        kind, role = str(body.get("type", "")), str(body.get("role", ""))
        email, domain = str(body.get("emailAddress", "")), str(body.get("domain", ""))
        if kind not in {"user", "group", "domain", "anyone"}:
            raise wrong_parameter("permission.type", "The permission type field is required.", "required")
        self._check_role(request, caller, file, role, kind)
        if kind in {"user", "group"} and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            raise ApiError(400, "The specified emailAddress is invalid or not applicable for the given permission type.", "invalid")
        if kind == "domain" and not domain:
            raise ApiError(400, "The specified domain is invalid or not applicable for the given permission type.", "invalid")
        if kind == "anyone" and file.id in self.files.drives:
            raise ApiError(403, "A shared drive cannot be shared with anyone.", "cannotShareTeamDriveWithNonGoogleAccounts")
        one = Permission(kind, role, email if kind in {"user", "group"} else "", domain if kind == "domain" else "")
        held = file.permissions.get(one.id)
        if role == "owner":
            self._hand_over(file, one)
        elif held is None or held.role != "owner":
            file.permissions[one.id] = one
        self.files.touch(file, caller.email, content=False)
        return as_json(masks.cut(self._permission(file.permissions[one.id]), tree))

    def _may_share(self, file: File, caller: Caller) -> None:
        if not self.files.may(file, caller, "organizer" if file.id in self.files.drives else "writer"):
            raise may_not(file.id)

    def _check_role(self, request: Request, caller: Caller, file: File, role: str, kind: str) -> None:
        if role not in ROLES:
            raise wrong_parameter(
                "permission.role",
                f"The specified role is invalid: {role}" if role else "The permission role field is required.",
                "required",
            )
        if (role in {"organizer", "fileOrganizer"} and not file.drive) or (role == "owner" and file.drive):
            raise ApiError(403, "The permission role is not valid for this item.", "invalidSharingRequest")
        if role == "owner":
            if not request.flag("transferOwnership"):
                raise ApiError(
                    403,
                    "The transferOwnership parameter must be enabled when the permission role is 'owner'.",
                    "forbidden",
                    location=("parameter", "transferOwnership"),
                )
            if not self.files.may(file, caller, "owner") or kind != "user":
                raise may_not(file.id)

    @staticmethod
    def _hand_over(file: File, one: Permission) -> None:
        for other in file.permissions.values():
            if other.role == "owner":
                other.role = "writer"
        file.permissions[one.id] = one

    def reshare(self, request: Request, caller: Caller, file_id: str, permission_id: str) -> Answer:
        tree = self._mask(request, "Permission", self._PERMISSION)
        file, role = self._file(request, caller, file_id), str(request.json().get("role", ""))
        self._may_share(file, caller)
        one = self._held(file, permission_id)
        self._check_role(request, caller, file, role, one.type)
        if one.role == "owner":
            raise may_not(file.id)
        if role == "owner":
            self._hand_over(file, Permission(one.type, role, one.email, one.domain))
        else:
            file.permissions[permission_id] = Permission(one.type, role, one.email, one.domain)
        self.files.touch(file, caller.email, content=False)
        return as_json(masks.cut(self._permission(file.permissions[permission_id]), tree))

    def unshare(self, request: Request, caller: Caller, file_id: str, permission_id: str) -> Answer:
        file = self._file(request, caller, file_id)
        one = self._held(file, permission_id)
        if one.email != caller.email:  # anyone may take himself off
            self._may_share(file, caller)
        if one.role == "owner":
            raise ApiError(403, "The owner of a file cannot be removed.", "cannotRemoveOwner")
        del file.permissions[permission_id]
        self.files.touch(file, caller.email, content=False)
        return Answer(204, b"", "text/html")

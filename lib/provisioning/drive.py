"""Folders, files and permissions of Google Drive. What the program made bears its name in the file's properties, and is found by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

FILES = "https://www.googleapis.com/drive/v3/files"
ABOUT = "https://www.googleapis.com/drive/v3/about"
SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"
SHEET, FOLDER = "application/vnd.google-apps.spreadsheet", "application/vnd.google-apps.folder"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The property that names a file of ours, and the one that says that a workbook is whole.
NAME, WHOLE = "sapat", "sapat_whole"
_FIELDS = "id,name,mimeType,parents,properties,createdTime,trashed"
_EVERYWHERE = {"supportsAllDrives": "true"}

Json = Mapping[str, Any]


class Way(Protocol):
    """What reaches Google: lib.store.transport.Transport."""

    def request(
        self, method: str, endpoint: str, params: Any = None, data: bytes | None = None, json: Any = None, files: Any = None,
        headers: Any = None, check: Any = None,
    ) -> Any:  # fmt: skip
        """One call. Raises StoreProblem."""
        ...


@dataclass
class Drive:
    """Google Drive as one signed-in account sees it. Every method may raise StoreProblem."""

    way: Way

    def account(self) -> str:
        """The e-mail of whoever is signed in."""
        return str(self._get(ABOUT, {"fields": "user(emailAddress)"}, _is_account)["user"]["emailAddress"])

    def folder(self, identity: str) -> Json:
        """The folder with that id."""
        return self._get(f"{FILES}/{identity}", {"fields": _FIELDS, **_EVERYWHERE}, _is_one)

    def children(self, folder: str) -> list[Json]:
        """Everything in a folder that is not in the trash, the oldest first."""
        return sorted(
            self._listed(f"'{folder}' in parents and trashed = false"), key=lambda file: (file.get("createdTime", ""), file["id"])
        )

    def named(self, name: str, kind: str) -> list[Json]:
        """Files of ours with that name, wherever they are."""
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        wanted = f"mimeType = '{kind}' and properties has {{ key='{NAME}' and value='{quoted}' }} and trashed = false"
        return self._oldest_first(wanted)

    def create(self, kind: str, title: str, parent: str, name: str) -> Json:
        """A new folder or an empty spreadsheet. Where the answer is lost it may exist all the same: look before another try."""
        about = {"name": title, "mimeType": kind, "properties": {NAME: name}} | ({"parents": [parent]} if parent else {})
        params = {"fields": _FIELDS, **_EVERYWHERE}
        return json.loads(self.way.request("post", FILES, params=params, json=about, check=_is_one).content)

    def describe(self, identity: str, properties: Mapping[str, str]) -> None:
        """Set properties of a file."""
        params = {"fields": "id", **_EVERYWHERE}
        self.way.request("patch", f"{FILES}/{identity}", params=params, json={"properties": properties}, check=_is_one)

    def export(self, identity: str) -> bytes:
        """A spreadsheet as .xlsx."""
        params = {"mimeType": XLSX}
        return self.way.request("get", f"{FILES}/{identity}/export", params=params, check=lambda body: body.startswith(b"PK")).content

    def shared_with(self, identity: str) -> dict[str, str]:
        """E-mail in small letters → role of everybody who a file is shared with, by itself or with the folders above it."""
        params = {"fields": "permissions(id,emailAddress,role)", "pageSize": 100, **_EVERYWHERE}
        answer = self._get(f"{FILES}/{identity}/permissions", params, _are_permissions)
        return {str(one.get("emailAddress", "")).lower(): str(one.get("role", "")) for one in answer["permissions"]}

    def share(self, identity: str, email: str, role: str, kind: str = "user") -> None:
        """Share a file with a person or (`kind` group) a group, without writing them a letter."""
        params = {"sendNotificationEmail": "false", "fields": "id", **_EVERYWHERE}
        permission = {"type": kind, "role": role, "emailAddress": email}
        self.way.request("post", f"{FILES}/{identity}/permissions", params=params, json=permission, check=_is_one)

    def _get(self, address: str, params: Mapping[str, Any], check: Callable[[bytes], bool]) -> Json:
        return json.loads(self.way.request("get", address, params=params, check=check).content)

    def _oldest_first(self, question: str) -> list[Json]:
        return sorted(self._listed(question), key=lambda file: (file.get("createdTime", ""), file["id"]))

    def _listed(self, question: str) -> Iterator[Json]:
        params = {
            "q": question,
            "fields": f"nextPageToken,files({_FIELDS})",
            "pageSize": 1000,
            "includeItemsFromAllDrives": "true",
            **_EVERYWHERE,
        }
        while True:
            page = json.loads(self.way.request("get", FILES, params=params, check=_is_listing).content)
            yield from (file for file in page["files"] if not file.get("trashed"))
            if not page.get("nextPageToken"):
                return
            params = params | {"pageToken": page["nextPageToken"]}


def _answers(shape: Callable[[Any], bool]) -> Callable[[bytes], bool]:
    """Whether a body is an answer of that shape; what is not is a fault of the service, as an error would be."""

    def check(body: bytes) -> bool:
        try:
            return shape(json.loads(body))
        except (ValueError, LookupError, TypeError, AttributeError):
            return False

    return check


_is_one = _answers(lambda told: isinstance(told["id"], str))
_is_account = _answers(lambda told: isinstance(told["user"]["emailAddress"], str))
_is_listing = _answers(lambda told: all(isinstance(file["id"], str) and isinstance(file["name"], str) for file in told["files"]))
_are_permissions = _answers(lambda told: all(isinstance(one["id"], str) for one in told["permissions"]))
is_spreadsheet = _answers(lambda told: isinstance(told["spreadsheetId"], str))

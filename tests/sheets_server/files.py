"""The files of Drive: folders, spreadsheets, uploads and shared drives, and who may see and change them. No HTTP here."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .accounts import Accounts, Caller
from .document import Document
from .errors import ApiError, may_not, no_such_file, storage_exceeded

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
"""From the weakest to the strongest."""


@dataclass
class Permission:
    type: str
    """user, group, domain or anyone."""
    role: str
    email: str = ""
    domain: str = ""

    @property
    def id(self) -> str:
        if self.type == "anyone":
            return "anyoneWithLink"
        return permission_id(self.domain + "k" if self.type == "domain" else self.email)


def permission_id(email: str) -> str:
    return str(int(hashlib.sha256(email.encode()).hexdigest()[:16], 16)).rjust(20, "0")


@dataclass
class File:
    id: str
    name: str
    mime: str
    created: float
    modified: float
    parent: str = ""
    drive: str = ""
    """Id of the shared drive it lies in; the drive itself is a File of that id."""
    trashed: bool = False
    starred: bool = False
    version: int = 1
    modifier: str = ""
    description: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    app_properties: dict[str, str] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    document: Document | None = None
    content: bytes | None = None
    by_app: set[str] = field(default_factory=set)
    """Who created or opened it with the app, and so reaches it with drive.file."""
    history: deque[tuple[float, float, int]] = field(default_factory=lambda: deque(maxlen=500))
    """(when, modified, version) of each change, for those who are told late."""

    @property
    def owner(self) -> str:
        return next((one.email for one in self.permissions.values() if one.role == "owner"), "")

    def told(self, when: float) -> tuple[float, int]:
        """modifiedTime and version as they stood at that moment."""
        for at, modified, version in reversed(self.history):
            if at <= when:
                return modified, version
        first = self.history[0] if self.history else (0.0, self.modified, self.version)
        return first[1], first[2]


class Files:
    """Everything in Drive."""

    def __init__(self, accounts: Accounts, now: Callable[[], float], chance: random.Random, *, service_storage: bool) -> None:
        self.accounts, self._now, self._chance = accounts, now, chance
        self.service_storage = service_storage
        self.by_id: dict[str, File] = {}
        self.drives: dict[str, File] = {}
        self._roots: dict[str, str] = {}
        self._made: dict[str, str] = {}
        """requestId of a shared drive → its id."""

    def fresh_id(self, start: str = "1", length: int = 44) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return start + "".join(self._chance.choices(letters, k=length - len(start) - 1)) + self._chance.choice(letters[:62])

    def root(self, email: str) -> str:
        """The id of a person's My Drive."""
        if email not in self._roots:
            now = self._now()
            root = File(self.fresh_id("0A", 19), "My Drive", FOLDER, now, now, modifier=email)
            root.permissions[permission_id(email)] = Permission("user", "owner", email)
            root.by_app.add(email)
            self.by_id[root.id] = root
            self._roots[email] = root.id
        return self._roots[email]

    def is_root(self, file: File) -> bool:
        return file.id in self.drives or file.id in self._roots.values()

    # who may

    def role(self, file: File, email: str, *, anyone: bool = True) -> str:
        """The strongest role that a person has on a file, by itself or through the folders above; "" for none."""
        groups = self.accounts.member_of(email)
        domain = email.rpartition("@")[2]
        best = -1
        for holder in self.upwards(file):
            for one in holder.permissions.values():
                mine = (
                    one.email == email
                    or (one.type == "group" and one.email in groups)
                    or (one.type == "domain" and one.domain == domain)
                    or (one.type == "anyone" and anyone)
                )
                if mine and (one.role != "owner" or holder is file or holder.drive == file.drive):
                    # who owns a folder does not own what others put in it, but may edit it
                    role = one.role if one.role != "owner" or holder is file else "writer"
                    best = max(best, ROLES.index(role))
        return ROLES[best] if best >= 0 else ""

    def upwards(self, file: File) -> Iterator[File]:
        """The file and the folders (at last the shared drive) above it."""
        here: File | None = file
        while here is not None:
            yield here
            here = self.by_id.get(here.parent)

    def sees(self, file: File, caller: Caller, *, anyone: bool = True) -> bool:
        if not caller.allowed("drive", "drive.readonly", "drive.metadata", "drive.metadata.readonly") and caller.email not in file.by_app:
            return False
        return bool(self.role(file, caller.email, anyone=anyone))

    def may(self, file: File, caller: Caller, least: str) -> bool:
        role = self.role(file, caller.email)
        return bool(role) and ROLES.index(role) >= ROLES.index(least)

    def get(self, file_id: str, caller: Caller, *, all_drives: bool = True) -> File:
        """A file that the caller sees; else 404, as if it were not there."""
        file = self.by_id.get(self.root(caller.email) if file_id == "root" else file_id)
        if file is None or not self.sees(file, caller) or (file.drive and not all_drives):
            raise no_such_file(file_id)
        return file

    def is_trashed(self, file: File) -> bool:
        return any(one.trashed for one in self.upwards(file))

    # changes

    def touch(self, file: File, email: str, *, content: bool = True) -> None:
        """One change more: the version grows, and modifiedTime when it is the content or the name that changed."""
        now = self._now()
        if not file.history:
            file.history.append((file.created, file.modified, file.version))
        file.version += 1
        if content:
            file.modified = max(now, file.modified + 0.001)
            file.modifier = email
        file.history.append((now, file.modified, file.version))

    def create(self, name: str, mime: str, caller: Caller, parent: str = "") -> File:
        home = self.by_id[parent] if parent else self.by_id[self.root(caller.email)]
        if caller.service and not self.service_storage and not home.drive:
            raise storage_exceeded()
        now = self._now()
        file = File(self.fresh_id(), name, mime, now, now, home.id, home.drive, modifier=caller.email, by_app={caller.email})
        file.history.append((now, now, 1))
        if not home.drive:
            file.permissions[permission_id(caller.email)] = Permission("user", "owner", caller.email)
        self.by_id[file.id] = file
        return file

    def create_drive(self, name: str, request_id: str, caller: Caller) -> File:
        if caller.service and not self.service_storage:
            raise ApiError(403, "The user does not have permission to create shared drives.", "insufficientPermissions")
        if request_id in self._made:
            raise ApiError(409, "A shared drive with the specified request ID already exists.", "alreadyExists")
        now = self._now()
        drive = File(self.fresh_id("0A", 19), name, FOLDER, now, now, modifier=caller.email, by_app={caller.email})
        drive.drive = drive.id
        drive.permissions[permission_id(caller.email)] = Permission("user", "organizer", caller.email)
        self.by_id[drive.id] = self.drives[drive.id] = drive
        self._made[request_id] = drive.id
        return drive

    def delete(self, file: File, caller: Caller) -> None:
        """For good, with all that lies in it."""
        if self.is_root(file) or not self.may(file, caller, "organizer" if file.drive else "owner"):
            raise may_not(file.id)
        for child in [one for one in self.by_id.values() if one.parent == file.id]:
            self._drop(child)
        del self.by_id[file.id]

    def _drop(self, file: File) -> None:
        for child in [one for one in self.by_id.values() if one.parent == file.id]:
            self._drop(child)
        self.by_id.pop(file.id, None)


def stamp(moment: float) -> str:
    """RFC 3339 with milliseconds."""
    when = dt.datetime.fromtimestamp(int(moment * 1000) // 1000, dt.UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{int(moment * 1000) % 1000:03}Z"

"""The Drive folder that is the store: config/google.yaml, what the environment says instead, and the key that opens it."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lib.settings.document import UserError, read

PREFIX = "google"
_LINK = re.compile(r"https?://drive\.google\.com/\S*?(?:folders/|[?&]id=)([\w-]+)")
_ID = re.compile(r"[\w-]{8,}")
# Where Streamlit looks for secrets, the person's own file last, and the names that a service account goes by in them.
_SECRETS = (Path(".streamlit", "secrets.toml"), Path.home() / ".streamlit" / "secrets.toml")
_TABLES = ("google_service_account", "gcp_service_account")


@dataclass(frozen=True, slots=True)
class GoogleFolder:
    """A folder of Google Drive with the school's spreadsheets, and how to reach it. See config/google.yaml for each field."""

    id: str
    key_file: str = ""
    write_key_file: str = ""
    sheets_url: str = "https://sheets.googleapis.com"
    drive_url: str = "https://www.googleapis.com"
    link_url: str = "https://docs.google.com"
    reads_per_minute: int = 50
    writes_per_minute: int = 50
    young_seconds: float = 180.0
    side_by_side: int = 8
    connect_seconds: float = 5.0
    answer_seconds: float = 30.0
    patience_seconds: float = 40.0

    def __str__(self) -> str:
        return f"{PREFIX}:{self.id}"


class KeyProblem(Exception):
    """The service account's key is not there or is none. `place` says where it was looked for; never what stands in it."""

    def __init__(self, missing: bool, place: str) -> None:
        super().__init__(place)
        self.missing = missing
        self.place = place


def is_google(text: str) -> bool:
    """Whether a store's name means Google Drive: "google", "google:ID", or a link to a folder of Drive."""
    return text == PREFIX or text.startswith(f"{PREFIX}:") or bool(_LINK.match(text))


def folder_id(text: str) -> str:
    """The id in a link to a folder of Drive, in "google:ID", or the id itself; "" when there is none."""
    if linked := _LINK.match(text.removeprefix(f"{PREFIX}:")):
        return linked[1]
    bare = text.removeprefix(PREFIX).removeprefix(":") if text.startswith(PREFIX) else text
    return bare if _ID.fullmatch(bare) else ""


def google_folder(text: str, config: Path) -> GoogleFolder:
    """The folder that `text` names ("google": the one of google.yaml). UserError says what is missing."""
    found = _configured(config / "google.yaml")
    named = folder_id(text)
    if not named and text not in (PREFIX, f"{PREFIX}:"):
        raise UserError(f"the store {text!r} names no folder of Google Drive; expected google:ID, or the folder's link")
    if named:
        found = replace(found, id=named)
    if not found.id:
        raise UserError("config/google.yaml, folder: it is empty; expected the id or the link of the school's folder in Google Drive")
    if base := os.environ.get("SAPAT_GOOGLE_URL", "").rstrip("/"):
        found = replace(found, sheets_url=base, drive_url=base, link_url=base)
    if reads := os.environ.get("SAPAT_GOOGLE_READS", ""):
        if not reads.isdecimal() or not int(reads):
            raise UserError(f"SAPAT_GOOGLE_READS: {reads!r} was seen; expected how many reads a minute are allowed, such as 50")
        found = replace(found, reads_per_minute=int(reads))
    return found


def _configured(path: Path) -> GoogleFolder:
    if not path.is_file():
        return GoogleFolder("")
    entry = read(path)
    plain = GoogleFolder("")
    folder = entry.take("folder", str, "")
    identity = folder_id(folder)
    if folder and not identity:
        entry.fail("folder", f"{folder!r} was seen; expected the id or the link of a folder in Google Drive")
    numbers: dict[str, Any] = {}
    for name in ("reads_per_minute", "writes_per_minute", "side_by_side"):
        numbers[name] = entry.take(name, int, getattr(plain, name))
    for name in ("young_seconds", "connect_seconds", "answer_seconds", "patience_seconds"):
        numbers[name] = entry.take(name, float, getattr(plain, name))
    for name, value in numbers.items():
        if value < 0 or (value == 0 and name != "young_seconds"):
            entry.fail(name, f"{value:g} was seen; expected a number above 0")
    urls = {name: entry.take(name, str, getattr(plain, name)).rstrip("/") for name in ("sheets_url", "drive_url", "link_url")}
    for name, url in urls.items():
        if not re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])([:/]|$)", url):
            entry.fail(name, f"{url!r} was seen; expected an address that begins with https:// (http:// on this computer only)")
    keys = {name: entry.take(name, str, "") for name in ("key_file", "write_key_file")}
    found = replace(plain, id=identity, **keys, **urls, **numbers)
    entry.done()
    return found


def service_account(folder: GoogleFolder, root: Path, writing: bool = False) -> Mapping[str, Any]:
    """The service account's key: from the environment (SAPAT_GOOGLE_KEY, for writing SAPAT_GOOGLE_WRITE_KEY: a path or the JSON itself),
    else the file named in google.yaml, else .streamlit/secrets.toml. Raises KeyProblem."""
    variable = "SAPAT_GOOGLE_WRITE_KEY" if writing else "SAPAT_GOOGLE_KEY"
    named = folder.write_key_file if writing else folder.key_file
    if told := os.environ.get(variable, "").strip():
        return _parsed(told, variable) if told.startswith("{") else _from_file(Path(told), f"{variable}: {told}")
    if named:
        return _from_file(root / named, f"config/google.yaml: {named}")
    if not writing:
        for place in (root / _SECRETS[0], _SECRETS[1]):
            try:
                tables = tomllib.loads(place.read_text(encoding="utf-8"))
            except OSError:
                continue
            except (ValueError, UnicodeDecodeError):
                raise KeyProblem(False, place.name) from None
            for name in _TABLES:
                if isinstance(tables.get(name), dict):
                    return _checked(tables[name], f"{place.name}: [{name}]")
    raise KeyProblem(True, variable)


def _from_file(path: Path, place: str) -> Mapping[str, Any]:
    try:
        return _parsed(path.read_text(encoding="utf-8"), place)
    except OSError:
        raise KeyProblem(True, place) from None
    except UnicodeDecodeError:
        raise KeyProblem(False, place) from None


def _parsed(text: str, place: str) -> Mapping[str, Any]:
    try:
        return _checked(json.loads(text), place)
    except ValueError:  # its message would quote the text
        raise KeyProblem(False, place) from None


def _checked(key: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(key, dict) or not all(isinstance(key.get(part), str) for part in ("client_email", "private_key", "token_uri")):
        raise KeyProblem(False, place)
    return key

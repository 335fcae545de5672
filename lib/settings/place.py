"""Where a school's workbooks lie, and where what is made of them lies."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from lib.settings.google import GoogleFolder, google_folder, is_google

ROOT = Path(__file__).resolve().parent.parent.parent
DESK = ".sapat"
# A folder of .xlsx workbooks, or a folder of Google Drive.
Place = Path | GoogleFolder


def place_of(named: str | Place, config: Path) -> Place:
    """The place that a person named: a folder's path, or Google's (see lib.settings.google). Raises UserError."""
    if isinstance(named, str):
        return google_folder(named, config) if is_google(named) else Path(named)
    return named


def exists(place: Place | None) -> bool:
    """Whether there is anything to look into. For Google only a look can tell: True."""
    return place is not None and (isinstance(place, GoogleFolder) or place.is_dir())


def desk_of(place: Place) -> Path:
    """Where Sapat keeps what it made of a store: inside a folder; for Google, or where that may not be written, among `desks()`."""
    if isinstance(place, GoogleFolder):
        return _apart(f"{place.sheets_url} {place}")
    inside = place / DESK
    if inside.is_dir() and os.access(inside, os.W_OK):
        return inside
    if not inside.exists() and os.access(place, os.W_OK):
        return inside
    return _apart(str(place.resolve()))


def desks() -> Path:
    """The folder of all desks that do not lie in their store: SAPAT_DESKS, else var/desks."""
    return Path(os.environ.get("SAPAT_DESKS") or ROOT / "var" / "desks")


def store_file(place: Place) -> Path:
    """The optional file store.yaml with what is true of that one store: in the folder; for Google in its desk."""
    return (desk_of(place) if isinstance(place, GoogleFolder) else place) / "store.yaml"


def _apart(name: str) -> Path:
    return desks() / hashlib.sha256(name.encode()).hexdigest()[:16]

"""Where workbooks lie. Gives their cells as they are and judges nothing; the only package that knows spreadsheet readers."""

from __future__ import annotations

from lib.settings import GoogleFolder, Place, desk_of
from lib.store.base import Store


def open_store(place: Place) -> Store:
    """The store at a place. Nothing is asked of it yet."""
    if isinstance(place, GoogleFolder):
        from lib.store.google import GoogleStore  # a school with a folder need not wait for Google's packages

        return GoogleStore(place, desk_of(place) / "folders.json")
    from lib.store.folder import FolderStore

    return FolderStore(place)

"""Where workbooks lie. Gives their cells as they are and judges nothing; the only package that knows spreadsheet readers."""

from __future__ import annotations

from lib.settings import GoogleFolder, Place, desk_of
from lib.store.adding import Book
from lib.store.base import Store, StoreProblem


def open_store(place: Place) -> Store:
    """The store at a place. Nothing is asked of it yet."""
    if isinstance(place, GoogleFolder):
        from lib.store.google import GoogleStore  # a school with a folder need not wait for Google's packages

        return GoogleStore(place, desk_of(place) / "folders.json")
    from lib.store.folder import FolderStore

    return FolderStore(place)


def open_book(place: Place, name: str) -> Book:
    """The workbook `name` of the store, to add rows to. Raises StoreProblem when Google has none of that name, or is out of reach."""
    if isinstance(place, GoogleFolder):
        from lib.store.google import GoogleStore
        from lib.store.google_adding import GoogleBook

        identity = GoogleStore(place, desk_of(place) / "folders.json").identity(name)
        if not identity:
            raise StoreProblem("workbook_missing", {"value": name}, passing=True)
        return GoogleBook(place, identity, desk_of(place) / "adding" / identity)
    from lib.store.folder_adding import FolderBook

    return FolderBook(place, name, desk_of(place) / "adding.lock")

"""Where the school's own templates lie: in the folder `templates` of the store; for Google Drive in a folder of this computer."""

from __future__ import annotations

from pathlib import Path

from lib.documents.own.package import KINDS, MAX_FILE_BYTES, kind_of, refused
from lib.documents.own.placeholder import nearest_name
from lib.documents.own.template import Template
from lib.documents.own.words import PlaceholderWords
from lib.i18n import gettext as _
from lib.settings import ROOT, GoogleFolder, Settings, UserError
from lib.store.folder import OWN_TEMPLATES

_PASSED = ("~$", ".")  # locks of Word and LibreOffice, hidden files
_OTHERS = (".doc", ".xls", ".docm", ".xlsm", ".dotx", ".xltx", ".odt", ".ods")  # shown, so that nobody wonders where a file is


def folder(loaded: Settings, words: PlaceholderWords) -> Path | None:
    """The folder, whether or not it is there; None without a store."""
    if loaded.store is None:
        return None
    return ROOT / words.folder if isinstance(loaded.store, GoogleFolder) else loaded.store / OWN_TEMPLATES


def names(place: Path | None) -> list[str]:
    """The files that lie there and are or might be templates, by name."""
    if place is None or not place.is_dir():
        return []
    found = (path for path in place.iterdir() if path.is_file() and not path.name.startswith(_PASSED))
    return sorted(path.name for path in found if path.suffix.lower() in (*KINDS, *_OTHERS))


def opened(place: Path | None, name: str) -> Template:
    """The template of that name. UserError when there is none, or it is not taken."""
    known = names(place)
    kind_of(name)
    if place is None or name not in known:
        near = nearest_name(name, known)
        hint = f" {_('Nearest: {near}.', near=near)}" if near else ""
        expected = ", ".join(known) or "–"
        raise UserError(
            _("{where}: “{seen}” was seen; expected one of: {expected}.", where=OWN_TEMPLATES, seen=name[:60], expected=expected) + hint
        )
    file = place / name
    try:
        if file.is_symlink() and not file.resolve().is_relative_to(place.resolve()):
            raise refused(name, _("it leads out of the folder"))
        if file.stat().st_size > MAX_FILE_BYTES:
            raise refused(name, _("it is larger than {limit} MB", limit=MAX_FILE_BYTES // 2**20))
        return Template.of(name, file.read_bytes())
    except OSError as error:
        raise refused(name, error.strerror or type(error).__name__) from None

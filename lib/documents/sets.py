"""A whole set: one document for each class (subject, association, direction) that the viewer may have, as one archive.

Made piece by piece: whoever waits is told how far it has come, and may stop it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lib.documents.basis import Basis
from lib.documents.drafting import draft
from lib.documents.filed import filed
from lib.documents.phrases import Kind, Phrases
from lib.documents.request import Request, allowed, members, option
from lib.i18n import gettext as _
from lib.settings import UserError

# Nobody asks for a set of pupils: such an archive would hold a school's children under their names.
SETS = ("school_class", "subject", "association", "direction")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Whole:
    """A set that can be drawn up: the requests one by one, and the name of the archive without ending."""

    requests: tuple[Request, ...]
    file: str


def whole(basis: Basis, kind: Kind, like: Request, name: str) -> Whole:
    """The set of a kind over everything of one sort (`name`, a member of SETS), of the year and period of `like`. UserError when the kind
    is not about that sort, or nothing of it may be seen."""
    if name not in SETS or name not in kind.takes:
        expected = " | ".join(option(sort) for sort in kind.takes if sort in SETS) or "–"
        raise UserError(
            _("{kind} is not made as a set of {seen}; it takes: {expected}", kind=kind.id, seen=option(name), expected=expected)
        )
    blank = replace(like, **dict.fromkeys(("direction", "school_class", "subject", "association", "pupil"), ""))
    found = (replace(blank, **{name: member}) for member in members(basis, kind, name, like.school_year))
    requests = tuple(request for request in found if allowed(basis, kind, request))
    if not requests:
        raise UserError(_("There is nothing that this set could be made of."))
    return Whole(requests, "_".join(part for part in (kind.id, name, like.school_year, like.period) if part))


def pieces(basis: Basis, phrases: Phrases, found: Whole, ending: str) -> Iterator[tuple[str, bytes]]:
    """File name → content, one document after the other, in the current language."""
    day = basis.snapshot.as_of
    for request in found.requests:
        yield request.file + ending, filed(draft(basis, phrases, request), ending, day)


def archive(
    basis: Basis, phrases: Phrases, found: Whole, ending: str, progress: Progress, stopped: Callable[[], bool] = lambda: False
) -> bytes | None:
    """All of the set as a .zip; the same snapshot gives the same bytes. None when it was stopped."""
    made, total = io.BytesIO(), len(found.requests)
    progress(0, total, "")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for done, (name, content) in enumerate(pieces(basis, phrases, found, ending), 1):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            packed.writestr(entry, content)
            progress(done, total, name)
            if stopped():
                return None
    return made.getvalue()

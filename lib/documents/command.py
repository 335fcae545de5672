"""The command `document`: a document, or a whole set of them, from the current snapshot; the list of what there is."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib import i18n
from lib.access import Role, Viewer, log
from lib.documents.basis import Basis, Holdings
from lib.documents.drafting import draft
from lib.documents.filed import DOCX, PDF, filed
from lib.documents.own import shelf
from lib.documents.own.filling import PLACES, archive_of_classes, fill, purpose
from lib.documents.own.package import kind_of
from lib.documents.own.words import load as load_words
from lib.documents.phrases import Kind, Phrases, load
from lib.documents.request import Request, ask, nearest, option
from lib.documents.sets import archive, whole
from lib.i18n import gettext as _
from lib.settings import Settings, UserError, desk_of
from lib.snapshot import Snapshot
from lib.store.folder import OWN_TEMPLATES

Say = Callable[[str], None]
PAGE = "documents"  # under which the log of access notes that a pupil's page was opened
ARCHIVE = ".zip"
DIRECTOR = Viewer(None, frozenset({Role.DIRECTOR}))  # who has the command line has the whole store


@dataclass(frozen=True)
class Order:
    """What the command line asks for. `about` holds school_year, period and what the document is about, as they were typed.

    `out`: a file, or a folder for a file of the usual name; None: that file where the command was called. `kind`: DOCX or PDF where the
    name of the file does not say it.
    """

    name: str
    about: Mapping[str, str] = field(default_factory=dict)
    out: Path | None = None
    all_classes: bool = False
    kind: str = DOCX

    @property
    def template(self) -> str:
        """The file name of a template of the school's own; "" for a document of ours."""
        name = self.name.removeprefix(f"{OWN_TEMPLATES}/")
        return name if name != self.name or Path(name).suffix else ""

    def check(self) -> None:
        """What can be said without the school's figures: a name that there is, words that belong together. Raises UserError."""
        phrases = load()
        if self.template:
            self._check_template()
            return
        if self.name not in phrases.kinds:
            raise _no_such(self.name, phrases)
        if self.about.get("grade"):
            raise UserError(_("{kind} does not take {seen}; it takes: {expected}", kind=self.name, seen=option("grade"),
                              expected=_needs(phrases.kinds[self.name])))  # fmt: skip
        _ending(self.out, (ARCHIVE,) if self.all_classes else (DOCX, PDF), self.kind)

    def _check_template(self) -> None:
        kind = kind_of(self.template)
        wrong = [option(name) for name in ("direction", "pupil") if self.about.get(name)]
        if wrong:
            raise UserError(_("{kind} does not take {seen}; it takes: {expected}", kind=self.name, seen=", ".join(wrong),
                              expected=" | ".join(map(option, PLACES))))  # fmt: skip
        _ending(self.out, (ARCHIVE,) if self.all_classes else (kind,), kind)


def carry_out(order: Order, loaded: Settings, snapshot: Snapshot, now: dt.datetime, say: Say) -> int:
    """Write what was ordered, in the current language; the exit code. Raises UserError before anything is written."""
    order.check()
    phrases = load()
    started = time.perf_counter()
    basis = Basis(Holdings.of(snapshot, replace(loaded, as_of=snapshot.as_of)))
    if order.template:
        return _own(order, basis, phrases, say, started)
    if order.all_classes:
        return _set(order, basis, phrases, say, started)
    ending = _ending(order.out, (DOCX, PDF), order.kind)
    request = ask(basis, phrases, order.name, **order.about)
    _note(request, loaded, now)
    content = filed(draft(basis, phrases, request), ending, snapshot.as_of)
    written = write(_target(order.out, request.file + ending), content, say)
    say(f"{written}  ({time.perf_counter() - started:.1f} s)")
    return 0


def _set(order: Order, basis: Basis, phrases: Phrases, say: Say, started: float) -> int:
    kind = phrases.kinds[order.name]
    given = {name: value for name, value in order.about.items() if value}
    if wrong := [option(name) for name in given if name not in ("school_year", "period")]:
        raise UserError(_("--all-classes and {seen} were given; give one of them", seen=", ".join(wrong)))
    first = next(iter(basis.classes(given.get("school_year") or basis.roll.newest)), "")
    if "school_class" not in kind.takes or not first:
        able = ", ".join(found.id for found in phrases.kinds.values() if "school_class" in found.takes)
        raise UserError(_("--all-classes: {kind} is not made class by class; these are: {expected}", kind=kind.id, expected=able))
    found = whole(basis, kind, ask(basis, phrases, order.name, school_class=first, **given), "school_class")
    content = archive(basis, phrases, found, order.kind, Told(say))
    assert content is not None
    written = write(_target(order.out, found.file + ARCHIVE), content, say)
    say(_("{file}: documents {n}, {seconds} s", file=written, n=len(found.requests), seconds=f"{time.perf_counter() - started:.1f}"))
    return 0


def _own(order: Order, basis: Basis, phrases: Phrases, say: Say, started: float) -> int:
    """Fill a template of the school's own, for one group or for each class."""
    words = load_words()
    template = shelf.opened(shelf.folder(basis.loaded, words), order.template)
    wanted = purpose(basis, order.about)
    ending = template.kind
    if order.all_classes:
        if wanted.scope:
            raise UserError(_("--all-classes and {seen} were given; give one of them", seen=", ".join(map(option, wanted.scope))))
        content = archive_of_classes(basis, phrases, words, template, wanted, Told(say))
        assert content is not None
        ending, name = ARCHIVE, f"{Path(template.name).stem}_{wanted.school_year}_{wanted.period}"
    else:
        looked = fill(basis, phrases, words, template, wanted)
        looked.check()
        for met in looked.absent:
            say(f"{met.places[0]}: {met.text} – {met.value.note}")
        content, name = looked.content, wanted.file(template.name)
    written = write(_target(order.out, name + ending), content, say)
    say(f"{written}  ({time.perf_counter() - started:.1f} s)")
    return 0


def _note(request: Request, loaded: Settings, now: dt.datetime) -> None:
    """A pupil's page that was drawn up stands in the log of access, as a mark that leads to nobody."""
    if request.pupil and loaded.store is not None:
        log.opened(desk_of(loaded.store), now, DIRECTOR, PAGE, request.pupil)


class Told:
    """Says on a terminal how far a set has come and how long it will go on; elsewhere nothing."""

    def __init__(self, say: Say) -> None:
        self.say, self.started = say, time.perf_counter()

    def __call__(self, done: int, total: int, name: str) -> None:
        if not sys.stderr.isatty():
            return
        spent = time.perf_counter() - self.started
        left = f"{_('seconds left')}: {spent / done * (total - done):.0f}" if done else ""
        print(f"\r{done}/{total}  {name[:50]:<50} {left:<24}", end="\n" if done == total else "", file=sys.stderr, flush=True)


# --- files ---------------------------------------------------------------------------------------------------------------


def _ending(out: Path | None, known: Sequence[str], default: str) -> str:
    """The kind of file that is asked for by its name."""
    if out is None or out.is_dir() or not out.suffix:
        return default
    ending = out.suffix.lower()
    if ending not in known:
        raise UserError(_("--out: {seen} was seen; expected a file that ends with {expected}", seen=out.name, expected=" | ".join(known)))
    return ending


def _target(out: Path | None, usual: str) -> Path:
    if out is None:
        return Path(usual)
    return out / usual if out.is_dir() or not out.suffix else out


def write(path: Path, content: bytes, say: Say) -> Path:
    """The file, whole or not at all. Another one that is there (perhaps edited by hand) is kept beside it under a new name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.read_bytes() != content:
            kept = _free(path)
            os.replace(path, kept)
            say(_("A file was there; it is kept as {file}", file=kept))
        new = path.with_name(f".{path.name}.{os.getpid()}.new")
        new.write_bytes(content)
        os.replace(new, path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or type(error).__name__}") from None
    return path


def _free(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.stem}.old{number}{path.suffix}")).exists():
        number += 1
    return kept


# --- the list ------------------------------------------------------------------------------------------------------------


def listed(phrases: Phrases, loaded: Settings | None = None) -> str:
    """Every document with what it needs, as a table for people; behind them the templates of the school's own."""
    rows = [(_("document"), _("what it is"), _("needs"), "--period")]
    rows += [(kind.id, kind.name.of(i18n.language()), _needs(kind), _periods(kind)) for kind in phrases.kinds.values()]
    own = shelf.names(shelf.folder(loaded, load_words())) if loaded is not None else []
    takes = " ".join(f"[{option(name)}]" for name in PLACES)
    rows += [(f"{OWN_TEMPLATES}/{name}", _("a template of the school's own"), takes, "Q1–Q4, H1, H2, Y") for name in own]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _needs(kind: Kind) -> str:
    return " | ".join(map(option, kind.takes)) or "–"


def _periods(kind: Kind) -> str:
    spans = {"Q": "Q1–Q4", "H": "H1, H2", "Y": "Y"}
    return ", ".join(spans[name] for name in kind.periods) or "–"


def _no_such(name: str, phrases: Phrases) -> UserError:
    if not name:
        return UserError(
            _("Which document? One of: {expected}. `document --list` says what each needs.", expected=", ".join(phrases.kinds))
        )
    by_word = {word: kind.id for kind in phrases.kinds.values() for word in (kind.id, kind.name.ky, kind.name.ru, kind.name.en)}
    near = by_word.get(nearest(name, by_word), "")
    hint = f" {_('Nearest: {near}.', near=near)}" if near else ""
    expected = ", ".join(phrases.kinds)
    return UserError(
        _("{where}: “{seen}” was seen; expected one of: {expected}.", where=_("document"), seen=name[:60], expected=expected) + hint
    )

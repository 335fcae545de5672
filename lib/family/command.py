"""The commands `family codes`, `family revoke` and `family list`. Codes go into the PDF and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

from lib import i18n
from lib.family.codes import Codes, new_code
from lib.family.door import FOLDER
from lib.family.register import classes, members, school_year
from lib.family.rules import read_family
from lib.family.slips import pdf
from lib.family.views import Views
from lib.i18n import gettext as _
from lib.settings import Settings, UserError, desk_of
from lib.settings.ledger import write_private
from lib.snapshot import Snapshot, Snapshots

LIST_COLUMNS = ("school_class", "pupils", "with_code", "revoked", "ended", "class_code", "opened", "views")


def give_codes(
    loaded: Settings, school_class: str, out: Path, now: dt.datetime, say: Callable[[str], None], base_url: str = "", pupil: str = ""
) -> int:
    """New codes for a class (or one pupil of it), printed into `out`; the earlier ones of the same families end."""
    family, snapshot, folder = read_family(loaded), _current(loaded), _folder(loaded)
    school_class = _known(snapshot, loaded, school_class)
    pupils = [member for member in members(snapshot, loaded, school_class) if not pupil or member.pupil == pupil]
    if not pupils:
        raise UserError(_("Nobody learns in {school_class} now.", school_class=school_class) if not pupil else _not_there(school_class))
    if not out.parent.is_dir():
        raise UserError(f"--out: {out.parent} is no folder")
    wanted = [member.pupil for member in pupils] + ([] if pupil else [""])
    made = {pupil: new_code() for pupil in wanted}
    until = now.date() + dt.timedelta(days=family.code_days)
    school = loaded.school_name.of(i18n.language())
    # First the paper, then the register: codes that could not be printed must not end those that families hold.
    write_private(out, pdf(made, pupils, school, school_class, family, (base_url or family.base_url).rstrip("/"), until))
    Codes(folder).give(made, school_class, now, until)
    say(_("Slips: {n} ({file}). The codes stand there and nowhere else: print it, hand it out, delete it.", n=len(made), file=out.name))
    return 0


def revoke_codes(loaded: Settings, now: dt.datetime, say: Callable[[str], None], school_class: str = "", pupil: str = "") -> int:
    """End the codes of a class, or of one pupil."""
    snapshot, codes = _current(loaded), Codes(_folder(loaded))
    if pupil:
        ended = codes.revoke(now, pupils=(pupil,))
    else:
        school_class = _known(snapshot, loaded, school_class)
        ended = codes.revoke(now, school_class, {member.pupil for member in members(snapshot, loaded, school_class)})
    say(_("Codes ended: {n}. Whoever came in with one is shown out within a minute.", n=ended))
    return 0


def listed(loaded: Settings, today: dt.date) -> Iterator[tuple[object, ...]]:
    """For each class: pupils, how many have a code now, codes revoked and run out, whether there is a class code, and the openings."""
    snapshot, folder = _current(loaded), _folder(loaded)
    grants = Codes(folder).all()
    good = {grant.pupil for grant in grants if grant.pupil and grant.opens(today)}
    for school_class in classes(snapshot, loaded):
        pupils = [member.pupil for member in members(snapshot, loaded, school_class)]
        own = [grant for grant in grants if grant.school_class == school_class]
        seen = Views(folder).of(pupils).values()
        yield (
            school_class, len(pupils), sum(pupil in good for pupil in pupils), sum(grant.revoked for grant in own),
            sum(not grant.revoked and not grant.opens(today) for grant in own),
            "yes" if any(not grant.pupil and grant.opens(today) for grant in own) else "no",
            sum(one.times > 0 for one in seen), sum(one.times for one in seen),
        )  # fmt: skip


def _current(loaded: Settings) -> Snapshot:
    assert loaded.store is not None
    snapshot = Snapshots(loaded.store).current()
    if snapshot is None or not school_year(snapshot, loaded):
        raise UserError("nothing has been collected yet: run `python run.py collect` first")
    return snapshot


def _folder(loaded: Settings) -> Path:
    assert loaded.store is not None
    return desk_of(loaded.store) / FOLDER


def _known(snapshot: Snapshot, loaded: Settings, school_class: str) -> str:
    """The class as the register spells it."""
    by_key = {i18n.canon(name).upper(): name for name in classes(snapshot, loaded)}
    found = by_key.get(i18n.canon(school_class).upper())
    if found is None:
        raise UserError(f"--school-class: there is no {school_class!r} in the register; there are {', '.join(by_key.values())}")
    return found


def _not_there(school_class: str) -> str:
    return _("No pupil with that code learns in {school_class} now.", school_class=school_class)

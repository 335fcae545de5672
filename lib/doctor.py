"""`python run.py doctor`: whether the school can work, checked in order, and how to mend what is wrong."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

from lib import i18n
from lib.collection import STALE, Collected, collect
from lib.i18n import gettext as _
from lib.intake.reading import REFUSED
from lib.settings import GoogleFolder, Place, Settings, UserError, desk_of, exists
from lib.snapshot import Snapshots
from lib.store.base import StoreProblem

REGISTERS = ("R1", "R2C", "R2S", "R2L")
CLOCK_SLACK = 60.0  # seconds; Google refuses a sign-in whose clock is some minutes off
DISK_FLOOR = 200_000_000  # bytes
LISTED = 5  # workbooks or tabs named in one line


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, whether the school can work with it, what was seen, and how to mend it ("" when well)."""

    what: str
    good: bool
    seen: str
    mend: str = ""


def examine(place: Place, settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    """Each check as soon as it is made; those that stand on a failed one are not made."""
    yield Finding(
        _("configuration"), True,
        _("forms: {forms}, indicators: {indicators}, data as of: {day}", forms=len(settings.forms), indicators=len(settings.indicators),
          day=i18n.date(settings.as_of)),
    )  # fmt: skip
    if isinstance(place, GoogleFolder):
        reachable = True
        for finding in _google(place, settings):
            reachable = reachable and finding.good
            yield finding
        if not reachable:
            return
    else:
        mend = _("The folder does not exist: set SAPAT_STORE, or `store` in config/school.yaml.")
        yield Finding(_("folder of workbooks"), exists(place), str(place), mend)
        if not exists(place):
            return
    try:
        collected = collect(place, settings, now, only_if_changed=True)
    except UserError as error:
        yield Finding(_("workbooks"), False, str(error))
        return
    yield from _workbooks(collected, settings)
    if isinstance(place, GoogleFolder):
        yield from _google_afterwards(place, settings)
    snapshots = Snapshots(place)
    look = snapshots.looked()
    yield Finding(
        _("snapshot"), True,
        _("{id}, collected: {moment}, last look: {look}", id=collected.snapshot.id, moment=i18n.moment(collected.snapshot.collected_at),
          look=i18n.moment(look.at if look else None)),
    )  # fmt: skip
    free = shutil.disk_usage(desk_of(place)).free
    seen = _("free space, MB: {free}", free=free // 1_000_000)
    yield Finding(_("disk"), free > DISK_FLOOR, seen, _("Make room: a snapshot needs some megabytes."))


def _workbooks(collected: Collected, settings: Settings) -> Iterator[Finding]:
    """What stands in the workbooks: readable, recognised, of a version that is known; the registers are there."""
    sheets = collected.snapshot.table("sheets").to_pylist()
    issues = collected.snapshot.table("issues").to_pylist()
    stale = sorted({row["workbook"] for row in sheets if row["state"] == STALE})
    unreadable = [row for row in issues if row["severity"] == "error" and not row["tab"] and row["workbook"]]
    named = {row["workbook"]: row for row in unreadable}
    total = collected.read + collected.unchanged + collected.unreadable
    bad = sorted({*stale, *named})
    words = [
        f"{name}: {settings.issue_sentence(named[name]['code'], json.loads(named[name]['slots']), '', i18n.language())}"
        for name in bad[:LISTED] if name in named
    ]  # fmt: skip
    seen = _("workbooks: {total}, not readable now: {bad}", total=total, bad=len(bad))
    yield Finding(_("workbooks"), not bad and total > 0, seen, "\n".join(words) or _("Put the filled workbooks there."))
    refused = [row for row in sheets if row["state"] == REFUSED]
    places = ", ".join(f"{row['workbook']} / {row['tab']}" for row in refused[:LISTED])
    yield Finding(
        _("tabs of forms"), not refused, _("recognised: {good}, refused: {bad}", good=len(sheets) - len(refused), bad=len(refused)),
        _("See `python run.py issues`: {places}", places=places),
    )  # fmt: skip
    newer = sorted({f"{row['workbook']} / {row['tab']}" for row in issues if row["code"] == "form_newer"})
    yield Finding(
        _("versions of forms"), not newer, _("newer than the program: {n}", n=len(newer)),
        _("Update the program: {places}", places=", ".join(newer[:LISTED])),
    )  # fmt: skip
    there = {row["form"] for row in sheets}
    missing = [settings.forms[form].title.of(i18n.language()) for form in REGISTERS if form not in there]
    yield Finding(
        _("registers"), not missing, _("present: {n} of {all}", n=len(REGISTERS) - len(missing), all=len(REGISTERS)),
        _("Fill the registry (`python run.py templates OUT` writes a blank one): {names}", names=", ".join(missing)),
    )  # fmt: skip
    balance = collected.cells == collected.accepted + collected.reported
    yield Finding(_("cells"), balance, f"{collected.cells} = {collected.accepted} + {collected.reported}")


# --- Google --------------------------------------------------------------------------------------------------------------


def _google(folder: GoogleFolder, settings: Settings) -> Iterator[Finding]:
    """Key, clock, and whether the folder can be listed."""
    from lib.store.google import GoogleStore, credentials_of, service_clock

    try:
        _credentials, account = credentials_of(folder)
    except StoreProblem as problem:
        yield _problem(_("key of the service account"), problem, settings)
        return
    yield Finding(_("key of the service account"), True, account)
    try:
        off = service_clock(folder) - time.time()
        seen = _("differs from Google's, seconds: {n}", n=f"{abs(off):.0f}")
        yield Finding(_("clock"), abs(off) < CLOCK_SLACK, seen, _("Set this computer's clock right: Google refuses a sign-in otherwise."))
    except StoreProblem as problem:
        yield _problem(_("clock"), problem, settings)
        return
    try:
        found = GoogleStore(folder).workbooks()
    except StoreProblem as problem:
        yield _problem(_("folder in Google Drive"), problem, settings)
        return
    mend = _("Share the school's folder with {account} as Viewer, and put the spreadsheets into it.", account=account)
    yield Finding(_("folder in Google Drive"), bool(found), _("spreadsheets: {n}", n=len(found)), mend)


def _google_afterwards(folder: GoogleFolder, settings: Settings) -> Iterator[Finding]:
    """What is left of the minute's reads, and whether the key that may write is accepted, when there is one."""
    from lib.store.google import credentials_of, transport_of

    left = transport_of(folder).reads.left()
    seen = _("reads left in this minute: {n} of {all}", n=left, all=folder.reads_per_minute)
    yield Finding(_("quota"), left > 0, seen, _("Wait a minute and try again."))
    try:
        credentials_of(folder, writing=True)
        transport_of(folder, writing=True).sign_in()
    except StoreProblem as problem:
        if problem.code != "google_no_key" or folder.write_key_file:
            yield _problem(_("key that may write"), problem, settings)
        return
    yield Finding(_("key that may write"), True, _("accepted"))


def _problem(what: str, problem: StoreProblem, settings: Settings) -> Finding:
    seen, _expected, mend = settings.issue_words(problem.code, problem.slots, "", i18n.language())
    return Finding(what, False, seen, mend)

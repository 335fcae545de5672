"""The command `publish`: the checklist, and with --yes the edition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from lib.i18n import gettext as _
from lib.publication.draft import draft, publish
from lib.publication.edition import Editions
from lib.publication.files import NAMES
from lib.settings import Settings

COMMAND = "command"  # who published it, where nobody signs in


def carry_out(
    loaded: Settings, school_year: str, period: str, out: Path | None, confirmed: bool, now: dt.datetime, say: Callable[[str], None]
) -> int:  # fmt: skip
    """Say the checklist; publish when it is `confirmed` and nothing forbids it, and copy the files to `out`. Gives the exit code."""
    made = draft(loaded, school_year, period, now.date())
    for check in sorted(made.checks, key=lambda check: not check.blocking):
        say(f"{'▼' if check.blocking else '○'} {check.code}: {check.text}")
    if made.blocked:
        say(_("Nothing was published. Mend what is marked with ▼ first."))
        return 1
    if not confirmed:
        say(_("Nothing was published. Add --yes to publish."))
        return 0
    folder = publish(loaded, made, COMMAND, now)
    if out is not None:
        assert loaded.store is not None
        out.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (out / name).write_bytes(Editions(loaded.store).file(folder.name, name))
    say(_("Published: {edition}", edition=folder.name))
    return 0

"""Sources that are stale: workbooks whose figures are older than the last look at the store, since when, and why."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from lib import i18n
from lib.model.indicator import Direction
from lib.settings import Settings
from lib.snapshot import Snapshot
from lib.ui import data
from lib.ui.page import indicators_of

STALE = "stale"  # lib.collection.STALE: a page does not wait for all that collecting imports


@dataclass(frozen=True, slots=True)
class StaleSource:
    """A workbook with stale tabs. `since`: when they were last as their workbook is; `code` and `slots`: the issue that says why."""

    workbook: str
    tabs: tuple[str, ...]
    whole: bool  # every tab of the workbook is stale
    forms: frozenset[str]
    since: dt.datetime | None
    code: str
    slots: Mapping[str, str]

    def words(self, loaded: Settings) -> tuple[str, str]:
        """Why it is stale, and the one next step."""
        seen, _expected, mend = loaded.issue_words(self.code, self.slots, "", i18n.language())
        return seen, mend

    def feeds(self, loaded: Settings, direction: Direction) -> bool:
        """Whether figures of the direction are read from what is stale here."""
        return any(source.form in self.forms for indicator in indicators_of(loaded, direction) for source in indicator.sources)


def stale_sources(snapshot: Snapshot) -> tuple[StaleSource, ...]:
    """The stale workbooks of the snapshot, by name."""
    sheets = data.sheets(snapshot)
    stale = sheets[sheets["state"] == STALE]
    if stale.empty:
        return ()
    issues = data.issues(snapshot)
    tabs_of = sheets[sheets["state"] != "ignored"].groupby("workbook").size()
    found = []
    for name, rows in stale.groupby("workbook"):
        code = next((reason for reason in rows["reason"] if reason), "")
        about = issues[(issues["workbook"] == name) & (issues["code"] == code)]["slots"]
        times = [dt.datetime.fromisoformat(text) for text in rows["fresh_at"] if text]
        found.append(
            StaleSource(
                str(name), tuple(rows["tab"]), len(rows) >= tabs_of[name], frozenset(rows["form"]), min(times, default=None), code,
                json.loads(about.iloc[0] or "{}") if len(about) else {},
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda source: i18n.ky_key(source.workbook)))

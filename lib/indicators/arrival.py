"""What has arrived of the forms behind a row of the plan, for its term: from the snapshot's completeness, which alone says what is
complete."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lib.i18n import match_key
from lib.model.calendar import YEAR
from lib.settings import Settings

# The sheets of the monitoring itself, which nobody fills in for a row of the plan.
OFFICE_FORMS = ("F24", "F25", "F26", "F27")


@dataclass(frozen=True, slots=True)
class Arrival:
    """How much of one form has come for one of its terms, over all its tabs. `since`: the day on which the last tab was first complete."""

    form: str
    period: str
    due: dt.date
    tabs: int
    complete_tabs: int
    required: int
    filled: int
    since: dt.date | None = None

    @property
    def complete(self) -> bool:
        return self.complete_tabs == self.tabs

    @property
    def share(self) -> float:
        """Filled of required cells, %."""
        return 100.0 * self.filled / self.required if self.required else 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The forms behind a row for one of its terms. `whole`: every form behind it has a term of its own near this one, so that its arrival
    says whether the row is done; `complete`: all of them have come; `begun`: some cell for this very term has."""

    arrivals: tuple[Arrival, ...] = ()
    whole: bool = False
    complete: bool = False
    begun: bool = False

    @property
    def since(self) -> dt.date | None:
        """The day on which everything was complete for the first time, as far as it is known."""
        days = [arrival.since for arrival in self.arrivals if arrival.since is not None]
        return max(days) if self.complete and days else None


NO_EVIDENCE = Evidence()


class Arrivals:
    """The arrivals of one school year, asked by a row of the plan and its day. `completeness`: rows of the snapshot's table."""

    def __init__(self, completeness: Iterable[Mapping[str, Any]], settings: Settings, school_year: str) -> None:
        self._settings = settings
        self._near = dt.timedelta(days=int(getattr(settings.thresholds, "plan_evidence_days", 21)))
        self._by_form: dict[str, list[Arrival]] = {}
        for arrival in _summed(completeness, school_year):
            self._by_form.setdefault(arrival.form, []).append(arrival)

    def behind(self, indicators: Iterable[str], document: str) -> list[str]:
        """The forms that a row's indicators are read from. Registers count only where there is nothing else, and a visit to a lesson has
        no form of its own: the sheet of visits says nothing about one that is only planned."""
        if any(match_key(word) in match_key(document) for word in self._settings.choices.get("visit_card", ())):
            return []
        known = self._settings.all_indicators
        forms = dict.fromkeys(source.form for code in indicators if code in known for source in known[code].sources)
        found = [form for form in forms if form not in OFFICE_FORMS]
        return [form for form in found if not self._is_register(form)] or found

    def evidence(self, indicators: Iterable[str], document: str, due: dt.date) -> Evidence:
        """What has come for the row's term on that day: of each form behind it the term of its own that lies nearest, if it lies near."""
        forms = self.behind(indicators, document)
        if not forms:
            return NO_EVIDENCE
        arrivals: list[Arrival] = []
        whole = complete = True
        for form in forms:
            nearest = self._nearest(form, due)
            whole &= bool(nearest)
            complete &= all(arrival.complete and self._speaks_of_now(arrival) for arrival in nearest)
            arrivals += nearest
        begun = any(arrival.filled and not self._grows_all_year(arrival) for arrival in arrivals)
        return Evidence(tuple(arrivals), whole, whole and complete, whole and begun)

    def _nearest(self, form: str, due: dt.date) -> list[Arrival]:
        known = self._by_form.get(form, ())
        apart = min((abs(arrival.due - due) for arrival in known), default=None)
        if apart is None or apart > self._near:
            return []
        return [arrival for arrival in known if abs(arrival.due - due) == apart]

    def _speaks_of_now(self, arrival: Arrival) -> bool:
        """A list that grows all the year is complete as soon as it has one whole row: it answers for a term only when that came near it."""
        if not self._grows_all_year(arrival):
            return True
        return arrival.since is not None and arrival.since >= arrival.due - self._near

    def _grows_all_year(self, arrival: Arrival) -> bool:
        return self._settings.forms[arrival.form].rows == "open" and arrival.period == YEAR

    def _is_register(self, form: str) -> bool:
        return self._settings.forms[form].placement == "registry"


def _summed(completeness: Iterable[Mapping[str, Any]], school_year: str) -> Iterable[Arrival]:
    sums: dict[tuple[str, str, dt.date], list[Mapping[str, Any]]] = {}
    for row in completeness:
        if row["school_year"] == school_year and row["required"] and row["due"] is not None:
            sums.setdefault((row["form"], row["period"], row["due"]), []).append(row)
    for (form, period, due), rows in sums.items():
        days = [row["submitted"] for row in rows if row["submitted"] is not None]
        yield Arrival(
            form, period, due, len(rows), sum(row["filled"] >= row["required"] for row in rows), sum(row["required"] for row in rows),
            sum(row["filled"] for row in rows), max(days, default=None),
        )  # fmt: skip

"""How a page opens: only in a session that the frame has marked, with the view that the filters chose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import pandas as pd
import streamlit as st

from lib import access, analysis, i18n, wording
from lib.access import Place, Viewer
from lib.access.roles import PUBLIC
from lib.analysis import Change, Figure
from lib.i18n import gettext as _
from lib.model.indicator import Direction, Indicator
from lib.settings import Settings
from lib.snapshot import Snapshot
from lib.ui import data, state
from lib.ui.state import Chosen

T = TypeVar("T")
_OPENING = "opening_of_this_run"


@dataclass(frozen=True)
class View:
    """What a page shows: the configuration, the snapshot as the viewer sees it, and what they chose. Every figure of a page is asked here.

    For those who see everything `snapshot` is the snapshot itself, else a lib.access.sight.SeenSnapshot.
    """

    loaded: Settings
    snapshot: Snapshot
    roll: data.Roll
    chosen: Chosen
    direction: Direction | None = None
    viewer: Viewer = PUBLIC

    @cached_property
    def indicators(self) -> list[Indicator]:
        """The direction's indicators, then those it shows by tag; the headline ones of all nine where there is no direction. Without those
        that the viewer sees nowhere."""
        found = indicators_of(self.loaded, self.direction) if self.direction is not None else data.headline(self.loaded)
        return [indicator for indicator in found if data.sight(self.snapshot).knows(indicator)]

    @cached_property
    def values(self) -> data.Values:
        if self.direction is None:
            return data.headline_values(self.snapshot, self.loaded)
        return data.values(self.snapshot, (indicator.code for indicator in self.indicators), loaded=self.loaded)

    def indicator(self, code: str) -> Indicator:
        return self.loaded.all_indicators[code]

    def has(self, code: str) -> bool:
        """Whether the catalogue of this school holds the indicator, and the viewer sees it anywhere."""
        return code in self.loaded.all_indicators and data.sight(self.snapshot).knows(self.loaded.all_indicators[code])

    def scope(self, indicator: Indicator) -> dict[str, str]:
        """The part of the chosen filters that the indicator can follow; {} is the whole school."""
        return data.scope_of(self.chosen, indicator)

    @cached_property
    def asked(self) -> dict[str, str]:
        """The scope that the filters ask for, whether or not an indicator can follow it."""
        return {name: value for name, value in (self.chosen.place, self.chosen.topic) if value}

    @cached_property
    def _nearest(self) -> dict[tuple[str, ...], list[str]]:
        """The kinds of periods that an indicator has → its periods near the chosen one. Asked for each figure of a page anew."""
        return {}

    def period(self, indicator: Indicator, scope: Mapping[str, str] | None = None) -> str:
        """The indicator's own period for a reader of the chosen one: the nearest that has a figure, else the nearest."""
        scope = self.scope(indicator) if scope is None else scope
        nearest = self._nearest.get(indicator.periods)
        if nearest is None:
            nearest = analysis.periods_for(self.loaded, indicator, self.chosen.school_year, self.chosen.period)
            self._nearest[indicator.periods] = nearest
        for own in nearest:
            figure = self.values.at(indicator.code, self.chosen.school_year, own, scope)
            if figure is not None and figure.value is not None:
                return own
        return nearest[0] if nearest else _fallback(indicator, self.chosen.period)

    def figure(
        self, indicator: Indicator, scope: Mapping[str, str] | None = None, period: str = "", school_year: str = ""
    ) -> Figure | None:
        """The figure of the chosen school year and the indicator's own period at the given scope (default: what is chosen)."""
        scope = self.scope(indicator) if scope is None else scope
        own = period or self.period(indicator, scope)
        return self.values.at(indicator.code, school_year or self.chosen.school_year, own, scope)

    def change(self, indicator: Indicator) -> Change | None:
        """Against the previous comparable period, over the same classes."""
        scope, year = self.scope(indicator), self.chosen.school_year
        figures, cohorts = self.values.with_classes(indicator.code), data.cohorts(self.snapshot)
        return analysis.matched_change(self.loaded, indicator, figures, scope, year, self.period(indicator, scope), cohorts)

    def history(self, indicator: Indicator) -> pd.DataFrame:
        """The figure's series up to its own period, at most nine periods of the same kind (columns: lib.analysis.history)."""
        scope, year = self.scope(indicator), self.chosen.school_year
        figures, cohorts = self.values.of_indicator(indicator.code), data.cohorts(self.snapshot)
        return analysis.history(self.loaded, indicator, figures, scope, year, self.period(indicator, scope), cohorts)

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once for what is chosen (see lib.ui.data.kept)."""
        direction = self.direction.id if self.direction else ""
        return data.kept(self.snapshot, self.loaded, (name, direction, *dataclasses.astuple(self.chosen)), make)

    def reason(self, indicator: Indicator) -> str:
        """Why the chosen figure is not there."""
        scope = self.scope(indicator)
        if not data.sight(self.snapshot).sees(indicator, data.spot(self.chosen.school_year, scope)):
            return _("Shown only to those who answer for it.") if scope else _("Choose a class of your own: the figure is not shown wider.")
        own = self.period(indicator)
        figure = self.figure(indicator, period=own)
        if figure is not None and figure.value is not None and not data.sight(self.snapshot).all_seen:
            return _("Of your own classes there is nothing here; the others are shown to those who answer for them.")
        return wording.reason(self.loaded, indicator, figure, self.chosen.school_year, own, self.snapshot.as_of)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The school classes within the chosen place that the viewer sees; when one is chosen, all of its grade (to compare it with)."""
        sees = data.sight(self.snapshot).sees_class
        year = self.chosen.school_year
        return tuple(name for name in self._all_classes if sees(Place(year, school_class=name)))

    @cached_property
    def _all_classes(self) -> tuple[str, ...]:
        rows = self.roll.classes.get(self.chosen.school_year, ())
        grade = self.chosen.grade
        if self.chosen.school_class:
            grade = next((g for name, g, _s in rows if name == self.chosen.school_class), grade)
        return tuple(
            name for name, of_grade, of_stage in rows
            if (not grade or of_grade == grade) and (not self.chosen.stage or grade or of_stage == self.chosen.stage)
        )  # fmt: skip

    @cached_property
    def pupils(self) -> int:
        """Active pupils at the end of the chosen period in the chosen place."""
        year, period = self.chosen.school_year, self.chosen.period
        names = (self.chosen.school_class,) if self.chosen.school_class else self._all_classes
        return sum(self.roll.pupils.get((year, period, name), 0) for name in names)


def indicators_of(loaded: Settings, direction: Direction) -> list[Indicator]:
    """The direction's own indicators, then those it shows by tag, as far as this school's catalogue holds them."""
    own = [indicator for indicator in loaded.indicators.values() if indicator.direction == direction.id]
    return own + [loaded.indicators[code] for code in direction.also if code in loaded.indicators]


def _fallback(indicator: Indicator, period: str) -> str:
    """A period of the indicator that has not begun yet."""
    kind = indicator.periods[0]
    if period[0] in indicator.periods:
        return period
    return {"Q": "Q1", "H": "H1" if period in ("Q1", "Q2") else "H2", "M": "M09"}.get(kind, "Y")


@dataclass(frozen=True)
class Opened:
    """What a page of families or of the community opens with. `snapshot`: the whole one, only where the page itself judges whose rows it
    shows (a family's), else None."""

    loaded: Settings
    viewer: Viewer
    snapshot: Snapshot | None = None


@dataclass(frozen=True)
class Opening:
    """What the frame hands over to the page of this run."""

    page: str
    loaded: Settings
    viewer: Viewer
    snapshot: Snapshot | None = None
    view: View | None = None


def hand_over(opening: Opening | None) -> None:
    """Called by the frame: what the page of this run will open with; None until that is known."""
    st.session_state[_OPENING] = opening


def open(direction: str = "") -> View:
    """The view of this run; stops when the frame did not run before the page, when the viewer has no right to the page, or when there is
    nothing to show yet."""
    opening = _allowed()
    view = opening.view
    if view is None or (direction and view.loaded.directions[direction].slug != opening.page):
        st.stop()
    if not direction:
        return view
    opened = dataclasses.replace(view, direction=view.loaded.directions[direction])
    st.markdown(f":gray[{_('Shown')}:] **{sentence(opened)}**")
    return opened


def open_family() -> Opened:
    """For a page of families: who looks, and the whole snapshot. The page asks for a code, and shows the rows of that one child only."""
    opening = _allowed()
    return Opened(opening.loaded, opening.viewer, opening.snapshot)


def open_whole() -> Opened:
    """For a page of the administration that has no filters: who looks, and the whole snapshot, which the page's roles see all of."""
    return open_family()


def open_public() -> Opened:
    """For a page of the community, which reads what was published and never a snapshot."""
    opening = _allowed()
    return Opened(opening.loaded, opening.viewer)


def allow() -> None:
    """Stop the page unless the frame ran before it in this session and the viewer has a right to it."""
    _allowed()


def _allowed() -> Opening:
    opening = st.session_state.get(_OPENING)
    if not state.marked() or not isinstance(opening, Opening):
        st.error(_("This page opens only through the application."))
        st.stop()
    if not access.load().allowed(opening.viewer, opening.page):
        st.error(_("This page is not among those of your role."))
        st.stop()
    return opening


def sentence(view: View) -> str:
    """What is shown, in words: "Grade 7 · Algebra · Quarter 2, 2025–2026 · 74 pupils"."""
    chosen = view.chosen
    place, where = chosen.place
    told = [wording.member(view.loaded, place, where) if where else _("Whole school")]
    if chosen.stage and place != "stage" and place == "grade":
        told.append(wording.stage(view.loaded, chosen.stage))
    topic, what = chosen.topic
    told.append(wording.member(view.loaded, topic, what) if topic else _("all subjects"))
    told.append(wording.at_time(chosen.school_year, chosen.period))
    told.append(_("{n} pupils", n=i18n.number(view.pupils, 0)))
    return " · ".join(told)


# --- headings ------------------------------------------------------------------------------------------------------------


def direction_heading(loaded: Settings, direction: Direction) -> None:
    """The direction's name, its question, and where the regulation speaks of it."""
    language = i18n.language()
    st.title(direction.name.of(language), anchor=False)
    numeral = (
        f"{_('Regulation, clause {clause}', clause='2.16')}, №{i18n.NBSP}{direction.numeral}"
        if direction.numeral
        else _("Regulation, clause {clause}", clause="2.16")
    )
    st.caption(f"{direction.question.of(language)} · {numeral}")


def overview_heading(loaded: Settings) -> None:
    """The passport's title and the school whose it is."""
    st.title(_("The school's quality passport"), anchor=False)
    st.markdown(f"**{wording.plain(loaded.school_name.of(i18n.language()))}**")

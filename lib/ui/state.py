"""What a browser session carries: the frame's mark, and what the reader chose in the filters."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import streamlit as st

from lib.settings import ROOT

# The direction that has no page of its own: how the monitoring itself goes is told on the collection page.
MONITORING = "Q"
PAGES = ROOT / "pages"
VIEW_AS = "view_as"  # whom the demo school is looked at as
LANGUAGE = "lang"  # the widget's key and, as for every filter, the name in the address
DECIDING = "deciding"  # the open dialog of a decision: what is typed there is not to be lost by drawing the page anew
_MARK = "opened_by_the_frame"
_BEFORE = "before_"
_DONE = "done_"


@dataclass(frozen=True)
class Chosen:
    """What the filters say; an empty text means "all". The field names are the dimensions of a value, and the keys in the address."""

    school_year: str
    period: str
    stage: str = ""
    grade: str = ""
    school_class: str = ""
    subject: str = ""
    method_association: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """The narrowest chosen place as (dimension, value): a class, else a grade, else a stage, else ("school", "")."""
        for name in ("school_class", "grade", "stage"):
            if value := getattr(self, name):
                return name, value
        return "school", ""

    @property
    def topic(self) -> tuple[str, str]:
        """The chosen subject, else methodical association, as (dimension, value); ("", "") when neither is chosen."""
        for name in ("subject", "method_association"):
            if value := getattr(self, name):
                return name, value
        return "", ""


PLACE_FILTERS = tuple(f.name for f in fields(Chosen) if f.name not in ("school_year", "period"))


def mark() -> None:
    """Called by the frame alone: from now on pages of this session may draw."""
    st.session_state[_MARK] = True


def marked() -> bool:
    """Whether the frame ran in this session before the page did."""
    return bool(st.session_state.get(_MARK))


def chosen_language() -> str:
    """The language to draw this run in: the switch of this session, else the address, else Kyrgyz."""
    return str(st.session_state.get(LANGUAGE) or st.query_params.get(LANGUAGE) or "ky")


def changed(what: str, value: str) -> bool:
    """Whether `what` (the language, the page) was another one in the last run of this session. Remembers `value`."""
    before = st.session_state.get(_BEFORE + what, value)
    st.session_state[_BEFORE + what] = value
    return bool(before != value)


def direction_files() -> list[Path]:
    """The files of the directions' pages; each is named by its direction's slug."""
    return sorted((PAGES / "directions").glob("*.py"))


def first_time(what: str) -> bool:
    """Whether `what` is asked for the first time in this session; true once."""
    return not st.session_state.get(_DONE + what) and not st.session_state.update({_DONE + what: True})


def page_file(name: str) -> Path:
    """The file of a page by its name, which for a direction is its slug."""
    found = (PAGES / folder / f"{name}.py" for folder in ("office", "family", "public"))
    return next((file for file in found if file.exists()), PAGES / "directions" / f"{name}.py")

"""Codes and sessions of the running school: shared by the page, where a code is typed, and the route that a slip's QR opens."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import streamlit as st

from lib.access import log
from lib.access.roles import PUBLIC
from lib.family.codes import Grant
from lib.family.door import Answer, Door
from lib.family.rules import Family, read_family
from lib.settings import ROOT, Settings, desk_of


@st.cache_resource(max_entries=2, show_spinner=False)
def _family(stamp: int, fingerprint: str, _loaded: Settings) -> Family:
    return read_family(_loaded)


def family_of(loaded: Settings) -> Family:
    """config/family.yaml as it is on disk now. UserError names the line that is wrong."""
    return _family((ROOT / "config" / "family.yaml").stat().st_mtime_ns, loaded.fingerprint + loaded.digest, loaded)


@st.cache_resource(max_entries=4, show_spinner=False)
def _door(desk: str, _family: Family) -> Door:
    return Door(Path(desk), _family)


def door_of(loaded: Settings) -> Door:
    """The one door of the school in this process; its sessions live as long as the process does."""
    return _door(str(desk(loaded)), family_of(loaded))


def desk(loaded: Settings) -> Path:
    """Where codes, counts and the log of this school lie."""
    assert loaded.store is not None
    return desk_of(loaded.store)


def enter(loaded: Settings, typed: str, address: str) -> Answer:
    """Try a code that somebody at that address typed or scanned; a refusal stands in the log, without the code."""
    now = dt.datetime.now()
    answer = door_of(loaded).enter(typed, address, now)
    if answer.grant is None:
        log.refused(desk(loaded), now, PUBLIC, "too many codes" if answer.wait else "wrong code", "my_child")
    return answer


def granted(loaded: Settings, token: str, use: bool = True) -> Grant | None:
    """What the session opens now; `use` False does not prolong it."""
    return door_of(loaded).sessions.grant(token, dt.datetime.now(), use) if token else None


def leave(loaded: Settings, token: str) -> None:
    """End the session."""
    door_of(loaded).sessions.end(token)

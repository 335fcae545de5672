"""Who looks: the person who signed in, the one chosen in the demo school, or nobody; and the sentence where pages stay closed."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lib import access, i18n, wording
from lib.access import Rights, Role, Viewer, log
from lib.access.claims import Refusal, person_of
from lib.access.rights import THIS_COMPUTER_ONLY
from lib.access.roles import PUBLIC
from lib.access.staff import NOBODY, Staff
from lib.i18n import gettext as _
from lib.settings import Settings, desk_of
from lib.settings.web import web
from lib.snapshot import Snapshot
from lib.ui import data, state

LOCAL = ("127.0.0.1", "::1", "localhost")
PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")  # headers of a request that a proxy handed on
EVERY = 20  # seconds between two questions whether the person of an open page may still see it
KEPT, WAITS = 500, dt.timedelta(minutes=10)  # wanted pages, and how long one waits for its visitor
_SAID = "said_of_this_session"


@dataclass(frozen=True)
class Visit:
    """Who looks, and why the school's inner pages stay closed to them (None: they do not)."""

    viewer: Viewer
    closed: Refusal | None = None
    staff: Staff = NOBODY


def visit(loaded: Settings, snapshot: Snapshot | None) -> Visit:
    """Judged anew at every run: by the claims of the account, this snapshot's staff and the configuration on disk."""
    rights = access.load()
    staff = data.staff(snapshot, loaded, rights) if snapshot is not None else NOBODY
    if is_set_up():
        found = person_of(st.user.to_dict(), staff, rights, dt.datetime.now(dt.UTC))
        return Visit(PUBLIC, found, staff) if isinstance(found, Refusal) else Visit(Viewer(found, found.roles), staff=staff)
    if loaded.demo:
        return Visit(_played(staff), staff=staff)
    if rights.mode != THIS_COMPUTER_ONLY:
        return Visit(PUBLIC, Refusal.NOT_SET_UP, staff)
    if not _at_this_computer():
        return Visit(PUBLIC, Refusal.NOT_HERE, staff)
    return Visit(Viewer(None, frozenset({Role.DIRECTOR})), staff=staff)


def is_set_up() -> bool:
    """Whether the secrets name a provider to sign in with."""
    return bool(_section())


def _section() -> Mapping[str, object]:
    if not st.secrets.load_if_toml_exists():
        return {}
    found = st.secrets.get("auth", {})
    return found if isinstance(found, Mapping) else {}


def _at_this_computer() -> bool:
    """Whether the server listens here alone and behind no proxy, and the request came from here and through nobody."""
    headers = st.context.headers
    host = (headers.get("Host") or "").rsplit(":", 1)[0].strip("[]")
    if web().proxies:
        return False
    return st.get_option("server.address") in LOCAL and host in ("", *LOCAL) and not any(name in headers for name in PASSED_ON)


def _played(staff: Staff) -> Viewer:
    """Whom the demo school is looked at as: the director unless another one is chosen."""
    role = Role(st.session_state.get(state.VIEW_AS) or Role.DIRECTOR)
    people = staff.with_role(role)
    chosen = st.session_state.get(f"{state.VIEW_AS}_{role}")
    person = next((p for p in people if p.teacher_id == chosen), people[0] if people else None)
    return Viewer(person, frozenset({role}), demo=True)


# --- what is drawn -------------------------------------------------------------------------------------------------------


def role_name(rights: Rights, loaded: Settings, role: Role) -> str:
    """A role in the reader's language."""
    name = rights.roles[role].name
    words = name if name is not None else loaded.roles[role]
    return words.of(i18n.language())


def sidebar(loaded: Settings, now: Visit) -> None:
    """Who looks, and the way out or in; in the demo school, the choice of whom to look as."""
    rights = access.load()
    with st.sidebar:
        if now.viewer.demo:
            _choose(loaded, rights, now)
        elif is_set_up() and now.closed is Refusal.SIGN_IN:
            _buttons("")
        elif is_set_up():
            if now.viewer.person is not None:
                roles = ", ".join(role_name(rights, loaded, role) for role in Role if role in now.viewer.roles)
                st.caption(f"{wording.plain(now.viewer.person.name)} · {roles}".strip(" ·"))
            st.button(_("Sign out"), icon=":material/logout:", type="tertiary", key="sign_out", on_click=st.logout)


def _choose(loaded: Settings, rights: Rights, now: Visit) -> None:
    names = {role: role_name(rights, loaded, role) for role in Role}
    chosen = st.selectbox(
        f":material/visibility: {_('View as')}", tuple(Role), key=state.VIEW_AS, format_func=lambda role: names[Role(role)],
        help=_("This school is invented: look at it as anybody."),
    )  # fmt: skip
    role = Role(chosen or Role.DIRECTOR)
    people = {person.teacher_id: person.name for person in now.staff.with_role(role)}
    if len(people) > 1:
        st.selectbox(
            _("Person"), tuple(people), key=f"{state.VIEW_AS}_{role}", format_func=lambda code: people.get(code, code),
            label_visibility="collapsed",
        )  # fmt: skip


def gate(now: Visit, page: str) -> None:
    """Instead of an inner page: one sentence, and the next step where there is one."""
    assert now.closed is not None
    days = access.load().sign_in_days
    said = {
        Refusal.SIGN_IN: _("Sign in to open this page."),
        Refusal.NOT_SET_UP: _("The school's pages stay closed until sign-in has been set up: see docs/access.md."),
        Refusal.NOT_HERE: _("The school's pages open on this computer alone: start with `python run.py` and open them here."),
        Refusal.UNVERIFIED: _("The provider does not confirm the e-mail of this account."),
        Refusal.UNKNOWN: _("This account is not on the school's list of staff: the deputy director can add its e-mail there."),
        Refusal.OLD: _("Your sign-in is older than {n} days: sign in again.", n=i18n.number(days, 0)),
    }
    st.markdown(said[now.closed])
    if now.closed in (Refusal.SIGN_IN, Refusal.OLD):
        _buttons(page)
    elif is_set_up():
        st.button(_("Sign out"), icon=":material/logout:", key="sign_out_here", on_click=st.logout)


def _buttons(page: str) -> None:
    """A button for each provider. The page and its filters are remembered, for Streamlit comes back to the first page."""
    section = _section()
    named = [str(name) for name, about in section.items() if isinstance(about, Mapping) and "client_id" in about]
    for name in [*(["default"] if "client_id" in section else []), *named]:
        label = _("Sign in") if name == "default" else _("Sign in: {provider}", provider=name)
        key = f"sign_in_{name}_{'page' if page else 'side'}"
        if st.button(label, icon=":material/login:", type="primary" if page else "tertiary", key=key):
            wanted.keep(page or "overview", {name: st.query_params[name] for name in st.query_params})
            st.login() if name == "default" else st.login(name)


# --- an open page --------------------------------------------------------------------------------------------------------


@st.fragment(run_every=EVERY)
def watch(shown: Viewer) -> None:
    """Ask by itself whether the person of an open page is still who they were; if not, the whole page is judged anew."""
    loaded = data.current_settings()
    if visit(loaded, data.current_snapshot(loaded)).viewer != shown:
        st.rerun()


def note(loaded: Settings, now: Visit, page: str) -> None:
    """Write a sign-in, or a refusal, into the log once a session; the demo school's are nobody's."""
    if loaded.store is None or now.viewer.demo or now.closed in (Refusal.SIGN_IN, Refusal.NOT_SET_UP):
        return
    said = "" if now.closed is None else now.closed.value
    if st.session_state.get(_SAID) == said:
        return
    st.session_state[_SAID] = said
    desk, at = desk_of(loaded.store), dt.datetime.now()
    if now.closed is None:
        log.signed_in(desk, at, now.viewer)
    else:
        log.refused(desk, at, now.viewer, said, page, str(st.user.get("email") or "") if is_set_up() else "")


def note_refused(loaded: Settings, now: Visit, page: str) -> None:
    """Write into the log that a page was asked for which is not among those of the viewer's roles."""
    if loaded.store is not None and not now.viewer.demo:
        log.refused(desk_of(loaded.store), dt.datetime.now(), now.viewer, "role", page)


class Wanted:
    """The page that a visitor wanted before signing in, for ten minutes, by a token that Streamlit gave their browser.

    Only names of our own pages and filters are kept, and only in memory: an address to go to never comes from the address.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[dt.datetime, str, dict[str, str]]] = OrderedDict()

    def keep(self, page: str, filters: dict[str, str]) -> None:
        """Remember where this browser wanted to go."""
        if not (browser := _browser()):
            return
        with self._lock:
            self._held[browser] = (dt.datetime.now(dt.UTC), page, filters)
            self._held.move_to_end(browser)
            while len(self._held) > KEPT:
                self._held.popitem(last=False)

    def take(self) -> tuple[str, dict[str, str]] | None:
        """Where this browser wanted to go, once."""
        with self._lock:
            found = self._held.pop(_browser(), None)
        if found is None or dt.datetime.now(dt.UTC) - found[0] > WAITS:
            return None
        return found[1], found[2]


def _browser() -> str:
    """A mark of the visitor's browser: its token against forged requests, which is "2|mask|token under the mask|time"."""
    parts = st.context.cookies.get("_streamlit_xsrf", "").strip("\"'").split("|")
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except (IndexError, ValueError):
        return ""
    if not mask:
        return ""
    return hashlib.sha256(bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(masked))).hexdigest()


wanted = Wanted()

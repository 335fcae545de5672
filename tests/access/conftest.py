"""The canary school, and pages opened as one of its people."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import i18n
from tests.access.door import Door, opened_door
from tests.access.provider import Provider, provided
from tests.access.school import NUMBERS, PEOPLE, CanarySchool, make

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "lib" / "ui" / "frame.py"
As = Callable[..., AppTest]
JOINERS = dict.fromkeys(map(ord, "\\\u2060\u200d\u200b"))
CLASS_OF = {f"{word}{letter}": f"{number}-{letter}" for number, word in enumerate(NUMBERS) for letter in "АБ"}
NAME = re.compile(rf"Канарейка ({'|'.join(CLASS_OF)})(?: (F\d\d[A-Z]?):([A-Za-z_]*)\.)?")


@pytest.fixture(scope="session")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> CanarySchool:
    """The invented school with a canary in every class. Tests must not change it."""
    return make(tmp_path_factory.mktemp("canaries") / "school")


def page_file(name: str) -> Path:
    return next((ROOT / "pages").glob(f"*/{name}.py"))


@pytest.fixture
def menu(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the pages that stand in the menu of the last run."""
    shown: set[str] = set()
    navigation = st.navigation

    def recording(pages: dict[str, list], **named: object) -> object:
        shown.clear()
        shown.update(page.url_path or "overview" for some in pages.values() for page in some if page.visibility == "visible")
        return navigation(pages, **named)

    monkeypatch.setattr(st, "navigation", recording)
    return shown


@pytest.fixture
def seen_as(monkeypatch: pytest.MonkeyPatch, menu: set[str]) -> Iterator[As]:
    """Open a page as the person of a role: seen_as(store, "teacher", "resources", lang="ru"). LookupError: no such page for them."""

    def open_page(store: Path, role: str, name: str = "overview", **address: str) -> AppTest:
        monkeypatch.setenv("SAPAT_STORE", str(store))
        i18n.use("ky")
        app = AppTest.from_file(str(FRAME), default_timeout=120)
        app.session_state["view_as"] = role
        if role in PEOPLE:
            app.session_state[f"view_as_{role}"] = PEOPLE[role][0]
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        if name != "overview":
            try:
                app.switch_page(f"../../{page_file(name).relative_to(ROOT)}")
            except ValueError as error:
                raise LookupError(name) from error
            app.run()
        return app

    yield open_page
    st.cache_resource.clear()
    i18n.use("ky")


def birds(*pieces: bytes | str) -> set[tuple[str, str, str]]:
    """The canaries in what was sent, in any of the usual encodings: (class, form, subject); form "": the bare name."""
    found = set()
    for piece in pieces:
        texts = [piece] if isinstance(piece, str) else [piece.decode(code, "ignore") for code in ("utf-8", "utf-16-le", "utf-16-be")]
        if not isinstance(piece, str) and len(piece) > 1:
            texts += [piece[1:].decode(code, "ignore") for code in ("utf-16-le", "utf-16-be")]
        for text in texts:
            text = text if "\\u" not in text else re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)
            for word, form, subject in NAME.findall(text.translate(JOINERS)):
                found.add((CLASS_OF[word], form, subject))
    return found


def sent(app: AppTest) -> list[bytes]:
    """Everything that a page of AppTest gave to the browser, as it goes over the wire."""
    return [node.proto.SerializeToString() for node in app._tree if getattr(node, "proto", None) is not None]


# --- with a real browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with provided() as running:
        yield running


@pytest.fixture(scope="session")
def real_school(canaries: CanarySchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The canary school without the mark of a demo: a real one, as far as access knows. Tests may change it and put it back."""
    store = tmp_path_factory.mktemp("real") / "school"
    shutil.copytree(canaries.store, store)
    about = store / "store.yaml"
    about.write_text(about.read_text(encoding="utf-8").replace("demo: true", "demo: false"), encoding="utf-8")
    return store


@pytest.fixture(scope="session")
def door(real_school: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The application with sign-in, over the real school and the provider that the tests lead."""
    metadata = f"{provider.address}/.well-known/openid-configuration"
    with opened_door(real_school, metadata, tmp_path_factory.mktemp("door")) as running:
        yield running

"""What cells hold is text: fast, without a browser. tests/security/test_browser.py looks at the same school in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from lib import i18n, wording
from tests.security.conftest import HostileSchool
from tests.security.payloads import MARKS, SCRIPTS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "lib" / "ui" / "frame.py"
PAGES = sorted((ROOT / "pages").rglob("*.py"))
# Signs that Markdown needs for anything at all: a payload in which one stands unescaped could be live.
LIVE = set("<>[]()`*_$#~|{}\\")


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Every text of a Streamlit message with the name of its field."""
    for field, value in message.ListFields():
        for item in value if field.is_repeated else [value]:
            if field.type == field.TYPE_MESSAGE:
                if isinstance(item, Message):
                    yield from texts(item)
            elif field.type == field.TYPE_STRING:
                yield field.name, item


def alive(text: str) -> list[str]:
    """The payloads that stand in a text of Markdown with no escape before their signs."""
    bare = re.sub(r"\\.", "", text)
    return [payload for payload in SCRIPTS if set(payload) & LIVE and payload in bare]


def opened(store: Path, page: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("SAPAT_STORE", str(store))
    i18n.use("ky")
    app = AppTest.from_file(str(FRAME), default_timeout=120)
    if page.stem == "my_child":
        app.session_state["view_as"] = "family"
    app.run()
    if page.stem != "overview":
        app.switch_page(f"../../{page.relative_to(ROOT)}").run()
    for button in [button for button in app.button if button.key == "example"]:  # the page of an invented child
        button.click().run()
    for key in ("provenance", "direction_issues"):  # lists that are drawn when they are opened
        app.session_state[key] = True
    for toggle in app.toggle:
        toggle.set_value(True)
    return app.run()


def elements(app: AppTest) -> Iterator[object]:
    todo = [app._tree]
    while todo:
        node = todo.pop()
        todo += list(getattr(node, "children", {}).values())
        if hasattr(node, "proto") and node.proto is not None:
            yield node


# Streamlit writes these as they are; everything else of an element may be read as Markdown.
AS_IT_IS = {"data", "id", "form_id", "key", "url", "options", "default_value", "placeholder", "alt", "spec", "raw_values", "value_string",
            "format", "script_path", "page_script_hash", "url_pathname", "file_path", "page", "element_id", "code_text"}  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nothing_of_a_cell_reaches_markdown_unescaped(scripted: HostileSchool, page: Path, monkeypatch: pytest.MonkeyPatch):
    app = opened(scripted.store, page, monkeypatch)
    assert not app.exception
    live = []
    for node in elements(app):
        for name, text in texts(node.proto):
            if name not in AS_IT_IS:
                live += [(type(node).__name__, name, payload) for payload in alive(text)]
        if type(node).__name__ == "Table":
            frame = node.value
            for text in [*map(str, frame.columns), *(str(cell) for column in frame for cell in frame[column])]:
                live += [("Table", "", payload) for payload in alive(text)]
    st.cache_resource.clear()
    assert live == []


def test_the_hostile_school_reaches_the_pages(scripted: HostileSchool, monkeypatch: pytest.MonkeyPatch):
    """Else the test above would find nothing in an empty house."""
    app = opened(scripted.store, ROOT / "pages" / "office" / "collection.py", monkeypatch)
    told = " ".join(str(table.value.to_string()) for table in [*app.table, *app.dataframe]).replace("\\", "").replace(wording.JOINER, "")
    st.cache_resource.clear()
    assert sum(mark in told for mark in MARKS) > 40
    assert len({form for form, _column in scripted.written}) > 20
    assert len(scripted.written) > 150


@pytest.mark.parametrize("text", SCRIPTS)
def test_plain_text_shows_the_same_letters(text: str):
    """Escaping changes what Markdown makes of a text, not the text."""
    said = wording.plain(text)
    seen, escaped = "", False
    for sign in said:
        if sign == "\\" and not escaped:
            escaped = True
            continue
        seen, escaped = seen + sign, False
    gone = "".join(sign for sign in text if sign not in "\u202e\u202c\ufeff")
    assert seen.replace(wording.JOINER, "") == gone


LINES = [
    ("a\n\n    code", "a code"), ("\t# x", "\\# x"), ("  x  y ", "x y"), ("a\u00a0b", "a\u00a0b"), ("\u202ecba", "cba"),
    ("a\x00\x1b[m", "a\\[m"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "shown"), LINES)
def test_lines_indents_and_unseen_signs(typed: str, shown: str):
    assert wording.plain(typed) == shown

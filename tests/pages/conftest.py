"""The pages run in this process with Streamlit's AppTest: no server, no browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import i18n
from lib.ui.live import Ended, collector

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "lib" / "ui" / "frame.py"
Opener = Callable[..., AppTest]


def page_path(name: str) -> str:
    """The path of a page as AppTest wants it: relative to the frame."""
    (file,) = (ROOT / "pages").glob(f"*/{name}.py")
    return f"../../pages/{file.parent.name}/{name}.py"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Open a page through the frame: opened(store, "resources", lang="ru", grade="7")."""

    def open_page(store: Path, name: str = "overview", **address: str) -> AppTest:
        monkeypatch.setenv("SAPAT_STORE", str(store))
        i18n.use("ky")  # a new session; AppTest formats the options of widgets in this thread, too
        app = AppTest.from_file(str(FRAME), default_timeout=120)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        if name != "overview":
            app.switch_page(page_path(name)).run()
        return app

    yield open_page
    st.cache_resource.clear()
    i18n.use("ky")


def press_and_wait(app: AppTest, key: str, seconds: float = 120) -> Ended:
    """Press a button that asks for a look, wait until the look is over as a reader would, and draw the page again."""
    app.button(key=key).click().run()
    ended = collector.wait(app.session_state["waits_for_look"], seconds) if "waits_for_look" in app.session_state else collector.state.ended
    app.run()
    assert ended is not None
    return ended


@pytest.fixture
def empty_store(tmp_path: Path) -> Path:
    """A folder without a single workbook, whose pages are open to everybody."""
    store = tmp_path / "empty"
    store.mkdir()
    (store / "store.yaml").write_text("demo: true\n", encoding="utf-8")
    return store


def texts(app: AppTest) -> list[str]:
    """Everything that a reader reads on the page, as far as AppTest knows it."""
    found: list[str] = []
    for kind in ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info", "success", "toast"):
        found += [str(element.value) for element in app.get(kind)]
    for metric in app.metric:
        found += [metric.label, str(metric.value), str(metric.delta or "")]
    for kind in ("selectbox", "button", "toggle", "expander", "tab", "pills", "segmented_control"):
        found += [str(getattr(element, "label", "") or "") for element in app.get(kind)]
    found += [str(block.proto.popover.label) for block in app.get("popover")]
    for kind in ("selectbox", "pills", "segmented_control"):
        found += [str(option) for element in app.get(kind) for option in getattr(element, "options", ())]
    for kind in ("table", "dataframe"):
        for element in app.get(kind):
            found += [str(name) for name in element.value.columns]
    return [text for text in found if text]

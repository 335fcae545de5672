"""From `streamlit run app.py` to the first page painted in a real Chromium."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.browser import FLAGS, Server, chromium_path
from bench.measure import Measurement, middle

# Streamlit's own mark on the page: the script has run to its end.
FINISHED = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def cold_start(store: Path, times: int = 5) -> Measurement:
    """A new server process each time, a new browser session each time; Chromium itself is already open."""
    painted, answered = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        for _ in range(times):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            server = Server(store)
            started = time.perf_counter()
            server.start()
            try:
                server.wait()
                answered.append(time.perf_counter() - started)
                page.goto(server.address)
                page.locator('[data-testid="stMain"] h1').first.wait_for(state="visible")
                page.locator(FINISHED).wait_for(state="attached")
                page.locator('[data-testid="stSkeleton"]').first.wait_for(state="detached")
                painted.append(time.perf_counter() - started)
            finally:
                server.stop()
            page.context.close()
        browser.close()
    return Measurement(
        "cold start to the first page", middle(painted), "s", 5.0,
        {"server answers after": round(middle(answered), 2), "runs": [round(s, 2) for s in painted]},
    )  # fmt: skip

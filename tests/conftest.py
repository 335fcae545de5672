"""What tests of several kinds share: the command line in a process of its own, and one small demo school a run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).resolve().parent.parent
Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def run_cli(*words: object, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run `python -m lib.cli WORDS`; `code` is the expected exit code (None: any)."""
    environment = {k: v for k, v in os.environ.items() if k != "SAPAT_STORE"} | {"PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "lib.cli", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)
    assert code is None or done.returncode == code, (
        f"{' '.join(command)} gave {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    )
    return done


@pytest.fixture(scope="session")
def cli() -> Cli:
    return run_cli


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collected demo school: few pupils, two school years. Tests must not change it."""
    store = tmp_path_factory.mktemp("demo") / "school"
    run_cli("demo", store, "--pupils", 160, "--years", 2, "--seed", 7)
    run_cli("collect", "--store", store)
    return store


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One a run: a second beside an open one is refused ("inside the asyncio loop"). Imported here: most tests need no browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    from bench.browser import FLAGS, chromium_path

    browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
    yield browser
    browser.close()

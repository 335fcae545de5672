"""A real server and a real Chromium, for measuring and for the browser tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.settings import ROOT

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOST = "127.0.0.1"


def chromium_path() -> str:
    """SAPAT_CHROMIUM, or Chromium on PATH; RuntimeError when there is none."""
    named = os.environ.get("SAPAT_CHROMIUM", "")
    found = named or next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), "")
    if not found:
        raise RuntimeError("no Chromium: install it (Debian: apt-get install chromium) or set SAPAT_CHROMIUM to its path")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """One `streamlit run app.py` over a store, on a port of its own."""

    def __init__(
        self, store: Path | str, port: int | None = None, log: Path | None = None, environment: dict[str, str] | None = None
    ) -> None:  # fmt: skip
        self.store = store
        self.port = port or free_port()
        self.log = log
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start without waiting; `wait` tells when it answers."""
        output = self.log.open("ab") if self.log else subprocess.DEVNULL
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), f"--server.address={HOST}",
                f"--server.port={self.port}", "--server.headless=true", "--server.fileWatcherType=none",
            ],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            env=os.environ | {"SAPAT_STORE": str(self.store), "PYTHONUTF8": "1"} | self._environment,
        )  # fmt: skip

    def wait(self, seconds: float = 60) -> None:
        """Until the server answers; RuntimeError when it ends or takes longer."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"the server ended{f'; see {self.log}' if self.log else ''}")
            try:
                with opener.open(f"{self.address}/_stcore/health", timeout=2) as reply:
                    if reply.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError(f"the server did not answer within {seconds:.0f} s")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


@contextmanager
def served(store: Path, log: Path | None = None) -> Iterator[Server]:
    """A running server over the store."""
    server = Server(store, log=log)
    server.start()
    try:
        server.wait()
        yield server
    finally:
        server.stop()

"""The application: Streamlit under ASGI. `streamlit run app.py`, or any ASGI server on `app:app`.

An ASGI app rather than a script, because it gives what a script cannot: a background collector that starts and stops with the process,
/healthz, security headers, and a deep link that is the first request after a start still goes through the frame (docs/decisions/).
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.routing import Route

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from lib.ui import server  # noqa: E402 - the path must be known first
from lib.ui.family.route import ROUTES as FAMILY  # noqa: E402

app = st.App(
    ROOT / "lib" / "ui" / "frame.py",
    lifespan=server.lifespan,
    routes=[Route("/healthz", server.health), *FAMILY],
    middleware=server.middleware(),
    on_script_error=server.say_calmly,
)

if __name__ == "__main__":
    app.run()

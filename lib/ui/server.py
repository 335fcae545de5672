"""What surrounds the pages in the process: the collector, what requests pass on their way in, /healthz, the calm sentence for a bug."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse

from lib import i18n
from lib.settings import UserError
from lib.settings.web import web
from lib.ui.guard import Guard
from lib.ui.headers import SecurityHeaders
from lib.ui.live import collector
from lib.ui.media import MediaOwners

LOG = logging.getLogger("sapat")
FIRST_READER = 4.0  # seconds that the first page of a start has for itself before the first look: both want the same processor


def middleware() -> list[Middleware]:
    """What every request passes on its way in, the outermost first. Raises UserError about config/web.yaml."""
    upload = int(st.get_option("server.maxUploadSize")) * 2**20
    return [Middleware(SecurityHeaders), Middleware(Guard, web=web(), upload=upload), Middleware(MediaOwners)]


async def health(request: Request) -> JSONResponse:
    """For a watchdog: whether the process answers and its configuration can be read. Says nothing about the school."""
    from lib.ui import data

    try:
        await anyio.to_thread.run_sync(data.current_settings)
    except UserError:
        return JSONResponse({"status": "misconfigured"}, status_code=503, headers={"Cache-Control": "no-store"})
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _ready() -> None:
    """Import what pages draw with, and find what the overview asks for."""
    from lib.ui import blocks, data  # its caches want a running Streamlit: not at the import of app.py  # noqa: F401 - blocks

    data.warm_overview(data.current_settings())
    data.set_aside()


def _warm() -> None:
    from lib.ui import data

    data.warm(data.current_settings())
    data.set_aside()


def _every() -> float:
    """Seconds between two looks at the store; 0: none by itself. SAPAT_COLLECT_EVERY goes before the configuration."""
    from lib.ui import data

    if told := os.environ.get("SAPAT_COLLECT_EVERY"):
        return float(told)
    try:
        return 60 * data.current_settings().collect_minutes
    except UserError:
        return 300.0  # the configuration may be mended meanwhile


async def _try(step: Callable[[], None]) -> None:
    """Do it in a thread of its own; what goes wrong stands in the log, and pages find by themselves what they ask for."""
    try:
        await anyio.to_thread.run_sync(step)
    except UserError as error:
        LOG.warning("not warmed: %s", error)
    except Exception:
        LOG.exception("nothing was warmed")


async def _begin() -> None:
    await _try(_ready)
    if every := await anyio.to_thread.run_sync(_every):
        collector.start(every, FIRST_READER)
        return
    await anyio.sleep(FIRST_READER)
    await _try(_warm)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """The one background collector of the process starts and stops here."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_begin)
        yield {}
        tasks.cancel_scope.cancel()
    await anyio.to_thread.run_sync(collector.stop)


def say_calmly(error: Exception) -> bool:
    """A bug: a calm sentence on the page, the traceback in the log."""
    LOG.error("a page failed", exc_info=error)
    sentence = i18n.gettext("Something went wrong on this page. The others work; the error has been noted in the log.")
    st.error(sentence, icon=":material/healing:")
    return True

"""/family/enter: the page that a slip's QR opens. The code comes behind #, goes by POST, and leaves a session in a cookie."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from lib import i18n
from lib.i18n import gettext as _
from lib.settings import UserError
from lib.ui.family.refusal import refusal

if TYPE_CHECKING:
    from lib.family.door import Answer

ENTRANCE, COOKIE = "/family/enter", "sapat_family"

_HERE = Path(__file__).parent
_PAGE, _STYLE, _SCRIPT = ((_HERE / f"enter.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# Nothing runs here but our own script, and nothing leads away but the form.
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_digest(_SCRIPT)}; style-src {_digest(_STYLE)}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


async def _show(request: Request) -> Response:
    i18n.use(request.query_params.get("lang", "ky"))
    return _page()


async def _enter(request: Request) -> Response:
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=8)
    i18n.use(fields.get("lang", ["ky"])[0])
    if not _from_here(request):
        return _page(_("This form was sent from another site. Type the code here."), 403)
    typed, address = fields.get("code", [""])[0], request.client.host if request.client else "unknown"
    try:
        answer, seconds = await anyio.to_thread.run_sync(_try, typed, address)
    except UserError:
        return _page(_("The school's page cannot be opened just now. Try again later."), 503)
    if answer.grant is None:
        return _page(refusal(answer.wait), 429 if answer.wait else 403, answer.wait)
    page = "my_child" if answer.grant.pupil else "class_summary"
    response = RedirectResponse(f"/{page}?lang={i18n.language()}", 303, headers={"Cache-Control": "no-store"})
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, answer.token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")
    return response


def _try(typed: str, address: str) -> tuple[Answer, int]:
    """The answer to a code, and for how many seconds its session lasts at most."""
    from lib.ui import data  # its caches want a running Streamlit: not at the import of app.py
    from lib.ui.family import way_in

    loaded = data.current_settings()
    if loaded.store is None:
        raise UserError("no store is configured")
    return way_in.enter(loaded, typed, address), way_in.family_of(loaded).longest // dt.timedelta(seconds=1)


def _from_here(request: Request) -> bool:
    """Whether the form was sent by our own page: nobody may slip a reader into another child's page."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin", "")
    return not origin or urlsplit(origin).netloc == request.headers.get("host", "")


def _page(problem: str = "", status: int = 200, wait: int = 0) -> Response:
    spoken = i18n.language()
    languages = " ".join(
        f'<a href="{ENTRANCE}?lang={code}" hreflang="{code}">{code.upper()}</a>' for code in i18n.LANGUAGES if code != spoken
    )
    text = _PAGE.format(
        language=spoken, style=_STYLE, script=_SCRIPT, languages=languages, title=escape(_("The family's page")),
        about=escape(_("This page opens with the personal code of the family. The class teacher hands it out on a slip with a QR code.")),
        label=escape(_("Code from the slip")), open=escape(_("Open")),
        lost=escape(_("If the slip is lost, tell the class teacher: the old code is closed and a new one given.")),
        problem=f'<p class="problem" role="alert">{escape(problem)}</p>\n' if problem else "",
    )  # fmt: skip
    return HTMLResponse(text, status, {**_HEADERS, **({"Retry-After": str(wait)} if wait else {})})


ROUTES = [Route(ENTRANCE, _show, methods=["GET"]), Route(ENTRANCE, _enter, methods=["POST"])]

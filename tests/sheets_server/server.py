"""SheetsServer: the whole server in a thread of its own, and what a request goes through."""

from __future__ import annotations

import random
import re
import threading
import time
from pathlib import Path
from typing import Any

from . import wire
from .accounts import FULL, SCOPE, Accounts, Caller
from .calls import Call, CallLog, Quota, most_in_window
from .drive import Drive
from .errors import ApiError, OAuthError
from .exchange import Answer, Request, as_json, refusal
from .faults import HTML_502, Fault, FaultPlan, PlanError, refused
from .files import Files
from .sheets import Sheets

JSON = dict[str, Any]

TOKEN_PATHS = ("/token", "/oauth2/token", "/o/oauth2/token")
SIGN_IN_PATHS = ("/o/oauth2/auth", "/o/oauth2/v2/auth")
# What a person's browser shows of a folder or a spreadsheet: one page, which asks the API.
LOOKED_AT = ("/drive/folders/", "/spreadsheets/d/")
LOOK = Path(__file__).with_name("look.html")
_OF_FILE = re.compile(r"/(?:v4/spreadsheets|(?:upload/)?drive/v3/(?:files|drives))/([A-Za-z0-9_-]+)")


class SheetsServer:
    """A school's corner of Google, on this machine. Starts empty.

    `quota`: Sheets reads and writes let through in any minute for one user (None: any number); `latency`: seconds added to every answer;
    `faults`: a fault plan as JSON; `lag`: seconds by which Drive learns of a change late. All may be set while it runs.
    """

    def __init__(
        self,
        quota: int | None = None,
        latency: float = 0.0,
        faults: JSON | None = None,
        seed: int = 1,
        port: int = 0,
        service_storage: bool = True,
    ) -> None:
        self.quota, self.latency, self.seed = quota, latency, seed
        self.lag = 0.0
        self.clock_offset = 0.0
        self._lock = threading.RLock()
        chance = random.Random(seed)
        self._accounts = Accounts(self.now, chance)
        self._files = Files(self._accounts, self.now, chance, service_storage=service_storage)
        self._sheets = Sheets(self._files, self.now, chance)
        self._drive = Drive(self._files, self.now, lambda: self.lag)
        self._log, self._quota = CallLog(), Quota()
        self.faults = faults
        self._http = wire.Server(port, self)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> SheetsServer:
        self._http.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Open connections are cut as well: a client that still holds one finds the server gone."""
        self._http.stop()

    def now(self) -> float:
        """The server's own idea of the time."""
        return time.time() + self.clock_offset

    @property
    def faults(self) -> JSON | None:
        return self._faults

    @faults.setter
    def faults(self, plan: JSON | None) -> None:
        self._plan = FaultPlan.read(plan, self.seed)
        self._faults = plan

    @property
    def groups(self) -> dict[str, set[str]]:
        """Address of a group → its members, which no Drive call can tell."""
        return self._accounts.groups

    # those who call

    def key(self, email: str = "reader@sapat-test.iam.gserviceaccount.com") -> JSON:
        return self._accounts.key(email, self.url)

    def user_token(self, email: str, scopes: list[str] | None = None) -> str:
        """An access token of an ordinary person, for all of Drive and Sheets unless scopes are named (short names will do)."""
        with self._lock:
            return self._accounts.token(email, _full_names(scopes))

    # what was called

    @property
    def calls(self) -> list[Call]:
        return self._log.all()

    def reset_calls(self) -> None:
        self._log.reset()

    def most_reads_in(self, seconds: float = 60.0) -> int:
        """The highest number of Sheets reads that arrived within any stretch of that length."""
        return most_in_window((call.time for call in self.calls if call.kind == "sheets_read"), seconds)

    # one request

    def answer(self, request: Request) -> Answer | wire.Silence:
        """What goes back; may sleep."""
        arrived = time.monotonic()
        if request.path.startswith("/_control/"):
            return self._control(request)
        if request.path.startswith(LOOKED_AT):
            return Answer(200, LOOK.read_bytes(), "text/html; charset=utf-8")
        kind = _kind(request)
        call = self._log.add(Call(arrived, request.method, request.target, kind))
        found = _OF_FILE.match(request.path)
        fault = self._plan.draw(kind, request.target, found[1] if found else "", write=request.method != "GET")
        call.fault = fault.kind if fault else ""
        if self.latency > 0:
            self._http.pause(self.latency)
        answer = self._answer(request, call, fault, found[1] if found else "")
        call.status = answer.status if isinstance(answer, Answer) else 0
        return answer

    def _answer(self, request: Request, call: Call, fault: Fault | None, file: str) -> Answer | wire.Silence:
        if fault is None:
            return self._served(request, call)
        kind = fault.kind
        if kind in {"revoked", "trashed"}:
            self._pretend(request, fault, file)
            return self._served(request, call)
        if kind == "slow":
            self._http.pause(fault.seconds)
            return self._served(request, call)
        whole = (
            self._served(request, call)
            if fault.applied or kind in {"truncated", "truncated_json"} and request.method == "GET"
            else as_json({})
        )
        extra = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        if kind == "timeout":
            self._http.pause(fault.seconds)
            return wire.Silence(reset=False)
        if kind == "reset":
            return wire.Silence(reset=True)
        if kind == "truncated":
            body = whole.body if len(whole.body) > 2 else b'{"spreadsheetId":"'
            return wire.Silence(reset=False, part=Answer(200, body, whole.type), length=max(1, len(body) // 2))
        if kind == "truncated_json":
            body = whole.body if len(whole.body) > 2 else b'{"spreadsheetId":"x"}'
            return Answer(200, body[: max(1, len(body) // 2)])
        if kind == "garbage":
            return Answer(200, b"null" if fault.drawn < 0.5 else b'{"unexpected":[1,2,{"shape":true}]}')
        if kind == "502_html":
            return Answer(502, HTML_502, "text/html; charset=UTF-8", extra)
        if call.kind == "token":
            refusal_ = _token_refusal(kind)
            refusal_.headers |= extra
            return refusal_
        answer = refusal(refused(kind, call.kind, file), call.kind)
        answer.headers |= extra
        return answer

    def _pretend(self, request: Request, fault: Fault, file: str) -> None:
        """Puts the file out of this request's reach; where the rule names none and the request neither, one that is listed is drawn."""
        victim = fault.file or file
        if not victim:
            with self._lock:
                ids = sorted(one.id for one in self._files.by_id.values() if one.document is not None)
            if not ids:
                return
            victim = ids[int(fault.drawn * len(ids))]
        (request.revoked if fault.kind == "revoked" else request.trashed).add(victim)

    def _served(self, request: Request, call: Call) -> Answer:
        """The answer where nothing is in the way."""
        try:
            with self._lock:
                return self._work(request, call)
        except ApiError as error:
            return refusal(error, call.kind)
        except OAuthError as error:
            return as_json(error.body("token"), error.code)

    def _work(self, request: Request, call: Call) -> Answer:
        if request.path in TOKEN_PATHS and request.method == "POST":
            audiences = {self.url + path for path in TOKEN_PATHS} | {"https://oauth2.googleapis.com/token"}
            return as_json(self._accounts.grant(request.form(), audiences))
        if request.path in SIGN_IN_PATHS:
            return Answer(302, b"", "text/html", {"Location": self._accounts.sign_in(request.query)})
        if request.path == "/revoke":
            self._accounts.revoke(request.one("token") or request.form().get("token", ""))
            return as_json({})
        if call.kind not in {"sheets_read", "sheets_write", "drive"}:
            raise ApiError(404, "Not Found", "notFound")
        caller = self._accounts.caller(request.headers, request.query)
        call.user = caller.email
        self._quota.check(call.kind, caller.email, call.time, self.quota)
        return self._api(request, call, caller)

    def _api(self, request: Request, call: Call, caller: Caller) -> Answer:
        return self._drive.answer(request, caller) if call.kind == "drive" else self._sheets.answer(request, caller)

    # the server's own controls

    def _control(self, request: Request) -> Answer:
        try:
            return self._controlled(request)
        except (PlanError, ApiError, ValueError, TypeError) as wrong:
            return as_json({"error": str(wrong)}, 400)

    def _controlled(self, request: Request) -> Answer:
        body = request.json()
        match request.method, request.path.removeprefix("/_control/"):
            case "GET", "calls":
                return as_json({"calls": self._log.as_json(), "most_reads_in_60s": self.most_reads_in(60.0)})
            case "POST", "calls/reset":
                self.reset_calls()
            case "PUT", "faults":
                self.faults = body or None
            case "PUT", "settings":
                self._set(body)
            case "POST", "token":
                return as_json({"access_token": self.user_token(str(body["email"]), body.get("scopes"))})
            case "POST", "key":
                return as_json(self.key(str(body["email"])))
            case _:
                return as_json({"error": f"No such control: {request.method} {request.path}"}, 404)
        return as_json({})

    def _set(self, settings: JSON) -> None:
        known = {"quota", "latency", "lag", "clock_offset", "groups"}
        if unknown := set(settings) - known:
            raise ValueError(f"No such setting: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}.")
        if "quota" in settings:
            self.quota = None if settings["quota"] is None else int(settings["quota"])
        for name in ("latency", "lag", "clock_offset"):
            if name in settings:
                setattr(self, name, float(settings[name] or 0.0))
        if "groups" in settings:
            self._accounts.groups = {group: set(members) for group, members in settings["groups"].items()}


def _kind(request: Request) -> str:
    path = request.path
    if path.startswith("/v4/spreadsheets"):
        return "sheets_read" if request.method == "GET" else "sheets_write"
    if path.startswith(("/drive/v3/", "/upload/drive/v3/")):
        return "drive"
    return "token" if path in TOKEN_PATHS else "other"


def _full_names(scopes: list[str] | None) -> frozenset[str]:
    if scopes is None:
        return FULL
    return frozenset(one if "/" in one else SCOPE + one for one in scopes)


def _token_refusal(kind: str) -> Answer:
    """The token endpoint's own words for what the plan wants."""
    code = int(re.match(r"\d+", kind)[0]) if re.match(r"\d+", kind) else 400  # type: ignore[index]
    words = {429: "rate_limit_exceeded", 500: "internal_failure", 503: "temporarily_unavailable"}
    return as_json({"error": words.get(code, "invalid_grant"), "error_description": f"Fault {kind}"}, code)

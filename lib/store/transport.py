"""The way to Google: timeouts, bounded retries, the limit of calls a minute, and one vocabulary for whatever goes wrong.

gspread's own client waits for ever where nothing answers, and its patient variant sleeps for hours on a lasting 429; requests' own
retries would not be counted against the quota. So each try is made, timed, counted and judged here.
"""

from __future__ import annotations

import json as json_format
import random
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import requests
import urllib3.exceptions
from filelock import FileLock
from gspread.http_client import HTTPClient

from lib.settings.place import desks
from lib.store.base import StoreProblem

TRIES = 5
MINUTE = 62.0  # seconds: a call may reach the service a little later or earlier than it was counted here
MAX_ANSWER_BYTES = 64 * 2**20
_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds before the second try and each later one, with jitter
_A_SERIES = 3  # failures without a success between them: no longer a single slip
_CHUNK = 2**18
_TOO_OFTEN = {"rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded"}
_SHEETS, _DRIVE = "https://sheets.googleapis.com", "https://www.googleapis.com"


class Window:
    """At most `most` calls in any minute, over all threads and processes of this machine that use the same file."""

    def __init__(self, file: Path, most: int, seconds: float = MINUTE) -> None:
        self.file, self.most, self.seconds = file, most, seconds
        self._lock = FileLock(file.with_name(file.name + ".lock"))
        file.parent.mkdir(parents=True, exist_ok=True)

    def wait(self) -> float:
        """Enter a call now (0.0), or the seconds until there is room for one."""
        with self._lock:
            now = time.time()
            calls = [moment for moment in self._calls() if now - self.seconds < moment <= now + 1]
            if len(calls) >= self.most:
                return max(0.05, calls[-self.most] + self.seconds - now)
            self.file.write_text("".join(f"{moment!r}\n" for moment in [*calls, now]), encoding="ascii")
            return 0.0

    def left(self) -> int:
        """How many calls there is room for now."""
        with self._lock:
            now = time.time()
            return self.most - sum(now - self.seconds < moment <= now + 1 for moment in self._calls())

    def _calls(self) -> list[float]:
        try:
            return [float(line) for line in self.file.read_text(encoding="ascii").splitlines()]
        except (OSError, ValueError):  # none yet, or cut off by a killed process
            return []


class Transport(HTTPClient):
    """gspread's client over any server that speaks the two APIs. Raises StoreProblem, never anything of gspread's or requests'.

    One is made for one piece of work (a collect, a provisioning): when nothing has succeeded for `patience_seconds` of trying, it gives
    up, and every later call fails at once with the same reason. Threads may share it.
    """

    def __init__(
        self,
        credentials: Any,
        *,
        sheets_url: str = _SHEETS,
        drive_url: str = _DRIVE,
        reads_per_minute: int = 50,
        writes_per_minute: int = 50,
        side_by_side: int = 8,
        connect_seconds: float = 5.0,
        answer_seconds: float = 30.0,
        patience_seconds: float = 40.0,
        account: str = "",
    ) -> None:
        session = requests.Session()
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=side_by_side)
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter)
        super().__init__(None, session=session)  # type: ignore[arg-type]
        self.credentials = credentials
        self.hosts = {_SHEETS: sheets_url, _DRIVE: drive_url}
        self.connect_seconds, self.answer_seconds = connect_seconds, answer_seconds
        self.patience = Patience(patience_seconds)
        where = desks().parent / "quota"
        name = "".join(c if c.isalnum() else "-" for c in f"{sheets_url.split('//')[-1]}-{account}".lower())[:120]
        self.reads = Window(where / f"{name}.reads", reads_per_minute)
        self.writes = Window(where / f"{name}.writes", writes_per_minute)
        self.said_at: float = 0.0
        """The service's own clock in its last answer, seconds since 1970."""
        self._signing = threading.Lock()
        self._token_session = requests.Session()
        self._jitter = random.Random()

    def request(
        self,
        method: str,
        endpoint: str,
        params: Any = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: MutableMapping[str, str] | None = None,
        check: Callable[[bytes], bool] | None = None,
    ) -> requests.Response:
        """One call, with as many tries as it may take. `check` says whether the body is an answer at all; else it counts as a fault of the
        service. A call that makes something (POST) is tried again only when it is certain that nothing was made. Raises StoreProblem."""
        url = self._address(endpoint)
        repeatable = method.upper() != "POST"
        renew = False
        for number in range(TRIES):
            self._take_turn(url, method)
            started = time.monotonic()
            try:
                response = self._send(method, url, params, data, json, files, dict(headers or {}), renew)
                if not (check or _is_whole)(response.content):
                    raise _Fault("google_server", "JSON")
            except _Fault as fault:
                problem, renew = fault.problem(), fault.code == "google_sign_in"
                if fault.lasting and not renew:
                    self.patience.success()
                else:
                    self.patience.failure(problem, started, hopeless=fault.lasting)
                if fault.lasting or not (repeatable or fault.nothing_happened) or number == TRIES - 1:
                    raise problem from None
                self._pause(problem, number + 1)
                continue
            self.patience.success()
            return response
        raise AssertionError("the last try either answers or raises")

    def get(self, endpoint: str, params: Any, check: Callable[[bytes], bool]) -> bytes:
        """The body of a GET that `check` takes for an answer."""
        return self.request("get", endpoint, params=params, check=check).content

    def sign_in(self) -> None:
        """Only get a token. Raises StoreProblem."""
        try:
            self._sign({}, True, time.monotonic() + self.answer_seconds)
        except google.auth.exceptions.RefreshError as error:
            raise StoreProblem("google_sign_in", {"reason": _oauth_code(error)}, passing=True) from None
        except google.auth.exceptions.GoogleAuthError:
            raise StoreProblem("google_network", {"reason": "token"}, passing=True) from None

    def ask_clock(self) -> float:
        """The service's clock, asked without signing in: whatever it answers carries its time. Raises StoreProblem."""
        try:
            seconds = (self.connect_seconds, self.answer_seconds)
            self._note_clock(self.session.head(self._address(f"{_DRIVE}/drive/v3/about"), timeout=seconds))
        except requests.RequestException as error:
            raise StoreProblem("google_network", {"reason": _kind(error)}, passing=True) from None
        return self.said_at

    # --- one try ---------------------------------------------------------------------------------------------------------

    def _send(
        self, method: str, url: str, params: Any, data: Any, json: Any, files: Any, headers: dict[str, str], renew: bool
    ) -> requests.Response:  # fmt: skip
        deadline = time.monotonic() + self.patience.left()
        try:
            self._sign(headers, renew, deadline)
            seconds = max(1.0, deadline - time.monotonic())
            response = self.session.request(
                method, url, params=params, data=data, json=json, files=files, headers=headers, stream=True,
                timeout=(min(self.connect_seconds, seconds), min(self.answer_seconds, seconds)),
            )  # fmt: skip
            with response:
                response._content = _body(response, deadline)  # read here, under a limit of size and time
        except google.auth.exceptions.RefreshError as error:
            if error.retryable:
                raise _Fault("google_server", _oauth_code(error), nothing_happened=True) from None
            raise _Fault("google_sign_in", _oauth_code(error), lasting=True) from None
        except google.auth.exceptions.GoogleAuthError:
            raise _Fault("google_network", "token", nothing_happened=True) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _Fault("google_network", _kind(error), nothing_happened=_never_connected(error)) from None
        self._note_clock(response)
        if not response.ok:
            raise _judged(response)
        return response

    def _sign(self, headers: dict[str, str], renew: bool, deadline: float) -> None:
        # refresh and apply, not google-auth's own before_request: that one asks another service of Google behind our back
        seconds = max(1.0, min(10.0, deadline - time.monotonic()))
        with self._signing:
            if renew or not self.credentials.valid:
                self.credentials.refresh(partial(google.auth.transport.requests.Request(self._token_session), timeout=seconds))
            self.credentials.apply(headers)

    def _address(self, endpoint: str) -> str:
        for host, own in self.hosts.items():
            if endpoint.startswith(host):
                return own + endpoint.removeprefix(host)
        return endpoint

    def _note_clock(self, response: requests.Response) -> None:
        from email.utils import parsedate_to_datetime

        try:
            self.said_at = parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, ValueError, TypeError):
            self.said_at = time.time()

    # --- turns and pauses ------------------------------------------------------------------------------------------------

    def _pause(self, problem: StoreProblem, number: int) -> None:
        """Before another try; what asks to wait longer than we have patience for is given up."""
        asked = float(problem.slots.pop("retry_after", 0) or 0)
        seconds = max(asked, _PAUSES[number - 1] * self._jitter.uniform(0.5, 1.5))
        if seconds > self.patience.left():
            raise problem
        time.sleep(seconds)

    def _take_turn(self, url: str, method: str) -> None:
        """Wait until the minute has room for a call to Sheets; Drive counts otherwise and is far from its limit."""
        self.patience.left()
        if not url.startswith(self.hosts[_SHEETS] + "/v4/"):
            return
        window = self.reads if method.upper() == "GET" else self.writes
        while seconds := window.wait():
            self.patience.wait_for_turn(seconds)


class Patience:
    """How long nothing has succeeded, over all threads of one piece of work. After `seconds` of it everything is given up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._since: float | None = None
        self._failures = 0
        self._last: StoreProblem | None = None
        self._given_up = False

    def left(self) -> float:
        """Seconds of it left. Raises the last problem when it is at an end."""
        with self._lock:
            if self._given_up and self._last is not None:
                raise self._last
            return self.seconds - (0.0 if self._since is None else time.monotonic() - self._since)

    def success(self) -> None:
        """The service answered, be it with a refusal of that one thing."""
        with self._lock:
            self._since, self._failures = None, 0

    def failure(self, problem: StoreProblem, started: float, hopeless: bool) -> None:
        """A try that began at `started` (monotonic seconds) failed; `hopeless`: so would every other one."""
        with self._lock:
            self._since = started if self._since is None else min(started, self._since)
            self._failures += 1
            self._last = problem
            self._given_up = self._given_up or hopeless or time.monotonic() - self._since >= self.seconds - 1.0

    def wait_for_turn(self, seconds: float) -> None:
        """Sleep some of the seconds until the minute has room. Waiting for one's own turn is no failure; but where call after call
        fails, nobody waits for a turn that comes after the end of patience."""
        with self._lock:
            if self._failures >= _A_SERIES and self._since is not None and self._last is not None:
                if seconds > self.seconds - (time.monotonic() - self._since):
                    raise self._last
                since = None
            else:
                since = self._since
        time.sleep(min(seconds, 1.0))
        with self._lock:
            if since is not None and self._since == since:
                self._since += min(seconds, 1.0)


class _Fault(Exception):
    """One try that failed. `lasting`: another try would fail as well; `nothing_happened`: it is certain that the service did nothing."""

    def __init__(
        self, code: str, reason: str, *, lasting: bool = False, nothing_happened: bool = False, retry_after: float = 0.0
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.code, self.reason, self.retry_after = code, reason, retry_after
        self.lasting, self.nothing_happened = lasting, nothing_happened

    def problem(self) -> StoreProblem:
        slots = {"reason": self.reason} | ({"retry_after": f"{self.retry_after}"} if self.retry_after else {})
        return StoreProblem(self.code, slots, passing=True)


def _judged(response: requests.Response) -> _Fault:
    """What an answer with an error means. Nothing that the service wrote is passed on but its own code words."""
    status = response.status_code
    reasons = _reasons(response)
    said = str(status)
    after = response.headers.get("Retry-After", "")
    retry_after = float(after) if after.isdecimal() else 0.0
    if status == 429 or (status == 403 and reasons & _TOO_OFTEN):
        return _Fault("google_quota", said, nothing_happened=True, retry_after=retry_after)
    if status == 401:
        return _Fault("google_sign_in", said, nothing_happened=True)
    if status == 403:
        storage = reasons & {"storageQuotaExceeded", "teamDriveFileLimitExceeded"}
        return _Fault("google_storage" if storage else "google_permission", said, lasting=True)
    if status in (404, 410):
        return _Fault("google_not_found", said, lasting=True)
    if status == 408 or status >= 500:
        return _Fault("google_server", said, retry_after=retry_after)
    return _Fault("google_request", said, lasting=True)


def _reasons(response: requests.Response) -> set[str]:
    """The reasons in an error of either API; none for anything else (a web page, a cut-off text)."""
    try:
        error = json_format.loads(response.content)["error"]
        listed = [*(error.get("errors") or []), *(error.get("details") or [])]
        return {str(one.get("reason", "")) for one in listed if isinstance(one, dict)}
    except (ValueError, LookupError, TypeError, AttributeError):
        return set()


def _body(response: requests.Response, deadline: float) -> bytes:
    """The whole body as it comes, at most so many bytes and not beyond the deadline: a server that trickles holds nobody."""
    read = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        read += chunk
        if len(read) > MAX_ANSWER_BYTES:
            raise _Fault("google_server", f"> {MAX_ANSWER_BYTES // 2**20} MB", lasting=True)
        if time.monotonic() > deadline:
            raise _Fault("google_network", "timeout")
    return bytes(read)


def _is_whole(body: bytes) -> bool:
    """No body, no JSON, or JSON that does not break off."""
    try:
        return not body.lstrip().startswith((b"{", b"[")) or json_format.loads(body) is not None
    except ValueError:
        return False


def _never_connected(error: BaseException) -> bool:
    """Whether the call never left this machine."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, (requests.ConnectTimeout, urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)):
            return True
        reason = getattr(inner, "reason", None) or (inner.args[0] if inner.args else None)
        inner = reason if isinstance(reason, BaseException) else None
    return False


def _kind(error: BaseException) -> str:
    return "timeout" if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)) else "connection"


def _oauth_code(error: google.auth.exceptions.RefreshError) -> str:
    """The code word of a refused sign-in ("invalid_grant"); nothing else of what was said."""
    for part in error.args:
        if isinstance(part, Mapping) and isinstance(part.get("error"), str):
            return "".join(c for c in part["error"] if c.isalnum() or c == "_")[:40]
    return "token"

"""The guard alone: hosts, paths, methods, sizes, allowances, addresses."""

from __future__ import annotations

import ipaddress

import pytest

from lib.settings import UserError
from lib.settings.web import Limits, Web, web
from lib.ui.guard import HASTE, Guard, address, bucket
from lib.ui.limits import REMEMBERED, Allowance
from tests.security.asgi import Echo, call, headers, opening, scope_of, status


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def guard(echo: Echo | None = None, clock: Clock | None = None, **limits: int) -> Guard:
    return Guard(echo or Echo(), Web(limits=Limits(**limits)), clock=clock or Clock())


# --- paths ---------------------------------------------------------------------------------------------------------------

OPEN = [
    "/", "/learning_outcomes", "/static/js/index.DormvYxC.js", "/_stcore/health", "/_stcore/host-config", "/healthz", "/my_child",
    "/static/media/SourceSansVF-Upright.ttf.BsWL4Kly.woff2", "/family/enter", "/a.b/c..d", "/\u043c\u0435\u043a\u0442\u0435\u043f",
]  # fmt: skip
BAD = ["/..", "/../etc/passwd", "/static/../../app.py", "/a/..", "//evil.example", "/a//b", "/a\\b", "/a\x00b", "/a\nb", "x", ""]
HIDDEN = ["/.git/config", "/.env", "/.streamlit/secrets.toml", "/static/.DS_Store", "/a/.hidden/b", "/.", "/.well-known/security.txt"]
CLOSED = [
    "/_stcore/metrics", "/_stcore/metrics/", "/_STCORE/METRICS", "/base/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/agent/mcp",
    "/_stcore/agent/openapi.json", "/_stcore/script-health-check", "/app/static/x.csv",
]  # fmt: skip
DISGUISED = ["/%2e%2e/etc/passwd", "/%2E%2e/x", "/a%2fb", "/a%5cb", "/a%00", "/%252e%252e/x"]


@pytest.mark.parametrize("path", OPEN)
def test_what_readers_ask_for_is_let_through(path: str):
    assert status(call(guard(), scope_of("http", path))) == 200


@pytest.mark.parametrize(("path", "expected"), [*((p, 400) for p in BAD), *((p, 404) for p in (*HIDDEN, *CLOSED)), ("/" + "a" * 2000, 414)])
def test_what_no_reader_asks_for_never_reaches_the_application(path: str, expected: int):
    echo = Echo()
    assert status(call(guard(echo), scope_of("http", path))) == expected
    assert echo.seen == []


@pytest.mark.parametrize("raw", DISGUISED)
def test_signs_in_disguise(raw: str):
    echo = Echo()
    scope = scope_of("http", "/") | {"raw_path": raw.encode(), "path": "/harmless"}
    assert status(call(guard(echo), scope)) == 400 and echo.seen == []


def test_a_long_query_is_refused_and_an_ordinary_one_is_not():
    assert status(call(guard(), scope_of("http", "/?grade=7&state=" + "a" * 4000))) == 200
    assert status(call(guard(), scope_of("http", "/?a=" + "a" * 9000))) == 414


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"])
def test_pages_are_read_only(method: str):
    echo = Echo()
    assert status(call(guard(echo), scope_of("http", "/learning_outcomes", method=method))) == 405 and echo.seen == []


# --- hosts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.1.5", "LOCALHOST."])
def test_this_computers_names(host: str):
    assert status(call(guard(), scope_of("http", "/", [("Host", host)]))) == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "sapat", "a b"])
def test_a_name_that_somebody_bent_to_this_computer(host: str):
    """DNS rebinding: a foreign page that calls itself by our address may open neither a page nor a connection."""
    echo = Echo()
    assert status(call(guard(echo), scope_of("http", "/", [("Host", host)]))) == 421
    sent = call(guard(echo), scope_of("websocket", "/_stcore/stream", [("Host", host)]), opening())
    assert sent == [{"type": "websocket.close", "code": 1008}] and echo.seen == []


def test_two_hosts_are_none():
    assert status(call(guard(), scope_of("http", "/", [("Host", "localhost"), ("Host", "evil.example")]))) == 421


def test_a_configured_name():
    named = Guard(Echo(), Web(hosts=("sapat.example",)))
    assert status(call(named, scope_of("http", "/", [("Host", "Sapat.Example:443")]))) == 200
    assert status(call(named, scope_of("http", "/", [("Host", "other.example")]))) == 421


# --- sizes ---------------------------------------------------------------------------------------------------------------


def body(*sizes: int) -> list[dict[str, object]]:
    return [{"type": "http.request", "body": b"x" * size, "more_body": n < len(sizes) - 1} for n, size in enumerate(sizes)]


def test_a_told_size():
    echo = Echo()
    scope = scope_of("http", "/family/enter", [("Content-Length", "70000")], method="POST")
    assert status(call(guard(echo), scope)) == 413 and echo.seen == []
    for odd in ("-1", "1e9", "x", "\u0661"):
        told = scope_of("http", "/") | {"headers": [(b"host", b"localhost"), (b"content-length", odd.encode())]}
        assert status(call(guard(), told)) == 400


def test_an_untold_size_is_counted_as_it_comes():
    assert status(call(guard(), scope_of("http", "/family/enter", method="POST"), body(30_000, 30_000))) == 200
    assert status(call(guard(), scope_of("http", "/family/enter", method="POST"), body(30_000, 30_000, 30_000))) == 413


def test_an_upload_may_be_as_large_as_configured():
    scope = scope_of("http", "/_stcore/upload_file/s/f", [("Content-Length", str(5 * 2**20))], method="PUT")
    assert status(call(guard(), scope)) == 200
    scope = scope_of("http", "/_stcore/upload_file/s/f", [("Content-Length", str(7 * 2**20))], method="PUT")
    assert status(call(guard(), scope)) == 413


# --- allowances ----------------------------------------------------------------------------------------------------------


def test_an_allowance_fills_by_itself():
    clock = Clock()
    allowance = Allowance(60, clock)
    assert [allowance.grants("a") for _ in range(61)] == [True] * 60 + [False]
    assert allowance.grants("b"), "another address has its own"
    assert allowance.wait("a") == 1
    clock.now += 1
    assert [allowance.grants("a") for _ in range(2)] == [True, False]
    clock.now += 3600
    assert sum(allowance.grants("a") for _ in range(100)) == 60, "rest does not add up"


def test_an_allowance_forgets_the_oldest_address():
    allowance = Allowance(1, Clock())
    for number in range(REMEMBERED + 5):
        allowance.grants(str(number))
    assert len(allowance._left) == REMEMBERED


@pytest.mark.parametrize(
    ("path", "limit"), [("/oauth2callback", "sign_in"), ("/auth/login", "sign_in"), ("/family/enter", "family"), ("/x", "requests")]
)
def test_a_guesser_is_slowed_and_a_school_is_not(path: str, limit: str):
    clock = Clock()
    asked = guard(clock=clock, **{limit: 5})
    assert [status(call(asked, scope_of("http", path))) for _ in range(6)] == [200] * 5 + [429]
    refused = call(asked, scope_of("http", path))
    assert int(headers(refused)["retry-after"]) == 12
    assert status(call(asked, scope_of("http", path, client="192.0.2.8"))) == 200
    clock.now += 12
    assert status(call(asked, scope_of("http", path))) == 200
    assert status(call(guard(), scope_of("http", path))) == 200, "as configured by default a page is never far from its limit"


def test_connections_are_limited_in_number_and_at_the_same_time():
    asked = guard(connections=3)
    ends = [call(asked, scope_of("websocket", "/_stcore/stream"), opening())[0]["type"] for _ in range(4)]
    assert ends == ["websocket.accept"] * 3 + ["websocket.close"]
    full = guard(open_connections=2)
    full._open["192.0.2.7"] = 2
    assert call(full, scope_of("websocket", "/_stcore/stream"), opening())[0]["type"] == "websocket.close"
    assert call(full, scope_of("websocket", "/_stcore/stream", client="192.0.2.9"), opening())[0]["type"] == "websocket.accept"
    assert full._open == {"192.0.2.7": 2}, "what was closed is let go"


def test_a_page_that_wishes_faster_than_a_person_waits():
    echo, clock = Echo(), Clock()

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    slowed = Guard(echo, Web(limits=Limits(messages=60)), clock=clock, sleep=sleep)
    call(slowed, scope_of("websocket", "/_stcore/stream"), opening(*[b"wish"] * 50))
    assert len(echo.heard) == 50, "nothing is lost"
    assert clock.now - 1000 == pytest.approx(50 - HASTE, abs=1), "some at once, then one a second"


def test_the_default_allowances_let_a_school_behind_one_address_in():
    """Sixty teachers at eight o'clock: each opens three pages of 150 files, signs in, and their pages ask every two seconds."""
    limits = Limits()
    assert limits.connections >= 60 * 3 and limits.sign_in >= 60 * 2 and limits.requests >= 60 * 160 and limits.messages >= 2 * 60


# --- addresses -----------------------------------------------------------------------------------------------------------

NEAR = (ipaddress.ip_network("127.0.0.1"),)
LAN = (*NEAR, ipaddress.ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "reader"),
    [
        ("9.9.9.9", [], (), "9.9.9.9"),
        ("9.9.9.9", ["1.1.1.1"], (), "9.9.9.9"),  # nobody's word
        ("9.9.9.9", ["1.1.1.1"], NEAR, "9.9.9.9"),  # not from the proxy
        ("127.0.0.1", ["1.1.1.1"], NEAR, "1.1.1.1"),
        ("127.0.0.1", ["6.6.6.6, 1.1.1.1"], NEAR, "1.1.1.1"),  # the far end may be a lie
        ("127.0.0.1", ["6.6.6.6", "1.1.1.1"], NEAR, "1.1.1.1"),  # in two headers as well
        ("127.0.0.1", ["1.1.1.1, 10.0.0.3"], LAN, "1.1.1.1"),
        ("127.0.0.1", ["1.1.1.1, 10.0.0.3"], NEAR, "10.0.0.3"),
        ("127.0.0.1", [], NEAR, "127.0.0.1"),
        ("1.1.1.1", ["1.1.1.1"], NEAR, "1.1.1.1"),  # uvicorn has already put it there
        ("1.1.1.1", ["1.1.1.1"], (), "127.0.0.1"),  # and nobody asked it to
        ("1.1.1.1", ["6.6.6.6, 1.1.1.1"], NEAR, "1.1.1.1"),
        ("10.0.0.3", ["1.1.1.1, 10.0.0.3"], LAN, "1.1.1.1"),
        ("127.0.0.1", ["[2001:db8::1]:443"], NEAR, "2001:db8::1"),
        ("127.0.0.1", ["192.0.2.1:1234"], NEAR, "192.0.2.1"),
        ("127.0.0.1", ["nonsense"], NEAR, "nonsense"),
    ],
)
def test_whose_word_is_taken_about_an_address(client: str, forwarded: list[str], proxies: tuple, reader: str):
    assert address({"client": (client, 1)}, forwarded, proxies) == reader


def test_the_application_sees_the_readers_address():
    echo = Echo()
    call(Guard(echo, Web(proxies=NEAR)), scope_of("http", "/", [("X-Forwarded-For", "6.6.6.6, 1.1.1.1")], client="127.0.0.1"))
    assert echo.seen[0]["client"][0] == "1.1.1.1"


def test_a_proxy_says_whether_the_reader_came_by_https():
    echo, told = Echo(), [("X-Forwarded-Proto", "https")]
    call(Guard(echo, Web(proxies=LAN)), scope_of("http", "/", told, client="10.0.0.3"))
    call(Guard(echo, Web(proxies=LAN)), scope_of("http", "/", told, client="9.9.9.9"))
    assert [seen["scheme"] for seen in echo.seen] == ["https", "http"]


def test_a_forged_header_opens_no_new_allowance():
    asked = guard(requests=3)
    forged = [status(call(asked, scope_of("http", "/", [("X-Forwarded-For", f"1.1.1.{n}")]))) for n in range(5)]
    assert forged == [200, 200, 200, 429, 429]


@pytest.mark.parametrize(
    ("host", "key"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.1", "192.0.2.1"), ("nonsense", "unknown")],
)
def test_what_shares_an_allowance(host: str, key: str):
    assert bucket(host) == key


# --- configuration -------------------------------------------------------------------------------------------------------


def test_the_configuration_is_the_strict_default(tmp_path):
    assert web() == Web() == web(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hosts: ['http://a']", "hosts"), ("hosts: ['*']", "hosts"), ("trusted_proxies: [everybody]", "trusted_proxies"),
        ("per_minute: {requests: 0}", "requests"), ("per_minute: {request: 5}", "request"), ("trusted: []", "trusted"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_named(tmp_path, text: str, told: str):
    (tmp_path / "web.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=told):
        web(tmp_path)


def test_a_configuration(tmp_path):
    (tmp_path / "web.yaml").write_text("hosts: [Sapat.Example]\ntrusted_proxies: [127.0.0.1, 10.0.0.0/8]\nper_minute: {sign_in: 7}\n")
    found = web(tmp_path)
    assert found.hosts == ("sapat.example",) and found.proxies == LAN
    assert found.limits == Limits(sign_in=7)

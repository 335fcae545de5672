"""/family/enter: the code comes by POST, leaves a cookie, and stands in no address, header or log."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import logging
import re
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.applications import Starlette

from lib.family.codes import new_code, normal
from lib.family.slips import link
from lib.settings import UserError
from lib.settings.web import web
from lib.ui.family import way_in
from lib.ui.family.route import COOKIE, ENTRANCE, ROUTES
from lib.ui.guard import Guard
from tests.family.asking import HOST, ask
from tests.family.conftest import Given

pytestmark = pytest.mark.slow


@pytest.fixture
def school(given: Given, monkeypatch: pytest.MonkeyPatch) -> Iterator[Given]:
    monkeypatch.setenv("SAPAT_STORE", str(given.store))
    yield given
    st.cache_resource.clear()


def first(school: Given) -> str:
    return school.codes[school.pupils[0].pupil]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_page_of_the_code(school: Given, language: str):
    page = ask("GET", query=f"lang={language}")
    assert page.status == 200 and f'<html lang="{language}">' in page.text
    assert page.headers["cache-control"] == "no-store"
    for code in school.codes.values():
        assert code not in page.text


def test_it_runs_its_own_script_alone(school: Given):
    page = ask("GET")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    for tag in ("script", "style"):
        written = re.search(rf"<{tag}>(.*?)</{tag}>", page.text, re.DOTALL)
        assert written is not None
        assert base64.b64encode(hashlib.sha256(written[1].encode()).digest()).decode() in policy
    assert not re.search(r"https?://|//\w|<link|<img", re.sub(r"//.*", "", page.text))


def test_the_slips_link_leads_here_and_keeps_the_code_behind_the_hash():
    address, _, code = link("https://sapat.example.kg", "ABCD", "ru").partition("#")
    assert (address, code) == (f"https://sapat.example.kg{ENTRANCE}?lang=ru", "ABCD")


def test_a_right_code(school: Given, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    reply = ask("POST", {"code": first(school), "lang": "ru"}, origin=f"https://{HOST}", sec_fetch_site="same-origin")
    assert (reply.status, reply.headers["location"]) == (303, "/my_child?lang=ru")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert 0 < int(re.search(r"Max-Age=(\d+)", cookie)[1]) <= 12 * 3600
    token = cookie.partition("=")[2].partition(";")[0]
    assert way_in.granted(way_in_settings(), token).pupil == school.pupils[0].pupil
    said = f"{reply.headers} {reply.text} {caplog.text}".upper()
    for secret in (first(school), normal(first(school)), school.pupils[0].pupil, school.pupils[0].name):
        assert secret.upper() not in said


def way_in_settings():
    from lib.ui import data

    return data.current_settings()


def test_a_class_code_opens_the_summary_alone(school: Given):
    assert ask("POST", {"code": school.codes[""]}).headers["location"] == "/class_summary?lang=ky"


def test_without_https_the_cookie_still_works_at_home(school: Given):
    assert "Secure" not in ask("POST", {"code": first(school)}, scheme="http").headers["set-cookie"]


WRONG = [new_code, lambda: "", lambda: "<script>alert(1)</script>", lambda: "x" * 399, lambda: "\x00", lambda: "P2019005"]


@pytest.mark.parametrize("make", WRONG)
def test_a_wrong_code(school: Given, make):
    typed = make()
    reply = ask("POST", {"code": typed})
    assert reply.status == 403 and "set-cookie" not in reply.headers
    assert 'role="alert"' in reply.text
    assert not typed or typed not in reply.text, "what was typed is not shown again"


def test_expired_revoked_and_mistyped_codes_look_alike(school: Given):
    way_in.door_of(way_in_settings()).codes.revoke(dt.datetime.now(), pupils=(school.pupils[1].pupil,))
    replies = {ask("POST", {"code": code}).text for code in (new_code(), school.codes[school.pupils[1].pupil], "garbage")}
    assert len(replies) == 1


def test_the_sixth_wrong_code_waits_and_a_right_one_waits_with_it(school: Given):
    for _ in range(5):
        assert ask("POST", {"code": new_code()}).status == 403
    reply = ask("POST", {"code": first(school)})
    assert reply.status == 429 and int(reply.headers["retry-after"]) > 0 and "set-cookie" not in reply.headers
    assert ask("POST", {"code": first(school)}, address="198.51.100.1").status == 303, "another address is not held up"


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}]
)
def test_another_site_lets_nobody_in(school: Given, headers: dict[str, str]):
    reply = ask("POST", {"code": first(school)}, **headers)
    assert reply.status == 403 and "set-cookie" not in reply.headers


def test_without_a_readable_configuration_it_says_so_calmly(school: Given, monkeypatch: pytest.MonkeyPatch):
    def broken() -> None:
        raise UserError("config/family.yaml, line 3: wrong")

    monkeypatch.setattr("lib.ui.data.current_settings", broken)
    reply = ask("POST", {"code": first(school)})
    assert reply.status == 503 and "family.yaml" not in reply.text


def test_the_log_knows_neither_code_nor_child(school: Given):
    for code in (first(school), new_code()):
        ask("POST", {"code": code})
    desk = school.folder.parent
    kept = (desk / "access.log").read_text(encoding="utf-8")
    assert "wrong code" in kept
    for secret in (first(school), normal(first(school)), school.pupils[0].pupil, school.pupils[0].name, "192.0.2.7"):
        assert secret not in kept


def test_the_guard_lets_this_one_form_through(school: Given):
    guarded = Guard(Starlette(routes=ROUTES), web=web())
    assert ask("POST", {"code": first(school)}, app=guarded, host="127.0.0.1").status == 303
    assert ask("PUT", {"code": first(school)}, app=guarded, host="127.0.0.1").status == 405
    assert ask("POST", {"code": "x" * 70_000}, app=guarded, host="127.0.0.1").status == 413

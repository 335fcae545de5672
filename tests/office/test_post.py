"""The mail server as schools have it: STARTTLS, TLS from the start, a password, and everything that a server can refuse or break off."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lib.access.roles import Role, Viewer
from lib.model.words import Words
from lib.office.people import Colleague
from lib.office.reminders import Letter, Outcome, Sending, SentReminders, round_of
from lib.settings import UserError
from lib.settings.mail import Mail, read_mail
from tests.office.postbox import Postbox, certificate, postbox, serving

NOW = dt.datetime(2026, 4, 15, 7, 40)
USER, PASSWORD = "monitoring@school.example", "right password"


@pytest.fixture
def memory(tmp_path: Path) -> SentReminders:
    (tmp_path / "school").mkdir()
    return SentReminders(tmp_path / "school")


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A certificate that nobody trusts yet."""
    return certificate(tmp_path)


@pytest.fixture
def trusted(signed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as config/mail.yaml tells to make it trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(signed))
    return signed


def send(box: Postbox, memory: SentReminders, people: int = 3, tls: str = "starttls", password: str = "", user: str = USER) -> Sending:
    mail = Mail("127.0.0.1", box.port, tls, user if password else "", USER, Words("Сапат: мониторинг"), 5.0, password)
    letters = [
        Letter(Colleague(f"T{n}", "Мугалим", f"t{n}@school.example"), "ky", "Сапат: барактар", "Саламатсызбы", ()) for n in range(people)
    ]
    return round_of(letters, mail, memory, Viewer(None, frozenset({Role.DIRECTOR})), "T001", lambda: NOW)


def ended(sending: Sending) -> list[tuple[Outcome, str]]:
    return [(one.outcome, one.why) for one in sending.sent]


SENT = (Outcome.SENT, "")


def test_starttls_encrypts_before_anything_is_told(memory: SentReminders, trusted: Path):
    with postbox(starttls=serving(trusted)) as box:
        assert ended(send(box, memory)) == [SENT] * 3
        assert box.encrypted == {True} and len(box.messages) == 3


def test_tls_from_the_start(memory: SentReminders, trusted: Path):
    with postbox(implicit=serving(trusted)) as box:
        assert ended(send(box, memory, tls="ssl")) == [SENT] * 3
        assert box.encrypted == {True}


def test_a_certificate_that_is_not_trusted_gets_nothing(memory: SentReminders, signed: Path):
    with postbox(starttls=serving(signed)) as box:
        assert ended(send(box, memory)) == [(Outcome.UNREACHED, "certificate")] * 3
        assert box.envelopes == []


def test_a_server_without_starttls_gets_nothing_in_the_clear(memory: SentReminders):
    with postbox(passwords={USER: PASSWORD}) as box:
        assert ended(send(box, memory, password=PASSWORD)) == [(Outcome.UNREACHED, "no tls")] * 3
        assert box.envelopes == [] and box.logins == [], "neither text nor password"


def test_a_login_with_the_password_of_the_environment(memory: SentReminders, trusted: Path):
    with postbox(starttls=serving(trusted), passwords={USER: PASSWORD}) as box:
        assert ended(send(box, memory, password=PASSWORD)) == [SENT] * 3
        assert box.logins == [(USER, PASSWORD)], "once for all messages"


def test_a_refused_password_is_not_tried_for_everybody(memory: SentReminders, trusted: Path):
    with postbox(starttls=serving(trusted), passwords={USER: PASSWORD}) as box:
        assert ended(send(box, memory, people=20, password="wrong password")) == [(Outcome.UNREACHED, "login")] * 20
        assert 1 <= len(box.logins) <= 2, "the ways to log in, each once: accounts are locked for more"
        assert box.envelopes == []
        assert ended(send(box, memory, people=20, password=PASSWORD)) == [SENT] * 20, "it may be tried again once it is mended"


def test_a_refused_address_keeps_nobody(memory: SentReminders, trusted: Path):
    with postbox(starttls=serving(trusted), refused={"t1@school.example"}) as box:
        assert ended(send(box, memory)) == [SENT, (Outcome.REFUSED, "SMTP 550"), SENT]


def test_a_server_that_dies_in_the_middle_and_comes_back(memory: SentReminders, trusted: Path):
    """Two messages are taken, then nobody is let in. The others are not waited for one by one, and go out in the next round."""
    with postbox(starttls=serving(trusted), dies_after=2, broken_off={"t1@school.example"}) as box:
        found = send(box, memory, people=6)
        assert [one.outcome for one in found.sent] == [Outcome.SENT, Outcome.UNKNOWN, *[Outcome.UNREACHED] * 4]
        assert box.calls <= 8
        box.dies_after = 10**6
        again = send(box, memory, people=6)
        assert again.passed_by == ("T0", "T1") and ended(again) == [SENT] * 4
        assert sorted(to for (to,), _content in box.envelopes) == [f"t{n}@school.example" for n in range(6)], "one a person"


def test_a_login_needs_a_password(tmp_path: Path):
    (tmp_path / "mail.yaml").write_text(f"host: smtp.example\nfrom: {USER}\nuser: {USER}\n", encoding="utf-8")
    with pytest.raises(UserError, match="SAPAT_SMTP_PASSWORD"):
        read_mail(tmp_path, {})
    assert read_mail(tmp_path, {"SAPAT_SMTP_PASSWORD": "x"}).password == "x"
    with pytest.raises(UserError, match="Latin"):
        read_mail(tmp_path, {"SAPAT_SMTP_PASSWORD": "сыр сөз"})

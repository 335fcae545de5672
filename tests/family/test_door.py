"""The way in: guessing is slow and gets slower, sessions end, openings are counted without addresses."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path

import pytest

from lib.family.codes import Codes, new_code
from lib.family.door import Door
from lib.family.guessing import Limiter, Limits, network
from lib.family.rules import Family
from lib.family.sessions import Sessions
from tests.family.conftest import CLASS, NOW

HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"
LIMITS = Limits(tries=5, all_tries=40, window=60, first_wait=60, longest_wait=600, forget=86400)


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


@pytest.fixture
def door(tmp_path: Path, family: Family) -> Door:
    return Door(tmp_path, family)


@pytest.fixture
def codes(door: Door) -> dict[str, str]:
    made = {pupil: new_code() for pupil in ("P1", "P2", "")}
    door.codes.give(made, CLASS, NOW, NOW.date() + dt.timedelta(days=365))
    return made


# --- guessing ------------------------------------------------------------------------------------------------------------


def test_five_wrong_codes_a_minute(tmp_path: Path):
    limiter = Limiter(tmp_path, LIMITS)
    assert [limiter.begin(HOME, later(n)) for n in range(5)] == [0] * 5
    assert limiter.begin(HOME, later(5)) == 60
    assert limiter.begin(HOME, later(35)) == 30
    assert limiter.begin(ELSEWHERE, later(35)) == 0, "another address is not held up"


def test_slow_mistakes_are_forgiven(tmp_path: Path):
    limiter = Limiter(tmp_path, LIMITS)
    assert [limiter.begin(HOME, later(15 * n)) for n in range(20)] == [0] * 20


def test_waits_grow_up_to_the_longest(tmp_path: Path):
    limiter, at, waits = Limiter(tmp_path, LIMITS), 0.0, []
    for _ in range(6):
        while not (wait := limiter.begin(HOME, later(at))):
            at += 1
        waits.append(wait)
        at += wait
    assert waits == [60, 120, 240, 480, 600, 600]


def test_a_restart_forgives_nothing(tmp_path: Path):
    for n in range(6):
        Limiter(tmp_path, LIMITS).begin(HOME, later(n))
    assert Limiter(tmp_path, LIMITS).begin(HOME, later(10)) > 0


def test_a_quiet_day_forgives_all(tmp_path: Path):
    limiter = Limiter(tmp_path, LIMITS)
    for n in range(6):
        limiter.begin(HOME, later(n))
    assert limiter.begin(HOME, later(2 * 86400)) == 0
    assert [limiter.begin(HOME, later(2 * 86400 + n)) for n in range(1, 6)] == [0, 0, 0, 0, 60], "the first wait again"


def test_everybody_together_is_limited(tmp_path: Path):
    limiter = Limiter(tmp_path, LIMITS)
    assert all(limiter.begin(f"192.0.2.{n}", later(n / 10)) == 0 for n in range(40))
    assert limiter.begin("203.0.113.1", later(5)) > 0


def test_many_at_once_are_no_way_around(tmp_path: Path):
    limiter, passed = Limiter(tmp_path, LIMITS), []
    threads = [threading.Thread(target=lambda: passed.append(limiter.begin(HOME, NOW))) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(0) == LIMITS.tries and len(passed) == 24


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
def test_a_household_is_one_address(one: str, other: str, same: bool):
    assert (network(one) == network(other)) is same


def test_a_right_code_is_no_mistake_and_clears_none(door: Door, codes: dict[str, str]):
    for n in range(4):
        assert not door.enter("wrong", HOME, later(n)).token
    for n in range(10):
        assert door.enter(codes["P1"], HOME, later(4 + n)).token
    assert door.enter("wrong", HOME, later(20)).wait == 0
    assert door.enter(codes["P1"], HOME, later(21)).wait > 0, "five were wrong: now everybody at this address waits"


def test_no_address_is_kept(door: Door, codes: dict[str, str], tmp_path: Path):
    for n in range(7):
        door.enter("wrong", HOME, later(n))
    door.enter(codes["P2"], ELSEWHERE, NOW)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert (tmp_path / "family" / "attempts.json").stat().st_size > 2
    assert HOME.encode() not in kept and ELSEWHERE.encode() not in kept


def test_the_file_of_attempts_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lib.family.guessing._MOST_PLACES", 50)
    limiter = Limiter(tmp_path, Limits(5, 10**9, 60, 60, 600, 86400))
    for n in range(120):
        limiter.begin(f"192.0.2.{n}", NOW)
    assert len(json.loads((tmp_path / "attempts.json").read_text(encoding="utf-8"))) <= 53
    assert limiter.begin("192.0.2.119", NOW) == 0, "the newest are not forgotten"


# --- sessions ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sessions(door: Door) -> Sessions:
    return Sessions(door.codes, dt.timedelta(minutes=30), dt.timedelta(hours=8))


def test_a_session_opens_what_its_code_opens(sessions: Sessions, door: Door, codes: dict[str, str]):
    grant = door.codes.find(codes["P1"], NOW.date())
    assert grant is not None
    tokens = {sessions.open(grant, NOW) for _ in range(50)}
    assert len(tokens) == 50 and all(len(token) >= 43 for token in tokens)
    assert all(sessions.grant(token, NOW) == grant for token in tokens)
    assert sessions.grant("forged", NOW) is None and sessions.grant("", NOW) is None


def test_a_session_ends_unused_in_time_and_by_leaving(sessions: Sessions, door: Door, codes: dict[str, str]):
    grant = door.codes.find(codes["P1"], NOW.date())
    assert grant is not None
    token = sessions.open(grant, NOW)
    assert sessions.grant(token, later(29 * 60)) is not None
    assert sessions.grant(token, later(58 * 60)) is not None, "used at minute 29"
    assert sessions.grant(token, later(58 * 60 + 1801)) is None
    looked_at = sessions.open(grant, NOW)
    assert sessions.grant(looked_at, later(1200), use=False) is not None
    assert sessions.grant(looked_at, later(1801)) is None, "to look does not prolong"
    long = sessions.open(grant, NOW)
    assert all(sessions.grant(long, later(n * 1500)) for n in range(1, 19))
    assert sessions.grant(long, later(8 * 3600 + 1)) is None
    left = sessions.open(grant, NOW)
    sessions.end(left)
    assert sessions.grant(left, NOW) is None


def test_a_revoked_code_ends_its_sessions_at_the_next_look(sessions: Sessions, door: Door, codes: dict[str, str], tmp_path: Path):
    grants = {pupil: door.codes.find(codes[pupil], NOW.date()) for pupil in ("P1", "P2")}
    tokens = {pupil: sessions.open(grant, NOW) for pupil, grant in grants.items() if grant}
    Codes(tmp_path / "family").revoke(NOW, pupils=("P1",))  # another process does it
    assert sessions.grant(tokens["P1"], later(1)) is None
    assert sessions.grant(tokens["P2"], later(1)) is not None


# --- openings ------------------------------------------------------------------------------------------------------------


def test_openings_are_counted_by_pupil(door: Door, codes: dict[str, str]):
    for n in range(3):
        door.enter(codes["P1"], HOME, later(n))
    door.enter(codes[""], HOME, NOW)
    door.enter("wrong", HOME, NOW)
    seen = door.views.of(("P1", "P2"))
    assert (seen["P1"].times, seen["P1"].last) == (3, NOW.date())
    assert (seen["P2"].times, seen["P2"].last) == (0, None)

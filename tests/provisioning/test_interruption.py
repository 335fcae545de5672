"""Whatever call a run is killed at, and whatever the service answers: run again, it ends in the same state, and nothing is there twice."""

from __future__ import annotations

from typing import Any

import pytest

from lib.provisioning import FAILED, Sharing, drawing, provision
from lib.store.base import StoreProblem
from tests.provisioning.drive_school import READER, DriveSchool, drive_school, loaded, plans

pytestmark = pytest.mark.slow

SHARING = Sharing(editors=["teachers@school.example"], restricted_editors=["psychologist@school.example"], readers=[READER])


class Killed(BaseException):
    """The process ends here."""


class Mortal:
    """A way to Google that dies at the call of that number (from 0): before it is sent, or after it was carried out."""

    def __init__(self, school: DriveSchool, at: int, after: bool) -> None:
        self.way, self.at, self.after, self.calls = school.way, at, after, 0

    def request(self, *words: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls - 1 == self.at and not self.after:
            raise Killed
        answer = self.way.request(*words, **named)
        if self.calls - 1 == self.at:
            raise Killed
        return answer


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Several requests a workbook, several pieces a tab: more places to die at."""
    monkeypatch.setattr(drawing, "MOST_BYTES", 30_000)
    monkeypatch.setattr(drawing, "_ROWS_BYTES", 6_000)


def final(school: DriveSchool) -> tuple[Any, Any]:
    """All that is there, and who may see what."""
    shared = {}
    for folder in [{"id": school.place.id, "name": ""}, *school.children(school.place.id)]:
        answer = school.drive("GET", f"/files/{folder['id']}/permissions", fields="permissions(emailAddress,role)")
        shared[folder["name"]] = sorted((p["emailAddress"], p["role"]) for p in answer["permissions"])
    return school.everything(), shared


@pytest.mark.slow
def test_killed_at_every_call(server):
    planned = plans()
    whole = drive_school(server, side_by_side=1)
    counted = Mortal(whole, -1, False)
    provision(whole.place, planned, loaded(), counted, sharing=SHARING)
    wanted = final(whole)
    assert counted.calls > 25
    for number in range(counted.calls):
        for after in (False, True):
            school = drive_school(server, side_by_side=1)
            with pytest.raises(Killed):
                provision(school.place, planned, loaded(), Mortal(school, number, after), sharing=SHARING)
            report = provision(school.place, planned, loaded(), school.way, sharing=SHARING)
            assert not report.failed and not report.unshared
            assert final(school) == wanted, f"killed {'after' if after else 'before'} call {number}"


@pytest.mark.parametrize("seed", range(8))
def test_a_service_that_fails_at_a_quarter_of_the_calls(server, monkeypatch, seed):
    monkeypatch.setattr("lib.store.transport._PAUSES", (0.01, 0.01, 0.01, 0.01))
    planned = plans()
    whole = drive_school(server)
    provision(whole.place, planned, loaded(), whole.way, sharing=SHARING)
    school = drive_school(server, side_by_side=1)  # the same calls in the same order for the same seed
    kinds = ("429", "403_user_rate", "500", "502_html", "503", "reset", "truncated", "truncated_json", "garbage", "expired_token", "408")
    server.faults = {"seed": seed, "rules": [{"kind": kind, "probability": 0.25 / len(kinds)} for kind in kinds]}
    for _ in range(6):
        try:
            report = provision(school.place, planned, loaded(), drive_way(school), sharing=SHARING)
        except StoreProblem:
            continue
        if not report.failed and not report.unshared:
            break
        assert all(outcome.problem is not None for outcome in report.outcomes if outcome.state == FAILED)
    server.faults = None
    report = provision(school.place, planned, loaded(), school.way, sharing=SHARING)
    assert not report.failed and not report.unshared
    assert final(school) == final(whole)


def drive_way(school: DriveSchool) -> Any:
    """A new process signs in anew and has its patience before it."""
    from lib.store.google import transport_of

    return transport_of(school.place, writing=True)

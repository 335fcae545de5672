"""Who may see what afterwards; nobody is invited twice, and nobody's rights are changed."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from lib.provisioning import Report, Sharing, provision, told
from tests.provisioning.drive_school import READER, WRITER, YEAR, DriveSchool, loaded, plans

SHARING = Sharing(["teachers@school.example", "deputy@school.example"], ["psychologist@school.example"], [READER])


def run(school: DriveSchool, sharing: Sharing = SHARING, **more: Any) -> Report:
    return provision(school.place, plans(names=("class-7-А", "class-7-А-restricted")), loaded(), school.way, sharing=sharing, **more)


def rights(school: DriveSchool) -> dict[str, dict[str, str]]:
    found = {}
    for folder in [{"id": school.place.id, "name": ""}, *school.children(school.place.id)]:
        listed = school.drive("GET", f"/files/{folder['id']}/permissions", fields="permissions(emailAddress,role)")["permissions"]
        found[folder["name"]] = {p["emailAddress"]: p["role"] for p in listed if p["emailAddress"] != WRITER}
    return found


def invitations(school: DriveSchool) -> int:
    return len([call for call in school.server.calls if call.method == "POST" and "/permissions" in call.path])


def test_folders_are_shared_once_and_no_file_alone(school):
    report = run(school)
    assert rights(school) == {
        "": {READER: "reader"},
        YEAR: {READER: "reader", "teachers@school.example": "writer", "deputy@school.example": "writer"},
        f"{YEAR}-restricted": {READER: "reader", "psychologist@school.example": "writer"},
    }, "the reader through the folder above, the others by the folder itself"
    assert len(report.shared) == invitations(school) == 4
    school.server.reset_calls()
    assert run(school).shared == []
    assert invitations(school) == 0


def test_a_permission_that_is_there_is_left_as_it_is(school):
    run(school, Sharing())
    folder = next(f["id"] for f in school.children(school.place.id) if f["name"] == YEAR)
    body = {"type": "user", "role": "commenter", "emailAddress": "Teachers@school.example"}
    school.drive("POST", f"/files/{folder}/permissions", body)
    run(school)
    assert {k.lower(): v for k, v in rights(school)[YEAR].items()}["teachers@school.example"] == "commenter"


def test_who_may_read_everything_still_becomes_an_editor(school):
    """Drive lists the permissions of the folders above among a folder's own."""
    body = {"type": "user", "role": "reader", "emailAddress": "teachers@school.example"}
    school.drive("POST", f"/files/{school.place.id}/permissions", body)
    run(school)
    assert rights(school)[YEAR]["teachers@school.example"] == "writer"


def test_nobody_is_written_to(school):
    run(school)
    assert all("sendNotificationEmail=false" in c.path for c in school.server.calls if c.method == "POST" and "/permissions" in c.path)


def test_a_group(school):
    run(school, Sharing(["group:teachers@school.example"]))
    folder = next(f["id"] for f in school.children(school.place.id) if f["name"] == YEAR)
    listed = school.drive("GET", f"/files/{folder}/permissions", fields="permissions(emailAddress,type)")["permissions"]
    assert ("teachers@school.example", "group") in {(p["emailAddress"], p["type"]) for p in listed}


def test_the_limit_of_sharing_ends_in_a_sentence(school, monkeypatch):
    monkeypatch.setattr("lib.store.transport._PAUSES", (0.01, 0.01, 0.01, 0.01))
    school.server.faults = {"rules": [{"kind": "403_sharing_rate", "path": "/permissions", "on": ["drive"], "after": 2}]}
    report = run(school)
    assert not report.failed and report.unshared
    text = "\n".join(told.summary(report, loaded(), False))
    assert not re.search(r"(?<![\w-])--\w", text) and "403" not in text
    assert report.unshared[0][0] in text
    school.server.faults = None
    assert not run(school).unshared


def test_nobody_is_let_in_before_everything_is_whole(school, monkeypatch):
    monkeypatch.setattr("lib.store.transport._PAUSES", (0.01, 0.01, 0.01, 0.01))
    school.server.faults = {"rules": [{"kind": "403_permission", "on": ["sheets_write"], "times": 1}]}
    report = run(school)
    assert len(report.failed) == 1 and report.shared == []
    assert rights(school)[YEAR] == {}
    school.server.faults = None
    assert len(run(school).shared) == 4


def test_a_dry_run_invites_nobody(school):
    report = run(school, dry_run=True)
    assert [o.state for o in report.outcomes] == ["created", "created"] and len(report.shared) == 4
    assert [call for call in school.server.calls if call.method != "GET" and call.kind != "token"] == []
    assert school.children(school.place.id) == []


@pytest.mark.slow
def test_the_quota_of_writes_is_never_exceeded(school):
    """34 workbooks, 20 reads and 20 writes a minute: no 429, whatever sixty seconds are looked at."""
    from lib.provisioning import CREATED
    from lib.store.google import transport_of
    from lib.templates import plan_set
    from tests.provisioning.drive_school import registry

    place = dataclasses.replace(school.place, reads_per_minute=20, writes_per_minute=20)
    planned = plan_set(registry(("5-А", "6-А", "7-А", "8-А", "9-А")), loaded(), YEAR)[:30]
    school.server.quota = 20
    try:
        report = provision(place, planned, loaded(), transport_of(place, writing=True))
    finally:
        school.server.quota = None
    assert {outcome.state for outcome in report.outcomes} == {CREATED}
    for kind in ("sheets_read", "sheets_write"):
        calls = [call for call in school.server.calls if call.kind == kind]
        assert len(calls) == 30 and 429 not in {call.status for call in calls}
        times = sorted(call.time for call in calls)
        assert max(sum(start <= t < start + 60 for t in times) for start in times) <= 20

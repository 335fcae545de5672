"""The access log: who came in, who was refused, whose page was opened; and nothing that leads back to a person."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from pathlib import Path

from lib.access import Person, Role, Viewer, log

AT = dt.datetime(2026, 4, 15, 7, 40)
TEACHER = Viewer(Person("aigul@school.example", "T017", frozenset({Role.TEACHER}), name="Айгүл"), frozenset({Role.TEACHER}))


def lines(desk: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (desk / log.NAME).read_text(encoding="utf-8").splitlines()]


def test_three_kinds_of_lines(tmp_path: Path):
    log.signed_in(tmp_path, AT, TEACHER)
    log.refused(tmp_path, AT, Viewer(None, frozenset({Role.PUBLIC})), "unknown", "collection", "stranger@home.example")
    log.opened(tmp_path, AT, TEACHER, "my_child", "P2019001")
    came, refused, opened = lines(tmp_path)
    assert (came["event"], came["roles"], came["at"]) == ("sign-in", ["teacher"], "2026-04-15T07:40:00")
    assert (refused["event"], refused["why"], refused["page"]) == ("refused", "unknown", "collection")
    assert (opened["event"], opened["page"]) == ("pupil page", "my_child")
    assert came["who"] == opened["who"] != refused["who"], "the same person has the same mark"


def test_no_name_code_or_address_stands_in_it(tmp_path: Path):
    log.signed_in(tmp_path, AT, TEACHER)
    log.opened(tmp_path, AT, TEACHER, "my_child", "P2019001")
    text = (tmp_path / log.NAME).read_text(encoding="utf-8")
    assert not any(secret in text for secret in ("aigul", "school.example", "T017", "Айгүл", "P2019001"))


def test_marks_of_two_desks_cannot_be_joined(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert log.mark(tmp_path / "a", "x@school.example") != log.mark(tmp_path / "b", "x@school.example")


def test_only_the_owner_reads_it(tmp_path: Path):
    log.signed_in(tmp_path, AT, TEACHER)
    assert [os.stat(tmp_path / name).st_mode & 0o077 for name in (log.NAME, log.KEY)] == [0, 0]


def test_it_turns_over_by_size(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(log, "LARGEST", 1000)
    for _ in range(100):
        log.opened(tmp_path, AT, TEACHER, "my_child", "P2019001")
    kept = [file for file in tmp_path.glob(f"{log.NAME}*") if not file.name.endswith(".lock")]
    assert len(kept) == 1 + log.KEPT
    assert all(file.stat().st_size <= 1000 for file in kept)
    for file in kept:
        [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_many_at_once_leave_whole_lines(tmp_path: Path):
    threads = [
        threading.Thread(target=lambda: [log.opened(tmp_path, AT, TEACHER, "my_child", f"P{n}") for n in range(20)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(tmp_path)) == 120
    assert len({line["who"] for line in lines(tmp_path)}) == 1, "one key, whoever made it first"

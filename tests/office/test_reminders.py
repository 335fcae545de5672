"""Reminders: the right cells to the right person, nobody twice a day, nobody's failure anybody else's, no header made of typed text."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ics
import pytest

from lib import settings
from lib.access.roles import Person, Role, Viewer
from lib.model.words import Words
from lib.office.board import BoardRow, BoardState, Tabs, board
from lib.office.people import Colleague, Staff, staff_of
from lib.office.reminders import Letter, Outcome, SentReminders, calendar_of, letter, may_remind, may_send, round_of, tasks
from lib.office.reminders.post import message_of
from lib.settings import ROOT, Settings, UserError
from lib.settings.cyclogram import read_plan_words
from lib.settings.mail import Mail, is_address, read_mail
from lib.snapshot import Snapshot, Snapshots
from tests.office.postbox import Postbox, postbox

YEAR, DAY = "2025-2026", dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 15, 7, 40)
DIRECTOR = Viewer(None, frozenset({Role.DIRECTOR}))


def mail_to(port: int, **changed: object) -> Mail:
    plain = {"host": "127.0.0.1", "port": port, "tls": "none", "user": "", "sender": "monitoring@school.example",
             "sender_name": Words("Сапат: мониторинг"), "answer_seconds": 5.0}  # fmt: skip
    return Mail(**{**plain, **changed})  # type: ignore[arg-type]


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as running:
        yield running


@pytest.fixture
def memory(tmp_path: Path) -> SentReminders:
    (tmp_path / "school").mkdir()
    return SentReminders(tmp_path / "school")


def plain(code: str, email: str = "", text: str = "Саламатсызбы") -> Letter:
    return Letter(Colleague(code, "Мугалим", email or f"{code.lower()}@school.example"), "ky", "Сапат: барактар", text, ())


def sent(letters: list[Letter], mail: Mail, memory: SentReminders, now: dt.datetime = NOW, viewer: Viewer = DIRECTOR):  # type: ignore[no-untyped-def]
    return round_of(letters, mail, memory, viewer, "T001", lambda: now)


# --- what is written -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(demo_store: Path) -> Settings:
    return settings.load(demo_store, today=DAY)


@pytest.fixture(scope="module")
def snapshot(demo_store: Path) -> Snapshot:
    found = Snapshots(demo_store).current()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def staff(snapshot: Snapshot, loaded: Settings) -> Staff:
    return staff_of(snapshot, loaded, YEAR, read_plan_words(loaded.roles, loaded.associations))


@pytest.fixture(scope="module")
def letters(snapshot: Snapshot, loaded: Settings, staff: Staff) -> dict[str, dict[str, Letter]]:
    """Language → code → the letter, for all who have something to do."""
    tabs, own = Tabs(snapshot, loaded, YEAR), {}  # type: ignore[var-annotated]
    for row in board(snapshot, loaded, YEAR):
        own.setdefault(row.responsible, []).append(row)
    found: dict[str, dict[str, Letter]] = {"ky": {}, "ru": {}}
    for code, rows in own.items():
        for language in found if code else ():
            made = letter(staff.colleagues[code], tasks(rows, tabs, {}), loaded, YEAR, DAY, language)
            if made is not None:
                found[language][code] = made
    return found


def test_one_letter_for_each_who_has_something_to_do(letters: dict[str, dict[str, Letter]], snapshot: Snapshot, loaded: Settings):
    troubled = {row.responsible for row in board(snapshot, loaded, YEAR) if row.responsible and row.troubled}
    assert set(letters["ky"]) == set(letters["ru"]) == troubled and len(troubled) > 3


def test_no_pupil_stands_in_any_letter(letters: dict[str, dict[str, Letter]], snapshot: Snapshot):
    register = snapshot.records("R1")
    secrets = {str(v) for key in ("full_name", "pupil_id") for v in register[key].to_pylist() if v}
    assert len(secrets) > 200
    for made in (one for of_language in letters.values() for one in of_language.values()):
        assert not [s for s in secrets if s in made.subject or s in made.text]


def test_a_letter_says_what_where_when_and_which_cells(letters: dict[str, dict[str, Letter]], loaded: Settings):
    for language, by in (("ky", "Мөөнөтү"), ("ru", "Срок")):
        for made in letters[language].values():
            assert made.person.name in made.text and by in made.text
            for task in made.tasks:
                assert f"{task.row.form} · {loaded.forms[task.row.form].title.of(language)}" in made.text
                assert not task.row.tab or task.row.tab in made.text
                assert all(cell in made.text for cell in (*task.cells.empty[:12], *task.cells.wrong[:12]) if cell)


def test_who_has_nothing_to_do_gets_no_letter(loaded: Settings):
    assert letter(Colleague("T1", "X"), [], loaded, YEAR, DAY, "ky") is None


def test_a_link_opens_the_first_cell(snapshot: Snapshot, loaded: Settings):
    rows = [r for r in board(snapshot, loaded, YEAR) if r.tab and r.cells_wrong and r.cells_wrong[0] and r.state is not BoardState.NOT_DUE]
    links = {(r.workbook, r.tab): "https://docs.google.com/spreadsheets/d/1/edit#gid=0" for r in rows}
    for task in tasks(rows, Tabs(snapshot, loaded, YEAR), links):
        assert task.link.endswith(f"&range={task.cells.wrong[0]}")


def test_tasks_as_a_calendar_file(letters: dict[str, dict[str, Letter]], loaded: Settings):
    made = max(letters["ru"].values(), key=lambda one: len(one.tasks))
    read = ics.Calendar(calendar_of(made, loaded, YEAR, DAY, NOW).decode())
    assert len(read.events) == len(made.tasks)
    assert all(event.begin.date() >= DAY for event in read.events), "what is overdue stands on today"


# --- who may -------------------------------------------------------------------------------------------------------------


def test_who_may_remind_whom():
    teacher, other = Colleague("T1", "A", association="math"), Colleague("T2", "B", association="social")
    head = Viewer(Person("h@s.example", "T9", frozenset({Role.MO_HEAD}), association="math"), frozenset({Role.MO_HEAD}))
    assert may_send(DIRECTOR) and may_send(Viewer(None, frozenset({Role.DEPUTY}))) and may_send(head)
    assert may_remind(head, teacher) and not may_remind(head, other)
    assert not may_remind(Viewer(None, frozenset({Role.MO_HEAD})), Colleague("T3", "C"))
    for role in set(Role) - {Role.DIRECTOR, Role.DEPUTY, Role.MO_HEAD}:
        viewer = Viewer(Person("x@s.example", "T1", frozenset({role}), association="math"), frozenset({role}))
        assert not may_send(viewer) and not may_remind(viewer, teacher)


def test_a_round_with_one_who_is_not_theirs_sends_nothing(box: Postbox, memory: SentReminders):
    head = Viewer(Person("h@s.example", "T9", frozenset({Role.MO_HEAD}), association="math"), frozenset({Role.MO_HEAD}))
    own = Letter(Colleague("T1", "A", "t1@school.example", association="math"), "ky", "s", "t", ())
    with pytest.raises(UserError):
        sent([own, plain("T2")], mail_to(box.port), memory, viewer=head)
    assert box.envelopes == [] and memory.last(9, DAY) == []


# --- what is sent --------------------------------------------------------------------------------------------------------


def test_one_message_a_person(box: Postbox, memory: SentReminders, letters: dict[str, dict[str, Letter]]):
    wanted = list(letters["ky"].values())
    steps: list[tuple[int, int]] = []
    ended = round_of(wanted, mail_to(box.port), memory, DIRECTOR, "T001", lambda: NOW, lambda done, of, _code: steps.append((done, of)))
    assert ended.count(Outcome.SENT) == len(wanted) == len(box.messages) and steps == [(n, len(wanted)) for n in range(1, len(wanted) + 1)]
    assert sorted(to for (to,), _content in box.envelopes) == sorted(one.person.email for one in wanted)
    for message, one in zip(box.messages, wanted, strict=True):
        assert message["To"] == one.person.email and message["Subject"] == one.subject and message["Bcc"] is None
        assert message.get_content().strip().splitlines() == one.text.strip().splitlines()
        assert message["Auto-Submitted"] == "auto-generated" and "monitoring@school.example" in message["From"]


def test_never_twice_a_day_and_again_the_next(box: Postbox, memory: SentReminders):
    mail = mail_to(box.port)
    assert sent([plain("T1"), plain("T1"), plain("T2")], mail, memory).count(Outcome.SENT) == 2
    again = sent([plain("T1"), plain("T3")], mail, memory, NOW + dt.timedelta(hours=16))
    assert again.passed_by == ("T1",) and again.count(Outcome.SENT) == 1
    assert sent([plain("T1")], mail, memory, NOW + dt.timedelta(days=1)).count(Outcome.SENT) == 1
    assert len(box.messages) == 4
    assert [one.person for one in memory.last(1, DAY)] == ["T3", "T2", "T1"]


def test_one_that_is_refused_keeps_nobody_and_may_be_tried_again(memory: SentReminders):
    with postbox(refused={"t2@school.example"}) as box:
        ended = sent([plain("T1"), plain("T2"), plain("T3")], mail_to(box.port), memory)
        assert [one.outcome for one in ended.sent] == [Outcome.SENT, Outcome.REFUSED, Outcome.SENT]
        box.refused.clear()
        assert sent([plain("T1"), plain("T2"), plain("T3")], mail_to(box.port), memory).passed_by == ("T1", "T3")
        assert sorted(to for (to,), _content in box.envelopes) == ["t1@school.example", "t2@school.example", "t3@school.example"]


def test_a_server_that_breaks_off_leaves_it_unknown_and_it_is_not_sent_again(memory: SentReminders):
    with postbox(broken_off={"t2@school.example"}) as box:
        ended = sent([plain("T1"), plain("T2"), plain("T3")], mail_to(box.port), memory)
        assert [one.outcome for one in ended.sent] == [Outcome.SENT, Outcome.UNKNOWN, Outcome.SENT]
        assert sent([plain("T2")], mail_to(box.port), memory).passed_by == ("T2",)
        assert len(box.messages) == 3


def test_a_server_that_is_away_is_told_and_tried_again(memory: SentReminders):
    with postbox() as box:
        port = box.port
    assert [one.outcome for one in sent([plain("T1")], mail_to(port), memory).sent] == [Outcome.UNREACHED]
    assert memory.reminded(["T1"], DAY) == set()


def test_a_killed_round_counts_as_unknown(memory: SentReminders):
    assert memory.claim("T1", 3, "T001", NOW)
    assert memory.on(DAY)["T1"].outcome is Outcome.UNKNOWN and not memory.claim("T1", 3, "T001", NOW)


_ROUND = """
import datetime as dt, sys
from pathlib import Path
from lib.access.roles import Role, Viewer
from lib.model.words import Words
from lib.office.people import Colleague
from lib.office.reminders import Letter, SentReminders, round_of
from lib.settings.mail import Mail
letters = [Letter(Colleague(f"T{n}", "A", f"t{n}@school.example"), "ky", "s", "t", ()) for n in range(20)]
mail = Mail("127.0.0.1", int(sys.argv[2]), "none", "", "m@school.example", Words("m"), 10.0)
round_of(letters, mail, SentReminders(Path(sys.argv[1])), Viewer(None, frozenset({Role.DIRECTOR})), "T", lambda: dt.datetime(2026, 4, 15))
"""


@pytest.mark.slow
def test_two_processes_at_once_write_to_nobody_twice(box: Postbox, tmp_path: Path):
    (tmp_path / "school").mkdir()
    command = [sys.executable, "-c", _ROUND, str(tmp_path / "school"), str(box.port)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    assert sorted(to for (to,), _content in box.envelopes) == sorted(f"t{n}@school.example" for n in range(20))


# --- no header is made of what somebody typed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "email",
    [
        "a@b.c\r\nBcc: x@y.z", "a@b.c\nX: y", "a@b.c, x@y.z", "a@b.c x@y.z", '"a"@b.c', "<a@b.c>", "a@b.c\x00", "а@б.в", "a@@b.c", "a", "",
        "a@b.c>\r\nRCPT TO:<x@y.z", "a@" + "b" * 64 + ".c",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_never_written_to(email: str, box: Postbox, memory: SentReminders):
    assert not is_address(email)
    bad = Letter(Colleague("T1", "A", email), "ky", "s", "t", ())
    with pytest.raises(UserError):
        message_of(bad, mail_to(box.port))
    ended = sent([bad, plain("T2")], mail_to(box.port), memory)
    assert [one.outcome for one in ended.sent] == [Outcome.REFUSED, Outcome.SENT] and len(box.envelopes) == 1


def test_a_name_cannot_add_a_header(box: Postbox, memory: SentReminders):
    name = "Сапат\r\nBcc: x@y.z\r\n\r\nbody"
    evil = Letter(Colleague("T1", name, "t1@school.example"), "ky", f"s{name}", f"t\r\n.\r\nMAIL FROM:<x@y.z>\n{name}", ())
    sent([evil], mail_to(box.port, sender_name=Words(name)), memory)
    (message,) = box.messages
    assert message["Bcc"] is None and message["To"] == "t1@school.example" and len(box.envelopes[0][0]) == 1
    assert "MAIL FROM" in message.get_content() and len(message.get_all("Subject")) == 1


# --- the configuration -----------------------------------------------------------------------------------------------------


def configured(tmp_path: Path, text: str) -> Mail:
    (tmp_path / "mail.yaml").write_text(text, encoding="utf-8")
    return read_mail(tmp_path, {"SAPAT_SMTP_PASSWORD": "secret"})


def test_without_a_host_nothing_is_sent(memory: SentReminders):
    mail = read_mail(environment={})
    assert not mail.is_set_up
    with pytest.raises(UserError, match="mail.yaml"):
        sent([plain("T1")], mail, memory)


def test_the_password_comes_from_the_environment_and_is_never_shown(tmp_path: Path):
    mail = configured(tmp_path, "host: smtp.example\nfrom: m@school.example\nuser: m\n")
    assert mail.password == "secret" and "secret" not in repr(mail)
    with pytest.raises(UserError, match="password"):
        configured(tmp_path, "host: smtp.example\nfrom: m@school.example\npassword: secret\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("host: smtp.example\nfrom: m@school.example\ntls: none\n", "tls"),
        ("host: smtp.example\nfrom: 'm@school.example, x@y.z'\n", "from"),
        ("host: 'smtp.example/x'\nfrom: m@school.example\n", "host"),
        ("host: smtp.example\nfrom: m@school.example\nport: 0\n", "port"),
        ("host: smtp.example\nfrom: m@school.example\ntls: sometimes\n", "tls"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, text: str, said: str):
    with pytest.raises(UserError, match=said):
        configured(tmp_path, text)


def test_a_row_that_needs_nothing_is_no_task():
    quiet = BoardRow("T1", "F01", "7-А", "ALG", "", "Q1", BoardState.COMPLETE, 9, 9, 0, DAY)
    assert not quiet.troubled

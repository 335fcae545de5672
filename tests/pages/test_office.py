"""The pages of the yearly plan and of the board: what stands first, whose rows they are, and who may write to whom."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from functools import partial
from pathlib import Path

import ics
import pytest
import streamlit as st

from lib import cli, i18n, settings
from lib.model.words import Words
from lib.office.reminders import SentReminders
from lib.settings.mail import Mail
from tests.office.postbox import postbox
from tests.pages.conftest import Opener, texts

pytestmark = pytest.mark.slow  # nearly every test draws a page of the whole school anew


@pytest.fixture
def in_russian(opened: Opener) -> Opener:
    """Open a page in Russian; AppTest says the options of widgets in this thread, too."""

    def open_page(store: Path, name: str):  # type: ignore[no-untyped-def]
        app = opened(store, name, lang="ru")
        i18n.use("ru")
        return app

    return open_page


def test_the_plan_tells_this_week_first(in_russian: Opener, demo_store: Path):
    app = in_russian(demo_store, "cyclogram")
    assert not app.exception
    assert [m.label for m in app.metric][:2] == ["Эта неделя", "Просрочено"]
    week = app.table[0].value
    assert list(week.columns) == ["Срок", "Что"] and len(week) > 0
    assert all("04.2026" in str(day) for day in week["Срок"])  # the demo's day is 15 April


def test_one_party_has_its_own_rows(in_russian: Opener, demo_store: Path):
    app = in_russian(demo_store, "cyclogram")
    everything = app.metric[2].value
    app.selectbox(key="plan_whose").set_value("party medic").run()
    assert not app.exception
    assert app.metric[2].value != everything


def due_everywhere(open_page: Opener, store: Path, capsysbinary: pytest.CaptureFixture[bytes], row: str) -> tuple[str, str, str]:
    """The day of a row of the plan: on the page, in the command's csv, in its calendar file."""
    st.cache_resource.clear()
    app = open_page(store, "cyclogram")
    app.selectbox(key="plan_month").set_value(dt.date(2026, 3, 1)).run()
    assert not app.exception
    listed = [table.value[["Срок", "Что"]].to_numpy() for table in app.table if "Что" in table.value]
    shown = {str(due)[:10] for rows in listed for due, what in rows if row in what}
    (on_page,) = shown
    capsysbinary.readouterr()
    assert cli.main(["plan", "--store", str(store), "--format", "csv", "--school-year", "2025-2026"]) == 0
    (in_csv,) = {line["due"] for line in csv.DictReader(io.StringIO(capsysbinary.readouterr().out.decode())) if line["id"] == row}
    assert cli.main(["plan", "--store", str(store), "--format", "ics", "--school-year", "2025-2026"]) == 0
    events = ics.Calendar(capsysbinary.readouterr().out.decode()).events
    (in_file,) = {event.begin.date().isoformat() for event in events if f"{row} · " in event.name}
    return f"{on_page[6:]}-{on_page[3:5]}-{on_page[:2]}", in_csv, in_file


@pytest.mark.slow
def test_a_changed_holiday_moves_the_day_on_the_page_in_the_table_and_in_the_calendar(
    in_russian: Opener, demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
):  # fmt: skip
    """Oracle 10 of the domain, seen from outside: the third quarter ends on 5 March instead of 28 February."""
    store = tmp_path / "school"
    shutil.copytree(demo_store, store)
    assert due_everywhere(in_russian, store, capsysbinary, "C31") == ("2026-03-03",) * 3
    shutil.copytree(settings.ROOT / "config", tmp_path / "config")
    file = tmp_path / "config" / "school.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    moved = [line.replace('"02-28"', '"03-05"') if line.strip().startswith("2025-2026:") else line for line in lines]
    assert moved != lines
    file.write_text("\n".join(moved), encoding="utf-8")
    monkeypatch.setattr(settings, "load", partial(settings.load, config=tmp_path / "config"))
    assert due_everywhere(in_russian, store, capsysbinary, "C31") == ("2026-03-08",) * 3


def test_a_half_year_has_its_own_rows(in_russian: Opener, demo_store: Path):
    app = in_russian(demo_store, "cyclogram")
    overdue = [app.metric[1].value]
    for part in ("H1", "H2"):
        app.segmented_control(key="plan_part").set_value(part).run()
        assert not app.exception
        overdue.append(app.metric[1].value)
    assert int(overdue[0]) == int(overdue[1]) + int(overdue[2])


def test_an_order_is_entered_and_shown(in_russian: Opener, demo_store: Path, tmp_path: Path):
    store = tmp_path / "school"
    shutil.copytree(demo_store, store)
    app = in_russian(store, "cyclogram")
    assert any("ещё не утверждено" in text for text in texts(app))
    app.text_input[0].set_value("01-12/45")
    app.text_input[1].set_value("30 август")
    next(button for button in app.button if button.label == "Сохранить").click().run()
    assert not app.exception and len(app.error) == 1
    app.text_input[0].set_value("01-12/45")
    app.text_input[1].set_value("30.08.2025")
    next(button for button in app.button if button.label == "Сохранить").click().run()
    assert not app.exception
    assert any("01\\-12/45" in text and "30.08.2025" in text for text in texts(app))


def test_the_board_shows_people_with_trouble_first(in_russian: Opener, demo_store: Path):
    app = in_russian(demo_store, "board")
    assert not app.exception
    assert app.pills(key="board_state").options[0].startswith("▼ просрочено")
    sheets = app.table[0].value
    assert list(sheets.columns) == ["Срок", "Лист", "Заполнено"] and "просрочено" in str(sheets["Срок"].iloc[0])


def test_a_person_s_text_is_there_to_copy(in_russian: Opener, demo_store: Path):
    app = in_russian(demo_store, "board")
    troubled = app.selectbox(key="board_person").options[1]
    app.selectbox(key="board_person").select(troubled).run()
    assert not app.exception
    assert app.code and troubled.split()[0] in app.code[0].value and "Срок:" in app.code[0].value


def test_without_a_mail_server_nothing_can_be_sent(in_russian: Opener, demo_store: Path):
    app = in_russian(demo_store, "board")
    assert "send_reminders" not in [button.key for button in app.button]


def test_a_round_is_sent_from_the_page_once(in_russian: Opener, demo_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = tmp_path / "school"
    shutil.copytree(demo_store, store)
    with postbox() as box:
        mail = Mail("127.0.0.1", box.port, "none", "", "monitoring@school.example", Words("Сапат"), 10.0)
        monkeypatch.setattr("lib.ui.blocks.reminders.read_mail", lambda: mail)
        app = in_russian(store, "board")
        expected = int(app.metric[3].value)
        assert expected > 3
        app.button(key="send_reminders").click().run()
        assert not app.exception
        assert len(box.messages) == expected
        app.run()
        assert app.button(key="send_reminders").disabled, "everybody has been reminded today"
    assert {sent.outcome.value for sent in SentReminders(store).last(2, dt.date.today())} == {"sent"}


def test_filters_choose_who_is_reminded_and_not_of_what(in_russian: Opener, demo_store: Path):
    app = in_russian(demo_store, "board")
    troubled = app.selectbox(key="board_person").options[1]
    app.selectbox(key="board_person").select(troubled).run()
    whole = app.code[0].value
    app.selectbox(key="board_form").select(app.selectbox(key="board_form").options[-1]).run()
    assert app.code[0].value == whole

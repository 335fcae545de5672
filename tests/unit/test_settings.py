"""Configuration: closed keys, and errors that name file, line, key and the nearest right one."""

import datetime as dt
import shutil

import pytest

from lib import settings
from lib.settings import ROOT, UserError


@pytest.fixture
def config(tmp_path):
    return shutil.copytree(ROOT / "config", tmp_path / "config")


def edit(config, name, old, new):
    path = config / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} does not stand in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_catalogue_is_whole():
    loaded = settings.load()
    assert len(loaded.forms) == 35
    assert len([i for i in loaded.indicators.values() if i.variative is None]) == 74
    assert list(loaded.directions) == ["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "Q"]
    assert [d.numeral for d in loaded.directions.values()] == ["1", "2", "", "3", "4", "5", "", "6", "7", ""]


def test_unknown_key_names_file_line_and_nearest(config):
    line = edit(config, "forms/F01.yaml", "placement: class", "placment: class")
    with pytest.raises(UserError, match=r"forms/F01.yaml, line \d+: the key 'placement' is missing; did you write 'placment'"):
        settings.load(config=config)
    edit(config, "forms/F01.yaml", "placment: class", "placement: class\nplacemnt: class")
    with pytest.raises(UserError, match=rf"forms/F01.yaml, line {line + 1}: unknown key 'placemnt'; nearest right key: 'placement'"):
        settings.load(config=config)


def test_wrong_value_names_what_was_seen(config):
    edit(config, "forms/F01.yaml", "tab: subject", "tab: subjekt")
    with pytest.raises(UserError, match="tab: 'subjekt' was seen; expected one of .*nearest: 'subject'"):
        settings.load(config=config)


def test_due_rule_is_checked(config):
    edit(config, "forms/F01.yaml", "Q1.end+3", "Q1.finish")
    with pytest.raises(UserError, match="not a date rule: 'Q1.finish'"):
        settings.load(config=config)


def test_indicator_source_must_name_a_column(config):
    edit(config, "indicators/learning_outcomes.yaml", "q1", "kw1")
    with pytest.raises(UserError, match="the form F01 has no column 'kw1'"):
        settings.load(config=config)


def test_broken_yaml_names_its_line(config):
    (config / "forms" / "F02.yaml").write_text("form: F02\ntitle: {ky: [\n", encoding="utf-8")
    with pytest.raises(UserError, match="forms/F02.yaml, line"):
        settings.load(config=config)


def test_store_has_its_own_day_and_name(tmp_path):
    (tmp_path / "store.yaml").write_text('as_of: 2026-04-15\nschool_name: {ky: "Кайыңды мектеби"}\n', encoding="utf-8")
    loaded = settings.load(tmp_path, today=dt.date(2030, 1, 1))
    assert loaded.as_of == dt.date(2026, 4, 15)
    assert loaded.school_name.of("ru") == "Кайыңды мектеби"


def test_changed_holidays_move_the_deadlines(config):
    """Oracle 10 of domain.md §9: the end of quarter 3 moves C30, C31 and C32."""
    from_config = settings.load().school_year("2025-2026")
    edit(config, "school.yaml", '2025-2026: [["09-01", "11-04"], ["11-10", "12-30"], ["01-12", "02-28"]',
         '2025-2026: [["09-01", "11-04"], ["11-10", "12-30"], ["01-12", "03-05"]')  # fmt: skip
    changed = settings.load(config=config).school_year("2025-2026")
    for rule, before, after in [("Q3.end-3", (2, 25), (3, 2)), ("Q3.end+3", (3, 3), (3, 8)), ("Q3.end+12", (3, 12), (3, 17))]:
        assert from_config.resolve(rule) == dt.date(2026, *before)
        assert changed.resolve(rule) == dt.date(2026, *after)


def test_an_unknown_year_has_the_default_calendar():
    year = settings.load().school_year("2031-2032")
    assert (year.start, year.end) == (dt.date(2031, 9, 1), dt.date(2032, 5, 25))
    assert year.quarter_of(dt.date(2032, 7, 1)) == "Q4"

"""A school whose families have codes, and a snapshot made of a few rows that were said by hand."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import i18n, settings
from lib.family.codes import Codes, new_code
from lib.family.register import Member, members
from lib.family.rules import Family, read_family
from lib.settings import Settings
from lib.snapshot import Snapshot, Snapshots
from tests.spec.school import School

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "lib" / "ui" / "frame.py"
NOW = dt.datetime(2026, 4, 15, 7, 40)
DAY = NOW.date()
CLASS = "7-А"
Opener = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def kyrgyz() -> Iterator[None]:
    """A test leaves no language behind."""
    i18n.use("ky")
    yield
    i18n.use("ky")


@pytest.fixture(scope="session")
def loaded() -> Settings:
    return settings.load(as_of=DAY)


@pytest.fixture(scope="session")
def family(loaded: Settings) -> Family:
    return read_family(loaded)


@pytest.fixture(scope="session")
def snapshot(demo_store: Path) -> Snapshot:
    found = Snapshots(demo_store).current()
    assert found is not None
    return found


def snapshot_of(school: School) -> Snapshot:
    """What was said of a small school, as a snapshot: a table for each form, values as they are computed."""
    loaded = settings.load()
    empty = School(school.year)
    for form in loaded.forms:
        empty.add(form)
    tables = {form: table.slice(0, 0) for form, table in empty.data()._records.items()}
    tables |= dict(school.data()._records)
    kept: dict[str, pa.Table] = {f"records/{form}": table for form, table in tables.items()}
    kept["values"] = pa.Table.from_pylist(school.values(*(line.indicator for line in read_family(loaded).summary)))
    return Snapshot(Path("nowhere"), {"id": "1", "as_of": school.as_of.isoformat()}, kept)


@pytest.fixture
def real_school(demo_store: Path, tmp_path: Path) -> Path:
    """A copy of the demo school that says of itself that it is a real one, without sign-in: families come in with codes alone."""
    store = tmp_path / "school"
    shutil.copytree(demo_store, store)
    about = store / "store.yaml"
    about.write_text("".join(x for x in about.read_text(encoding="utf-8").splitlines(True) if not x.startswith("demo")), encoding="utf-8")
    return store


class Given:
    """The codes of a school's class: `codes` pupil → code ("" the class's own), `pupils` in the order of their names."""

    def __init__(self, store: Path, school_class: str = CLASS) -> None:
        self.store = store
        self.folder = settings.desk_of(store) / "family"
        loaded = settings.load(store)
        found = Snapshots(store).current()
        assert found is not None
        self.snapshot, self.loaded = found, settings.load(store, as_of=found.as_of)
        self.pupils: list[Member] = members(found, loaded, school_class)
        self.codes = {member.pupil: new_code() for member in [*self.pupils, Member("", "")]}
        now = dt.datetime.now()
        Codes(self.folder).give(self.codes, school_class, now, now.date() + dt.timedelta(days=365))

    @property
    def foreign(self) -> list[Member]:
        """Every pupil of the school but the class's first."""
        rows = self.snapshot.records("R1").to_pylist()
        own = self.pupils[0]
        return [
            Member(r["pupil_id"], r["full_name"]) for r in rows if r["full_name"] not in (own.name, None) and r["pupil_id"] != own.pupil
        ]


@pytest.fixture
def given(real_school: Path) -> Given:
    return Given(real_school)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Open a family's page through the frame: opened(store, "my_child", lang="ru")."""

    def open_page(store: Path, name: str, **address: str) -> AppTest:
        monkeypatch.setenv("SAPAT_STORE", str(store))
        app = AppTest.from_file(str(FRAME), default_timeout=120)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        return app.switch_page(f"../../pages/family/{name}.py").run()

    yield open_page
    st.cache_resource.clear()

"""A canary in the service account's key is found nowhere: not in what is kept of a store, not on a page, not in the answer of doctor."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lib import collection, settings
from lib.collection import collect
from lib.doctor import examine
from tests import small_school
from tests.google_school import GoogleSchool
from tests.pages.conftest import Opener, texts
from tests.sheets_server import SheetsServer

pytestmark = pytest.mark.slow
LOADED = settings.load(as_of=dt.date(2026, 4, 15))
NOW = dt.datetime(2026, 4, 15, 7, 40)
CANARIES = {"private_key_id": "CANARYID", "client_id": "CANARYCLIENT", "project_id": "CANARYPROJECT"}


def test_a_canary_in_the_key_is_found_nowhere(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "kept" / "desks"))
    monkeypatch.setattr(collection, "PLANS", tmp_path / "kept" / "plans")
    monkeypatch.setattr("lib.store.google._SIGNED_IN", {})
    with SheetsServer() as server:
        (tmp_path / "key").mkdir()
        school = GoogleSchool(server.url, tmp_path / "key", **CANARIES)
        pem = school.key_file.read_text(encoding="utf-8").split("\\n")[1]
        for name, sheets in small_school.by_workbook(small_school.school(LOADED.forms)).items():
            school.put(name, {sheet.title: sheet.rows for sheet in sheets})
        for name, value in school.environment().items():
            monkeypatch.setenv(name, value)
        school.open_to_everybody()
        collect(school.place(), LOADED, NOW)
        school.close(f"{small_school.YEAR}/class-7-А.xlsx")  # a stale workbook, so that reasons are told as well
        collect(school.place(), LOADED, NOW, only_if_changed=True)
        shown = [str(finding) for finding in examine(school.place(), LOADED, NOW)]
        for page in ("overview", "learning_outcomes", "collection"):
            app = opened(f"google:{school.id}", page)
            assert not app.exception and app.title
            shown += texts(app)
        tokens = list(server._accounts._tokens)
    kept = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert len(kept) > 20 and shown and tokens
    kept_texts = [
        str(pq.read_table(path).to_pydict()) if path.suffix == ".parquet" else path.read_text("utf-8", "replace") for path in kept
    ]
    secrets = [pem, *tokens, *CANARIES.values()]
    assert len(pem) == 64
    for secret in secrets:
        assert not any(secret in text for text in shown)
        assert not any(secret in record.getMessage() for record in caplog.records)
        assert not any(secret in text for text in kept_texts)

"""The age of the data on every page: the line, stale sources and what they touch, a store that is away, cells that open."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from lib import collection, i18n, settings, wording
from lib.snapshot import Snapshots
from lib.store.base import StoreProblem
from lib.store.folder import FolderStore
from lib.ui import data, live, sources
from tests.pages.conftest import Opener, press_and_wait, texts
from tests.pages.test_pages import APART, DIRECTIONS, NAMES, untranslated

pytestmark = pytest.mark.slow

MARKS, SAFETY = "2025-2026/class-7-А.xlsx", "2025-2026/safety.xlsx"
PAGES = [name for name in NAMES if name not in APART]


@pytest.fixture(scope="module")
def broken_store(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo school after two of its workbooks, read well before, were cut in half and looked at again."""
    store = tmp_path_factory.mktemp("broken") / "school"
    shutil.copytree(demo_store, store)
    for name in (MARKS, SAFETY):
        content = (store / name).read_bytes()
        (store / name).write_bytes(content[: len(content) // 2])
    collected(store)
    return store


@pytest.fixture
def school(demo_store: Path, tmp_path: Path) -> Path:
    """A copy of the demo school that a test may change."""
    return Path(shutil.copytree(demo_store, tmp_path / "school"))


def collected(store: Path, now: dt.datetime | None = None) -> collection.Collected:
    return collection.collect(store, settings.load(store), now or dt.datetime.now(), only_if_changed=True)


def line(app: AppTest) -> str:
    """The line of the page, as it stands in the fragment."""
    return next(str(element.value) for element in app.markdown if "15.04.2026" in str(element.value) and ":small[" in str(element.value))


def marker(app: AppTest) -> str | None:
    return next((str(block.proto.popover.label) for block in app.get("popover")), None)


# --- the line ------------------------------------------------------------------------------------------------------------

SAID = {
    "ky": "Маалымат: 15.04.2026 · текшерилди: {time} (5 мүнөт мурун) · булак: папка",
    "ru": "Данные на 15.04.2026 · проверено: {time} (5 мин назад) · источник: папка",
    "en": "Data: 15.04.2026 · checked: {time} (5 min ago) · source: folder",
}


@pytest.mark.parametrize("language", SAID)
def test_the_line_says_day_time_and_source(opened: Opener, school: Path, language: str):
    then = dt.datetime.now() - dt.timedelta(minutes=5, seconds=20)
    collected(school, then)
    app = opened(school, "resources", lang=language)
    when = f"{then:%H:%M}" if then.date() == dt.datetime.now().date() else f"{then:%d.%m.%Y %H:%M}"
    assert line(app) == f":small[{SAID[language].format(time=when)}]"
    assert marker(app) is None, "nothing is stale, and nothing is said about it"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_with_figures_has_it_once(opened: Opener, demo_store: Path, name: str):
    told = texts(opened(demo_store, name))
    assert sum(text.startswith(":small[Маалымат: 15.04.2026 · текшерилди: ") for text in told) == 1


@pytest.mark.parametrize("name", APART)
def test_the_pages_without_figures_of_the_day_have_none(opened: Opener, demo_store: Path, name: str):
    assert not any("текшерилди" in text for text in texts(opened(demo_store, name)))


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(-3, "азыр эле"), (0, "азыр эле"), (1, "1 мүнөт мурун"), (59, "59 мүнөт мурун"), (60, "1 саат мурун"), (47 * 60 + 59, "47 саат мурун"),
     (48 * 60, "2 күн мурун"), (10 * 24 * 60, "10 күн мурун")],
)  # fmt: skip
def test_ages_without_inflection(minutes: int, told: str):
    i18n.use("ky")
    now = dt.datetime(2026, 4, 15, 7, 40)
    assert wording.ago(now - dt.timedelta(minutes=minutes), now) == told


# --- stale sources --------------------------------------------------------------------------------------------------------


def test_what_is_stale_is_known_with_its_reason(opened: Opener, broken_store: Path):
    opened(broken_store)
    loaded = data.current_settings()
    snapshot = data.current_snapshot(loaded)
    assert snapshot is not None
    found = {source.workbook: source for source in sources.stale_sources(snapshot)}
    assert set(found) == {MARKS, SAFETY}
    assert found[MARKS].whole and "F01" in found[MARKS].forms and "F01" not in found[SAFETY].forms
    touched = {slug: {name for name in found if found[name].feeds(loaded, d)} for slug, d in by_slug(loaded).items()}
    assert MARKS in touched["learning_outcomes"] and SAFETY not in touched["learning_outcomes"]
    assert SAFETY in touched["health_safety"]
    before = Snapshots(broken_store).open(Snapshots(broken_store).ids()[0]).collected_at
    assert all(source.since is not None and before <= source.since <= dt.datetime.now() for source in found.values())
    i18n.use("en")
    assert found[MARKS].words(loaded)[0].startswith("The file is damaged") and "again" in found[MARKS].words(loaded)[1]


def by_slug(loaded: settings.Settings) -> dict:
    return {direction.slug: direction for direction in loaded.directions.values() if direction.slug in DIRECTIONS}


@pytest.mark.parametrize(
    ("language", "told"), [("ky", "Эскирген булактар: 2"), ("ru", "Устаревшие источники: 2"), ("en", "Stale sources: 2")]
)
def test_the_marker_opens_a_list_with_reasons_and_buttons(opened: Opener, broken_store: Path, language: str, told: str):
    app = opened(broken_store, lang=language)
    assert marker(app) == f":orange[●] {told}"
    listed = [text for text in texts(app) if "xlsx" in text]
    assert len(listed) == 2 and all("●" in text for text in listed)
    words = settings.load(broken_store).issues["workbook_damaged"].mend
    assert all(wording.plain(getattr(words, language)) in text for text in listed), "each says how to mend it"
    assert sum(str(button.key).startswith("again_") for button in app.button) == 2
    assert not any("class" in str(button.key) for button in app.button), "no names in the markup"
    if language != "en":
        assert untranslated(app) == set()


def test_a_direction_tells_what_touches_it(opened: Opener, broken_store: Path):
    assert str(marker(opened(broken_store, "learning_outcomes"))).endswith("Эскирген булактар: 2 · бул бетте: 1")
    app = opened(broken_store, "innovation")
    assert str(marker(app)).endswith("Эскирген булактар: 2 · бул бетте: 0")
    assert "**Ушул беттин сандарына тиешеси жок**" in texts(app) and "**Ушул беттин сандарына тиешелүү**" not in texts(app)


def test_the_collection_page_lists_them_first(opened: Opener, broken_store: Path):
    app = opened(broken_store, "collection")
    table = next(element.value for element in app.dataframe if "Жаңылыгы" in element.value.columns)
    first = table.iloc[:2]
    assert set(first["Файл"]) == {"class-7-А.xlsx", "safety.xlsx"}
    assert all(text.startswith("● эскирген, ") for text in first["Жаңылыгы"])
    assert "▲ жаңы" in set(table["Жаңылыгы"]) and not any(text.startswith("●") for text in table["Жаңылыгы"][2:])


def test_a_mended_workbook_is_fresh_after_its_button(opened: Opener, broken_store: Path, demo_store: Path, tmp_path: Path):
    store = Path(shutil.copytree(broken_store, tmp_path / "mended"))
    shutil.copy(demo_store / MARKS, store / MARKS)
    app = opened(store, "learning_outcomes")
    assert press_and_wait(app, next(str(b.key) for b in app.button if str(b.key).startswith("again_"))).read == 1
    assert str(marker(app)).endswith("Эскирген булактар: 1 · бул бетте: 0")
    assert [toast.value for toast in app.toast] == ["Окулган файлдар: 1, өзгөрбөгөндөр: 86"]
    app.run()
    assert not app.toast, "it is told once"


def test_a_workbook_can_be_read_anew_though_it_did_not_change(opened: Opener, school: Path):
    app = opened(school, "collection")
    chosen = app.selectbox(key="workbook_to_read")
    chosen.select("2025-2026/plan.xlsx").run()
    ended = press_and_wait(app, "again")
    assert (ended.read, ended.problem) == (1, "")


# --- a store that is away --------------------------------------------------------------------------------------------------


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach(_store: FolderStore) -> None:
        raise StoreProblem("google_server", {"reason": "timeout *"}, passing=True)

    monkeypatch.setattr(FolderStore, "workbooks", out_of_reach)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_store_out_of_reach_is_said_in_a_sentence(opened: Opener, school: Path, away: None, language: str):
    good = Snapshots(school).current()
    assert good is not None
    app = opened(school, "learning_outcomes", lang=language)
    i18n.use(language)  # AppTest says the options of widgets in this thread
    assert press_and_wait(app, "refresh").problem == ""
    assert not app.exception and app.metric, "the figures stay"
    seen, _expected, mend = settings.load(school).issue_words("google_server", {"reason": "timeout *"}, "", language)
    told = next(str(m.value) for m in app.markdown if str(m.value).startswith(":red[▼] **"))
    assert told == f":red[▼] **{wording.plain(seen)}**  \n{wording.plain(mend)}" and "timeout" in told
    assert marker(app) is None, "one reason for all is said once"
    assert i18n.date(good.collected_at.date()) in line(app) or f"{good.collected_at:%H:%M}" in line(app), "checked: when it last answered"


def test_pages_answer_while_a_look_hangs(opened: Opener, school: Path, monkeypatch: pytest.MonkeyPatch):
    """A dead network: the look waits for its patience, and no page waits with it."""
    let_go, begun = threading.Event(), threading.Event()

    def hang(_store: FolderStore) -> None:
        begun.set()
        assert let_go.wait(60)
        raise StoreProblem("google_network", passing=True)

    app = opened(school, "learning_outcomes")
    monkeypatch.setattr(FolderStore, "workbooks", hang)
    try:
        app.button(key="refresh").click().run()
        assert begun.wait(20)
        slowest = 0.0
        for grade in ("7", "8", "9", ""):
            app.selectbox(key="grade").select(grade)
            started = time.perf_counter()
            app.run()
            slowest = max(slowest, time.perf_counter() - started)
            assert app.metric and not app.exception
        assert "булак каралууда" in line(app) and app.button(key="refresh").disabled
        assert slowest < 1.0
    finally:
        let_go.set()
        live.collector.wait(live.collector.state.number, 60)


def test_a_defect_is_told_calmly(opened: Opener, school: Path, monkeypatch: pytest.MonkeyPatch):
    app = opened(school, "learning_outcomes")

    def defect(*_given: object, **_named: object) -> None:
        raise ZeroDivisionError("secret of a cell")

    monkeypatch.setattr(collection, "collect", defect)
    assert press_and_wait(app, "refresh").defect
    assert app.metric and any("журналга жазылды" in text for text in texts(app))
    assert not any("secret" in text or "ZeroDivision" in text for text in texts(app))


def test_what_an_open_page_asks_again_and_again_is_cheap(opened: Opener, school: Path):
    opened(school)
    loaded = data.current_settings()
    times = []
    for _ in range(200):
        started = time.perf_counter()
        assert data.current_id(loaded) and data.looked(loaded) and live.collector.state is not None
        times.append(time.perf_counter() - started)
    assert sorted(times)[len(times) // 2] < 0.002


# --- cells that open -------------------------------------------------------------------------------------------------------

TAB = "https://docs.google.com/spreadsheets/d/1A-b_2/edit#gid=7"
HOSTILE = "7-А | *x* [a](https://evil.example) $1$ <b>bold</b> `c` \\ ~~d~~ _e_ :red[f]"


def test_text_of_others_is_shown_as_it_is():
    told = wording.plain(HOSTILE)
    assert wording.plain("7-А") == "7\\-А"
    for sign in "|*[]()$<>`~_:":
        assert all(told[at - 1] == "\\" for at, seen in enumerate(told) if seen == sign), sign
    told = told.replace(wording.JOINER, "")
    assert told.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\") == HOSTILE, "nothing is lost"
    for typed in ("https://evil.example", "WWW.evil.example", "a@evil.example", ":material/delete:", ":smile:"):
        assert wording.JOINER in wording.plain(typed), f"{typed} would become more than text"


def test_only_addresses_of_the_web_open():
    assert wording.link("B7", TAB + "&range=B7") == f"[B7]({TAB}&range=B7)"
    assert wording.link("B7", "") == "B7"
    assert wording.link("B7", "javascript:alert(1)") == "B7"
    assert wording.link("a]b", 'https://x.example/(1) [2]|<3>"') == "[a\\]b](https://x.example/%281%29%20%5B2%5D%7C%3C3%3E%22)"


@pytest.fixture
def linked(school: Path) -> Path:
    """The school as a store whose tabs open in a browser gives it."""
    snapshot = Snapshots(school).current()
    assert snapshot is not None
    sheets = snapshot.table("sheets")
    links = pa.array([TAB] * sheets.num_rows)
    pq.write_table(sheets.set_column(sheets.column_names.index("link"), "link", links), snapshot.path / "sheets.parquet")
    return school


def test_issues_open_their_cell(opened: Opener, linked: Path):
    table = next(t.value for t in opened(linked, "collection").table if "Уяча" in t.value.columns)
    cells = [text for text in table["Уяча"] if text]
    assert cells and all(text.startswith("[") and f"]({TAB}&range=" in text for text in cells)


def test_a_folder_shows_the_address_as_text(opened: Opener, demo_store: Path):
    table = next(t.value for t in opened(demo_store, "collection").table if "Уяча" in t.value.columns)
    assert all("](" not in text for text in table["Уяча"])


@pytest.mark.parametrize("with_links", [True, False])
def test_the_cells_behind_a_figure(opened: Opener, request: pytest.FixtureRequest, with_links: bool, demo_store: Path):
    store = request.getfixturevalue("linked") if with_links else demo_store
    app = opened(store, "learning_outcomes")
    app.session_state["provenance"] = True
    app.run()
    cells = next(frame.value for frame in app.dataframe if "Уяча" in frame.value.columns)["Уяча"]
    assert len(cells) and all(cell.startswith(f"{TAB}&range=") == with_links for cell in cells)
    assert any("кесинди" in str(caption.value) for caption in app.caption), "a figure names its snapshot"

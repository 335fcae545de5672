"""The static web page and the PDF: nothing live, nothing from elsewhere, both languages whole."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import shutil
import subprocess
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lib.publication.article import article, spoken
from lib.publication.edition import Edition, Editions
from lib.publication.files import files_of
from tests.publication.conftest import YEAR, Published

pytestmark = pytest.mark.slow
EVIL = "<script>alert(1)</script> & \"'><img src=x onerror=alert(2)> #strong[x] $x$ *y* @z"


class Outline(HTMLParser):
    """Which elements, attributes and words a page has, by language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, list[str]] = {}
        self._lang: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "main":
            self._lang.append(str(dict(attrs)["lang"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._lang.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and self._lang:
            self.words.setdefault(self._lang[-1], []).append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page(published: Published) -> str:
    return (published.second / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    return Outline(page)


@pytest.fixture(scope="module")
def edition(published: Published) -> Edition:
    return Editions(published.store).open(f"{YEAR}-Q3-1")


def test_nothing_is_live_and_nothing_comes_from_elsewhere(page: str, outline: Outline):
    policy = next(a["content"] for a in outline.all("meta") if a.get("http-equiv") == "Content-Security-Policy") or ""
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'" == policy
    assert {tag for tag, _ in outline.tags}.isdisjoint({"script", "iframe", "object", "embed", "form", "img", "base"})
    for _tag, attributes in outline.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
    links = {str(a.get("href")) for a in [*outline.all("a"), *outline.all("link")]}
    assert {link for link in links if not link.startswith(("#", "data:"))} == {"report.pdf", "report.ru.pdf", "data.csv", "data.json"}
    assert "url(" not in style[1] and "@import" not in style[1]


def test_links_inside_lead_somewhere(outline: Outline):
    places = [a["id"] for _tag, a in outline.tags if a.get("id")]
    assert len(places) == len(set(places))
    assert {str(a["href"])[1:] for a in outline.all("a") if str(a["href"]).startswith("#")} <= set(places)


def test_both_languages_are_whole(outline: Outline, edition: Edition):
    assert outline.all("html")[0]["lang"] == "ky" and [a["lang"] for a in outline.all("main")] == ["ky", "ru"]
    ky, ru = (outline.words[language] for language in ("ky", "ru"))
    assert len(ky) == len(ru) > 1000
    with spoken("en"):
        english = article(edition)
    said = [english.title, english.subtitle, *(c.title for c in english.chapters), *(text for _, text in english.legend),
            *(sheet.title for c in english.chapters for sheet in c.tables), *(rule.formula for rule in english.rules)]  # fmt: skip
    assert [text for text in said if text in ky or text in ru] == []
    letters = {language: " ".join(words) for language, words in outline.words.items()}
    assert len(re.findall("[ңөү]", letters["ky"])) > 500
    russian_only = re.sub(r"«[^»]*»", "", letters["ru"])
    assert re.findall("[ңөүҢӨҮ]", russian_only) == []


def test_it_names_edition_snapshot_method_and_day(outline: Outline, edition: Edition):
    for words in outline.words.values():
        flat = " ".join(words)
        for part in (edition.id, edition.plain["snapshot"], edition.plain["method"], "15.04.2026", f"{edition.day:%d.%m.%Y}"):
            assert part in flat


def test_figures_are_drawings_with_their_numbers_beside(outline: Outline, page: str):
    assert len(outline.all("figure")) >= 10
    assert all(a.get("aria-hidden") == "true" for a in outline.all("svg"))
    assert page.count('class="full"') + page.count('class="band"') > 20


def test_text_of_the_school_is_text(edition: Edition, tmp_path: Path):
    """Whatever stands in the configuration or the school's name, no markup comes of it, neither in HTML nor in typst."""
    plain = dict(edition.plain)
    plain["school"] = {"ky": EVIL, "ru": EVIL, "en": EVIL}
    plain["directions"] = {k: {**d, "name": plain["school"], "question": plain["school"]} for k, d in plain["directions"].items()}
    plain["indicators"] = {k: {**i, "name": plain["school"], "formula": plain["school"]} for k, i in plain["indicators"].items()}
    plain["stages"] = dict.fromkeys(plain["stages"], plain["school"])
    files = files_of(dataclasses.replace(edition, plain=plain))
    outline = Outline(files["index.html"].decode())
    assert {tag for tag, _ in outline.tags}.isdisjoint({"script", "img", "strong[x]"})
    assert EVIL in outline.words["ky"]
    (tmp_path / "report.pdf").write_bytes(files["report.pdf"])
    assert "#strong[x] $x$ *y* @z" in " ".join(paper_text(tmp_path / "report.pdf").split())


# --- the PDF -------------------------------------------------------------------------------------------------------------


def paper_text(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode("utf-8")


@pytest.mark.parametrize(("file", "language", "letters"), [("report.pdf", "ky", "ңөү"), ("report.ru.pdf", "ru", "ыэё")])
def test_the_pdf_is_a4_and_in_its_language(published: Published, edition: Edition, file: str, language: str, letters: str):
    told = subprocess.run(["pdfinfo", "-isodates", str(published.second / file)], capture_output=True, check=True).stdout.decode("utf-8")
    assert "(A4)" in told and f"{edition.day:%Y-%m-%d}" in told
    text = paper_text(published.second / file)
    assert all(letter in text for letter in letters) and "\ufffd" not in text
    flat = " ".join(text.split())
    with spoken(language):
        said = article(edition, Editions(published.store).before(edition))
    assert said.title in flat and edition.id in flat
    for chapter in said.chapters:
        assert chapter.value.replace("\u00a0", " ") in flat, chapter.id
        assert chapter.name.split()[0] in flat


# --- many readers --------------------------------------------------------------------------------------------------------


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_two_hundred_readers_need_neither_app_nor_store(published: Published, tmp_path: Path):
    """The folder alone is served: no store, no desk and no application of ours is there to be touched."""
    site = Path(shutil.copytree(published.second, tmp_path / "site"))
    whole = (site / "index.html").read_bytes()
    ThreadingHTTPServer.request_queue_size = 256
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    gate = threading.Barrier(200, timeout=60)

    def read(_number: int) -> bytes:
        gate.wait()
        with opener.open(f"http://127.0.0.1:{server.server_port}/index.html", timeout=60) as reply:
            return bytes(reply.read())

    try:
        with ThreadPoolExecutor(200) as readers:
            assert list(readers.map(read, range(200))) == [whole] * 200
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert len(whole) <= 1_500_000

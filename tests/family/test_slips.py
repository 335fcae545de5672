"""The slips of a class: one PDF, quickly, with everybody's own code; the command prints codes there and nowhere else."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image

from lib import i18n
from lib.family.codes import Codes, digest, new_code, normal
from lib.family.command import LIST_COLUMNS, give_codes
from lib.family.register import Member
from lib.family.rules import Family
from lib.family.slips import PER_PAGE, link, pdf, qr
from lib.ui.family.route import ENTRANCE as ROUTE
from tests.conftest import Cli
from tests.family.conftest import CLASS, DAY, NOW, Given

pytestmark = pytest.mark.slow

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){6}")
BASE = "https://sapat.mektep.example.kg"
UNTIL = dt.date(2027, 4, 15)
THIRTY = [Member(f"P{n:03d}", f"Үсөнова Өзгөн Аңдашевна {n}") for n in range(30)]


def poppler(program: str) -> str:
    named = os.environ.get("SAPAT_PDFTOPPM", "")
    return str(Path(named).with_name(program)) if named else program


def read(path: Path) -> str:
    return subprocess.run(
        [poppler("pdftotext"), "-layout", str(path), "-"], capture_output=True, text=True, encoding="utf-8", check=True
    ).stdout


def made(tmp_path: Path, family: Family, members: list[Member] = THIRTY, class_code: bool = True) -> tuple[Path, dict[str, str]]:
    codes = {member.pupil: new_code() for member in members} | ({"": new_code()} if class_code else {})
    path = tmp_path / "slips.pdf"
    path.write_bytes(pdf(codes, members, "«Үлгү» мектеби", CLASS, family, BASE, UNTIL))
    return path, codes


def test_thirty_slips_are_one_pdf_in_ten_seconds(tmp_path: Path, family: Family):
    started = time.monotonic()
    path, codes = made(tmp_path, family)
    took = time.monotonic() - started
    assert took < 10
    about = subprocess.run([poppler("pdfinfo"), str(path)], capture_output=True, text=True, check=True).stdout
    assert f"Pages:           {-(-len(codes) // PER_PAGE)}" in about and "595.276 x 841.89 pts (A4)" in about


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_family_has_its_own_code(tmp_path: Path, family: Family, language: str):
    i18n.use(language)
    path, codes = made(tmp_path, family)
    text = read(path)
    assert sorted(CODE.findall(text)) == sorted(codes.values())
    assert [n for n in range(30) if not re.search(rf"Үсөнова Өзгөн Аңдашевна {n}\b", text)] == [], "ң, ө and ү are real letters in it"
    assert text.count(i18n.date(UNTIL)) == 31
    words = family.slips
    assert " ".join(words.title.of(language).split()) in " ".join(text.split())
    assert "{" not in text


def test_a_name_is_text_and_nothing_else(tmp_path: Path, family: Family):
    hostile = [Member("P1", '#eval("1+1") *bold* $x$ \\ "quoted"'), Member("P2", "//#include")]
    text = read(made(tmp_path, family, hostile)[0])
    assert '#eval("1+1") *bold* $x$' in text and "//#include" in text


def modules(picture: Path) -> list[list[bool]]:
    """The QR of the one slip in the picture, sampled at the middle of each module.

    Its first dark row begins and ends with the edge of a finder pattern: two runs of seven modules.
    """
    page = Image.open(picture).convert("L")
    width, height = page.size
    dark = ["".join("01"[grey < 128] for grey in page.crop((0, y, width, y + 1)).tobytes()) for y in range(height // 2)]
    for top, row in enumerate(dark):
        runs = [found.span() for found in re.finditer("1{40,}", row)]
        if len(runs) >= 2 and len({end - start for start, end in (runs[0], runs[-1])}) == 1:
            (left, end), right = runs[0], runs[-1][1]
            size = round((right - left) * 7 / (end - left))
            step = (right - left) / size
            return [[dark[int(top + (r + 0.5) * step)][int(left + (c + 0.5) * step)] == "1" for c in range(size)] for r in range(size)]
    raise AssertionError("no QR in the picture")


def test_the_qr_on_the_paper_holds_the_families_link(tmp_path: Path, family: Family):
    """What is printed is, module by module, the QR of the link with that family's code."""
    path, codes = made(tmp_path, family, THIRTY[:1], class_code=False)
    subprocess.run([poppler("pdftoppm"), "-r", "300", "-png", str(path), str(tmp_path / "page")], check=True)
    expected = [[bool(m) for m in row] for row in qr(link(BASE, codes["P000"], "ky")).matrix]
    assert modules(next(tmp_path.glob("page*.png"))) == expected
    other = [[bool(m) for m in row] for row in qr(link(BASE, new_code(), "ky")).matrix]
    assert other != expected


def test_the_link_leads_to_the_route():
    assert link(BASE, "X", "ky").startswith(f"{BASE}{ROUTE}?")


# --- the commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_codes_are_printed_once(cli: Cli, real_school: Path, tmp_path: Path, language: str):
    out = tmp_path / "slips.pdf"
    done = cli("family", "codes", "--store", real_school, "--school-class", "7-а", "--out", out, "--lang", language, "--base-url", BASE)
    codes = CODE.findall(read(out))
    given = Given(real_school)  # reads the register; gives codes anew, after these were read
    assert len(set(codes)) == len(given.pupils) + 1
    assert not CODE.search(done.stdout + done.stderr)
    kept = b"".join(path.read_bytes() for path in real_school.rglob("*") if path.is_file())
    for code in codes:
        assert code.encode() not in kept and normal(code).encode() not in kept and digest(code).encode() in kept
    if os.name == "posix":
        assert out.stat().st_mode & 0o777 == 0o600


def test_list_and_revoke(cli: Cli, real_school: Path, tmp_path: Path):
    out = tmp_path / "slips.pdf"
    cli("family", "codes", "--store", real_school, "--school-class", CLASS, "--out", out)
    rows = list(csv.DictReader(io.StringIO(cli("family", "list", "--store", real_school).stdout)))
    assert tuple(rows[0]) == LIST_COLUMNS
    seven = next(row for row in rows if row["school_class"] == CLASS)
    assert seven["with_code"] == seven["pupils"] != "0" and seven["class_code"] == "yes"
    assert all(row["with_code"] == "0" for row in rows if row["school_class"] != CLASS)
    codes = CODE.findall(read(out))
    cli("family", "revoke", "--store", real_school, "--school-class", CLASS)
    folder = real_school / ".sapat" / "family"
    assert [code for code in codes if Codes(folder).find(code, dt.date.today())] == []
    seven = next(r for r in csv.DictReader(io.StringIO(cli("family", "list", "--store", real_school).stdout)) if r["school_class"] == CLASS)
    assert (seven["with_code"], seven["class_code"]) == ("0", "no")


def test_one_lost_slip(cli: Cli, given: Given, tmp_path: Path):
    me, other = given.pupils[0].pupil, given.pupils[1].pupil
    out = tmp_path / "one.pdf"
    cli("family", "codes", "--store", given.store, "--school-class", CLASS, "--pupil", me, "--out", out)
    (new,) = CODE.findall(read(out))
    codes, today = Codes(given.folder), dt.date.today()
    assert codes.find(new, today) and not codes.find(given.codes[me], today)
    assert codes.find(given.codes[other], today) and codes.find(given.codes[""], today)


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--school-class", "17-А"), "17-А"), (("--school-class", CLASS, "--pupil", "P0"), CLASS), ((), "--school-class")],
)
def test_what_is_wrong_is_said(cli: Cli, given: Given, tmp_path: Path, words: tuple[str, ...], message: str):
    done = cli("family", "codes", "--store", given.store, *words, "--out", tmp_path / "x.pdf", code=None)
    assert done.returncode != 0 and message in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "x.pdf").exists()
    assert Codes(given.folder).find(given.codes[given.pupils[0].pupil], dt.date.today()), "the codes that families hold are good still"


def test_codes_that_could_not_be_printed_end_nobodys(given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lib.family.command.pdf", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        give_codes(given.loaded, CLASS, tmp_path / "x.pdf", NOW, print)
    assert Codes(given.folder).find(given.codes[given.pupils[0].pupil], DAY)

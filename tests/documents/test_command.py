"""The command `document`: what it writes, what it names when something is missing, and what it never writes."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx
import pytest

from lib.settings import desk_of
from lib.snapshot import Snapshots

pytestmark = pytest.mark.slow
NAMES = ("briefing", "quarter", "association", "council", "order", "year", "class", "pupil", "self_assessment")


def pupil(store: Path) -> str:
    snapshot = Snapshots(store).current()
    assert snapshot is not None
    rows = snapshot.records("R1").to_pylist()
    return next(str(r["pupil_id"]) for r in rows if r["school_year"] == "2025-2026" and r["school_class"] == "7-А" and r["status"])


def test_the_list_names_every_document_and_what_it_needs(cli, demo_store: Path):
    lines = cli("document", "--list", "--lang", "en", "--store", demo_store).stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == list(NAMES)
    assert "--direction | --school-class | --subject" in next(line for line in lines if line.startswith("briefing"))
    assert "--pupil" in next(line for line in lines if line.startswith("pupil"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "briefing, quarter"),
        (("brifing",), "briefing."),
        (("briefing",), "--direction | --school-class | --subject"),
        (("class", "--school-class", "7-А", "--direction", "D1"), "--direction"),
        (("class", "--school-class", "77-А"), "7-А."),
        (("briefing", "--subject", "Алгебраа"), "ALG"),
        (("quarter", "--period", "Q5"), "Q1, Q2, Q3, Q4"),
        (("quarter", "--out", "x.odt"), ".docx | .pdf"),
        (("class", "--all-classes", "--out", "x.docx"), ".zip"),
        (("quarter", "--all-classes"), "briefing, class"),
        (("class", "--all-classes", "--school-class", "7-А"), "--school-class"),
        (("quarter", "--grade", "7"), "--grade"),
        (("pupil", "--pupil", "nobody"), "R1"),
        (("templates/none.docx",), "templates"),
        (("templates/none.docm",), ".docx"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_right(cli, demo_store: Path, words: tuple[str, ...], said: str):
    done = cli("document", *words, "--store", demo_store, "--lang", "en", code=1)
    assert said in done.stderr and "Traceback" not in done.stderr and done.stdout == ""


def test_a_briefing_on_a_class_may_be_narrowed_to_a_direction(cli, demo_store: Path, tmp_path: Path):
    both, whole = tmp_path / "both.docx", tmp_path / "whole.docx"
    about = ("--school-class", "7-А", "--period", "Q3", "--store", demo_store, "--lang", "en")
    cli("document", "briefing", "--direction", "D9", *about, "--out", both)
    cli("document", "briefing", *about, "--out", whole)
    narrow, wide = ("\n".join(p.text for p in docx.Document(str(path)).paragraphs) for path in (both, whole))
    assert "7-А" in narrow and "Health" in narrow and "Quality of knowledge" not in narrow and "Quality of knowledge" in wide
    done = cli("document", "briefing", "--direction", "D6", *about, "--out", both, code=1)
    assert "D6" in done.stderr and "--school-class" in done.stderr


def test_a_document_in_both_kinds_and_languages(cli, demo_store: Path, tmp_path: Path):
    for lang, word in (("ky", "МААЛЫМКАТ"), ("ru", "СПРАВКА")):
        cli(
            "document",
            "briefing",
            "--store",
            demo_store,
            "--direction",
            "D1",
            "--period",
            "Q1",
            "--lang",
            lang,
            "--out",
            tmp_path / f"{lang}.docx",
        )
        assert word in [line.text for line in docx.Document(tmp_path / f"{lang}.docx").paragraphs]
    cli("document", "quarter", "--store", demo_store, "--period", "Q1", "--out", tmp_path / "q.PDF")
    assert (tmp_path / "q.PDF").read_bytes().startswith(b"%PDF")


def test_a_file_that_was_edited_is_kept(cli, demo_store: Path, tmp_path: Path):
    out = tmp_path / "order.docx"
    cli("document", "order", "--store", demo_store, "--out", out)
    first = out.read_bytes()
    cli("document", "order", "--store", demo_store, "--out", out)
    assert out.read_bytes() == first and [path.name for path in tmp_path.iterdir()] == ["order.docx"], "the same again is the same file"
    out.write_bytes(b"edited by hand")
    cli("document", "order", "--store", demo_store, "--out", out)
    assert out.read_bytes() == first and (tmp_path / "order.old1.docx").read_bytes() == b"edited by hand"


def test_a_pupils_code_and_name_are_neither_in_the_file_name_nor_in_what_is_said_and_the_log_has_a_mark(
    cli, demo_store: Path, tmp_path: Path
):
    code = pupil(demo_store)
    done = cli("document", "pupil", "--pupil", code, "--store", demo_store, "--out", tmp_path)
    [made] = tmp_path.iterdir()
    assert code not in made.name and code not in done.stderr + done.stdout
    lines = [json.loads(line) for line in (desk_of(demo_store) / "access.log").read_text(encoding="utf-8").splitlines()]
    assert lines[-1]["event"] == "pupil page" and lines[-1]["page"] == "documents" and lines[-1]["pupil"]
    assert code not in json.dumps(lines)


def test_all_classes_are_one_archive(cli, demo_store: Path, tmp_path: Path):
    cli("document", "class", "--all-classes", "--period", "Q1", "--store", demo_store, "--out", tmp_path / "all.zip", "--format", "pdf")
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        names = packed.namelist()
        assert "class_7-А_2025-2026_Q1.pdf" in names and len(names) == len(set(names)) >= 10
        assert all(packed.read(name).startswith(b"%PDF") for name in names)


def test_a_template_of_the_schools_own(cli, demo_store: Path, tmp_path: Path):
    shelf = demo_store / "templates"
    shelf.mkdir(exist_ok=True)
    made = docx.Document()
    made.add_paragraph("{{мектептин аталышы}}: {{D1.02 7-А Q1}}, n = {{n D1.02 7-А Q1}}")
    made.save(str(shelf / "own.docx"))
    made.add_paragraph("{{D1.2}}")
    made.save(str(shelf / "wrong.docx"))
    try:
        assert "templates/own.docx" in cli("document", "--list", "--store", demo_store).stdout
        cli("document", "templates/own.docx", "--store", demo_store, "--lang", "ru", "--out", tmp_path / "o.docx")
        [line] = docx.Document(tmp_path / "o.docx").paragraphs
        values = cli("values", "--store", demo_store, "--format", "json").stdout
        [row] = [
            r for r in json.loads(values) if (r["indicator"], r["school_year"], r["period"], r["level"], r["school_class"]) ==
            ("D1.02", "2025-2026", "Q1", "school_class", "7-А")
        ]  # fmt: skip
        shown = f"{row['value']:.1f}".replace(".", ",")
        assert f"{shown}\u00a0%, n = {row['denominator']:.0f}" in line.text and "{{" not in line.text
        done = cli("document", "wrong.docx", "--store", demo_store, "--out", tmp_path / "w.docx", "--lang", "en", code=1)
        assert "wrong.docx" in done.stderr and "paragraph 2: {{D1.2}}" in done.stderr and "{{D1.02}}" in done.stderr
        assert not (tmp_path / "w.docx").exists()
        cli("document", "own.docx", "--store", demo_store, "--all-classes", "--period", "Q1", "--out", tmp_path / "set.zip")
        with zipfile.ZipFile(tmp_path / "set.zip") as packed:
            assert "own_7-А_2025-2026_Q1.docx" in packed.namelist()
            docx.Document(io.BytesIO(packed.read("own_7-А_2025-2026_Q1.docx")))
    finally:
        for path in shelf.iterdir():
            path.unlink()
        shelf.rmdir()

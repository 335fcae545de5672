"""run.py: what it says when something is missing, and that it does nothing twice."""

from __future__ import annotations

import ast
import importlib.util
import socket
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_still_reads_it():
    """A school's computer may have an old Python: it must reach the sentence that says so, not a SyntaxError."""
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_an_old_python_is_told_what_to_do(run, monkeypatch):
    monkeypatch.setattr(run, "OLDEST", (99, 0))
    with pytest.raises(run.Stop, match=r"needs Python 99\.0 or newer"):
        run.main([])


def test_missing_programs_are_named_and_nothing_is_skipped(run, monkeypatch):
    monkeypatch.setattr(run, "find_program", lambda *_: None)
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    with pytest.raises(run.Stop) as stop:
        run.programs()
    for package in ("chromium", "libreoffice-calc-nogui", "libreoffice-writer-nogui", "poppler-utils"):
        assert package in str(stop.value)


def test_the_environment_names_a_program(run, monkeypatch, tmp_path):
    (tmp_path / "chrome").touch()
    monkeypatch.setenv("SAPAT_CHROMIUM", str(tmp_path / "chrome"))
    assert run.find_program(("no-such-program",), (), "SAPAT_CHROMIUM") == str(tmp_path / "chrome")


@pytest.mark.parametrize(
    ("libraries", "calc", "writer"),
    [
        (["libsclo.so", "libsfxlo.so"], True, False), (["libswlo.so", "libsfxlo.so", "libswdlo.so"], False, True),
        (["sclo.dll", "swlo.dll"], True, True), (["libsfxlo.so", "libswdlo.so"], False, False), ([], True, True),
    ],
)  # fmt: skip
def test_an_office_without_a_part_is_not_enough(run, tmp_path, libraries, calc, writer):
    program = tmp_path / "libreoffice" / "program"
    program.mkdir(parents=True)
    for name in ("soffice", *libraries):
        (program / name).touch()
    link = tmp_path / "soffice"
    link.symlink_to(program / "soffice")
    assert (run.has_part(str(link), "sclo"), run.has_part(str(link), "swlo")) == (calc, writer)


def test_a_calc_alone_is_said_to_lack_writer(run, monkeypatch, tmp_path):
    for name in ("soffice", "libsclo.so"):
        (tmp_path / name).touch()
    monkeypatch.setattr(run, "find_program", lambda *_: str(tmp_path / "soffice"))
    assert [program[2] for program in run.missing_programs()] == ["libreoffice-writer-nogui"]


def test_installing_is_done_once(run, monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "make_venv", lambda: None)
    monkeypatch.setattr(run.subprocess, "run", lambda command, **_: calls.append(command) or run.subprocess.CompletedProcess(command, 0))
    run.install("requirements.txt", "requirements-dev.txt")
    run.install("requirements.txt", "requirements-dev.txt")
    run.install("requirements.txt")
    assert len(calls) == 1
    monkeypatch.setattr(run, "fingerprint", lambda *_: "another")
    run.install("requirements.txt")
    assert len(calls) == 2, "other requirements are installed"


def test_a_failed_installation_is_not_taken_for_done(run, monkeypatch, tmp_path):
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "make_venv", lambda: None)
    monkeypatch.setattr(run.subprocess, "run", lambda command, **_: run.subprocess.CompletedProcess(command, 1))
    with pytest.raises(run.Stop, match="network"):
        run.install("requirements.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_named_with_the_way_out(run):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(run.Stop, match=f"--port {port + 1}"):
            run.serve(port)

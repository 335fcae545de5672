"""The documents keep up with the program."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from enum import EnumMeta
from pathlib import Path

import pytest

from lib import settings
from lib.model import calendar, cell, form, indicator, issue

ROOT = Path(__file__).resolve().parents[2]
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands() -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "lib.cli", "--help"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return re.findall(r"^ {4}(\w+)", done.stdout, re.MULTILINE)


def test_the_expected_documents_exist():
    names = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/GLOSSARY.md", "docs/regulation.md")
    assert [name for name in names if not (ROOT / name).is_file()] == []


def test_the_readme_names_every_command():
    readme = text(ROOT / "README.md")
    assert {"demo", "templates", "collect", "issues", "values", "cells", "doctor"} <= set(commands())
    assert [word for word in [*commands(), "test", "bench"] if f"run.py {word}" not in readme and f"`{word}" not in readme] == []


def test_the_glossary_has_every_word_of_the_model():
    """Classes and enum members of lib/model are the words of the field: one paragraph each."""
    glossary = text(ROOT / "docs" / "GLOSSARY.md").lower()
    missing = []
    for module in (calendar, cell, form, indicator, issue):
        for name, member in vars(module).items():
            if not inspect.isclass(member) or member.__module__ != module.__name__:
                continue
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
            if words not in glossary and name.lower() not in glossary:
                missing.append(name)
            if isinstance(member, EnumMeta) and name in ("Status", "Severity", "Verdict"):
                missing += [m.value for m in member if m.value not in glossary and m.value.replace("_", " ") not in glossary]
    spaced = glossary.replace("_", " ")
    missing += [name for name in (*indicator.DIMENSIONS, *settings.load().directions) if name.lower().replace("_", " ") not in spaced]
    assert missing == []


# What the two regulations ask, clause by clause; docs/regulation.md says where each is met.
CLAUSES = (
    "1.3 1.4 1.5 2.1 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 2.13 2.14 2.15 2.16 2.17 2.18 2.19 2.20.2 2.20.5 2.20.7 "
    "3.1 3.3 3.4 4.2 4.3 6.1"
)


def test_the_regulation_map_covers_every_clause_and_direction():
    regulation = text(ROOT / "docs" / "regulation.md")
    wanted = [*CLAUSES.split(" "), *settings.load().directions]
    assert [name for name in wanted if not re.search(rf"(?<![\d.]){re.escape(name)}(?!\d)", regulation)] == []


@pytest.mark.parametrize("path", [p for p in DOCS if p.exists()], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path):
    broken = []
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(path)):
        if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("path", [p for p in DOCS if p.exists()], ids=lambda p: str(p.relative_to(ROOT)))
def test_named_files_exist(path: Path):
    """`lib/…`, `config/…`, `docs/…`, `tests/…` between backticks."""
    named = re.findall(r"`((?:lib|config|docs|tests|pages|bench)/[\w./-]+)`", text(path))
    assert [name for name in named if not (ROOT / name).exists()] == []

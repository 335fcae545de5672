"""Words in YAML and formulas in Python stand side by side: nothing is only named, nothing is unnamed."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

from lib import settings

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = (Path(__file__).parent / "indicators.txt").read_text(encoding="utf-8").split()
FORMS = (Path(__file__).parent / "forms.txt").read_text(encoding="utf-8").split()
SLUGS = sorted(path.stem for path in (ROOT / "config" / "indicators").glob("*.yaml"))
FUNCTION = re.compile(r"([DQ]\d?)_(\d\d)(?:_([a-z0-9_]+))?$")


def functions(slug: str) -> set[str]:
    """The codes that lib/indicators/<slug>.py computes."""
    module = importlib.import_module(f"lib.indicators.{slug}")
    return {
        ".".join(part for part in found.groups() if part)
        for name, member in vars(module).items()
        if inspect.isfunction(member) and member.__module__ == module.__name__ and (found := FUNCTION.match(name))
    }


def test_the_catalogue_is_whole():
    found = settings.load()
    assert set(CATALOGUE) - set(found.indicators) == set()
    assert len(CATALOGUE) == 74
    assert set(FORMS) == set(found.forms) and len(FORMS) == 35
    assert len(found.directions) >= 9


def test_ten_files_of_words_and_ten_of_formulas():
    assert len(SLUGS) == 10
    for slug in SLUGS:
        assert (ROOT / "lib" / "indicators" / f"{slug}.py").is_file()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_code_has_a_function_and_every_function_a_code(slug: str):
    found = settings.load()
    own = {d.id for d in found.directions.values() if d.slug == slug}
    named = {i.code for i in (found.indicators | found.companions).values() if i.direction in own and i.variative is None}
    assert functions(slug) == named


def test_every_function_says_what_it_counts():
    silent = [
        f"{slug}.{name}"
        for slug in SLUGS
        for name, member in vars(importlib.import_module(f"lib.indicators.{slug}")).items()
        if inspect.isfunction(member) and FUNCTION.match(name) and not inspect.getdoc(member)
    ]
    assert silent == []


def test_every_indicator_has_a_spec():
    spec = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "spec").rglob("*.py"))
    assert [code for code in CATALOGUE if code not in spec and code.replace(".", "_") not in spec] == []

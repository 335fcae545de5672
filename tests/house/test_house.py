"""The rules of the house that no other tool holds."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIB = sorted((ROOT / "lib").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
PRODUCT = [ROOT / "run.py", ROOT / "app.py", *PAGES, *LIB, *sorted((ROOT / "bench").rglob("*.py"))]
LONGEST_PAGE = 40
# Marks as they stand in a register, and the tables of letters themselves.
MARK_WORDS = {"н/а", "осв"}
ALPHABET = ROOT / "lib" / "i18n.py"


def test_pages_are_tables_of_contents():
    assert PAGES
    long = {str(p.relative_to(ROOT)): n for p in PAGES if (n := len(p.read_text(encoding="utf-8").splitlines())) > LONGEST_PAGE}
    assert long == {}


def test_pages_stand_in_folders():
    """A flat pages/ would let a deep link run a page without app.py."""
    assert [p.name for p in (ROOT / "pages").glob("*.py")] == []
    assert len(list((ROOT / "pages" / "directions").glob("*.py"))) == 9


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_cyrillic_words_in_code(path: Path):
    """Words belong to YAML and gettext. Comments and docstrings may quote them."""
    if path == ALPHABET:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quoted = {id(node.body[0].value) for node in ast.walk(tree) if has_docstring(node)}
    found = [
        f"line {node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quoted
        and node.value not in MARK_WORDS and re.search("[\u0400-\u04ff]{2,}", node.value)
    ]  # fmt: skip
    assert found == []
    with path.open("rb") as file:
        names = [t.string for t in tokenize.tokenize(file.readline) if t.type == tokenize.NAME and not t.string.isascii()]
    assert names == []


def has_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and bool(node.body)
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    )


def clocks(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("today", "now", "utcnow"):
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_lib_has_no_clock():
    """What is computed depends on the day that it is told (as_of), never on the day it runs; only the doors of the house ask the time."""
    doors = {ROOT / "lib" / "cli.py"}
    found = [place for path in LIB if path not in doors and (ROOT / "lib" / "ui") not in path.parents for place in clocks(path)]
    assert found == []


def test_no_chance_without_a_seed():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in LIB
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name) and node.func.value.id == "random" and node.func.attr != "Random"
    ]  # fmt: skip
    assert found == []


def test_no_drawers_for_everything():
    refused = {"utils", "util", "helpers", "helper", "common", "manager", "core", "misc"}
    assert [str(p.relative_to(ROOT)) for p in PRODUCT if p.stem in refused or p.parent.name in refused] == []


def test_layers():
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as check; check()", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


def imported(paths: list[Path]) -> set[str]:
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"lib", "bench", "pages", "tests", "app"}


def required(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and line[0] not in "#-"]
    assert all(re.match(r"[\w.-]+==[\w.]+$", line) for line in packages), f"{name}: every package has exactly one version"
    return {line.split("==")[0].lower() for line in packages}


# Where the name to import is not the name to install.
DISTRIBUTION = {"yaml": "pyyaml", "python_calamine": "python-calamine", "vl_convert": "vl-convert-python", "google": "google-auth",
                "google_auth_oauthlib": "google-auth-oauthlib", "docx": "python-docx"}  # fmt: skip


def test_requirements_are_what_is_imported():
    used = {DISTRIBUTION.get(name, name) for name in imported([ROOT / "app.py", *PAGES, *LIB])}
    assert used - required("requirements.txt") == set(), "imported, not required"


def test_run_needs_nothing_installed():
    assert imported([ROOT / "run.py"]) == set()


def test_public_things_say_what_they_are():
    silent = []
    for path in LIB:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree) and tree.body:
            silent.append(str(path.relative_to(ROOT)))
        silent += [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]
    assert silent == []

"""The school that is measured: 1,000 pupils, one school year, every form."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl

from lib.settings import ROOT, desk_of

_MARK_COLUMNS = ("q1", "q2", "q3", "q4")
_KEY_ROW, _FIRST_ROW = 2, 6


def school(pupils: int, seed: int) -> Path:
    """Folder of a demo school of that size; made once and kept in var/bench."""
    folder = ROOT / "var" / "bench" / f"school-{pupils}-{seed}"
    if not folder.exists():
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "lib.cli", "demo", str(unfinished), "--pupils", str(pupils), "--years", "1", "--seed", str(seed)]
        subprocess.run(command, cwd=ROOT, check=True)
        unfinished.rename(folder)
    return folder


def forget(store: Path) -> None:
    """Remove everything that `collect` ever made of the store: the next one starts cold."""
    shutil.rmtree(desk_of(store), ignore_errors=True)


def workbooks(store: Path) -> list[Path]:
    """The workbooks of the store, in the order of their paths."""
    return sorted(store.rglob("*.xlsx"))


def change_one_mark(store: Path) -> str:
    """Give one pupil another quarter mark in one class workbook, as a teacher does; says which cell."""
    for path in workbooks(store):
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            identity = [cell.value for cell in sheet[1]]
            if identity[0] != "sapat" or not any(str(value).startswith("form=F01") for value in identity):
                continue
            keys = {cell.value: cell.column for cell in sheet[_KEY_ROW]}
            for row in range(_FIRST_ROW, sheet.max_row + 1):
                for key in _MARK_COLUMNS:
                    cell = sheet.cell(row, keys[key])
                    if cell.value in (3, 4, 5):
                        cell.value = 4 if cell.value != 4 else 5
                        book.save(path)
                        return f"{path.relative_to(store)} {sheet.title} {cell.coordinate}"
    raise RuntimeError(f"{store}: no marks to change")

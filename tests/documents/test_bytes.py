"""The same snapshot, request and language give the same files: byte for byte, in another process, on another day, in another zone."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lib.documents.word import settled
from tests.conftest import ROOT

SCRIPT = """
import sys
from pathlib import Path
from tests.documents.conftest import CASES, holdings_of, press_for
import hashlib
press = press_for(holdings_of(Path(sys.argv[1])))
for kind, about in CASES:
    for language in ("ky", "ru"):
        for ending in ("docx", "pdf"):
            content = press.file(kind, about, language, ending)
            print(kind, *(about if "pupil" not in about else ()), language, ending, hashlib.sha256(content).hexdigest())
"""


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(demo_store: Path):
    found = []
    for seed, zone in (("1", "Asia/Bishkek"), ("2", "America/New_York")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONUTF8": "1"}
        command = [sys.executable, "-c", SCRIPT, str(demo_store)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        found.append(done.stdout.splitlines())
    assert len(found[0]) == 56 and found[0] == found[1]


def test_a_package_carries_no_moment_of_its_making():
    made = []
    for moment, names in (
        ((2026, 1, 2, 3, 4, 6), ("b.xml", "[Content_Types].xml", "a.xml")),
        ((2020, 5, 6, 7, 8, 10), ("a.xml", "b.xml", "[Content_Types].xml")),
    ):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as package:
            for name in names:
                package.writestr(zipfile.ZipInfo(name, moment), name)
        made.append(settled(buffer.getvalue()))
    assert hashlib.sha256(made[0]).digest() == hashlib.sha256(made[1]).digest()
    assert zipfile.ZipFile(io.BytesIO(made[0])).namelist()[0] == "[Content_Types].xml"

"""Codes: what they are made of, that nothing keeps them, and when they stop to open anything."""

from __future__ import annotations

import datetime as dt
import math
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.family.codes import ALPHABET, BITS, CHECK, RANDOM, Codes, digest, new_code, normal, well_formed
from lib.settings import UserError
from tests.family.conftest import CLASS, DAY, NOW

UNTIL = DAY + dt.timedelta(days=365)


def give(folder: Path, pupils: tuple[str, ...] = ("P1", "P2"), school_class: str = CLASS, now: dt.datetime = NOW) -> dict[str, str]:
    made = {pupil: new_code() for pupil in pupils}
    Codes(folder).give(made, school_class, now, now.date() + dt.timedelta(days=365))
    return made


# --- what a code is ------------------------------------------------------------------------------------------------------


def test_a_code_is_longer_than_128_random_bits():
    assert RANDOM * math.log2(len(set(ALPHABET))) == BITS >= 128
    codes = {new_code() for _ in range(3000)}
    assert len(codes) == 3000
    letters = [normal(code) for code in codes]
    assert all(well_formed(code) and len(code) == RANDOM + CHECK for code in letters)
    for place in range(RANDOM):  # every letter is drawn, at every place, about as often as any other: 3000/32 = 94 ± 4σ
        counts = [sum(code[place] == letter for code in letters) for letter in ALPHABET]
        assert min(counts) > 50 and max(counts) < 150


def test_it_is_printed_in_groups_of_four():
    assert [len(group) for group in new_code().split("-")] == [4] * 7


@pytest.mark.parametrize(
    "typed",
    [
        "k7qf-0a1b",
        " K7QF 0A1B ",
        "К7QF-ОА1В",  # Cyrillic К, О, А, В
        "K7QF–OAIB",  # a long dash, the letters O and I
        "https://school.example/family/enter?lang=ky#K7QF-0A1B",
        "K7QFoalb",
    ],
)
def test_what_a_person_types_is_understood(typed: str):
    assert normal(typed) == "K7QF0A1B"


def test_a_slip_of_the_pen_is_no_code():
    code = normal(new_code())
    wrong = [code[:i] + ALPHABET[(ALPHABET.index(code[i]) + 1) % 32] + code[i + 1 :] for i in range(len(code))]
    assert sum(well_formed(text) for text in wrong) <= 1  # two check letters let one slip in a thousand through
    assert not well_formed(code[:-1]) and not well_formed(code + "0") and not well_formed("")


# --- what is kept --------------------------------------------------------------------------------------------------------


def test_nothing_keeps_a_code(tmp_path: Path):
    made = give(tmp_path)
    codes = Codes(tmp_path)
    assert codes.find(made["P1"], DAY) is not None
    codes.revoke(NOW, CLASS)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "codes.json" for path in files)
    kept = b"".join(path.read_bytes() for path in files).upper()
    for code in made.values():
        for part in (code, normal(code), code[:9], normal(code)[:8]):
            assert part.encode() not in kept
        assert digest(code).upper().encode() in kept


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_only_this_account_may_read_them(tmp_path: Path):
    give(tmp_path / "family")
    assert (tmp_path / "family").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "family" / "codes.json").stat().st_mode & 0o777 == 0o600


def test_a_broken_file_lets_nobody_in(tmp_path: Path):
    made = give(tmp_path)
    (tmp_path / "codes.json").write_text('{"half a', encoding="utf-8")
    with pytest.raises(UserError, match="codes.json"):
        Codes(tmp_path).find(made["P1"], DAY)


def test_many_hands_lose_nothing(tmp_path: Path):
    threads = [threading.Thread(target=give, args=(tmp_path, (f"P{n}",), f"{n}-А")) for n in range(1, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {grant.pupil for grant in Codes(tmp_path).all()} == {f"P{n}" for n in range(1, 12)}


# --- what a code opens ---------------------------------------------------------------------------------------------------


def test_a_code_opens_its_pupil_and_no_other(tmp_path: Path):
    made = give(tmp_path)
    codes = Codes(tmp_path)
    for pupil, code in made.items():
        grant = codes.find(code.lower(), DAY)
        assert grant is not None and (grant.pupil, grant.school_class) == (pupil, CLASS)
    assert codes.find(new_code(), DAY) is None


def test_a_new_code_ends_the_old_one(tmp_path: Path):
    old, new = give(tmp_path), give(tmp_path, ("P1",))
    codes = Codes(tmp_path)
    assert codes.find(old["P1"], DAY) is None
    assert codes.find(new["P1"], DAY) is not None
    assert codes.find(old["P2"], DAY) is not None


def test_a_class_code_of_another_class_stays(tmp_path: Path):
    seven, eight = give(tmp_path, ("",), "7-А"), give(tmp_path, ("",), "8-А")
    again = give(tmp_path, ("",), "7-А")
    codes = Codes(tmp_path)
    assert codes.find(seven[""], DAY) is None
    assert all(codes.find(code, DAY) for code in (eight[""], again[""]))


@pytest.mark.parametrize(("how", "ended"), [({"pupils": ("P1",)}, {"P1"}), ({"school_class": CLASS}, {"P1", "P2", ""})])
def test_revoking(tmp_path: Path, how: dict, ended: set[str]):
    made = give(tmp_path, ("P1", "P2", ""))
    other = give(tmp_path, ("P9",), "9-А")
    codes = Codes(tmp_path)
    assert codes.revoke(NOW, **how) == len(ended)
    assert {pupil for pupil, code in made.items() if codes.find(code, DAY) is None} == ended
    assert codes.find(other["P9"], DAY) is not None
    assert codes.revoke(NOW, **how) == 0


def test_a_code_runs_out(tmp_path: Path):
    made = give(tmp_path)
    codes = Codes(tmp_path)
    assert codes.find(made["P1"], UNTIL) is not None
    assert codes.find(made["P1"], UNTIL + dt.timedelta(days=1)) is None


def test_old_codes_are_forgotten_in_the_end(tmp_path: Path):
    give(tmp_path)
    give(tmp_path, ("P1",), now=NOW + dt.timedelta(days=3 * 365))
    assert len(Codes(tmp_path).all()) == 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("codes")
    give(made)
    return made


@settings(max_examples=300, deadline=None)
@given(typed=st.one_of(st.text(max_size=500), st.text(ALPHABET, min_size=28, max_size=28)))
@pytest.mark.slow
def test_garbage_opens_nothing(folder: Path, typed: str):
    assert Codes(folder).find(typed, DAY) is None

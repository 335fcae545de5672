"""Measure, print, and say which promises are kept.

python -m bench [--json] [--pupils 1000] [--only NAME …]      a school in a folder
python -m bench google [--json] [--workbooks 40] [--tabs 15]  a school in Google Drive (the local server), beside the usual way
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench.measure import Measurement
from bench.school import school

PARTS = ("collect", "changed", "commands", "page", "start", "documents", "naive")


def main() -> int:
    if sys.argv[1:2] == ["google"]:
        from bench.google import main as google

        return google(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="run.py bench", description="Measure Sapat on an invented school.")
    parser.add_argument("--pupils", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reruns", type=int, default=120, help="how often a filter is changed (default: 120)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--json", action="store_true", help="print JSON")
    call = parser.parse_args()
    print(f"school of {call.pupils} pupils …", file=sys.stderr, flush=True)
    store = school(call.pupils, call.seed)
    found: list[Measurement] = []
    failed: dict[str, str] = {}
    if not call.json:
        print(_machine())
    for name in PARTS:
        if name not in call.only:
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            measured = _part(name, call.reruns)(store)
        except Exception as error:  # one part that fails must not lose what the others measured
            failed[name] = str(error)
            print(f"{name} FAILED: {error}", file=sys.stderr, flush=True)
            continue
        found.extend(measured)
        if not call.json:
            _print(measured)
    if call.json:
        rows = [asdict(m) | {"kept": m.kept} for m in found]
        report = {"pupils": call.pupils, "machine": _machine(), "measurements": rows, "failed": failed}
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _print_ratio(found)
    return 1 if failed or any(m.kept is False for m in found) else 0


def _part(name: str, reruns: int) -> Callable[[Path], list[Measurement]]:
    """The measurements of a part; each part is imported only when asked for, so that no part pays for another's imports."""
    if name == "page":
        from bench.page import rerun

        return lambda store: [rerun(store, reruns)]
    if name == "start":
        from bench.start import cold_start

        return lambda store: [cold_start(store)]
    if name == "documents":
        from bench.documents import documents

        return documents
    if name == "naive":
        from bench.naive import naive

        return lambda store: [naive(store)]
    from bench.commands import cold_collect, one_changed, questions

    return {"collect": lambda store: [cold_collect(store)], "changed": one_changed, "commands": questions}[name]


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _print(measured: list[Measurement]) -> None:
    for m in measured:
        promise = "" if m.limit is None else f"  {'kept' if m.kept else 'MISSED'} (≤ {m.limit:g} {m.unit})"
        print(f"{m.name:<40} {m.value:>9.{0 if m.unit == 'ms' else 2}f} {m.unit}{promise}")
        for key, value in m.detail.items():
            print(f"    {key}: {value}")
        sys.stdout.flush()


def _print_ratio(found: list[Measurement]) -> None:
    by_name = {m.name: m.value for m in found}
    naive, cold = (next((v for n, v in by_name.items() if n.startswith(start)), None) for start in ("naive", "cold collect"))
    if naive and cold:
        print(f"naive / cold collect: {naive / cold:.1f} times as long, for one indicator instead of all")


if __name__ == "__main__":
    sys.exit(main())

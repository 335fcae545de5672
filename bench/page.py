"""A direction page drawn again after a filter changed: the time that the script takes on the server."""

from __future__ import annotations

import os
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.measure import Measurement, middle, percentile
from lib.model.indicator import DIMENSIONS
from lib.settings import ROOT
from lib.snapshot import Snapshots

FRAME = ROOT / "lib" / "ui" / "frame.py"


def rerun(store: Path, reruns: int = 120) -> Measurement:
    """Change one filter after another on each direction page, over the whole frame; every rerun is counted but the page's first."""
    os.environ["SAPAT_STORE"] = str(store)
    from streamlit.testing.v1 import AppTest

    pages = sorted((ROOT / "pages" / "directions").glob("*.py"))
    candidates = _members(store)
    milliseconds: list[float] = []
    processor: list[float] = []
    slowest: dict[str, float] = {}
    app = AppTest.from_file(str(FRAME), default_timeout=60).run()
    _whole(app, "overview")
    each = -(-reruns // len(pages))
    for page in pages:
        app.switch_page(os.path.relpath(page, FRAME.parent)).run()
        _whole(app, page.stem)
        steps = _filters(app, candidates)
        turn = cycle(range(len(steps)))
        for _ in range(each):
            widget, value, label = _next_choice(app, steps, turn)
            widget.set_value(value)
            started, busy = time.perf_counter(), time.process_time()
            app.run()
            took = (time.perf_counter() - started) * 1000
            processor.append((time.process_time() - busy) * 1000)
            _whole(app, f"{page.stem}, {label} = {value}")
            milliseconds.append(took)
            slowest[f"{page.stem}, {label} = {value}"] = took
    worst = max(slowest, key=lambda name: slowest[name])
    return Measurement(
        "direction page after a filter, p95", percentile(milliseconds, 95), "ms", 150.0,
        {
            "p50": round(middle(milliseconds)), "max": round(max(milliseconds)), "slowest": worst, "reruns": len(milliseconds),
            "processor ms, p50": round(middle(processor)), "processor ms, p95": round(percentile(processor, 95)),
        },
    )  # fmt: skip


def _widgets(app: Any) -> list[Any]:
    return [*app.main.selectbox, *app.main.button_group]


def _members(store: Path) -> list[str]:
    """Everything that a filter can be set to, as the snapshot writes it: school years, periods, grades, classes, subjects …"""
    snapshot = Snapshots(store).current()
    if snapshot is None:
        raise RuntimeError("collect the school first")
    values = snapshot.table("values").select(["school_year", "period", *DIMENSIONS])
    return ["", *{str(member) for name in values.column_names for member in values[name].unique().to_pylist() if member}]


def _filters(app: Any, candidates: list[str]) -> list[tuple[str, int, Any]]:
    """The page's filters: label, place among the page's widgets, and their options for ever in turn, beginning with another one."""
    found = []
    for place, widget in enumerate(_widgets(app)):
        # A widget knows its options as they are shown; to set one takes the value behind it.
        shown = {text: member for member in candidates if (text := _shown(widget, member))}
        options = [shown[option] for option in widget.options if option in shown]
        if len(options) > 1:
            found.append((str(widget.key), place, cycle([*options[1:], options[0]])))
    if not found:
        raise RuntimeError("the page shows no filter; has the school been collected?")
    return found


def _next_choice(app: Any, steps: list[tuple[str, int, Any]], turn: Any) -> tuple[Any, str, str]:
    """The next filter in turn with its next option that the choices before it have left: a class of another grade is passed over."""
    while True:
        label, place, options = steps[next(turn)]
        value = next(options)
        widget = _widgets(app)[place]
        if _shown(widget, value) in widget.options:
            return widget, value, label


def _shown(widget: Any, member: str) -> str:
    """How the widget shows a value; "" for a value that is another filter's."""
    try:
        return str(widget.format_func(member))
    except (LookupError, ValueError):
        return ""


def _whole(app: Any, where: str) -> None:
    if app.exception:
        raise RuntimeError(f"{where}: {app.exception[0].message}")

"""The tables of drafts: indicators beneath each other, places beneath each other, classes by subjects."""

from __future__ import annotations

from collections.abc import Sequence

from lib import wording
from lib.charts import SYMBOLS
from lib.documents.document import Block, Cell, Table
from lib.documents.drafting.pen import Pen, Scope, Seen
from lib.model.indicator import Indicator, Verdict


def of_indicators(pen: Pen, found: Sequence[Seen], title: str) -> list[Block]:
    """Indicator, value, n, target, verdict, change: a row each."""
    rows = []
    for seen in found:
        target = seen.indicator.target is not None
        judged = seen.verdict if seen.value is not None else Verdict.NONE
        rows.append(
            (
                Cell(wording.titled(seen.indicator), _note(pen, seen)),
                pen.cell(seen),
                pen.n_cell(seen),
                Cell(pen.told_target(seen).text, told=pen.told_target(seen)) if target else Cell(""),
                Cell(f"{SYMBOLS[judged.value]} {wording.verdict(judged)}" if target and seen.value is not None else ""),
                pen.change_cell(seen),
            )
        )
    head = tuple(pen.text(key) for key in ("t_indicator", "t_value", "t_n", "t_target", "t_verdict", "t_change"))
    return [Table(title, head, tuple(rows), (34, 13, 10, 11, 17, 15), frozenset({1, 2, 3, 5})), *pen.legend()]


def _note(pen: Pen, seen: Seen) -> str:
    """The code, and the indicator's own time where that is another than the document's."""
    if not seen.period or seen.period == pen.period:
        return seen.indicator.code
    return f"{seen.indicator.code} · {wording.period(seen.period)}"


def of_places(
    pen: Pen, indicators: Sequence[Indicator], places: Sequence[tuple[str, Scope]], what: str, title: str, pupils: bool = False
) -> list[Block]:
    """Places (name, scope) beneath each other, indicators beside each other, n in brackets. `what` heads the names. Places and indicators
    without any figure are left out; `pupils`: a column with the number of pupils of classes."""
    grid = [(name, scope, [pen.seen(i, scope, _period(pen, i)) for i in indicators]) for name, scope in places]
    used = [place for place, _ in enumerate(indicators) if any(row[place].value is not None for _n, _s, row in grid)]
    grid = [row for row in grid if any(row[2][place].value is not None for place in used)]
    if not used or not grid:
        return []
    rows = []
    for name, scope, row in grid:
        cells = [Cell(name, bold=True)]
        if pupils:
            told = pen.counted(
                "pupils", pen.basis.pupils(pen.year, pen.period, (scope["school_class"],)), {"school_class": scope["school_class"]}
            )
            cells.append(Cell(told.text, told=told))
        rows.append((*cells, *(pen.cell(row[place], with_n=True) for place in used)))
    head = [what, *([pen.text("t_pupils")] if pupils else []), *(_heading(pen, indicators[place]) for place in used)]
    names = 14.0 if pupils else 26.0
    room = 100.0 - names - (11.0 if pupils else 0.0)
    widths = (names, *((11.0,) if pupils else ()), *(room / len(used) for _ in used))
    return [Table(title, tuple(head), tuple(rows), widths, frozenset(range(1, len(head)))), *pen.legend()]


def _period(pen: Pen, indicator: Indicator) -> str:
    """One period for all places beside each other: that of the school's own figure."""
    return pen.basis.near(indicator, {}, pen.year, pen.period)


def _heading(pen: Pen, indicator: Indicator) -> str:
    own = _period(pen, indicator)
    name = wording.titled(indicator)
    return name if own == pen.period else f"{name} ({wording.period(own)})"


def matrix(pen: Pen, indicator: Indicator, classes: Sequence[str], subjects: Sequence[str], title: str) -> list[Block]:
    """Classes × subjects of one indicator, n in brackets."""
    period = _period(pen, indicator)
    grid = [(c, [pen.seen(indicator, {"school_class": c, "subject": s}, period) for s in subjects]) for c in classes]
    used = [place for place, _ in enumerate(subjects) if any(row[place].value is not None for _c, row in grid)]
    grid = [row for row in grid if any(row[1][place].value is not None for place in used)]
    if not used or not grid:
        return []
    rows = tuple(
        (
            Cell(name, bold=True),
            *(pen.cell(row[place], with_n=True) if _taught(pen, name, subjects[place]) else Cell("") for place in used),
        )
        for name, row in grid
    )
    head = (pen.text("t_class"), *(wording.subject(pen.loaded, subjects[place]) for place in used))
    widths = (12.0, *(88.0 / len(used) for _ in used))
    return [Table(title, head, rows, widths, frozenset(range(1, len(head)))), *pen.legend()]


def _taught(pen: Pen, school_class: str, subject: str) -> bool:
    return subject in pen.basis.roll.taught.get((pen.year, school_class), ())

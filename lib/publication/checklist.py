"""What must be right before an edition may be published (blocking), and what a director may want to know first (advice)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from lib import i18n
from lib.analysis import dynamics
from lib.collection import STALE
from lib.i18n import gettext as _
from lib.model.calendar import MONTHS, SchoolYear
from lib.model.indicator import Status
from lib.model.issue import Severity
from lib.publication.cells import public_indicators
from lib.publication.disclosure import Cell, Shown
from lib.settings import ROOT, Settings
from lib.settings.document import read
from lib.snapshot import Look, Snapshot

_LISTED = 5  # names in one line


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist: `code` names it for other programs, `text` says it in the reader's language."""

    code: str
    blocking: bool
    text: str


def nothing_collected() -> Check:
    """The one check that needs no snapshot."""
    return Check("nothing_collected", True, _("Nothing has been collected yet. Run collect first."))


def before_disclosure(snapshot: Snapshot, settings: Settings, school_year: str, period: str, look: Look | None) -> list[Check]:
    """Whether the data are fit to be published: collected, of a period that is over, fresh, complete."""
    dated = replace(settings, as_of=snapshot.as_of)
    checks = [*_time(snapshot, dated, school_year, period), *_fresh(snapshot, settings, school_year, look)]
    if not any(check.code == "no_such_year" for check in checks):
        checks += _complete(snapshot, settings, school_year, period)
        checks += _errors(snapshot, settings, school_year)
    return checks


def after_disclosure(cells: Sequence[Cell], shown: Sequence[Shown], findings: Sequence[str]) -> list[Check]:
    """What disclosure control came to: `findings` are what an audit of the protected cells objects to."""
    checks = []
    if findings:
        checks.append(Check("disclosure", True, _("Disclosure control is not clean: {places}", places=_some(findings))))
    if hidden := sum(cell.symbol in ("c", "<5", "b") for cell in shown):
        checks.append(
            Check("hidden", False, _("Protected cells: {n} of {total}. They are published as symbols.", n=hidden, total=len(shown)))
        )
    partly = sorted({cell.indicator for cell in cells if cell.cut == "school" and cell.status == Status.INCOMPLETE})
    if partly:
        checks.append(Check("incomplete", False, _("Not all data has come: {codes}", codes=_some(partly))))
    absent = sorted({cell.indicator for cell in cells if cell.cut == "school" and cell.status == Status.NOT_COLLECTED})
    if absent:
        checks.append(Check("not_collected", False, _("Published as not available: {codes}", codes=_some(absent))))
    return checks


def blocked(checks: Iterable[Check]) -> bool:
    """Whether any of them forbids publishing."""
    return any(check.blocking for check in checks)


# --- the single checks ---------------------------------------------------------------------------------------------------


def _time(snapshot: Snapshot, dated: Settings, school_year: str, period: str) -> Iterator[Check]:
    years = set(snapshot.table("values")["school_year"].cast(pa.string()).unique().to_pylist())
    if school_year not in years:
        known = ", ".join(sorted(years)) or "–"
        yield Check("no_such_year", True, _("No data of the school year {year}. There are: {known}", year=school_year, known=known))
        return
    if school_year not in dated.calendar:
        text = _("The calendar of {year} is not approved: write its quarters into config/school.yaml, as the order says.", year=school_year)
        yield Check("calendar_not_approved", True, text)
    if not dynamics.has_ended(dated, school_year, period):
        year = dated.school_year(school_year)
        end = year.end if period == "Y" else year.period(period).end
        text = _("The period is not over: it ends on {end}, the figures speak of {day}.", end=i18n.date(end), day=i18n.date(dated.as_of))
        yield Check("period_not_over", True, text)


def _fresh(snapshot: Snapshot, settings: Settings, school_year: str, look: Look | None) -> Iterator[Check]:
    forms = _public_forms(settings)
    sheets = snapshot.table("sheets").select(["workbook", "form", "state", "school_year"]).to_pylist()
    stale = {
        s["workbook"] for s in sheets
        if s["state"] == STALE and s["form"] in forms and s["school_year"] in ("", school_year)
    }  # fmt: skip
    if stale:
        text = _("Stale sources of public figures: {names}. Make them readable and collect again.", names=_some(sorted(stale)))
        yield Check("stale_sources", True, text)
    if look is not None and look.problem:
        text = _("The folder of workbooks could not be looked at the last time. Make it reachable and collect again.")
        yield Check("store_unreachable", True, text)


def _complete(snapshot: Snapshot, settings: Settings, school_year: str, period: str) -> Iterator[Check]:
    floor = completeness_floor()
    by_form: dict[str, tuple[int, int]] = {}
    forms, periods = _public_forms(settings), _periods_within(settings.school_year(school_year), period)
    for row in snapshot.table("completeness").to_pylist():
        if row["school_year"] == school_year and row["form"] in forms and row["period"] in periods and row["due"] <= snapshot.as_of:
            required, filled = by_form.get(row["form"], (0, 0))
            by_form[row["form"]] = required + row["required"], filled + row["filled"]
    required, filled = (sum(counts) for counts in zip(*by_form.values(), strict=True)) if by_form else (0, 0)
    if not required or filled / required < floor:
        share = 100 * filled / required if required else 0.0
        text = _("Completeness of the data behind public figures: {share}; needed: {floor}.", share=i18n.percent(share),
                 floor=i18n.percent(100 * floor, 0))  # fmt: skip
        yield Check("completeness", True, text)
    low = sorted(form for form, (needed, there) in by_form.items() if needed and there / needed < floor)
    if low:
        yield Check("incomplete_forms", False, _("Forms below that share: {forms}", forms=_some(low)))


def _errors(snapshot: Snapshot, settings: Settings, school_year: str) -> Iterator[Check]:
    issues = snapshot.table("issues")
    of_year = pc.and_(pc.equal(issues["school_year"], school_year), pc.equal(issues["severity"], Severity.ERROR.value))
    forms = pa.array(sorted(_public_forms(settings)), pa.string())
    count = issues.filter(pc.and_(of_year, pc.is_in(issues["form"], value_set=forms))).num_rows
    if count:
        yield Check("errors", False, _("Cells with an error in the forms behind public figures: {n}. They are not used.", n=count))


def completeness_floor() -> float:
    """The share of expected cells that must have come (config/publication.yaml)."""
    entry = read(ROOT / "config" / "publication.yaml")
    floor = entry.take("completeness_floor", float)
    if not 0 <= floor <= 1:
        entry.fail("completeness_floor", f"{floor} was seen; expected a share from 0 to 1, such as 0.85")
    entry.done()
    return float(floor)


def _public_forms(settings: Settings) -> set[str]:
    return {source.form for indicator in public_indicators(settings) for source in indicator.sources}


def _periods_within(year: SchoolYear, period: str) -> set[str]:
    """The periods of forms that belong to an edition's period: itself, its quarters and months, and the longer ones around it (their rows
    count as soon as they are due)."""
    quarters = {"H1": ("Q1", "Q2"), "H2": ("Q3", "Q4"), "Y": ("Q1", "Q2", "Q3", "Q4")}.get(period, (period,))
    months = {month for month in MONTHS if year.quarter_of_month(int(month[1:])) in quarters}
    halves = {"H1" if quarter in ("Q1", "Q2") else "H2" for quarter in quarters}
    return {*quarters, *months, *halves, "Y"}


def _some(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" … +{more}" if more > 0 else "")


def by_code(checks: Iterable[Check]) -> Mapping[str, Check]:
    """code → check."""
    return {check.code: check for check in checks}

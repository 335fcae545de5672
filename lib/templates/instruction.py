"""The first tab of every workbook: how to fill, what colours mean, right and wrong spellings, and what each tab is for.

Kyrgyz, with Russian beneath; laid out as cells, whatever writes the workbook.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.i18n import date as printed_date
from lib.model.form import Form
from lib.settings import Settings
from lib.templates.look import AMBER, GREY, LINE, RED, TEAL, TEAL_DARK, TEAL_PALE, WHITE, Look, lines
from lib.templates.plan import WorkbookPlan
from lib.templates.words import WorkbookWords

QUIET = "#5A6B6B"
LEGEND = {
    "required": Look(fill=TEAL, colour=WHITE, edge=LINE), "optional": Look(fill=TEAL_PALE, colour=TEAL_DARK, edge=LINE),
    "prefilled": Look(fill=GREY, edge=LINE), "missing": Look(fill=AMBER, edge=LINE), "wrong": Look(fill=RED, edge=LINE),
}  # fmt: skip
_HEADING = Look(bold=True, size=12, colour=TEAL_DARK)
_KY, _RU = Look(wrap=True, top=True), Look(wrap=True, size=9, colour=QUIET, top=True)


@dataclass
class Written:
    """One text of the page; it takes the columns from `column` to `last`."""

    row: int
    column: int
    last: int
    text: str
    look: Look


@dataclass
class Page:
    """The texts of the instruction, the widths of its columns in letters, and row → height in points where it is not the usual one."""

    widths: tuple[float, ...] = (34, 62, 34, 30)
    texts: list[Written] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    colour: str = TEAL

    def write(self, row: int, column: int, text: str, look: Look, last: int | None = None) -> None:
        """Put a text on the page, in one cell or up to column `last`."""
        self.texts.append(Written(row, column, column if last is None else last, text, look))


def instruction(plan: WorkbookPlan, settings: Settings, words: WorkbookWords) -> Page:
    """The instruction of one workbook."""
    page, table, name = Page(), words.sheets_table, settings.school_name
    page.write(0, 0, f"{words.instruction_tab.ky} · {name.ky}", Look(bold=True, size=16, colour=TEAL))
    about = f"{words.instruction_tab.of('ru')} · {name.of('ru')} · {plan.school_year.id}"
    page.write(1, 0, about, Look(size=9, colour=QUIET))
    row = 3
    for title, told in words.sections:
        page.write(row, 0, f"{title.ky} / {title.of('ru')}", _HEADING)
        row += 1
        for line in told:
            page.write(row, 0, line.ky, _KY, 3)
            page.write(row + 1, 0, line.of("ru"), _RU, 3)
            row += 2
        row += 1
    page.write(row, 0, f"{words.legend_title.ky} / {words.legend_title.of('ru')}", _HEADING)
    for key, look in LEGEND.items():
        row += 1
        page.write(row, 0, words.legend[key].ky, look)
        page.write(row, 1, words.legend[key].of("ru"), _RU)
    row += 2
    page.write(row, 0, f"{words.examples['title'].ky} / {words.examples['title'].of('ru')}", _HEADING)
    row += 1
    for place, key in enumerate(("right", "wrong")):
        page.write(row, place, f"{words.examples[key].ky} / {words.examples[key].of('ru')}", Look(bold=True, edge=LINE, align="left"))
    for right, wrong in words.pairs:
        row += 1
        page.write(row, 0, right, Look(edge=LINE, align="left"))
        page.write(row, 1, wrong, Look(fill=RED, edge=LINE, align="left"))
    row += 2
    page.write(row, 0, f"{table['title'].ky} / {table['title'].of('ru')}", _HEADING)
    row += 1
    for place, key in enumerate(("tab", "purpose", "filled_by", "due")):
        page.write(row, place, f"{table[key].ky}\n{table[key].of('ru')}", Look(fill=TEAL, colour=WHITE, bold=True, wrap=True))
    page.heights[row] = 32
    titles: dict[str, list[str]] = {}
    for tab in plan.tabs:
        titles.setdefault(tab.form.id, []).append(tab.title)
    for form_id, named in titles.items():
        row += 1
        form = settings.forms[form_id]
        role = settings.roles[form.filled_by]
        cells = (", ".join(named), f"{form.purpose.ky}\n{form.purpose.of('ru')}", f"{role.ky}\n{role.of('ru')}", _due(form, plan, words))
        for place, text in enumerate(cells):
            page.write(row, place, text, Look(wrap=True, top=True, edge=LINE))
        page.heights[row] = 15 * max(2, cells[3].count("\n") + 1, lines(cells[0], 30))
    return page


def _due(form: Form, plan: WorkbookPlan, words: WorkbookWords) -> str:
    told = []
    for due in form.due:
        if due.period == "M":
            monthly = words.sheets_table["monthly"]
            told.append(f"{monthly.ky} / {monthly.of('ru')}")
        else:
            day = printed_date(plan.school_year.resolve(due.rule))
            span = {"Q": "quarter", "H": "half_year"}.get(due.period[0])
            name = words.sheets_table[span].ky.format(number=due.period[1:]) + ": " if span else ""
            told.append(name + day)
    return "\n".join(dict.fromkeys(told))

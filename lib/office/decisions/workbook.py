"""Where the decisions of a school year stand in a workbook, judged on its tabs as they are at that moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lib.intake.locate import Layout, context, head_rows, locate, signature
from lib.intake.parse import code_of
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import RawSheet
from lib.office.decisions.decision import FORM, Decision
from lib.settings import Settings
from lib.store.adding import Addition, Content
from lib.store.base import StoreProblem


@dataclass(frozen=True)
class Lacking:
    """An `Arrange` (lib.store.adding): which of the decisions the tab of F25 lacks, and which columns.

    Columns may have been moved, tabs renamed, rows sorted; a decision is told by its id alone.
    """

    settings: Settings
    school_year: str
    decisions: tuple[Decision, ...]

    def __call__(self, sheets: Sequence[RawSheet]) -> Addition | None:
        """None when all of them stand there. StoreProblem when the tab is not there, or cannot be told."""
        sheet, layout = self._tab(sheets)
        place = layout.columns["id"]
        there = {code for row in sheet.rows if place < len(row) and (code := code_of(row[place])) is not None}
        lacking = [decision for decision in self.decisions if code_of(decision.id) not in there]
        if not lacking:
            return None
        cells = [decision.to_cells() for decision in lacking]
        columns, heads = self._columns(sheet, layout, {key for row in cells for key in row})
        rows: list[Mapping[int, Content]] = [{columns[key]: content for key, content in row.items() if key in columns} for row in cells]
        return Addition(sheet.title, rows, heads, min(layout.data_rows, default=len(sheet.rows)))

    def _tab(self, sheets: Sequence[RawSheet]) -> tuple[RawSheet, Layout]:
        words = Vocabulary.of(self.settings)
        signatures = [signature(sheet.rows) for sheet in sheets]
        others = context(signatures, words)
        for sheet, own in zip(sheets, signatures, strict=True):
            layout = locate(sheet, own, others, words)
            ours = layout is not None and layout.form is not None and layout.form.id == FORM and layout.school_year == self.school_year
            if layout is not None and ours and layout.refused is None and "id" in layout.columns:
                return sheet, layout
        raise StoreProblem("decisions_tab_lost", {"value": self.school_year}, passing=True)

    def _columns(
        self, sheet: RawSheet, layout: Layout, wanted: Iterable[str]
    ) -> tuple[dict[str, int], dict[tuple[int, int], str]]:  # fmt: skip
        """Column of each key, and the header cells of those that an older sheet lacks: they come behind the last one."""
        form = self.settings.forms[FORM]
        columns, heads = dict(layout.columns), dict[tuple[int, int], str]()
        key_row, headers = head_rows(sheet.rows, form)
        taken = {number for number, problem in layout.unused.items() if problem}
        free = max((len(row) for row in sheet.rows), default=0)
        free = max([free, *(number + 1 for number in taken), *(number + 1 for number in columns.values())])
        missing = [column for column in form.columns if column.key in wanted and column.key not in columns]
        for column in missing if key_row >= 0 else ():
            heads[key_row, free] = column.key
            for row, text in zip(headers, (column.title.ky, column.title.ru), strict=False):
                heads[row, free] = text
            columns[column.key] = free
            free += 1
        return columns, heads

"""What pages are put together from. `dynamics` and `comparison` (matrix, ranked) are the two instruments that regulation 2.11 names."""

from lib.ui.blocks.approval import plan_approval
from lib.ui.blocks.attention import attention
from lib.ui.blocks.board import board_choice, board_grid, board_rows
from lib.ui.blocks.charts import bars, distribution, dynamics, internal_external, matrix, parts, ranked
from lib.ui.blocks.collection import completion, completion_brief, issue_table, issues_of_direction, workbooks
from lib.ui.blocks.cyclogram import cyclogram_week, plan_choice, plan_month, plan_now, plan_people, plan_year
from lib.ui.blocks.decisions import decisions
from lib.ui.blocks.guides import guide
from lib.ui.blocks.opinions import expert_says
from lib.ui.blocks.passport import passport
from lib.ui.blocks.provenance import provenance
from lib.ui.blocks.reminders import reminder, reminder_round
from lib.ui.blocks.table import indicator_table, teachers
from lib.ui.blocks.tiles import headline

__all__ = [
    "attention", "bars", "board_choice", "board_grid", "board_rows", "completion", "completion_brief", "cyclogram_week", "decisions",
    "distribution", "dynamics", "expert_says", "guide", "headline", "indicator_table", "internal_external", "issue_table",
    "issues_of_direction", "matrix", "parts", "passport", "plan_approval", "plan_choice", "plan_month", "plan_now", "plan_people",
    "plan_year", "provenance", "ranked", "reminder", "reminder_round", "teachers", "workbooks",
]  # fmt: skip

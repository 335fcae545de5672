"""What pages are put together from. `dynamics` and `comparison` (matrix, ranked) are the two instruments that regulation 2.11 names."""

from lib.ui.blocks.attention import attention
from lib.ui.blocks.charts import bars, distribution, dynamics, internal_external, matrix, parts, ranked
from lib.ui.blocks.collection import completion, completion_brief, cyclogram_week, issue_table, issues_of_direction, workbooks
from lib.ui.blocks.guides import guide
from lib.ui.blocks.passport import passport
from lib.ui.blocks.provenance import provenance
from lib.ui.blocks.table import indicator_table, teachers
from lib.ui.blocks.tiles import headline

__all__ = [
    "attention", "bars", "completion", "completion_brief", "cyclogram_week", "distribution", "dynamics", "guide", "headline",
    "indicator_table", "internal_external", "issue_table", "issues_of_direction", "matrix", "parts", "passport", "provenance", "ranked",
    "teachers", "workbooks",
]  # fmt: skip

"""Collection of data: completeness, workbooks with their people, and every cell that must be mended (regulation 2.20)."""

from lib.ui import blocks, page

view = page.open()

blocks.completion_brief(view, link=False)
responsible = blocks.workbooks(view)
blocks.issue_table(view, responsible)
blocks.completion(view)

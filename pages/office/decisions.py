"""Management decisions: open and overdue first, each with its figure then and now (regulation 2.19)."""

from lib.ui import blocks, page

view = page.open()

blocks.decisions(view)

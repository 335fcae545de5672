"""Health and safety (regulation 2.16, 7)."""

from lib.ui import blocks, page

view = page.open("D9")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D9.04")
blocks.ranked(view, "D9.04")
blocks.ranked(view, "D9.01", by="grade")
blocks.bars(view, "D9.02")
blocks.parts(view, "D9.08")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

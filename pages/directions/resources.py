"""Teaching resources and equipment (regulation 2.16, 5)."""

from lib.ui import blocks, page

view = page.open("D6")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D6.01")
blocks.ranked(view, "D6.01", by="grade")
blocks.bars(view, "D6.01", by="subject")
blocks.parts(view, "D6.02")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

"""The programme for gifted pupils (regulation 2.16, 3)."""

from lib.ui import blocks, page

view = page.open("D4")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D4.03")
blocks.ranked(view, "D4.03")
blocks.bars(view, "D4.04", by="subject")
blocks.parts(view, "D4.05")
blocks.parts(view, "D4.06")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

"""Quality of innovation (regulation 2.16, 4)."""

from lib.ui import blocks, page

view = page.open("D5")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D5.02")
blocks.ranked(view, "D5.02", by="method_association")
blocks.parts(view, "D5.01")
blocks.parts(view, "D5.04")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

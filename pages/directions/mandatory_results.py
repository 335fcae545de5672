"""Forming the mandatory results: who is falling behind (regulation 2.16, 2)."""

from lib.ui import blocks, page

view = page.open("D2")

blocks.headline(view, "D2.03")
blocks.expert_says(view)
blocks.dynamics(view, "D2.01")
blocks.ranked(view, "D2.01")
blocks.ranked(view, "D2.08")
blocks.matrix(view, "D1.01")
blocks.parts(view, "D2.09")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

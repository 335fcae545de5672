"""Upbringing and additional education (regulation 2.16)."""

from lib.ui import blocks, page

view = page.open("D7")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D7.01")
blocks.ranked(view, "D7.01")
blocks.bars(view, "D7.04")
blocks.ranked(view, "D7.05")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

"""Self-government and social-psychological support (regulation 2.16, 6)."""

from lib.ui import blocks, page

view = page.open("D8")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D8.01")
blocks.ranked(view, "D8.01")
blocks.ranked(view, "D8.03")
blocks.dynamics(view, "D8.06")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

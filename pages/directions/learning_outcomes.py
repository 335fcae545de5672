"""Quality of learning outcomes (regulation 2.16, 1)."""

from lib.ui import blocks, page

view = page.open("D1")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D1.02")
blocks.matrix(view, "D1.02")
blocks.distribution(view)
blocks.ranked(view, "D1.05")
blocks.internal_external(view)

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

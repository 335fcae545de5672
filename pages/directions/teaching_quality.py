"""Quality of teaching (regulation 2.16)."""

from lib.ui import blocks, page

view = page.open("D3")

blocks.headline(view)
blocks.expert_says(view)
blocks.dynamics(view, "D3.01")
blocks.ranked(view, "D3.04", by="method_association")
blocks.bars(view, "D3.01", by="method_association")
blocks.bars(view, "D3.08", by="grade")
blocks.parts(view, "D3.07")
blocks.teachers(view, "D3.01")

blocks.indicator_table(view)
blocks.provenance(view)
blocks.issues_of_direction(view)

"""The yearly plan of monitoring: this week and what is overdue first, then the month, the year and the people (regulation 2.1)."""

from lib.ui import blocks, page

view = page.open()

plan = blocks.plan_choice(view)
blocks.plan_now(view, plan)
blocks.plan_month(view, plan)
blocks.plan_year(view, plan)
blocks.plan_people(view, plan)
blocks.plan_approval(view)

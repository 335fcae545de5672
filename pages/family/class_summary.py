"""The class summary: one page of plain sentences for the families of a class. No names, no ranks."""

from lib.ui.family import opening, summary

view = opening.open_page("class_summary")
school_class = summary.choose_class(view)
summary.paragraphs(view, school_class)
summary.views(view, school_class)

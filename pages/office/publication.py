"""The director's desk of the open report: checklist, preview, confirmation, editions (regulation 2.20.5, 4.2)."""

from lib.ui import page, publication

view = page.open()

draft = publication.drawn_up(view)
if draft is not None:
    publication.preview(draft)
    publication.confirm(view, draft)
publication.published(view)

"""Documents of the monitoring: choose, look, take as Word or PDF; a whole set; the school's own templates (regulation 2.18)."""

from lib.ui import documents, own_templates, page

view = page.open()

wish = documents.choice(view)
if wish is not None:
    documents.files(wish)
    documents.preview(wish)
    documents.whole_set(wish)
own_templates.shelf(view)

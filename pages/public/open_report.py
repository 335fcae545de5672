"""The open report (regulation 4.2): published editions, and nothing but them."""

from lib.ui import page, publication

opened = page.open_public()

publication.open_report(opened.loaded)

"""How every indicator is counted: formula, source, clause, method."""

from lib.ui import page, publication

opened = page.open_public()

publication.methodology(opened.loaded)

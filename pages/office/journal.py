"""Enter once: exports of the electronic journal, what they leave open, and what came of them (regulation 2.20.2)."""

from lib.ui import journal, page

view = page.open()

journal.summary(view)
journal.hand_in(view)
journal.questions(view)
journal.exports(view)

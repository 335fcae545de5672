"""The next school year: who goes where, the registry to look through, and the workbooks (regulation 2.1, 2.20.7)."""

from lib.ui import page, turn

opened = page.open_whole()

found = turn.looked_at(opened)
if found is not None:
    turn.answer(found)
    turn.questions(found)
    turn.registry(found)
    turn.confirm(found)

"""My child: own progress first, then attendance, strengths, what to do at home, and questions to think about."""

from lib.ui.family import child, opening

view = opening.open_page("my_child")
told = child.greeting(view)
if told is not None:
    child.progress(told)
    child.attendance(told)
    child.strengths(told)
    child.recommendations(told)
    child.questions(told)
    child.rights(told)

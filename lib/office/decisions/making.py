"""A decision is made: judged once more on the writing side, whatever the page has shown, and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from lib.access import Viewer
from lib.office.decisions.decision import Decision
from lib.office.decisions.outbox import Outbox
from lib.office.decisions.permission import ADMINISTRATION, may_decide
from lib.settings import Settings, UserError


def make(box: Outbox, viewer: Viewer, settings: Settings, decision: Decision, colleagues: Collection[str] = ()) -> Decision:
    """Keep a decision in the outbox as the viewer's own. `colleagues`: the codes of the viewer's association.

    UserError when the viewer's role may not decide about that place, or makes somebody responsible who is not theirs; OSError when the
    disk does not take it. In both cases nothing is kept.
    """
    if not may_decide(viewer, settings, dict(decision.scope), colleagues):
        raise UserError("this role may not decide about this figure; the director, the deputies and, for its own subjects, the head of an "
                        "association may")  # fmt: skip
    if not viewer.roles & ADMINISTRATION and decision.responsible not in colleagues:
        raise UserError("the head of an association makes its own teachers responsible; name one of them")
    made = dataclasses.replace(decision, decided_by=viewer.person.teacher_id if viewer.person else "")
    box.put(made)
    return made

"""Who makes decisions, and who reads which: the administration all, the head of an association those of their subjects."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lib.access import Role, Viewer
from lib.office.decisions.decision import Decision
from lib.settings import Settings

ADMINISTRATION = frozenset({Role.DIRECTOR, Role.DEPUTY})


def may_decide(viewer: Viewer, settings: Settings, scope: Mapping[str, str], colleagues: Collection[str] = ()) -> bool:
    """Whether the viewer may make a decision about the figures of that scope ({}: the whole school). `colleagues`: the codes of the
    teachers of the viewer's association."""
    if viewer.roles & ADMINISTRATION:
        return True
    own = viewer.person.association if viewer.person else ""
    if Role.MO_HEAD not in viewer.roles or not own:
        return False
    if teacher := scope.get("teacher", ""):
        return teacher in colleagues
    subject = scope.get("subject", "")
    if subject:
        return subject in settings.subjects and settings.subjects[subject].association == own
    return scope.get("method_association", "") == own


def may_see(viewer: Viewer, settings: Settings, decision: Decision, colleagues: Collection[str] = ()) -> bool:
    """Whether the viewer may read the decision: it is theirs to carry out, they made it, or they may make such ones."""
    if decision.understood and may_decide(viewer, settings, decision.place, colleagues):
        return True
    if viewer.roles & ADMINISTRATION:
        return True
    own = viewer.person.teacher_id if viewer.person else ""
    return viewer.is_staff and bool(own) and own in (decision.responsible, decision.decided_by)

"""Who may remind whom: the administration everybody, the head of an association its teachers, nobody else anybody."""

from __future__ import annotations

from lib.access.roles import Role, Viewer
from lib.office.people import Colleague

ADMINISTRATION = frozenset({Role.DIRECTOR, Role.DEPUTY})


def may_send(viewer: Viewer) -> bool:
    """Whether the viewer may remind anybody at all."""
    return bool(viewer.roles & (ADMINISTRATION | {Role.MO_HEAD}))


def may_remind(viewer: Viewer, person: Colleague) -> bool:
    """Whether the viewer may remind this person."""
    if viewer.roles & ADMINISTRATION:
        return True
    own = viewer.person.association if viewer.person is not None else ""
    return Role.MO_HEAD in viewer.roles and bool(own) and person.association == own

"""What one viewer sees on one page: judged row by row, after the caches and before a block sees the row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lib.access.rights import Rights
from lib.access.roles import Grain, Person, Place, Reach, Role, Scope, Tab, Viewer
from lib.access.staff import NOBODY, Staff
from lib.model.form import ColumnType, Form
from lib.model.indicator import Indicator
from lib.settings import Settings
from lib.snapshot import Snapshot

ADMINISTRATION = "ADM"  # an indicator's visibility
REGISTRY = "registry"  # its forms give every denominator, and so make no figure restricted

Classes = Mapping[str, tuple[tuple[str, str, str], ...]]  # school year → (class, grade, stage)
Taught = Mapping[tuple[str, str], frozenset[str]]  # (school year, class) → subjects


@dataclass(frozen=True, eq=False)
class Sight:
    """Answers for one viewer and page what may be seen. `all_seen`: everything, and nothing need be asked."""

    grants: Mapping[Grain, Mapping[Role, Scope]] = field(default_factory=dict)
    person: Person | None = None
    roles: frozenset[Role] = frozenset()
    reach: Mapping[Role, Reach] = field(default_factory=dict)
    fills: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    colleagues: frozenset[str] = frozenset()
    settings: Settings | None = None
    classes: Classes = field(default_factory=dict)
    taught: Taught = field(default_factory=dict)
    all_seen: bool = False
    _judged: dict[tuple[str, Place], bool] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, rights: Rights, viewer: Viewer, page: str, settings: Settings, staff: Staff = NOBODY, classes: Classes | None = None,
        taught: Taught | None = None,
    ) -> Sight:  # fmt: skip
        """The sight of a viewer on a page. `classes` and `taught` are the school's, so that a group of one foreign class is known."""
        grants = rights.grants(viewer, page)
        if all(Scope.SCHOOL in grants.get(grain, {}).values() for grain in Grain):
            return EVERYTHING
        return cls(
            grants, viewer.person, viewer.roles,
            {role: about.own for role, about in rights.roles.items()}, {role: about.staff for role, about in rights.roles.items()},
            staff.colleagues(viewer.person.association) if viewer.person else frozenset(), settings, classes or {}, taught or {},
        )  # fmt: skip

    @cached_property
    def key(self) -> str:
        """What tells this sight from another in a cache; no name can be read from it. "" when everything is seen."""
        if self.all_seen:
            return ""
        said = [*self.roles, *(f"{grain} {role} {scope}" for grain, given in self.grants.items() for role, scope in given.items())]
        person = self.person
        if person is not None:
            said += [person.teacher_id, person.association, person.school_year, *person.classes, *map(str, person.taught)]
        return hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:16]

    # --- figures ---------------------------------------------------------------------------------------------------------

    def sees(self, indicator: Indicator, place: Place) -> bool:
        """Whether the indicator's figure of that place may be shown."""
        if self.all_seen:
            return True
        asked = (indicator.code, place)
        if asked not in self._judged:
            self._judged[asked] = self._sees(indicator, place)
        return self._judged[asked]

    def knows(self, indicator: Indicator) -> bool:
        """Whether there is any place at all where the indicator is shown."""
        if self.all_seen or indicator.visibility != ADMINISTRATION:
            return True
        return any(scope is Scope.SCHOOL or self._owns_figure(role, indicator) for role, scope in self._given(Grain.RESTRICTED))

    def _sees(self, indicator: Indicator, place: Place) -> bool:
        if indicator.visibility == ADMINISTRATION or (place.school_class and self._restricted(indicator)):
            return any(
                scope is Scope.SCHOOL or (self._owns_figure(role, indicator) and self._within(role, place))
                for role, scope in self._given(Grain.RESTRICTED)
            )
        if place.teacher:
            return any(scope is Scope.SCHOOL or self._own_teacher(role, place.teacher) for role, scope in self._given(Grain.TEACHER))
        if place.school_class:
            return self.sees_class(place, indicator)
        return any(scope is Scope.SCHOOL for _role, scope in self._given(Grain.AGGREGATE)) and not self._tells_of_one(place, indicator)

    def sees_class(self, place: Place, indicator: Indicator | None = None) -> bool:
        """Whether figures of that class (and subject or association, when one is named) may be shown."""
        if self.all_seen:
            return True
        return any(scope is Scope.SCHOOL or self._own_class(role, place, indicator) for role, scope in self._given(Grain.CLASS))

    def sees_pupils(self, place: Place) -> bool:
        """Whether the pupils of that class may be shown one by one, all their subjects together: to those who see the pupils of the whole
        school, and to who leads the class. A subject teacher sees the cells of their own subject, and no pupil as a whole."""
        return self.all_seen or any(
            scope is Scope.SCHOOL or (self.reach[role] is Reach.CLASSES and self._own_class(role, place))
            for role, scope in self._given(Grain.PUPIL)
        )

    def tells_of_one(self, place: Place) -> bool:
        """Whether a stage or grade may not be chosen, because all figures of it tell of one single foreign class."""
        return not self.all_seen and self._tells_of_one(place)

    def _tells_of_one(self, place: Place, indicator: Indicator | None = None) -> bool:
        """Whether a stage, grade or subject tells of one single foreign class: its only one, or what is left beside the viewer's own (their
        own on any page: what one page shows may be taken from what another one does)."""
        if not (place.stage or place.grade or place.subject):
            return False
        foreign = 0
        for name, grade, stage in self.classes.get(place.school_year, ()):
            if (place.grade and grade != place.grade) or (place.stage and stage != place.stage):
                continue
            if place.subject and place.subject not in self.taught.get((place.school_year, name), ()):
                continue
            here = Place(place.school_year, school_class=name, subject=place.subject, method_association=place.method_association)
            foreign += not (self.sees_class(here, indicator) or any(self._own_class(role, here, indicator) for role in self.roles))
        return foreign == 1

    def _restricted(self, indicator: Indicator) -> bool:
        assert self.settings is not None
        forms = (self.settings.forms[source.form] for source in indicator.sources)
        return any(form.restricted and form.placement != REGISTRY for form in forms)

    def _owns_figure(self, role: Role, indicator: Indicator) -> bool:
        """Whether the role fills the indicator, or a restricted form that it is read from."""
        assert self.settings is not None
        forms = (self.settings.forms[source.form] for source in indicator.sources)
        owners = {*indicator.filled_by.split("+"), *(form.filled_by for form in forms if form.restricted and form.placement != REGISTRY)}
        return bool(owners & self.fills[role])

    def _within(self, role: Role, place: Place) -> bool:
        """Whether a place lies within what is the role's own: all of the school for those who fill forms of the whole school."""
        match self.reach[role]:
            case Reach.FORMS:
                return True
            case Reach.CLASSES | Reach.LESSONS:
                return bool(place.school_class) and self._own_class(role, place)
            case Reach.ASSOCIATION:
                return self._own_teacher(role, place.teacher) if place.teacher else self._own_association(place)
            case _:
                return False

    def _own_class(self, role: Role, place: Place, indicator: Indicator | None = None) -> bool:
        person = self.person
        if self.reach[role] is Reach.FORMS:
            return indicator is not None and self._owns_figure(role, indicator)
        if person is None:
            return False
        match self.reach[role]:
            case Reach.CLASSES:
                return place.school_class in self._led(place.school_year)
            case Reach.LESSONS:
                if place.method_association and not place.subject:
                    return False  # several subjects at once, and so other teachers'
                return any(
                    year == place.school_year and name == place.school_class and place.subject in ("", subject)
                    for year, name, subject in person.taught
                )
            case Reach.ASSOCIATION:
                return self._own_association(place)
            case _:
                return False

    def _own_association(self, place: Place) -> bool:
        own = self.person.association if self.person else ""
        if not own or self.settings is None:
            return False
        if place.subject in self.settings.subjects:
            return self.settings.subjects[place.subject].association == own
        return place.method_association == own

    def _own_teacher(self, role: Role, teacher: str) -> bool:
        if self.person is None:
            return False
        return teacher in self.colleagues if self.reach[role] is Reach.ASSOCIATION else teacher == self.person.teacher_id

    def _led(self, school_year: str) -> set[str]:
        """What the classes that the person leads are, were or will be called in that school year."""
        if self.person is None or not self.person.school_year or not school_year:
            return set()
        years = int(school_year[:4]) - int(self.person.school_year[:4])
        return {_moved(name, years) for name in self.person.classes} - {""}

    # --- tabs: cells, issues, completeness -------------------------------------------------------------------------------

    def opens(self, tab: Tab) -> bool:
        """Whether rows about cells of that tab may be shown: to the administration, and to those whose tab it is."""
        if self.all_seen or self._administers():
            return True
        form = self.settings.forms.get(tab.form) if self.settings else None
        if form is None or self.person is None:
            return False
        return any(scope is not Scope.NONE and self._owns_tab(role, tab, form) for role, scope in self._given(grain_of(form)))

    def answers_for(self, tab: Tab) -> bool:
        """Whether it may be told how full a tab is and where it is to be mended (not what stands in it): to those who may open it, and to
        the head of an association about its teachers."""
        if self.opens(tab):
            return True
        form = self.settings.forms.get(tab.form) if self.settings else None
        if form is None or form.restricted or not tab.responsible:
            return False
        return any(
            scope is not Scope.NONE and self.reach[role] is Reach.ASSOCIATION and tab.responsible in self.colleagues
            for role, scope in self._given(Grain.TEACHER)
        )

    def fills_form(self, form_id: str) -> bool:
        """Whether the form is one that the viewer's roles fill."""
        form = self.settings.forms.get(form_id) if self.settings else None
        roles = {role for given in self.grants.values() for role in given}
        return self.all_seen or self._administers() or (form is not None and any(form.filled_by in self.fills[role] for role in roles))

    def _owns_tab(self, role: Role, tab: Tab, form: Form) -> bool:
        assert self.person is not None
        fills = form.filled_by in self.fills[role]
        if fills and tab.responsible and tab.responsible == self.person.teacher_id:
            return True
        here = Place(tab.school_year, school_class=tab.school_class, subject=tab.subject, method_association=tab.method_association)
        match self.reach[role]:
            case Reach.FORMS:
                return fills
            case Reach.CLASSES:
                return bool(tab.school_class) and (fills or not form.restricted) and self._own_class(role, here)
            case Reach.LESSONS:
                return bool(tab.school_class and tab.subject) and not form.restricted and self._own_class(role, here)
            case Reach.ASSOCIATION:
                shared = fills and not form.restricted and not (tab.school_class or tab.subject or tab.method_association)
                return shared or ((fills or not form.restricted) and not tab.school_class and self._own_association(here))
            case _:
                return False

    def _administers(self) -> bool:
        return any(scope is Scope.SCHOOL for _role, scope in self._given(Grain.RESTRICTED))

    def _given(self, grain: Grain) -> list[tuple[Role, Scope]]:
        return list(self.grants.get(grain, {}).items())


EVERYTHING = Sight(all_seen=True)
NOTHING = Sight()


@dataclass(frozen=True)
class SeenSnapshot(Snapshot):
    """A snapshot as one viewer sees it. Its tables are asked through lib.ui.data, which drops what may not be seen."""

    sight: Sight = NOTHING

    @classmethod
    def through(cls, snapshot: Snapshot, sight: Sight) -> SeenSnapshot:
        """`snapshot` as `sight` lets it be seen."""
        return cls(snapshot.path, snapshot.meta, snapshot._tables, sight)

    @property
    def whole(self) -> Snapshot:
        """The snapshot itself; for lib.ui.data alone."""
        return Snapshot(self.path, self.meta, self._tables)

    def table(self, name: str) -> object:
        """Refused: a table as it is knows no viewer."""
        raise PermissionError(f"{name}: ask lib.ui.data, which knows what this viewer may see")


def grain_of(form: Form) -> Grain:
    """What the cells of a form are about."""
    if form.restricted:
        return Grain.RESTRICTED
    about_pupils = any(column.refers_to == "pupil" or column.type is ColumnType.NAME for column in form.columns)
    return Grain.PUPIL if about_pupils or form.rows.startswith("pupil") else Grain.CLASS


def _moved(school_class: str, years: int) -> str:
    """ "7-А" two years later is "9-А", one year before it was "6-А"; "" where there is no such class."""
    grade, dash, letter = school_class.partition("-")
    if not grade.isdecimal():
        return school_class if years == 0 else ""
    return f"{int(grade) + years}{dash}{letter}" if int(grade) + years >= 1 else ""

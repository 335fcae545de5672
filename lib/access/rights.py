"""The table of rights: role × page × grain → scope. Read from config/access.yaml, closed keys, deny by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lib.access.roles import Grain, Place, Reach, Role, Scope, Viewer
from lib.model.words import Words
from lib.settings import ROOT, UserError
from lib.settings.document import Entry, read

FILE = ROOT / "config" / "access.yaml"
DIRECTIONS = (
    "learning_outcomes", "mandatory_results", "teaching_quality", "gifted_pupils", "innovation", "resources", "upbringing",
    "pupil_support", "health_safety",
)  # fmt: skip
PAGES = (
    "overview", *DIRECTIONS, "cyclogram", "collection", "board", "decisions", "documents", "journal", "help", "publication", "year_turn",
    "class_summary", "my_child", "open_report", "methodology",
)  # fmt: skip
SIGN_IN, THIS_COMPUTER_ONLY = "sign-in", "this-computer-only"


@dataclass(frozen=True)
class RoleOf:
    """What a role is in the staff sheet, what is its own, and its name where the sheet's words have none."""

    staff: frozenset[str]
    own: Reach
    name: Words | None


@dataclass(frozen=True)
class Rights:
    """All of config/access.yaml. `table`: (role, page) → grain → scope; a page that is not in it is refused."""

    mode: str
    sign_in_days: float
    trusted_issuers: frozenset[str]
    roles: Mapping[Role, RoleOf]
    table: Mapping[tuple[Role, str], Mapping[Grain, Scope]]

    def opens(self, role: Role, page: str) -> bool:
        """Whether the page opens for the role, whatever it then shows."""
        return (role, page) in self.table

    def scope(self, role: Role, page: str, grain: Grain) -> Scope:
        """How much of a grain the role sees on the page."""
        return self.table.get((role, page), {}).get(grain, Scope.NONE)

    def grants(self, viewer: Viewer, page: str) -> dict[Grain, dict[Role, Scope]]:
        """What each of the viewer's roles gives on the page, nothing left out and nothing added."""
        found: dict[Grain, dict[Role, Scope]] = {}
        for role in sorted(viewer.roles):
            for grain, scope in self.table.get((role, page), {}).items():
                found.setdefault(grain, {})[role] = scope
        return found

    def allowed(self, viewer: Viewer, page: str, grain: Grain | None = None, place: Place | None = None) -> bool:
        """Whether the viewer may open the page; with a grain, whether they may see it there, of `place` (default: of the whole school)."""
        if not any(self.opens(role, page) for role in viewer.roles):
            return False
        if grain is None:
            return True
        return any(
            scope is Scope.SCHOOL or (scope is Scope.OWN and place is not None and self._is_own(viewer, role, place))
            for role, scope in self.grants(viewer, page).get(grain, {}).items()
        )

    def _is_own(self, viewer: Viewer, role: Role, place: Place) -> bool:
        person = viewer.person
        if person is None:
            return False
        match self.roles[role].own:
            case Reach.CLASSES:
                return place.school_class in person.classes
            case Reach.LESSONS:
                pair = (place.school_class, place.subject)
                return place.teacher == person.teacher_id if place.teacher else pair in person.subjects_taught
            case Reach.ASSOCIATION:
                return bool(person.association) and place.method_association == person.association
            case _:
                return False

    def rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Every role × page × grain as the command `rights` writes it: role, page, scope, grain, allowed."""
        for role in Role:
            for page in PAGES:
                for grain in Grain:
                    scope = self.scope(role, page, grain)
                    yield role.value, page, scope.value, grain.value, "no" if scope is Scope.NONE else "yes"


def allowed(viewer: Viewer, page: str, grain: Grain | None = None, place: Place | None = None) -> bool:
    """`Rights.allowed` by the configuration as it is on disk now."""
    return load().allowed(viewer, page, grain, place)


def load(file: Path = FILE) -> Rights:
    """The rights as they are on disk now. UserError names the line that is wrong; nothing is shown then."""
    try:
        return _load(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        raise UserError(f"{file.parent.name}/{file.name}: the file is missing; without it nobody may see anything") from None


@lru_cache(maxsize=4)
def _load(file: Path, _stamp: int) -> Rights:
    entry = read(file)
    roles = entry.entry("roles")
    known = {Role(name): _role(roles.entry(name)) for name in _closed(roles, [role.value for role in Role])}
    found = Rights(
        mode=entry.one_of("access", (SIGN_IN, THIS_COMPUTER_ONLY), SIGN_IN),
        sign_in_days=entry.take("sign_in_days", float, 7.0),
        trusted_issuers=frozenset(entry.texts("trusted_issuer_without_claim", ())),
        roles=known,
        table=_table(entry.entries("rights")),
    )
    entry.done()
    return found


def _closed(entry: Entry, wanted: list[str]) -> list[str]:
    names = list(entry.names())
    for name in names:
        if name not in wanted:
            entry.fail(name, f"no such role; there are {', '.join(wanted)}")
    for name in wanted:
        entry.entry(name)
    return names


def _role(entry: Entry) -> RoleOf:
    role = RoleOf(
        frozenset(entry.texts("staff")), Reach(entry.one_of("own", tuple(Reach))), entry.words("name") if "name" in entry else None
    )  # fmt: skip
    entry.done()
    return role


def _table(rows: list[Entry]) -> dict[tuple[Role, str], dict[Grain, Scope]]:
    table: dict[tuple[Role, str], dict[Grain, Scope]] = {}
    for row in rows:
        named = row.texts("pages")
        pages = [page for name in named for page in (DIRECTIONS if name == "directions" else (name,))]
        grains = {grain: Scope(row.one_of(grain, (Scope.OWN, Scope.SCHOOL))) for grain in Grain if grain in row}
        for name in row.texts("roles"):
            if name not in tuple(Role):
                row.fail("roles", f"{name!r} was seen; expected some of {', '.join(Role)}")
            for page in pages:
                if page not in PAGES:
                    row.fail("pages", f"{page!r} was seen; expected some of directions, {', '.join(PAGES)}")
                if (Role(name), page) in table:
                    row.fail("pages", f"{name} and {page} stand together in an earlier row")
                table[Role(name), page] = grains
        row.done()
    return table

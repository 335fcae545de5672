"""Bring a school's spreadsheets in Google Drive up to what is planned: make what is missing, leave what is there.

Every step looks first and is atomic on its own, so that a run that was killed, or an answer that was lost, is simply gone on with:
a new spreadsheet is only one that lacks everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from threading import Lock
from typing import Any

from lib.intake.vocabulary import Vocabulary
from lib.provisioning.additions import Additions, additions
from lib.provisioning.drawing import SheetsDrawing, batches, encoded
from lib.provisioning.drive import FOLDER, NAME, SHEET, SHEETS, WHOLE, Drive, Json, Way, is_spreadsheet
from lib.provisioning.found import FIELDS, Found, read_found
from lib.settings import GoogleFolder, Settings
from lib.store.base import StoreProblem
from lib.store.grid import parsed
from lib.templates.plan import WorkbookPlan
from lib.templates.words import read_words

TRIES = 6  # looks at a workbook whose last answer was lost
# The answer was lost on its way: what was asked for may have happened.
_LOST = ("google_network", "google_server")
# The next workbook would fail in the same way.
_HOPELESS = ("google_storage", "google_sign_in", "google_no_key", "google_key_bad")

CREATED, FINISHED, EXTENDED, THERE, FAILED = "created", "finished", "extended", "there", "failed"


@dataclass(frozen=True)
class Sharing:
    """E-mails of people or groups ("group:…") who may edit the year's workbooks, its restricted ones, and who reads everything."""

    editors: Sequence[str] = ()
    restricted_editors: Sequence[str] = ()
    readers: Sequence[str] = ()


@dataclass
class Outcome:
    """What was done to one workbook (see Additions for the fields), or why nothing could be; `twice`: it stands in Drive so often."""

    name: str
    state: str = THERE
    tabs: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    problem: StoreProblem | None = None
    twice: int = 1


@dataclass
class Report:
    """What a run did. `shared`: (e-mail, folder) that are new; `unshared`: those that Google refused, and why."""

    folder: str
    outcomes: list[Outcome] = field(default_factory=list)
    shared: list[tuple[str, str]] = field(default_factory=list)
    unshared: list[tuple[str, str, StoreProblem]] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        """The workbooks that could not be brought up to the plan."""
        return [outcome for outcome in self.outcomes if outcome.state == FAILED]


def provision(
    place: GoogleFolder,
    plans: Sequence[WorkbookPlan],
    settings: Settings,
    way: Way | None = None,
    *,
    sharing: Sharing = Sharing(),
    locale: str = "ru_RU",
    time_zone: str = "Asia/Bishkek",
    dry_run: bool = False,
    told: Callable[[int, int, Outcome], None] | None = None,
) -> Report:
    """Bring the folder `place` up to the plans and share it; `told` hears of each workbook as soon as it is done.

    `way`: how to reach Google (default: signed in with the write key of the configuration). `dry_run`: look, and say what would be done.
    Workbooks go into the folder of their school year, restricted ones into one beside it. Raises StoreProblem when the folder cannot be
    used at all; a single workbook's problem is in the report.
    """
    if way is None:
        from lib.store.google import transport_of

        way = transport_of(place, writing=True)
    return _Run(Drive(way), place, settings, locale, time_zone, dry_run).all(plans, sharing, told)


def own_folder(place: GoogleFolder, title: str, way: Way, dry_run: bool = False) -> GoogleFolder:
    """The program's own folder in the Drive of whoever is signed in, made when there is none yet (its id is "" where it would be made)."""
    drive = Drive(way)
    if found := drive.named("store", FOLDER):
        return replace(place, id=str(found[0]["id"]))
    if dry_run:
        return replace(place, id="")
    return replace(place, id=str(_make(drive, FOLDER, title, "", "store", lambda: drive.named("store", FOLDER))["id"]))


def folder_of(plan: WorkbookPlan) -> str:
    """The name of the sub-folder that a workbook belongs into."""
    year = PurePosixPath(plan.name).parts[0]
    return f"{year}-restricted" if plan.restricted else year


def named_in(files: Sequence[Json], name: str, title: str, kind: str) -> list[Json]:
    """The files of that name: by the property that the program gave them, else by title alone (people may have put them there)."""
    of_kind = [file for file in files if file.get("mimeType") == kind]
    ours = [file for file in of_kind if (file.get("properties") or {}).get(NAME) == name]
    return ours or [file for file in of_kind if not (file.get("properties") or {}).get(NAME) and file["name"] == title]


class _Run:
    def __init__(self, drive: Drive, place: GoogleFolder, settings: Settings, locale: str, time_zone: str, dry_run: bool) -> None:
        self.drive, self.place, self.settings, self.dry_run = drive, place, settings, dry_run
        self.locale, self.time_zone = locale, time_zone
        self.sheet_words, self.vocabulary = read_words(), Vocabulary.of(settings)
        self.editor = ""

    def all(self, plans: Sequence[WorkbookPlan], sharing: Sharing, told: Callable[[int, int, Outcome], None] | None) -> Report:
        report = Report(self.place.id)
        self.editor = self.drive.account()
        top: list[Json] = []
        if self.place.id:
            about = self.drive.folder(self.place.id)
            if about.get("mimeType") != FOLDER or about.get("trashed"):
                raise StoreProblem("google_not_found", {"reason": self.place.id}, passing=True)
            top = self.drive.children(self.place.id)
        folders = {name: self._folder(name, top) for name in dict.fromkeys(folder_of(plan) for plan in plans)}
        files = {name: self.drive.children(identity) if identity else [] for name, identity in folders.items()}
        done, lock = 0, Lock()
        with ThreadPoolExecutor(max(1, self.place.side_by_side)) as pool:
            waiting = [pool.submit(self._bring_up, plan, folders[folder_of(plan)], files[folder_of(plan)]) for plan in plans]
            try:
                for one in as_completed(waiting):
                    outcome = one.result()
                    with lock:
                        done += 1
                        report.outcomes.append(outcome)
                        if told:
                            told(done, len(plans), outcome)
                    if outcome.problem is not None and outcome.problem.code in _HOPELESS:
                        raise outcome.problem
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        order = {_title(plan): number for number, plan in enumerate(plans)}
        report.outcomes.sort(key=lambda outcome: order[outcome.name])
        if not report.failed:  # nobody is let in before everything is whole
            self._share(folders, sharing, report)
        return report

    def _folder(self, name: str, top: Sequence[Json]) -> str:
        property_of = f"folder:{name}"
        if found := named_in(top, property_of, name, FOLDER):
            return str(found[0]["id"])
        if self.dry_run:
            return ""
        parent = self.place.id
        made = _make(
            self.drive, FOLDER, name, parent, property_of, lambda: named_in(self.drive.children(parent), property_of, name, FOLDER)
        )
        return str(made["id"])

    # --- one workbook ----------------------------------------------------------------------------------------------------

    def _bring_up(self, plan: WorkbookPlan, folder: str, files: Sequence[Json]) -> Outcome:
        outcome, stem = Outcome(_title(plan)), PurePosixPath(plan.name).stem
        there = named_in(files, plan.name, stem, SHEET)
        outcome.twice = max(1, len(there))
        if not there and self.dry_run:
            outcome.state, outcome.tabs = CREATED, [tab.title for tab in plan.tabs]
            return outcome
        try:
            file = there[0] if there else self._create(plan, stem, folder)
            done = self._complete(plan, str(file["id"]))
            properties = file.get("properties") or {}
            if WHOLE not in properties and not self.dry_run:
                self.drive.describe(str(file["id"]), {NAME: plan.name, WHOLE: "yes"})
        except StoreProblem as problem:
            outcome.state, outcome.problem = FAILED, problem
            return outcome
        outcome.tabs, outcome.rows, outcome.lists, outcome.gone, outcome.unknown = done.tabs, done.rows, done.lists, done.gone, done.unknown
        if not there:
            outcome.state = CREATED
        elif done.tabs or done.rows or done.lists:
            outcome.state = FINISHED if NAME in properties and WHOLE not in properties else EXTENDED
        return outcome

    def _create(self, plan: WorkbookPlan, title: str, folder: str) -> Json:
        return _make(self.drive, SHEET, title, folder, plan.name, lambda: named_in(self.drive.children(folder), plan.name, title, SHEET))

    def _complete(self, plan: WorkbookPlan, identity: str) -> Additions:
        """Add to a spreadsheet what it lacks; what that was. Looks again where an answer was lost, and goes on from what is there."""
        drawing = SheetsDrawing(plan, self.settings, self.sheet_words, self.editor)
        first: Additions | None = None
        for number in range(1, TRIES + 1):
            todo = additions(drawing, self._found(plan, identity), self.vocabulary, self.locale, self.time_zone)
            first = first or todo
            try:
                for requests in batches(todo.steps) if not self.dry_run else ():
                    self._write(identity, requests)
                break
            except StoreProblem as problem:
                # a batch that was thought lost may arrive late: then the same one is refused the second time
                lost = problem.code in _LOST or (number > 1 and problem.code == "google_request")
                if not lost or number == TRIES:
                    raise
        assert first is not None
        return first

    def _found(self, plan: WorkbookPlan, identity: str) -> Found:
        answer = self.drive.way.request(
            "get", f"{SHEETS}/{identity}", params={"fields": FIELDS}, check=lambda body: parsed(body, identity) is not None
        )
        return read_found(answer.content, identity, plan.school_year.id, self.vocabulary)

    def _write(self, identity: str, requests: Sequence[Mapping[str, Any]]) -> None:
        # as bytes: the client's own JSON would write six bytes for each Cyrillic letter
        headers = {"Content-Type": "application/json; charset=utf-8"}
        data = encoded({"requests": requests})
        self.drive.way.request("post", f"{SHEETS}/{identity}:batchUpdate", data=data, headers=headers, check=is_spreadsheet)

    # --- sharing ---------------------------------------------------------------------------------------------------------

    def _share(self, folders: Mapping[str, str], sharing: Sharing, report: Report) -> None:
        """Share each folder with whom it is not shared yet; a permission that is there stays as it is."""
        wanted = [(self.place.id, "", email, "reader") for email in sharing.readers]
        for name, identity in folders.items():
            emails = sharing.restricted_editors if name.endswith("-restricted") else sharing.editors
            wanted += [(identity, name, email, "writer") for email in emails]
        known: dict[str, dict[str, str]] = {"": {}}
        for identity, name, email, role in wanted:
            address = email.removeprefix("group:")
            try:
                for place in (identity, self.place.id):
                    if place not in known:
                        known[place] = self.drive.shared_with(place)
                has, above = known[identity].get(address.lower()), known[self.place.id].get(address.lower())
                inherited = bool(name) and has == above and has != role
                if address.lower() == self.editor.lower() or (has and not inherited):
                    continue
                if not self.dry_run:
                    self._share_one(identity, address, role, "group" if email.startswith("group:") else "user")
                report.shared.append((address, name))
            except StoreProblem as problem:
                report.unshared.append((address, name, problem))
                if problem.code in ("google_quota", *_LOST, *_HOPELESS):
                    return

    def _share_one(self, identity: str, email: str, role: str, kind: str) -> None:
        try:
            self.drive.share(identity, email, role, kind)
        except StoreProblem as problem:
            if problem.code in _LOST and email.lower() in self.drive.shared_with(identity):
                return
            if problem.code != "google_request" or kind == "group":
                raise
            self.drive.share(identity, email, role, "group")  # an address that is no person's may be a group's


def _make(drive: Drive, kind: str, title: str, parent: str, name: str, again: Callable[[], list[Json]]) -> Json:
    """Make a file; where the answer is lost, `again` looks whether it was made before another one is."""
    for number in range(1, TRIES + 1):
        try:
            return drive.create(kind, title, parent, name)
        except StoreProblem as problem:
            if problem.code not in _LOST or number == TRIES:
                raise
        if made := again():
            return made[0]
    raise AssertionError("the last try either makes it or raises")


def _title(plan: WorkbookPlan) -> str:
    """The workbook's name in the store: folder and title."""
    return f"{folder_of(plan)}/{PurePosixPath(plan.name).stem}"

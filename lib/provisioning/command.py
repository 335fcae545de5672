"""`python run.py sheets`: the school's workbooks for Google Drive, in three ways."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lib.i18n import gettext as _
from lib.i18n import language
from lib.provisioning import told
from lib.provisioning.drive import SHEET, Drive
from lib.provisioning.provision import Outcome, Sharing, folder_of, named_in, own_folder, provision
from lib.provisioning.registry import plans_of
from lib.settings import ROOT, GoogleFolder, Settings, UserError
from lib.settings.google import KeyProblem, google_folder, is_google, service_account
from lib.store.base import StoreProblem
from lib.templates import WorkbookPlan, write_workbooks

REMEMBERED = Path("var", "google-sign-in.json")
_NEW = "google:not-yet-made"


@dataclass(frozen=True)
class Order:
    """What the command line asks for. `out`: a folder for .xlsx files; `google`: a folder of Drive; `client_file`: sign in with it."""

    out: Path | None = None
    registry: Path | None = None
    school_year: str | None = None
    google: str | None = None
    client_file: Path | None = None
    remember: bool = False
    sharing: Sharing = Sharing()
    dry_run: bool = False
    locale: str = "ru_RU"
    time_zone: str = "Asia/Bishkek"


def carry_out(order: Order, loaded: Callable[[str | GoogleFolder | None], Settings], say: Callable[[str], None]) -> int:
    """Do it; the exit code. `loaded`: the settings for a store. Raises UserError."""
    if (order.out is None) == (order.google is None and order.client_file is None):
        raise UserError(_("Give either a folder for .xlsx files, or --google FOLDER, or --sign-in FILE."))
    if order.out is not None:
        return _files(order, order.out, loaded(None), say)
    place = google_folder(_named(order.google), ROOT / "config")
    return _drive(order, place, loaded(place), say)


def _named(text: str | None) -> str:
    if text is None:
        return _NEW
    return text if is_google(text) else f"google:{text}"


# --- .xlsx files to drag into Drive ------------------------------------------------------------------------------------------


def _files(order: Order, out: Path, loaded: Settings, say: Callable[[str], None]) -> int:
    if order.registry is None:
        raise UserError(_("--registry FILE is missing: the filled registry. A blank one: python run.py templates OUT"))
    plans = _plans(order.registry, order, loaded, say)
    placed = [replace(plan, name=f"{folder_of(plan)}/{Path(plan.name).name}") for plan in plans]
    if order.dry_run:
        for plan in placed:
            say(_("would be written: {file}", file=out / plan.name))
        return 0
    for path in write_workbooks(out, placed, loaded):
        say(str(path))
    say("")
    for step in told.steps(str(out), sorted({folder_of(plan) for plan in plans}), _reader()):
        say(step)
    return 0


def _plans(registry: Path, order: Order, loaded: Settings, say: Callable[[str], None]) -> list[WorkbookPlan]:
    plans, issues = plans_of(registry, loaded, order.school_year)
    for issue in issues:
        say(f"{issue.tab} {issue.cell}: {loaded.issue_sentence(issue.code, issue.slots, issue.form, language())}")
    return plans


def _reader() -> str:
    """The e-mail of the service account that reads, "" when no key is configured yet."""
    try:
        place = google_folder(_NEW, ROOT / "config")
        return str(service_account(place, ROOT)["client_email"])
    except (KeyProblem, UserError):
        return ""


# --- spreadsheets made in Drive ----------------------------------------------------------------------------------------------


def _drive(order: Order, place: GoogleFolder, loaded: Settings, say: Callable[[str], None]) -> int:
    from lib.store.google import credentials_of, transport_with

    account = ""
    try:
        if order.client_file is not None:
            from lib.store.sign_in import sign_in

            kept = ROOT / REMEMBERED if order.remember else None
            credentials = sign_in(order.client_file, lambda address: say(_("Sign in here:") + f"\n{address}"), kept)
        else:
            credentials, account = credentials_of(place, writing=True)
        way = transport_with(place, credentials, account or "person")
        drive = Drive(way)
        account = drive.account()
        if str(place) == _NEW:
            place = own_folder(place, f"Sapat · {loaded.school_name.ky}", way, order.dry_run)
        with _registry(order, drive, place) as registry:
            plans = _plans(registry, order, loaded, say)
        sharing = order.sharing if (reader := _reader()) == "" else replace(order.sharing, readers=(*order.sharing.readers, reader))
        report = provision(
            place, plans, loaded, way, sharing=sharing, locale=order.locale, time_zone=order.time_zone, dry_run=order.dry_run,
            told=_Progress(say, loaded),
        )  # fmt: skip
    except StoreProblem as why:
        raise UserError(told.problem(why, loaded, account, order.client_file is not None)) from None
    for text in told.summary(report, loaded, order.dry_run):
        say(text)
    print(report.folder)
    return 1 if report.failed or report.unshared else 0


class _Progress:
    """Says each workbook's line with how far the work is and how long the rest will take."""

    def __init__(self, say: Callable[[str], None], loaded: Settings) -> None:
        self.say, self.loaded, self.started = say, loaded, time.monotonic()

    def __call__(self, done: int, total: int, outcome: Outcome) -> None:
        left = (time.monotonic() - self.started) / done * (total - done)
        self.say(f"{done}/{total}  {told.line(outcome, self.loaded)}  ({_('{seconds} s left', seconds=round(left))})")


@contextmanager
def _registry(order: Order, drive: Drive, place: GoogleFolder) -> Iterator[Path]:
    """The registry to plan from: the given file, or the one that lies in the folder already, fetched as .xlsx for the moment."""
    if order.registry is not None:
        yield order.registry
        return
    found = _registry_in(drive, place.id, order.school_year)
    if found is None:
        raise UserError(_("--registry FILE is missing: the filled registry. A blank one: python run.py templates OUT"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "registry.xlsx"
        file.write_bytes(drive.export(found))
        yield file


def _registry_in(drive: Drive, top: str, school_year: str | None) -> str | None:
    """The id of the newest registry in the folder."""
    if not top:
        return None
    wanted = f"{school_year}-restricted" if school_year else ""
    folders = [file for file in drive.children(top) if file["name"].endswith("-restricted") and file["name"] in (wanted or file["name"])]
    for folder in sorted(folders, key=lambda file: str(file["name"]), reverse=True):
        year = str(folder["name"]).removesuffix("-restricted")
        if found := named_in(drive.children(folder["id"]), f"{year}/registry.xlsx", "registry", SHEET):
            return str(found[0]["id"])
    return None

"""What `python run.py sheets` says to people, in their language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lib.i18n import gettext as _
from lib.i18n import language
from lib.provisioning.provision import CREATED, EXTENDED, FAILED, FINISHED, THERE, Outcome, Report
from lib.settings import Settings
from lib.store.base import StoreProblem

LINK = "https://drive.google.com/drive/folders/"


def steps(out: str, folders: Sequence[str], reader: str) -> Iterator[str]:
    """What to do with the .xlsx files, step by step; `reader`: the service account's e-mail, "" when there is no key yet."""
    yield _("The workbooks are in {out}. Now, in the browser:", out=out)
    yield _("1. Open drive.google.com, the gear → Settings → General, and tick “Convert uploads to Google Docs editor format”.")
    yield _("2. Make a folder for the school (New → New folder) and drag these into it: {folders}.", folders=", ".join(folders))
    if reader:
        yield _("3. Share the school's folder (right click → Share) with {reader} as Viewer.", reader=reader)
    else:
        yield _("3. Share the school's folder (right click → Share) with the service account as Viewer: client_email in its key.")
    yield _("4. Share {year} with the teachers as Editor, and {year}-restricted only with those who may see it.", year=folders[0])
    yield _("5. In config/google.yaml: folder: (the end of the folder's address); in config/school.yaml: store: google.")
    yield _("Then run: python run.py doctor")


def line(outcome: Outcome, settings: Settings) -> str:
    """One workbook's line."""
    parts = []
    if outcome.state == FAILED and outcome.problem is not None:
        parts.append(problem(outcome.problem, settings))
    elif outcome.state == CREATED:
        parts.append(_("created, tabs: {n}", n=len(outcome.tabs)))
    elif outcome.state == THERE:
        parts.append(_("already there"))
    else:
        parts.append(_("finished") if outcome.state == FINISHED else _("added to"))
        if outcome.tabs:
            parts.append(_("new tabs: {tabs}", tabs=", ".join(outcome.tabs)))
        if outcome.rows:
            rows = ", ".join(f"{tab} {number}" for tab, number in outcome.rows.items())
            parts.append(_("new rows: {rows}", rows=rows))
        if outcome.lists:
            parts.append(_("lists renewed: {n}", n=len(outcome.lists)))
    if outcome.gone:
        names = ", ".join(f"{name} ({code})" if name else code for code, name in outcome.gone.items())
        parts.append(_("no longer in the register, left as they are: {names}", names=names))
    if outcome.unknown:
        parts.append(_("not recognised, left as they are: {tabs}", tabs=", ".join(outcome.unknown)))
    if outcome.twice > 1:
        parts.append(_("stands in Drive {n} times; the oldest is used", n=outcome.twice))
    return f"{outcome.name}: {'; '.join(parts)}"


def summary(report: Report, settings: Settings, dry_run: bool) -> Iterator[str]:
    """What the whole run did, and what comes next."""
    count = {state: sum(outcome.state == state for outcome in report.outcomes) for state in (CREATED, FINISHED, EXTENDED, THERE, FAILED)}
    yield _(
        "Workbooks: created {created}, finished {finished}, added to {extended}, already there {there}, failed {failed}.", **count
    )  # fmt: skip
    for email, folder in report.shared:
        yield _("Shared with {email}: {folder}", email=email, folder=folder or _("the whole folder"))
    for email, folder, why in report.unshared:
        told = problem(why, settings)
        if why.code == "google_quota":
            told = _("Google limits how much may be shared in a day. Run the same command again tomorrow, or share the folder by hand.")
        elif why.code == "google_request":
            told = _("Google does not know this address. Check it; an address without a Google account cannot be shared with.")
        yield _("Not shared with {email} ({folder}): {why}", email=email, folder=folder or _("the whole folder"), why=told)
    if report.failed:
        yield _("Run the same command again: it goes on where it stopped.")
    if dry_run:
        yield _("That was a dry run: nothing was changed.")
    elif report.folder and not report.failed:
        yield _("The folder: {link}", link=LINK + report.folder)
        yield _("In config/google.yaml: folder: {id}; in config/school.yaml: store: google.", id=report.folder)
        yield _("Then run: python run.py doctor")


def problem(why: StoreProblem, settings: Settings, account: str = "", signed_in: bool = False) -> str:
    """Why Google could not be used, and the one next step. `account` writes; `signed_in`: a person's own sign-in."""
    match why.code:
        case "google_no_key":
            return _("There is no key that may write. Name it in config/google.yaml (write_key_file), or sign in yourself: --sign-in FILE.")
        case "google_not_found" if signed_in:
            return _("The folder was not found: with --sign-in the program sees only what it made itself. Leave --google out.")
        case "google_not_found":
            return _("The folder was not found. Share it with {account} as Editor (on a shared drive: Content manager), or check its id.",
                     account=account or _("the account that writes"))  # fmt: skip
        case "google_permission":
            return _("Google did not permit it ({reason}). Make {account} an Editor of the folder (on a shared drive: Content manager).",
                     reason=why.slots.get("reason", ""), account=account or _("the account that writes"))  # fmt: skip
    return settings.issue_sentence(why.code, why.slots, "", language())

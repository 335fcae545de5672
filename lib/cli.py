"""The commands that run.py hands over to. Data goes to standard output, everything said to people to standard error.

python -m lib.cli demo OUT [--pupils N] [--years K] [--seed S]
python -m lib.cli templates OUT [--registry FILE] [--school-year 2026-2027]
python -m lib.cli sheets OUT | --google [FOLDER] | --sign-in FILE  [--registry FILE] …
python -m lib.cli collect | values | issues | cells | doctor  [--store DIR] …
python -m lib.cli publish --school-year 2025-2026 --period Q3 [--out DIR] [--yes]  [--store DIR]
python -m lib.cli turn --to 2026-2027 [--out FILE.xlsx] [--yes]  [--store DIR]
python -m lib.cli document NAME [--direction D1] [--school-class 7-А] [--period Q1] [--out FILE.docx|FILE.pdf]  [--store DIR]
python -m lib.cli document --list
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from lib import i18n, settings
from lib.settings import ROOT, Place, Settings, UserError

if TYPE_CHECKING:
    from lib.snapshot import Snapshot

VALUE_COLUMNS = (
    "indicator", "school_year", "period", "level", "school", "stage", "grade", "school_class", "subject", "method_association",
    "teacher", "numerator", "denominator", "value", "status",
)  # fmt: skip
ISSUE_COLUMNS = ("workbook", "tab", "cell", "code", "severity", "form", "message")
CELL_COLUMNS = ("workbook", "tab", "cell", "form", "column", "value")
PLAN_COLUMNS = (
    "id", "object", "directions", "form", "method", "responsible", "document", "indicators", "due", "state", "done_on",
)  # fmt: skip
BOARD_COLUMNS = ("responsible", "form", "school_class", "subject", "period", "state", "filled", "required", "issues", "due")
RIGHT_COLUMNS = ("role", "page", "scope", "grain", "allowed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did its work, 1 for something that a person must put right, 2 for a wrong call."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    call = _parser().parse_args(arguments)
    i18n.use(call.lang)
    if call.run is not _demo:  # which writes workbooks and asks for no table
        _leave_pandas_out()
    try:
        return call.run(call)
    except UserError as error:
        _say(str(error))
        return 1
    except BrokenPipeError:
        return 0


def _leave_pandas_out() -> None:
    """Keep pyarrow from importing pandas, which no command needs and which takes half a second.

    The first pyarrow.array() imports pandas to know its series when it meets one; what it does not find then, it does not look for again
    until it is asked for a frame.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        import pyarrow

        pyarrow.array([0])
    finally:
        sys.meta_path.remove(_NoPandas)


class _NoPandas(MetaPathFinder):
    @staticmethod
    def find_spec(fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py", description="Sapat: the monitoring desk of a school")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, run: object, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.add_argument("--lang", choices=i18n.LANGUAGES, default="ky", help="language of messages (default: ky)")
        sub.set_defaults(run=run)
        return sub

    def of_store(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument(
            "--store", help="folder of workbooks, or google:FOLDER (default: SAPAT_STORE, config/school.yaml, or the demo school)"
        )
        sub.add_argument("--as-of", type=dt.date.fromisoformat, help="the day that figures speak of, such as 2026-04-15")
        return sub

    demo = command("demo", _demo, "write an invented school: workbooks of several school years")
    demo.add_argument("out", type=Path)
    demo.add_argument("--pupils", type=int, default=330)
    demo.add_argument("--years", type=int, default=3)
    demo.add_argument("--seed", type=int, default=1)

    templates = command("templates", _templates, "write the blank registry, or, with --registry, the whole set of workbooks")
    templates.add_argument("out", type=Path)
    templates.add_argument("--registry", type=Path, help="the filled registry workbook")
    templates.add_argument("--school-year", help="such as 2026-2027 (default: that of the registry, or the current one)")

    sheets = command("sheets", _sheets, "make the workbooks for Google Drive, or add what is new to those that are there")
    sheets.add_argument("out", type=Path, nargs="?", help="a folder for .xlsx files to drag into Drive")
    sheets.add_argument("--registry", type=Path, help="the filled registry workbook (default: the one in the Drive folder)")
    sheets.add_argument("--school-year", help="such as 2026-2027 (default: that of the registry)")
    sheets.add_argument(
        "--google", nargs="?", const="google", metavar="FOLDER", help="a folder of Drive, id or link (default: that of config/google.yaml)"
    )
    sheets.add_argument("--sign-in", type=Path, metavar="FILE", help="with your own account: the OAuth client (JSON) of Google Cloud")
    sheets.add_argument("--remember", action="store_true", help="keep the sign-in for the next time, in var/, readable by you alone")
    sheets.add_argument("--share-with", nargs="+", default=[], metavar="E-MAIL", help="who may edit the year's workbooks, or group:E-MAIL")
    sheets.add_argument("--share-restricted-with", nargs="+", default=[], metavar="E-MAIL", help="who may edit the restricted ones")
    sheets.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    sheets.add_argument("--locale", default="ru_RU", help="of new spreadsheets (default: ru_RU)")
    sheets.add_argument("--time-zone", default="Asia/Bishkek", help="of new spreadsheets (default: Asia/Bishkek)")

    collect = of_store(command("collect", _collect, "read the workbooks that changed, check, compute, and write a snapshot"))
    collect.add_argument("--forget", nargs="+", default=[], metavar="NAME", help="let go of workbooks that are gone for good")
    collect.add_argument("--again", nargs="+", default=[], metavar="NAME", help="read these workbooks whether or not they seem changed")

    values = of_store(command("values", _values, "indicator values of the current snapshot, in full precision"))
    values.add_argument("--format", choices=("csv", "json", "parquet"), default="csv")
    values.add_argument("--out", type=Path, help="file to write (default: standard output)")
    values.add_argument("--companions", action="store_true", help="the also-figures (D1.06.up …) instead of the catalogue")

    issues = of_store(command("issues", _issues, "what is wrong in which cell, and how to mend it"))
    issues.add_argument("--format", choices=("csv", "json"), default="csv")

    cells = of_store(command("cells", _cells, "the cells behind a value"))
    cells.add_argument("--indicator", required=True)
    cells.add_argument("--school-year", help="default: the newest one")
    for name in ("period", "stage", "grade", "school-class", "subject", "method-association", "teacher"):
        cells.add_argument(f"--{name}", default="")
    cells.add_argument("--format", choices=("csv", "json"), default="csv")

    plan = of_store(command("plan", _plan, "the cyclogram of a school year: each row's days and how they stand, or a calendar file"))
    plan.add_argument("--format", choices=("csv", "json", "ics"), default="csv")
    plan.add_argument("--school-year", help="default: the newest one that has begun")
    plan.add_argument("--part", choices=("Y", "H1", "H2"), default="Y", help="the year, or a half-year (default: Y)")
    plan.add_argument("--person", default="", help="code of a colleague in the registry: only what they answer for")

    board = of_store(command("board", _board, "who has filled what of which class and subject, what is late, and how much is to be mended"))
    board.add_argument("--format", choices=("csv", "json"), default="csv")
    board.add_argument("--school-year", help="default: the newest one that has begun")

    family = commands.add_parser("family", help="codes for families: give, revoke, list", description="Codes for families")
    actions = family.add_subparsers(dest="action", required=True, metavar="action")

    def family_action(name: str, about: str) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=about, description=about)
        sub.add_argument("--lang", choices=i18n.LANGUAGES, default="ky", help="language of slips and messages (default: ky)")
        sub.set_defaults(run=_family)
        return of_store(sub)

    codes = family_action("codes", "new codes for the families of a class, printed once as slips with a QR")
    codes.add_argument("--school-class", required=True, help="such as 7-А")
    codes.add_argument("--pupil", default="", help="for this pupil's family alone")
    codes.add_argument("--out", type=Path, required=True, help="the PDF to write")
    codes.add_argument("--base-url", default="", help="address of the dashboards for families (default: base_url of config/family.yaml)")
    revoke = family_action("revoke", "end the codes of a class or of a pupil; open pages close within a minute")
    whose = revoke.add_mutually_exclusive_group(required=True)
    whose.add_argument("--school-class", default="")
    whose.add_argument("--pupil", default="", help="code of the pupil in the register")
    family_action("list", "for each class: who has a code, how often pages were opened; no codes").add_argument(
        "--format", choices=("csv", "json"), default="csv"
    )

    rights = command("rights", _rights, "who may see what: every role, page and grain")
    rights.add_argument("--format", choices=("csv", "json", "md"), default="csv", help="md: the document docs/access.md")

    publish = of_store(command("publish", _publish, "publish an edition of the open report, or say what stands against it"))
    publish.add_argument("--school-year", required=True, help="such as 2025-2026")
    publish.add_argument("--period", required=True, help="Q1 to Q4, H1, H2 or Y")
    publish.add_argument("--out", type=Path, help="folder for a copy of the edition's files")
    publish.add_argument("--yes", action="store_true", help="publish; without it only the checklist is written")

    workload = of_store(command("workload", _workload, "cells that each subject teacher must type in a quarter, and cells from exports"))
    workload.add_argument("--school-year", default="", help="such as 2025-2026 (default: the newest that has begun)")
    workload.add_argument("--format", choices=("csv", "json"), default="csv")

    turn = of_store(command("turn", _turn, "open the next school year: propose its registry, make its workbooks, freeze the old year"))
    turn.add_argument("--to", default="", metavar="SCHOOL-YEAR", help="the school year to go into, such as 2026-2027")
    turn.add_argument("--out", type=Path, metavar="FILE.xlsx", help="the proposed registry to write; a file that is there counts instead")
    turn.add_argument("--yes", action="store_true", help="make the workbooks; without it only the proposal and its report")
    turn.add_argument("--freeze-now", action="store_true", help="freeze the old year now (default: from the day of config/turn.yaml on)")
    turn.add_argument("--reopen", default="", metavar="SCHOOL-YEAR", help="open a frozen school year again")

    document = of_store(command("document", _document, "a document from the figures (.docx, .pdf), or a set of them (.zip)"))
    document.add_argument("name", nargs="?", default="", help="which document: see --list; or templates/NAME.docx of the school's own")
    document.add_argument("--list", action="store_true", dest="listed", help="the documents, and what each needs")
    for name, of in (
        ("direction", "such as D1"), ("school-class", "such as 7-А"), ("subject", "code or name"),
        ("pupil", "code in the register"), ("period", "Q1 to Q4, H1, H2 or Y"), ("school-year", "default: the newest that has begun"),
        ("grade", "such as 7, for templates of the school's own"),
    ):  # fmt: skip
        document.add_argument(f"--{name}", default="", help=of)
    document.add_argument("--method-association", "--association", default="", help="key or name")
    document.add_argument("--all-classes", action="store_true", help="one for each class, as a .zip")
    document.add_argument("--out", type=Path, help="FILE.docx, FILE.pdf or FILE.zip, or a folder (default: here, under the usual name)")
    document.add_argument("--format", choices=("docx", "pdf"), default="docx", help="of the files where their name does not say it")

    of_store(command("doctor", _doctor, "check configuration, workbooks and snapshot; say how to mend what is wrong"))
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _settings(call: argparse.Namespace) -> tuple[Settings, Place]:
    today = dt.date.today()
    loaded = settings.load(call.store, as_of=call.as_of, today=today)
    if loaded.store is None:
        demo = ROOT / "var" / "demo"
        if not demo.is_dir():
            raise UserError("no store is configured: give --store DIR, set SAPAT_STORE, or make the demo school with `python run.py`")
        loaded = settings.load(demo, as_of=call.as_of, today=today)
    assert loaded.store is not None
    return loaded, loaded.store


def _progress(done: int, total: int, name: str) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done}/{total}  {name[:60]:<60}", end=end, file=sys.stderr, flush=True)


# --- commands ------------------------------------------------------------------------------------------------------------


def _demo(call: argparse.Namespace) -> int:
    from lib.demo import make_school

    started = time.perf_counter()
    loaded = settings.load(today=dt.date.today())
    make_school(call.out, pupils=call.pupils, years=call.years, seed=call.seed, settings=loaded)
    _say(f"{call.out}: {time.perf_counter() - started:.1f} s")
    return 0


def _templates(call: argparse.Namespace) -> int:
    from lib import templates
    from lib.collection import read_registry

    loaded = settings.load(today=dt.date.today())
    if call.registry is None:
        year = call.school_year or _school_year_of(loaded.as_of)
        written = templates.write_registry(call.out, loaded, year)
        _say(f"{written}")
        return 0
    registry, issues = read_registry(call.registry, loaded, call.school_year)
    for issue in issues:
        _say(f"{issue.tab} {issue.cell}: {message(loaded, issue.code, issue.slots, issue.form)}")
    written_set = templates.write_set(call.out, registry, loaded, registry.school_year)
    for path in written_set:
        _say(str(path))
    return 0


def _sheets(call: argparse.Namespace) -> int:
    from lib.provisioning import Sharing
    from lib.provisioning.command import Order, carry_out

    sharing = Sharing(call.share_with, call.share_restricted_with)
    order = Order(call.out, call.registry, call.school_year, call.google, call.sign_in, call.remember, sharing, call.dry_run,
                  call.locale, call.time_zone)  # fmt: skip
    return carry_out(order, lambda store: settings.load(store, today=dt.date.today()), _say)


def _school_year_of(day: dt.date) -> str:
    first = day.year if day.month >= 8 else day.year - 1
    return f"{first}-{first + 1}"


def _collect(call: argparse.Namespace) -> int:
    from lib.collection import collect, forget

    loaded, store = _settings(call)
    if call.forget and (unknown := set(call.forget) - set(forget(store, loaded, call.forget))):
        raise UserError(f"--forget: nothing was ever read of {', '.join(sorted(unknown))}; names are as `issues` writes them")
    now = dt.datetime.now()
    _send_decisions(loaded, store, now)
    result = collect(store, loaded, now=now, progress=_progress, again=call.again)
    if result.problem is not None:
        _say(message(loaded, result.problem.code, result.problem.slots, ""))
    _say(f"snapshot {result.snapshot.id}: workbooks read {result.read}, unchanged {result.unchanged}, unreadable {result.unreadable}, "
         f"{result.seconds:.2f} s")  # fmt: skip
    print(f"cells {result.cells} = accepted {result.accepted} + reported {result.reported}")
    return 0 if result.anything_readable else 1


def _send_decisions(loaded: Settings, store: Place, now: dt.datetime) -> None:
    """Write what waits in the outbox; what it takes is imported only when something waits."""
    if any(settings.desk_of(store).glob("decisions/waiting/*.json")):
        from lib.provisioning.decisions import send

        _say(f"{i18n.gettext('Decisions written')}: {send(loaded, now)}")


def _fresh(call: argparse.Namespace) -> tuple[Settings, Snapshot]:
    """Settings and the current snapshot, collected anew when workbooks changed."""
    from lib.collection import collect

    loaded, store = _settings(call)
    result = collect(store, loaded, now=dt.datetime.now(), only_if_changed=True)
    return loaded, result.snapshot


def _values(call: argparse.Namespace) -> int:
    _, snapshot = _fresh(call)
    table = snapshot.table("companions" if call.companions else "values")
    import pyarrow as pa
    import pyarrow.compute as pc

    table = table.filter(pc.equal(table["part"].cast(pa.string()), "")).select(list(VALUE_COLUMNS))
    if call.format == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, call.out or sys.stdout.buffer)
        return 0
    _write(VALUE_COLUMNS, zip(*(table[name].to_pylist() for name in VALUE_COLUMNS), strict=True), call.format, call.out)
    return 0


def _issues(call: argparse.Namespace) -> int:
    loaded, snapshot = _fresh(call)
    rows = (
        (
            r["workbook"],
            r["tab"],
            r["cell"],
            r["code"],
            r["severity"],
            r["form"],
            message(loaded, r["code"], json.loads(r["slots"] or "{}"), r["form"]),
        )
        for r in snapshot.table("issues").to_pylist()
    )
    _write(ISSUE_COLUMNS, rows, call.format, None)
    return 0


def _workload(call: argparse.Namespace) -> int:
    from lib.journal.workload import HEADER, workload

    loaded, snapshot = _fresh(call)
    _write(HEADER, workload(snapshot.table("completeness").to_pylist(), loaded, call.school_year), call.format, None)
    return 0


def _cells(call: argparse.Namespace) -> int:
    from lib.indicators.relations import Data
    from lib.indicators.trace import cells_behind

    loaded, snapshot = _fresh(call)
    if call.indicator not in loaded.all_indicators:
        raise UserError(
            f"--indicator: {call.indicator!r} is not in the catalogue; codes look like {next(iter(loaded.indicators), 'D1.01')}"
        )
    scope = {name: getattr(call, name) for name in ("school_year", "period", "stage", "grade", "school_class", "subject",
                                                    "method_association", "teacher") if getattr(call, name)}  # fmt: skip
    if "school_class" in scope:
        scope["school_class"] = i18n.canon(scope["school_class"]).upper()
    if "school_year" not in scope:
        scope["school_year"] = max(snapshot.table("values")["school_year"].to_pylist(), default="")
    data = Data(snapshot.all_records(), loaded, snapshot.as_of, snapshot.table("completeness"))
    rows = ([c[name] for name in CELL_COLUMNS] for c in cells_behind(call.indicator, data, scope, snapshot))
    _write(CELL_COLUMNS, rows, call.format, None)
    return 0


def _office_year(call: argparse.Namespace, loaded: Settings, snapshot: Snapshot) -> str:
    """The school year asked for, which must be one of the snapshot's; else the newest that has begun."""
    known = sorted({str(year) for year in snapshot.table("sheets")["school_year"].to_pylist() if year})
    if call.school_year:
        if call.school_year not in known:
            raise UserError(f"--school-year: {call.school_year!r} was seen; there are {', '.join(known) or 'none yet'}")
        return str(call.school_year)
    begun = [year for year in known if loaded.school_year(year).start <= snapshot.as_of]
    return (begun or known or [_school_year_of(snapshot.as_of)])[-1]


def _plan(call: argparse.Namespace) -> int:
    from lib.office import cyclogram
    from lib.office.people import staff_of
    from lib.settings.cyclogram import read_plan_words

    loaded, snapshot = _fresh(call)
    year = _office_year(call, loaded, snapshot)
    words = read_plan_words(loaded.roles, loaded.associations)
    found = cyclogram.terms(cyclogram.read_plan(snapshot, loaded, year), loaded, snapshot.table("completeness"), snapshot.as_of)
    terms = list(found.part(call.part, loaded).all)
    if call.person:
        staff = staff_of(snapshot, loaded, year, words)
        if call.person not in staff.colleagues:
            raise UserError(
                f"--person: {call.person!r} is not in the staff sheet of {year}; codes look like {next(iter(staff.colleagues), 'T001')}"
            )
        terms = [term for term in terms if call.person in {person.code for person in staff.answering(staff.read(term.row.responsible))}]
    for row in found.undated:
        _say(f"{row.workbook} {row.cell} {row.id}: the due rule {row.due_rule!r} was seen; expected Qn.start±days, Qn.end±days or MM-DD")
    if call.format == "ics":
        sys.stdout.flush()
        sys.stdout.buffer.write(cyclogram.calendar_of(terms, loaded, year, words, snapshot.collected_at))
        return 0
    rows = (
        (
            t.row.id, t.row.object, ", ".join(t.row.directions), t.row.form, t.row.method, t.row.responsible, t.row.document,
            ", ".join(t.row.indicators), t.due.isoformat(), t.state.value, t.done_on.isoformat() if t.done_on else "",
        )
        for t in terms
    )  # fmt: skip
    _write(PLAN_COLUMNS, rows, call.format, None)
    return 0


def _board(call: argparse.Namespace) -> int:
    from lib.office.board import board

    loaded, snapshot = _fresh(call)
    rows = board(snapshot, loaded, _office_year(call, loaded, snapshot))
    _write(BOARD_COLUMNS, ([getattr(row, name) for name in BOARD_COLUMNS] for row in rows), call.format, None)
    return 0


def _family(call: argparse.Namespace) -> int:
    from lib.family import command

    loaded, _store = _settings(call)
    now = dt.datetime.now()
    if call.action == "codes":
        return command.give_codes(loaded, call.school_class, call.out, now, _say, call.base_url, call.pupil)
    if call.action == "revoke":
        return command.revoke_codes(loaded, now, _say, call.school_class, call.pupil)
    _write(command.LIST_COLUMNS, command.listed(loaded, now.date()), call.format, None)
    return 0


def _rights(call: argparse.Namespace) -> int:
    from lib.access import load
    from lib.access.paper import document

    if call.format == "md":
        sys.stdout.write(document(load()))
    else:
        _write(RIGHT_COLUMNS, load().rows(), call.format, None)
    return 0


def _doctor(call: argparse.Namespace) -> int:
    from lib.doctor import examine

    _ = i18n.gettext
    try:
        loaded, store = _settings(call)
    except UserError as error:
        _say(f"▼ {_('configuration')}: {error}\n   {_('Mend the named line and run doctor again.')}")
        return 1
    failed = 0
    for finding in examine(store, loaded, dt.datetime.now()):
        failed += not finding.good
        _say(f"{'▲' if finding.good else '▼'} {finding.what}: {finding.seen}")
        if finding.mend and not finding.good:
            _say("   " + finding.mend.replace("\n", "\n   "))
    _say(_("The school can work.") if not failed else _("To mend: {n}", n=failed))
    return 1 if failed else 0


def _publish(call: argparse.Namespace) -> int:
    from lib.publication.command import carry_out

    loaded, _store = _settings(call)
    return carry_out(loaded, call.school_year, call.period, call.out if call.yes else None, call.yes, dt.datetime.now(), _say)


def _turn(call: argparse.Namespace) -> int:
    from lib.turn.command import Order, run

    loaded, _store = _settings(call)
    return run(Order(call.to, call.out, call.yes, call.freeze_now, call.reopen), loaded, dt.datetime.now(), _say)


def _document(call: argparse.Namespace) -> int:
    from lib.documents.command import Order, carry_out, listed
    from lib.documents.phrases import load

    if call.listed:
        loaded = settings.load(call.store, today=dt.date.today())  # a list needs no store
        print(listed(load(), loaded))
        return 0
    about = {name: getattr(call, name) for name in ("school_year", "period", "direction", "school_class", "subject", "grade", "pupil")}
    about |= {"association": call.method_association}
    order = Order(call.name, about, call.out, call.all_classes, f".{call.format}")
    order.check()
    loaded, snapshot = _fresh(call)
    return carry_out(order, loaded, snapshot, dt.datetime.now(), _say)


# --- writing -------------------------------------------------------------------------------------------------------------


def message(loaded: Settings, code: str, slots: Mapping[str, str], form: str) -> str:
    """One sentence or three about an issue, in the current language."""
    return loaded.issue_sentence(code, slots, form, i18n.language())


def _write(header: Sequence[str], rows: Iterable[Sequence[object]], fmt: str, out: Path | None) -> None:
    stream = out.open("w", encoding="utf-8", newline="") if out else sys.stdout
    if fmt == "json":
        json.dump([dict(zip(header, row, strict=True)) for row in rows], stream, ensure_ascii=False, default=str)
        stream.write("\n")
    else:
        from lib.neutral import neutral  # a machine that wants the very words of a cell asks for JSON

        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([["" if v is None else neutral(v) for v in row] for row in rows])
    if out:
        stream.close()


if __name__ == "__main__":
    code = main()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is written: the system takes a process apart faster than Python takes apart its million objects

"""The commands that run.py hands over to. Data goes to standard output, everything said to people to standard error.

python -m lib.cli demo OUT [--pupils N] [--years K] [--seed S]
python -m lib.cli templates OUT [--registry FILE] [--school-year 2026-2027]
python -m lib.cli sheets OUT | --google [FOLDER] | --sign-in FILE  [--registry FILE] …
python -m lib.cli collect | values | issues | cells | doctor  [--store DIR] …
python -m lib.cli publish --school-year 2025-2026 --period Q3 [--out DIR] [--yes]  [--store DIR]
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
    result = collect(store, loaded, now=dt.datetime.now(), progress=_progress, again=call.again)
    if result.problem is not None:
        _say(message(loaded, result.problem.code, result.problem.slots, ""))
    _say(f"snapshot {result.snapshot.id}: workbooks read {result.read}, unchanged {result.unchanged}, unreadable {result.unreadable}, "
         f"{result.seconds:.2f} s")  # fmt: skip
    print(f"cells {result.cells} = accepted {result.accepted} + reported {result.reported}")
    return 0 if result.anything_readable else 1


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
        from lib.documents.neutral import neutral  # a machine that wants the very words of a cell asks for JSON

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

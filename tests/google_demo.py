"""A demo school in Google Sheets without Google: `python run.py --google-demo` starts this beside the application.

Plays three parts: the service (the local server of the tests), the administrator who signs in and puts the school up with the product's own
provisioning, and the service account that the product then reads with. Tells in one line of JSON what the product must know, and serves
until its input or itself is closed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import yaml
from google.oauth2.credentials import Credentials

from lib import settings
from lib.demo import AS_OF, plan_school
from lib.demo.material import read_material
from lib.demo.submissions import write_submissions
from lib.provisioning import Sharing, provision
from lib.settings import GoogleFolder, desk_of
from lib.store.google import transport_with
from tests.google_school import PERSON, READER, GoogleSchool
from tests.sheets_server import SheetsServer

PUPILS, YEARS, SEED = 160, 2, 1
LATENCY = 0.05  # seconds: a near server


def main() -> int:
    """Put the school up, say where, and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.google_demo", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the throw-away key, and for what the product makes of the school")
    call = parser.parse_args()
    shutil.rmtree(call.out, ignore_errors=True)
    call.out.mkdir(parents=True)
    os.environ["SAPAT_DESKS"] = str(call.out / "desks")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with SheetsServer() as server:
        school = GoogleSchool(server.url, call.out)
        place = school.place()
        put_up(server, place)
        server.latency = LATENCY
        told = {**school.environment(), "SAPAT_DESKS": os.environ["SAPAT_DESKS"], "look": f"{server.url}/drive/folders/{school.id}"}
        print(json.dumps(told), flush=True)
        stop.wait()
    return 0


def put_up(server: SheetsServer, place: GoogleFolder) -> None:
    """The demo school's workbooks through provisioning, and what belongs to the store beside its workbooks."""
    loaded = settings.load(today=AS_OF)
    plans, _damage, log = plan_school(PUPILS, YEARS, SEED, loaded)
    way = transport_with(place, Credentials(server.user_token(PERSON)), PERSON)
    report = provision(place, plans, loaded, way, sharing=Sharing(readers=[READER]))
    if report.failed:
        raise RuntimeError(f"{report.failed[0].name}: {report.failed[0].problem!r}")
    desk = desk_of(place)
    write_submissions(desk, log)
    about = {"as_of": AS_OF, "school_name": dict(read_material().words["school_name"]), "demo": True}
    (desk / "store.yaml").write_text(yaml.safe_dump(about, allow_unicode=True, sort_keys=False), encoding="utf-8")
    print(f"  spreadsheets: {len(plans)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.sheets_server --port P`: serves on 127.0.0.1 until it is stopped.

What a test does to the server in its own process is done over HTTP to this one: GET /_control/calls, POST /_control/calls/reset,
PUT /_control/faults (a plan), PUT /_control/settings (quota, latency and lag in seconds, clock_offset, groups),
POST /_control/token {email, scopes} and POST /_control/key {email}. These paths are never delayed, faulted or counted.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from .faults import PlanError
from .server import SheetsServer


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sheets_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument(
        "--quota", type=int, default=None, metavar="N", help="Sheets reads and writes in any 60 s for one user; without it any number"
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="milliseconds added to every answer")
    parser.add_argument("--faults", type=Path, default=None, metavar="FILE", help="fault plan, JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--key", type=Path, default=None, metavar="FILE", help="where to write a service-account key for this server")
    parser.add_argument("--email", default="reader@sapat-test.iam.gserviceaccount.com", help="the account of that key")
    parser.add_argument("--no-service-storage", action="store_true", help="service accounts may own no files, as with Google today")
    return parser.parse_args()


def main() -> int:
    options = _options()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        faults = json.loads(options.faults.read_text(encoding="utf-8")) if options.faults else None
        server = SheetsServer(options.quota, options.latency / 1000, faults, options.seed, options.port, not options.no_service_storage)
    except (OSError, PlanError, json.JSONDecodeError) as wrong:
        print(f"The server could not start: {wrong}", file=sys.stderr)
        return 2
    with server:
        if options.key:
            options.key.write_text(json.dumps(server.key(options.email), indent=2) + "\n", encoding="utf-8")
        print(f"ready {server.url}", flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

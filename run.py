"""Sapat in one command. Needs nothing but Python 3.11 or newer.

    python run.py                    set up, make a demo school if no store is configured, collect, open http://127.0.0.1:8501
    python run.py --port 8600        the same at another port
    python run.py --google-demo      the same with a demo school in Google Sheets: a local server plays Google, no account is needed
    python run.py test [--quick] …   every test and check; --quick leaves out what needs a browser, LibreOffice or minutes;
                                     anything else is handed to pytest
    python run.py bench …            measure speed on a school of 1,000 pupils
    python run.py WORD …             any other word goes to `python -m lib.cli`: demo, templates, collect, issues, values,
                                     cells, rights, family, publish, doctor (see `python run.py help`)

The store is the folder in the environment variable SAPAT_STORE (or google:FOLDER), or else `store:` in config/school.yaml, or
else a demo school in var/demo. A second start skips whatever is done.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
DEMO = ROOT / "var" / "demo"
GOOGLE_DEMO = ROOT / "var" / "google-demo"
HOST, PORT = "127.0.0.1", 8501
OLDEST = (3, 11)
WINDOWS = os.name == "nt"

# What the tests need beside Python: (what it is for, names on PATH, Debian package, other usual places, environment variable).
PROGRAMS = (
    (
        "Chromium, for the browser tests",
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"),
        "chromium",
        (
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            r"C:\Program Files\Google\Chrome\Application\chrome.exe",
            r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
            r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        ),
        "SAPAT_CHROMIUM",
    ),
    (
        "LibreOffice Calc, to open the workbooks as a school does",
        ("soffice", "libreoffice"),
        "libreoffice-calc-nogui",
        ("/Applications/LibreOffice.app/Contents/MacOS/soffice", r"C:\Program Files\LibreOffice\program\soffice.exe"),
        "SAPAT_SOFFICE",
    ),
    (
        "LibreOffice Writer, to open the documents",
        ("soffice", "libreoffice"),
        "libreoffice-writer-nogui",
        ("/Applications/LibreOffice.app/Contents/MacOS/soffice", r"C:\Program Files\LibreOffice\program\soffice.exe"),
        "SAPAT_SOFFICE",
    ),
    ("poppler, to look at printed pages", ("pdftoppm",), "poppler-utils", (), "SAPAT_PDFTOPPM"),
)

# The libraries of LibreOffice's parts: one part may be installed without another, and `soffice` looks the same.
PARTS = {"libreoffice-calc-nogui": "sclo", "libreoffice-writer-nogui": "swlo"}


class Stop(Exception):
    """Something that the reader must mend; the message says how."""


def say(text: str) -> None:
    print(text, flush=True)


def step(text: str) -> None:
    say(f"\n— {text}")


def aside(text: str) -> None:
    """Say it beside what a command writes: `run.py board > board.csv` may be the first start."""
    print(text, file=sys.stderr, flush=True)


# --- the environment -------------------------------------------------------------------------------------------------


def venv_program(name: str) -> Path:
    """Path of a program inside .venv, on any system."""
    return VENV / ("Scripts" if WINDOWS else "bin") / (f"{name}.exe" if WINDOWS else name)


def fingerprint(*requirements: str) -> str:
    """Hash of the wanted packages and of this Python: when it changes, installing is due again."""
    text = f"{sys.version_info[:3]} {sys.platform}\n" + "".join((ROOT / name).read_text(encoding="utf-8") for name in requirements)
    return hashlib.sha256(text.encode()).hexdigest()


def make_venv() -> None:
    """Make .venv, anew when its Python does not answer (a folder that was moved, a system Python that was replaced)."""
    python = venv_program("python")
    if python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0:
        return
    aside(f"\n— making {VENV.name} with Python {sys.version.split()[0]}")
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        debian = shutil.which("apt-get") is not None
        raise Stop(
            "Python could not make a virtual environment here.\n"
            + ("Install it, then start again:  sudo apt-get install python3-venv" if debian else "Install Python 3.11+ from python.org.")
        )


def install(*requirements: str) -> None:
    """Install the named requirement files into .venv unless the stamp says that just these are there."""
    make_venv()
    stamp = VENV / f"installed-{requirements[-1].removesuffix('.txt')}"
    wanted = fingerprint(*requirements)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    aside(f"\n— installing {requirements[-1]} (once; some 300 MB to fetch, a few minutes)")
    started = time.monotonic()
    command = [venv_program("python"), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(ROOT / requirements[-1])]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        raise Stop("The packages could not be installed (see above). Check the network connection and start again: it continues.")
    for number, name in enumerate(requirements, 1):
        (VENV / f"installed-{name.removesuffix('.txt')}").write_text(fingerprint(*requirements[:number]), encoding="utf-8")
    aside(f"  installed in {time.monotonic() - started:.0f} s")


def run(*command: str, env: dict[str, str] | None = None) -> int:
    """Run a module of ours in .venv from this folder; gives its exit code."""
    return subprocess.run([venv_program("python"), *command], cwd=ROOT, env=environment() | (env or {}), check=False).returncode


def environment() -> dict[str, str]:
    """The environment of every program that we start: UTF-8 everywhere (Windows too), output at once."""
    return os.environ | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


# --- the main job: a school on the screen ----------------------------------------------------------------------------


def store() -> str:
    """The configured store: a folder, or google:FOLDER. Without one a demo school, which is made when it is not there yet."""
    question = "from lib.settings import load; print(load().store or '')"
    answer = subprocess.run(
        [venv_program("python"), "-c", question], cwd=ROOT, env=environment(), capture_output=True, text=True, encoding="utf-8", check=False
    )
    if answer.returncode != 0:
        raise Stop("The configuration could not be read:\n" + answer.stderr.strip())
    if configured := answer.stdout.strip():
        if not configured.startswith("google:") and not Path(configured).is_dir():
            raise Stop(f"The configured store is not a folder: {configured}\nCorrect SAPAT_STORE or `store:` in config/school.yaml.")
        return configured
    if not DEMO.exists():
        step("no store is configured (SAPAT_STORE), so a demo school is made in var/demo")
        unfinished = DEMO.with_name("demo.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        if run("-m", "lib.cli", "demo", str(unfinished)) != 0:
            raise Stop("The demo school could not be made (see above).")
        unfinished.rename(DEMO)
    return str(DEMO)


def google_demo(port: int) -> int:
    """A demo school in Google Sheets, which a server on this machine plays; gone when it ends."""
    check_port(port)
    install("requirements.txt")
    step("starting a server that plays Google, and putting a demo school into it (some 20 seconds)")
    command = [venv_program("python"), "-m", "tests.google_demo", str(GOOGLE_DEMO)]
    google = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        told = google.stdout.readline() if google.stdout else ""
        if not told.startswith("{"):
            raise Stop("The demo school could not be put up (see above).")
        about = json.loads(told)
        say(f"  the folder with its spreadsheets, to look at and to edit: {about.pop('look')}")
        os.environ.update(about)
        return serve(port)
    finally:
        google.terminate()
        google.wait(10)


def check_port(port: int) -> None:
    """Stop with the way out when the port is taken."""
    if taken(port):
        if answers(port):
            raise Stop(
                f"Something already serves at http://{HOST}:{port} — perhaps Sapat itself: open it in the browser.\n"
                f"For a second one:  python run.py --port {port + 1}"
            )
        raise Stop(f"Port {port} is taken by another program. Choose another:  python run.py --port {port + 1}")


def serve(port: int) -> int:
    """Set up whatever is missing, collect, and serve until Ctrl+C."""
    check_port(port)
    install("requirements.txt")
    folder = store()
    step(f"collecting {folder}")
    if run("-m", "lib.cli", "collect", "--store", folder) != 0:
        say("  nothing could be read; the dashboards will say what to do")
    step("starting")
    server = subprocess.Popen(
        [
            venv_program("python"), "-m", "streamlit", "run", str(ROOT / "app.py"),
            f"--server.address={HOST}", f"--server.port={port}", "--server.headless=true", "--browser.gatherUsageStats=false",
        ],
        cwd=ROOT,
        env=environment() | {"SAPAT_STORE": folder},
    )  # fmt: skip
    # Stopping run.py (Ctrl+C, a service manager) must not leave the server behind, and is no failure.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while server.poll() is None and not answers(port):
            time.sleep(0.1)
        if server.poll() is None:
            say(f"\nSapat is ready: http://{HOST}:{port}   (stop: Ctrl+C)")
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        try:
            server.wait(timeout=10)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            server.kill()
        return 0


def taken(port: int) -> bool:
    """Whether a program listens at the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def answers(port: int) -> bool:
    """Whether a Streamlit server answers at the port."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{HOST}:{port}/_stcore/health", timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


# --- tests -----------------------------------------------------------------------------------------------------------


def find_program(names: tuple[str, ...], places: tuple[str, ...], variable: str) -> str | None:
    """Where a program of the test set is, or None."""
    named = os.environ.get(variable, "")
    if named and Path(named).exists():
        return named
    return next((found for name in names if (found := shutil.which(name))), None) or next((p for p in places if Path(p).exists()), None)


def has_part(office: str, library: str) -> bool:
    """Whether the LibreOffice behind a `soffice` has a part (Calc: sclo, Writer: swlo). Where its folder is not the usual one (a wrapper of
    a snap or of a flatpak) all parts come together, so that it counts as whole."""
    folder = Path(office).resolve().parent
    places = [folder, folder.parent / "Frameworks"]
    libraries = {file.stem.removeprefix("lib") for place in places if place.is_dir() for file in place.glob("*lo.*")}
    return library in libraries or not libraries & {"sclo", "swlo", "sfxlo"}


def missing_programs() -> list[tuple[str, tuple[str, ...], str, tuple[str, ...], str]]:
    """The programs of the test set that are not there, or not with the part that is needed."""

    def there(program: tuple[str, tuple[str, ...], str, tuple[str, ...], str]) -> bool:
        found = find_program(program[1], program[3], program[4])
        return bool(found) and (program[2] not in PARTS or has_part(found, PARTS[program[2]]))

    return [program for program in PROGRAMS if not there(program)]


def programs() -> dict[str, str]:
    """Chromium, LibreOffice and poppler for the tests, installed where we may. Gives the environment that names them."""
    missing = missing_programs()
    if missing and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        step("installing " + ", ".join(program[2] for program in missing))
        apt = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=apt, check=False)
        packages = [program[2] for program in missing]
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], env=apt, check=False)
        missing = missing_programs()
    if missing:
        lines = [f"  {what} (or set {variable} to its path)" for what, _, _, _, variable in missing]
        packages = " ".join(program[2] for program in missing)
        raise Stop(
            "These programs are missing, and the tests do not skip what needs them:\n" + "\n".join(lines)
            + f"\nOn Debian or Ubuntu:  sudo apt-get install {packages}\nWithout them:  python run.py test --quick"
        )  # fmt: skip
    return {program[4]: find_program(program[1], program[3], program[4]) or "" for program in PROGRAMS}


def test(words: list[str]) -> int:
    """Every check and every test. All of them run even if an early one fails; the summary at the end names the failed ones."""
    quick = "--quick" in words
    words = [word for word in words if word != "--quick"]
    install("requirements.txt", "requirements-dev.txt")
    env = {} if quick else programs()
    side_by_side = ["-n", "auto", "--dist", "loadfile"]
    runs = (("pytest", ["-m", "not browser and not alone", *side_by_side]), ("pytest, one by one", ["-m", "browser or alone"]))
    if quick:
        runs = (("pytest", ["-m", "not browser and not alone and not oracle and not slow", *side_by_side]),)
    elif words:
        runs = (("pytest", []),)
    checks = (
        ("ruff check", ["-m", "ruff", "check", "."]),
        ("ruff format --check", ["-m", "ruff", "format", "--check", "."]),
        ("lint-imports", ["-c", "from importlinter.cli import lint_imports_command as check; check()", "--no-logo"]),
        ("mypy lib", ["-m", "mypy", "lib"]),
        *((name, ["-m", "pytest", *selection, *words]) for name, selection in runs),
    )
    failed = []
    started = time.monotonic()
    for name, command in checks:
        step(name)
        if run(*command, env=env) != 0:
            failed.append(name)
    say(f"\n{len(checks) - len(failed)} of {len(checks)} passed in {time.monotonic() - started:.0f} s")
    if failed:
        say("failed: " + ", ".join(failed))
    return 1 if failed else 0


# --- the words -------------------------------------------------------------------------------------------------------


def main(words: list[str]) -> int:
    """Do what the words ask; gives the exit code. (No `match` here: an old Python must still reach the sentence below.)"""
    if sys.version_info < OLDEST:
        raise Stop(f"Sapat needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}. Get it from python.org.")
    start = google_demo if "--google-demo" in words else serve
    words = [word for word in words if word != "--google-demo"]
    word, rest = (words[0], words[1:]) if words else ("", [])
    if word == "":
        return start(PORT)
    if word == "--port" and len(rest) == 1 and rest[0].isdecimal():
        return start(int(rest[0]))
    if word in ("-h", "--help", "help"):
        say(__doc__ or "")
        install("requirements.txt")
        return run("-m", "lib.cli", "--help")
    if word == "test":
        return test(rest)
    install("requirements.txt", *(["requirements-dev.txt"] if word == "bench" else []))
    return run("-m", "bench", *rest) if word == "bench" else run("-m", "lib.cli", *words)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)

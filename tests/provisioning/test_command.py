"""`python run.py sheets` in its three ways, as a person types it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lib.provisioning import command
from lib.store.folder import FolderStore
from lib.templates import plan_registry, write_workbooks
from tests.provisioning.drive_school import FOLDER, READER, WRITER, YEAR, DriveSchool, key, loaded
from tests.sheets_server import SheetsServer

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary-7f3a9e"
OWNER = "director@school.example"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry of a very small invented school, as a file, with a wrong cell in it."""
    place = {tab.form.id: tab.place for tab in plan_registry(loaded(), YEAR).tabs}
    pupils = [{"pupil_id": f"P20190{n:02d}", "full_name": f"Асан {n}", "school_class": "7-А", "status": "окуйт"} for n in range(4)]
    contents: dict[Any, list[dict[str, Any]]] = {
        place["R1"]: [*pupils, {"pupil_id": "P2019077", "full_name": "Бек", "school_class": "7-А", "entered_on": "качандыр бир күнү"}],
        place["R2C"]: [{"school_class": "7-А", "grade": 7, "class_teacher_id": "T001"}],
        place["R2S"]: [{"teacher_id": "T001", "full_name": "Осмонова Гүлнара", "roles": ["teacher", "class_head"], "active": True}],
        place["R2L"]: [{"teacher_id": "T001", "subject": s, "school_class": "7-А", "hours": 2.5} for s in ("ALG", "KYR")],
    }
    return write_workbooks(tmp_path_factory.mktemp("registry"), [plan_registry(loaded(), YEAR, contents)], loaded())[0]


class Person:
    """Somebody at the command line, with this environment."""

    def __init__(self, desks: Path, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SAPAT_")}
        self.environment = kept | {"PYTHONUTF8": "1", "SAPAT_DESKS": str(desks)} | environment
        self.heard = ""

    def types(self, *words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "lib.cli", "sheets", *map(str, words)]
        done = subprocess.run(
            line, cwd=ROOT, env=self.environment, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
        )
        self.heard += done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr and "ya29." not in done.stderr + done.stdout
        return done


def secret_key(server: SheetsServer, email: str = WRITER) -> str:
    """A key with something in it that must never be seen."""
    return json.dumps(server.key(email) | {"private_key_id": CANARY})


# --- files to drag ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("ky", "Читатель"), ("ru", "Читатель"), ("en", "as Viewer")])
def test_files_to_drag_and_what_to_do_with_them(registry, server, tmp_path, language, word):
    person = Person(tmp_path / "desks", SAPAT_GOOGLE_KEY=secret_key(server, READER))
    out = tmp_path / "out"
    done = person.types(out, "--registry", registry, "--lang", language)
    names = {path.relative_to(out).as_posix() for path in out.rglob("*.xlsx")}
    assert f"{YEAR}-restricted/registry.xlsx" in names and f"{YEAR}/gifted.xlsx" in names
    assert all(("-restricted/" in name) == ("restricted" in name.split("/")[1]) for name in names if "/class-" in name)
    assert READER in done.stderr and word in done.stderr and f"{YEAR}, {YEAR}-restricted" in done.stderr
    assert "doctor" in done.stderr and CANARY not in person.heard


def test_the_registry_is_handed_on_cell_by_cell(registry, tmp_path):
    out = tmp_path / "out"
    Person(tmp_path / "desks").types(out, "--registry", registry)
    given = FolderStore(registry.parent).read(registry.name)
    made = FolderStore(out).read(f"{YEAR}-restricted/registry.xlsx")
    for one, other in zip(given, made, strict=True):
        assert [list(row) for row in one.rows[5:]] == [list(row) for row in other.rows[5:]], one.title


def test_files_that_are_there_are_not_overwritten(registry, tmp_path):
    person = Person(tmp_path / "desks")
    person.types(tmp_path / "out", "--registry", registry, "--dry-run")
    assert not (tmp_path / "out").exists()
    person.types(tmp_path / "out", "--registry", registry)
    person.types(tmp_path / "out", "--registry", registry, code=1)


@pytest.mark.parametrize("words", [(), ("--google", "x" * 20, "somewhere")])
def test_one_way_at_a_time(tmp_path, words):
    assert "--sign-in" in Person(tmp_path).types(*words, "--lang", "en", code=1).stderr


# --- the key that may write ------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A service account owns no storage, as with Google today."""
    with SheetsServer(service_storage=False) as server:
        monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "desks"))
        monkeypatch.setenv("SAPAT_GOOGLE_WRITE_KEY", key(server))
        yield server


def person_of(server: SheetsServer, tmp_path: Path) -> Person:
    return Person(
        tmp_path / "desks",
        SAPAT_GOOGLE_URL=server.url,
        SAPAT_GOOGLE_WRITE_KEY=secret_key(server),
        SAPAT_GOOGLE_KEY=secret_key(server, READER),
    )


def as_owner(server: SheetsServer, school: DriveSchool) -> DriveSchool:
    school.http.headers["Authorization"] = f"Bearer {server.user_token(OWNER)}"
    return school


def shared_drive(server: SheetsServer) -> DriveSchool:
    """A shared drive of OWNER's, the writer a member of it, and a folder on it."""
    import dataclasses

    import requests

    from lib.settings import GoogleFolder
    from lib.store.google import transport_of

    place = GoogleFolder("", sheets_url=server.url, drive_url=server.url)
    http = requests.Session()
    school = as_owner(server, DriveSchool(server, place, transport_of(place, writing=True), http))
    drive = school.drive("POST", "/drives", {"name": "Мектеп"}, requestId="1")["id"]
    school.drive("POST", f"/files/{drive}/permissions", {"type": "user", "role": "fileOrganizer", "emailAddress": WRITER})
    folder = school.drive("POST", "/files", {"name": "Сапат", "mimeType": FOLDER, "parents": [drive]})["id"]
    school.place = dataclasses.replace(place, id=folder)
    return school


def test_a_shared_drive(strict, registry, tmp_path):
    school, person = shared_drive(strict), person_of(strict, tmp_path)
    link = f"https://drive.google.com/drive/u/0/folders/{school.place.id}"
    words = ("--google", link, "--registry", registry, "--share-with", "teachers@school.example", "--lang", "en")
    tried = person.types(*words, "--dry-run")
    assert "dry run" in tried.stderr and school.children(school.place.id) == []
    done = person.types(*words)
    assert done.stdout == f"{school.place.id}\n"
    assert f"{YEAR}-restricted/registry: created, tabs: 4" in done.stderr and "s left)" in done.stderr
    assert "Shared with teachers@school.example: 2025-2026" in done.stderr and f"Shared with {READER}: the whole folder" in done.stderr
    files = school.files()
    assert len(files) > 15 and f"{YEAR}-restricted/registry" in files
    again = person.types("--google", school.place.id, "--registry", registry, "--lang", "en")
    assert f"already there {len(files)}, failed 0" in again.stderr
    assert CANARY not in person.heard and "PRIVATE KEY" not in person.heard


def test_the_registry_in_drive_is_asked_when_no_file_is_given(server, school, registry, tmp_path):
    person = person_of(server, tmp_path)
    assert "--registry" in person.types("--google", school.place.id, "--lang", "en", code=1).stderr
    person.types("--google", school.place.id, "--registry", registry)
    identity = school.files()[f"{YEAR}-restricted/registry"]
    about = school.sheet(identity, "sheets.properties")["sheets"][1]["properties"]
    cells = [{"userEnteredValue": {"stringValue": text}} for text in ("P2019500", "Жаңы Айдай", "к", "7-А")]
    start = {"sheetId": about["sheetId"], "rowIndex": 5 + 5, "columnIndex": 0}
    school.batch(identity, {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}})
    done = person.types("--google", school.place.id, "--school-year", YEAR, "--lang", "en")
    assert f"{YEAR}/class-7-А: added to; new rows: Кыргыз тили 1, Алгебра 1" in done.stderr
    assert school.cells(school.files()[f"{YEAR}/class-7-А"])["Алгебра"][-1] == ["P2019500", "Жаңы Айдай"]


def test_a_folder_outside_of_a_shared_drive(strict, registry, tmp_path):
    school = as_owner(strict, drive_school_of(strict))
    folder = school.drive("POST", "/files", {"name": "Мектеп", "mimeType": FOLDER})["id"]
    school.drive("POST", f"/files/{folder}/permissions", {"type": "user", "role": "writer", "emailAddress": WRITER})
    done = person_of(strict, tmp_path).types("--google", folder, "--registry", registry, "--lang", "en", code=1)
    assert "--sign-in" in done.stderr.splitlines()[-1] and "shared drive" in done.stderr


def drive_school_of(server: SheetsServer) -> DriveSchool:
    import requests

    from lib.settings import GoogleFolder
    from lib.store.google import transport_of

    place = GoogleFolder("", sheets_url=server.url, drive_url=server.url)
    return DriveSchool(server, place, transport_of(place, writing=True), requests.Session())


def test_a_folder_that_may_only_be_read_and_one_that_is_not_there(server, registry, tmp_path):
    school = as_owner(server, drive_school_of(server))
    folder = school.drive("POST", "/files", {"name": "Мектеп", "mimeType": FOLDER})["id"]
    school.drive("POST", f"/files/{folder}/permissions", {"type": "user", "role": "reader", "emailAddress": WRITER})
    person = person_of(server, tmp_path)
    for language, word in (("ky", "уруксат"), ("ru", "не разрешил"), ("en", "did not permit")):
        done = person.types("--google", folder, "--registry", registry, "--lang", language, code=1)
        assert WRITER in done.stderr.splitlines()[-1] and word in done.stderr
    done = person.types("--google", "1nosuchfolder0000", "--registry", registry, "--lang", "en", code=1)
    assert "was not found" in done.stderr and WRITER in done.stderr
    assert CANARY not in person.heard


def test_no_key_that_may_write(server, registry, tmp_path):
    person = Person(tmp_path / "desks", SAPAT_GOOGLE_URL=server.url)
    done = person.types("--google", "1nosuchfolder0000", "--registry", registry, "--lang", "en", code=1)
    assert "write_key_file" in done.stderr


# --- a person's own sign-in ------------------------------------------------------------------------------------------------


def client_file(server: SheetsServer, tmp_path: Path) -> Path:
    file = tmp_path / "client_secret.json"
    addresses = {"auth_uri": f"{server.url}/o/oauth2/auth", "token_uri": f"{server.url}/token", "redirect_uris": ["http://localhost"]}
    client = {"client_id": "sapat.apps.example", "client_secret": CANARY, **addresses}
    file.write_text(json.dumps({"installed": client}), encoding="utf-8")
    return file


def signing_in(server: SheetsServer, tmp_path: Path) -> Person:
    """Their browser opens what it is given, and the server says yes at once."""
    browser = tmp_path / "browser.py"
    browser.write_text("import sys, urllib.request\nurllib.request.urlopen(sys.argv[1]).read()\n", encoding="utf-8")
    return Person(tmp_path / "desks", SAPAT_GOOGLE_URL=server.url, BROWSER=f"{sys.executable} {browser} %s &")


def test_with_ones_own_sign_in(strict, registry, tmp_path):
    file, person = client_file(strict, tmp_path), signing_in(strict, tmp_path)
    words = ("--sign-in", file, "--registry", registry, "--lang", "en")
    assert "dry run" in person.types(*words, "--dry-run").stderr
    done = person.types(*words)
    top = done.stdout.strip()
    assert "failed 0" in done.stderr and f"folder: {top}" in done.stderr
    again = person.types("--sign-in", file, "--registry", registry, "--lang", "en", "--dry-run")
    assert again.stdout.strip() == top and "created 0" in again.stderr, "the same folder is found again"
    assert not (ROOT / command.REMEMBERED).exists(), "nothing is kept unless asked"
    assert CANARY not in person.heard


def test_a_folder_of_somebody_elses_is_not_seen(strict, registry, tmp_path):
    school = as_owner(strict, drive_school_of(strict))
    folder = school.drive("POST", "/files", {"name": "Мектеп", "mimeType": FOLDER})["id"]
    done = signing_in(strict, tmp_path).types(
        "--sign-in", client_file(strict, tmp_path), "--google", folder, "--registry", registry, "--lang", "en", code=1
    )
    assert "Leave --google out" in done.stderr


def test_a_remembered_sign_in_is_for_its_owner_alone(strict, monkeypatch, tmp_path, capfd):
    from lib.store.sign_in import sign_in

    file, kept = client_file(strict, tmp_path), tmp_path / "var" / command.REMEMBERED.name
    monkeypatch.setenv("BROWSER", signing_in(strict, tmp_path).environment["BROWSER"])
    shown: list[str] = []
    first = sign_in(file, shown.append, kept)
    assert len(shown) == 1 and CANARY not in shown[0]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    second = sign_in(file, shown.append, kept)
    assert len(shown) == 1, "nobody is asked a second time"
    assert second.refresh_token == first.refresh_token
    kept.write_text("{", encoding="utf-8")
    sign_in(file, shown.append, kept)
    assert len(shown) == 2, "what cannot be read is made anew"
    out = capfd.readouterr()
    assert CANARY not in out.out + out.err
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ


@pytest.mark.parametrize("content", ["", "{}", '{"web": {"client_id": "x"}}', '{"installed": {"client_id": "' + CANARY + '"}}', None])
def test_a_file_that_is_no_client(tmp_path, content):
    file = tmp_path / "client.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = Person(tmp_path).types("--sign-in", file, "--lang", "en", code=1)
    assert "client.json" in done.stderr and "Google Cloud" in done.stderr and CANARY not in done.stderr

"""A folder of Drive on the local server that workbooks are made in, and what a person sees and does there."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import requests

from lib import settings
from lib.model.registry import Registry, registry_from_records
from lib.settings import GoogleFolder, Settings
from lib.store.google import transport_of
from lib.store.transport import Transport
from lib.templates import WorkbookPlan, plan_set
from tests.sheets_server import SheetsServer

WRITER, READER = "writer@sapat-test.iam.gserviceaccount.com", "reader@sapat-test.iam.gserviceaccount.com"
SHEET, FOLDER = "application/vnd.google-apps.spreadsheet", "application/vnd.google-apps.folder"
YEAR = "2025-2026"
NAMES = ("Асан", "Бек", "Гүлнур", "Данияр", "Ёлка", "Ная", "Ңая", "Өзгөн", "Улан", "Үмүт")


@cache
def loaded() -> Settings:
    return settings.load(as_of=dt.date(2026, 4, 15))


def registry(classes: tuple[str, ...] = ("7-А", "9-Б"), pupils: int = 5, more: list[dict[str, Any]] | None = None) -> Registry:
    """Invented pupils, three subjects a class, one teacher."""
    rows = [
        {"pupil_id": f"P{2019000 + 100 * c + n}", "full_name": f"{NAMES[n % len(NAMES)]} {n}", "school_class": name, "status": "окуйт"}
        for c, name in enumerate(classes) for n in range(pupils)
    ]  # fmt: skip
    return registry_from_records(
        {
            "R1": rows + (more or []),
            "R2C": [{"school_class": name, "grade": int(name.split("-")[0])} for name in classes],
            "R2S": [{"teacher_id": "T001", "full_name": "Осмонова Гүлнара", "mo": "math", "roles": ["teacher"]}],
            "R2L": [
                {"teacher_id": "T001", "subject": code, "school_class": c, "hours": 2.0} for c in classes for code in ("ALG", "KYR", "PHY")
            ],
        },
        YEAR,
    )


def plans(found: Registry | None = None, names: tuple[str, ...] = ("class-7-А", "class-7-А-restricted", "support")) -> list[WorkbookPlan]:
    """A few of the school's workbooks: a class, its restricted one, and an open list with a long list of pupils."""
    every = plan_set(found or registry(), loaded(), YEAR)
    return [plan for plan in every if plan.name.split("/")[1].removesuffix(".xlsx") in names]


@dataclass
class DriveSchool:
    """`place`: the folder as the product is told of it; `way`: the product's own way to it."""

    server: SheetsServer
    place: GoogleFolder
    way: Transport
    http: requests.Session = field(default_factory=requests.Session)

    def drive(self, method: str, path: str, body: Any = None, **params: Any) -> dict[str, Any]:
        asked = {"supportsAllDrives": "true", **params}
        answer = self.http.request(method, f"{self.server.url}/drive/v3{path}", params=asked, json=body)
        assert answer.ok, answer.text
        return dict(answer.json()) if answer.content else {}

    def batch(self, identity: str, *asked: dict[str, Any]) -> None:
        answer = self.http.post(f"{self.server.url}/v4/spreadsheets/{identity}:batchUpdate", json={"requests": asked})
        assert answer.ok, answer.text

    def sheet(self, identity: str, fields: str) -> dict[str, Any]:
        answer = self.http.get(f"{self.server.url}/v4/spreadsheets/{identity}", params={"fields": fields})
        assert answer.ok, answer.text
        return dict(answer.json())

    def children(self, folder: str) -> list[dict[str, Any]]:
        q = f"'{folder}' in parents and trashed = false"
        asked = {"q": q, "fields": "files(id,name,mimeType,properties)", "pageSize": 1000, "includeItemsFromAllDrives": "true"}
        return list(self.drive("GET", "/files", **asked)["files"])

    def files(self) -> dict[str, str]:
        """folder/title → id of every spreadsheet; a name that stands twice fails."""
        found: dict[str, str] = {}
        for folder in self.children(self.place.id):
            for file in self.children(folder["id"]):
                name = f"{folder['name']}/{file['name']}"
                assert name not in found, f"{name} was made twice"
                found[name] = file["id"]
        return found

    def cells(self, identity: str) -> dict[str, list[list[Any]]]:
        """Tab → rows of what was entered, without empty ends."""
        fields = "sheets(properties(title),data(rowData(values(userEnteredValue))))"
        found = {}
        for sheet in self.sheet(identity, fields)["sheets"]:
            data = sheet.get("data", [{}])[0].get("rowData", [])
            rows = [[next(iter(c.get("userEnteredValue", {}).values()), None) for c in row.get("values", [])] for row in data]
            for row in rows:
                while row and row[-1] is None:
                    row.pop()
            while rows and not rows[-1]:
                rows.pop()
            found[sheet["properties"]["title"]] = rows
        return found

    def everything(self) -> dict[str, Any]:
        """All that the product made, without ids: to compare two runs."""
        fields = (
            "properties(title,locale,timeZone),namedRanges(name,range),sheets(properties,merges,conditionalFormats,"
            "protectedRanges(range,description),data(rowData(values(userEnteredValue,userEnteredFormat,dataValidation))))"
        )
        return {name: self.sheet(identity, fields) for name, identity in sorted(self.files().items())}


def drive_school(server: SheetsServer, **changed: Any) -> DriveSchool:
    """A new folder that WRITER owns."""
    http = requests.Session()
    http.trust_env = False
    http.headers["Authorization"] = f"Bearer {server.user_token(WRITER)}"
    told = {"reads_per_minute": 100_000, "writes_per_minute": 100_000, **changed}
    place = GoogleFolder("", sheets_url=server.url, drive_url=server.url, **told)
    school = DriveSchool(server, place, transport_of(place, writing=True), http)
    identity = school.drive("POST", "/files", {"name": "Мектеп", "mimeType": FOLDER})["id"]
    school.place = replace(place, id=identity)
    return school


def key(server: SheetsServer, email: str = WRITER) -> str:
    return json.dumps(server.key(email))

"""What every store of workbooks promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lib.model.cell import RawSheet


@dataclass(frozen=True, slots=True)
class WorkbookInfo:
    """One workbook of a store: `name` is its path inside the store (with "/"), `location` what opens it (a path or an address).

    `fingerprint` changes whenever the content does; it is only compared for equality.
    """

    name: str
    fingerprint: str
    location: str


class StoreProblem(Exception):
    """A workbook that cannot be read. `code` is a key of config/issues.yaml, `slots` fill its words, `tab` and `cell` say where."""

    def __init__(self, code: str, slots: Mapping[str, str] | None = None, tab: str = "", cell: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.slots = dict(slots or {})
        self.tab = tab
        self.cell = cell


class Store(Protocol):
    """A place that holds workbooks. A store can be pickled: worker processes read from their own copy."""

    def workbooks(self) -> list[WorkbookInfo]:
        """All workbooks, sorted by name; those that cannot be read are listed too."""
        ...

    def read(self, name: str) -> list[RawSheet]:
        """All tabs of one workbook in their order, hidden ones too. Raises StoreProblem."""
        ...

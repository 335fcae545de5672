"""What every store of workbooks promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lib.model.cell import RawSheet


@dataclass(frozen=True, slots=True)
class WorkbookInfo:
    """One workbook of a store: `name` is its path inside the store (with "/"), `location` what opens it (a path or an address).

    `fingerprint` changes whenever the content does; it is only compared for equality. Where it may change late, `settles_at` says from
    which moment of the store's own clock on the workbook is read once more whatever its fingerprint (0: never), and `asked_at` which
    moment it was when the store was listed. `changed_at`: when it was last changed, as the store says (seconds; 0: unknown).
    """

    name: str
    fingerprint: str
    location: str
    asked_at: float = 0.0
    settles_at: float = 0.0
    changed_at: float = 0.0


class StoreProblem(Exception):
    """A workbook, or the whole store, that cannot be read. `code` is a key of config/issues.yaml, `slots` fill its words, `tab` and
    `cell` say where. `passing`: the workbook may be well, the way to it failed; it is tried again at the next look, changed or not."""

    def __init__(
        self, code: str, slots: Mapping[str, str] | None = None, tab: str = "", cell: str = "", *, passing: bool = False
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.code = code
        self.slots = dict(slots or {})
        self.tab = tab
        self.cell = cell
        self.passing = passing


class Store(Protocol):
    """A place that holds workbooks.

    Reading has two steps: `fetch` reaches for the workbook and may wait for a network; `sheets` makes cells of what came, without looking
    anywhere, in a process of its own (it is a function of the module, so that it can travel there).
    """

    @property
    def side_by_side(self) -> int:
        """How many workbooks are worth fetching at the same time."""
        ...

    def workbooks(self) -> list[WorkbookInfo]:
        """All workbooks, sorted by name; those that cannot be read are listed too. Raises StoreProblem when the store is out of reach."""
        ...

    def fetch(self, name: str) -> bytes:
        """The workbook as it is kept. Raises StoreProblem."""
        ...

    @staticmethod
    def sheets(content: bytes, name: str) -> list[RawSheet]:
        """All tabs of the workbook `name` in their order, hidden ones too, from what `fetch` gave. Raises StoreProblem."""
        ...

    def missed(self, info: WorkbookInfo) -> StoreProblem | None:
        """Why a workbook that was there before is no longer listed; None when somebody took it out, so that it no longer counts."""
        ...

    def read(self, name: str) -> list[RawSheet]:
        """All tabs of one workbook, both steps at once. Raises StoreProblem."""
        return self.sheets(self.fetch(name), name)

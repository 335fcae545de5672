"""A template of the school's own: looked through, and filled. The same walk does both, so that what is listed is what is filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.documents.own import word_file, workbook_file
from lib.documents.own.answers import Answers
from lib.documents.own.asking import Asking, Fault, Met
from lib.documents.own.package import DOCX, Parts, kind_of, packed, unpacked
from lib.i18n import gettext as _
from lib.settings import UserError

MOST_SAID = 12  # faults in one message
_FILLERS = {".docx": word_file.fill, ".xlsx": workbook_file.fill}


@dataclass(frozen=True)
class Template:
    """A template's file, found harmless."""

    name: str
    parts: Parts = field(repr=False)

    @classmethod
    def of(cls, name: str, content: bytes) -> Template:
        """UserError says why a file is not taken."""
        return cls(name, unpacked(name, content))

    @property
    def kind(self) -> str:
        """.docx or .xlsx."""
        return kind_of(self.name)

    @property
    def is_word(self) -> bool:
        return self.kind == DOCX

    def looked_through(self, answers: Answers) -> Looked:
        """Every placeholder with its value, and everything that is wrong; and the filled file where nothing is."""
        asking = Asking(answers)
        parts = _FILLERS[self.kind](self.name, self.parts, asking)
        faults = tuple(dict.fromkeys(asking.faults))
        return Looked(self.name, tuple(asking.met.values()), faults, packed(parts) if not faults else b"")


@dataclass(frozen=True)
class Looked:
    """A template as it would be filled now. `content`: the filled file; empty while something is wrong."""

    name: str
    met: Sequence[Met]
    faults: Sequence[Fault]
    content: bytes = field(repr=False, default=b"")

    @property
    def absent(self) -> list[Met]:
        """Placeholders for which there is no value: a word stands in their place."""
        return [met for met in self.met if met.value.absent]

    def check(self) -> None:
        """UserError with each wrong placeholder: file, place, what stands there, why, the nearest right one."""
        if self.faults:
            lines = [said(fault) for fault in self.faults[:MOST_SAID]]
            if more := len(self.faults) - len(lines):
                lines.append(_("and more: {n}", n=more))
            raise UserError("\n".join([_("{file}: placeholders to mend: {n}", file=self.name, n=len(self.faults)), *lines]))


def said(fault: Fault) -> str:
    """A fault as a line of text."""
    near = f" {_('Nearest: {near}.', near=fault.near)}" if fault.near else ""
    return f"{fault.place}: {fault.text} – {fault.why}.{near}"

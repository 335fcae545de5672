"""The looks of cells of a spreadsheet (xl/styles.xml): read, and taken over with another format of numbers or as quoted text."""

from __future__ import annotations

import copy
import re

from lxml import etree

GENERAL, TEXT = 0, 49
_PERCENTS, _DAYS = (9, 10), (*range(14, 23), *range(45, 48))
_KNOWN = {"0": 1, "0.00": 2, "0%": 9, "0.00%": 10}  # formats that every program knows by number
_FIRST_OWN = 164
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class Looks:
    """The looks of one workbook. A cell names its look by number."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
        found = root.find(f"{self._space}cellXfs")
        self._looks = found if found is not None else etree.SubElement(root, f"{self._space}cellXfs")
        if not len(self._looks):
            etree.SubElement(self._looks, f"{self._space}xf", numFmtId="0")
        formats = root.iter(f"{self._space}numFmt")
        self._formats = {int(one.get("numFmtId", "0")): str(one.get("formatCode", "")) for one in formats}
        self._made: dict[tuple[int, str], int] = {}

    def is_text(self, look: int) -> bool:
        """Whether cells of that look hold text, whatever is typed."""
        return self._format(look) == TEXT or self._formats.get(self._format(look)) == "@"

    def is_percent(self, look: int) -> bool:
        """Whether 0.735 is shown as 73.5 % by that look."""
        number = self._format(look)
        return number in _PERCENTS or "%" in _QUOTED.sub("", self._formats.get(number, ""))

    def shows_numbers(self, look: int) -> bool:
        """Whether the look says how a number is shown, and not as a day."""
        number = self._format(look)
        code = _QUOTED.sub("", self._formats.get(number, "")).lower()
        return number not in (GENERAL, *_DAYS) and code != "general" and not set(code) & set("dyhs")

    def as_number(self, look: int, decimals: int, percent: bool) -> int:
        """The look with a format for a number of so many decimals."""
        code = "0" + ("." + "0" * decimals if decimals else "") + ("%" if percent else "")
        return self._with(look, code, numFmtId=str(self._number_of(code)), applyNumberFormat="1")

    def quoted(self, look: int) -> int:
        """The look with the mark that what stands in the cell is text also when somebody edits it."""
        return self._with(look, "quoted", quotePrefix="1")

    def _format(self, look: int) -> int:
        return int(self._looks[look].get("numFmtId", "0")) if 0 <= look < len(self._looks) else GENERAL

    def _with(self, look: int, what: str, **attributes: str) -> int:
        look = look if 0 <= look < len(self._looks) else 0
        if (look, what) not in self._made:
            new = copy.deepcopy(self._looks[look])
            for name, value in attributes.items():
                new.set(name, value)
            self._looks.append(new)
            self._looks.set("count", str(len(self._looks)))
            self._made[look, what] = len(self._looks) - 1
        return self._made[look, what]

    def _number_of(self, code: str) -> int:
        known = {text: number for number, text in self._formats.items()} | _KNOWN
        if code in known:
            return known[code]
        number = max([_FIRST_OWN - 1, *self._formats]) + 1
        formats = self.root.find(f"{self._space}numFmts")
        if formats is None:
            formats = etree.Element(f"{self._space}numFmts")
            self.root.insert(0, formats)
        etree.SubElement(formats, f"{self._space}numFmt", numFmtId=str(number), formatCode=code)
        formats.set("count", str(len(formats)))
        self._formats[number] = code
        return number

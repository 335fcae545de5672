"""Somebody who knows everything published, this program's rules, and which figures did not change: what can he work out?

It solves linear programs and shares no code with lib.publication.disclosure: it reads the published symbols by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, kron

from lib.publication.disclosure import Cell, Policy, Shown
from tests.disclosure.schools import MARKS, POINTS, STAGES, SUBJECTS, YEAR

SENSITIVE = ("D1.01", "D1.02", "D2.01", "D2.02", "D2.06", "D9.07")
OPEN_ALL = ("D1.01", "D1.02", "D1.05", "D7.01", "D8.03")
SHARES = ("D1.01", "D1.02", "D1.05", "D2.01", "D2.02", "D2.06", "D7.01", "D8.03", "D9.07", "D4.03")
COUNTS = ("D4.05", "D4.07")
RANGES = {"D1.04": (2, 5), "D7.04": (1, 5), "D7.05": (0, 1)} | dict.fromkeys(SHARES, (0, 1))
SCALES = {"D9.07": 1000}
ADDED = {"D7.03": ("k",), "D7.05": ("k", "n"), "D9.07": ("k",)}  # over the year
OF_MARKS = ("D1.01", "D1.02", "D1.04")
OF_ALL_PUPILS = ("D1.05", "D2.01", "D2.02", "D2.06", "D7.01", "D8.03", "D7.04", "D7.03", "D9.07", "D4.03", "D4.04")
PARTS = {"stage": STAGES, "subject": SUBJECTS}

MOST = 1e5  # more than any count in these schools

Name = tuple  # edition, indicator, period, cut, group, "k" or "n" (or a mark)
Bounds = tuple[float, float]


def face(code: str, k: float, n: float) -> str:
    """What the rules write for a count by itself: "", "<5", a band, or "c" where a band would say nothing."""
    y = n - k
    if y <= 0 and code in OPEN_ALL:
        return ""
    edge = 20 if n <= 20 else 10 if n <= 40 else 5 if n <= 100 else 1
    if code not in SENSITIVE:
        if 0 < k < 5:
            return "<5"
        if k > 0 and y < 5:
            wide = next(e for e in range(edge, 201, edge) if math.floor(e * n / 100 + 1e-9) >= min(4, n))
            return f"≥{100 - wide}" if wide <= 50 else "c"
        return ""
    near, sign = (y, "≥") if y < k else (k, "≤")
    first = math.floor(edge * n / 100 + 1e-9)
    second = next(e for e in range(edge, 201, edge) if math.floor(e * n / 100 + 1e-9) >= min(max(4, first + 2), n))
    if near <= first and first > (code in OPEN_ALL and sign == "≥"):
        percent = edge
    elif first < 4 and near <= math.floor(second * n / 100 + 1e-9):
        percent = second
    else:
        return ""
    if percent > 50:
        return "c"
    return f"{sign}{(percent if sign == '≤' else 100 - percent) * SCALES.get(code, 100) // 100}"


def reading(shown: Shown) -> Bounds:
    """The counts that are written as this cell is."""
    if shown.symbol in ("", "i"):
        return shown.numerator, shown.numerator
    if shown.symbol == "c":
        return 0, math.inf
    if shown.indicator in COUNTS:
        return 1, 4
    n = shown.denominator or 0
    alike = [k for k in range(int(n) + 1) if face(shown.indicator, k, n) == (shown.band or shown.symbol)]
    return alike[0], alike[-1]


class Attacker:
    """The linear system of some editions. Of the true figures (`truth`) he uses only which ones are equal."""

    def __init__(self, editions: Sequence[Sequence[Shown]], truth: Sequence[Sequence[Cell]], told: bool) -> None:
        self.names: dict[Name, int] = {}
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.same: dict[int, int] = {}
        for edition, (published, cells) in enumerate(zip(editions, truth, strict=True)):
            given = {cell.key: cell for cell in cells}
            for shown in published:
                self._read(edition, shown)
            for code, period in sorted({(cell.indicator, cell.period) for cell in cells}):
                self._margins(edition, code, period, given)
            for period in {cell.period for cell in cells}:
                self._marks(edition, period)
        self._unchanged(editions, truth, told)
        self._added(editions)
        self._seal()

    def at(self, *name: object) -> int:
        """The variable of that name."""
        edition, code, period, cut, group, what = name
        if what == "n" and code in OF_ALL_PUPILS:
            code = "pupils"  # one number for all of them
            if cut == "subject":
                cut, group = "school", ""
        if what == "n" and code == "D1.02":
            code = "D1.01"
        key = (edition, code, period, cut, group, what)
        if key not in self.names:
            self.names[key] = len(self.names)
            self.low.append(0.0)
            self.high.append(math.inf)
        return self.names[key]

    def fix(self, variable: int, low: float, high: float) -> None:
        """He knows that the variable lies between."""
        self.low[variable] = max(self.low[variable], low)
        self.high[variable] = min(self.high[variable], high)

    def row(self, terms: dict[int, float], low: float, high: float) -> None:
        """He knows that the sum of the terms lies between."""
        self.rows.append((terms, low, high))

    def _read(self, edition: int, shown: Shown) -> None:
        of = (edition, shown.indicator, shown.period, shown.cut, shown.group)
        k, n = self.at(*of, "k"), self.at(*of, "n")
        if shown.symbol in ("z", "x"):
            self.fix(k, 0, 0)
            if shown.indicator not in OF_ALL_PUPILS or shown.cut != "subject":
                self.fix(n, 0, 0)
            return
        if shown.denominator is not None:
            self.fix(n, shown.denominator, shown.denominator)
        if shown.symbol in ("", "i"):
            self.fix(k, shown.numerator, shown.numerator)
        elif shown.symbol in ("<5", "b"):
            self.fix(k, *reading(shown))
        low, high = RANGES.get(shown.indicator, (0, math.inf))
        if low:
            self.row({k: 1, n: -low}, 0, math.inf)
        if high < math.inf:
            self.row({k: 1, n: -high}, -math.inf, 0)

    def _margins(self, edition: int, code: str, period: str, given: dict) -> None:
        for cut, groups in PARTS.items():
            parts = [group for group in groups if (code, YEAR, period, cut, group) in given]
            if not parts or (code, YEAR, period, "school", "") not in given:
                continue
            k = {self.at(edition, code, period, cut, group, "k"): -1.0 for group in parts} | {
                self.at(edition, code, period, "school", "", "k"): 1.0
            }
            if code == "D4.03" and cut == "subject":  # a pupil may have won in two subjects
                self.row(k, -math.inf, 0)
                for group in parts:
                    self.row(
                        {self.at(edition, code, period, cut, group, "k"): 1, self.at(edition, code, period, "school", "", "k"): -1},
                        -math.inf,
                        0,
                    )
                continue
            self.row(k, 0, 0)
            if cut == "stage" or code not in OF_ALL_PUPILS:
                n = {self.at(edition, code, period, cut, group, "n"): -1.0 for group in parts}
                self.row(n | {self.at(edition, code, period, "school", "", "n"): 1.0}, 0, 0)

    def _marks(self, edition: int, period: str) -> None:
        """Success, quality and mean are made of the same marks."""
        for cut, group in (("school", ""), *(("stage", s) for s in STAGES), *(("subject", s) for s in SUBJECTS)):
            of = (edition, "marks", period, cut, group)
            counts = {mark: self.at(*of, mark) for mark in MARKS}
            parts = {
                ("D1.01", "k"): dict.fromkeys("543", 1), ("D1.01", "n"): dict.fromkeys(MARKS, 1), ("D1.02", "k"): dict.fromkeys("54", 1),
                ("D1.04", "k"): {mark: POINTS[mark] for mark in "5432"}, ("D1.04", "n"): dict.fromkeys("5432", 1),
            }  # fmt: skip
            for (code, what), weights in parts.items():
                terms = {counts[mark]: float(weight) for mark, weight in weights.items()}
                self.row(terms | {self.at(edition, code, period, cut, group, what): -1.0}, 0, 0)

    def _unchanged(self, editions: Sequence[Sequence[Shown]], truth: Sequence[Sequence[Cell]], told: bool) -> None:
        """What is the same in the next edition: he guesses it where one of the two shows it, and is `told` it where both hide it."""
        shown = [{cell.key: cell.symbol == "" for cell in edition} for edition in editions]
        for edition, (before, after) in enumerate(zip(truth, truth[1:], strict=False)):
            old = {cell.key: cell for cell in before}
            for cell in after:
                same = cell.key in old and (cell.numerator, cell.denominator) == (old[cell.key].numerator, old[cell.key].denominator)
                if same and (told or shown[edition][cell.key] or shown[edition + 1][cell.key]):
                    of = (cell.indicator, cell.period, cell.cut, cell.group)
                    for what in ("k", "n"):
                        self._equate(self.at(edition, *of, what), self.at(edition + 1, *of, what))

    def _equate(self, a: int, b: int) -> None:
        a, b = self._one(a), self._one(b)
        if a == b:
            return
        self.same[max(a, b)] = min(a, b)
        self.fix(min(a, b), self.low[max(a, b)], self.high[max(a, b)])

    def _one(self, variable: int) -> int:
        """The first of the variables that are known to be equal to it."""
        while variable in self.same:
            variable = self.same[variable]
        return variable

    def _added(self, editions: Sequence[Sequence[Shown]]) -> None:
        """Q1 + Q2 = H1."""
        where = {published[0].period: edition for edition, published in enumerate(editions)}
        if not {"Q1", "Q2", "H1"} <= set(where):
            return
        for shown in editions[where["H1"]]:
            for what in ADDED.get(shown.indicator, ()):
                of = {p: self.at(where[p], shown.indicator, p, shown.cut, shown.group, what) for p in ("Q1", "Q2", "H1")}
                self.row({of["Q1"]: 1.0, of["Q2"]: 1.0, of["H1"]: -1.0}, 0, 0)

    def _seal(self) -> None:
        """Put equal variables together, take known ones out, and split the system into parts that have nothing to do with each other."""
        whole: list[tuple[dict[int, float], float, float]] = []
        beside: dict[int, set[int]] = {}
        for terms, low, high in self.rows:
            left: dict[int, float] = {}
            for variable, weight in terms.items():
                one = self._one(variable)
                if self.high[one] - self.low[one] < 1e-9:
                    low, high = low - weight * self.low[one], high - weight * self.low[one]
                else:
                    left[one] = left.get(one, 0.0) + weight
            left = {variable: weight for variable, weight in left.items() if weight}
            if not left:
                assert low < 1e-6 and high > -1e-6, "what is published contradicts itself"
                continue
            whole.append((left, low, high))
            for variable in left:
                beside.setdefault(variable, set()).update(left)
        self.part: dict[int, int] = {}
        for one in {self._one(variable) for variable in self.names.values()}:
            if self.high[one] - self.low[one] >= 1e-9:
                beside.setdefault(one, {one})
        for first in beside:
            reached = [first] if first not in self.part else []
            while reached:
                variable = reached.pop()
                if variable not in self.part:
                    self.part[variable] = first
                    reached += beside[variable]
        self.systems: dict[int, System] = {}
        for part in set(self.part.values()):
            members = [variable for variable, of in self.part.items() if of == part]
            rows = [row for row in whole if self.part[next(iter(row[0]))] == part]
            self.systems[part] = System(members, rows, [(self.low[v], self.high[v]) for v in members])

    def bounds(self, targets: Sequence[dict[int, float]]) -> list[Bounds]:
        """The least and the most that each sum of terms can be."""
        plain = []  # for each target: what is fixed of it, and by part what is open
        for terms in targets:
            fixed, parts = 0.0, {}
            for variable, weight in terms.items():
                one = self._one(variable)
                if self.high[one] - self.low[one] < 1e-9:
                    fixed += weight * self.low[one]
                else:
                    parts.setdefault(self.part[one], {})[one] = weight
            plain.append((fixed, parts))
        asked: dict[int, list[dict[int, float]]] = {}
        for _, parts in plain:
            for part, weights in parts.items():
                if weights not in asked.setdefault(part, []):
                    asked[part].append(weights)
        answers = {part: self.systems[part].bounds(all_weights) for part, all_weights in asked.items()}
        found = []
        for fixed, parts in plain:
            pairs = [answers[part][asked[part].index(weights)] for part, weights in parts.items()]
            found.append((fixed + sum(low for low, _ in pairs), fixed + sum(high for _, high in pairs)))
        return found


class System:
    """A linear system of its own."""

    def __init__(self, members: list[int], rows: list[tuple[dict[int, float], float, float]], limits: list[Bounds]) -> None:
        self.place = {variable: i for i, variable in enumerate(members)}
        self.limits = np.clip(np.array(limits), -MOST, MOST)
        equal, less = ([], []), ([], [])
        for terms, low, high in rows:
            line = np.zeros(len(members))
            for variable, weight in terms.items():
                line[self.place[variable]] = weight
            if low == high:
                equal[0].append(line)
                equal[1].append(low)
                continue
            for sign, bound in ((1.0, high), (-1.0, -low)):
                if bound < math.inf:
                    less[0].append(sign * line)
                    less[1].append(bound)
        self.equal, self.less = [(csr_array(np.array(lines).reshape(-1, len(members))), bounds) for lines, bounds in (equal, less)]

    def bounds(self, targets: Sequence[dict[int, float]]) -> list[Bounds]:
        """The least and the most that each sum of terms can be. One program asks it all: a copy of the system for each question."""
        size = len(self.place)
        cost = np.zeros((2 * len(targets), size))
        for i, terms in enumerate(targets):
            for variable, weight in terms.items():
                cost[2 * i, self.place[variable]], cost[2 * i + 1, self.place[variable]] = weight, -weight
        copies = eye_array(len(cost))
        result = linprog(
            cost.ravel(), A_ub=kron(copies, self.less[0], "csr"), b_ub=np.tile(self.less[1], len(cost)),
            A_eq=kron(copies, self.equal[0], "csr"), b_eq=np.tile(self.equal[1], len(cost)),
            bounds=np.tile(self.limits, (len(cost), 1)), method="highs", options={"presolve": False},
        )  # fmt: skip
        assert result.status == 0, f"what is published contradicts itself: {result.message}"
        values = (cost * result.x.reshape(cost.shape)).sum(axis=1)
        return [(values[2 * i], -values[2 * i + 1]) for i in range(len(targets))]


def target(attacker: Attacker, edition: int, cell: Cell, what: str) -> dict[int, float]:
    """A secret as a sum of the attacker's variables."""
    of = (edition, cell.indicator, cell.period, cell.cut, cell.group)
    k, n = attacker.at(*of, "k"), attacker.at(*of, "n")
    if what == "unattested":
        return {attacker.at(edition, "D1.01", *of[2:], "n"): 1.0, n: -1.0}
    if what == "twos":
        return {attacker.at(edition, "marks", *of[2:], "2"): 1.0}
    if what == "n":
        return {n: 1.0}
    if what == "y":
        return {n: 1.0, k: -1.0}
    low = 0 if cell.indicator in SHARES else RANGES.get(cell.indicator, (0, 0))[0]
    return {k: 1.0, n: -float(low)} if low else {k: 1.0}


def secrets(cell: Cell, policy: Policy, before: Shown | None, success: Cell | None, pupils: float) -> list[tuple[str, float, float]]:
    """What must stay possible of a cell, told from its true figures alone: (what, least, most). Where both are the same it only must not
    be recovered.

    `success`: the cell of all marks beside a mean mark; `pupils`: how many the group has.
    """
    if cell.status != "ok":
        return []
    code, k, n = cell.indicator, cell.numerator, cell.denominator
    if before is not None and before.symbol == "" and (before.numerator, before.denominator) == (k, n):
        return []
    if code in COUNTS:
        return [("k", 1, 4)] if 0 < k < 5 else []
    if code == "D1.04" and min(pupils, success.denominator) >= policy.minimum:
        unattested = success.denominator - n
        twos = success.denominator - success.numerator - unattested
        few = [("unattested", unattested), ("twos", twos)]
        return [(what, count, count) for what, count in few if unattested > 0 and 0 < count < 5]
    if n < policy.minimum or pupils < policy.minimum:
        low, high = RANGES.get(code, (0, math.inf))
        most = max(n, policy.minimum - 1)
        found = [("n", 0.0, most)]
        if code in SHARES:
            found += [("k", 0, 4)] if k > 0 or code in SENSITIVE else []
            found += [("y", 0, 4)] if n - k > 0 or code not in OPEN_ALL else []
        else:
            above = k - low * n
            found.append(("k", 0.9 * above, min(1.1 * above, most * (high - low))))
        return found
    if code in SHARES and (written := face(code, k, n)):
        alike = [count for count in range(int(n) + 1) if face(code, count, n) == written]
        low, high = alike[0], alike[-1]
        if written == "c" or low == high:
            return [("k", k, k)]
        if before is not None and before.symbol in ("<5", "b"):  # if he guesses that the count is still the same, it was so before, too
            was = reading(before)
            if was[0] <= k <= was[1]:
                low, high = max(low, was[0]), min(high, was[1])
        return [("k", low, high)]
    return []

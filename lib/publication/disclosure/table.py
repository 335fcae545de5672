"""The cells of one indicator in one period: each is written as it asks for, then one more is hidden while a promise is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from lib.model.indicator import Indicator, Status
from lib.publication.disclosure import cell as symbols
from lib.publication.disclosure.cell import CONFIDENTIAL, EMPTY, INCOMPLETE, OPEN, SCHOOL, SHOWN, Cell, Key, Shown
from lib.publication.disclosure.marks import mean_leaves
from lib.publication.disclosure.measure import Measure
from lib.publication.disclosure.memory import Memory
from lib.publication.disclosure.policy import Policy
from lib.publication.disclosure.possible import FREE, NOISE, NONE, SOME, Interval, Margin, Room, meet, narrower, settle, together

_DIMENSION = {"class": "school_class"}
_NUMBERS = ("numerator", "numerator", "denominator")  # what x, y and n are worked out from
_TOGETHER = "together"  # in place of a cut: the sum of some cells
_N = 2


class Table:
    """`shown` holds what is published of `cells`: after `begin` as each cell asks for by itself, after `hide` so that all is safe."""

    def __init__(self, indicator: Indicator, policy: Policy, cells: Mapping[Key, Cell], editions: Sequence[Mapping[Key, Shown]]) -> None:
        self.indicator, self.policy, self.cells, self.editions = indicator, policy, cells, editions
        self.measure = Measure(indicator, policy)
        self.true = {key: self.measure.figures(cell) for key, cell in cells.items()}
        self.shown: dict[Key, Shown] = {}
        self.promised: dict[Key, Room] = {}
        self.known: set[Key] = set()
        self.differs: set[Key] = set()
        self.margins = list(self._margins())
        self.linked: list[list[Margin]] = []  # the same margins with the sums in them that earlier editions told
        self.sums: dict[Key, Room] = {}
        self.told: Callable[[], dict[Key, Room]] = dict  # what another indicator, made of the same marks, says of the cells

    def begin(self, pupils: Mapping[tuple[str, str, str], float], beside: Sequence[Table]) -> None:
        """Write all cells. `pupils`: (school year, cut, group) → how many there are; `beside`: tables that this one must not give away."""
        memory = Memory(self.measure, self.editions)
        for key, cell in self.cells.items():
            if cell.status in (Status.NOT_APPLICABLE, Status.NOT_COLLECTED) and not self._leaves_out_all(key, beside):
                self._write(key, symbols.NOT_APPLICABLE if cell.status == Status.NOT_APPLICABLE else symbols.NOT_AVAILABLE)
                continue
            self._write(key, INCOMPLETE if cell.status == Status.INCOMPLETE else SHOWN)
            if self.indicator.code not in self.policy.things:
                self._alone(key, pupils.get((cell.school_year, cell.cut, cell.group)), beside)
                self._as_before(key, memory)
        self._blur()
        self.linked = [self._with_sums(margin) for margin in self.margins]

    def at(self, key: Key) -> Key:
        """The cell of this indicator in the place of another one's."""
        return self.indicator.code, *key[1:]

    def conceal(self, key: Key) -> None:
        """Hide all numbers of a cell."""
        self._write(key, CONFIDENTIAL, counted=False)

    def hide(self) -> bool:
        """Hide what must be hidden so that every promise is kept; whether there was any."""
        before = dict(self.shown)
        if self.indicator.code not in self.policy.things:
            while broken := self._broken():
                self._hide_for(*broken)
        return before != self.shown

    def _write(self, key: Key, symbol: str, band: str = "", counted: bool = True) -> None:
        cell, whole = self.cells[key], symbol in OPEN
        numerator, value = (cell.numerator, cell.value) if whole else (None, None)
        self.shown[key] = Shown(*key, numerator, cell.denominator if counted and symbol not in EMPTY else None, value, band, symbol)

    # every cell by itself

    def _alone(self, key: Key, pupils: float | None, beside: Sequence[Table]) -> None:
        cell, (x, _, n) = self.cells[key], self.true[key]
        people = [number for number in (pupils, cell.denominator if self.measure.kind != "count" else None) if number is not None]
        if cell.status == Status.SUPPRESSED or any(number < self.policy.minimum for number in people):
            self._protect(key, self.measure.small_group(self.true[key]))
            return
        symbol, band = self.measure.face(x, n)
        if symbol != SHOWN:
            self._write(key, symbol, band)
            as_written, _, _ = self.measure.room(self.shown[key])
            self.promised[key] = (as_written, FREE, FREE)
            if symbol == CONFIDENTIAL or as_written[0] == as_written[1]:  # a band would say too little, or only one count be written so
                self._protect(key, self.measure.near(self.true[key], counted=True), counted=True)
        leader = self._leader(beside)
        if leader and not self._leaves(leader, key, beside):
            self._protect(key, self.measure.near(self.true[key]))
        if cell.cut != SCHOOL and self.indicator.code in self.policy.school_only:
            self._write(key, CONFIDENTIAL, counted=False)
            self.promised.pop(key, None)

    def _protect(self, key: Key, promise: Room, counted: bool = False) -> None:
        self._write(key, CONFIDENTIAL, counted=counted)
        self.promised[key] = promise

    def _leaves_out_all(self, key: Key, beside: Sequence[Table]) -> bool:
        """Whether a cell is empty, because of the pupils or marks that the leader counts all are left out."""
        leader = self._leader(beside)
        return leader is not None and leader.true.get(leader.at(key), (0.0, 0.0, 0.0))[_N] > 0

    def _leader(self, beside: Sequence[Table]) -> Table | None:
        """The table that this one must stand beside."""
        return next((table for table in beside if table.indicator.code == self.policy.shown_with[self.indicator.code][0]), None)

    def _leaves(self, leader: Table, key: Key, beside: Sequence[Table]) -> bool:
        """Whether this cell gives nothing away of those beside it, being made of the same marks or pupils, some left out."""
        others = [table for table in beside if table.at(key) in table.shown]
        shown = {table: table.shown[table.at(key)] for table in others}
        if self.shown[key].symbol not in OPEN or any(shown[table].symbol not in (*OPEN, *EMPTY) for table in others if table is not leader):
            return False
        if leader not in shown or shown[leader].symbol in EMPTY:
            return True
        _, outside, n = leader.true[leader.at(key)]
        left_out = n - (self.cells[key].denominator or 0.0)
        if shown[leader].symbol in OPEN:  # then those outside fall into those left out and the others
            return left_out <= 0 or min(left_out, outside - left_out or left_out) > leader.measure.few
        quality = next((table.true[table.at(key)][0] for table in others if table.indicator.code == self.policy.marks["quality"]), None)
        if quality is None or shown[leader].denominator is None or left_out > 0:
            return False
        _, failing, _ = leader.settled()[leader.at(key)]
        return mean_leaves(failing, quality, self.cells[key].numerator or 0.0, n)

    def _as_before(self, key: Key, memory: Memory) -> None:
        said = memory.of(self.cells[key], self.shown[key])
        if said.known:
            self.known.add(key)
        if said.differs:
            self.differs.add(key)
        if said.differs or said.hidden:
            counted = self.shown[key].denominator is not None and not said.denominator_too
            self._write(key, CONFIDENTIAL, counted=counted)
            if said.differs:
                self.promised.setdefault(key, self.measure.near(self.true[key], counted))
        if key in self.promised and said.within:
            x, y, n = self.promised[key]
            self.promised[key] = ((max(x[0], said.within[0]), min(x[1], said.within[1])), y, n)
        if key in self.known:
            self.promised.pop(key, None)

    def _blur(self) -> None:
        """Beside a figure that differs from the published one, what was hidden may be the same as before: it must not bound the other."""
        for margin in self.margins:
            members = {margin.total, *margin.parts}
            for key in members if members & self.differs else ():
                if self.shown[key].symbol in (symbols.FEW, symbols.BAND):
                    self._write(key, CONFIDENTIAL)

    # all cells together

    def _margins(self) -> Iterator[Margin]:
        """The margins, as they hold in these figures."""
        total = next((key for key, cell in self.cells.items() if cell.cut == SCHOOL), None)
        if total is None:
            return
        for cut in sorted({cell.cut for cell in self.cells.values()} - {SCHOOL}):
            parts = tuple(sorted(key for key, cell in self.cells.items() if cell.cut == cut))
            x, y, n = (_rest(self.true[total][i] - sum(self.true[key][i] for key in parts)) for i in range(3))
            # a cut that the denominator does not know has the school's denominator in each part
            split = self.measure.kind != "count" and _DIMENSION.get(cut, cut) in self.indicator.denominator_by
            rest = (x if self.measure.kind != "other" else FREE, y if self.measure.bounded and split else FREE, n if split else FREE)
            yield Margin(total, parts, rest)

    def _with_sums(self, margin: Margin) -> list[Margin]:
        """The margin; where those that an earlier edition hid still make the same sum, it is known: the total less the others."""
        told = [i for i in range(3) if margin.rest[i] == NONE]
        for edition in reversed(self.editions):
            hidden = tuple(key for key in margin.parts if key in edition and _is_hidden(edition[key], 0))
            others = tuple(key for key in margin.parts if key not in hidden)
            if not told or len(hidden) < 2 or any(key not in edition or _is_hidden(edition[key], 0) for key in (margin.total, *others)):
                continue
            then = [self.measure.figures(edition[key]) for key in (margin.total, *others)]
            sums = [sum(self.true[key][i] for key in hidden) for i in range(3)]
            if all(abs(then[0][i] - sum(part[i] for part in then[1:]) - sums[i]) <= NOISE for i in told):
                together = (*margin.total[:3], _TOGETHER, margin.parts[0][3])
                x, y, n = ((sums[i], sums[i]) if i in told else FREE for i in range(3))
                self.sums[together] = (x, y, n)
                return [Margin(margin.total, (*others, together), margin.rest), Margin(together, hidden, margin.rest)]
        return [margin]

    def as_published(self) -> dict[Key, Room]:
        """What each published cell by itself, or an earlier edition, leaves possible."""
        return {
            key: self.measure.point(self.true[key]) if key in self.known else self.measure.room(cell) for key, cell in self.shown.items()
        }

    def rooms(self) -> dict[Key, Room]:
        """The same, less what another indicator rules out."""
        rooms = self.as_published()
        return rooms | {key: meet(rooms[key], room) for key, room in self.told().items() if key in rooms}

    def settled(self) -> dict[Key, Room]:
        """What all of it together leaves possible."""
        return self._settle(self.rooms())

    def _settle(self, rooms: dict[Key, Room]) -> dict[Key, Room]:
        rooms = settle(rooms | self.sums, [margin for margins in self.linked for margin in margins])
        return {key: room for key, room in rooms.items() if key in self.cells}

    def _broken(self) -> tuple[Key, list[tuple[Key, int]]] | None:
        """A cell that has less room than promised, and what could be hidden for it: cells and which number of them, the best first."""
        own = self.rooms()
        rooms = self._settle(own)
        found = [(i != _N, key, i) for key, promise in self.promised.items() for i in narrower(rooms[key], promise)]
        if found:
            _, key, i = min(found)
            return key, list(self._beside(key, i, own))
        return next(self._drifted(), None)

    def _hide_for(self, key: Key, beside: list[tuple[Key, int]]) -> None:
        if beside:
            other, i = beside[0]
            self._write(other, CONFIDENTIAL, counted=i != _N and self.shown[other].denominator is not None)
        else:
            self.promised.pop(key, None)  # other editions have said it

    def _beside(self, key: Key, i: int, own: Mapping[Key, Room]) -> Iterator[tuple[Key, int]]:
        """What could be hidden for number `i` of `key`: in its own cut, then the school's, then others."""
        mine = [margin.parts for margin in self.margins if key in margin.parts]
        if not mine:  # the school itself: the cuts that tell too much of it
            mine = [margin.parts for margin in self.margins if narrower(together(margin, own), self.promised[key])]
        for number in dict.fromkeys((i, _N)):
            for keys in (*mine, [margin.total for margin in self.margins[:1]], *(margin.parts for margin in self.margins)):
                hideable = [other for other in keys if other != key and self._can_hide(other, number)]
                yield from ((other, number) for other in sorted(hideable, key=lambda other: self._price(other, number)))

    def _price(self, key: Key, i: int) -> tuple[bool, float, Key]:
        """What hiding costs. Denominators always in the same order, so that indicators with the same ones hide the same ones."""
        return i != _N and self.shown[key].symbol in OPEN, self.true[key][_N], key

    def _can_hide(self, key: Key, i: int) -> bool:
        cell = self.shown[key]
        if key in self.known or cell.symbol in EMPTY:
            return False
        return cell.denominator is not None if i == _N else cell.symbol != CONFIDENTIAL

    def _drifted(self) -> Iterator[tuple[Key, list[tuple[Key, int]]]]:
        """Margins whose hidden cells, taken together, differ a little from an edition that hid the same ones."""
        for edition in self.editions:
            for margin in self.margins:
                members = (*margin.parts, margin.total)
                for i in (0, _N):
                    if margin.rest[i] != NONE or not all(key in edition for key in members):
                        continue
                    hidden = {key for key in members if _is_hidden(self.shown[key], i) and key not in self.known}
                    if not hidden or hidden != {key for key in members if _is_hidden(edition[key], i)}:
                        continue
                    moved = {key: self.true[key][i] - self.measure.figures(edition[key])[i] for key in members if key not in hidden}
                    if self.measure.is_little(sum(by if key == margin.total else -by for key, by in moved.items())):
                        beside = [(key, i) for key in members if abs(moved.get(key, 0.0)) > NOISE and self._can_hide(key, i)]
                        if beside:
                            yield min(hidden), beside


def _is_hidden(cell: Shown, i: int) -> bool:
    return cell.symbol not in EMPTY and getattr(cell, _NUMBERS[i]) is None


def _rest(left: float) -> Interval:
    """What the parts may leave out (more) or count twice (less)."""
    if abs(left) <= NOISE:
        return NONE
    return SOME if left > 0 else (-SOME[1], 0.0)

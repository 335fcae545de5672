"""Which class becomes which: the letter stays, the grade follows config/turn.yaml, and two classes never become one by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lib import i18n
from lib.settings import Settings
from lib.turn.book import PUPILS, Book, Line
from lib.turn.rules import LEAVES, Rules

# Letters that name classes, in their order: those of the alphabet that both languages share, without those that begin no word.
_LETTERS = [chr(code) for code in range(0x410, 0x430) if code not in (0x419, 0x429, 0x42A, 0x42B, 0x42C)]


@dataclass(frozen=True)
class ClassTurn:
    """What becomes of the classes of a school year.

    `goes`: class → its name next year; `leaving`: classes whose grade leaves the school; `unknown`: classes of whose grade nothing is said;
    `empty`: classes that no pupil goes on from; `entering`: new classes that wait for enrolment, name → the class of this year that they
    are like; `given`: class → the name that it would have had, where another class has that name.
    """

    goes: Mapping[str, str]
    leaving: frozenset[str]
    unknown: frozenset[str]
    empty: frozenset[str]
    entering: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)


def has_left(line: Line, settings: Settings) -> bool:
    """Whether the pupil of that row has left the school."""
    return "left_on" in line.values or line.text("status") in settings.choices.get("left", ())


def turned(book: Book, to_year: str, rules: Rules, settings: Settings) -> ClassTurn:
    """What becomes of each class in `to_year`."""
    lived_in = {line.text("school_class") for line in book.lines[PUPILS] if not has_left(line, settings)}
    after = {name: rules.after(book.grade(name), to_year) for name in book.classes}
    going = {name: grade for name, grade in after.items() if grade and name in lived_in}
    goes, given = _named(book, going)
    new = {name: name for name in book.classes if book.grade(name) == rules.entry_grade and name not in goes.values()}
    return ClassTurn(
        goes=goes,
        leaving=frozenset(name for name, grade in after.items() if grade == LEAVES),
        unknown=frozenset(name for name, grade in after.items() if grade is None),
        empty=frozenset(name for name, grade in after.items() if grade and name not in lived_in),
        entering=new,
        given=given,
    )


def _named(book: Book, going: Mapping[str, int]) -> tuple[dict[str, str], dict[str, str]]:
    """class → its new name, and those that could not have the name they would have had.

    Where two would have one name (grades that skip numbers), the one that comes from the nearer grade has it.
    """
    goes: dict[str, str] = {}
    crowded = []
    for name in sorted(going, key=lambda name: (going[name] - book.grade(name), i18n.class_key(name))):
        wished = f"{going[name]}{_letter(name)}"
        if wished in goes.values():
            crowded.append((name, wished))
        else:
            goes[name] = wished
    for name, _ in crowded:
        goes[name] = _free(going[name], goes.values())
    return dict(sorted(goes.items(), key=lambda item: i18n.class_key(item[0]))), dict(crowded)


def _letter(name: str) -> str:
    """ "7-А" → "-А"; "7" → ""."""
    return name[len(name) - len(name.lstrip("0123456789")) :]


def _free(grade: int, taken: Iterable[str]) -> str:
    known = set(taken)
    return next(name for name in (f"{grade}-{letter}" for letter in _LETTERS) if name not in known)

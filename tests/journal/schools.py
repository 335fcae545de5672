"""Schools that the product has never seen, and what their journals print. Names, misspellings, traps and the truth are made here, by rules
of their own; nothing of it comes from the demo or from the matcher."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.journal.printed import Child

_SURNAMES = """
Абдыкеримов Айтматов Акаев Алиев Арапов Аширов Бакытбеков Болотбеков Бөрүбаев Ганиев Дөөлөтов Дүйшөнбаев Жээнбеков Иванов Искаков
Кадырбеков Ким Кожомкулов Кулуев Көчөров Мамбетов Маматов Машанло Мырзаев Мөңкөев Нарматов Орозов Өзүбеков Петров Рысбаев
Сооронбаев Токоев Төрөкулов Турсунов Үсөнбаев Хасанов Цой Чотонов Шайлообеков Шүкүров Эралиев Эшимов Юсупов Ыбраев
"""
SURNAMES = _SURNAMES.split()
_BOYS = """
Адыл Азат Айбек Айдар Алишер Алтынбек Аман Арген Байэл Бектур Даниэль Данил Жолдош Илгиз Кубат Күбат Манас Мурат Нурдин Нурсеит
Омар Өмөр Өмүр Руслан Саид Сагын Тариэл Темир Төлөн Улук Үмүт Умут Чыңгыз Чынгыз Эрбол Эрмек Эрнис Эрлан Эржан
"""
BOYS = _BOYS.split()
_GIRLS = """
Аделия Адеми Айжамал Айпери Айнура Алина Асия Аяна Бермет Гүлина Гулина Динара Жаңыл Жаныл Жамиля Зарина Камила Көркөм Мадина
Медина Назик Нурия Сабина Салия Сезим Тынара Үрниса Фатима Чолпон Элина Элиза Эльзат Ясмин
"""
GIRLS = _GIRLS.split()
_FATHERS = """
Абдырахман Асан Бейшен Болот Дөөлөт Жакып Камчы Кеңеш Марат Нурлан Осмон Өмүр Сатар Тилек Түгөл Улан Эркин
"""
FATHERS = _FATHERS.split()
PER_CLASS = 25


@dataclass(frozen=True)
class Row:
    """One row of a journal: the name as it is printed and whose it is ("" of one whom the register does not know)."""

    seen: str
    pupil: str
    misspelt: bool = False


@dataclass
class SchoolClass:
    """A class by its register, and the rows that its journal prints."""

    name: str
    children: list[Child] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def child_name(some: random.Random) -> tuple[str, ...]:
    """Surname, first name and patronymic; or father, word of lineage, first name."""
    girl = some.random() < 0.5
    first, father = some.choice(GIRLS if girl else BOYS), some.choice(FATHERS)
    if some.random() < 0.12:
        return father, "кызы" if girl else "уулу", first
    surname = some.choice(SURNAMES)
    return surname + "а" * (girl and surname[-1] in "вн" and surname not in ("Ким", "Цой")), first, father + ("овна" if girl else "ович")


def relative(name: Sequence[str], some: random.Random) -> tuple[str, ...]:
    """Another child who is easily taken for this one."""
    one, two, three = name
    if two in ("уулу", "кызы"):
        return some.choice([(three, two, one), (one, two, some.choice(BOYS))])
    boy = three.endswith("ович")
    kind = some.choice(["brother", "initial", "father", "sister", "letter"])
    if kind == "brother":
        return one, some.choice(BOYS if boy else GIRLS), three
    if kind == "initial":
        return one, some.choice([n for n in (BOYS if boy else GIRLS) if n[0] == two[0]] or [two]), three
    if kind == "father":
        return one, two, some.choice(FATHERS) + three[-4:]
    if kind == "sister":
        return (one[:-1] if one.endswith("а") else one + "а"), two, (three[:-4] + ("ович" if three.endswith("овна") else "овна"))
    place = some.randrange(1, len(two))
    return one, two[:place] + some.choice([c for c in "аеиокрст" if c != two[place]]) + two[place + 1 :], three


PLAIN = str.maketrans("өүңӨҮҢ", "оунОУН")
PAIRS = {"о": "ө", "ө": "о", "у": "ү", "ү": "у", "н": "ң", "ң": "н"}


def letter(name: Sequence[str], some: random.Random) -> str:
    """One of о/ө, у/ү, н/ң in place of the other, whichever way."""
    text = " ".join(name)
    places = [i for i, c in enumerate(text) if c in PAIRS]
    if not places:
        return text
    place = some.choice(places)
    return text[:place] + PAIRS[text[place]] + text[place + 1 :]


def initials(name: Sequence[str], some: random.Random) -> str:
    if name[1] in ("уулу", "кызы"):
        return f"{name[0]} {name[1]} {name[2][0]}."
    return f"{name[0]} {name[1][0]}." + (f" {name[2][0]}." if some.random() < 0.7 else "")


def swapped(name: Sequence[str], some: random.Random) -> str:
    if name[1] in ("уулу", "кызы"):
        return f"{name[2]} {name[0]} {name[1]}"
    return f"{name[1]} {name[0]} {name[2]}"


KINDS = (letter, letter, letter, initials, swapped)


def short(name: Sequence[str]) -> str:
    """Without the patronymic."""
    return " ".join(name) if name[1] in ("уулу", "кызы") else " ".join(name[:2])


def class_of(
    number: int, name: str, some: random.Random, share: float, traps: bool = True, register_short: float = 0.0, style: str = "full"
) -> SchoolClass:
    """A class of 25. `share` of the printed names is misspelt. `traps`: near relatives in the class; children who are in the journal and
    in no register, in place of near relatives who are in the register and not in the journal. `register_short`: share of pupils of whom the
    register knows no patronymic. `style` of the whole journal: full, short (no patronymics), capitals."""
    names: list[tuple[str, ...]] = []
    while len(names) < PER_CLASS:
        new = relative(some.choice(names), some) if traps and names and some.random() < 0.15 else child_name(some)
        if new not in names:
            names.append(new)
    found = SchoolClass(name)
    for place, own in enumerate(names):
        pupil = f"P{number * PER_CLASS + place:06d}"
        told = short(own) if some.random() < register_short else " ".join(own)
        if any(child.full_name == told for child in found.children):
            told = " ".join(own)
        found.children.append(Child(pupil, told, name))
        if traps and some.random() < 0.04:  # in the register and not in the journal; there, perhaps, a relative
            if some.random() < 0.5 and style != "short" and told.count(" ") == 2:
                stranger = relative(own, some)
                # whom only ң ө ү tell from a pupil, nobody can tell from a pupil who was typed without them
                if stranger not in names and " ".join(stranger).translate(PLAIN) != told.translate(PLAIN):
                    found.rows.append(Row(" ".join(stranger), ""))
            continue
        if traps and some.random() < 0.01:
            found.rows.append(Row(own[0], pupil, True))  # the surname alone
            continue
        misspelt = some.random() < share
        seen = some.choice(KINDS)(own, some) if misspelt else " ".join(own) if style != "short" else short(own)
        found.rows.append(Row(seen.upper() if style == "capitals" else seen, pupil, misspelt))
    some.shuffle(found.rows)
    return found

"""How figures, periods, statuses and reasons are said, on pages and in documents.

Words are translated when said: call these while a page is being drawn, or a document written.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from lib import i18n
from lib.analysis import Change, Figure
from lib.i18n import gettext as _
from lib.model.indicator import Indicator, Status, Verdict
from lib.office.board import BoardState
from lib.office.cyclogram import TermState
from lib.office.cyclogram import state_word as term_word
from lib.office.periods import month, period
from lib.office.reminders import state_word as board_word
from lib.settings import Settings

# Status is never told by colour alone: symbol, colour name of the theme, and a word.
SYMBOLS = {Verdict.REACHED: "▲", Verdict.NEAR: "●", Verdict.MISSED: "▼", Verdict.NONE: "○"}
COLOURS = {Verdict.REACHED: "green", Verdict.NEAR: "orange", Verdict.MISSED: "red", Verdict.NONE: "gray"}
FILTER_ALL = ""
_ADDRESS = "%/:=&?#+,;@!~$'*-._"  # what of an address stands in Markdown as it is


# --- time ----------------------------------------------------------------------------------------------------------------


def short_period(period_id: str) -> str:
    """The same for an axis: "Q1", "Sep"."""
    number = period_id[1:].lstrip("0")
    match period_id[0]:
        case "Q":
            return _("Q{number}", number=number)
        case "H":
            return _("H{number}", number=number)
        case "M":
            return month(int(number))[:3]
        case _:
            return _("Year")


def school_year(school_year_id: str) -> str:
    """ "2025–2026"."""
    return school_year_id.replace("-", "–")


def at_time(school_year_id: str, period_id: str) -> str:
    """ "Quarter 1, 2025–2026"."""
    return school_year(school_year_id) if period_id == "Y" else f"{period(period_id)}, {school_year(school_year_id)}"


# --- places and topics ---------------------------------------------------------------------------------------------------


def stage(loaded: Settings, key: str) -> str:
    """The stage's name: "Primary"."""
    return loaded.stages[key].of(i18n.language()) if key in loaded.stages else key


def grade(number: str) -> str:
    """All classes of a grade: "Grade 7"."""
    return _("Grade {number}", number=number)


def subject(loaded: Settings, code: str) -> str:
    """The subject's name, its code when the configuration does not know it."""
    return loaded.subjects[code].name.of(i18n.language()) if code in loaded.subjects else code


def association(loaded: Settings, key: str) -> str:
    """The methodical association's name."""
    return loaded.associations[key].of(i18n.language()) if key in loaded.associations else key


def dimension(name: str) -> str:
    """The heading of a filter or of a column."""
    names = {
        "school_year": _("School year"),
        "period": _("Period"),
        "stage": _("Stage"),
        "grade": _("Grade"),
        "school_class": _("Class"),
        "subject": _("Subject"),
        "method_association": _("Methodical association"),
    }
    return names[name]


def member(loaded: Settings, name: str, value: str) -> str:
    """One member of a dimension, in words."""
    match name:
        case "stage":
            return stage(loaded, value)
        case "grade":
            return grade(value)
        case "subject":
            return subject(loaded, value)
        case "method_association":
            return association(loaded, value)
        case _:
            return value


def scope(loaded: Settings, dims: Mapping[str, str]) -> str:
    """Class and subject with a dot between them; "Whole school" when nothing is narrowed."""
    return " · ".join(member(loaded, name, value) for name, value in dims.items() if value) or _("Whole school")


def in_order_of_form(loaded: Settings, indicator: Indicator, parts: Iterable[str]) -> list[str]:
    """Members of a breakdown in the order of the form's list; others after them by the alphabet."""
    form, _dot, column = indicator.breakdown.partition(".")
    known = loaded.forms[form].by_key.get(column) if form in loaded.forms else None
    place = {choice.key: number for number, choice in enumerate(known.choices)} if known else {}
    return sorted(parts, key=lambda name: (place.get(name, len(place)), i18n.ky_key(name)))


def part(loaded: Settings, indicator: Indicator, value: str) -> str:
    """A member of an indicator's breakdown: the words of the form's list; a form's title where the parts are forms."""
    source, _dot, column = indicator.breakdown.partition(".")
    if source in loaded.forms and column in loaded.forms[source].by_key:
        for choice in loaded.forms[source].column(column).choices:
            if choice.key == value:
                return choice.words.of(i18n.language())
    return form(loaded, value) if indicator.breakdown == "form" else value


def role(loaded: Settings, keys: str) -> str:
    """Who fills something: roles joined by "+" in words."""
    return ", ".join(loaded.roles[key].of(i18n.language()) if key in loaded.roles else _("by itself") for key in keys.split("+"))


def form(loaded: Settings, form_id: str) -> str:
    """ "F01 · Marks"."""
    return f"{form_id} · {loaded.forms[form_id].title.of(i18n.language())}" if form_id in loaded.forms else form_id


# --- figures -------------------------------------------------------------------------------------------------------------


def unit(indicator: Indicator) -> str:
    """The unit as it stands behind a number; "" for plain counts."""
    units = {
        "percent": "%",
        "per_mille": "‰",
        "points": _("points"),
        "pp": _("pp"),
        "days": _("days"),
        "pupils": _("pupils"),
        "times": _("times"),
        "points_per_100": _("points per 100 pupils"),
        "per_100": _("per 100 teachers"),
    }
    return units.get(indicator.unit, "")


def number(indicator: Indicator, value: float | None) -> str:
    """The value with its unit where that is a sign: "50,3%", "3,71", "12"."""
    if indicator.unit == "percent":
        return i18n.percent(value, indicator.decimals)
    text = i18n.number(value, indicator.decimals)
    if value is None or indicator.unit not in ("per_mille", "pp", "days"):
        return text
    return f"{text}{i18n.NBSP}{unit(indicator)}"


def titled(indicator: Indicator, language: str | None = None) -> str:
    """The indicator's name with the unit where the number alone would not say it: "Mean mark, points"."""
    name = indicator.name.of(language or i18n.language())
    said = unit(indicator)
    told = indicator.unit not in ("points", "pupils", "times", "points_per_100", "per_100") or said.casefold() in name.casefold()
    return name if told else f"{name}, {said}"


def delta(indicator: Indicator, value: float) -> str:
    """A change: "−2.3 pp" for shares, "+0.04" else."""
    text = i18n.signed(value, indicator.decimals)
    return f"{text}{i18n.NBSP}{_('pp')}" if indicator.unit in ("percent", "pp") else text


def change(indicator: Indicator, moved: Change | None) -> str:
    """A change with the word for noise."""
    if moved is None:
        return _("nothing to compare with")
    text = delta(indicator, moved.delta)
    return f"{text} ({_('within chance')})" if moved.is_noise else text


def n(figure: Figure | None) -> str:
    """ "n = 1 204", "" when there is nothing that was counted."""
    if figure is None or not figure.denominator:
        return ""
    return f"n{i18n.NBSP}={i18n.NBSP}{i18n.number(figure.denominator, 0)}"


def verdict(judged: Verdict) -> str:
    """The word beside the symbol."""
    words = {
        Verdict.REACHED: _("target reached"),
        Verdict.NEAR: _("close to target"),
        Verdict.MISSED: _("target missed"),
        Verdict.NONE: _("no target"),
    }
    return words[judged]


def badge(judged: Verdict, word: str = "") -> str:
    """Markdown of a status: symbol, word and colour."""
    return f":{COLOURS[judged]}-badge[{SYMBOLS[judged]} {word or verdict(judged)}]"


def target(indicator: Indicator, word: bool = True) -> str:
    """ "target ≥ 50%", with the bound for lower-is-better; "" without a target."""
    if indicator.target is None:
        return ""
    bound = {"higher": "≥", "lower": "≤"}.get(indicator.better, "≈")
    decimals = 0 if indicator.target == int(indicator.target) else indicator.decimals
    value = i18n.percent(indicator.target, decimals) if indicator.unit == "percent" else i18n.number(indicator.target, decimals)
    said = f"{bound}{i18n.NBSP}{value}"
    return f"{_('target')}{i18n.NBSP}{said}" if word else said


def status(value: str) -> str:
    """The words of a value's status."""
    words = {
        Status.OK: _("in full"),
        Status.INCOMPLETE: _("not all data has come"),
        Status.NOT_APPLICABLE: _("not applicable"),
        Status.NOT_COLLECTED: _("not collected"),
        Status.SUPPRESSED: _("too few answers"),
    }
    return words.get(Status(value), value) if value else _("no data")


def reason(loaded: Settings, indicator: Indicator, figure: Figure | None, year: str, period_id: str, as_of: dt.date) -> str:
    """Why there is no figure, and what would bring it: not begun, not applicable, too few, or which form and who fills it."""
    start = loaded.school_year(year).period(period_id).start
    if start > as_of:
        return _("Not begun yet: starts {date}", date=i18n.date(start))
    state = figure.status if figure else Status.NOT_COLLECTED
    if state == Status.NOT_APPLICABLE:
        if indicator.grades:
            return _("Not applicable here: speaks of grades {grades}", grades=", ".join(map(str, indicator.grades)))
        if indicator.marked_only:
            return _("Not applicable here: these grades have no marks")
        return _("Not applicable here: there is nobody to count")
    if state == Status.SUPPRESSED:
        return _("Too few answers for a figure")
    forms = " + ".join(form(loaded, source.form) for source in indicator.sources if not source.form.startswith("R"))
    forms = forms or " + ".join(form(loaded, source.form) for source in indicator.sources)
    if not forms:
        return _("Not collected yet")
    return _("Not collected yet. Form: {forms}. Filled by: {role}", forms=forms, role=role(loaded, indicator.filled_by))


# --- the office ----------------------------------------------------------------------------------------------------------

TERM_SIGNS = {
    TermState.DONE: ("▲", "green"), TermState.IN_PROGRESS: ("●", "orange"), TermState.OVERDUE: ("▼", "red"),
    TermState.PLANNED: ("◆", "gray"), TermState.CANCELLED: ("✕", "gray"),
}  # fmt: skip
BOARD_SIGNS = {
    BoardState.OVERDUE: ("▼", "red"), BoardState.DUE: ("◆", "orange"), BoardState.STARTED: ("●", "orange"),
    BoardState.COMPLETE: ("▲", "green"), BoardState.NOT_DUE: ("○", "gray"),
}  # fmt: skip


def term_state(state: TermState, more: str = "") -> str:
    """Markdown of how a term of the plan stands: symbol, word and colour."""
    sign, colour = TERM_SIGNS[state]
    return f":{colour}-badge[{sign} {term_word(state)}{more}]"


def board_state(state: BoardState, more: str = "") -> str:
    """Markdown of how a row of the board stands."""
    sign, colour = BOARD_SIGNS[state]
    return f":{colour}-badge[{sign} {board_word(state)}{more}]"


def short_name(name: str) -> str:
    """A name with initials for narrow places: the first word and small ones after it stay."""
    words = name.split()
    kept = words[:1]
    while len(kept) < len(words) - 1 and words[len(kept)][:1].islower():
        kept.append(words[len(kept)])
    return " ".join([*kept, *(f"{word[0]}." for word in words[len(kept) :])])


# --- issues --------------------------------------------------------------------------------------------------------------


def severity(value: str) -> str:
    """The severity of an issue as symbol and word."""
    words = {"error": _("▼ error"), "warning": _("● warning"), "note": _("○ note")}
    return words.get(value, value)


def age(days: int) -> str:
    """How old something is."""
    if days <= 0:
        return _("today")
    return _("{days} d ago", days=days)


def ago(then: dt.datetime, now: dt.datetime) -> str:
    """How long ago something was: "2 min ago", in hours up to two days, then in days."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("{minutes} min ago", minutes=minutes)
    if minutes < 48 * 60:
        return _("{hours} h ago", hours=minutes // 60)
    return age((now.date() - then.date()).days)


def clock(then: dt.datetime, now: dt.datetime) -> str:
    """The time of a moment of today, else with its date."""
    return f"{then:%H:%M}" if then.date() == now.date() else i18n.moment(then)


# --- text of others ------------------------------------------------------------------------------------------------------

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+.!|$~:&^=-])")


# Where Markdown would make a link, an address of mail, an icon or an arrow of plain text, whatever stands before it: a joiner without width
# parts it.
_MADE_OF_TEXT = re.compile(r":(?=\S)|www(?=\.)|(?<=\S)(?=@)|<(?=[=-])|-(?=[>-])|[>~](?==)", re.IGNORECASE)
# Lines and indents would be headings and code; what is not seen, or turns the direction of reading, would show another text than there is.
_GAPS = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
JOINER = "\u2060"


def plain(text: str) -> str:
    """Text that a person typed, such that Markdown shows it as it is and makes nothing of it: tabs and cells may hold any sign."""
    text = _UNSEEN.sub("", _GAPS.sub(" ", text)).strip(" ")
    text = _MADE_OF_TEXT.sub(rf"\g<0>{JOINER}", text)
    return _MARKDOWN.sub(r"\\\1", text)


def link(text: str, address: str) -> str:
    """Markdown of `text` that opens `address`; the text alone when the address is none of the web."""
    if not address.startswith(("https://", "http://")):
        return plain(text)
    return f"[{plain(text)}]({quote(address, safe=_ADDRESS)})"

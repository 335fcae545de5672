"""Calendar files (.ics, RFC 5545): days on which something is due, as every calendar program takes them."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from icalendar import Calendar, Event

MIME = "text/calendar"
# Signs that no text of a calendar file may hold; line breaks stay, icalendar writes them as \n.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class DueDay:
    """One whole day in a calendar. `key` tells it from every other and stays when the day moves, so that a calendar that takes the file
    again moves the day rather than adding another."""

    key: str
    day: dt.date
    title: str
    text: str = ""
    link: str = ""


def calendar_file(name: str, days: Iterable[DueDay], made_at: dt.datetime) -> bytes:
    """The days as one .ics file called `name` in calendars; `made_at` is when what it tells was known, in local time."""
    calendar = Calendar()
    calendar.add("prodid", "-//Sapat//Monitoring desk//KY")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _line(name))
    for due in days:
        calendar.add_component(_event(due, made_at))
    return bytes(calendar.to_ical())


def _event(due: DueDay, made_at: dt.datetime) -> Event:
    event = Event()
    event.add("uid", f"{hashlib.sha256(due.key.encode()).hexdigest()[:32]}@sapat")
    event.add("dtstamp", made_at.astimezone(dt.UTC))
    event.add("dtstart", due.day)
    event.add("dtend", due.day + dt.timedelta(days=1))
    event.add("summary", _line(due.title))
    if due.text:
        event.add("description", _plain(due.text))
    if due.link.startswith(("https://", "http://")):
        event.add("url", due.link)
    event.add("transp", "TRANSPARENT")  # nobody is busy all day because something is due
    return event


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _line(text: str) -> str:
    return " ".join(_plain(text).split())

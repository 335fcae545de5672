"""Who may stand before the web surface, and how much one address may ask of it: config/web.yaml."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, fields
from pathlib import Path

from lib.settings.document import Entry, read
from lib.settings.place import ROOT

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one address may ask within a minute; a whole school may stand behind one. See config/web.yaml for each field."""

    requests: int = 12_000
    connections: int = 600
    sign_in: int = 240
    family: int = 600
    messages: int = 240
    open_connections: int = 400


@dataclass(frozen=True, slots=True)
class Web:
    """`hosts`: the names under which readers reach the desk (none: this computer's, and numeric addresses); `proxies`: whose word about
    the reader's address is taken."""

    hosts: tuple[str, ...] = ()
    proxies: tuple[Network, ...] = ()
    limits: Limits = Limits()


def web(config: Path = ROOT / "config") -> Web:
    """The web surface as config/web.yaml wants it; without that file the strict defaults. Raises UserError."""
    path = config / "web.yaml"
    if not path.is_file():
        return Web()
    entry = read(path)
    hosts = tuple(name.casefold().rstrip(".") for name in entry.texts("hosts", ()))
    for name in hosts:
        if not name or any(sign in name for sign in "/: *"):
            entry.fail("hosts", f"{name!r} was seen; expected names alone, such as sapat.mektep.kg")
    proxies = tuple(_network(entry, text) for text in entry.texts("trusted_proxies", ()))
    limits = _limits(entry.entry("per_minute")) if "per_minute" in entry else Limits()
    entry.done()
    return Web(hosts, proxies, limits)


def _network(entry: Entry, text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        entry.fail("trusted_proxies", f"{text!r} was seen; expected an address or a network, such as 127.0.0.1 or 10.0.0.0/24")


def _limits(entry: Entry) -> Limits:
    plain = Limits()
    numbers = {field.name: entry.take(field.name, int, getattr(plain, field.name)) for field in fields(Limits)}
    for name, value in numbers.items():
        if value < 1:
            entry.fail(name, f"{value} was seen; expected a number above 0")
    entry.done()
    return Limits(**numbers)

"""Whether what a provider says of an account makes it a person of this school. Asked at every run of a page, never remembered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

from lib.access.rights import Rights
from lib.access.roles import Person
from lib.access.staff import Staff

AHEAD = dt.timedelta(minutes=5)  # clocks differ


class Refusal(StrEnum):
    """Why a visitor is not let in."""

    SIGN_IN = "sign-in"  # nobody has signed in
    NOT_SET_UP = "not-set-up"  # the school has set up no sign-in
    NOT_HERE = "not-here"  # this-computer-only, and the visitor or the server is not
    UNVERIFIED = "unverified"  # the provider does not vouch for the e-mail
    UNKNOWN = "unknown"  # not on the staff list, or not active, or there twice
    OLD = "old"  # the sign-in is older than the school wants


def person_of(claims: Mapping[str, object], staff: Staff, rights: Rights, now: dt.datetime) -> Person | Refusal:
    """The person that the claims of an identity token name, or why there is none. `now` has a time zone."""
    if claims.get("is_logged_in") is not True:
        return Refusal.SIGN_IN
    email, issuer, verified = claims.get("email"), claims.get("iss"), claims.get("email_verified")
    if not isinstance(email, str) or not email:
        return Refusal.UNVERIFIED
    if verified is not True and not (verified is None and issuer in rights.trusted_issuers):
        return Refusal.UNVERIFIED
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, (int, float)):
        return Refusal.OLD
    age = now.timestamp() - issued
    if not -AHEAD.total_seconds() <= age <= rights.sign_in_days * 86400:
        return Refusal.OLD
    person = staff.of(email)
    return person if person is not None and person.roles else Refusal.UNKNOWN

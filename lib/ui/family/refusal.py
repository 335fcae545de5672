"""Why a code did not open anything."""

from __future__ import annotations

from lib.i18n import gettext as _


def refusal(wait: int) -> str:
    """Wrong, or (with the seconds to wait) too many wrong ones. It does not say which of a code's faults it was."""
    if wait:
        return _("Too many wrong codes. Try again in {n} s.", n=wait)
    return _("This code opens nothing: it is mistyped, has run out or was closed. Look at the slip again, or ask the class teacher.")

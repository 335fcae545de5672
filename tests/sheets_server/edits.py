"""spreadsheets.batchUpdate: the requests one after the other on one draft, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import edit_cells, edit_dimensions, edit_layout, edit_moves, edit_rules, edit_tabs
from .drafts import Draft
from .errors import ApiError, invalid

JSON = dict[str, Any]

KINDS: dict[str, Callable[[Draft, JSON], JSON | None]] = {
    **edit_tabs.KINDS,
    **edit_cells.KINDS,
    **edit_moves.KINDS,
    **edit_layout.KINDS,
    **edit_dimensions.KINDS,
    **edit_rules.KINDS,
}


def apply(draft: Draft, requests: Any) -> list[JSON]:
    """The replies, one for each request; an error names the request that it is about."""
    if not isinstance(requests, list) or not requests:
        raise invalid("Must specify at least one request.")
    replies = []
    for at, request in enumerate(requests):
        if not isinstance(request, dict) or len(request) != 1:
            raise invalid(f"Invalid requests[{at}]: {'No request set.' if not request else 'Only one kind may be set in a request.'}")
        ((kind, asked),) = request.items()
        work = KINDS.get(kind)
        if work is None:
            raise invalid(f"Invalid JSON payload received. Unknown name \"{kind}\" at 'requests[{at}]': Cannot find field.")
        try:
            reply = work(draft, asked if isinstance(asked, dict) else {})
        except ApiError as refused:
            if refused.code == 400:
                raise invalid(f"Invalid requests[{at}].{kind}: {refused.message}") from None
            raise
        draft.document.results.clear()
        replies.append({} if reply is None else {kind: reply} if reply else {})
    return replies

"""After signing out here: the way to sign out at the provider too."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import LeaveTicket
from egovframe.core.web.context import go
from egovframe.core.web.cookies import set_cookie

LEAVING = "egov_leaving"


def lead_out(ticket: LeaveTicket) -> Any:
    """Lead to the page that offers it; the ticket travels in a cookie of its own."""
    response = go("account.signed_out", provider=ticket.provider)
    set_cookie(response, LEAVING, ticket.secret, age=ticket.life)
    return response

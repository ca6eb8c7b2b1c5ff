"""``/{lang}/account/my-data/looks``: who looked at the personal data of whoever is signed in."""

from __future__ import annotations

from flask import request

from egovframe.core.auth import signed_in
from egovframe.core.modules.privacy import looks_at
from egovframe.core.web.account.routes.own import pages
from egovframe.core.web.account.schemas import LooksQuery
from egovframe.core.web.context import actor, load, reading, render


@pages.get("/my-data/looks")
@signed_in
def looks() -> str:
    """Show who looked, the newest first."""
    cursor = load(LooksQuery(), request.args.to_dict())["cursor"]
    return render("account/looks.html", page=looks_at(reading(), actor().account_id, cursor=cursor or None))


__all__ = ["pages"]

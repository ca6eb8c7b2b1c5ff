"""Terms and privacy notices: to read for everybody, to agree to after signing in, to look back at and take back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request
from flask import session as cookie

from egovframe.core.auth import public, signed_in
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import (
    consents_of,
    give_consent,
    newest_asking,
    newest_versions,
    unanswered,
    versions_of,
    withdraw_consent,
)
from egovframe.core.web.account.addresses import landing, local
from egovframe.core.web.account.routes.pages import pages
from egovframe.core.web.account.schemas import NothingSchema
from egovframe.core.web.account.schemas_privacy import AgreeSchema
from egovframe.core.web.context import actor, go, is_page, language, load, notice, reading, render, url, writing
from egovframe.core.web.forms import form
from egovframe.errors import NotFound

ANSWERED = "notices"
"""Key of the state cookie: the newest version that this browser's person was seen to have answered."""
PASSABLE = "account."
OPEN_ENDPOINTS = frozenset(
    PASSABLE + name
    for name in (
        "agree",
        "agree_now",
        "notice",
        "notice_list",
        "sign_out",
        "my_data",
        "download_data",
        "erase_data",
        "erase_now",
        "erased",
        "consents",
        "withdraw",
    )
)
"""What somebody may do who has not agreed: read, leave, take the own data along, be erased."""


@pages.before_app_request
def put_in_the_way() -> Response | None:
    """Lead somebody who is signed in to what they have not agreed to yet; nothing that was typed is lost by it."""
    if request.method != "GET" or request.endpoint in OPEN_ENDPOINTS or request.url_rule is None or not is_page():
        return None
    if not actor().is_signed_in:
        return None
    newest = newest_asking(reading())
    known = f"{actor().public_id}:{newest}"
    if not newest or cookie.get(ANSWERED) == known:
        return None
    if not unanswered(reading(), actor().account_id or 0):
        cookie[ANSWERED] = known
        return None
    back = request.full_path.rstrip("?")
    return redirect(f"{url('account.agree')}?next={quote(back, safe='')}", code=303)  # type: ignore[return-value]


@pages.get("/agree")
@signed_in
def agree() -> Any:
    """Show what there is to agree to, with the whole text."""
    wanted = local(request.args.get("next", "")) or ""
    found = unanswered(reading(), actor().account_id or 0)
    if not found:
        return redirect(wanted or landing(actor(), language()), code=303)
    return render("account/agree.html", versions=found, back=wanted)


@pages.post("/agree")
@signed_in
def agree_now() -> Any:
    """Remember the agreement to the versions that were on the page, and go on."""
    data = load(AgreeSchema())
    with writing() as session:
        give_consent(session, actor(), actor().account_id or 0, data["versions"])
    return redirect(local(data["next"]) or landing(actor(), language()), code=303)


@pages.get("/notices")
@public
def notice_list() -> str:
    """List the city's terms and privacy notices."""
    return render("account/notice_list.html", versions=newest_versions(reading()))


@pages.get("/notices/<code>", endpoint="notice")
@public
def notice_page(code: str) -> str:
    """Show a notice as it stands, and its earlier versions."""
    found = versions_of(reading(), code)
    number = request.args.get("version", "")
    chosen = next((one for one in found if str(one.number) == number), None) if number else found[0]
    if chosen is None:
        raise NotFound
    return render("account/notice.html", version=chosen, versions=found)


@pages.get("/my-data/consents")
@signed_in
def consents() -> str:
    """Show what the person agreed to and took back, and what they may agree to freely."""
    session, key = reading(), actor().account_id or 0
    history = consents_of(session, key)
    standing = {one.version_id for one in history if one.withdrawn_at is None}
    offered = [one for one in newest_versions(session) if one.notice.kind == "consent" and one.id not in standing]
    return render("account/consents.html", history=history, offered=offered, f=form(NothingSchema()))


@pages.post("/my-data/consents/give")
@signed_in
def give() -> Any:
    """Agree freely to one thing."""
    data = load(AgreeSchema())
    with writing() as session:
        give_consent(session, actor(), actor().account_id or 0, data["versions"])
    notice(_("Thank you, that is noted."))
    return go("account.consents")


@pages.post("/my-data/consents/<public_id>/withdraw")
@signed_in
def withdraw(public_id: str) -> Any:
    """Take a consent back."""
    load(NothingSchema())
    with writing() as session:
        withdraw_consent(session, actor(), public_id)
    cookie.pop(ANSWERED, None)
    notice(_("That is taken back."))
    return go("account.consents")

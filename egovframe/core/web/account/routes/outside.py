"""Signing in with a provider, connecting one, and leaving."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, session

from egovframe.core.auth import (
    OutsideRefused,
    account_of,
    actor_of_session,
    attempt_cookie,
    begin_at_provider,
    disconnect_provider,
    finish_at_provider,
    leave_address,
    need_fresh,
    provider_of,
    provider_ways,
    public,
    signed_in,
    wanted_page,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.addresses import landing, local
from egovframe.core.web.account.agents import family
from egovframe.core.web.account.leaving import LEAVING
from egovframe.core.web.account.providers import (
    answer_of_provider,
    connecting_token,
    is_connecting_token,
    offered,
    title_of,
    told,
)
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.schemas import NothingSchema
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.context import (
    actor,
    close_units,
    forget_actor,
    go,
    language,
    load,
    notice,
    reading,
    render,
    settings,
    writing,
)
from egovframe.core.web.cookies import SIGNED_IN, delete_cookie, read_cookie, set_cookie
from egovframe.core.web.runtime import runtime
from egovframe.errors import BadRequest

pages.context_processor(offered)


@pages.get("/sign-in/with/<provider>")
@public
def with_provider(provider: str) -> Any:
    """Lead to the provider; with ``again=1`` it shall ask once more who is there."""
    again = request.args.get("again") == "1"
    return _lead_away(provider, local(request.args.get("next", "")) or "", again=again)


@pages.get("/sign-in/with/<provider>/return")
@public
def back_from_provider(provider: str) -> Any:
    """Sign in who comes back, or connect the provider; else say why not."""
    answer = answer_of_provider()
    cookie = attempt_cookie(answer.get("state", ""))
    sealed, person = read_cookie(cookie), actor()
    attempts = Attempts()
    attempts("provider", address())
    close_units()  # nothing of the database is held while the provider is asked
    try:
        done = finish_at_provider(
            runtime().database,
            provider,
            answer=answer,
            sealed=sealed,
            actor=person,
            agent=family(request.user_agent.string),
            previous=read_cookie(SIGNED_IN),
        )
    except OutsideRefused as error:
        wanted = wanted_page(runtime().database, provider, request.cookies)
        response = told(provider, error, local(wanted) or "")
        delete_cookie(response, cookie)
        return response
    attempts.succeeded()
    response = _entered(done.token, done.next, done.language) if done.token else _connected(provider)
    delete_cookie(response, cookie)
    return response


@pages.get("/ways")
@signed_in
def ways() -> Any:
    """Show the ways to sign in that one has, and those that one could have."""
    account = account_of(reading(), actor())
    rows = [
        {"title": title_of(way.provider), "name": way.provider.name, "identity": way.identity, "token": token}
        for way in provider_ways(reading(), actor())
        for token in ("" if way.identity else connecting_token(way.provider.name),)
    ]
    return render("account/ways.html", rows=rows, account=account)


@pages.get("/ways/<provider>/connect")
@signed_in
def connect(provider: str) -> Any:
    """Lead to the provider in order to connect it with the account that is signed in, after a fresh proof."""
    provider_of(runtime().database, provider)
    if not is_connecting_token(provider, request.args.get("token", "")):
        raise BadRequest(_("This link is too old or came from another site. Open “Ways to sign in” and try again."))
    need_fresh(reading(), actor(), present())
    return _lead_away(provider, "", account=actor().public_id)


@pages.post("/ways/<public_id>/disconnect", endpoint="disconnect")
@signed_in
def disconnect_way(public_id: str) -> Any:
    """Disconnect a provider, after a fresh proof."""
    load(NothingSchema())
    try:
        with writing() as writer:
            need_fresh(writer, actor(), present())
            disconnect_provider(writer, actor(), public_id, keep_session=present())
    except OutsideRefused as error:
        notice(error.detail, "warning")
    else:
        forget_actor()
        notice(_("This provider no longer opens your account."))
    return go("account.ways")


@pages.get("/signed-out/<provider>", endpoint="signed_out")
@public
def signed_out_here(provider: str) -> Any:
    """Say that the session at the provider goes on, and offer to end it."""
    known = provider_of(runtime().database, provider)
    close_units()
    try:
        offers = bool(known.source.metadata().end_session_endpoint)
    except OutsideRefused:
        offers = False
    if not offers or not read_cookie(LEAVING):
        return go("core.home")
    return render("account/signed_out.html", title=title_of(known), provider=provider)


@pages.get("/signed-out/<provider>/leave")
@public
def leave(provider: str) -> Any:
    """Lead to the provider's own sign-out."""
    Attempts()("provider", address())
    close_units()
    try:
        there = leave_address(runtime().database, provider, read_cookie(LEAVING))
    except OutsideRefused as error:
        there = None
        notice(error.detail, "warning")
    response: Any = redirect(there, code=303) if there else go("core.home")
    delete_cookie(response, LEAVING)
    return response


def _lead_away(provider: str, next_page: str, account: str = "", again: bool = False) -> Any:
    close_units()
    try:
        begun = begin_at_provider(
            runtime().database, provider, language=language(), next_page=next_page, account=account, again=again
        )
    except OutsideRefused as error:
        return told(provider, error, next_page)
    response: Any = redirect(begun.address, code=303)
    response.headers["Cache-Control"] = "no-store"
    set_cookie(response, begun.cookie, begun.sealed, age=begun.life)
    return response


def _entered(token: str, next_page: str, own: str | None) -> Any:
    session.clear()
    forget_actor()
    known = actor_of_session(reading(), token)
    first = landing(known, own if own in settings().city.languages else language())
    response: Any = redirect(local(next_page) or first, code=303)
    set_cookie(response, SIGNED_IN, token)
    return response


def _connected(provider: str) -> Any:
    title = title_of(provider_of(runtime().database, provider))
    notice(_("From now on you can sign in with %(provider)s too.", provider=title))
    return go("account.ways")


__all__ = ["pages"]

"""``/<lang>/account/delegation``: an official lends own rights for some days, a head those of the own people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from egovframe.core.auth import Account, RoleGrant, lendable, loans, signed_in
from egovframe.core.i18n import city_zone
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.organisation.deputies import (
    absence_to_cover,
    lend,
    loans_below,
    posts_below,
    seats,
    take_back,
)
from egovframe.core.modules.organisation.loans import loan_views, midnight
from egovframe.core.modules.organisation.models import Absence
from egovframe.core.modules.organisation.places import places_of
from egovframe.core.modules.organisation.schemas import EndLoanSchema, LendSchema
from egovframe.core.persistence import now
from egovframe.core.web import actor, form, go, load, notice, reading, render, writing
from egovframe.errors import Conflict, Forbidden, Invalid

pages = Blueprint("delegation", __name__, url_prefix="/account/delegation", template_folder="../templates")
TEMPLATE = "organisation/delegation.html"
AHEAD = timedelta(days=366)


@pages.get("")
@signed_in
def overview() -> str:
    """Show what is lent and borrowed, and ask who stands in."""
    session = reading()
    return _page(session, proposal(session, actor().account_id or 0, now(session)))


@pages.post("")
@signed_in
def give() -> Any:
    """Lend rights."""
    try:
        data = load(LendSchema())
        with writing() as session:
            seated = seats(session, now(session))
            people = {seat.post.code: seat.account_id for seat in seated}
            titles = dict(_titles(seated))
            lender = session.get_one(Account, _lender(people, data["lender_post"]))
            delegate = session.get_one(Account, _known(people, data["delegate_post"], "delegate_post"))
            lend(
                session,
                actor(),
                lender,
                delegate,
                valid_from=midnight(data["first_day"]),
                valid_until=midnight(data["last_day"] + timedelta(days=1)),
                grants=data["grants"] or None,
                reason=data["reason"],
            )
    except (Invalid, Conflict) as error:
        return _page(reading(), request.form, _messages(error)), error.status
    if lender.id == actor().account_id:
        notice(_("Your stand-in has these rights on the days that you chose."))
    else:
        away, stays = titles[data["lender_post"]], titles[data["delegate_post"]]
        notice(_("%(stays)s stands in for %(away)s on the days that you chose.", stays=stays, away=away))
    return go("delegation.overview")


@pages.post("/<loan_id>/end")
@signed_in
def end(loan_id: str) -> Any:
    """Take a loan back, or give it back."""
    load(EndLoanSchema())
    with writing() as session:
        take_back(session, actor(), loan_id)
    notice(_("These rights are back where they belong."))
    return go("delegation.overview")


def proposal(session: Session, account_id: int, at: datetime) -> dict[str, Any]:
    """Return what the form shows at first: the next absence with its substitute, where there is one."""
    absence = absence_to_cover(session, account_id, at)
    if absence is None or absence.substitute is None:
        return {"first_day": at.astimezone(city_zone()).date().isoformat()}
    return {
        "delegate_post": absence.substitute.code,
        "first_day": max(absence.valid_from, at).astimezone(city_zone()).date().isoformat(),
        "last_day": _last_day(absence).isoformat(),
        "absence": absence,
    }


def _page(session: Session, values: Any, messages: Any = None) -> str:
    at, own = now(session), actor().account_id or 0
    people = seats(session, at)
    below = posts_below(session, own, at)
    grants = lendable(session, own, at, at + AHEAD) if _is_official(session, own) else []
    drawn = form(
        LendSchema(),
        values,
        messages,
        choices={
            "lender_post": [("", _("I myself")), *_titles(seat for seat in people if seat.post_id in below)],
            "delegate_post": _titles(seat for seat in people if seat.account_id != own),
            "grants": _grant_choices(session, grants),
        },
        only=[name for name in LendSchema().load_fields if name != "lender_post" or below],
    )
    return render(
        TEMPLATE,
        f=drawn,
        can_lend=bool(grants or below),
        absence=values.get("absence") if isinstance(values, dict) else None,
        lent=loan_views(session, loans(session, at, lender_id=own), at),
        borrowed=loan_views(session, loans(session, at, delegate_id=own), at),
        arranged=loan_views(session, loans_below(session, own, at), at),
    )


def _is_official(session: Session, account_id: int) -> bool:
    return session.get_one(Account, account_id).kind == "staff"


def _titles(found: Any) -> list[tuple[str, str]]:
    return [(seat.post.code, str(seat.post.title.pick().text)) for seat in found]


def _grant_choices(session: Session, grants: Sequence[RoleGrant]) -> list[tuple[str, str, str]]:
    places = places_of(session, [grant.pairs for grant in grants])
    return [
        (
            grant.public_id,
            str(grant.role.title.pick().text),
            " · ".join(str(places[pair].name) for pair in sorted(grant.pairs)),
        )
        for grant in grants
    ]


def _lender(people: dict[str, int], post: str) -> int:
    if post:
        return _known(people, post, "lender_post")
    if actor().account_id is None:
        raise Forbidden
    return int(actor().account_id or 0)


def _known(people: dict[str, int], post: str, field: str) -> int:
    if post not in people:
        raise Invalid(errors={field: [_("Nobody holds this post at the moment.")]})
    return people[post]


def _messages(error: Invalid | Conflict) -> Any:
    given = dict(getattr(error, "errors", None) or {"_schema": [error.detail]})
    renamed = {"delegate": "delegate_post", "valid_until": "last_day"}
    return {renamed.get(name, name): messages for name, messages in given.items()}


def _last_day(absence: Absence) -> date:
    return (absence.valid_until - timedelta(seconds=1)).astimezone(city_zone()).date()


__all__ = ["pages"]

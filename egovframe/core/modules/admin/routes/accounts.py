"""``/<lang>/admin/accounts``: who has an account, what they hold, roles given and ended, people who leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Scope
from egovframe.core.auth import (
    MANAGE_ACCOUNTS,
    MANAGE_GRANTS,
    READ_ACCOUNTS,
    Account,
    RoleGrant,
    account_by_email,
    account_by_public_id,
    disable_account,
    enable_account,
    end_loan,
    ending_grants,
    every_grant_of,
    grant_role,
    known_permissions,
    loans,
    parse_scope,
    requires,
    revoke_grant,
    roles,
    set_grant_end,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.leaving import let_leave, what_is_left
from egovframe.core.modules.admin.people import (
    KINDS,
    STATES,
    Narrow,
    account_page,
    post_titles,
    session_count,
    visible_account,
    visible_accounts,
    what,
)
from egovframe.core.modules.admin.rights_schemas import (
    EndSchema,
    FindSchema,
    GrantSchema,
    LeaveSchema,
    ListQuery,
    ReasonSchema,
)
from egovframe.core.modules.areas import areas_of, layers
from egovframe.core.modules.audit import audit
from egovframe.core.modules.organisation import departments, loan_views, midnight, places_of, seats
from egovframe.core.persistence import now
from egovframe.core.web import actor, form, go, load, notice, reading, render, runtime, writing
from egovframe.errors import Conflict, Forbidden, Invalid, NotFound

pages = Blueprint("admin_accounts", __name__, url_prefix="/admin", template_folder="../templates")
KIND_WORDS = {
    "staff": _("Official"),
    "citizen": _("Citizen"),
    "organisation": _("Organisation"),
    "service": _("Program"),
}
STATE_WORDS = {"active": (_("Account open"), "done"), "disabled": (_("Account closed"), "closed")}
WORDS = {"kinds": KIND_WORDS, "states": STATE_WORDS}


@pages.get("/accounts", endpoint="accounts")
@requires(READ_ACCOUNTS)
def listing() -> str:
    """List accounts by what is public of them, with a search by the whole address."""
    return _list_page()


@pages.post("/accounts/find")
@requires(READ_ACCOUNTS)
def find() -> Any:
    """Lead to the account of an address. The address comes in a form: a link would leave it in histories and logs."""
    try:
        email = load(FindSchema())["email"]
        with writing() as session:
            account = account_by_email(session, email)
            seen = visible_accounts(session, actor(), now(session))
            if account is None or session.scalars(seen.where(Account.id == account.id)).first() is None:
                raise Invalid(errors={"email": [_("There is no account with this address.")]})
            audit(session, actor(), "auth:account:find", f"account:{account.public_id}")
            found = account.public_id
    except Invalid as error:
        return _list_page(form(FindSchema(), request.form, error.errors)), 422
    return go(".account", account_id=found)


@pages.get("/accounts/<account_id>")
@requires(READ_ACCOUNTS)
def account(account_id: str) -> str:
    """Show an account: what it holds, held and will hold, its posts, what may be done about it."""
    return _account_page(visible_account(reading(), actor(), account_id))


@pages.get("/accounts/<account_id>/rights")
@requires(READ_ACCOUNTS)
def rights_of(account_id: str) -> str:
    """Show what a person can do, right by right: where, until when, through which role."""
    session = reading()
    found = visible_account(session, actor(), account_id)
    titles = {name: known.title for name, known in _permissions().items()}
    posts = post_titles(session, now(session)).get(found.id, ())
    return render("admin/rights_of.html", account=found, rights=what(session, found), titles=titles, posts=posts)


@pages.post("/accounts/<account_id>/grants")
@requires(MANAGE_GRANTS)
def give(account_id: str) -> Any:
    """Give a role."""
    try:
        data = load(GrantSchema())
        with writing() as session:
            found = account_by_public_id(session, account_id)
            begins = data["first_day"] and midnight(data["first_day"])
            ends = data["last_day"] and midnight(data["last_day"] + timedelta(days=1))
            grant_role(
                session, actor(), found, data["role"], _scope(session, data), valid_from=begins, valid_until=ends
            )
    except Invalid as error:
        return _again(account_id, error)
    except (NotFound, Forbidden) as error:
        return _again(account_id, Invalid(errors={"role": [error.detail]}))
    notice(_("The role is given."))
    return go(".account", account_id=account_id)


@pages.post("/grants/<grant_id>/end")
@requires(MANAGE_GRANTS)
def end(grant_id: str) -> Any:
    """End a grant, now or after a day."""
    data = load(EndSchema())
    with writing() as session:
        owner = _owner_of(session, grant_id)
        if data["last_day"] is None:
            revoke_grant(session, actor(), grant_id, data["reason"])
        else:
            set_grant_end(session, actor(), grant_id, midnight(data["last_day"] + timedelta(days=1)), data["reason"])
    notice(_("The role ends."))
    return go(".account", account_id=owner)


@pages.post("/loans/<loan_id>/end")
@requires(MANAGE_GRANTS)
def stop_loan(loan_id: str) -> Any:
    """End what a colleague was lent."""
    data = load(ReasonSchema())
    with writing() as session:
        end_loan(session, actor(), loan_id, data["reason"])
    notice(_("These rights are back where they belong."))
    return go(".accounts")


@pages.get("/accounts/<account_id>/leave")
@requires(MANAGE_ACCOUNTS)
def leave(account_id: str) -> str:
    """Show what somebody would leave behind, and ask how."""
    session = reading()
    return _leave_page(account_by_public_id(session, account_id))


@pages.post("/accounts/<account_id>/leave")
@requires(MANAGE_ACCOUNTS)
def close(account_id: str) -> Any:
    """Close an account, with the cases, posts and roles that it has."""
    try:
        data = load(LeaveSchema())
        with writing() as session:
            found = account_by_public_id(session, account_id)
            let_leave(
                session,
                actor(),
                found,
                reason=data["reason"],
                successor=_successor(session, data["successor"]),
                end_posts=data["end_posts"],
                end_grants=data["end_grants"],
            )
    except (Invalid, Conflict) as error:
        messages = getattr(error, "errors", None) or {"_schema": [error.detail]}
        found = account_by_public_id(reading(), account_id)
        return _leave_page(found, request.form, messages), error.status
    notice(_("The account is closed."))
    return go(".account", account_id=account_id)


@pages.post("/accounts/<account_id>/disable")
@requires(MANAGE_ACCOUNTS)
def disable(account_id: str) -> Any:
    """Close an account at once and leave everything else as it is: somebody else uses it."""
    data = load(ReasonSchema())
    with writing() as session:
        disable_account(session, actor(), account_by_public_id(session, account_id), data["reason"])
    notice(_("The account is closed."))
    return go(".account", account_id=account_id)


@pages.post("/accounts/<account_id>/enable")
@requires(MANAGE_ACCOUNTS)
def enable(account_id: str) -> Any:
    """Open a closed account again."""
    data = load(ReasonSchema())
    with writing() as session:
        enable_account(session, actor(), account_by_public_id(session, account_id), data["reason"])
    notice(_("The account is open again."))
    return go(".account", account_id=account_id)


def _list_page(search: Any = None) -> str:
    session = reading()
    try:
        query = load(ListQuery(), request.args)
    except Invalid:
        query = load(ListQuery(), {})
    narrow = Narrow(query["kind"], query["state"], query["role"])
    at = now(session)
    ending = ending_grants(session, at) if actor().has(MANAGE_GRANTS, at) else ()
    return render(
        "admin/accounts.html",
        page=account_page(session, actor(), narrow, query["cursor"] or None),
        narrow=narrow,
        roles=roles(session),
        every_kind=KINDS,
        every_state=STATES,
        ending=ending,
        places=places_of(session, [grant.pairs for grant in ending]),
        search=search or form(FindSchema(), {}),
        **WORDS,
    )


def _account_page(found: Account, given: Any = None) -> str:
    session = reading()
    at, grants = now(session), every_grant_of(session, found.id)
    return render(
        "admin/account.html",
        account=found,
        posts=post_titles(session, at).get(found.id, ()),
        devices=session_count(session, found),
        grants=[(grant, _when(grant, at)) for grant in grants],
        places=places_of(session, [grant.pairs for grant in grants]),
        lent=loan_views(session, loans(session, at, lender_id=found.id), at),
        borrowed=loan_views(session, loans(session, at, delegate_id=found.id), at),
        f=given or _grant_form(session, {}, None),
        ending=form(EndSchema(), {}, prefix="e", sent_to=None),
        reason=form(ReasonSchema(), {}, prefix="r", sent_to=None),
        may_grant=actor().has(MANAGE_GRANTS, at),
        may_close=actor().has(MANAGE_ACCOUNTS, at),
        **WORDS,
    )


def _again(account_id: str, error: Invalid) -> Any:
    session = reading()
    drawn = _grant_form(session, request.form, error.errors or {"_schema": [error.detail]})
    return _account_page(visible_account(session, actor(), account_id), drawn), error.status


def _grant_form(session: Session, values: Any, errors: Any) -> Any:
    return form(
        GrantSchema(),
        values,
        errors,
        choices={
            "role": [(role.code, str(role.title.pick().text)) for role in roles(session)],
            "department": department_choices(session),
            "area": area_choices(session),
        },
    )


def department_choices(session: Session) -> list[tuple[str, str]]:
    """Return departments for a select."""
    return [(each.code, str(each.name.pick().text)) for each in departments(session)]


def area_choices(session: Session) -> list[tuple[str, str]]:
    """Return the areas of every layer for a select, as ``layer:code``."""
    return [
        (f"{layer.code}:{area.code}", f"{layer.title.pick().text}: {area.name.pick().text}")
        for layer in layers(session)
        for area in areas_of(session, layer.code)
    ]


def _leave_page(found: Account, values: Any = None, errors: Any = None) -> str:
    session = reading()
    at = now(session)
    people = [
        (seat.post.code, str(seat.post.title.pick().text)) for seat in seats(session, at) if seat.account_id != found.id
    ]
    given = {"end_posts": "1", "end_grants": "1"} if values is None else values
    return render(
        "admin/leave.html",
        account=found,
        left=what_is_left(session, found),
        posts=post_titles(session, at).get(found.id, ()),
        f=form(LeaveSchema(), given, errors, choices={"successor": people}),
    )


def _successor(session: Session, post: str) -> Account | None:
    if not post:
        return None
    for seat in seats(session, now(session)):
        if seat.post.code == post:
            return session.get_one(Account, seat.account_id)
    raise Invalid(errors={"successor": [_("Nobody holds this post at the moment.")]})


def _scope(session: Session, data: dict[str, Any]) -> Scope:
    pairs = set()
    for kind in ("department", "area"):
        if data[kind]:
            try:
                pairs.add(parse_scope(session, f"{kind}={data[kind]}"))
            except NotFound as error:
                raise Invalid(errors={kind: [error.detail]}) from error
    return frozenset(pairs)


def _owner_of(session: Session, grant_id: str) -> str:
    statement = select(Account.public_id).join(RoleGrant, RoleGrant.account_id == Account.id)
    owner = session.scalar(statement.where(RoleGrant.public_id == grant_id))
    if owner is None:
        raise NotFound
    return str(owner)


def _when(grant: RoleGrant, at: datetime) -> str:
    if grant.valid_until is not None and grant.valid_until <= at:
        return "past"
    return "future" if grant.valid_from is not None and grant.valid_from > at else "present"


def _permissions() -> dict[str, Any]:
    return known_permissions(runtime().hooks)

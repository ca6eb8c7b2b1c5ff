"""``/<lang>/admin/accounts``: who has an account, what they hold, roles given and ended, people who leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    Delegation,
    RoleGrant,
    account_by_email,
    account_by_public_id,
    can_be_invited,
    disable_account,
    enable_account,
    end_loan,
    ending_grants,
    every_grant_of,
    grant_role,
    holds_everywhere,
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
    account_under,
    departments_reached,
    post_titles,
    session_count,
    visible_account,
    visible_accounts,
    what,
)
from egovframe.core.modules.admin.rights_schemas import (
    EndLoanSchema,
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
from egovframe.core.web import actor, form, go, load, notice, reading, render, runtime, url, writing
from egovframe.errors import Conflict, EgovError, Forbidden, Invalid, NotFound
from egovframe.fields import StrictSchema

pages = Blueprint("admin_accounts", __name__, url_prefix="/admin", template_folder="../templates")
KIND_WORDS = {
    "staff": _("Official"),
    "citizen": _("Citizen"),
    "organisation": _("Organisation"),
    "service": _("Program"),
}
STATE_WORDS = {"active": (_("Account open"), "done"), "disabled": (_("Account closed"), "closed")}
WORDS = {"kinds": KIND_WORDS, "states": STATE_WORDS}
REFUSALS = (Invalid, Conflict, Forbidden)
"""What is said beside a form of the account's page."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Which form of the account's page was refused, and why: it is shown again with what was typed."""

    form: str
    errors: Mapping[str, Any]

    def drawn(self, name: str, schema: StrictSchema, **options: Any) -> Any:
        """Return a form of the page by its name: as it was sent when it is the one, else empty."""
        if name == self.form:
            return form(schema, request.form, self.errors, prefix=name, **options)
        return form(schema, {}, prefix=name, **options)


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
    account_under(reading(), actor(), account_id, MANAGE_GRANTS)
    try:
        data = load(GrantSchema())
        with writing() as session:
            found = account_under(session, actor(), account_id, MANAGE_GRANTS)
            begins = data["first_day"] and midnight(data["first_day"])
            ends = data["last_day"] and midnight(data["last_day"] + timedelta(days=1))
            grant_role(
                session, actor(), found, data["role"], _scope(session, data), valid_from=begins, valid_until=ends
            )
    except (NotFound, Forbidden) as error:
        return _again(account_id, "f", Invalid(errors={"role": [error.detail]}))
    except REFUSALS as error:
        return _again(account_id, "f", error)
    notice(_("The role is given."))
    return go(".account", account_id=account_id)


@pages.post("/grants/<grant_id>/end")
@requires(MANAGE_GRANTS)
def end(grant_id: str) -> Any:
    """End a grant, now or after a day."""
    owner = account_under(reading(), actor(), _owner_of(reading(), grant_id), MANAGE_GRANTS).public_id
    try:
        data = load(EndSchema())
        last, reason = data["last_day"], data["reason"]
        with writing() as session:
            if last is None:
                revoke_grant(session, actor(), grant_id, reason)
            else:
                set_grant_end(session, actor(), grant_id, midnight(last + timedelta(days=1)), reason)
    except REFUSALS as error:
        return _again(owner, f"e-{grant_id}", error)
    notice(_("The role ends."))
    return go(".account", account_id=owner)


@pages.post("/loans/<loan_id>/end")
@requires(MANAGE_GRANTS)
def stop_loan(loan_id: str) -> Any:
    """End what a colleague was lent."""
    owner = account_under(reading(), actor(), _party_of(reading(), loan_id), MANAGE_GRANTS).public_id
    try:
        data = load(EndLoanSchema())
        with writing() as session:
            end_loan(session, actor(), loan_id, data["reason"])
    except REFUSALS as error:
        return _again(owner, f"l-{loan_id}", error)
    notice(_("These rights are back where they belong."))
    return go(".account", account_id=owner)


@pages.get("/accounts/<account_id>/leave")
@requires(MANAGE_ACCOUNTS)
def leave(account_id: str) -> str:
    """Show what somebody would leave behind, and ask how."""
    return _leave_page(account_under(reading(), actor(), account_id, MANAGE_ACCOUNTS))


@pages.post("/accounts/<account_id>/leave")
@requires(MANAGE_ACCOUNTS)
def close(account_id: str) -> Any:
    """Close an account, with the cases, posts and roles that it has."""
    try:
        data = load(LeaveSchema())
        with writing() as session:
            found = account_under(session, actor(), account_id, MANAGE_ACCOUNTS)
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
        found = account_under(reading(), actor(), account_id, MANAGE_ACCOUNTS)
        return _leave_page(found, request.form, messages), error.status
    notice(_("The account is closed."))
    return go(".account", account_id=account_id)


@pages.post("/accounts/<account_id>/disable")
@requires(MANAGE_ACCOUNTS)
def disable(account_id: str) -> Any:
    """Close an account at once and leave everything else as it is: somebody else uses it."""
    return _switch(account_id, disable_account, "d", _("The account is closed."))


@pages.post("/accounts/<account_id>/enable")
@requires(MANAGE_ACCOUNTS)
def enable(account_id: str) -> Any:
    """Open a closed account again."""
    return _switch(account_id, enable_account, "o", _("The account is open again."))


def _switch(account_id: str, verb: Any, name: str, done: Any) -> Any:
    account_under(reading(), actor(), account_id, MANAGE_ACCOUNTS)
    try:
        data = load(ReasonSchema())
        with writing() as session:
            verb(session, actor(), account_under(session, actor(), account_id, MANAGE_ACCOUNTS), data["reason"])
    except REFUSALS as error:
        return _again(account_id, name, error)
    notice(done)
    return go(".account", account_id=account_id)


def _list_page(search: Any = None) -> str:
    session = reading()
    try:
        query = load(ListQuery(), request.args)
    except Invalid:
        query = load(ListQuery(), {})
    narrow = Narrow(query["kind"], query["state"], query["role"])
    at = now(session)
    everybody = departments_reached(actor(), at) is None
    ending = ending_grants(session, at) if everybody and holds_everywhere(session, actor(), MANAGE_GRANTS) else ()
    return render(
        "admin/accounts.html",
        page=account_page(session, actor(), narrow, query["cursor"] or None),
        narrow=narrow,
        roles=roles(session),
        every_kind=KINDS,
        every_state=STATES,
        ending=ending,
        places=places_of(session, [grant.pairs for grant in ending]),
        may_invite=holds_everywhere(session, actor(), MANAGE_ACCOUNTS),
        search=search or form(FindSchema(), {}),
        **WORDS,
    )


def _account_page(found: Account, refused: Refused | None = None) -> str:
    session, refused = reading(), refused or Refused("", {})
    at, grants = now(session), every_grant_of(session, found.id)
    may_close = holds_everywhere(session, actor(), MANAGE_ACCOUNTS)
    lent = loan_views(session, loans(session, at, lender_id=found.id), at)
    borrowed = loan_views(session, loans(session, at, delegate_id=found.id), at)
    return render(
        "admin/account.html",
        account=found,
        posts=post_titles(session, at).get(found.id, ()),
        devices=session_count(session, found),
        grants=[(grant, _when(grant, at), _ending(refused, grant)) for grant in grants],
        places=places_of(session, [grant.pairs for grant in grants]),
        lent=lent,
        borrowed=borrowed,
        ending_loans={
            each.loan.public_id: refused.drawn(
                f"l-{each.loan.public_id}",
                EndLoanSchema(),
                only=["reason"],
                sent_to=url(".stop_loan", loan_id=each.loan.public_id),
            )
            for each in (*lent, *borrowed)
        },
        refused=refused.form,
        f=refused.drawn("f", GrantSchema(), choices=_grant_choices(session), sent_to=_to("give", found)),
        closing=refused.drawn("d", ReasonSchema(), sent_to=_to("disable", found)),
        opening=refused.drawn("o", ReasonSchema(), sent_to=_to("enable", found)),
        may_grant=holds_everywhere(session, actor(), MANAGE_GRANTS),
        may_close=may_close,
        invitable=may_close and can_be_invited(found),
        **WORDS,
    )


def _ending(refused: Refused, grant: RoleGrant) -> Any:
    return refused.drawn(f"e-{grant.public_id}", EndSchema(), sent_to=url(".end", grant_id=grant.public_id))


def _to(action: str, account: Account) -> str:
    return url(f".{action}", account_id=account.public_id)


def _again(account_id: str, name: str, error: EgovError) -> Any:
    """Show the account's page again with one form as it was sent, and what was refused beside its fields."""
    given = dict(getattr(error, "errors", None) or {"_schema": [error.detail]})
    messages = {"last_day" if field == "valid_until" else field: said for field, said in given.items()}
    found = account_by_public_id(reading(), account_id)
    return _account_page(found, Refused(name, messages)), error.status


def _grant_choices(session: Session) -> dict[str, list[tuple[str, str]]]:
    return {
        "role": [(role.code, str(role.title.pick().text)) for role in roles(session)],
        "department": department_choices(session),
        "area": area_choices(session),
    }


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


def _party_of(session: Session, loan_id: str) -> str:
    """Return on whose page a loan is ended: the account that the form names, if it has to do with it, or the lender."""
    statement = select(Delegation.delegate_id, RoleGrant.account_id).join(
        RoleGrant, RoleGrant.id == Delegation.grant_id
    )
    parties = session.execute(statement.where(Delegation.public_id == loan_id)).one_or_none()
    if parties is None:
        raise NotFound
    named = {key: session.get_one(Account, key).public_id for key in parties}
    wanted = request.form.get("account", "")
    return wanted if wanted in named.values() else named[parties.account_id]


def _when(grant: RoleGrant, at: datetime) -> str:
    if grant.valid_until is not None and grant.valid_until <= at:
        return "past"
    return "future" if grant.valid_from is not None and grant.valid_from > at else "present"


def _permissions() -> dict[str, Any]:
    return known_permissions(runtime().hooks)

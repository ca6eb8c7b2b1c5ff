"""``/<lang>/desk/residents``: identity documents at the counter, letters with codes, doubtful cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, request
from markupsafe import Markup

from egovframe.core.auth import (
    VERIFY_RESIDENTS,
    Account,
    Evidence,
    Letter,
    PersonClash,
    account_by_email,
    account_by_public_id,
    accounts_of_persons,
    clash_by_public_id,
    decide_clash,
    letter_doubts,
    letters_to_print,
    letters_waiting,
    mark_sent,
    open_clashes,
    persons_among,
    print_letters,
    refuse_letter,
    requires,
    verification_of,
    verify_resident,
    withdraw_verification,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.i18n import use_language
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.admin.resident_schemas import (
    NOT_SEEN,
    ChosenLettersSchema,
    DecisionSchema,
    DocumentSchema,
    FindAccountSchema,
    NotSendSchema,
    ReasonSchema,
)
from egovframe.core.modules.privacy import ACCOUNTS, state_purpose
from egovframe.core.web import Form, actor, form, go, load, notice, qr_code, reading, render, settings, url, writing
from egovframe.errors import Invalid

residents = Blueprint("residents", __name__, url_prefix="/desk/residents", template_folder="../templates")
whole_city(residents)


@residents.get("", endpoint="index")
@requires(VERIFY_RESIDENTS)
def index() -> Any:
    """Show what waits, and ask whose account it is about."""
    return _index()


@residents.post("")
@requires(VERIFY_RESIDENTS)
def find_account() -> Any:
    """Lead to the account of an address; the address never stands in a link."""
    try:
        data = load(FindAccountSchema())
        account = account_by_email(reading(), data["email"])
        if account is None or account.kind == "service":
            raise Invalid(errors={"email": [_("Nobody has an account with this address.")]})
    except Invalid as error:
        return _index(error.errors), 422
    return go(".account", public_id=account.public_id)


@residents.get("/accounts/<public_id>")
@requires(VERIFY_RESIDENTS)
def account(public_id: str) -> Any:
    """Show how well an account is known, and the form for a document."""
    return _account(public_id)


@residents.post("/accounts/<public_id>/verify")
@requires(VERIFY_RESIDENTS)
def verify(public_id: str) -> Any:
    """Bind the account to the person whose document was seen; what was typed is not stored."""
    try:
        data = load(DocumentSchema())
        if not data["seen"]:
            raise Invalid(errors={"seen": [NOT_SEEN]})
    except Invalid as error:
        return _account(public_id, error.errors), 422
    evidence = Evidence(data["name"], data["birth_date"], data["address_code"])
    with writing() as session:
        found = account_by_public_id(session, public_id)
        outcome = verify_resident(session, actor(), found, evidence, source=data["document"])
    if outcome.clash is not None:
        notice(_("This does not say by itself who it is. Please decide, or let a colleague decide."), "warning")
        return go(".clash", public_id=outcome.clash.public_id)
    notice(_("The account belongs to a verified resident now."))
    return go(".account", public_id=public_id)


@residents.post("/accounts/<public_id>/withdraw")
@requires(VERIFY_RESIDENTS)
def withdraw(public_id: str) -> Any:
    """Take a verification back."""
    try:
        data = load(ReasonSchema())
    except Invalid as error:
        return _account(public_id, refused=error.errors), 422
    with writing() as session:
        withdraw_verification(session, actor(), account_by_public_id(session, public_id), data["reason"])
    notice(_("The verification is taken back. The person is told."))
    return go(".account", public_id=public_id)


@residents.get("/letters")
@requires(VERIFY_RESIDENTS)
def letters() -> Any:
    """List the letters that wait to be printed."""
    return _letters()


@residents.post("/letters/print", endpoint="print_all")
@requires(VERIFY_RESIDENTS)
def print_all() -> Any:
    """Show the chosen letters as pages of paper, each in its reader's language; who printed them is on record."""
    chosen = load(ChosenLettersSchema())["letters"]
    with writing() as session:
        wanted = [row for row in _others(letters_to_print(session)) if row.public_id in chosen]
        sheets = [_sheet(letter, code) for letter, code in print_letters(session, actor(), wanted)]
    if not sheets:
        notice(_("Choose at least one letter."), "warning")
        return go(".letters")
    return render("admin/residents/print.html", sheets=sheets), 200, {"Cache-Control": "no-store, private"}


@residents.post("/letters/sent")
@requires(VERIFY_RESIDENTS)
def sent() -> Any:
    """Note which letters were handed to the post."""
    chosen = load(ChosenLettersSchema())["letters"]
    with writing() as session:
        count = mark_sent(session, actor(), chosen)
    notice(_("Marked as sent: %(count)d. What was typed for these letters is deleted.", count=count))
    return go(".letters")


@residents.post("/letters/<public_id>/refuse")
@requires(VERIFY_RESIDENTS)
def refuse(public_id: str) -> Any:
    """Do not send a letter."""
    try:
        data = load(NotSendSchema())
    except Invalid as error:
        return _letters(public_id, error.errors), 422
    with writing() as session:
        refuse_letter(session, actor(), public_id, data["reason"])
    notice(_("The letter is not sent. The person is told."))
    return go(".letters")


@residents.get("/doubtful")
@requires(VERIFY_RESIDENTS)
def doubtful() -> Any:
    """List what waits for a decision."""
    return render("admin/residents/doubtful.html", rows=open_clashes(reading()), kinds=KINDS)


@residents.get("/doubtful/<public_id>")
@requires(VERIFY_RESIDENTS)
def clash(public_id: str) -> Any:
    """Show who it may be, and ask who it is."""
    return _clash(public_id)


@residents.post("/doubtful/<public_id>")
@requires(VERIFY_RESIDENTS)
def decide(public_id: str) -> Any:
    """Decide who it is."""
    try:
        data = load(DecisionSchema())
        with writing() as session:
            decide_clash(session, actor(), public_id, data["decision"], person=data["person"], reason=data["reason"])
    except Invalid as error:
        return _clash(public_id, error.errors), 422
    notice(_("Your decision is noted."))
    return go(".doubtful")


KINDS = {
    "likeness": _("Somebody with this name and date of birth is known, at another address: moved, or somebody else?"),
    "persons": _("What was shown belongs to two people that we know."),
    "provider": _("The identity provider names this person differently than before."),
    "other_person": _("This account belonged to somebody else before."),
}
Errors = Mapping[str, Sequence[Any]]


def _index(errors: Errors | None = None) -> str:
    session = reading()
    return render(
        "admin/residents/index.html",
        f=form(FindAccountSchema(), request.form if errors else None, errors),
        waiting=letters_waiting(session),
        doubtful=len(open_clashes(session)),
    )


def _account(public_id: str, errors: Errors | None = None, refused: Errors | None = None) -> str:
    session = reading()
    state_purpose(session, ACCOUNTS, thing=f"account:{public_id}")
    found: Account = account_by_public_id(session, public_id)
    return render(
        "admin/residents/account.html",
        account=found,
        verification=verification_of(session, found),
        f=form(DocumentSchema(), request.form if errors else None, errors),
        w=form(ReasonSchema(), request.form if refused else None, refused, prefix="w"),
        own=found.id == actor().account_id,
    )


def _letters(refused: str = "", errors: Errors | None = None) -> str:
    session = reading()
    rows = _others(letters_to_print(session))
    doubts = letter_doubts(session, rows)
    return render(
        "admin/residents/letters.html",
        rows=[
            (row, _day(row.birth_date), doubts[row.public_id], _not_sending(row.public_id, refused, errors))
            for row in rows
        ],
        doubtful=any(doubts.values()),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _not_sending(public_id: str, refused: str, errors: Errors | None) -> Form:
    """Return the form of a refusal, each of its own letter."""
    told = errors if public_id == refused else None
    typed = request.form if told else None
    return form(NotSendSchema(), typed, told, prefix=f"why-{public_id}", sent_to=url(".refuse", public_id=public_id))


def _others(rows: Sequence[Letter]) -> list[Letter]:
    """Leave out the reader's own letter: a colleague prints that one."""
    return [row for row in rows if row.account_id != actor().account_id]


def _sheet(letter: Letter, code: str) -> Markup:
    """Return one letter in its reader's language."""
    spoken = letter.language if letter.language in settings().city.languages else settings().city.default_language
    link = settings().public_url + url("account.letter_code", code=code, lang=spoken)
    shown = f"{code[:5]}-{code[5:]}"
    with use_language(spoken):
        page = render(
            "admin/residents/letter.html",
            letter=letter,
            code=shown,
            qr=qr_code(link),
            spoken=spoken,
            sender=settings().city.name_in(spoken),
            site=settings().public_url,
        )
    return Markup(page)  # noqa: S704 - rendered by a template that escapes


def _clash(public_id: str, errors: Errors | None = None) -> str:
    session = reading()
    state_purpose(session, ACCOUNTS, thing=f"clash:{public_id}")
    row: PersonClash = clash_by_public_id(session, public_id)
    offered = persons_among(session, row.candidates)
    behind = accounts_of_persons(session, [person.id for person in offered])
    return render(
        "admin/residents/clash.html",
        clash=row,
        account=session.get_one(Account, row.account_id),
        kind=KINDS[row.kind],
        f=form(
            DecisionSchema(),
            request.form if errors else {},
            errors,
            only=("decision", "person", "reason") if len(offered) > 1 else ("decision", "reason"),
            choices={"person": [(each.public_id, _names(behind[each.id])) for each in offered]},
        ),
        known=[_names(behind[each.id]) for each in offered],
    )


def _names(accounts: Sequence[Account]) -> str:
    return ", ".join(f"{each.display_name} ({each.email})" for each in accounts) or "–"

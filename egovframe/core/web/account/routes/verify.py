"""How a person proves who they are: the present level, the ways up, and the way back to what was being done."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from egovframe.core.auth import (
    Evidence,
    Letter,
    LetterAnswer,
    account_of,
    answer_letter,
    ask_confirmation,
    ask_letter,
    letter_obstacle,
    open_clash,
    open_letter,
    public,
    signed_in,
    stop_letter,
    verification_of,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.addresses import local
from egovframe.core.web.account.answers import private, refused
from egovframe.core.web.account.routes.pages import pages
from egovframe.core.web.account.schemas import NothingSchema
from egovframe.core.web.account.throttles import Attempts
from egovframe.core.web.account.verify_schemas import LetterCodeSchema, LetterSchema
from egovframe.core.web.context import actor, forget_actor, go, language, load, notice, reading, render, url, writing
from egovframe.core.web.forms import form
from egovframe.core.web.kept import find_kept, show_next
from egovframe.errors import Conflict, Invalid


@pages.get("/verify", endpoint="verify")
@signed_in
def ways() -> Any:
    """Show how well the city knows the person, and what can be done about it."""
    session, known = reading(), actor()
    account = account_of(session, known)
    kept = find_kept()
    back = local(request.args.get("next", "")) or ""
    return private(
        render(
            "account/verify.html",
            account=account,
            known=known,
            verification=verification_of(session, account),
            letter=open_letter(session, account.id),
            clash=open_clash(session, account.id),
            back=back or (url("account.resume", public_id=kept.public_id) if kept else ""),
            f=form(NothingSchema()),
        )
    )


@pages.post("/verify/contact")
@signed_in
def confirm_again() -> Any:
    """Send another link that confirms the address."""
    load(NothingSchema())
    Attempts()("confirm-again", actor().label)
    with writing() as session:
        ask_confirmation(session, actor())
    return go("account.check_mail")


@pages.get("/verify/letter", endpoint="letter")
@signed_in
def letter_form() -> Any:
    """Ask who the person is and where the letter shall go, or say what stands in the way of one."""
    wanted = local(request.args.get("next", "")) or ""
    letter, obstacle = _in_the_way()
    if letter or obstacle:
        return _no_letter(letter, obstacle, wanted)
    account = account_of(reading(), actor())
    return render("account/letter.html", f=form(LetterSchema(), {"name": account.display_name, "next": wanted}))


@pages.post("/verify/letter")
@signed_in
def want_letter() -> Any:
    """Take the wish for a letter."""
    try:
        data = load(LetterSchema())
    except Invalid as error:
        return refused("account/letter.html", LetterSchema(), error)
    Attempts()("letter", actor().label)
    evidence = Evidence(data["name"], data["birth_date"], data["address_code"])
    try:
        with writing() as session:
            ask_letter(session, actor(), evidence, address=data["address"], language=language())
    except Conflict as error:
        letter, obstacle = _in_the_way()
        return _no_letter(letter, obstacle or ("" if letter else error.detail), local(data["next"]) or ""), error.status
    notice(_("Your letter is being prepared. When it has come, type its code here."))
    return go("account.verify", next=local(data["next"]))


@pages.post("/verify/letter/stop")
@signed_in
def stop_this_letter() -> Any:
    """Give up the letter that is under way, so that another one can be asked for."""
    load(NothingSchema())
    with writing() as session:
        stop_letter(session, actor())
    notice(_("This letter is given up; its code works no more."))
    return go("account.letter")


@pages.get("/verify/code", defaults={"code": ""}, endpoint="letter_code")
@pages.get("/verify/code/<code>", endpoint="letter_code")
@signed_in
def code_form(code: str) -> Any:
    """Ask for the code; the square on the letter leads here with it."""
    values = {"code": code[:40], "next": local(request.args.get("next", "")) or ""}
    return private(render("account/letter_code.html", f=form(LetterCodeSchema(), values)))


@pages.post("/verify/code", endpoint="type_code")
@signed_in
def type_code() -> Any:
    """Compare the code; a wrong one counts."""
    attempts = Attempts()
    try:
        data = load(LetterCodeSchema())
        attempts("letter-code", actor().label)
        with writing() as session:
            answer = answer_letter(session, actor(), data["code"])
        if answer.outcome is None:
            raise Invalid(errors={"code": [_tries_left(answer)]})
    except (Invalid, Conflict) as error:
        wrong = error if isinstance(error, Invalid) else Invalid(errors={"code": [error.detail]})
        return private(*refused("account/letter_code.html", LetterCodeSchema(), wrong))
    attempts.succeeded()
    forget_actor()
    if answer.outcome.clash is not None:
        notice(_("The code is right. An official still has to look at your case; we will write to you."), "info")
        return go("account.verify")
    notice(_("Thank you. You are a verified resident now."))
    return redirect(local(data["next"]) or _onwards(), code=303)


@pages.get("/resume/<public_id>")
@public
def resume(public_id: str) -> Response:
    """Lead back to the page whose form is kept, which shows it filled in."""
    row = find_kept(public_id)
    if row is None:
        notice(_("What you had filled in is no longer kept, or was shown again already."), "warning")
        return go("core.home")
    return redirect(show_next(row), code=303)


def _in_the_way() -> tuple[Letter | None, Any]:
    """Return the letter that is under way, and why there can be none at all."""
    session, known = reading(), actor()
    return open_letter(session, account_of(session, known).id), letter_obstacle(session, known)


def _no_letter(letter: Letter | None, obstacle: Any, back: str) -> str:
    return render("account/letter_under_way.html", letter=letter, obstacle=obstacle, back=back)


def _onwards() -> str:
    kept = find_kept()
    return url("account.resume", public_id=kept.public_id) if kept else url("account.verify")


def _tries_left(answer: LetterAnswer) -> Any:
    if answer.left:
        return _("This is not the code of your letter. Tries left: %(count)d.", count=answer.left)
    return _("This is not the code of your letter, and it was the last try. Ask for a new letter.")


__all__ = ["pages"]

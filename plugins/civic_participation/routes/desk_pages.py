"""``/<lang>/desk/complaints``: the call centre and the counter file for somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, request
from sqlalchemy import select

from civic_participation.queries.categories import category_by_code, category_groups
from civic_participation.routes.borders import answers_to, border_metres, question_about, question_again, unanswered
from civic_participation.routes.views import office_of
from civic_participation.schemas import CallerBorderSchema, CallerComplaintSchema
from civic_participation.services.callers import file_for_caller
from civic_participation.services.filing import CASE_TYPE, Filing
from civic_participation.services.places import BorderQuestion
from egovframe.core.auth import requires
from egovframe.core.i18n import current_language
from egovframe.core.modules.cases import Case, CaseEntry, case_by_reference
from egovframe.core.modules.routing import explain
from egovframe.core.web import (
    actor,
    caller,
    form,
    go,
    language,
    limit,
    load,
    reading,
    render,
    settings,
    url,
    writing,
)
from egovframe.errors import Invalid, NotFound

AN_HOUR = 300
"""How many complaints one agent takes down in an hour at most: above it is a program, not a person."""
desk = Blueprint("civic_participation_desk", __name__, url_prefix="/desk/complaints", template_folder="../templates")


@desk.get("/new")
@requires("auth:account:act_for")
def new() -> str:
    """Ask everything on one page, while the caller waits."""
    return _form()


@desk.post("/new")
@requires("auth:account:act_for")
def file() -> Any:
    """File it for the caller."""
    question = None
    try:
        data = load(CallerComplaintSchema())
        question = _question(data)
        if question and not question.fitting(data["area"]):
            return _form(unanswered(data["asked"], data["area"]) or {}, question), 422
        limit(caller(), "complaint-desk", AN_HOUR, timedelta(hours=1))
        with writing() as session:
            filing = _filing(data if question else {**data, "area": ""})
            opened = file_for_caller(session, actor(), filing, border_metres=border_metres())
            reference = opened.case.reference
    except Invalid as error:
        return _form(error.errors, question or _question_again()), 422
    return go(".filed", reference=reference)


@desk.get("/<reference>/filed")
@requires("auth:account:act_for")
def filed(reference: str) -> Any:
    """Show number and code to be read out; only to the agent who took the complaint down."""
    session = reading()
    case = case_by_reference(session, reference[:60])
    if case is None or case.type_code != CASE_TYPE or not _taken_down(case):
        raise NotFound
    page = render(
        "civic_participation/desk_filed.html",
        case=case,
        office=office_of(session, case),
        why=explain(case.routing, current_language()),
        link=settings().public_url + url("civic_participation_short.tracked", code=case.tracking_code),
    )
    return page, 200, {"Cache-Control": "no-store, private"}


def _form(errors: Mapping[str, Sequence[Any]] | None = None, question: BorderQuestion | None = None) -> str:
    categories = [(one.code, one.name) for group in category_groups(reading()) for one in group.categories]
    choices: dict[str, Any] = {"category": categories, **({"area": answers_to(question)} if question else {})}
    schema = CallerBorderSchema() if question else CallerComplaintSchema()
    typed = {"channel": "phone", "language": language()} if errors is None else request.form.to_dict()
    hidden = {"asked"} if question else {"asked", "area"}
    return render(
        "civic_participation/desk_new.html",
        f=form(
            schema,
            typed,
            errors,
            only=[name for name in schema.load_fields if name not in hidden],
            choices=choices,
            widgets={"category": "select"},
        ),
    )


def _question(data: Mapping[str, Any]) -> BorderQuestion | None:
    session = reading()
    category = category_by_code(session, data["category"])
    return question_about(session, category, data["lat"], data["lon"], channel=data["channel"])


def _question_again() -> BorderQuestion | None:
    """Return the question of a form that was refused for another reason, so that its answer stays."""
    code = request.form.get("category", "")[:80]
    # What was typed is unchecked here: PostgreSQL refuses a question about NUL.
    category = category_by_code(reading(), code) if code.isprintable() else None
    return question_again(reading(), category, request.form, channel=request.form.get("channel", "phone"))


def _taken_down(case: Case) -> bool:
    statement = select(CaseEntry.author_id).where(CaseEntry.case_id == case.id, CaseEntry.kind == "opened")
    return case.channel in {"phone", "counter"} and reading().scalar(statement) == actor().account_id


def _filing(data: Mapping[str, Any]) -> Filing:
    return Filing(
        category=data["category"],
        description=data["description"],
        latitude=data["lat"],
        longitude=data["lon"],
        address=data["address"],
        area=data["area"],
        name=data["name"],
        email=data["email"],
        phone=data["phone"],
        private=data["private"],
        language=data["language"],
        channel=data["channel"],
    )

"""A small service that asks for residents: its form is open to everybody, sending it is not."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template_string

from egovframe.core.auth import need_assurance, public, requires_assurance
from egovframe.core.web import ApiBlueprint, actor, form, load
from egovframe.fields import LongText, StrictSchema, Text

REASON = "Each resident supports an idea once."
PAGE = """{% extends "core/base.html" %}{% import "core/forms.html" as forms with context %}
{% block title %}Idea{% endblock %}{% block main %}<h1>Idea</h1>{{ forms.form(f, "Support") }}{% endblock %}"""


class IdeaSchema(StrictSchema):
    """A form that takes long to fill in."""

    title = Text(required=True, max_length=100, metadata={"label": "Title"})
    why = LongText(load_default="", metadata={"label": "Why"})


ideas = Blueprint("ideas", "ideas", url_prefix="/ideas")
ideas_api = ApiBlueprint("ideas_api", "ideas_api", url_prefix="/ideas")


@ideas.get("/new")
@public
def new() -> str:
    return render_template_string(PAGE, f=form(IdeaSchema()))


@ideas.post("/new")
@requires_assurance("resident_verified", reason=REASON)
@public
def create() -> str:
    return f"supported: {load(IdeaSchema())['title']} by {actor().person_id}"


@ideas.post("/checked")
@public
def checked() -> str:
    """Asks in its service, not at the door; its form stands on another page."""
    need_assurance(actor(), "contact_verified", REASON)
    return "done"


@ideas_api.post("")
@ideas_api.arguments(IdeaSchema)
@ideas_api.response(200)
@requires_assurance("resident_verified", reason=REASON)
def api_create(data: dict[str, Any]) -> dict[str, Any]:
    return data

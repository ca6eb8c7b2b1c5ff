"""Forms drawn from schemas: what was typed comes back inert, what was refused is named and linked."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from egovframe.core.web import form
from egovframe.core.web.context import flatten
from egovframe.fields import Choice, Email, StrictSchema, Text


class Small(StrictSchema):
    """Three questions."""

    name = Text(required=True, max_length=40, metadata={"label": "Name", "hint": "As you like"})
    mail = Email(metadata={"label": "E-mail"})
    kinds = fields.List(Choice(("a", "b")), metadata={"label": "Kinds"})


class Page(HTMLParser):
    """Collects elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def by_id(self, name: str) -> dict[str, str | None]:
        """Return the attributes of the element with the id."""
        return next(attributes for _tag, attributes in self.elements if attributes.get("id") == name)


def test_the_schema_says_everything() -> None:
    drawn = form(Small(), {"name": "Ada"}, {"mail": ["wrong"]})
    assert [each.widget for each in drawn] == ["text", "email", "checkboxes"]
    assert drawn["name"].required
    assert drawn["name"].value == "Ada"
    assert drawn["name"].attributes["maxlength"] == 40
    assert drawn["mail"].attributes["dir"] == "ltr"
    assert drawn["mail"].described_by == "f-mail-error"
    assert drawn.has_errors
    assert drawn.summary == [("f-mail", "E-mail", "wrong")]


def test_messages_without_a_field_are_not_lost() -> None:
    drawn = form(Small(), {}, {"_schema": ["no"], "other": ["what"]})
    assert drawn.errors == ("no", "what")
    assert drawn.summary[0] == ("", "", "no")
    assert not form(Small()).has_errors


def test_options_may_come_from_the_database() -> None:
    drawn = form(
        Small(),
        MultiDict([("kinds", "x"), ("kinds", "z")]),
        choices={"kinds": [("x", "X"), ("y", "Y", "why"), ("z", "Z")]},
    )
    assert [option.chosen for option in drawn["kinds"].options] == [True, False, True]
    assert drawn["kinds"].options[1].text == "why"
    with pytest.raises(KeyError):
        drawn["nothing"]


def test_a_name_sent_twice_is_refused_not_cut() -> None:
    sent: Any = MultiDict([("name", "a"), ("name", "b"), ("kinds", "a"), ("csrf_token", "x")])
    assert flatten(Small(), sent) == {"name": ["a", "b"], "kinds": ["a"]}
    assert Small().validate(flatten(Small(), sent)).keys() == {"name"}


def test_what_was_typed_comes_back_inert(visitor: FlaskClient) -> None:
    text = visitor.get("/en/gallery").get_data(as_text=True)
    assert "<script>alert" not in text
    assert "</textarea><b>" not in text
    assert "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_summary_leads_to_fields_that_name_their_message(visitor: FlaskClient) -> None:
    page = Page(visitor.get("/en/gallery").get_data(as_text=True))
    links = [
        attributes["href"]
        for tag, attributes in page.elements
        if tag == "a" and (attributes.get("href") or "").startswith("#f-")
    ]
    assert links == ["#f-email", "#f-story"]
    email = page.by_id("f-email")
    assert email["aria-invalid"] == "true"
    assert email["aria-describedby"] == "f-email-hint f-email-error"
    for reference in str(email["aria-describedby"]).split():
        assert page.by_id(reference) is not None
    identities = [attributes["id"] for _tag, attributes in page.elements if attributes.get("id")]
    assert len(identities) == len(set(identities))


def test_answers_are_kept_when_a_form_is_refused(visitor: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/en/write").get_data(as_text=True))
    assert token
    sent = {
        "csrf_token": token[1],
        "name": "Ada <b>",
        "story": "a\nb",
        "urgency": "high",
        "wants": ["sms"],
        "word": "hidden-word",
    }
    answer = visitor.post("/en/write", data=sent)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="Ada &lt;b&gt;"' in text
    assert "a\nb</textarea>" in text
    assert re.search(r'value="high" checked', text)
    assert re.search(r'value="sms" checked', text)
    assert "hidden-word" not in text


def test_the_search_page_escapes_what_it_repeats(visitor: FlaskClient) -> None:
    found = visitor.get("/en/search?q=light").get_data(as_text=True)
    assert "&lt;i&gt;Street light&lt;/i&gt;" in found
    nothing = visitor.get('/en/search?q="><img src=x onerror=alert(1)>').get_data(as_text=True)
    assert "<img src=x" not in nothing
    assert "Nothing found" in nothing


def test_entries_without_right_or_address_are_left_out(visitor: FlaskClient) -> None:
    text = visitor.get("/en/").get_data(as_text=True)
    assert "Proposals" in text
    assert "For staff" not in text
    assert "Nowhere" not in text


def test_a_schema_of_another_library_class_is_drawn_too() -> None:
    class Plain(Schema):
        note = fields.String(load_default="x", metadata={"label": "Note"})

    assert form(Plain())["note"].value == "x"

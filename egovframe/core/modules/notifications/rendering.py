"""Renders a message in its reader's language: subject, text, link, and a page of HTML made from them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask
from jinja2 import TemplateError, TemplateNotFound
from markupsafe import Markup, escape
from werkzeug.routing.exceptions import BuildError

from egovframe.config import Settings
from egovframe.core.i18n import direction, use_language

ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words: one line of subject, text with blank lines between paragraphs, an address to go to or "".

    The text does not repeat the address: mails add it below, the inbox makes the subject a link.
    """

    subject: str
    text: str
    link: str
    language: str


class Renderer:
    """Finds and renders the templates of a kind of message.

    For ``cases.changed`` these are ``cases/notifications/changed.subject.txt``, ``.txt`` and ``.link.txt`` (optional),
    or the same under ``notifications/cases/``. Templates get ``facts``, ``thing``, ``city`` (its name), ``name`` (the
    reader's) and ``link(endpoint, **values)``, which leads to the configured public address in the reader's language.

    Args:
        app: the application, whose templates, languages and addresses are used.
        settings: the city's.
    """

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    def render(
        self, kind: str, thing: str, facts: Mapping[str, Any], *, language: str | None = None, name: str = ""
    ) -> Rendered:
        """Return the message in the language, or the closest that the city offers.

        Raises:
            jinja2.TemplateNotFound: the kind has no templates.
        """
        with self._app.app_context(), use_language(language) as spoken:
            values = {
                "facts": facts,
                "thing": thing,
                "name": name,
                "city": self._settings.city.name_in(spoken),
                "link": lambda endpoint, **more: self.link(endpoint, spoken, **more),
            }
            return Rendered(
                one_line(self._part(kind, "subject.txt", values)),
                self._part(kind, "txt", values).strip() + "\n",
                one_line(self._optional(kind, "link.txt", values)),
                spoken,
            )

    def title(self, kind: str, thing: str, facts: Mapping[str, Any], language: str) -> Rendered:
        """Return the message for a list; one whose plugin is switched off or has other words now shows its thing."""
        try:
            return self.render(kind, thing, facts, language=language)
        except (TemplateError, BuildError) as error:
            log.warning("message_not_rendered", kind=kind, error=type(error).__name__)
            return Rendered(thing, "", "", language)

    def page(self, rendered: Rendered) -> str:
        """Return the HTML form of a rendered message."""
        with self._app.app_context(), use_language(rendered.language):
            template = self._app.jinja_env.get_template("notifications/mail.html")
            return template.render(
                message=rendered,
                paragraphs=[linked(part) for part in rendered.text.strip().split("\n\n")],
                city=self._settings.city.name_in(rendered.language),
                home=self._settings.public_url,
                dir=direction(rendered.language),
                accent=self._settings.theme.accent,
            )

    def link(self, endpoint: str, language: str, **values: Any) -> str:
        """Return the public address of a page; never one taken from a request's Host header."""
        base = urlsplit(self._settings.public_url)
        if self._app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values.setdefault("lang", language)
        adapter = self._app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
        return adapter.build(endpoint, values, force_external=True)

    def _part(self, kind: str, part: str, values: Mapping[str, Any]) -> str:
        room, _dot, name = kind.partition(".")
        names = [f"{room}/notifications/{name}.{part}", f"notifications/{room}/{name}.{part}"]
        return self._app.jinja_env.select_template(names).render(values)

    def _optional(self, kind: str, part: str, values: Mapping[str, Any]) -> str:
        try:
            return self._part(kind, part, values)
        except TemplateNotFound:
            return ""


def one_line(text: str) -> str:
    """Return the text as one line without control characters: nothing in it can begin another header."""
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())


def linked(text: str) -> Markup:
    """Return escaped text whose addresses can be followed and whose line ends stay."""
    parts: list[Markup] = []
    at = 0
    for found in ADDRESS.finditer(text):
        address = escape(found.group())
        parts += [escape(text[at : found.start()]), Markup('<a href="{0}">{0}</a>').format(address)]
        at = found.end()
    parts.append(escape(text[at:]))
    return Markup("<br>").join(Markup("").join(parts).split("\n"))

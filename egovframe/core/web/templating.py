"""What every template can use: addresses, icons, assets, dates and numbers, menus, the reader and the city."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import structlog
from flask import Flask, g
from jinja2 import TemplateError
from markupsafe import Markup
from werkzeug.routing.exceptions import BuildError

from egovframe.core.i18n import (
    direction,
    format_date,
    format_datetime,
    format_deadline,
    format_duration,
    format_number,
    format_percent,
    format_relative,
    localized,
)
from egovframe.core.web import drawing
from egovframe.core.web.assets import Asset
from egovframe.core.web.context import actor, language, now, render, settings, url
from egovframe.core.web.kept import left_over
from egovframe.core.web.languages import language_links
from egovframe.core.web.menus import account_menu, door, menu
from egovframe.core.web.runtime import runtime
from egovframe.hooks import Section

_log = structlog.get_logger("egovframe.templates")
SPRITE = "core/vendor/lucide/icons.svg"


def install(app: Flask) -> None:
    """Teach Jinja our words and refuse undefined ones outside production."""
    env = app.jinja_env
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.globals.update(
        url=url,
        asset=asset,
        icon=icon,
        direction=direction,
        language=language,
        languages=language_links,
        menu=menu,
        account_menu=account_menu,
        now=now,
        city=city,
        actor=actor,
        theme_url=theme_url,
        logo_url=logo_url,
        drawing=drawing,
        has_asset=has_asset,
        door=door,
        kept_left_over=left_over,
        hero_url=hero_url,
        part=part,
    )
    env.filters.update(
        date=format_date,
        datetime=format_datetime,
        deadline=deadline,
        relative=relative,
        duration=format_duration,
        number=format_number,
        percent=format_percent,
        localized=localized,
        ltr=ltr,
    )


def asset(path: str) -> str:
    """Return the address of a static file, such as ``core/app.css`` or ``my_plugin/map.css``; looked up once a page."""
    known: dict[str, str] | None = g.get("egov_assets")
    if known is None:
        known = g.egov_assets = {}
    if path not in known:
        known[path] = runtime().assets.url(path)
    return known[path]


def has_asset(path: str) -> bool:
    """Whether a static file is published."""
    return runtime().assets.get(path) is not None


def icon(name: str, label: Any = "") -> Markup:
    """Return an icon of the sprite; decorative unless it has a label."""
    return _drawn(asset(SPRITE), name, str(label))


@lru_cache(maxsize=512)
def _drawn(sprite: str, name: str, label: str) -> Markup:
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" viewBox="0 0 24 24" {} focusable="false"><use href="{}#{}"/></svg>').format(
        role, sprite, name
    )


def ltr(value: Any) -> Markup:
    """Isolate a code, telephone number or address that is read left to right in every language."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(value)


def deadline(value: datetime | None) -> str:
    """Return a deadline in words, seen from now."""
    return format_deadline(value, now())


def relative(value: datetime | None) -> str:
    """Return how long ago or how soon, seen from now."""
    return format_relative(value, now())


def city() -> dict[str, Any]:
    """Return the city's name in the reader's language, telephone and e-mail."""
    here = settings().city
    return {"name": here.name_in(language()), "phone": here.phone, "email": here.email}


def theme_url() -> str:
    """Return the address of the city's colours, or an empty text for the default theme."""
    return runtime().theme.url


def logo_url() -> str:
    """Return the address of the city's own logo, or an empty text."""
    found: Asset | None = runtime().assets.get(f"city/{settings().theme.logo}") if settings().theme.logo else None
    return found.url if found else ""


def hero_url() -> str:
    """Return the address of the city's picture for the home page, or an empty text."""
    found: Asset | None = runtime().assets.get(f"city/{settings().theme.hero}") if settings().theme.hero else None
    return found.url if found else ""


def part(section: Section) -> Markup:
    """Render a section of the home page; one whose template fails is left out in production."""
    try:
        return Markup(render(section.template, **section.context))  # noqa: S704 - a template's own output
    except (TemplateError, BuildError):
        if runtime().settings.strict:
            raise
        _log.exception("a section of the home page failed", template=section.template)
        return Markup()


__all__ = ["asset", "icon", "install", "ltr"]

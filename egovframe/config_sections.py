"""The sections of ``egovframe.toml`` about the portal itself: what they hold, and how they are read.

The sections about the outside, providers and what the portal fetches, are in ``config_outside``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import available_timezones

from marshmallow import fields as ma
from marshmallow import post_load, validates_schema

from egovframe.fields import (
    Choice,
    Code,
    Email,
    FieldError,
    Integer,
    Language,
    Latitude,
    Longitude,
    Phone,
    StrictSchema,
    Text,
    TranslatedField,
)

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class CitySettings:
    """Who the city is: names by language, zone, languages offered, centre of the map (degrees), contact."""

    name: Mapping[str, str] = field(default_factory=lambda: {"en": "My city"})
    timezone: str = "UTC"
    languages: tuple[str, ...] = ("en", "ko", "ar")
    default_language: str = "en"
    latitude: float = 0.0
    longitude: float = 0.0
    zoom: int = 12
    phone: str = ""
    email: str = ""

    def name_in(self, language: str) -> str:
        """Return the city's name in the language, or in its default language, or any."""
        return self.name.get(language) or self.name.get(self.default_language) or next(iter(self.name.values()))


@dataclass(frozen=True, slots=True)
class ThemeSettings:
    """Colours as ``#RRGGBB``; logo and hero are files in the city folder, or empty for the default."""

    accent: str = "#0B5CAD"
    support: str = "#0E8A6B"
    logo: str = ""
    hero: str = ""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How e-mail leaves: printed, written to ``data/outbox`` or sent by SMTP."""

    adapter: Literal["console", "file", "smtp"] = "console"
    sender: str = "noreply@localhost.localdomain"
    host: str = "localhost"
    port: int = 25
    username: str = ""
    password: str = ""
    security: Literal["none", "starttls", "tls"] = "none"


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """Which plugins may run: ``allowed`` empty means all that are found."""

    disabled: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Bounds on what one request may send (bytes, counts)."""

    body_bytes: int = 2 * 1024 * 1024
    form_memory_bytes: int = 512 * 1024
    form_parts: int = 500


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """Roles whose holders need a second factor when the role is first made; later it is the role's own data."""

    second_factor_roles: tuple[str, ...] | None = None
    """None: the administrator's in production, no role elsewhere."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Lowest level written, and whether lines are JSON or for a person's eyes."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    style: Literal["json", "console"] = "json"


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Where backups lie, and how old the newest may be (hours) before ``egovframe doctor`` complains."""

    folder: str = ""
    max_age_hours: int = 26


class Section(StrictSchema):
    """A section that loads into its dataclass."""

    target: Any = None

    @post_load
    def _build(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        return self.target(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


class CitySchema(Section):
    """``[city]``."""

    target = CitySettings
    name = TranslatedField(metadata={"label": "The city's name, by language"})
    timezone = Text(max_length=64, metadata={"label": "IANA time zone, such as Asia/Seoul"})
    languages = ma.List(Language(), metadata={"label": "Languages offered, in order"})
    default_language = Language(metadata={"label": "Language when the reader asks for none of those offered"})
    latitude = Latitude(metadata={"label": "Centre of the map, degrees north"})
    longitude = Longitude(metadata={"label": "Centre of the map, degrees east"})
    zoom = Integer(minimum=1, maximum=19, metadata={"label": "First zoom of the map"})
    phone = Phone(metadata={"label": "The city's telephone number"})
    email = Email(metadata={"label": "The city's e-mail address"})

    @validates_schema(skip_on_field_errors=False)
    def _zone_and_language(self, data: dict[str, Any], **_kwargs: Any) -> None:
        languages = data.get("languages", CitySettings().languages)
        found: dict[str, list[str]] = {}
        if data.get("timezone", "UTC") not in available_timezones():
            found["timezone"] = ["unknown time zone; use a name such as Asia/Seoul"]
        if not languages or len(languages) > 50 or len(set(languages)) != len(languages):
            found["languages"] = ["name at least one language, each once"]
        if data.get("default_language", "en") not in languages:
            found["default_language"] = [f"must be one of {', '.join(languages)}"]
        if found:
            raise FieldError(found)


class ThemeSchema(Section):
    """``[theme]``; the web room also checks contrast."""

    target = ThemeSettings
    accent = Text(max_length=7, metadata={"label": "Colour of actions, #RRGGBB"})
    support = Text(max_length=7, metadata={"label": "Second colour of the gradation, #RRGGBB"})
    logo = Text(max_length=200, metadata={"label": "Logo file in the city folder (SVG or PNG)"})
    hero = Text(max_length=200, metadata={"label": "Picture behind the home page's heading, in the city folder"})

    @validates_schema(skip_on_field_errors=False)
    def _colours(self, data: dict[str, Any], **_kwargs: Any) -> None:
        given = {name: data[name] for name in ("accent", "support") if name in data}
        wrong = [name for name, value in given.items() if not _COLOUR.fullmatch(value)]
        if wrong:
            raise FieldError({name: ["write a colour as #RRGGBB"] for name in wrong})


class MailSchema(Section):
    """``[mail]``."""

    target = MailSettings
    adapter = Choice(("console", "file", "smtp"), metadata={"label": "console, file (data/outbox) or smtp"})
    sender = Text(max_length=254, metadata={"label": "From address"})
    host = Text(max_length=255, metadata={"label": "SMTP server"})
    port = Integer(minimum=1, maximum=65535, metadata={"label": "SMTP port"})
    username = Text(max_length=255, metadata={"label": "SMTP user"})
    password = Text(max_length=255, metadata={"label": "SMTP password, by reference", "secret": True})
    security = Choice(("none", "starttls", "tls"), metadata={"label": "none, starttls or tls"})


class PluginsSchema(Section):
    """``[plugins]``."""

    target = PluginSettings
    disabled = ma.List(Code(), metadata={"label": "Plugins that stay off"})
    allowed = ma.List(Code(), metadata={"label": "When not empty: only these may load"})


class LimitSchema(Section):
    """``[limits]``."""

    target = LimitSettings
    body_bytes = Integer(minimum=10_000, maximum=2**31, metadata={"label": "Largest request body, bytes"})
    form_memory_bytes = Integer(minimum=10_000, maximum=2**31, metadata={"label": "Largest form kept in memory, bytes"})
    form_parts = Integer(minimum=10, maximum=10_000, metadata={"label": "Most parts of a form"})


class SignInSchema(Section):
    """``[sign_in]``."""

    target = SignInSettings
    second_factor_roles = ma.List(
        Code(max_length=64),
        metadata={"label": "Roles made with a second factor required; default in production: administrator"},
    )


class LogSchema(Section):
    """``[log]``."""

    target = LogSettings
    level = Choice(("debug", "info", "warning", "error"), metadata={"label": "Lowest level written"})
    style = Choice(("json", "console"), metadata={"label": "json for machines, console for people"})


class BackupSchema(Section):
    """``[backup]``."""

    target = BackupSettings
    folder = Text(max_length=1000, metadata={"label": "Folder in which backups lie; doctor looks at the newest file"})
    max_age_hours = Integer(minimum=1, maximum=24 * 366, metadata={"label": "How old the newest backup may be, hours"})

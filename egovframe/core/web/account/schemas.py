"""What the account pages and the token API take in and give out."""

from __future__ import annotations

from collections.abc import Iterable

from marshmallow import fields as ma

from egovframe.core.i18n import language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.context import settings
from egovframe.fields import Choice, Code, Email, Instant, Integer, Password, PublicId, StrictSchema, Text

NEW_PASSWORD_HINT = _("At least 12 characters. A few words that do not belong together are strong and easy to keep.")


def offered_languages() -> Iterable[tuple[str, str]]:
    """Return the city's languages, each in its own words."""
    return [(code, language_name(code)) for code in settings().city.languages]


def _email() -> Email:
    return Email(required=True, metadata={"label": _("E-mail address"), "autocomplete": "username"})


def _new_password(label: object) -> Password:
    facts = {"label": label, "hint": NEW_PASSWORD_HINT, "autocomplete": "new-password"}
    return Password(required=True, metadata=facts)


def _display_name() -> Text:
    return Text(
        required=True,
        max_length=200,
        metadata={
            "label": _("Your name"),
            "hint": _("As you write it yourself, in the order you are used to."),
            "autocomplete": "name",
            "personal": True,
        },
    )


def _addressed_as() -> Text:
    return Text(
        max_length=200,
        load_default="",
        metadata={
            "label": _("How should we address you?"),
            "hint": _("For example Ms Kim or Dr Haddad. Leave it empty and we use your name."),
            "personal": True,
        },
    )


class SignInSchema(StrictSchema):
    """The sign-in form."""

    email = _email()
    password = Password(required=True, metadata={"label": _("Password"), "autocomplete": "current-password"})
    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


class RegisterSchema(StrictSchema):
    """The registration form."""

    display_name = _display_name()
    addressed_as = _addressed_as()
    email = _email()
    password = _new_password(_("Choose a password"))


class RecoverySchema(StrictSchema):
    """Whose password was forgotten."""

    email = _email()


class NewPasswordSchema(StrictSchema):
    """The new password at the end of a link."""

    password = _new_password(_("New password"))


class ChangePasswordSchema(StrictSchema):
    """A change by somebody who knows the present password."""

    current = Password(required=True, metadata={"label": _("Present password"), "autocomplete": "current-password"})
    new = _new_password(_("New password"))


class NothingSchema(StrictSchema):
    """A form that is only a button."""


class ProfileSchema(StrictSchema):
    """What people say about themselves."""

    display_name = _display_name()
    addressed_as = _addressed_as()
    language = Choice(
        offered_languages,
        required=True,
        metadata={
            "label": _("Language of our messages"),
            "hint": _("The pages have their own switch at the top."),
        },
    )


class TokenRequestSchema(StrictSchema):
    """A script asks for a bearer token."""

    email = _email()
    password = Password(required=True, metadata={"label": _("Password")})
    name = Text(max_length=100, load_default="API", metadata={"label": _("What you call this token")})
    permissions = ma.List(
        Code(max_length=100),
        load_default=None,
        allow_none=True,
        metadata={"label": _("What it may do of what you may do; all of it when left out")},
    )
    days = Integer(minimum=1, load_default=None, allow_none=True, metadata={"label": _("For how many days")})


class TokenSchema(StrictSchema):
    """A token without its secret."""

    id = PublicId(attribute="public_id", dump_only=True)
    name = Text(dump_only=True)
    permissions = ma.List(ma.String(), allow_none=True, dump_only=True)
    created_at = Instant(dump_only=True)
    expires_at = Instant(dump_only=True)
    last_used_at = Instant(dump_only=True, allow_none=True)


class NewTokenSchema(TokenSchema):
    """A token with its secret, shown this once."""

    token = ma.String(dump_only=True)


class TokenListSchema(StrictSchema):
    """The caller's own tokens."""

    tokens = ma.List(ma.Nested(TokenSchema), dump_only=True)


class LooksQuery(StrictSchema):
    """Where the list of looks goes on."""

    cursor = Text(max_length=300, load_default="")

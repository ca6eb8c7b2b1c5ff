"""What the account pages and the token API take in and give out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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


def _code(hint: Any) -> Text:
    return Text(
        max_length=40,
        required=True,
        metadata={"label": _("Code"), "hint": hint, "autocomplete": "one-time-code", "ltr": True},
    )


class SecondFactorSchema(StrictSchema):
    """The second step of a sign-in."""

    code = _code(_("The six digits that your app shows now, or one of your recovery codes."))


class AppCodeSchema(StrictSchema):
    """The first code of a new app."""

    code = _code(_("The six digits that the app shows now."))


class CodeProofSchema(StrictSchema):
    """Showing again who one is, with a second factor and without a password: a code."""

    code = _code(_("The six digits that your app shows now, or one of your recovery codes."))
    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


class PasswordProofSchema(StrictSchema):
    """Showing again who one is, without a second factor: the password."""

    password = Password(required=True, metadata={"label": _("Password"), "autocomplete": "current-password"})
    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


class ProofSchema(StrictSchema):
    """Showing again who one is, where there is a second factor: the password or a code."""

    password = Password(load_default="", metadata={"label": _("Password"), "autocomplete": "current-password"})
    code = Text(
        max_length=40,
        load_default="",
        metadata={
            "label": _("Or a code"),
            "hint": _("The six digits that your app shows now, or one of your recovery codes."),
            "autocomplete": "one-time-code",
            "ltr": True,
        },
    )
    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


class PasskeyNameSchema(StrictSchema):
    """What its owner calls a passkey."""

    name = Text(
        max_length=100,
        required=True,
        metadata={"label": _("Name of the passkey"), "hint": _("So that you know it again: my phone, blue key …")},
    )


class NewPasskeySchema(PasskeyNameSchema):
    """A new passkey: its name, and what the browser answered."""

    answer = Text(max_length=20_000, load_default="", metadata={"widget": "hidden"})


class PasskeyAnswerSchema(StrictSchema):
    """What the browser answered for a passkey."""

    answer = Text(max_length=20_000, load_default="", metadata={"widget": "hidden"})
    next = Text(max_length=2000, load_default="", metadata={"widget": "hidden"})


class ResetFactorsSchema(StrictSchema):
    """Whose second factor is taken away, and why."""

    email = Email(required=True, metadata={"label": _("E-mail address"), "autocomplete": "off"})
    reason = Text(
        max_length=500,
        required=True,
        metadata={"label": _("Reason"), "hint": _("Kept in the audit. How did you make sure who is asking?")},
    )


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
    code = Text(
        max_length=40,
        load_default="",
        metadata={"label": _("A code of the app or a recovery code, where the account has a second factor")},
    )
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

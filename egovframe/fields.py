"""Strict, bounded marshmallow fields and the schema base for everything that comes from outside.

marshmallow's own fields take NUL bytes, 10**30, ``"1_000"``, Arabic-Indic digits, ``1.9`` as 1 and naive times; each of
those later becomes a server error or a silent change. These fields refuse them with a message for the person.

Form metadata lives in ``metadata``: ``label``, ``hint``, ``autocomplete``, ``rows`` (of a text area), ``widget``,
``personal``.
"""

from __future__ import annotations

import decimal
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import marshmallow
from marshmallow import RAISE, fields, pre_load

from egovframe.dumping import FastDump
from egovframe.lazy import lazy_gettext as _

MAX_COMBINING = 8
"""Marks stacked on one letter beyond this are dropped in validation as an attack, not writing."""
MAX_DEPTH = 20
MASK = "•••"
"""What stands for a personal value that was not asked for. It is never a value."""
MAX_FIELDS = 500
"""Most names in one object or form; no schema here has a fifth of it."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,24}(\.[0-9]{1,18})?")
_EMAIL = re.compile(
    r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]_]{1,189}\.[^\s@<>\"(),:;\\\[\]_.0-9][^\s@<>\"(),:;\\\[\]_.]{0,62}"
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_FORBIDDEN = frozenset("\x00\ufffe\uffff")


class FieldError(marshmallow.ValidationError):
    """marshmallow's own error, but a lazy translation is one message (marshmallow would take it for a list)."""

    def __init__(self, message: Any, field_name: str = "_schema", **kwargs: Any) -> None:
        if not isinstance(message, str | list | dict):
            message = [message]
        super().__init__(message, field_name, **kwargs)


REQUIRED = _("Please fill this in.")


def clean_text(value: str) -> str:
    """Return the text in NFC without control characters other than tab and line ends.

    Raises:
        FieldError: NUL, lone surrogates, or marks stacked beyond any writing.
    """
    if any(character in _FORBIDDEN or "\ud800" <= character <= "\udfff" for character in value):
        raise FieldError(_("This holds characters that we cannot store."))
    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    run = 0
    for character in value:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            raise FieldError(_("This holds characters that we cannot store."))
    return "".join(c for c in value if c in "\n\t" or unicodedata.category(c) != "Cc")


class StrictSchema(FastDump):
    """A schema that refuses unknown keys and duplicate or nested nonsense with a readable message.

    A field marked ``metadata={"personal": True}`` refuses the dots that stand for a hidden value: what somebody was
    not shown can never be written back over what is stored.
    """

    class Meta:
        """Unknown keys are an error."""

        unknown = RAISE

    error_messages = {
        "unknown": _("This field is not known here."),
        "type": _("Send an object with named fields."),
    }

    @pre_load
    def _only_mappings(self, data: Any, **_kwargs: Any) -> Any:
        if not isinstance(data, Mapping):
            raise FieldError(_("Send an object with named fields."))
        if len(data) > MAX_FIELDS:
            # Before each unknown name gets a message of its own: 100,000 of them took seconds to write.
            raise FieldError(_("Send fewer fields."))
        return data

    @pre_load
    def _no_dots(self, data: Any, **_kwargs: Any) -> Any:
        """Refuse the dots of a hidden personal value (DIGIT once saved them over real telephone numbers)."""
        messages = {
            name: [_("These dots stand for a hidden value. Type the real one, or leave the field as it was.")]
            for name, field in self.load_fields.items()
            if field.metadata.get("personal")
            and isinstance(data, Mapping)
            and _holds_dots(data.get(field.data_key or name))
        }
        if messages:
            raise FieldError(messages)
        return data


def _holds_dots(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_dots(part) for part in value)
    return isinstance(value, str) and MASK in value


class _Strict(fields.Field[Any]):
    """Shared messages for every strict field."""

    default_error_messages = {
        "required": REQUIRED,
        "null": REQUIRED,
        "validator_failed": _("This is not valid."),
        "invalid": _("This is not valid."),
    }

    def make_error(self, key: str, **kwargs: Any) -> marshmallow.ValidationError:
        """Return the message of that key, lazy as it is."""
        return FieldError(self.error_messages[key])


class Text(_Strict):
    """One line of text, trimmed; an empty line counts as absent when the field is required.

    Args:
        max_length: most characters after normalisation.
        min_length: fewest characters, 0 to allow empty.
        pattern: a regular expression the whole text must match.
    """

    def __init__(
        self,
        *,
        max_length: int = 255,
        min_length: int = 0,
        pattern: re.Pattern[str] | None = None,
        multiline: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        self.min_length = min_length
        self.pattern = pattern
        self.multiline = multiline

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise FieldError(_("Send this as text."))
        if len(value) > self.max_length * 4 + 64:
            raise FieldError(_("Use at most %(count)d characters.", count=self.max_length))
        text = clean_text(value).strip()
        if not self.multiline:
            text = " ".join(text.split())
        return self._bounded(text)

    def _bounded(self, text: str) -> str:
        if not text and self.required:
            raise FieldError(REQUIRED)
        if len(text) > self.max_length:
            raise FieldError(_("Use at most %(count)d characters.", count=self.max_length))
        if text and len(text) < self.min_length:
            raise FieldError(_("Use at least %(count)d characters.", count=self.min_length))
        if text and self.pattern is not None and not self.pattern.fullmatch(text):
            raise FieldError(_("This is not in the right form."))
        return text


class LongText(Text):
    """Several lines of text (4,000 characters unless told otherwise)."""

    def __init__(self, *, max_length: int = 4000, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, multiline=True, **kwargs)


class Password(_Strict):
    """A secret as typed: not trimmed, not normalised, at most 200 characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise FieldError(_("This is not valid."))
        if not value and self.required:
            raise FieldError(REQUIRED)
        if len(value) > 200:
            raise FieldError(_("Use at most %(count)d characters.", count=200))
        return value


class Integer(_Strict):
    """A whole number in ASCII digits within bounds (by default what a 64-bit column holds)."""

    def __init__(self, *, minimum: int = -(2**63), maximum: int = 2**63 - 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise FieldError(_("Enter a whole number."))
        if not self.minimum <= value <= self.maximum:
            raise FieldError(
                _("Enter a number from %(low)s to %(high)s.", low=str(self.minimum), high=str(self.maximum))
            )
        return value


class Decimal(_Strict):
    """A decimal number in ASCII digits, never through a float."""

    def __init__(self, *, minimum: str = "-1e24", maximum: str = "1e24", places: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum = decimal.Decimal(minimum)
        self.maximum = decimal.Decimal(maximum)
        self.places = places

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> decimal.Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise FieldError(_("Enter a number."))
        text = str(value).strip()
        if not _DECIMAL.fullmatch(text):
            raise FieldError(_("Enter a number."))
        number = decimal.Decimal(text)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            raise FieldError(_("Use at most %(count)d decimal places.", count=self.places))
        if not self.minimum <= number <= self.maximum:
            raise FieldError(
                _("Enter a number from %(low)s to %(high)s.", low=str(self.minimum), high=str(self.maximum))
            )
        return number

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)


class Boolean(_Strict):
    """Yes or no: JSON booleans, or the words that HTML forms send (on, true, 1, yes and their opposites, or empty)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            word = value.strip().lower()
            if word in {"1", "true", "on", "yes"}:
                return True
            if word in {"", "0", "false", "off", "no"}:
                return False
        raise FieldError(_("Answer yes or no."))


class Instant(_Strict):
    """An instant in ISO 8601 with a zone; loads to UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40 or not value.isascii():
            raise FieldError(_("Enter a time such as 2026-11-21T09:00:00+09:00."))
        try:
            instant = datetime.fromisoformat(value.strip())
            if instant.tzinfo is None:
                raise FieldError(_("Add the time zone, such as Z or +09:00."))
            return instant.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise FieldError(_("Enter a time such as 2026-11-21T09:00:00+09:00.")) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        instant: datetime = value if value.tzinfo is UTC else value.astimezone(UTC)
        return instant.isoformat().replace("+00:00", "Z")


class Date(_Strict):
    """A calendar date in ISO 8601."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
                raise ValueError(value)
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise FieldError(_("Enter a date such as 2026-11-21.")) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()


def in_our_time(day: date | None) -> None:
    """Refuse days that no office plans with and that no calendar can reckon with; nothing passes.

    Raises:
        FieldError: the day lies before 2000 or after 2200.
    """
    if day is not None and not 2000 <= day.year <= 2200:
        raise FieldError(_("Choose a day in our time."))


def _personal(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Mark a field as personal unless it says otherwise."""
    return {**kwargs, "metadata": {"personal": True, **(kwargs.get("metadata") or {})}}


class Email(Text):
    """An e-mail address; the domain is lower-cased. Deliverability is proven by a message, not by a pattern."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**_personal(kwargs))

    def _bounded(self, text: str) -> str:
        text = super()._bounded(text)
        if text and not _EMAIL.fullmatch(text):
            raise FieldError(_("Enter an e-mail address such as name@example.org."))
        local, at, domain = text.rpartition("@")
        return local + at + domain.lower()


class Phone(Text):
    """A telephone number as people write it: digits, spaces, hyphens, dots, brackets, one leading plus."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        super().__init__(**_personal(kwargs))

    def _bounded(self, text: str) -> str:
        text = super()._bounded(text)
        if text and not (re.fullmatch(r"\+?[0-9 ()./-]{3,31}", text) and sum(c.isdigit() for c in text) >= 3):
            raise FieldError(_("Enter a telephone number such as 02-120 or +82 2 120."))
        return text


class Url(Text):
    """An http or https address without credentials."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)

    def _bounded(self, text: str) -> str:
        text = super()._bounded(text)
        if text and not re.fullmatch(r"https?://[^\s/@?#\\]+(:[0-9]{1,5})?([/?#][^\s\\]*)?", text):
            raise FieldError(_("Enter an address such as https://example.org."))
        return text


class Choice(_Strict):
    """One of a fixed set of values.

    Args:
        choices: values, or (value, label) pairs, or a function giving pairs at load time.
    """

    def __init__(
        self, choices: Iterable[Any] | Callable[[], Iterable[Any]], *, allow_empty: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._choices = choices if callable(choices) else tuple(choices)
        self.allow_empty = allow_empty

    @property
    def choices(self) -> list[tuple[Any, Any]]:
        """(value, label) pairs for the form."""
        given = self._choices() if callable(self._choices) else self._choices
        return [tuple(item) if isinstance(item, list | tuple) else (item, item) for item in given]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value == "" and self.required:
            raise FieldError(_("Choose one of these."))
        if value == "" and self.allow_empty:
            return ""
        for known, _label in self.choices:
            if isinstance(value, type(known)) and value == known:
                return known
        raise FieldError(_("Choose one of these."))


class _Degrees(_Strict):
    limit = 90.0

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float | None:
        if value == "" and not self.required:
            return None
        if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FieldError(_("Enter degrees such as 37.5665."))
        if isinstance(value, int) and abs(value) > 360:
            raise FieldError(_("Enter degrees such as 37.5665."))
        if not math.isfinite(value) or abs(value) > self.limit:
            raise FieldError(_("Enter a number from %(low)s to %(high)s.", low=str(-self.limit), high=str(self.limit)))
        return float(value)


class Latitude(_Degrees):
    """Degrees north (WGS84), -90 to 90; an empty form value is None."""

    limit = 90.0


class Longitude(_Degrees):
    """Degrees east (WGS84), -180 to 180; an empty form value is None."""

    limit = 180.0


class Code(Text):
    """A machine name: ASCII letters, digits and ``_ . : -``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        super().__init__(pattern=_CODE, **kwargs)


class PublicId(Text):
    """A random public id as made by ``new_public_id``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern=re.compile(r"[0-9a-z]{8,32}"), max_length=32, **kwargs)


class Language(Text):
    """A language tag such as ``ko`` or ``zh-Hant``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern=_LANGUAGE, max_length=20, **kwargs)


class TranslatedField(_Strict):
    """A text in several languages: ``{"en": "…", "ko": "…"}``; a plain string is taken for the default language.

    Args:
        default_language: language of a plain string.
        max_length: most characters in each language.
    """

    def __init__(self, *, default_language: str = "en", max_length: int = 255, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.default_language = default_language
        self._text = Text(max_length=max_length)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        if isinstance(value, str):
            value = {self.default_language: value}
        if not isinstance(value, Mapping) or not value or len(value) > 60:
            raise FieldError(_("Send a text, or texts by language."))
        result = {}
        for language, text in value.items():
            if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
                raise FieldError(_("Send a text, or texts by language."))
            result[language] = str(self._text.deserialize(text))
        return result


class Json(_Strict):
    """Any JSON value of bounded depth and size, for stored conditions and answers."""

    def __init__(self, *, max_items: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_items = max_items

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        pending, seen = [(value, 0)], 0
        while pending:
            item, depth = pending.pop()
            seen += 1
            if depth > MAX_DEPTH or seen > self.max_items:
                raise FieldError(_("This is too deeply nested or too long."))
            if isinstance(item, Mapping):
                pending += [(part, depth + 1) for pair in item.items() for part in pair]
            elif isinstance(item, list):
                pending += [(part, depth + 1) for part in item]
            elif isinstance(item, str):
                clean_text(item)
            elif _unstorable_number(item):
                raise FieldError(_("Enter a number."))
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


def _unstorable_number(item: Any) -> bool:
    if isinstance(item, float):
        return not math.isfinite(item)
    return isinstance(item, int) and not isinstance(item, bool) and abs(item) >= 2**63

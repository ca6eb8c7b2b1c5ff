"""From a marshmallow schema to what the form macros draw: labels, hints, values, messages, options.

The schema is the only description of a form: its fields' ``metadata`` holds ``label``, ``hint``, ``autocomplete``,
``rows``, ``widget`` and ``placeholder``. Widgets: text, email, tel, url, number, password, date, datetime-local,
textarea, select, radios, cards, checkbox, checkboxes, file, hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import Schema, fields, missing
from werkzeug.datastructures import MultiDict

from egovframe import fields as own
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.context import notice
from egovframe.core.web.kept import kept_values

HERE_AGAIN = _("What you filled in is here again. Check it, then send it.")
FILES_AGAIN = _("What you filled in is here again, without the files. Check it, choose the files again, then send it.")
SHORT_LIST = 6
"""Up to this many options are shown as radio buttons, more as a select."""
ALWAYS_LTR = frozenset({"email", "tel", "url", "number", "password", "date", "datetime-local"})
_WIDGETS: tuple[tuple[type[Any], str], ...] = (
    (own.Email, "email"),
    (own.Phone, "tel"),
    (own.Url, "url"),
    (own.LongText, "textarea"),
    (own.Password, "password"),
    (own.Boolean, "checkbox"),
    (own.Date, "date"),
    (own.Instant, "datetime-local"),
    (own.Integer, "number"),
    (own.Text, "text"),
)
_INPUT_MODES: tuple[tuple[type[Any], str], ...] = (
    (own.Integer, "numeric"),
    (own.Decimal, "decimal"),
    (own.Latitude, "decimal"),
    (own.Longitude, "decimal"),
)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is sent, what is read, a second line, whether it is chosen."""

    value: str
    label: Any
    text: Any = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One question as it is drawn.

    Attributes:
        name: what is sent.
        id: the element's id; hint and message are ``<id>-hint`` and ``<id>-error``.
        widget: which control.
        attributes: further attributes of the control (autocomplete, maxlength, inputmode, rows …).
    """

    name: str
    id: str
    widget: str
    label: Any
    hint: Any = ""
    value: Any = ""
    errors: Sequence[Any] = ()
    required: bool = False
    options: Sequence[Option] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def described_by(self) -> str:
        """Ids of what explains the control, for ``aria-describedby``."""
        found = [f"{self.id}-hint"] if self.hint else []
        return " ".join([*found, f"{self.id}-error"] if self.errors else found)

    @property
    def first_id(self) -> str:
        """The id that a link in the error summary leads to: of the first control of a group."""
        return f"{self.id}-1" if self.widget in {"radios", "cards", "checkboxes"} else self.id


@dataclass(frozen=True, slots=True)
class Form:
    """Questions in order, by name, with the messages that belong to no single one."""

    fields: tuple[FormField, ...]
    errors: tuple[Any, ...] = ()
    kept: MultiDict[str, str] | None = None
    """What was kept while its writer signed in, when it shows that: for controls that a page draws by hand."""

    def __iter__(self) -> Iterator[FormField]:
        return iter(self.fields)

    def __getitem__(self, name: str) -> FormField:
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(each.name == name for each in self.fields)

    @property
    def refilled(self) -> bool:
        """Whether it shows what was kept while its writer signed in."""
        return self.kept is not None

    @property
    def has_errors(self) -> bool:
        """Whether anything was refused."""
        return bool(self.errors) or any(each.errors for each in self.fields)

    @property
    def has_files(self) -> bool:
        """Whether the form must be sent as multipart/form-data."""
        return any(each.widget == "file" for each in self.fields)

    @property
    def keeps_answers(self) -> bool:
        """Whether something that was typed is shown again: passwords and files never are."""
        return any(each.widget not in {"password", "file", "hidden"} for each in self.fields)

    @property
    def summary(self) -> list[tuple[str, Any, Any]]:
        """(id or empty, label, message) for the error summary, in the order of the page."""
        own_errors = [("", "", message) for message in self.errors]
        return own_errors + [(f.first_id, f.label, message) for f in self.fields for message in f.errors]


def form(
    schema: Schema,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[Any]] | None = None,
    *,
    only: Iterable[str] | None = None,
    prefix: str = "f",
    choices: Mapping[str, Iterable[Any]] | None = None,
    widgets: Mapping[str, str] | None = None,
    sent_to: str | None = "",
) -> Form:
    """Build the view model of a form.

    A form that was kept while its writer signed in, or proved who they are, is shown with what was typed then, once.

    Args:
        schema: what will be loaded when the form comes back.
        values: what to show: what was typed (``request.form``) or what is stored.
        errors: messages by field name, as in ``Invalid.errors``.
        only: names and order of the fields to show; all by default.
        prefix: before every id, so that two forms can stand on one page.
        choices: options by field name, for lists that come from the database: values, (value, label) or
            (value, label, second line).
        widgets: widgets by field name that replace the schema's.
        sent_to: the address that the form is sent to, where a page has several forms: what was kept goes into the one
            that it was typed in. None for a form that the page draws in several places.
    """
    errors, values = dict(errors or {}), values if values is not None else {}
    known = schema.load_fields
    kept = None if sent_to is None else kept_values(known, sent_to)
    values = values if kept is None else kept
    names = list(only) if only is not None else list(known)
    shown = tuple(
        _field(name, known[name], values, tuple(errors.pop(name, ())), prefix, (choices or {}).get(name), widgets or {})
        for name in names
    )
    drawn = Form(shown, tuple(message for messages in errors.values() for message in messages), kept)
    if kept is not None:
        notice(FILES_AGAIN if drawn.has_files else HERE_AGAIN, "info")
    return drawn


def _field(
    name: str,
    source: fields.Field[Any],
    values: Mapping[str, Any],
    errors: tuple[Any, ...],
    prefix: str,
    choices: Iterable[Any] | None,
    widgets: Mapping[str, str],
) -> FormField:
    inner = source.inner if isinstance(source, fields.List) else source
    given = choices if choices is not None else getattr(inner, "choices", None)
    options = list(given) if given is not None else []
    widget = widgets.get(name) or source.metadata.get("widget") or _widget(source, inner, options, given is not None)
    value = _value(name, source, values)
    drawn = FormField(
        name=name,
        id=f"{prefix}-{name}".replace(".", "-"),
        widget=widget,
        label=source.metadata.get("label", name),
        hint=source.metadata.get("hint", ""),
        value="" if widget in {"password", "file"} else value,
        errors=errors,
        required=source.required and widget != "hidden",
        attributes=_attributes(source, inner, widget),
    )
    chosen = {str(item) for item in value} if isinstance(value, list | tuple | set) else {str(value)}
    return replace(drawn, options=tuple(_option(item, chosen) for item in options))


def _widget(source: fields.Field[Any], inner: fields.Field[Any], options: list[Any], is_choice: bool) -> str:
    if is_choice:
        if inner is not source:
            return "checkboxes"
        return "radios" if len(options) <= SHORT_LIST else "select"
    return next((widget for kind, widget in _WIDGETS if isinstance(source, kind)), "text")


def _value(name: str, source: fields.Field[Any], values: Mapping[str, Any]) -> Any:
    if isinstance(values, MultiDict):
        found: Any = values.getlist(name) if isinstance(source, fields.List) else values.get(name, "")
    else:
        found = values.get(name, "" if source.load_default is missing else source.load_default)
    return "" if found is None else found


def _option(item: Any, chosen: set[str]) -> Option:
    parts = tuple(item) if isinstance(item, list | tuple) else (item, item)
    return Option(str(parts[0]), parts[1], parts[2] if len(parts) > 2 else "", str(parts[0]) in chosen)


def _attributes(source: fields.Field[Any], inner: fields.Field[Any], widget: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        key: source.metadata[key] for key in ("autocomplete", "placeholder", "accept") if key in source.metadata
    }
    if widget in {"text", "email", "tel", "url", "textarea", "password"}:
        length = getattr(source, "max_length", None)
        if length:
            found["maxlength"] = length
    if widget == "textarea":
        found["rows"] = source.metadata.get("rows", 6)
    if widget == "number" and isinstance(source, own.Integer):
        found.update({k: v for k, v in (("min", source.minimum), ("max", source.maximum)) if abs(v) < 10**12})
    mode = next((mode for kind, mode in _INPUT_MODES if isinstance(inner, kind)), None)
    if mode and widget in {"text", "number"}:
        found["inputmode"] = mode
    if widget in ALWAYS_LTR or mode or source.metadata.get("ltr"):
        found["dir"] = "ltr"
    elif widget in {"text", "textarea"}:
        found["dir"] = "auto"
    return found


__all__ = ["Form", "FormField", "Option", "form"]

"""Complaint catalogues: DIGIT's ServiceDefs (JSON) and our own CSV, both to the same items."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marshmallow import EXCLUDE, ValidationError

from civic_participation.intake.tables import Table
from egovframe.errors import BadRequest
from egovframe.fields import Boolean, Choice, Code, Integer, StrictSchema, Text

MAX_JSON_BYTES = 20 * 1024**2
MAX_ITEMS = 20_000


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One complaint type as a catalogue describes it."""

    number: int
    """Where it stands: the line of a CSV file, or the position in a JSON list (from 1)."""
    code: str
    names: Mapping[str, str]
    department: str = ""
    hours: int | None = None
    mode: str = "calendar"
    keywords: str = ""
    group: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    notices: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    private: bool = False
    staff_only: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a file holds: the usable items, and (number, code, reason) of those that are not."""

    items: list[CatalogueItem]
    refused: list[tuple[int, str, str]]


class _DigitSchema(StrictSchema):
    class Meta:
        unknown = EXCLUDE

    serviceCode = Code(required=True, max_length=80)  # noqa: N815 - DIGIT's own name
    name = Text(required=True, max_length=200)
    department = Code(max_length=64, load_default="")
    slaHours = Integer(minimum=1, maximum=24 * 365 * 5, load_default=None, allow_none=True)  # noqa: N815 - as above
    keywords = Text(max_length=500, load_default="")
    menuPath = Text(max_length=100, load_default="")  # noqa: N815 - as above
    order = Integer(minimum=0, maximum=1_000_000, load_default=0)
    active = Boolean(load_default=True)


class _RowSchema(StrictSchema):
    class Meta:
        unknown = EXCLUDE

    code = Code(required=True, max_length=80)
    department = Code(max_length=64, load_default="")
    hours = Integer(minimum=1, maximum=24 * 365 * 5, load_default=None, allow_none=True)
    mode = Choice(("calendar", "working"), load_default="calendar")
    keywords = Text(max_length=500, load_default="")
    group = Text(max_length=100, load_default="")
    active = Boolean(load_default=True)
    private = Boolean(load_default=False)
    staff_only = Boolean(load_default=False)
    position = Integer(minimum=0, maximum=1_000_000, load_default=0)


def read_catalogue(path: Path, *, language: str = "en", encoding: str | None = None) -> Catalogue:
    """Read a catalogue by its ending.

    Args:
        path: ``.json`` (DIGIT ServiceDefs) or ``.csv`` with columns code, name or name_<language>, and optionally
            department, hours, mode, keywords, group, hint_<language>, notice_<language>, active, private, staff_only,
            position.
        language: language of names without one.
        encoding: of a CSV file, when it is not found by itself.

    Raises:
        BadRequest: the file as a whole cannot be used.
    """
    if path.suffix.lower() == ".json":
        return _checked(_digit_items(path), _from_digit, language)
    if path.suffix.lower() == ".csv":
        table = Table(path, encoding)
        if "code" not in table.headings or not any(h == "name" or h.startswith("name_") for h in table.headings):
            raise BadRequest(f"{path} needs the columns code and name; it has {', '.join(table.headings)}")
        return _checked(((line.number, line.cells) for line in table.lines()), _from_row, language)
    raise BadRequest(f"{path}: give a .json or .csv file")


def _checked(records: Iterator[tuple[int, Any]], convert: Any, language: str) -> Catalogue:
    items: list[CatalogueItem] = []
    refused: list[tuple[int, str, str]] = []
    seen: dict[str, int] = {}
    for number, record in records:
        if number > MAX_ITEMS:
            raise BadRequest(f"a catalogue may have at most {MAX_ITEMS} entries")
        code = str(record.get("serviceCode") or record.get("code") or "") if isinstance(record, Mapping) else ""
        try:
            item = convert(number, record, language)
        except ValidationError as error:
            refused.append((number, code, _first_message(error)))
            continue
        if item.code in seen:
            refused.append((number, code, f"the code stands already at {seen[item.code]}"))
            continue
        seen[item.code] = number
        items.append(item)
    return Catalogue(items, refused)


def _digit_items(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise BadRequest(f"{path} is over {MAX_JSON_BYTES // 1024**2} MiB")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        raise BadRequest(f"{path} cannot be read as JSON: {error}") from error
    if isinstance(content, Mapping):
        content = content.get("ServiceDefs") or content.get("mdms") or content.get("data")
    if not isinstance(content, list):
        raise BadRequest(f"{path} holds no list of service definitions")
    for number, record in enumerate(content, 1):
        inner = record.get("data") if isinstance(record, Mapping) else None
        yield number, inner if isinstance(inner, Mapping) else record


def _from_digit(number: int, record: Any, language: str) -> CatalogueItem:
    values: dict[str, Any] = _DigitSchema().load(record)
    return CatalogueItem(
        number,
        values["serviceCode"],
        {language: sentence_case(values["name"])},
        department=values["department"],
        hours=values["slaHours"],
        keywords=values["keywords"],
        group=values["menuPath"],
        active=values["active"],
        position=values["order"],
    )


def _from_row(number: int, cells: Mapping[str, str], language: str) -> CatalogueItem:
    values: dict[str, Any] = _RowSchema().load({key: cell for key, cell in cells.items() if cell})
    names = _by_language(cells, "name", language, 200)
    if not names:
        raise ValidationError({"name": ["Please fill this in."]})
    return CatalogueItem(
        number,
        names=names,
        hints=_by_language(cells, "hint", language, 500),
        notices=_by_language(cells, "notice", language, 500),
        **values,
    )


def _by_language(cells: Mapping[str, str], name: str, language: str, limit: int) -> dict[str, str]:
    field_ = Text(max_length=limit)
    found = {language: cells[name]} if cells.get(name) else {}
    prefix = f"{name}_"
    found |= {key.removeprefix(prefix): cell for key, cell in cells.items() if key.startswith(prefix) and cell}
    return {key: str(field_.deserialize(value)) for key, value in found.items()}


def sentence_case(text: str) -> str:
    """Return a name written all in capitals as a sentence: ``NO WATER SUPPLY`` → ``No water supply``."""
    if text.isupper() and len(text) > 4:
        return text[:1] + text[1:].lower()
    return text


def words_of_code(code: str) -> str:
    """Return a readable name for a code: ``WaterRelated`` → ``Water related``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+", " ", code).split()
    return " ".join([words[0], *(word.lower() for word in words[1:])]) if words else code


def _first_message(error: ValidationError) -> str:
    messages = error.messages if isinstance(error.messages, dict) else {"": error.messages}
    name, found = next(iter(messages.items()))
    first = found[0] if isinstance(found, list) and found else found
    return f"{name}: {first}" if name and name != "_schema" else str(first)

"""Files of an organisation as rows: JSON with lists by kind, or CSV with a column ``kind``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from egovframe.core.modules.organisation.schemas import ROWS
from egovframe.errors import Invalid

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_ROWS = 100_000
MAX_CELL = 10_000


class OrganisationFileError(Invalid):
    """The file as a whole cannot be used; one line says what to do."""

    code = "organisation-file"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an import.

    Attributes:
        place: where it stands, for people: ``line 7``, ``posts 3``.
        kind: ``department``, ``post``, ``official``, ``absence``, ``jurisdiction``, or what the file says instead.
        values: the cells, empty ones left out.
    """

    place: str
    kind: str
    values: Any


def read_rows(path: Path, encoding: str = "utf-8-sig") -> list[Row]:
    """Read a JSON or CSV file, told apart by its name.

    Raises:
        OrganisationFileError: it is missing, too large, wrongly encoded, or neither.
    """
    text = _text(path, encoding)
    if path.suffix.lower() == ".json":
        rows = list(_json_rows(path.name, text))
    elif path.suffix.lower() == ".csv":
        rows = list(_csv_rows(path.name, text))
    else:
        raise OrganisationFileError(f"{path.name}: give a file that ends in .json or .csv.")
    if not rows:
        raise OrganisationFileError(f"{path.name} holds no row: nothing to import.")
    if len(rows) > MAX_ROWS:
        raise OrganisationFileError(f"{path.name} holds {len(rows)} rows: import at most {MAX_ROWS} at once.")
    return rows


def rows_of(document: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of ``{"departments": […], "posts": […], …}``.

    Raises:
        OrganisationFileError: another shape.
    """
    plurals = {kind + "s": kind for kind in ROWS}
    unknown = sorted(map(str, document.keys() - plurals.keys()))
    if unknown:
        raise OrganisationFileError(f"{unknown[0][:40]!r} is not known here: use {', '.join(plurals)}.")
    for plural, kind in plurals.items():
        listed = document.get(plural, [])
        if not isinstance(listed, list):
            raise OrganisationFileError(f"{plural!r} must be a list of objects.")
        for number, values in enumerate(listed, start=1):
            yield Row(f"{plural} {number}", kind, values)


def _text(path: Path, encoding: str) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise OrganisationFileError(f"{path.name} is larger than {MAX_FILE_BYTES // 1024 // 1024} MB: split it.")
        return path.read_bytes().decode(encoding)
    except OSError as error:
        raise OrganisationFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except LookupError as error:
        raise OrganisationFileError(f"{encoding!r} is no encoding: try utf-8, cp949 or windows-1256.") from error
    except UnicodeDecodeError as error:
        hint = "save it as UTF-8, or name its encoding, such as --encoding cp949"
        raise OrganisationFileError(f"{path.name} is not {error.encoding} text: {hint}.") from error


def _json_rows(name: str, text: str) -> Iterator[Row]:
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise OrganisationFileError(f"{name} is not complete JSON (line {error.lineno}: {error.msg}).") from error
    except (ValueError, RecursionError) as error:
        raise OrganisationFileError(f"{name} holds numbers or nested lists that no import needs.") from error
    if not isinstance(document, dict):
        raise OrganisationFileError(f"{name} must hold an object with lists: departments, posts, officials …")
    yield from rows_of(document)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _csv_rows(name: str, text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_header(name, header)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _csv_row(f"line {reader.line_num}", header, cells)
    except csv.Error as error:
        raise OrganisationFileError(f"{name}, line {reader.line_num}: {error}.") from error


def _check_header(name: str, header: list[str]) -> None:
    if "kind" not in header:
        raise OrganisationFileError(f"{name} has no column 'kind': its cells say {', '.join(ROWS)}.")
    twice = next((column for column in header if column and header.count(column) > 1), None)
    if twice:
        raise OrganisationFileError(f"{name} has the column {twice!r} twice.")


def _csv_row(place: str, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return Row(place, "", f"it has {len(cells)} cells under {len(header)} columns")
    values: dict[str, Any] = {}
    for column, cell in zip(header, cells, strict=False):
        text = cell.strip()[:MAX_CELL]
        if not text or not column:
            continue
        field, colon, language = column.partition(":")
        if colon:
            texts = values.setdefault(field, {})
            values[field] = {**({"": texts} if isinstance(texts, str) else texts), language: text}
        elif isinstance(values.get(column), dict):
            values[column][""] = text
        else:
            values[column] = text
    return Row(place, str(values.pop("kind", "")), values)

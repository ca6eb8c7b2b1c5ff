"""CSV files: read with line numbers, written so that no spreadsheet runs a cell as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from egovframe.core.i18n import lazy_gettext as _
from egovframe.errors import Invalid

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_ROWS = 100_000
COLUMNS = ("code", "parent", "position", "valid_from", "valid_until")
TITLE = "title"
DELIMITERS = ",;\t"
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠'")
"""First characters at which spreadsheets begin a formula (OWASP, CSV injection), and the quote that tames them."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row of the file: the line it ends on, its filled cells by column, its titles by language."""

    line: int
    cells: Mapping[str, str]
    titles: Mapping[str, str]


def neutralised(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a quote is put before it where needed."""
    return "'" + text if text[:1] in FORMULA_STARTS and text else text


def recovered(cell: str) -> str:
    """Return the text that ``neutralised`` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS and len(cell) > 1 else cell


def decoded(data: bytes, encoding: str | None = None) -> str:
    """Return the text of a file: UTF-8, or the encoding that the caller names.

    Raises:
        Invalid: another encoding (the likely one is named), an unknown name, or a file over 10 MB.
    """
    if len(data) > MAX_FILE_BYTES:
        raise Invalid(_("The file is larger than %(size)s MB: split it.", size=MAX_FILE_BYTES // 1024 // 1024))
    try:
        return data.decode(encoding or "utf-8-sig")
    except LookupError as error:
        raise Invalid(_("%(name)s is not a known encoding: try utf-8.", name=repr(encoding))) from error
    except UnicodeDecodeError as error:
        likely = _likely_encoding(data)
        if likely is None:
            raise Invalid(_("The file is not UTF-8 text: save it as CSV in UTF-8.")) from error
        raise Invalid(
            _(
                "The file is not UTF-8 text, it looks like %(name)s: save it as UTF-8, or name its encoding.",
                name=likely,
            )
        ) from error


def _likely_encoding(data: bytes) -> str | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only a file that is not UTF-8 needs it

    best = from_bytes(data[:200_000]).best()
    return best.encoding if best else None


def read_rows(text: str) -> Iterator[CsvRow]:
    """Yield the rows of a CSV text with a header: ``code``, ``title`` or ``title:ko`` …, and any of the other columns.

    Raises:
        Invalid: no header or a wrong one, a broken quotation, or too many rows.
    """
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip().lstrip("\ufeff") for cell in next(reader, [])]
        _check_header(header)
        for count, cells in enumerate((cells for cells in reader if any(map(str.strip, cells))), start=1):
            if count > MAX_ROWS:
                raise Invalid(_("The file has more than %(count)s rows: split it.", count=MAX_ROWS))
            yield _row(reader.line_num, header, cells)
    except csv.Error as error:
        raise Invalid(_("Line %(line)s: %(why)s.", line=reader.line_num, why=str(error))) from error


def _check_header(header: list[str]) -> None:
    titles = [name for name in header if name == TITLE or name.startswith(TITLE + ":")]
    if "code" not in header or not titles:
        raise Invalid(_("The first line must name the columns, at least 'code' and 'title' (or 'title:ko' …)."))
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise Invalid(_("The column %(name)s stands there twice.", name=repr(twice)))
    unknown = next((name for name in header if name not in COLUMNS and name not in titles), None)
    if unknown is not None:
        known = ", ".join((*COLUMNS, TITLE))
        raise Invalid(_("The column %(name)s is not known here: use %(known)s.", name=repr(unknown[:40]), known=known))


def _row(line: int, header: list[str], cells: list[str]) -> CsvRow:
    # A cell too many is kept under a name that the schema refuses, so that the row is reported, not cut.
    extra = {"?": cells[len(header)]} if any(cells[len(header) :]) else {}
    filled = {
        name: recovered(cell).strip() for name, cell in zip(header, cells, strict=False) if recovered(cell).strip()
    }
    titles = {name.partition(":")[2]: cell for name, cell in filled.items() if name.partition(":")[0] == TITLE}
    return CsvRow(line, {name: cell for name, cell in filled.items() if name in COLUMNS} | extra, titles)


def written(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return a CSV file in UTF-8 with a byte-order mark (spreadsheets need it), every cell neutralised."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([neutralised(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")

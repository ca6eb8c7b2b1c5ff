"""CSV files as people really have them: any usual encoding, a byte-order mark, semicolons, blank lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from egovframe.errors import BadRequest

MAX_BYTES = 2 * 1024**3
MAX_COLUMNS = 200
MAX_CELL = 20_000
SAMPLE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One record: the line in the file where it ends (from 1, the heading is 1) and its cells by heading, trimmed."""

    number: int
    cells: dict[str, str]
    surplus: bool = False
    """More cells than headings: a separator inside a text, most likely."""


class Table:
    """A CSV file, read line by line in bounded memory.

    Args:
        path: the file.
        encoding: its encoding; found from the first 256 KiB when not given.

    Raises:
        BadRequest: missing, empty, too large, not text, or without a heading.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        try:
            size = path.stat().st_size
            with path.open("rb") as stream:
                sample = stream.read(SAMPLE)
        except OSError as error:
            raise BadRequest(f"{path} cannot be read: {error.strerror}") from error
        if size > MAX_BYTES:
            raise BadRequest(f"{path} has {size // 1024**2} MiB; split it into files below {MAX_BYTES // 1024**2} MiB")
        if not sample.strip():
            raise BadRequest(f"{path} is empty")
        self.encoding = encoding or detect_encoding(sample, path)
        self.size = size
        self._delimiter = self._sniff(sample)
        self.headings = self._read_headings()

    def lines(self) -> Iterator[Line]:
        """Yield the records below the heading; blank lines are left out."""
        with self._open() as stream:
            reader = csv.reader(stream, delimiter=self._delimiter)
            next(reader, None)
            for cells in self._guarded(reader):
                if any(cell.strip() for cell in cells):
                    values = {h: " ".join(c.split()) for h, c in zip(self.headings, cells, strict=False)}
                    yield Line(reader.line_num, values, surplus=len(cells) > len(self.headings))

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, errors="strict", newline="")

    def _guarded(self, reader: Iterator[list[str]]) -> Iterator[list[str]]:
        try:
            yield from reader
        except (csv.Error, UnicodeDecodeError) as error:
            at = getattr(reader, "line_num", 0)
            raise BadRequest(
                f"{self.path} cannot be read after line {at} as {self.encoding}: {error}; give --encoding"
            ) from error

    def _sniff(self, sample: bytes) -> str:
        first = sample.decode(self.encoding, errors="replace").lstrip("\ufeff").splitlines()[0]
        return max(",;\t|", key=first.count)

    def _read_headings(self) -> list[str]:
        csv.field_size_limit(MAX_CELL)
        with self._open() as stream:
            headings = [h.strip() for h in next(self._guarded(csv.reader(stream, delimiter=self._delimiter)), [])]
        if len(headings) > MAX_COLUMNS:
            raise BadRequest(f"{self.path} has {len(headings)} columns; at most {MAX_COLUMNS} are read")
        twice = {h for h in headings if h and headings.count(h) > 1}
        if twice:
            raise BadRequest(f"{self.path} names these columns twice: {', '.join(sorted(twice))}")
        return headings


def detect_encoding(sample: bytes, path: Path) -> str:
    """Return the encoding of a text sample: UTF-8 when it fits, else the likeliest one.

    Raises:
        BadRequest: the sample is not text.
    """
    if b"\x00" in sample[:1000] and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadRequest(f"{path} is not a text file")
    try:
        # The sample may end in the middle of a character.
        sample[:-4].decode("utf-8")
        return "utf-8-sig"
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes  # noqa: PLC0415 - only a file that is not UTF-8 needs it

        best = from_bytes(sample).best()
    if best is None:
        raise BadRequest(f"{path} is in an unknown encoding; give --encoding")
    return best.encoding

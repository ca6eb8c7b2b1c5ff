"""Cells of CSV files: whoever writes them, no spreadsheet takes a text for a formula, and the text comes back."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

import egovframe
from egovframe.core.modules.admin import looks_export
from egovframe.core.modules.audit import exporting
from egovframe.core.modules.codes import reading

CELLS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "'=1", "plain", "", "a=b", '=HYPERLINK("x"),\r\nb')
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
WRITERS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "core.modules.admin.looks_export": (looks_export.csv_cell, exporting.csv_value),
    "core.modules.audit.exporting": (exporting.csv_cell, exporting.csv_value),
    "core.modules.codes.reading": (reading.neutralised, reading.recovered),
}
"""Every module that writes CSV, with how it writes a cell and reads it back."""


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("text", CELLS)
def test_a_cell_is_no_formula_and_comes_back(writer: str, text: str) -> None:
    write, recover = WRITERS[writer]
    cell = write(text)
    assert not cell.startswith(RISKY)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([cell])
    (read,) = next(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert recover(read) == text


def writers_of(root: Path) -> set[str]:
    """Return the modules below a package that make a CSV writer."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"csv.writer", "csv.DictWriter"}
    }


def test_every_writer_of_csv_is_in_the_table() -> None:
    root = Path(egovframe.__file__).parent
    assert writers_of(root) == set(WRITERS)
    plugins = root.parent / "plugins"
    assert not plugins.exists() or writers_of(plugins) == set()

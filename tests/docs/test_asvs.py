"""The table of ASVS requirements: whole, with a status we know, and with proofs that exist."""

from __future__ import annotations

import ast
import csv
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "security" / "asvs.md"
STANDARD = ROOT.parent / "shared" / "data" / "asvs_5.0.0_en.csv"
STATUSES = {"met", "partly", "operator", "not applicable", "not met"}
OF_LEVELS_1_AND_2 = 253
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
PROOF = re.compile(r"`((?:tests|docs|egovframe|plugins)/[^`]*|pyproject\.toml)`")


def rows() -> list[tuple[str, str, str, str]]:
    return [match.groups() for match in ROW.finditer(TABLE.read_text(encoding="utf-8"))]  # type: ignore[misc]


def exists(proof: str) -> bool:
    """Whether a file is there, and the test in it that ``file::test`` names."""
    place, _colons, name = proof.partition("::")
    if not (ROOT / place).exists():
        return False
    return not name or name in functions_of(ROOT / place)


@functools.cache
def functions_of(place: Path) -> frozenset[str]:
    """Return the names of a file's functions."""
    tree = ast.parse(place.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def problems(table: list[tuple[str, str, str, str]]) -> list[str]:
    """Return what is wrong with rows: unknown statuses, words missing, proofs that do not exist."""
    found = [f"{number}: status {status!r}" for number, _, status, _ in table if status not in STATUSES]
    found += [f"{number}: says nothing" for number, _, status, words in table if len(words) < 5 and status != "met"]
    for number, _, status, words in table:
        proofs = PROOF.findall(words)
        found += [f"{number}: {proof} does not exist" for proof in proofs if not exists(proof)]
        if status == "met" and not words.strip():
            found.append(f"{number}: met without a word")
    return found


def test_every_requirement_has_one_row() -> None:
    numbers = [number for number, *_ in rows()]
    assert len(numbers) == len(set(numbers)) == OF_LEVELS_1_AND_2


def test_every_row_is_sound() -> None:
    assert problems(rows()) == []


def test_the_numbers_are_the_standards() -> None:
    if not STANDARD.exists():
        pytest.skip("the standard's own table is not beside this clone")
    with STANDARD.open(encoding="utf-8-sig", newline="") as lines:
        wanted = {row["req_id"][1:]: row["L"] for row in csv.DictReader(lines) if row["L"] in {"1", "2"}}
    assert {number: level for number, level, *_ in rows()} == wanted


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("1.1.1", "2", "done", "because"), "status"),
        (("1.1.1", "2", "met", "`tests/no/such_test.py`"), "does not exist"),
        (("1.1.1", "2", "met", "`tests/docs/test_asvs.py::test_that_nobody_wrote`"), "does not exist"),
        (("1.1.1", "2", "not applicable", ""), "says nothing"),
    ],
)
def test_a_bad_row_is_noticed(row: tuple[str, str, str, str], said: str) -> None:
    assert any(said in problem for problem in problems([row]))

"""What every plugin promises: the same checks as ``egovframe plugins check``."""

from __future__ import annotations

from pathlib import Path

from egovframe.testing.contract import check_plugin


def test_contract() -> None:
    assert check_plugin(Path(__file__).parents[1]) == []

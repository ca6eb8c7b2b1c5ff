"""Masked display: dots for what was not asked for, and the rule that dots are never stored."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session, undefer_group
from sqlalchemy.orm.interfaces import ORMOption

from egovframe.core.modules.privacy.declaration import KEY
from egovframe.core.modules.privacy.looking import purpose_stated
from egovframe.fields import MASK


def masked(row: Any, name: str) -> Any:
    """Return a personal value where it has been loaded, dots where it has not: asking never loads it."""
    return MASK if name in inspect(row).unloaded else getattr(row, name)


def is_masked(row: Any, name: str) -> bool:
    """Whether a personal value of a row has not been loaded."""
    return name in inspect(row).unloaded


def asked(session: Session) -> tuple[ORMOption, ...]:
    """Return the loader options of a read: personal columns come along once a purpose was stated, else never.

    ``session.scalars(select(Contact).options(*asked(session)))``
    """
    return (undefer_group(KEY),) if purpose_stated(session) else ()


__all__ = ["MASK", "asked", "is_masked", "masked"]

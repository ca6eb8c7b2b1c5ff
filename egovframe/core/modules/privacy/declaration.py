"""The declaration of a personal column, and the list of all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData
from sqlalchemy.orm import MappedColumn, mapped_column

from egovframe.core.persistence import METADATA

KEY = "personal"
"""The name of the deferred group and of the ``info`` entry."""

CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Personal:
    """Why a column holds personal data and for how long.

    Attributes:
        purpose: code of the purpose of processing, such as ``contact`` or ``sign_in``.
        retention: code of the rule that says when the value goes, such as ``account`` or ``case``; its length is the
            city's dated data, never a constant here.
        subject: the column of the same table that leads to the person the value is about: it holds an account's
            number, or None while no account is known. ``id`` in any other table than the accounts' means that the
            row stands for the person itself.
        openly: whether people hand the value in to be read (the title, text and place of a complaint): it is
            downloaded, kept and erased with the person, but shown without being asked for and without a record.
        document: whether the value is many values in one (JSON) that may quote words of anybody: dots in it stand for
            nothing, so they may be stored.
    """

    purpose: str
    retention: str
    subject: str
    openly: bool = False
    document: bool = False


def personal(
    column_type: Any,
    *,
    purpose: str,
    retention: str,
    subject: str,
    openly: bool = False,
    document: bool = False,
    **column: Any,
) -> MappedColumn[Any]:
    """Return a mapped column for personal data: declared, and loaded only when it is asked for.

    All personal columns of a row load together at the first access, so lists that show none read none.

    Args:
        column_type: the column's type, such as ``String(200)`` or ``EncryptedText``.
        purpose: code of the purpose of processing (lower case, digits, underscores).
        retention: code of the retention rule.
        subject: column of the same table that leads to the person.
        openly: whether the value was handed in to be read: then it loads with its row.
        document: whether it is many values in one (JSON), with words of anybody: then dots may be stored in it.
        column: further arguments of ``mapped_column``: ``default``, ``index``, ``unique``, ``nullable`` …

    Raises:
        ValueError: a code is empty or not a code.
    """
    for code in (purpose, retention, subject):
        if not CODE.fullmatch(code):
            raise ValueError(f"{code!r} is no code: lower-case letters, digits and underscores")
    info = {**column.pop("info", {}), KEY: Personal(purpose, retention, subject, openly, document)}
    if openly:
        return mapped_column(column_type, info=info, **column)
    return mapped_column(column_type, deferred=True, deferred_group=KEY, info=info, **column)


def personal_of(column: Column[Any]) -> Personal | None:
    """Return the declaration of a column, or None when it holds nothing personal."""
    found: Personal | None = column.info.get(KEY)
    return found


def personal_columns(metadata: MetaData = METADATA) -> dict[str, Personal]:
    """Return every declared personal column as ``table.column``, core and plugins alike."""
    return {
        f"{table.name}.{column.name}": declared
        for table in metadata.sorted_tables
        for column in table.columns
        if (declared := personal_of(column)) is not None
    }

"""The tables that hold personal columns, by name: what the gate goes by, whatever object a statement names them with.

Filled while models are declared, before any statement can be made of them; a table reflected anew, or spelled out in
text, is the same table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Table

from egovframe.core.modules.privacy.declaration import Personal, personal_of

ACCOUNTS = "core_account"
"""The table whose rows are accounts; its room stands above this one."""


@dataclass(slots=True)
class GatedTable:
    """A table with columns that are masked until asked for.

    Attributes:
        source: the table itself.
        keys: columns of its primary key.
        subject: the column that leads to the person.
        columns: declarations by column.
    """

    source: Table
    keys: tuple[str, ...]
    subject: str
    columns: dict[str, Personal] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The table's name."""
        return self.source.name

    @property
    def rows_are_accounts(self) -> bool:
        """Whether the subject column of a row holds an account's number."""
        return self.subject not in self.keys or self.name == ACCOUNTS


class Register:
    """Every gated table; ``edition`` grows with it, so that verdicts made before are made anew."""

    def __init__(self) -> None:
        self.tables: dict[str, GatedTable] = {}
        self._spellings: dict[str, dict[str, tuple[str, str]]] = {}
        self.edition = 0

    def enter(self, table: Table) -> None:
        """Note the personal columns of a table that are not openly declared."""
        gated = {
            column.name: declared
            for column in table.columns
            if (declared := personal_of(column)) is not None and not declared.openly
        }
        known = self.tables.get(table.name)
        if not gated or (known is not None and known.columns == gated):
            return
        subject = next(iter(gated.values())).subject
        keys = tuple(column.name for column in table.primary_key.columns)
        self.tables[table.name] = GatedTable(table, keys, subject, gated)
        self._spellings[table.name.lower()] = {column.lower(): (table.name, column) for column in gated}
        self.edition += 1

    def find(self, table: str) -> GatedTable | None:
        """Return a gated table, however a statement spells it."""
        known = self._spellings.get(table.lower())
        return None if known is None else self.tables[next(iter(known.values()))[0]]

    def gated(self, table: str, column: str) -> tuple[str, str] | None:
        """Return table and column as they were declared, however a statement spells them; None when not gated."""
        known = self._spellings.get(table.lower())
        return None if known is None else known.get(column.lower())

    def refuses_dots(self, table: str, column: str) -> bool:
        """Whether the dots of masked display must not be stored in the column of a table."""
        found = self.gated(table, column)
        return found is not None and not self.tables[found[0]].columns[found[1]].document

    def holds(self, table: str, column: str) -> bool:
        """Whether the column of a table is gated."""
        return self.gated(table, column) is not None

    def __iter__(self) -> Iterator[GatedTable]:
        return iter(self.tables.values())


REGISTER = Register()
"""One for the process, like the MetaData that it mirrors."""

__all__ = ["ACCOUNTS", "REGISTER", "GatedTable", "Register"]

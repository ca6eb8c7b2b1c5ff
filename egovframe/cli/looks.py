"""Commands print to people: what they read of others is recorded as the operator's look."""

from __future__ import annotations

import click

from egovframe.actor import OPERATOR
from egovframe.core.modules.privacy import OPERATION, Looking
from egovframe.core.persistence import Database, on_errand

QUIET = frozenset({"demo", "serve", "worker"})
"""Commands that fill and serve a city: they read on nobody's order; requests and jobs have errands of their own."""


class OperatorLooking(Looking):
    """The errand of a command; each unit is recorded when it ends, before the command can print what it read."""

    def __init__(self) -> None:
        super().__init__(OPERATOR, purpose=OPERATION, at_unit_end=True)

    def unit_ended(self, database: Database) -> None:
        """Record the look with the command's name.

        Raises:
            DatabaseFault: it cannot be recorded; the command ends without printing.
        """
        context = click.get_current_context(silent=True)
        if context is not None:
            self.route = context.command_path
            self.thing = f"command:{context.command_path}"
        super().unit_ended(database)


def watch_operator(context: click.Context) -> None:
    """Begin the operator's errand for the command that is about to run."""
    if context.invoked_subcommand not in QUIET:
        context.with_resource(on_errand(OperatorLooking()))


__all__ = ["OperatorLooking", "watch_operator"]

"""What actions are called in words: every room and plugin declares the titles of its own."""

from __future__ import annotations

from collections.abc import Mapping

from egovframe.core.i18n import Text
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import Database

ACTIONS: Mapping[str, Text] = {"audit:record:export": _("Exported the audit record")}
"""The audit's own."""


class ActionTitles:
    """The titles of one application by action; reach it by ``database.service(ActionTitles)``."""

    def __init__(self) -> None:
        self.by_action: dict[str, Text] = dict(ACTIONS)


def declare_actions(database: Database, titles: Mapping[str, Text]) -> None:
    """Give actions their titles: a sentence in the past without its subject, such as "Closed an account"."""
    database.service(ActionTitles).by_action.update(titles)


def action_title(database: Database, action: str) -> Text:
    """Return an action's title, or the action itself when nobody declared one."""
    return database.service(ActionTitles).by_action.get(action, action)

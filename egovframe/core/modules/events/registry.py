"""Who listens to what: subscriptions and upcasters of one application, kept on its database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a subscriber receives it.

    Attributes:
        id: of the outbox row; the same at every delivery, so a subscriber can recognise a repetition.
        name: ``room.PastTense``.
        version: of the payload, as the subscriber asked for.
        data: the payload: ids and codes.
        actor: label of who caused it.
        occurred_at: when, in UTC.
        request_id: of the request it happened in, or "".
    """

    id: str
    name: str
    version: int
    data: Mapping[str, Any]
    actor: str
    occurred_at: datetime
    request_id: str = ""


EventHandler = Callable[[Session, Told], None]
Upcaster = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Subscriptions:
    """Handlers by event name, version and owner, and the upcasters that lead from one version to the next."""

    def __init__(self) -> None:
        self._handlers: dict[str, dict[str, tuple[int, EventHandler]]] = {}
        self._upcasters: dict[tuple[str, int], Upcaster] = {}

    def add(self, owner: str, handlers: Mapping[str, EventHandler]) -> None:
        """Subscribe an owner (a plugin or a room) by ``name@version``; a second call for the same event replaces.

        Raises:
            ValueError: a key is not ``name@version``.
        """
        for key, handler in handlers.items():
            name, version = split_key(key)
            self._handlers.setdefault(name, {})[owner] = (version, handler)

    def add_upcaster(self, name: str, version: int, upcaster: Upcaster) -> None:
        """Say how a payload of the version becomes one of the next version."""
        self._upcasters[name, version] = upcaster

    def owners(self, name: str) -> list[str]:
        """Return who listens to the event, in order of subscription."""
        return list(self._handlers.get(name, ()))

    def deliver(self, session: Session, owner: str, told: Told) -> bool:
        """Call the owner's handler with the version it asked for; False when it listens no more.

        Raises:
            LookupError: no upcaster leads from the told version to the wanted one.
        """
        found = self._handlers.get(told.name, {}).get(owner)
        if found is None:
            return False
        wanted, handler = found
        handler(session, self.upcast(told, wanted))
        return True

    def upcast(self, told: Told, wanted: int) -> Told:
        """Return the event in the wanted version.

        Raises:
            LookupError: a step is missing, or the wanted version is older than the told one.
        """
        while told.version != wanted:
            step = self._upcasters.get((told.name, told.version))
            if step is None or told.version > wanted:
                raise LookupError(f"{told.name}@{told.version} cannot be told as @{wanted}")
            told = replace(told, data=step(told.data), version=told.version + 1)
        return told


def split_key(key: str) -> tuple[str, int]:
    """Return name and version of ``name@version``; raise ValueError for anything else."""
    name, at, version = key.rpartition("@")
    if not at or not name or not version.isdecimal():
        raise ValueError(f"{key!r}: subscribe by name and version, such as cases.CaseOpened@1")
    return name, int(version)

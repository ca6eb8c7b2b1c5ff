"""Who acts: the one value that services, guards, audit and events are given, with no dependency of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ActorKind = Literal["anonymous", "account", "service", "system"]
Assurance = Literal["anonymous", "registered", "contact_verified", "resident_verified"]
LEVELS: tuple[Assurance, ...] = ("anonymous", "registered", "contact_verified", "resident_verified")
"""How well we know who stands behind a request, from weakest to strongest; services ask for a level."""

Scope = frozenset[tuple[str, int]]
"""Opaque (kind, id) pairs such as ("department", 7), all of which must hold; empty means everywhere."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role held by an actor: its permissions, where (scope) and when (half-open, UTC) it holds."""

    role: str
    permissions: frozenset[str]
    scope: Scope = frozenset()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    lent_by: str = ""
    """Public id of the colleague who lent it for a time; empty for the holder's own."""

    def holds(self, at: datetime) -> bool:
        """Whether the grant is in force at the instant."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


class Decision:
    """Whose right the last question of an actor was answered by: a lender's public id, or empty for the actor's own."""

    __slots__ = ("lender",)

    def __init__(self) -> None:
        self.lender = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, service account or the system itself, as loaded at the door; carries no session and no secret."""

    kind: ActorKind = "anonymous"
    account_id: int | None = None
    public_id: str = ""
    name: str = ""
    language: str | None = None
    grants: tuple[Grant, ...] = field(default=())
    allowed: frozenset[str] | None = None
    """Permissions a token narrows its account to; None means no narrowing."""
    on_behalf_of: str = ""
    """Public id of the person an agent acts for."""
    decision: Decision = field(default_factory=Decision, compare=False, repr=False)
    """Noted by ``can`` for the audit: what is done by a lent right is done on behalf of who lent it."""

    @property
    def acts_for(self) -> str:
        """Public id of whom the actor acts for: a caller, or the colleague whose lent right was used last."""
        return self.on_behalf_of or self.decision.lender

    assurance: Assurance = "anonymous"
    """How well we know who this is; ``resident_verified`` only while ``person_id`` names somebody."""
    person_id: int | None = None
    """The person behind the account; several accounts may be one person, and one person has one vote."""
    token: str = ""
    """Public id of the API token the actor came with; empty for everybody else."""

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody identified stands behind the request."""
        return self.kind in {"account", "service"}

    @property
    def label(self) -> str:
        """A stable name for logs and audit that is no personal datum: ``account:ab12…``, ``system``, ``anonymous``."""
        return f"{self.kind}:{self.public_id}" if self.public_id else self.kind

    def reaches(self, level: str) -> bool:
        """Whether we know who this is well enough; the system always, an unknown level never."""
        if self.kind == "system":
            return True
        return level in LEVELS and LEVELS.index(self.assurance) >= LEVELS.index(level)

    def grants_for(self, permission: str, at: datetime) -> Iterator[Grant]:
        """Yield the grants in force at the instant that carry the permission."""
        if self.allowed is not None and permission not in self.allowed:
            return
        for grant in self.grants:
            if permission in grant.permissions and grant.holds(at):
                yield grant

    def has(self, permission: str, at: datetime) -> bool:
        """Whether the permission is held anywhere; the system holds every permission."""
        return self.kind == "system" or any(True for _ in self.grants_for(permission, at))

    def owns(self, permission: str, at: datetime) -> bool:
        """Whether the permission is held anywhere without having been lent: only then it may be passed on."""
        return self.kind == "system" or any(not grant.lent_by for grant in self.grants_for(permission, at))


SYSTEM = Actor(kind="system", name="system")
"""The framework's own hand: imports, schedules and jobs."""

OPERATOR = Actor(kind="system", public_id="operator", name="operator")
"""Whoever has the command line: the record tells what they did from what the system did by itself."""

ANONYMOUS = Actor()
"""A visitor who has not signed in."""

"""What a city's auth is set to: the cost of hashing, the life of sessions and tokens; one value for each database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from egovframe.core.persistence import Database


@dataclass(frozen=True, slots=True)
class AuthPolicy:
    """Costs and lifetimes.

    Attributes:
        argon2_time: passes over the memory.
        argon2_memory_kib: memory of one verification; 19 MiB with two passes is OWASP's recommendation for argon2id,
            and small enough that sixteen sign-ins at once do not exhaust a small server.
        argon2_parallelism: lanes.
        idle: a browser session ends after this long without a request.
        absolute: a browser session ends after this long in any case.
        confirm: life of the link that confirms an address.
        recover: life of the link to a new password.
        invite: life of the link by which somebody invited chooses the first password.
        token: life of an API token when the caller names none.
        longest_token: life that no caller may exceed.
        under_way: a sign-in whose second step is not taken ends after this long.
        fresh: for this long after proving who they are people may change their factors without being asked again.
        challenge: a passkey must answer within this time.
        history: how long the person's list of sign-ins reaches back.
    """

    argon2_time: int = 2
    argon2_memory_kib: int = 19_456
    argon2_parallelism: int = 1
    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)
    confirm: timedelta = timedelta(days=3)
    recover: timedelta = timedelta(hours=1)
    invite: timedelta = timedelta(days=7)
    token: timedelta = timedelta(days=90)
    longest_token: timedelta = timedelta(days=366)
    under_way: timedelta = timedelta(minutes=15)
    fresh: timedelta = timedelta(minutes=10)
    challenge: timedelta = timedelta(minutes=5)
    history: timedelta = timedelta(days=366)


CHEAP = AuthPolicy(argon2_time=1, argon2_memory_kib=8)
"""The lowest cost argon2 knows, for tests only."""


class PolicyHolder:
    """Holds the policy on a database, so that two applications in one process keep their own."""

    def __init__(self) -> None:
        self.policy = AuthPolicy()


def configure_auth(database: Database, policy: AuthPolicy) -> None:
    """Set the policy of a database; called once, when the application is assembled."""
    database.service(PolicyHolder).policy = policy


def policy_of(database: Database) -> AuthPolicy:
    """Return the policy of a database."""
    return database.service(PolicyHolder).policy

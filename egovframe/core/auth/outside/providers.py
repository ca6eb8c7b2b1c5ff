"""The providers of one city: settings, and what each says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from egovframe.config_outside import ProviderSettings
from egovframe.core.auth.outside.metadata import Source
from egovframe.core.persistence import Database
from egovframe.errors import NotFound
from egovframe.outgoing import OutgoingClient

DOOR = "/oidc"
"""Below it lie the addresses that a provider is told: without a language, so that one registration is enough."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    Attributes:
        name: as in ``[oidc.<name>]``; ``method`` of its sessions is ``oidc:<name>``.
        settings: what the city says about it.
        source: what it says about itself.
        client: the guarded client.
        public_url: where citizens reach the portal, without a slash at the end.
    """

    name: str
    settings: ProviderSettings
    source: Source
    client: OutgoingClient
    public_url: str

    @property
    def method(self) -> str:
        """How a session begun with it is called."""
        return f"oidc:{self.name}"

    @property
    def redirect_uri(self) -> str:
        """Where it sends browsers back to; to be registered there."""
        return f"{self.public_url}{DOOR}/{self.name}/return"

    @property
    def signed_out_uri(self) -> str:
        """Where it sends browsers after signing out; to be registered there."""
        return f"{self.public_url}{DOOR}/{self.name}/signed-out"


class Providers:
    """Holds the providers of a database."""

    def __init__(self) -> None:
        self.known: dict[str, Provider] = {}


def configure_providers(
    database: Database, settings: Mapping[str, ProviderSettings], public_url: str, client: OutgoingClient
) -> None:
    """Set the providers of a database; called once, when the application is assembled. Nothing is asked yet."""
    database.service(Providers).known = {
        name: Provider(name, each, Source(client, each.issuer), client, public_url)
        for name, each in settings.items()
        if each.enabled
    }


def offered_providers(database: Database) -> list[Provider]:
    """Return the providers that people can sign in with, in the order of the settings."""
    return list(database.service(Providers).known.values())


def provider_of(database: Database, name: str) -> Provider:
    """Return a provider; raise NotFound."""
    found = database.service(Providers).known.get(name)
    if found is None:
        raise NotFound
    return found

"""The settings of what stands outside the city: requests to other servers, and providers that people sign in with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Literal

from marshmallow import fields as ma
from marshmallow import validates_schema

from egovframe.config_sections import Section
from egovframe.fields import Boolean, Choice, FieldError, Integer, Text, TranslatedField, Url

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures that can be accepted at all: made with a key that the provider alone holds, never with a shared one."""
PROVIDER_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
METHODS = ("auto", "client_secret_basic", "client_secret_post", "none")


@dataclass(frozen=True, slots=True)
class OutgoingSettings:
    """What we may ask besides public https servers; seconds bound one whole exchange."""

    allowed_hosts: tuple[str, ...] = ()
    allowed_networks: tuple[str, ...] = ()
    allow_http: bool = False
    ca_file: str = ""
    seconds: int = 10

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """``allowed_networks`` as values."""
        return tuple(ip_network(text) for text in self.allowed_networks)


@dataclass(frozen=True, slots=True)
class ClaimSettings:
    """How a provider calls what it says about a person."""

    email: str = "email"
    email_verified: str = "email_verified"
    name: str = "name"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One OpenID provider."""

    title: Mapping[str, str] = field(default_factory=dict)
    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    client_authentication: Literal["auto", "client_secret_basic", "client_secret_post", "none"] = "auto"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "Ed25519")
    claims: ClaimSettings = field(default_factory=ClaimSettings)
    userinfo: bool = False
    link: Literal["never", "verified_email"] = "never"
    open_accounts: bool = True
    require_second_factor: bool = False
    assurance_claim: str = ""
    assurance_values: tuple[str, ...] = ()
    enabled: bool = True

    def title_in(self, language: str, default: str = "en") -> str:
        """Return the name on the button in a language, or in the city's default one, or any."""
        titles = self.title
        return titles.get(language) or titles.get(default) or next(iter(titles.values()), self.issuer)


class OutgoingSchema(Section):
    """``[outgoing]``."""

    target = OutgoingSettings
    allowed_hosts = ma.List(
        Text(max_length=253),
        metadata={"label": "Hosts inside your network that may be asked, such as a sign-in provider"},
    )
    allowed_networks = ma.List(
        Text(max_length=50), metadata={"label": "Networks that may be asked under any name, such as 10.20.0.0/24"}
    )
    allow_http = Boolean(metadata={"label": "Plain http to this machine itself; refused in production"})
    ca_file = Text(max_length=1000, metadata={"label": "Certificates of your own authority (PEM), absolute path"})
    seconds = Integer(minimum=1, maximum=120, metadata={"label": "Longest time of one exchange, seconds"})

    @validates_schema(skip_on_field_errors=False)
    def _networks(self, data: dict[str, Any], **_kwargs: Any) -> None:
        wrong = [text for text in data.get("allowed_networks", ()) if not _is_network(text)]
        if wrong:
            raise FieldError({"allowed_networks": [f"{text} is no network: write 10.20.0.0/24" for text in wrong]})


class ClaimsSchema(Section):
    """``[oidc.<name>.claims]``."""

    target = ClaimSettings
    email = Text(max_length=200, metadata={"label": "Claim that holds the e-mail address"})
    email_verified = Text(max_length=200, metadata={"label": "Claim that says the address was verified"})
    name = Text(max_length=200, metadata={"label": "Claim that holds the person's name"})


class ProviderSchema(Section):
    """``[oidc.<name>]``."""

    target = ProviderSettings
    title = TranslatedField(required=True, metadata={"label": "Name on the button, by language"})
    issuer = Url(required=True, metadata={"label": "The provider's address, exactly as its discovery document says"})
    client_id = Text(required=True, max_length=500, metadata={"label": "Our name at the provider"})
    client_secret = Text(max_length=2000, metadata={"label": "Our secret, by reference", "secret": True})
    client_authentication = Choice(METHODS, metadata={"label": "How we show the secret; auto takes what is offered"})
    scopes = ma.List(Text(max_length=200), metadata={"label": "What we ask for; openid is always among it"})
    algorithms = ma.List(Choice(ALGORITHMS), metadata={"label": "Signatures that are accepted"})
    claims = ma.Nested(ClaimsSchema)
    userinfo = Boolean(metadata={"label": "Whether to ask the userinfo endpoint for claims the ID token lacks"})
    link = Choice(
        ("never", "verified_email"),
        metadata={"label": "Whether an address that the provider verified opens the account with this address"},
    )
    open_accounts = Boolean(metadata={"label": "Whether people who are new here get an account"})
    require_second_factor = Boolean(
        metadata={"label": "Refuse who was let in by the provider without a second factor (claim amr)"}
    )
    assurance_claim = Text(max_length=200, metadata={"label": "Claim by which the provider says: verified resident"})
    assurance_values = ma.List(Text(max_length=200), metadata={"label": "Values of that claim that mean it"})
    enabled = Boolean(metadata={"label": "Whether people can sign in with it now"})

    @validates_schema(skip_on_field_errors=True)
    def _complete(self, data: dict[str, Any], **_kwargs: Any) -> None:
        found: dict[str, list[str]] = {}
        if "?" in data["issuer"] or "#" in data["issuer"]:
            found["issuer"] = ["has neither ? nor #"]
        if not data.get("client_secret") and data.get("client_authentication", "auto") in METHODS[1:3]:
            found["client_secret"] = ["is needed for this client_authentication"]
        if data.get("algorithms") == []:
            found["algorithms"] = ["name at least one"]
        if bool(data.get("assurance_claim")) != bool(data.get("assurance_values")):
            found["assurance_values"] = ["assurance_claim and assurance_values belong together"]
        if found:
            raise FieldError(found)


class ProviderName(Text):
    """The name of a provider: it stands in addresses and in the history of sign-ins."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, pattern=PROVIDER_NAME, **kwargs)


def outside_problems(outgoing: OutgoingSettings, providers: Mapping[str, ProviderSettings]) -> list[str]:
    """Return what production refuses."""
    found = []
    if outgoing.allow_http:
        found.append("outgoing.allow_http: is for development and tests only")
    found += [
        f"oidc.{name}.issuer: {provider.issuer} is not https"
        for name, provider in providers.items()
        if not provider.issuer.startswith("https://")
    ]
    return found


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True

"""What a city allows beyond public https servers, and the bounds of one exchange."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from egovframe.config_outside import OutgoingSettings
from egovframe.outgoing.addresses import NEVER, Address, Network, is_private, is_public, is_within


@dataclass(frozen=True, slots=True)
class OutgoingPolicy:
    """Allowances and bounds.

    Attributes:
        allowed_hosts: names (lower case) that may lie inside the house: private, shared, loopback, unique local.
        allowed_networks: networks that may be connected to under any name.
        allow_http: whether plain http is spoken, and that to the loopback only: development and tests.
        ca_file: certificates of the authorities to trust instead of the system's, for a provider inside the house.
        seconds: the longest that one exchange may take, from the name to the last byte, redirects included.
        size: most bytes of a body, both as sent and unpacked.
        redirects: most hops that are followed.
    """

    allowed_hosts: frozenset[str] = frozenset()
    allowed_networks: tuple[Network, ...] = ()
    allow_http: bool = False
    ca_file: str = ""
    seconds: float = 10.0
    size: int = 1024 * 1024
    redirects: int = 3

    @classmethod
    def of(cls, settings: OutgoingSettings) -> OutgoingPolicy:
        """Return the policy that ``[outgoing]`` describes."""
        return cls(
            allowed_hosts=frozenset(host.lower().rstrip(".") for host in settings.allowed_hosts),
            allowed_networks=settings.networks,
            allow_http=settings.allow_http,
            ca_file=settings.ca_file,
            seconds=timedelta(seconds=settings.seconds).total_seconds(),
        )

    def allows(self, host: str, address: Address) -> bool:
        """Whether a host may be asked at an address."""
        if is_within(address, NEVER):
            return False
        if is_public(address) or is_within(address, self.allowed_networks):
            return True
        return host in self.allowed_hosts and is_private(address)

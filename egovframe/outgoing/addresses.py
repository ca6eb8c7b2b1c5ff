"""Which network addresses are public: from the IANA special-purpose registries (RFC 6890), by our own lists.

Not by ``ipaddress.is_global``: its answers differ between Python releases, and it takes some tunnels for public.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PRIVATE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
)
"""Inside a house: RFC 1918, shared address space (RFC 6598), loopback, unique local. A city may allow a host there."""

NEVER = tuple(ip_network(text) for text in ("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "ff00::/8"))
"""No single server's address: no setting opens these."""

SPECIAL_4 = tuple(
    IPv4Network(text)
    for text in (
        "169.254.0.0/16",  # link-local, and with it the metadata servers of clouds
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
    )
)
GLOBAL_6 = IPv6Network("2000::/3")
"""The only part of IPv6 that is handed out (RFC 4291); NAT64, mapped, link-local and site-local lie outside of it."""
SPECIAL_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarking: tunnels and tests
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address, private ones too, in IPv6 clothes
        "3fff::/20",
    )
)


def address_of(text: str) -> Address:
    """Return the address that a resolver named; an IPv4 address mapped into IPv6 as what it is.

    Raises:
        ValueError: it is no address, or one with a zone (``fe80::1%eth0``).
    """
    found = ip_address(text)
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            raise ValueError(text)
        return found.ipv4_mapped or found
    return found


def is_within(address: Address, networks: tuple[Network, ...]) -> bool:
    """Whether the address lies in one of the networks (of its own version)."""
    return any(address in network for network in networks if network.version == address.version)


def is_private(address: Address) -> bool:
    """Whether the address lies inside some house: private, shared, loopback or unique local."""
    return is_within(address, PRIVATE)


def is_public(address: Address) -> bool:
    """Whether the address is a server's on the open internet."""
    if is_within(address, NEVER) or is_private(address):
        return False
    if isinstance(address, IPv4Address):
        return not is_within(address, SPECIAL_4)
    return address in GLOBAL_6 and not is_within(address, SPECIAL_6)

"""Connections that go to one checked address and nowhere else, while name, SNI and certificate stay the host's."""

from __future__ import annotations

import socket
import ssl

from urllib3.connection import HTTPConnection, HTTPSConnection

from egovframe.outgoing.addresses import Address
from egovframe.outgoing.targets import Target
from egovframe.outgoing.watch import Watch


class _Plain(HTTPConnection):
    pinned: Address
    watch: Watch

    def _new_conn(self) -> socket.socket:
        return _connected(self.pinned, self.port, self.watch)


class _Tls(HTTPSConnection):
    pinned: Address
    watch: Watch

    def _new_conn(self) -> socket.socket:
        return _connected(self.pinned, self.port, self.watch)


def connection_to(target: Target, address: Address, watch: Watch, trust: ssl.SSLContext) -> HTTPConnection:
    """Return a connection for a target that will be opened to the address, without any proxy.

    Args:
        target: whose name is sent (Host, SNI) and must stand in the certificate.
        address: the checked address.
        watch: cuts the connection when the time is up.
        trust: the authorities whose certificates count.
    """
    made: _Plain | _Tls
    if target.scheme == "https":
        made = _Tls(target.host, target.port, timeout=watch.left(), ssl_context=trust)
    else:
        made = _Plain(target.host, target.port, timeout=watch.left())
    made.pinned, made.watch = address, watch
    return made


def _connected(address: Address, port: int, watch: Watch) -> socket.socket:
    # An address in figures: no name is looked up again between the check and the connection.
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(watch.left())
        watch.over(opened)
        opened.connect((str(address), port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        opened.close()
        raise
    return opened

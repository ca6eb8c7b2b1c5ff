"""From the text of an address to what is connected to: read once, so that no two parts read it differently."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from egovframe.errors import OutgoingRefused
from egovframe.lazy import lazy_gettext as _

MAX_LENGTH = 8_000
PORTS = {"https": 443, "http": 80}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?")
"""A last label of this form makes a name a number (WHATWG URL, 3.5): only four plain decimal parts are accepted."""
_DOTTED = re.compile(r"((0|[1-9][0-9]{0,2})\.){3}(0|[1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class Target:
    """An address, read.

    Attributes:
        scheme: ``https`` or ``http``.
        host: name in lower case and ASCII (IDNA), or the literal address without brackets.
        port: as given, or the scheme's.
        path: with the query, percent-encoded, never empty.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must stay the same for credentials to travel along a redirect."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The whole address as text."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if PORTS.get(self.scheme) == self.port else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def target_of(url: str, base: Target | None = None) -> Target:
    """Read an address; relative to ``base`` where a server redirects.

    Raises:
        OutgoingRefused: another scheme than http(s), credentials in it, blanks or backslashes, a number for a host.
    """
    if len(url) > MAX_LENGTH or _UNSAFE.search(url):
        raise _refused()
    try:
        parts = urlsplit(urljoin(base.url, url) if base is not None else url)
        port = parts.port
    except ValueError as error:
        raise _refused() from error
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or port == 0:
        raise _refused()
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    return Target(parts.scheme, host_of(parts.hostname, parts.netloc), port or PORTS[parts.scheme], path + query)


def host_of(name: str, netloc: str = "") -> str:
    """Return a host in its one spelling.

    Raises:
        OutgoingRefused: it is no name and no plainly written address (decimal, octal, hexadecimal, short forms).
    """
    if netloc.startswith("[") or ":" in name:
        if "%" in name:  # a zone chooses a network card of ours
            raise _refused()
        try:
            return IPv6Address(name).compressed
        except ValueError as error:
            raise _refused() from error
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _refused() from error
    ascii_name = ascii_name.lower()
    if not _NAME.fullmatch(ascii_name) or len(ascii_name) > 253:
        raise _refused()
    if _NUMBER.fullmatch(ascii_name.rstrip(".").rpartition(".")[2]) and not _DOTTED.fullmatch(ascii_name):
        raise _refused()
    return ascii_name.rstrip(".")


def _refused() -> OutgoingRefused:
    return OutgoingRefused(_("This address is none that we may ask."))

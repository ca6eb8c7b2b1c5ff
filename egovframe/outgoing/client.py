"""The guarded client: resolve, check, connect to the checked address, follow redirects the same way, within bounds."""

from __future__ import annotations

import json
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from typing import Any

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from egovframe.errors import OutgoingFailed, OutgoingRefused, OutgoingTooLarge, OutgoingTooSlow, OutgoingUnreachable
from egovframe.lazy import lazy_gettext as _
from egovframe.outgoing.addresses import Address, address_of
from egovframe.outgoing.connecting import connection_to
from egovframe.outgoing.policy import OutgoingPolicy
from egovframe.outgoing.targets import Target, target_of
from egovframe.outgoing.watch import Watch

Resolver = Callable[[str], Sequence[str]]
"""Returns the addresses of a name as text; raises OSError when it has none."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
FORBIDDEN = frozenset({"host", "connection", "accept-encoding", "transfer-encoding", "content-length"})
BLOCK = 16 * 1024
MOST_ADDRESSES = 4
"""How many addresses of one name are tried: all are checked, a dead one may not end the exchange."""
USER_AGENT = "egovframe"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name; a header that came twice is joined with a comma.
        body: unpacked.
        url: where the answer came from in the end.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            OutgoingFailed: it is none.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise OutgoingFailed(_("The answer cannot be read.")) from error
        if not isinstance(found, dict):
            raise OutgoingFailed(_("The answer cannot be read."))
        return found


class OutgoingClient:
    """Asks servers outside. Keeps no cookies, no connections and no memory of its own; may be shared by threads.

    No proxy is ever used: neither from the environment nor from the system, because behind one nobody can say where a
    request ends.

    Args:
        policy: what is allowed besides public https servers, and the bounds.
        resolve: how names become addresses; tests give their own.
    """

    def __init__(self, policy: OutgoingPolicy | None = None, resolve: Resolver | None = None) -> None:
        self.policy = policy or OutgoingPolicy()
        self._resolve = resolve or resolve_by_system
        if self.policy.ca_file:
            self._trust.cert_store_stats()  # a file that cannot be read is said at the start

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """The authorities that are believed; the system's are read at the first question, which many never ask."""
        return ssl.create_default_context(cafile=self.policy.ca_file or None)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, redirects: int | None = None) -> Answer:
        """Ask for an address; redirects are followed, each as guarded as the first address.

        Raises:
            OutgoingFailed: and its kinds, see ``request``.
        """
        hops = self.policy.redirects if redirects is None else min(redirects, self.policy.redirects)
        return self.request("GET", url, headers=headers, redirects=hops)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        redirects: int = 0,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        Args:
            method: in capitals; redirects are followed for GET and HEAD only.
            url: where to.
            headers: to send; Authorization and Cookie go no further than the first origin.
            body: to send.
            redirects: how many hops are followed; 0 returns the redirect itself.

        Raises:
            OutgoingRefused: an address on the way is not allowed, or there are too many hops.
            OutgoingUnreachable: no such name, no connection, no valid certificate, broken off, not HTTP.
            OutgoingTooSlow, OutgoingTooLarge: a bound was reached.
        """
        target = target_of(url)
        sent = _clean(headers or {})
        with Watch(self.policy.seconds) as watch:
            for hop in range(redirects + 1):
                answer = self._once(method, target, sent, body, watch)
                onward = answer.headers.get("location", "")
                if answer.status not in REDIRECTS or not onward or not redirects or method not in {"GET", "HEAD"}:
                    return answer
                if hop < redirects:
                    target, sent = _next(target, onward, sent)
        raise OutgoingRefused(_("The other server led us on too often."))

    def _once(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None, watch: Watch
    ) -> Answer:
        failure: Exception | None = None
        for address in self.checked(target, watch)[:MOST_ADDRESSES]:
            try:
                return self._exchange(method, target, address, headers, body, watch)
            except ConnectionRefusedError as error:
                failure = error  # nothing was sent: the next address of the name may answer
            except (HTTPError, HTTPException, OSError, ValueError) as error:
                raise _told(error, watch) from error
        raise _told(failure, watch) from failure

    def checked(self, target: Target, watch: Watch) -> list[Address]:
        """Return the addresses of a target, all of which are allowed.

        Raises:
            OutgoingRefused: one of them is not: a name that leads inside by one of its addresses leads inside.
            OutgoingUnreachable: the name has none.
        """
        found = list(dict.fromkeys(self._addresses(target.host, watch)))
        if not found:
            raise OutgoingUnreachable
        http_allowed = self.policy.allow_http and all(address.is_loopback for address in found)
        if target.scheme == "http" and not http_allowed:
            raise OutgoingRefused(_("This address is none that we may ask."))
        if not all(self.policy.allows(target.host, address) for address in found):
            raise OutgoingRefused(_("This address is none that we may ask."))
        return found

    def _addresses(self, host: str, watch: Watch) -> list[Address]:
        try:
            return [address_of(host)]
        except ValueError:
            names = _in_time(lambda: self._resolve(host), watch)
        try:
            return [address_of(text) for text in names]
        except ValueError as error:
            raise OutgoingRefused(_("This address is none that we may ask.")) from error

    def _exchange(
        self,
        method: str,
        target: Target,
        address: Address,
        headers: Mapping[str, str],
        body: bytes | None,
        watch: Watch,
    ) -> Answer:
        connection = connection_to(target, address, watch, self._trust)
        try:
            connection.request(method, target.path, body, headers, preload_content=False, decode_content=True)
            response = connection.getresponse()
            try:
                content = _bounded(response, self.policy.size, watch)
            finally:
                response.close()
        finally:
            connection.close()
        found = {name.lower(): ", ".join(response.headers.getlist(name)) for name in response.headers}
        return Answer(response.status, found, content, target.url)


class Outgoing:
    """Holds the client of an application on its database, for services and jobs: ``database.service(Outgoing).client``.

    Never use it inside a unit of work: somebody else's server would hold our transaction open.
    """

    def __init__(self) -> None:
        self.client = OutgoingClient()


def resolve_by_system(host: str) -> list[str]:
    """Return the addresses that the system's resolver gives a name."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _in_time(look_up: Callable[[], Sequence[str]], watch: Watch) -> Sequence[str]:
    """Look a name up within the time: the system's resolver knows no limit, so it waits in a thread of its own."""
    answers: queue.Queue[Sequence[str] | OSError | UnicodeError] = queue.Queue()

    def ask() -> None:
        try:
            answers.put(look_up())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="outgoing-resolver").start()
    try:
        found = answers.get(timeout=watch.left())
    except queue.Empty as error:
        raise OutgoingTooSlow from error
    if isinstance(found, Exception):
        raise OutgoingUnreachable from found
    return found


def _bounded(response: HTTPResponse, size: int, watch: Watch) -> bytes:
    """Read the body unpacked, never holding more than the bound and one block."""
    if response.length_remaining is not None and response.length_remaining > size:
        raise OutgoingTooLarge
    content = bytearray()
    while block := response.read(BLOCK, decode_content=True):
        content += block
        if len(content) > size:
            raise OutgoingTooLarge
        watch.left()
    watch.left()
    return bytes(content)


def _next(target: Target, onward: str, headers: Mapping[str, str]) -> tuple[Target, dict[str, str]]:
    further = target_of(onward, target)
    if target.scheme == "https" and further.scheme != "https":
        raise OutgoingRefused(_("This address is none that we may ask."))
    same = further.origin == target.origin
    return further, {name: value for name, value in headers.items() if same or name.lower() not in CREDENTIALS}


def _clean(headers: Mapping[str, str]) -> dict[str, str]:
    wrong = [name for name in headers if name.lower() in FORBIDDEN]
    if wrong:
        raise ValueError(f"the client sets these headers itself: {', '.join(wrong)}")
    own = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}
    return {**own, **headers}


def _told(error: Exception | None, watch: Watch) -> OutgoingFailed:
    return OutgoingTooSlow() if watch.is_over or isinstance(error, TimeoutError) else OutgoingUnreachable()

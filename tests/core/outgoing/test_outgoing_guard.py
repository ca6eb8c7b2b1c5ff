"""Where the guarded client goes and where it never goes. Every refusal has its control: the same request with the
check switched off arrives."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from egovframe.errors import OutgoingRefused, OutgoingUnreachable
from egovframe.outgoing import OutgoingClient, OutgoingPolicy, is_public, target_of

from .conftest import Outside, plain

ANYWHERE = tuple(ip_network(text) for text in ("0.0.0.0/0", "::/0"))
OPEN = OutgoingPolicy(allowed_networks=ANYWHERE, allow_http=True, seconds=5)
"""The check of addresses switched off."""
LOCAL = OutgoingPolicy(allowed_networks=(ip_network("127.0.0.2/32"),), allow_http=True, seconds=5)
"""The allowance of these tests: one address of the loopback plays the public server, the others are the inside."""
GUARDED = OutgoingPolicy(allow_http=True, seconds=5)

INSIDE = [
    "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "0.0.0.0", "0.1.2.3", "::",
    "169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "10.0.0.1", "172.16.0.1", "172.31.255.254",
    "192.168.1.1", "100.64.0.1", "100.127.255.254", "fc00::1", "fd12:3456::1", "fd00:ec2::254", "fe80::1", "fec0::1",
    "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "2001:db8::1", "::127.0.0.1", "100::1",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "3fff::1", "5f00::1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
SPELLINGS = [
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_refused_as_host_and_as_answer_of_the_resolver(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    for url, resolve in ((f"https://{host}/", None), ("https://rebind.example/", lambda _host: [address])):
        with pytest.raises(OutgoingRefused):
            OutgoingClient(OutgoingPolicy(seconds=2), resolve).get(url)
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_one_inside_address_among_public_ones_refuses_the_name() -> None:
    client = OutgoingClient(OutgoingPolicy(seconds=2), lambda _host: ["1.1.1.1", "10.0.0.1"])
    with pytest.raises(OutgoingRefused):
        client.get("https://two.example/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "localhost"])
def test_a_server_on_the_loopback_hears_nothing(host: str, serve: Callable[..., Outside]) -> None:
    server = (
        serve(plain(), "::", port=0) if socket.has_dualstack_ipv6() and host == "[::1]" else serve(plain(), "0.0.0.0")
    )
    url = f"http://{host}:{server.port}/"
    with pytest.raises(OutgoingRefused):
        OutgoingClient(GUARDED).get(url)
    assert server.requests == []
    assert OutgoingClient(OPEN).get(url).body == b"hello"
    assert len(server.requests) == 1


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_other_spellings_of_the_loopback_are_refused(spelling: str, serve: Callable[..., Outside]) -> None:
    server = serve(plain())
    for policy in (GUARDED, OPEN):
        with pytest.raises(OutgoingRefused):
            OutgoingClient(policy).get(f"http://{spelling}:{server.port}/")
    assert server.requests == []


@pytest.mark.parametrize("spelling", SPELLINGS[:7])
def test_those_spellings_do_lead_to_the_loopback(spelling: str, serve: Callable[..., Outside]) -> None:
    server = serve(plain())
    with socket.create_connection((spelling, server.port), timeout=5) as talk:
        talk.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert talk.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://one.example/", "ftp://one.example/", "dict://one.example/", "//one.example/",
        "one.example", "", "https://", "https:///x", "https://user:secret@one.example/", "https://one.example@evil.example/",
        "https://one.example\\@evil.example/", "https://one.example/a b", "https://one.example/\r\nX: y",
        "https://one.example:0/", "https://one.example:99999/", "https://one.example:x/", "https://[fe80::1%25lo]/",
        "https://[::1", "https://-one.example/", "https://one..example/", "https://" + "a" * 300 + ".example/",
        "javascript:alert(1)", "https://one.example/" + "a" * 9000,
    ],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(OutgoingRefused):
        OutgoingClient(OPEN, lambda _host: ["127.0.0.1"]).get(url)


def test_plain_http_needs_its_allowance_and_stays_on_this_machine(serve: Callable[..., Outside]) -> None:
    server = serve(plain(), "127.0.0.2")
    with pytest.raises(OutgoingRefused):
        OutgoingClient(OutgoingPolicy(allowed_networks=ANYWHERE)).get(server.url())
    with pytest.raises(OutgoingRefused):
        OutgoingClient(OPEN, lambda _host: ["1.1.1.1"]).get("http://one.example/")
    assert OutgoingClient(LOCAL).get(server.url()).status == 200


def test_an_allowed_host_may_lie_inside_but_never_at_the_metadata_server(serve: Callable[..., Outside]) -> None:
    server = serve(plain())
    allowed = OutgoingPolicy(allowed_hosts=frozenset({"login.city.example"}), allow_http=True)
    client = OutgoingClient(allowed, lambda _host: ["127.0.0.1"])
    assert client.get(server.url("login.city.example")).status == 200
    assert client.get(server.url("LOGIN.City.Example.")).status == 200
    with pytest.raises(OutgoingRefused):
        client.get(server.url("other.city.example"))
    for address in ("169.254.169.254", "0.0.0.0", "224.0.0.1"):
        with pytest.raises(OutgoingRefused):
            OutgoingClient(allowed, lambda _host, at=address: [at]).get("https://login.city.example/")  # type: ignore[misc]


class Rebinding:
    """A resolver whose answer changes: first the public server, then the inside."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _host: str) -> list[str]:
        self.asked += 1
        return ["127.0.0.2"] if self.asked == 1 else ["127.0.0.1"]


def test_rebinding_finds_no_second_look_up(serve: Callable[..., Outside]) -> None:
    public = serve(plain(b"public"), "127.0.0.2")
    inside = serve(plain(b"inside"), "127.0.0.1", public.port)
    resolver = Rebinding()
    assert OutgoingClient(LOCAL, resolver).get(public.url("rebind.example")).body == b"public"
    assert resolver.asked == 1
    assert inside.requests == []
    with pytest.raises(OutgoingRefused):
        OutgoingClient(LOCAL, resolver).get(public.url("rebind.example"))


def test_rebinding_would_succeed_if_the_connection_looked_the_name_up_again(
    serve: Callable[..., Outside], monkeypatch: pytest.MonkeyPatch
) -> None:
    public = serve(plain(b"public"), "127.0.0.2")
    inside = serve(plain(b"inside"), "127.0.0.1", public.port)
    resolver = Rebinding()
    from egovframe.outgoing import connecting

    pinned = connecting._connected

    def by_name(_address: Any, port: int, watch: Any) -> socket.socket:
        return pinned(ip_address(resolver("rebind.example")[0]), port, watch)

    monkeypatch.setattr(connecting, "_connected", by_name)
    assert OutgoingClient(LOCAL, resolver).get(public.url("rebind.example")).body == b"inside"
    assert len(inside.requests) == 1


def redirect(to: str, status: str = "302 Found") -> Any:
    return plain(b"", f"Location: {to}", status=status)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
def test_a_redirect_to_the_inside_is_refused(status: str, serve: Callable[..., Outside]) -> None:
    inside = serve(plain(b"inside"))
    public = serve(redirect(inside.url(), status), "127.0.0.2")
    with pytest.raises(OutgoingRefused):
        OutgoingClient(LOCAL).get(public.url())
    assert len(public.requests) == 1
    assert inside.requests == []
    assert OutgoingClient(OPEN).get(public.url()).body == b"inside"


@pytest.mark.parametrize(
    "to",
    ["file:///etc/passwd", "gopher://127.0.0.2/", "https://0x7f.1/", "//169.254.169.254/", "http://u:p@127.0.0.2/"],
)
def test_a_redirect_to_anything_else_is_refused(to: str, serve: Callable[..., Outside]) -> None:
    public = serve(redirect(to), "127.0.0.2")
    with pytest.raises(OutgoingRefused):
        OutgoingClient(LOCAL).get(public.url())


def test_redirects_are_counted(serve: Callable[..., Outside]) -> None:
    public = serve(redirect("/again"), "127.0.0.2")
    with pytest.raises(OutgoingRefused):
        OutgoingClient(LOCAL).get(public.url())
    assert len(public.requests) == 4
    assert OutgoingClient(LOCAL).request("GET", public.url()).status == 302
    assert OutgoingClient(LOCAL).request("POST", public.url(), body=b"x", redirects=3).status == 302


def test_credentials_stay_with_the_origin(serve: Callable[..., Outside]) -> None:
    both = OutgoingPolicy(allowed_networks=(ip_network("127.0.0.0/8"),), allow_http=True)
    other = serve(plain(), "127.0.0.3")
    first = serve(redirect(other.url(path="/there")), "127.0.0.2")
    headers = {"Authorization": "Bearer secret", "Cookie": "a=b", "X-Kept": "yes"}
    OutgoingClient(both).get(first.url(), headers=headers)
    assert b"secret" in first.requests[0]
    assert b"secret" not in other.requests[0]
    assert b"a=b" not in other.requests[0]
    assert b"X-Kept: yes" in other.requests[0]
    hops = iter([redirect("/second"), plain()])
    same = serve(lambda to, request: next(hops)(to, request), "127.0.0.2")
    OutgoingClient(both).get(same.url(), headers=headers)
    assert b"secret" in same.requests[1]


def test_no_proxy_and_no_cookies(serve: Callable[..., Outside], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(plain(b"proxy"))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url())
    server = serve(plain(b"direct", "Set-Cookie: track=1; Path=/"), "127.0.0.2")
    client = OutgoingClient(LOCAL)
    assert [client.get(server.url()).body for _ in range(2)] == [b"direct", b"direct"]
    assert proxy.requests == []
    assert b"cookie" not in server.requests[1].lower()
    assert f"Host: 127.0.0.2:{server.port}".encode() in server.requests[0]


def test_a_name_without_address_and_a_closed_port_are_unreachable(serve: Callable[..., Outside]) -> None:
    def nobody(_host: str) -> list[str]:
        raise socket.gaierror(-2, "unknown")

    with pytest.raises(OutgoingUnreachable):
        OutgoingClient(LOCAL, nobody).get("https://nobody.example/")
    with pytest.raises(OutgoingUnreachable):
        OutgoingClient(LOCAL).get("https://127.0.0.2:1/")
    server = serve(plain(b"second"), "127.0.0.3")
    two = OutgoingPolicy(allowed_networks=(ip_network("127.0.0.0/8"),), allow_http=True)
    assert (
        OutgoingClient(two, lambda _host: ["127.0.0.2", "127.0.0.3"]).get(server.url("two.example")).body == b"second"
    )


def test_names_are_read_once_in_one_spelling() -> None:
    assert target_of("https://Bücher.Example:443/a?b=ü").url == "https://xn--bcher-kva.example/a?b=%C3%BC"
    assert target_of("https://１.１.１.１/").host == "1.1.1.1"
    assert target_of("https://[2606:4700:0:0::1111]/").url == "https://[2606:4700::1111]/"
    assert target_of("../x", target_of("https://one.example/a/b/c")).url == "https://one.example/a/x"

"""An OpenID provider for tests: a real HTTP server with real keys, that checks what a good provider checks, and that
can be told to lie.

It is written from the specifications (OpenID Connect Core 1.0, RFC 6749, 7636, 9207, Back-Channel Logout 1.0) and
shares no code with what it tests, besides the library that signs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "city-portal", "s3cret/with+signs"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
Claims = dict[str, Any]


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig", "alg": "RS256"})


KEYS = [new_key("first"), new_key("second")]
"""Made once: making one takes a while."""


@dataclass
class Behaviour:
    """How the provider behaves; the defaults are honest."""

    person: Claims = field(
        default_factory=lambda: {
            "sub": "resident-1",
            "email": "jiwoo@mail.example",
            "email_verified": True,
            "name": "Park Jiwoo",
        }
    )
    change_claims: Callable[[Claims], None] = lambda _claims: None
    sign: Callable[[Claims], str] | None = None
    userinfo: Claims | None = None
    answer_iss: str | None = ""
    """``iss`` of the answer: the real one when empty, none when None."""
    error: str = ""
    token_status: int = 200
    token_body: bytes | None = None
    discovery: Claims = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEYS[0])
    published: list[RSAKey] = field(default_factory=lambda: [KEYS[0]])
    check_pkce: bool = True


class TestProvider:
    """One provider; ``issuer`` is its address."""

    __test__ = False

    def __init__(self) -> None:
        self.be = Behaviour()
        self.issuer = ""
        self.codes: dict[str, Claims] = {}
        self.access: dict[str, str] = {}
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.logouts: list[dict[str, str]] = []

    # What a browser asks

    def authorize(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Let the person in at once and send the browser back with a code."""
        if query.get("client_id") != CLIENT or query.get("response_type") != "code":
            return self._refuse("client or response_type")
        if query.get("code_challenge_method") != "S256" or "openid" not in query.get("scope", "").split():
            return self._refuse("pkce or scope")
        said = {"state": query["state"]}
        if self.be.error:
            said |= {"error": self.be.error, "error_description": "<script>alert(1)</script>"}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = {
                "redirect_uri": query["redirect_uri"],
                "nonce": query["nonce"],
                "challenge": query["code_challenge"],
            }
            said["code"] = code
        if self.be.answer_iss is not None:
            said["iss"] = self.be.answer_iss or self.issuer
        return 302, {"Location": f"{query['redirect_uri']}?{urlencode(said)}"}, b""

    def end_session(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Sign out and lead back."""
        self.logouts.append(query)
        return 302, {"Location": query["post_logout_redirect_uri"]}, b""

    # What the city asks

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, str], bytes]:
        """Exchange a code."""
        if self.be.token_body is not None or self.be.token_status != 200:
            return self.be.token_status, {}, self.be.token_body or b'{"error": "invalid_grant"}'
        scheme, _, said = authorization.partition(" ")
        name, _, secret = base64.b64decode(said).decode().partition(":") if scheme == "Basic" else ("", "", "")
        if (unquote_plus(name), unquote_plus(secret)) != (CLIENT, SECRET):
            return self._refuse("client authentication", 401)
        known = self.codes.pop(form.get("code", ""), None)
        if known is None or form.get("redirect_uri") != known["redirect_uri"]:
            return self._refuse("code or redirect_uri")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if self.be.check_pkce and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != known["challenge"]:
            return self._refuse("pkce")
        access = secrets.token_urlsafe(16)
        self.access[access] = self.be.person["sub"]
        body = {"token_type": "Bearer", "access_token": access, "id_token": self.id_token(known["nonce"], access)}
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()

    def id_token(self, nonce: str, access: str) -> str:
        """Return an ID token about the person."""
        at = int(time.time())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": nonce,
            "sid": "outside-session-1",
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **self.be.person,
        }
        self.be.change_claims(claims)
        return self.be.sign(claims) if self.be.sign else self.signed(claims)

    def signed(self, claims: Claims, key: RSAKey | None = None, **header: Any) -> str:
        """Return a token with the provider's signature."""
        key = key or self.be.key
        return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, claims, key, algorithms=["RS256"])

    def logout_token(self, **changes: Any) -> str:
        """Return a logout token."""
        at = int(time.time())
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 120,
            "jti": secrets.token_urlsafe(12),
            "events": {EVENT: {}},
            "sub": self.be.person["sub"],
            "sid": "outside-session-1",
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.signed(claims, typ="logout+jwt")

    def discovery(self) -> Claims:
        """Return the discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/leave",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
            **self.be.discovery,
        }

    def answer(self, method: str, path: str, body: bytes, headers: Any) -> tuple[int, dict[str, str], bytes]:
        """Answer one request."""
        parts = urlsplit(path)
        self.asked.append(f"{method} {parts.path}")
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        said = {"Content-Type": "application/json"}
        match (method, parts.path):
            case ("GET", "/.well-known/openid-configuration"):
                return 200, said, json.dumps(self.discovery()).encode()
            case ("GET", "/keys"):
                keys = [key.as_dict(private=False) for key in self.be.published]
                return 200, said, json.dumps({"keys": keys}).encode()
            case ("GET", "/authorize"):
                return self.authorize(query)
            case ("GET", "/leave"):
                return self.end_session(query)
            case ("POST", "/token"):
                return self.token(form, headers.get("Authorization", ""))
            case ("GET", "/userinfo"):
                subject = self.access.get(headers.get("Authorization", "").removeprefix("Bearer "))
                if subject is None:
                    return self._refuse("access token", 401)
                return 200, said, json.dumps(self.be.userinfo or {"sub": subject}).encode()
        return 404, {}, b""

    def _refuse(self, why: str, status: int = 400) -> tuple[int, dict[str, str], bytes]:
        self.refused.append(why)
        return status, {"Content-Type": "application/json"}, json.dumps({"error": why}).encode()


@contextmanager
def running() -> Iterator[TestProvider]:
    """Run a provider on a free port of the loopback."""
    provider = TestProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply("GET")

        def do_POST(self) -> None:
            self._reply("POST")

        def _reply(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = provider.answer(method, self.path, body, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()

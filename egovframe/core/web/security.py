"""Headers, hosts and sizes: what every answer carries and what no request may bring."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Response, g, request, session
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from egovframe.config import Settings
from egovframe.core.i18n import gettext as _
from egovframe.core.web.context import is_page
from egovframe.core.web.cookies import SIGNED_IN, read_cookie
from egovframe.core.web.runtime import runtime
from egovframe.errors import BadRequest, NotFound

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(), microphone=(), payment=(), usb=(), browsing-topics=(), geolocation=(self)"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]", "::1")
PROBES = ("/healthz", "/readyz")
"""Asked by load balancers under a bare address; they reflect nothing of the request."""
HSTS = f"max-age={2 * 365 * 24 * 3600}; includeSubDomains"


def trusted_hosts(settings: Settings) -> frozenset[str]:
    """Return the host names that are answered, without ports."""
    hosts = {urlsplit(settings.public_url).hostname or "", *(host.lower() for host in settings.trusted_hosts)}
    if not settings.is_production:
        hosts.update(LOCAL_HOSTS)
    return frozenset(hosts - {""})


def install(app: Flask, settings: Settings) -> None:
    """Check hosts and sizes before, add headers after."""
    app.config.update(
        MAX_CONTENT_LENGTH=settings.limits.body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.limits.form_memory_bytes,
        MAX_FORM_PARTS=settings.limits.form_parts,
    )
    believe_proxies(app, settings.trusted_proxies)
    hosts = trusted_hosts(settings)

    def refuse_foreign_hosts() -> None:
        if request.path not in PROBES and host_of_request() not in hosts:
            raise BadRequest(_("This portal does not answer under that address."))
        if "\x00" in request.path:
            raise NotFound  # no address of ours holds one, and PostgreSQL refuses to look for it

    app.before_request(refuse_foreign_hosts)
    app.before_request(refuse_unstorable_paths)
    app.after_request(add_headers)


def believe_proxies(app: Flask, count: int) -> None:
    """Take the visitor's address and scheme from what so many proxies have added, counted from the right.

    Whatever a visitor sends stands further left and is never read. X-Forwarded-Host is believed from nobody: the proxy
    passes the Host header on, and only known hosts are answered.
    """
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def refuse_unstorable_paths() -> None:
    """Refuse an address whose parts hold NUL: nothing is stored under such a name, and PostgreSQL cannot look for one.

    Raises:
        NotFound: as for every other name that is nobody's.
    """
    if any(isinstance(value, str) and "\x00" in value for value in (request.view_args or {}).values()):
        raise NotFound


def host_of_request() -> str:
    """Return the Host header's name in lower case without its port; empty when it is none."""
    try:
        name = urlsplit(f"//{request.host}").hostname or ""
    except (ValueError, SecurityError):
        return ""
    try:
        return f"[{name}]" if ipaddress.ip_address(name).version == 6 else name
    except ValueError:
        return name


def add_headers(response: Response) -> Response:
    """Add the security and caching headers; what a route has set stays."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if runtime().settings.is_https:
        headers["Strict-Transport-Security"] = HSTS
    _caching(response)
    return response


def is_personal() -> bool:
    """Whether the answer was made for one person: somebody is signed in, or a bearer token was sent."""
    known = g.get("egov_actor")
    if known is not None:
        return bool(known.is_signed_in) or g.get("egov_session_entry") is not None
    return bool(read_cookie(SIGNED_IN)) if is_page() else "Authorization" in request.headers


def _caching(response: Response) -> None:
    if response.cache_control.public:
        return  # the same for everybody, as the view itself has said
    response.vary.add("Cookie" if is_page() else "Authorization")
    if "Cache-Control" in response.headers:
        return
    if is_personal():
        response.headers["Cache-Control"] = "no-store, private"
    elif is_page() and ("csrf_token" in g or session.modified or response.status_code >= 400):
        response.headers["Cache-Control"] = "no-cache, private"
    else:
        response.headers["Cache-Control"] = "no-cache"


__all__ = ["CONTENT_SECURITY_POLICY", "add_headers", "host_of_request", "install", "trusted_hosts"]

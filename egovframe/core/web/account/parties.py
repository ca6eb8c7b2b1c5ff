"""For whom passkeys are made here, and whether they can be: browsers bind them to a host name, over https."""

from __future__ import annotations

import ipaddress
import secrets
from urllib.parse import urlsplit

from flask import request, session

from egovframe.core.auth import RelyingParty
from egovframe.core.web.context import language, settings
from egovframe.core.web.security import host_of_request

ASKER = "passkey"


def party() -> RelyingParty | None:
    """Return who asks passkeys at this address; None where browsers refuse them: a bare number, or http on a network.

    In production the configured public address decides alone; elsewhere the host that was asked, which is one of ours.
    """
    public = settings().public_url
    asked = f"{request.scheme}://{request.host}"
    is_public = settings().is_production or urlsplit(asked).hostname == urlsplit(public).hostname != "localhost"
    parts = urlsplit(public if is_public else asked)
    host = parts.hostname or ""
    is_local = host == "localhost" or host.endswith(".localhost")
    if _is_number(host) or not (parts.scheme == "https" or is_local):
        return None
    origins = {f"{parts.scheme}://{parts.netloc}", _origin(public)}
    return RelyingParty(host, settings().city.name_in(language()), tuple(sorted(origins)))


def number_here() -> bool:
    """Whether the page was asked under a bare number, for which no passkey can be made."""
    return _is_number(host_of_request().strip("[]"))


def asker() -> str:
    """Return what only this browser holds: a question to a passkey is answered by the browser that asked."""
    known: str = session.setdefault(ASKER, secrets.token_urlsafe(32))
    return known


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

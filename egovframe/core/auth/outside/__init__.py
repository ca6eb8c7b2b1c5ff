"""Signing in with a provider outside: OpenID Connect, authorization code with PKCE, for several providers.

``begin`` gives the address to lead a browser to, ``finish`` takes what it came back with; ``identities`` holds who is
who; ``leaving`` signs out at the provider and hears its sign-outs. Nothing here knows Flask, and nothing asks the
network inside a unit of work.
"""

from egovframe.core.auth.outside.attempts import Begun, begin, cookie_of, wanted_page
from egovframe.core.auth.outside.claims import ProviderClaims
from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.identities import Way, disconnect, outside_ways
from egovframe.core.auth.outside.leaving import Ticket, back_channel_logout, leave_address, offer_leave
from egovframe.core.auth.outside.metadata import Source
from egovframe.core.auth.outside.models import Identity, OutsideOnce, OutsideSession
from egovframe.core.auth.outside.providers import (
    DOOR,
    Provider,
    configure_providers,
    offered_providers,
    provider_of,
)
from egovframe.core.auth.outside.signing_in import Finished, finish
from egovframe.core.auth.outside.sweeping import sweep_outside

__all__ = [
    "DOOR",
    "Begun",
    "Finished",
    "Identity",
    "OutsideOnce",
    "OutsideRefused",
    "OutsideSession",
    "Provider",
    "ProviderClaims",
    "Source",
    "Ticket",
    "Way",
    "back_channel_logout",
    "begin",
    "configure_providers",
    "cookie_of",
    "disconnect",
    "finish",
    "leave_address",
    "offer_leave",
    "offered_providers",
    "outside_ways",
    "provider_of",
    "sweep_outside",
    "wanted_page",
]

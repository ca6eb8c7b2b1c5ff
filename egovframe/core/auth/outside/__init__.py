"""Signing in with a provider outside: OpenID Connect, authorization code with PKCE, for several providers.

``begin_at_provider`` gives the address to lead a browser to, ``finish_at_provider`` takes what it came back with;
``identities`` holds who is who; ``leaving`` signs out at the provider and hears its sign-outs. Nothing here knows
Flask, and nothing asks the network inside a unit of work.
"""

from egovframe.core.auth.outside.assurance import note_identity_claims
from egovframe.core.auth.outside.attempts import BegunAttempt, attempt_cookie, begin_at_provider, wanted_page
from egovframe.core.auth.outside.claims import ProviderClaims
from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.identities import ProviderWay, disconnect_provider, provider_ways
from egovframe.core.auth.outside.leaving import LeaveTicket, back_channel_logout, leave_address, offer_leave
from egovframe.core.auth.outside.metadata import Source
from egovframe.core.auth.outside.models import Identity, OutsideOnce, OutsideSession
from egovframe.core.auth.outside.providers import (
    DOOR,
    Provider,
    configure_providers,
    offered_providers,
    provider_of,
)
from egovframe.core.auth.outside.signing_in import FinishedAttempt, finish_at_provider
from egovframe.core.auth.outside.sweeping import sweep_outside

__all__ = [
    "DOOR",
    "BegunAttempt",
    "FinishedAttempt",
    "Identity",
    "LeaveTicket",
    "OutsideOnce",
    "OutsideRefused",
    "OutsideSession",
    "Provider",
    "ProviderClaims",
    "ProviderWay",
    "Source",
    "attempt_cookie",
    "back_channel_logout",
    "begin_at_provider",
    "configure_providers",
    "disconnect_provider",
    "finish_at_provider",
    "leave_address",
    "note_identity_claims",
    "offer_leave",
    "offered_providers",
    "provider_of",
    "provider_ways",
    "sweep_outside",
    "wanted_page",
]

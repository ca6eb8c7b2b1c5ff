"""Outgoing requests: the one guarded client for everything that the city asks of servers outside.

Resolve, check every address, connect to exactly the checked one; redirects are checked hop by hop; time and size are
bounded. Sign-in providers, webhooks and harvesters all go through here (docs/decisions/0005, 9).
"""

from egovframe.outgoing.addresses import Address, Network, is_private, is_public
from egovframe.outgoing.client import Answer, Outgoing, OutgoingClient, Resolver, resolve_by_system
from egovframe.outgoing.policy import OutgoingPolicy
from egovframe.outgoing.targets import Target, target_of

__all__ = [
    "Address",
    "Answer",
    "Network",
    "Outgoing",
    "OutgoingClient",
    "OutgoingPolicy",
    "Resolver",
    "Target",
    "is_private",
    "is_public",
    "resolve_by_system",
    "target_of",
]

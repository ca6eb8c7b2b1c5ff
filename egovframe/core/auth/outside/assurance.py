"""The seam to persons: what a provider's word means for how well we know somebody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from egovframe.core.auth.loading import actor_of_account
from egovframe.core.auth.models import Account
from egovframe.core.auth.outside.claims import ProviderClaims
from egovframe.core.auth.outside.models import Identity
from egovframe.core.modules.audit import audit


def note_identity_claims(session: Session, account: Account, identity: Identity, claims: ProviderClaims) -> None:
    """Note what a provider says about the person behind an account, in the unit that signs them in or connects them.

    Kept is whether the provider calls the person a verified resident; who the person is (one person, however many
    accounts) is decided where persons are kept, from ``claims.issuer`` and ``claims.subject``.

    Args:
        session: of the writing unit.
        account: whose identity it is.
        identity: the row; ``identity.resident`` is what the provider said before.
        claims: what it says now.
    """
    if identity.resident == claims.resident:
        return
    before, identity.resident = identity.resident, claims.resident
    audit(
        session,
        actor_of_account(session, account),
        "auth:identity:assure",
        f"identity:{identity.public_id}",
        before={"resident": before},
        after={"resident": claims.resident, "provider": identity.provider},
    )

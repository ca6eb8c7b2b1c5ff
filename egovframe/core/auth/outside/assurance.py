"""The seam to persons: what a provider's word means for how well we know somebody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from egovframe.core.auth.loading import actor_of_account
from egovframe.core.auth.models import Account
from egovframe.core.auth.outside.claims import ProviderClaims
from egovframe.core.auth.outside.models import Identity
from egovframe.core.auth.services.claims import note_provider_claims
from egovframe.core.auth.services.unverifying import end_vouched
from egovframe.core.modules.audit import audit

RESIDENT = "resident_verified"


def note_identity_claims(session: Session, account: Account, identity: Identity, claims: ProviderClaims) -> None:
    """Take what a provider says about the person behind an account, in the unit that signs them in or connects them.

    A provider that vouches for a resident binds the account to one person, however many accounts that person has; one
    that no longer does ends the verification that it made.

    Args:
        session: of the writing unit.
        account: whose identity it is.
        identity: the row; ``identity.resident`` is what the provider said before.
        claims: what it says now.
    """
    if claims.resident and account.assurance != RESIDENT:
        note_provider_claims(session, account, identity.provider, claims.subject, claims.facts())
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
    if not claims.resident:
        end_vouched(session, account, identity.provider)

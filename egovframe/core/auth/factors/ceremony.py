"""WebAuthn's two ceremonies as plain values: options out, answers in. The only module that knows the library.

Imported when the first passkey is used: the library takes half a second to load, and most processes never need it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from egovframe.core.auth.factors.party import RelyingParty

REFUSALS = (WebAuthnException, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)
"""What the library raises on answers that are none: its own errors, and Python's on crooked bytes."""


class NotAccepted(Exception):
    """An answer that proves nothing; the message is for the log."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that an authenticator has just made; binary values as base64url."""

    credential_id: str
    public_key: str
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """What a right answer said about its key."""

    sign_count: int
    backed_up: bool


def registration_options(
    party: RelyingParty,
    challenge: bytes,
    handle: bytes,
    name: str,
    title: str,
    known: Iterable[tuple[str, Sequence[str]]],
) -> str:
    """Return the options of ``navigator.credentials.create`` as JSON; keys the account has already are excluded."""
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=party.name,
        user_id=handle,
        user_name=name,
        user_display_name=title,
        challenge=challenge,
        exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return webauthn.options_to_json(options)


def authentication_options(
    party: RelyingParty, challenge: bytes, known: Iterable[tuple[str, Sequence[str]]], *, alone: bool
) -> str:
    """Return the options of ``navigator.credentials.get`` as JSON.

    Args:
        party: who asks.
        challenge: 32 random bytes.
        known: (credential id, transports) that may answer; none leaves the choice to the browser.
        alone: whether the key is the only proof: then it must verify its user (PIN, finger, face).
    """
    options = webauthn.generate_authentication_options(
        rp_id=party.host,
        challenge=challenge,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.DISCOURAGED,
    )
    return webauthn.options_to_json(options)


def challenge_of(answer: str, *, new: bool) -> bytes:
    """Return the challenge that an answer says it answers; nothing is proved by that.

    Raises:
        NotAccepted: it is no answer.
    """
    try:
        parse = parse_registration_credential_json if new else parse_authentication_credential_json
        return bytes(parse_client_data_json(parse(answer).response.client_data_json).challenge)
    except REFUSALS as error:
        raise NotAccepted(str(error)) from error


def key_of(answer: str) -> tuple[str, bytes | None]:
    """Return the credential id of an answer, and the user handle it carries, if any.

    Raises:
        NotAccepted: it is no answer.
    """
    try:
        credential = parse_authentication_credential_json(answer)
        return bytes_to_base64url(credential.raw_id), credential.response.user_handle
    except REFUSALS as error:
        raise NotAccepted(str(error)) from error


def registered(answer: str, party: RelyingParty, challenge: bytes) -> NewKey:
    """Return the key that an answer brings.

    Raises:
        NotAccepted: another challenge, origin or host, a bad signature, or no answer at all.
    """
    try:
        credential = parse_registration_credential_json(answer)
        right = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=list(party.origins),
        )
    except REFUSALS as error:
        raise NotAccepted(str(error)) from error
    return NewKey(
        credential_id=bytes_to_base64url(right.credential_id),
        public_key=bytes_to_base64url(right.credential_public_key),
        sign_count=right.sign_count,
        backup_eligible=right.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        backed_up=right.credential_backed_up,
        transports=tuple(each.value for each in credential.response.transports or ()),
    )


def used(answer: str, party: RelyingParty, challenge: bytes, public_key: str, sign_count: int, *, alone: bool) -> Used:
    """Verify an answer with the stored key.

    Raises:
        NotAccepted: another challenge, origin or host, a bad signature, a count that fell back (a copied key), or a
            user who was not verified where the key is the only proof.
    """
    try:
        right = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=list(party.origins),
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=alone,
        )
    except REFUSALS as error:
        raise NotAccepted(str(error)) from error
    return Used(right.new_sign_count, right.credential_backed_up)


def fingerprint(credential_id: str) -> str:
    """Return the digest by which a key is found."""
    return hashlib.sha256(credential_id.encode()).hexdigest()


def _descriptors(known: Iterable[tuple[str, Sequence[str]]]) -> list[PublicKeyCredentialDescriptor]:
    values = {each.value for each in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(credential_id),
            transports=[AuthenticatorTransport(name) for name in transports if name in values] or None,
        )
        for credential_id, transports in known
    ]

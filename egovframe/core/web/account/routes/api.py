"""``/api/v1/tokens``: a script opens a bearer token with its owner's password, lists tokens, revokes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, g, request

from egovframe.core.auth import (
    ApiToken,
    account_of_credentials,
    check_second_factor,
    create_token,
    need_known,
    note_sign_in,
    own_tokens,
    public,
    revoke_token,
    signed_in,
    tell_of_token,
    touch_token,
    verify_credentials,
)
from egovframe.core.persistence import now
from egovframe.core.web.account.agents import family
from egovframe.core.web.account.schemas import NewTokenSchema, TokenListSchema, TokenRequestSchema
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.api import ApiBlueprint
from egovframe.core.web.context import actor, close_units, is_page, reading, writing
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid, NotSignedIn

blueprint = ApiBlueprint("account_api", __name__, url_prefix="/tokens", description="Bearer tokens for scripts")


@blueprint.post("")
@public
@blueprint.arguments(TokenRequestSchema)
@blueprint.response(201, NewTokenSchema)
@blueprint.alt_response(401, description="The address or the password is not right, or a code is needed.")
@blueprint.alt_response(403, description="A role of the account asks for a second factor, and none is set up.")
def open_token(data: dict[str, Any]) -> Any:
    """Open a token with an e-mail address and a password, and a code where the account has a second factor.

    The secret is shown this once and stored only as a digest.
    """
    need_known(runtime().hooks, data["permissions"])
    attempts = Attempts()
    try:
        verified = verify_credentials(
            runtime().database,
            email=data["email"],
            password=data["password"],
            address=address(),
            throttle=attempts,
            agent=family(request.user_agent.string),
            method="token",
        )
    except Invalid as error:
        raise NotSignedIn(error.detail, headers={"WWW-Authenticate": 'Bearer realm="api"'}) from error
    attempts.succeeded()
    proofs, browser = Attempts(), family(request.user_agent.string)
    check_second_factor(runtime().database, verified, data["code"], throttle=proofs, address=address(), agent=browser)
    with writing() as session:
        owner = account_of_credentials(session, verified)
        made = create_token(
            session,
            owner,
            name=data["name"],
            permissions=data["permissions"],
            life=None if data["days"] is None else timedelta(days=data["days"]),
        )
        tell_of_token(session, owner, made)
        note_sign_in(session, verified.account_id, "entered", method="token", agent=browser)
    proofs.succeeded()
    return {**_facts(made.row), "token": made.secret}, 201, {"Cache-Control": "no-store"}


@blueprint.get("")
@signed_in
@blueprint.response(200, TokenListSchema)
def list_tokens() -> dict[str, Any]:
    """List the caller's own tokens that still work, newest first, without their secrets.

    A token with permissions of its own sees itself alone.
    """
    session = reading()
    return {"tokens": [_facts(row) for row in own_tokens(session, actor(), now(session))]}


@blueprint.delete("/<public_id>")
@signed_in
@blueprint.response(204)
def delete_token(public_id: str) -> None:
    """Revoke one of the caller's own tokens at once; a token with permissions of its own revokes itself alone."""
    with writing() as session:
        revoke_token(session, actor(), public_id)


@blueprint.after_app_request
def note_use(response: Response) -> Response:
    """Note that a token was used, at most once a minute, once the answer is made."""
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    # Only where the route asked who calls: elsewhere the token opened nothing, and a dead one breaks no answer.
    known = g.get("egov_actor")
    if token and not is_page() and known is not None and known.is_signed_in:
        close_units()
        touch_token(runtime().database, token)
    return response


def _facts(row: ApiToken) -> dict[str, Any]:
    return {
        "public_id": row.public_id,
        "name": row.name,
        "permissions": row.permissions,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
    }

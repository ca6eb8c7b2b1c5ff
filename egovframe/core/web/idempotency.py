"""``Idempotency-Key``: the same call made twice has one effect and the same answer, for 24 hours.

The whole view runs in one writing unit together with the row that keeps its answer: both are stored, or neither.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from flask import Response, current_app, request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import insert_for, now
from egovframe.core.web.context import actor, reading, writing_throughout
from egovframe.core.web.models import IdempotentReply
from egovframe.core.web.runtime import runtime
from egovframe.errors import BadRequest, Conflict

View = TypeVar("View", bound=Callable[..., Any])
HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
REPLAYED = "Idempotency-Replayed"
MAX_REPLY = 64 * 1024
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Content-Language")


def idempotent(view: View) -> View:
    """Let an API view that creates something be repeated safely. Put it below the route, above ``arguments``.

    Not for answers that hold a secret other than the caller's own, such as tokens and ballots.
    """

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if not _KEY.fullmatch(key):
            raise BadRequest(_("Send an Idempotency-Key of 1 to 200 printable ASCII characters."))
        return _once(key, lambda: current_app.make_response(view(*args, **kwargs)))

    return once  # type: ignore[return-value]


def _once(key: str, run: Callable[[], Response]) -> Response:
    names = _digests(key)
    earlier = _find(reading(), names[0])
    if earlier is not None:
        return _again(earlier, names[1])
    with writing_throughout() as session:
        # The row comes first: a twin waits here for our commit and then finds the answer.
        if not _claim(session, *names):
            found = _find(session, names[0])
            if found is not None:
                return _again(found, names[1])
        response = run()
        if response.status_code < 400:
            _keep(session, names[0], response)
        else:
            session.execute(delete(IdempotentReply).where(IdempotentReply.key_hash == names[0]))
        return response


def _digests(key: str) -> tuple[str, str]:
    known = actor()
    who = known.label if known.is_signed_in else f"address:{request.remote_addr}"
    ring = runtime().database.keyring
    thing = "\n".join((who, request.method, request.path, key))
    body = request.get_data(cache=True).decode("latin-1")
    return ring.blind_index("idempotency", thing), ring.blind_index("idempotency-body", body)


def _find(session: Session, key_hash: str) -> IdempotentReply | None:
    return session.scalar(
        select(IdempotentReply).where(IdempotentReply.key_hash == key_hash, IdempotentReply.expires_at > now(session))
    )


def _claim(session: Session, key_hash: str, body_hash: str) -> bool:
    at = now(session)
    session.execute(
        delete(IdempotentReply).where(IdempotentReply.key_hash == key_hash, IdempotentReply.expires_at <= at)
    )
    statement = insert_for(session, IdempotentReply).values(
        key_hash=key_hash, body_hash=body_hash, reply="", expires_at=at + KEPT, account_id=actor().account_id
    )
    claimed = session.execute(statement.on_conflict_do_nothing().returning(IdempotentReply.id)).scalar_one_or_none()
    return claimed is not None


def _keep(session: Session, key_hash: str, response: Response) -> None:
    body = response.get_data(as_text=True)
    if len(body) > MAX_REPLY:
        raise RuntimeError(f"an idempotent answer of {len(body)} characters is over the limit of {MAX_REPLY}")
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    row = _find(session, key_hash)
    if row is not None:
        row.reply = json.dumps({"status": response.status_code, "headers": headers, "body": body})


def _again(row: IdempotentReply, body_hash: str) -> Response:
    if row.body_hash != body_hash:
        raise Conflict(_("This Idempotency-Key was used with another body. Use a new key for a new request."))
    kept = json.loads(row.reply)
    response = Response(kept["body"], kept["status"], headers=kept["headers"])
    response.headers[REPLAYED] = "true"
    return response


def sweep_replies(session: Session) -> int:
    """Delete answers older than 24 hours; return how many."""
    return int(session.execute(delete(IdempotentReply).where(IdempotentReply.expires_at <= now(session))).rowcount)  # type: ignore[attr-defined]


def forget_replies(session: Session, names: Sequence[str]) -> int:
    """Delete answers kept for callers without an account that speak of one of the names; return how many.

    Answers of accounts go with their accounts. At most a day's answers are looked through.
    """
    rows = session.execute(
        select(IdempotentReply.id, IdempotentReply.reply).where(IdempotentReply.account_id.is_(None))
    )
    gone = [row.id for row in rows if any(name in row.reply for name in names)]
    for start in range(0, len(gone), 500):
        session.execute(delete(IdempotentReply).where(IdempotentReply.id.in_(gone[start : start + 500])))
    return len(gone)

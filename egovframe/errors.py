"""One error tree, rendered as one JSON shape (RFC 9457) and one HTML page by the web room.

``title`` and ``detail`` may be lazy translations; they become text only when an answer is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from egovframe.lazy import lazy_gettext as _

Text = Any
"""A string or a lazy translation."""


class EgovError(Exception):
    """Base of every error that a person may see.

    Args:
        detail: what happened and what to do, in the reader's language when lazy.
        errors: messages by field name, for forms and the ``errors`` member of a problem document.
        headers: extra response headers such as ``Retry-After``.
    """

    status = 500
    code = "internal-error"
    title: Text = _("Something went wrong on our side")

    def __init__(
        self,
        detail: Text = "",
        *,
        errors: Mapping[str, Sequence[Text]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})
        self.members: dict[str, Any] = {}
        """Further members of the problem document."""

    def __str__(self) -> str:
        return str(self.detail or self.title)


class BadRequest(EgovError):
    """The request cannot be understood (400)."""

    status = 400
    code = "bad-request"
    title = _("We could not understand this request")


class NotSignedIn(EgovError):
    """The caller must identify first (401)."""

    status = 401
    code = "not-signed-in"
    title = _("Please sign in first")


class SecondFactorNeeded(NotSignedIn):
    """The password is right, and the account also asks for a code or a passkey (401)."""

    code = "second-factor-needed"
    title = _("A second factor is needed")


class Forbidden(EgovError):
    """The caller is known and may not do this (403)."""

    status = 403
    code = "forbidden"
    title = _("You may not do this")


class FactorMissing(Forbidden):
    """A role of the caller asks for a second factor, and none is set up (403)."""

    code = "second-factor-missing"
    title = _("Set up a second factor first")


class ProofNeeded(Forbidden):
    """The change asks for a fresh proof of who is at the keyboard (403)."""

    code = "proof-needed"
    title = _("Please show that it is you")


class AssuranceNeeded(Forbidden):
    """We do not know well enough who the caller is (403); the web room shows the ways up and leads back.

    Args:
        level: the level that is asked for, such as ``resident_verified``.
        reason: why, for the person.
    """

    code = "assurance-needed"
    title = _("We need to know who you are")

    def __init__(self, level: str, reason: Text = "") -> None:
        super().__init__(reason)
        self.level = level
        self.members = {"required_assurance": level}


class NotFound(EgovError):
    """Unknown, or not visible to the caller: the two look alike (404)."""

    status = 404
    code = "not-found"
    title = _("We could not find this page")


class Conflict(EgovError):
    """What is wanted does not go with how things stand: the detail says why, and what goes instead (409)."""

    status = 409
    code = "conflict"
    title = _("This is not possible as things stand")


class Changed(Conflict):
    """Somebody else changed the thing, or was quicker, since the caller read it (409)."""

    title = _("Somebody else changed this in the meantime")


class PreconditionFailed(EgovError):
    """If-Match names an older version (412)."""

    status = 412
    code = "precondition-failed"
    title = _("This has changed since you read it")


class TooLarge(EgovError):
    """The body or a file is over its limit (413)."""

    status = 413
    code = "too-large"
    title = _("This is too large")


class UnsupportedMedia(EgovError):
    """The content type is none we read (415)."""

    status = 415
    code = "unsupported-media-type"
    title = _("We cannot read this kind of content")


class Invalid(EgovError):
    """Fields failed validation; ``errors`` says which and why (422)."""

    status = 422
    code = "invalid"
    title = _("Please check what you entered")


class PreconditionRequired(EgovError):
    """An update came without If-Match (428)."""

    status = 428
    code = "precondition-required"
    title = _("Say which version you are changing")


class TooManyRequests(EgovError):
    """A rate limit was reached (429)."""

    status = 429
    code = "too-many-requests"
    title = _("Too many attempts")

    def __init__(self, detail: Text = "", *, retry_after: int = 60) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Unavailable(EgovError):
    """The database or another needed service does not answer (503)."""

    status = 503
    code = "unavailable"
    title = _("The service is not available at the moment")

    def __init__(self, detail: Text = "", *, retry_after: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class OutgoingFailed(EgovError):
    """A server outside, asked by us, did not give what we need (502); ``egovframe.outgoing`` says what exactly."""

    status = 502
    code = "upstream-failed"
    title = _("Another service did not answer as it should")


class OutgoingRefused(OutgoingFailed):
    """We do not ask this address: its scheme, its name or where it leads is not allowed. Nothing was sent there."""

    code = "upstream-refused"


class OutgoingUnreachable(OutgoingFailed):
    """The server has no address, does not accept the connection, breaks it off, or shows no valid certificate."""

    code = "upstream-unreachable"


class OutgoingTooSlow(OutgoingFailed):
    """The whole exchange took longer than it may."""

    code = "upstream-too-slow"


class OutgoingTooLarge(OutgoingFailed):
    """The answer, as sent or unpacked, is larger than it may be."""

    code = "upstream-too-large"


class ProblemList(EgovError):
    """Several findings at once, for people at a command line: settings, manifests, imports."""

    def __init__(self, heading: str, problems: Sequence[str]) -> None:
        super().__init__(heading + "".join(f"\n  - {problem}" for problem in problems))
        self.heading = heading
        self.problems = tuple(problems)


class SettingsError(ProblemList):
    """The settings cannot be used; every problem is listed."""

"""Verb: file a complaint. It becomes a case with an office, a deadline, and a code for its reporter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic_participation.models import Category, Complaint, Contact, Draft
from civic_participation.queries.categories import ancestors, category_by_code
from civic_participation.services.drafts import find_draft
from civic_participation.services.places import Place, place_of
from civic_participation.services.redaction import public_text
from egovframe.actor import Actor
from egovframe.core.auth import need_assurance
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases import NewCase, Opened, open_case
from egovframe.core.modules.routing import Matter
from egovframe.core.persistence import new_public_id, now
from egovframe.errors import Invalid

CASE_TYPE = "complaint"
TITLE_LENGTH = 120
BORDER_METRES = 25
"""Where nobody asks the city's setting ``border_metres``, its default."""
WHY_CONFIRMED = _("The city has to be able to ask you back here: it needs a confirmed e-mail address of yours.")


@dataclass(frozen=True, slots=True)
class Filing:
    """What a reporter tells, whichever door it came through. Empty text stands for "not given".

    ``area`` is the ``LAYER:CODE`` in which the reporter puts a place beside a border; empty for what the map says.
    """

    category: str
    description: str
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    area: str = ""
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    private: bool = False
    language: str = "en"
    channel: str = "web"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody for whom an agent files: the account found for the address they named, if there is one."""

    account_id: int | None = None
    public_id: str = ""


def file_complaint(
    session: Session,
    actor: Actor,
    filing: Filing,
    *,
    caller: Caller | None = None,
    border_metres: float = BORDER_METRES,
    confirmed: Collection[str] = (),
) -> Opened:
    """File a complaint in the session's writing unit: route it, set its deadline, tell whom it concerns.

    Args:
        caller: for whom the actor files (``file_for_caller``); the actor itself when None.
        border_metres: how far the border of ``filing.area`` may lie from the place.
        confirmed: as for ``need_confirmed``; an agent who files for a caller has seen or heard them.

    Raises:
        AssuranceNeeded: the category asks for a confirmed address, and the actor has none.
        Invalid: the category is unknown, closed or for staff only, the place lies outside the city, or the area named
            does not lie beside it.
    """
    category = _category(session, actor, filing.category)
    if caller is None:
        need_confirmed(session, actor, category, confirmed)
    place = place_of(session, filing.latitude, filing.longitude, filing.area, border_metres)
    reporter_id = caller.account_id if caller else actor.account_id
    contact = _contact(reporter_id, filing)
    if caller:
        for_whom = caller.public_id or (contact.public_id if contact else "unnamed")
        actor = replace(actor, on_behalf_of=for_whom)
    new = NewCase(
        CASE_TYPE,
        matter_of(session, category, place, channel=filing.channel),
        title_of(filing.description),
        language=filing.language,
        latitude=filing.latitude,
        longitude=filing.longitude,
        address=filing.address,
        reporter_account_id=reporter_id,
        reporter_reference=reporter_reference(contact) if contact else "",
        is_private=filing.private or category.private,
    )
    hours = category.deadline_hours
    opened = open_case(session, actor, new, due_hours=hours, due_mode=category.deadline_mode if hours else None)
    complaint = Complaint(case_id=opened.case.id, category_id=category.id, description=filing.description)
    session.add(complaint)
    session.flush()
    if contact is not None:
        contact.complaint_id = complaint.id
        session.add(contact)
    return opened


def need_confirmed(session: Session, actor: Actor, category: Category, confirmed: Collection[str]) -> None:
    """Let pass who may file in a category.

    Args:
        confirmed: codes of categories, and of groups of them, that ask for a confirmed address.

    Raises:
        AssuranceNeeded: the category is one of them, and the actor's address is not confirmed.
    """
    if confirmed and not {category.code, *(group.code for group in ancestors(session, category))}.isdisjoint(confirmed):
        need_assurance(actor, "contact_verified", WHY_CONFIRMED)


def send_draft(
    session: Session,
    actor: Actor,
    code: str,
    language: str,
    *,
    border_metres: float = BORDER_METRES,
    confirmed: Collection[str] = (),
) -> tuple[int, str | None]:
    """File the complaint that a draft holds, once: sending again gives the same case.

    Args:
        border_metres: as for ``file_complaint``.
        confirmed: as for ``file_complaint``.

    Returns:
        The case's id, and its tracking code when this call made it.

    Raises:
        NotFound: no such draft.
        Invalid: something is missing or no longer possible.
        AssuranceNeeded: as ``file_complaint``.
    """
    draft, values = find_draft(session, code)
    # Two clicks at once: the second waits here for the first to commit and then sees its case.
    session.execute(update(Draft).where(Draft.id == draft.id).values(updated_at=now(session)))
    session.refresh(draft, ["case_id"])
    if draft.case_id is not None:
        return draft.case_id, None
    filing = filing_of(values, language)
    opened = file_complaint(session, actor, filing, border_metres=border_metres, confirmed=confirmed)
    draft.case_id = opened.case.id
    return opened.case.id, opened.tracking_code


def filing_of(values: dict[str, Any], language: str) -> Filing:
    """Return the filing that a draft's answers make.

    Raises:
        Invalid: a step was left out.
    """
    missing = [name for name in ("category", "description") if not values.get(name)]
    if missing:
        raise Invalid(errors={name: [_("Please fill this in.")] for name in missing})
    return Filing(
        category=values["category"],
        description=values["description"],
        latitude=values.get("lat"),
        longitude=values.get("lon"),
        address=values.get("address", ""),
        area=values.get("area", ""),
        name=values.get("name", ""),
        email=values.get("email", ""),
        phone=values.get("phone", ""),
        private=bool(values.get("private")),
        language=language,
    )


def matter_of(session: Session, category: Category, place: Place, *, channel: str = "web") -> Matter:
    """Return what routing is asked about a complaint of this category at this place, as of now."""
    above = ancestors(session, category)
    return Matter(
        subject=category.code,
        parents=tuple(one.code for one in above),
        areas=place.areas,
        border=place.border,
        at=now(session),
        channel=channel,
        titles={one.code: one.name for one in (category, *above)},
        default_department_id=category.department_id,
    )


def reporter_reference(contact: Contact) -> str:
    """Return how notifications name a reporter."""
    return f"civic_participation.contact:{contact.public_id}"


def title_of(description: str) -> str:
    """Return the first sentence or line of a description, cut at a word and covered, as the title of lists."""
    first = next((line.strip() for line in public_text(description).splitlines() if line.strip()), "")
    for mark in (". ", "! ", "? ", "。", "؟ "):
        head, found, _rest = first.partition(mark)
        if found and len(head) >= 12:
            first = head
    if len(first) <= TITLE_LENGTH:
        return first.rstrip(".")
    cut = first[:TITLE_LENGTH].rsplit(" ", 1)[0] or first[:TITLE_LENGTH]
    return cut.rstrip(" ,.;:") + "…"


def _contact(account_id: int | None, filing: Filing) -> Contact | None:
    """Return how the reporter can be reached, or None for somebody who keeps the tracking code only."""
    if account_id is None and not (filing.name or filing.email or filing.phone):
        return None
    return Contact(
        public_id=new_public_id(),
        account_id=account_id,
        language=filing.language,
        name=filing.name or None,
        email=filing.email or None,
        phone=filing.phone or None,
    )


def _category(session: Session, actor: Actor, code: str) -> Category:
    category = category_by_code(session, code)
    usable = category is not None and category.active
    if category is None or not usable or (category.staff_only and not actor.has("cases:case:work", now(session))):
        unknown = _("Choose one of the categories.")
        raise Invalid(unknown, errors={"category": [unknown]})
    return category

"""What the core's pages show of complaints: the case page, the home page, search, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic_participation.models import Category, Complaint, Contact, Draft
from civic_participation.queries.categories import open_categories, search_categories
from civic_participation.queries.public import ListedCase, public_case, recently_fixed, recently_reported
from civic_participation.services.filing import CASE_TYPE
from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import format_duration, language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases import READ_CONTACT, Case, state_views
from egovframe.core.modules.organisation import department_names
from egovframe.core.modules.privacy import MASK, by_the_system, purpose_stated
from egovframe.core.persistence import moment
from egovframe.core.web import url
from egovframe.hooks import CaseDetails, SearchHit, Section

CONTACT = {"name": _("Name"), "email": _("E-mail"), "phone": _("Telephone")}
"""How a reporter can be reached, by column."""
CHANNELS = {
    "web": _("Web page"),
    "api": _("Programming interface"),
    "phone": _("Telephone"),
    "mobile": _("Mobile application"),
    "email": _("E-mail"),
    "counter": _("Counter"),
    "social": _("Social network"),
    "import": _("Earlier system"),
    "other": _("Other"),
}


def details_of(session: Session, actor: Actor, case: Any) -> CaseDetails | None:
    """Return what the case page shows of a complaint; how to reach the reporter only to those in charge."""
    if case.type_code != CASE_TYPE:
        return None
    complaint = session.scalars(select(Complaint).where(Complaint.case_id == case.id)).one_or_none()
    if complaint is None:
        return None
    category = session.get_one(Category, complaint.category_id)
    facts = [
        (_("Category"), category.name),
        (_("Channel"), CHANNELS.get(case.channel, case.channel)),
        (_("Language"), language_name(case.language)),
    ]
    return CaseDetails(
        kind=_("Complaint"),
        facts=facts,
        description=complaint.description,
        contact=_contact(session, actor, case, complaint),
    )


def _contact(session: Session, actor: Actor, case: Any, complaint: Complaint) -> list[tuple[Any, Any]]:
    if not can(actor, READ_CONTACT, case, at=moment(session)):
        return []
    filled = _filled(session, complaint)
    known = [column for column in CONTACT if column in filled]
    if not known or not purpose_stated(session):
        return [(CONTACT[column], MASK) for column in known]
    chosen = (getattr(Contact, column) for column in known)
    # Only what was left is looked at: the reporter reads which kinds of data somebody saw.
    values = session.execute(select(*chosen).where(Contact.complaint_id == complaint.id)).one_or_none()
    if values is None:  # erased since
        return []
    return [(CONTACT[column], value) for column, value in zip(known, values, strict=True) if value]


def _filled(session: Session, complaint: Complaint) -> set[str]:
    chosen = [getattr(Contact, column) for column in CONTACT]
    with by_the_system(session):  # which of them there are, and none of their values
        row = session.execute(select(*chosen).where(Contact.complaint_id == complaint.id)).one_or_none()
        return set() if row is None else {column for column in CONTACT if getattr(row, column)}


def home_parts(session: Session) -> list[Section]:
    """Return the parts of the home page: what was answered last, and what is being worked on."""
    answered, open_now = recently_fixed(session), recently_reported(session)
    rows = {row["case"].id: row for row in _rows(session, [*answered, *open_now])}
    return [
        Section(
            _("Answered lately"),
            "civic_participation/home_list.html",
            {"rows": [rows[case.id] for case in answered], "answered": True},
            order=60,
        ),
        Section(
            _("Being worked on"),
            "civic_participation/home_list.html",
            {"rows": [rows[case.id] for case in open_now], "answered": False},
            order=61,
        ),
    ]


def _rows(session: Session, cases: Sequence[ListedCase]) -> list[dict[str, Any]]:
    states = state_views(session, cases)
    names = department_names(session, {case.department_id for case in cases if case.department_id})
    return [
        {
            "case": case,
            "state": states[case.type_code, case.type_version, case.state],
            "took": format_duration((case.closed_at or case.updated_at) - case.received_at),
            "office": names.get(case.department_id, ""),
        }
        for case in cases
    ]


def find_hits(session: Session, text: str, limit: int) -> Sequence[SearchHit]:
    """Return a complaint by its number, and the categories that the words fit."""
    hits = []
    case: Case | None = public_case(session, text)
    if case is not None:
        address = url("civic_participation.case", reference=case.reference)
        hits.append(SearchHit(case.title, address, _("Complaint"), case.reference))
    for category in search_categories(open_categories(session), text, limit):
        address = url("civic_participation_filing.what", q=str(category.name))
        hits.append(
            SearchHit(_("Report: %(what)s", what=str(category.name)), address, _("Service"), category.hint or "")
        )
    return hits[:limit]


def counters(session: Session) -> Mapping[str, Any]:
    """Return the numbers for ``/status`` and ``/metrics``."""
    return {
        "categories": session.scalar(select(func.count()).select_from(Category).where(Category.is_group.is_(False))),
        "drafts": session.scalar(select(func.count()).select_from(Draft)),
    }

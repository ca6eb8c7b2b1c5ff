"""How cases lead to people: by the reporter's account, or by the tracking code of somebody without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, literal, select, true
from sqlalchemy.orm import Session

from egovframe.core.i18n import gettext
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases.models import Case, CaseEntry
from egovframe.core.modules.cases.queries import public_item
from egovframe.core.modules.cases.types import definitions_of
from egovframe.core.modules.cases.views import state_view
from egovframe.core.modules.notifications import Notification
from egovframe.core.modules.organisation import Department
from egovframe.core.modules.privacy import matches, subjects
from egovframe.core.web import forget_replies

HOLDER = "case"
"""The kind of subject that stands for whoever holds the tracking code of a case."""
ERASED_TITLE = "—"
"""What lists show instead of a title that was erased."""


def declare_subjects() -> None:
    """Declare cases and their timelines; called once the models stand."""
    subjects(
        Case,
        title=_("Your cases"),
        itself=HOLDER,
        shows={
            "reference": _("Case number"),
            "title": _("Title"),
            "received_at": _("Received"),
            "state": _("State"),
            "department_id": _("Department"),
            "address": _("Place"),
            "latitude": _("Latitude"),
            "longitude": _("Longitude"),
            "closed_at": _("Closed"),
        },
        clocks={"created": "received_at", "closed": "closed_at"},
        severing={"reporter_account_id": None, "reporter_reference": ""},
        # An erased case is counted and shown to nobody outside.
        erasing={"title": ERASED_TITLE, "hidden": True},
        outside=forget_answers,
        order=20,
        record=_("Cases: title and place"),
        named=("reference", "title"),
        words={"state": _state, "department_id": _department},
        machine={"department_id": _department_code},
    )
    subjects(
        CaseEntry,
        title=_("What was written about your cases"),
        shows={
            "at": _("When"),
            "kind": _("What happened"),
            "author_kind": _("Who"),
            "text": _("Text"),
            "data": _("More"),
            "author_label": _("Your name"),
        },
        shown_if={"case": _public, "office": _signed},
        words={"kind": _happened, "author_kind": _who, "data": _facts},
        machine={"data": lambda _session, row: (row["data"] or {}).get("public", {})},
        clocks={"created": "at"},
        order=21,
        record={
            "case": _("Timelines of cases: what was written"),
            "office": _("Timelines of cases: names of officials"),
        },
    )
    about = Case.__table__.c
    matches(Notification, "reference", Case, about.reporter_reference)
    # Messages to officials repeat the title: they go with it, and belong to nobody but the officials until then.
    matches(
        Notification,
        "thing",
        Case,
        literal("case:") + about.public_id,
        retention="case",
        copy=True,
        record=_("Messages to officials that repeat a case"),
    )


def forget_answers(session: Session, keys: Sequence[Any]) -> None:
    """Remove the answers kept for programs that filed these cases without an account."""
    forget_replies(session, session.scalars(select(Case.reference).where(Case.id.in_(keys))).all())


def _public() -> Any:
    return CaseEntry.__table__.c.public == true()


def _signed() -> Any:
    """Return the condition for entries that carry an official's name: they are about that official."""
    return and_(_public(), CaseEntry.__table__.c.author_label != "")


def _state(session: Session, row: Mapping[str, Any], _language: str) -> str:
    lived = session.execute(select(Case.type_code, Case.type_version, Case.state).where(Case.id == row["_key"])).one()
    return state_view(definitions_of(session, [lived])[lived.type_code, lived.type_version], lived.state).title


def _department(session: Session, row: Mapping[str, Any], language: str) -> str:
    found = session.scalar(select(Department.name).where(Department.id == row["department_id"]))
    return found.pick(language).text if found is not None else ""


def _department_code(session: Session, row: Mapping[str, Any]) -> str | None:
    return session.scalar(select(Department.code).where(Department.id == row["department_id"]))


def _happened(session: Session, row: Mapping[str, Any], _language: str) -> str:
    return public_item(session, row["_key"]).title


def _who(session: Session, row: Mapping[str, Any], _language: str) -> str:
    return gettext("You") if row["author_kind"] == "reporter" else public_item(session, row["_key"]).author


def _facts(session: Session, row: Mapping[str, Any], _language: str) -> str:
    return "\n".join(f"{label}: {value}" for label, value in public_item(session, row["_key"]).facts)

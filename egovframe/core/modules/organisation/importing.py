"""Import of a whole organisation: every bad line is listed, and by default nothing is stored when there is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import Account, account_by_email, create_account, grant_role, grants_of
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import Area, area_id_of
from egovframe.core.modules.organisation.models import Department, Post
from egovframe.core.modules.organisation.queries import department_by_code, post_by_code
from egovframe.core.modules.organisation.reading import Row
from egovframe.core.modules.organisation.schemas import ROWS
from egovframe.core.modules.organisation.services import (
    Outcome,
    put_absence,
    put_department,
    put_jurisdiction,
    put_official,
    put_post,
)
from egovframe.core.persistence import now
from egovframe.errors import BadRequest, Changed, EgovError, Invalid, NotFound

OFFICER = "officer"
"""The role that an official gets in the own department when the row names none."""
AT_THE_SAME_TIME = "Somebody else stores the same rows at this moment: repeat the import."
ABOVE = {"department": "parent", "post": "reports_to"}
"""The cell that names a row of the same kind, which must be stored first."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: where it stands (``line 7``), its kind, and why."""

    place: str
    kind: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do.

    Attributes:
        created, updated, unchanged: numbers of rows by kind.
        accounts: addresses for which an account was made; it has no password yet.
        refused: rows that were not taken, with the reason.
        applied: whether it is stored; False for a trial, and when something was refused and nothing may be skipped.
    """

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    accounts: list[str] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    applied: bool = False

    def count(self, kind: str, outcome: Outcome) -> None:
        """Count one row."""
        counters = {"created": self.created, "updated": self.updated, "unchanged": self.unchanged}
        counters[outcome][kind] += 1


@dataclass(slots=True)
class _Import:
    session: Session
    actor: Actor
    report: ImportReport

    def department(self, row: Mapping[str, Any]) -> Outcome:
        """Store a department by its code; raise NotFound for a parent that is unknown."""
        return put_department(
            self.session,
            self.actor,
            code=row["code"],
            name=_words(row["name"]),
            parent=self.found_department(row["parent"]) if row.get("parent") else None,
            phone=row.get("phone", ""),
            email=row.get("email", ""),
            **_dates(row),
        ).outcome

    def post(self, row: Mapping[str, Any]) -> Outcome:
        """Store a post by its code; raise NotFound for a department or a superior that is unknown."""
        return put_post(
            self.session,
            self.actor,
            code=row["code"],
            title=_words(row["title"]),
            department=self.found_department(row["department"]),
            reports_to=self.found_post(row["reports_to"]) if row.get("reports_to") else None,
            **_dates(row),
        ).outcome

    def official(self, row: Mapping[str, Any]) -> Outcome:
        """Let somebody hold a post; an address without an account gets one, with the role for the post's department."""
        post = self.found_post(row["post"])
        account = account_by_email(self.session, row["email"])
        if account is None:
            account = create_account(
                self.session,
                self.actor,
                email=row["email"],
                display_name=row["name"],
                kind="staff",
                assurance="contact_verified",
            )
            self.report.accounts.append(row["email"])
        put = put_official(self.session, self.actor, post, account, **_dates(row))
        granted = self.grant(account, row.get("role") or OFFICER, post)
        return "updated" if granted and put.outcome == "unchanged" else put.outcome

    def grant(self, account: Account, role: str, post: Post) -> bool:
        """Give the role in the post's department unless the account has it there; tell whether it was given."""
        scope = frozenset({("department", post.department_id)})
        held = grants_of(self.session, account.id, now(self.session))
        if any(grant.role.code == role and grant.pairs == scope for grant in held):
            return False
        grant_role(self.session, self.actor, account, role, scope)
        return True

    def absence(self, row: Mapping[str, Any]) -> Outcome:
        """Store that a post is not manned for a time, with its substitute where the row names one."""
        return put_absence(
            self.session,
            self.actor,
            self.found_post(row["post"]),
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            substitute=self.found_post(row["substitute"]) if row.get("substitute") else None,
            reason=row.get("reason", ""),
        ).outcome

    def jurisdiction(self, row: Mapping[str, Any]) -> Outcome:
        """Store what an office is in charge of; raise Invalid unless the row names either a post or a department."""
        if bool(row.get("post")) == bool(row.get("department")):
            raise Invalid("name either a post or a department")
        office = self.found_post(row["post"]) if row.get("post") else self.found_department(row["department"])
        area = self.session.get_one(Area, area_id_of(self.session, row["area"])) if row.get("area") else None
        return put_jurisdiction(self.session, self.actor, office, row["subject"], area, **_dates(row)).outcome

    def found_department(self, code: str) -> Department:
        """Return the department with a code; raise NotFound."""
        found = department_by_code(self.session, code)
        if found is None:
            raise NotFound(f"there is no department {code!r}")
        return found

    def found_post(self, code: str) -> Post:
        """Return the post with a code; raise NotFound."""
        found = post_by_code(self.session, code)
        if found is None:
            raise NotFound(f"there is no post {code!r}")
        return found


def import_organisation(
    session: Session,
    actor: Actor,
    rows: Iterable[Row],
    *,
    language: str = "en",
    zone: ZoneInfo | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Store departments, posts, officials, absences and jurisdictions; the same rows again change nothing.

    All or nothing: when a row is refused, nothing is stored (unless ``skip_bad``), and every refused row is listed.
    Officials without an account get one without a password, and the role of the row (``officer``) in the post's
    department.

    Args:
        session: of a writing unit.
        actor: who imports; needs the rights over the organisation, and over accounts and grants for officials.
        rows: as read by ``read_rows`` or ``rows_of``, in any order.
        language: of texts that do not say theirs.
        zone: of dates without a time; UTC when None.
        skip_bad: store what is good although something was refused.
        dry_run: only say what would happen.
        progress: told (rows done, rows in all).

    Raises:
        Forbidden: the actor lacks a right.
        Conflict: somebody else imports the same at this moment.
    """
    report = ImportReport()
    loaded = _loaded(list(rows), report, language, zone)
    work = _Import(session, actor, report)
    trial = session.begin_nested()
    for done, (row, values) in enumerate(loaded, start=1):
        _store(work, row, values)
        if progress:
            progress(done, len(loaded))
    report.refused.sort(key=_by_place)
    report.applied = not dry_run and (skip_bad or not report.refused)
    if report.applied:
        trial.commit()
    else:
        trial.rollback()
    return report


def _store(work: _Import, row: Row, values: Mapping[str, Any]) -> None:
    accounts = len(work.report.accounts)
    try:
        with work.session.begin_nested():
            outcome: Outcome = getattr(work, row.kind)(values)
    except (Invalid, NotFound, BadRequest) as error:
        del work.report.accounts[accounts:]
        work.report.refused.append(RefusedRow(row.place, row.kind, _reason(error)))
    except IntegrityError as error:
        raise Changed(AT_THE_SAME_TIME) from error
    else:
        work.report.count(row.kind, outcome)


def _loaded(
    rows: Sequence[Row], report: ImportReport, language: str, zone: ZoneInfo | None
) -> list[tuple[Row, dict[str, Any]]]:
    """Return the sound rows in the order in which they can be stored; refuse the others."""
    schemas = {kind: schema(language, zone) for kind, schema in ROWS.items()}
    sound: dict[str, list[tuple[Row, dict[str, Any]]]] = {kind: [] for kind in ROWS}
    for row in rows:
        if row.kind not in schemas:
            reason = (
                row.values if isinstance(row.values, str) else f"its kind is {row.kind[:40]!r}: use {', '.join(ROWS)}"
            )
            report.refused.append(RefusedRow(row.place, row.kind[:40], reason))
            continue
        try:
            sound[row.kind].append((row, schemas[row.kind].load(row.values)))
        except ValidationError as error:
            report.refused.append(RefusedRow(row.place, row.kind, _said(error.messages)))
    for kind, above in ABOVE.items():
        sound[kind] = _above_first(_once(sound[kind], report), above)
    return [entry for entries in sound.values() for entry in entries]


def _once(entries: list[tuple[Row, dict[str, Any]]], report: ImportReport) -> list[tuple[Row, dict[str, Any]]]:
    """Refuse rows whose code stands earlier in the file."""
    first: dict[str, Row] = {}
    kept = []
    for row, values in entries:
        known = first.setdefault(values["code"], row)
        if known is row:
            kept.append((row, values))
        else:
            report.refused.append(RefusedRow(row.place, row.kind, f"the code stands already at {known.place}"))
    return kept


def _above_first(entries: list[tuple[Row, dict[str, Any]]], above: str) -> list[tuple[Row, dict[str, Any]]]:
    """Order rows so that each comes after the one it names; the members of a circle come last, to be refused there."""
    waiting = {values["code"]: (row, values) for row, values in entries}
    ordered: list[tuple[Row, dict[str, Any]]] = []
    ready = [code for code, (_row, values) in waiting.items() if values.get(above) not in waiting]
    below: dict[str, list[str]] = {}
    for code, (_row, values) in waiting.items():
        below.setdefault(values.get(above) or "", []).append(code)
    while ready:
        code = ready.pop()
        ordered.append(waiting.pop(code))
        ready += below.get(code, [])
    return [*ordered, *waiting.values()]


def _dates(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"valid_from": row.get("valid_from"), "valid_until": row.get("valid_until")}


def _words(texts: Mapping[str, str]) -> Translated:
    return Translated.from_texts(next(iter(texts)), texts)


def _reason(error: EgovError) -> str:
    return "; ".join(filter(None, [str(error.detail), _said(error.errors) if error.errors else ""])) or str(error)


def _said(messages: Any) -> str:
    if isinstance(messages, Mapping):
        return "; ".join(
            f"{name}: {_said(said)}" if name != "_schema" else _said(said) for name, said in messages.items()
        )
    return " ".join(str(said) for said in messages)


def _by_place(refused: RefusedRow) -> tuple[int, int]:
    kind, _space, number = refused.place.rpartition(" ")
    order = list(ROWS).index(kind[:-1]) if kind[:-1] in ROWS else -1
    return order, int(number) if number.isdecimal() else 0

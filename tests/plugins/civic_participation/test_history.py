"""Past cases of other systems: what becomes of each line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from civic_participation.intake.columns import recognise
from civic_participation.intake.tables import Table
from civic_participation.models import Category, Complaint
from civic_participation.services.history import HistoryReport, HistorySource, import_history
from flask import Flask
from helpers.complaints import SHARED
from sqlalchemy import func, select

from egovframe.actor import SYSTEM
from egovframe.core.modules.areas import Area
from egovframe.core.modules.cases import Case, CaseEntry, is_overdue
from egovframe.core.modules.organisation import Department
from egovframe.core.persistence import Database, now
from egovframe.core.web import runtime

HEAD = [
    "case_enquiry_id", "open_dt", "target_dt", "closed_dt", "case_status", "closure_reason", "case_title", "subject",
    "reason", "type", "department", "location", "neighborhood", "latitude", "longitude", "source",
]  # fmt: skip
ROW = {
    "case_enquiry_id": "1001",
    "open_dt": "2022-01-21 13:47:00",
    "target_dt": "2022-01-25 13:47:00",
    "case_status": "Open",
    "case_title": "Lamp out",
    "subject": "Public Works",
    "reason": "Street Lights",
    "type": "Street Light Outages",
    "department": "PWDx",
    "location": "12 Elm St",
    "neighborhood": "Back Bay",
    "latitude": "42.35",
    "longitude": "-71.05",
    "source": "Citizens Connect App",
}
Import = Callable[..., HistoryReport]


@pytest.fixture
def take(app: Flask, tmp_path: Path) -> Import:
    """Import rows (changes of ROW) into a city without borders."""

    def run(*changes: dict[str, str], create: bool = True, path: Path | None = None) -> HistoryReport:
        file = path or tmp_path / "past.csv"
        if path is None:
            with file.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, HEAD, restval="")
                writer.writeheader()
                writer.writerows({**ROW, **change} for change in changes)
        table = Table(file)
        source = HistorySource("boston", recognise(table.headings), ZoneInfo("America/New_York"), "en", create)
        with app.app_context():
            return import_history(runtime(app).database, SYSTEM, table.lines(), source)

    return run


@pytest.fixture
def db(app: Flask) -> Database:
    return runtime(app).database


def test_departments_categories_and_areas_are_made_from_the_rows(take: Import, db: Database) -> None:
    report = take({}, {"case_enquiry_id": "1002"})
    assert report.created == 2
    assert dict(report.made) == {"areas": 1, "categories": 1, "departments": 1}
    with db.reading() as session:
        case = session.scalars(select(Case).order_by(Case.id)).first()
        assert case is not None
        assert case.received_at == datetime(2022, 1, 21, 18, 47, tzinfo=UTC)
        assert case.due_at == datetime(2022, 1, 25, 18, 47, tzinfo=UTC)
        assert case.channel == "mobile"
        assert is_overdue(case, now(session))
        assert session.scalars(select(Department.code)).all() == ["pwdx"]
        assert session.get_one(Department, case.department_id).name.pick("en").text == "Public Works"
        assert [str(area.name) for area in session.scalars(select(Area))] == ["Back Bay"]
        category = session.scalars(select(Category).where(Category.is_group.is_(False))).one()
        assert category.deadline_hours == 96
        assert session.scalars(select(Complaint.source_category)).first() == "Street Light Outages"


def test_a_closed_case_keeps_its_end_and_its_answer(take: Import, db: Database) -> None:
    take({"case_status": "Closed", "closed_dt": "2022-01-22 08:00:00", "closure_reason": "Replaced the lamp"})
    with db.reading() as session:
        case = session.scalars(select(Case)).one()
        assert (case.state, case.kind) == ("resolved", "terminal")
        assert case.closed_at == datetime(2022, 1, 22, 13, 0, tzinfo=UTC)
        entries = session.scalars(select(CaseEntry).order_by(CaseEntry.id)).all()
        assert [entry.at for entry in entries] == [case.received_at, case.closed_at]
        assert entries[1].text == "Replaced the lamp"


def test_a_rerun_adds_nothing(take: Import, db: Database) -> None:
    take({}, {"case_enquiry_id": "1002"})
    again = take({}, {"case_enquiry_id": "1002"}, {"case_enquiry_id": "1003"})
    assert (again.created, again.known) == (1, 2)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 3
        assert session.scalar(select(func.count()).select_from(Category).where(Category.is_group.is_(False))) == 1


def test_what_nobody_owns_goes_to_triage_with_line_and_reason(take: Import, db: Database) -> None:
    report = take({"case_enquiry_id": "1", "department": "", "type": "Other"}, {"case_enquiry_id": "2"})
    assert [(line, key) for line, key, _reason in report.triage] == [(2, "1")]
    assert "names no department" in report.triage[0][2]
    with db.reading() as session:
        triage = session.scalars(select(Case).where(Case.is_triage.is_(True))).one()
        assert triage.external_id == "1"


def test_without_create_missing_unknown_categories_are_refused(take: Import, db: Database) -> None:
    report = take({}, create=False)
    assert report.created == 0
    assert "--create-missing" in report.refused[0][2]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Department)) == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"open_dt": ""}, "no opening date"),
        ({"open_dt": "yesterday"}, "cannot be read"),
        ({"open_dt": "0001-01-01 00:00:00"}, "not believable"),
        ({"closed_dt": "2021-01-01 00:00:00", "case_status": "Closed"}, "before it was opened"),
        ({"latitude": "x", "longitude": "1"}, "cannot be read"),
        ({"latitude": "99", "longitude": "1"}, "not on Earth"),
        ({"case_status": "Purple"}, "unknown"),
        ({"type": ""}, "no category"),
        ({"case_enquiry_id": ""}, "no id"),
        ({"case_enquiry_id": "1001", "case_title": "twice"}, "already in line 2"),
    ],
)
def test_an_unusable_line_is_reported_and_the_others_go_on(
    take: Import, db: Database, change: dict[str, str], reason: str
) -> None:
    bad = {"case_enquiry_id": "bad", **change}
    report = take({}, bad, {"case_enquiry_id": "1003"})
    assert report.created == 2
    assert [(line, reason in why) for line, _key, why in report.refused] == [(3, True)], report.refused


def test_the_real_export_of_boston(take: Import, db: Database) -> None:
    file = SHARED / "boston_311_100.csv"
    if not file.exists():
        pytest.skip("shared/data/boston_311_100.csv is not beside this checkout")
    report = take(path=file)
    assert (report.created, report.refused) == (100, [])
    assert report.by_state["closed"] == 85
    assert report.by_state["open"] == 15
    assert take(path=file).known == 100

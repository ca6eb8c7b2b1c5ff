"""Importing an organisation: JSON and CSV, again and again, every bad line named, nothing half-done."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from egovframe.actor import SYSTEM, Actor, Grant
from egovframe.core.auth import Account, Role, RoleGrant, account_by_email, grants_of
from egovframe.core.i18n import Translated
from egovframe.core.modules.organisation import (
    Absence,
    Department,
    ImportReport,
    Jurisdiction,
    OrganisationFileError,
    Post,
    department_by_code,
    import_organisation,
    post_by_code,
    post_holder,
    read_rows,
    rows_of,
)
from egovframe.core.persistence import Database, now
from egovframe.errors import Forbidden

SEOUL = ZoneInfo("Asia/Seoul")
CITY: dict[str, list[Any]] = {
    "departments": [
        {"code": "ROADS", "name": {"en": "Roads", "ko": "도로과"}, "parent": "CITY", "phone": "02-120"},
        {"code": "CITY", "name": "City"},
    ],
    "posts": [
        {"code": "LIGHTS", "title": "Street lights", "department": "ROADS", "reports_to": "HEAD"},
        {"code": "HEAD", "title": "Head of roads", "department": "ROADS"},
    ],
    "officials": [
        {"post": "LIGHTS", "email": "kim@city.example", "name": "김영희", "from": "2026-01-01"},
        {"post": "HEAD", "email": "Lee@City.example", "name": "Lee", "role": "department_head"},
    ],
    "absences": [
        {"post": "LIGHTS", "from": "2026-03-01", "until": "2026-03-03", "substitute": "HEAD", "reason": "Leave"}
    ],
    "jurisdictions": [{"post": "LIGHTS", "subject": "street-light"}, {"department": "CITY", "subject": "*"}],
}
CSV = """\
kind,code,name,name:ko,title,department,parent,reports_to,post,email,role,subject,area,from,until,substitute
department,ROADS,Roads,도로과,,,CITY,,,,,,,,,
department,CITY,City,,,,,,,,,,,,,

post,LIGHTS,,,Street lights,ROADS,,HEAD,,,,,,,,
post,HEAD,,,Head of roads,ROADS,,,,,,,,,,
official,,김영희,,,,,,LIGHTS,kim@city.example,,,,2026-01-01,,
official,,Lee,,,,,,HEAD,lee@city.example,department_head,,,,,
absence,,,,,,,,LIGHTS,,,,,2026-03-01,2026-03-03,HEAD
jurisdiction,,,,,,,,LIGHTS,,,street-light,,,,
jurisdiction,,,,,CITY,,,,,,*,,,,
"""


@pytest.fixture
def city(database: Database) -> Database:
    with database.writing() as session:
        for code in ("officer", "department_head"):
            session.add(Role(code=code, title=Translated.of("en", en=code), permissions=[], builtin=True))
    return database


def imported(database: Database, document: Any, **options: Any) -> ImportReport:
    rows = list(rows_of(document)) if isinstance(document, dict) else document
    with database.writing() as session:
        return import_organisation(session, SYSTEM, rows, zone=SEOUL, **options)


def sizes(database: Database) -> list[int]:
    with database.reading() as session:
        models = (Department, Post, Absence, Jurisdiction, Account, RoleGrant)
        return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def csv_file(folder: Path, text: str | bytes, name: str = "city.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_organisation_comes_in_and_again_changes_nothing(city: Database, tmp_path: Path, kind: str) -> None:
    path = csv_file(tmp_path, CSV if kind == "csv" else json.dumps(CITY), f"city.{kind}")
    first = imported(city, read_rows(path))
    assert first.refused == []
    assert first.created == {"department": 2, "post": 2, "official": 2, "absence": 1, "jurisdiction": 2}
    assert [email.lower() for email in first.accounts] == ["kim@city.example", "lee@city.example"]
    before = sizes(city)
    again = imported(city, read_rows(path))
    assert (again.refused, dict(again.created), dict(again.updated), again.accounts) == ([], {}, {}, [])
    assert again.unchanged == first.created
    assert sizes(city) == before
    with city.reading() as session:
        roads, lights, head = (
            department_by_code(session, "ROADS"),
            post_by_code(session, "LIGHTS"),
            post_by_code(session, "HEAD"),
        )
        assert roads is not None
        assert lights is not None
        assert head is not None
        assert (roads.name.pick("ko").text, lights.reports_to_id) == ("도로과", head.id)
        kim, lee = (account_by_email(session, email) for email in ("kim@city.example", "lee@city.example"))
        assert kim is not None
        assert lee is not None
        assert (kim.kind, kim.password_hash) == ("staff", None)
        granted = [
            (grant.role.code, grant.pairs) for who in (kim, lee) for grant in grants_of(session, who.id, now(session))
        ]
        assert granted == [(role, {("department", roads.id)}) for role in ("officer", "department_head")]
        seats = [post_holder(session, lights, datetime(2026, 3, day, 12, tzinfo=UTC)) for day in (1, 3, 4)]
        # The third is Seoul's last day away; until Lee's seat begins (today) nobody can stand in.
        assert [seat and seat.account_id for seat in seats] == [None, None, kim.id]
        (absence,) = session.scalars(select(Absence))
        assert absence.valid_until == datetime(2026, 3, 4, tzinfo=SEOUL)


def test_a_trial_stores_nothing(city: Database) -> None:
    before = sizes(city)
    report = imported(city, CITY, dry_run=True)
    assert (report.created.total(), report.applied, sizes(city)) == (9, False, before)


BAD: list[tuple[str, Any, str]] = [
    ("departments", {"code": "X"}, "name: Please fill this in"),
    ("departments", {"code": "X Y", "name": "x"}, "code:"),
    ("departments", {"code": "X\x00", "name": "x"}, "code:"),
    ("departments", {"code": "X", "name": "\x00"}, "name:"),
    ("departments", {"code": "X", "name": "x", "colour": "red"}, "colour:"),
    ("departments", {"code": "X", "name": {"zz-top": "x"}}, "name:"),
    ("departments", {"code": "X", "name": ""}, "name:"),
    ("departments", {"code": "X1", "name": "x", "parent": "NONE"}, "no department 'NONE'"),
    ("departments", {"code": "X2", "name": "x", "parent": "X2"}, "no department 'X2'"),
    ("departments", {"code": "CITY", "name": "x"}, "stands already at departments 2"),
    ("departments", {"code": "X", "name": "x", "email": "nobody"}, "email:"),
    ("departments", {"code": "X3", "name": "x", "from": "2026-02-01", "until": "2026-01-01"}, "after the beginning"),
    ("departments", "text", "named fields"),
    ("departments", None, "named fields"),
    ("posts", {"code": "X", "title": "x", "department": "NONE"}, "no department 'NONE'"),
    ("posts", {"code": "X4", "title": "x", "department": "CITY", "reports_to": "NONE"}, "no post 'NONE'"),
    ("officials", {"post": "NONE", "email": "a@b.example", "name": "A"}, "no post 'NONE'"),
    ("officials", {"post": "HEAD", "email": "a@b.example", "name": "A", "role": "king"}, "no role king"),
    ("officials", {"post": "HEAD", "email": "a@b.example", "name": "A", "from": "yesterday"}, "from:"),
    ("officials", {"post": "HEAD", "email": "a@b.example", "name": "A", "from": "2026-02-30"}, "from:"),
    ("officials", {"post": "HEAD", "email": "a@b.example", "name": "A", "until": "9999-12-31"}, "until:"),
    ("absences", {"post": "HEAD", "from": "2026-02-01"}, "until:"),
    ("absences", {"post": "HEAD", "from": "2026-02-01", "until": "2026-02-02", "substitute": "HEAD"}, "itself"),
    ("jurisdictions", {"subject": "x"}, "either a post or a department"),
    ("jurisdictions", {"subject": "x", "post": "HEAD", "department": "CITY"}, "either a post or a department"),
    ("jurisdictions", {"subject": "x", "post": "HEAD", "area": "district:9"}, "no area"),
    ("jurisdictions", {"subject": "x", "post": "HEAD", "area": "nine"}, "LAYER:CODE"),
    ("jurisdictions", {"post": "HEAD"}, "subject:"),
]


def test_every_bad_line_is_named_and_nothing_is_stored(city: Database) -> None:
    document = {kind: list(rows) for kind, rows in CITY.items()}
    expected = []
    for kind, row, reason in BAD:
        document[kind].append(row)
        expected.append((f"{kind} {len(document[kind])}", reason))
    before = sizes(city)
    report = imported(city, document)
    assert sizes(city) == before
    assert not report.applied
    said = {refused.place: refused.reason for refused in report.refused}
    assert said.keys() == {place for place, _reason in expected}
    assert [place for place, reason in expected if reason not in said[place]] == []
    assert all("\n" not in reason for reason in said.values())
    assert report.accounts == ["kim@city.example", "Lee@city.example"]


def test_the_good_lines_are_stored_when_asked(city: Database) -> None:
    document = {**CITY, "jurisdictions": [*CITY["jurisdictions"], {"subject": "x"}]}
    report = imported(city, document, skip_bad=True)
    assert (report.applied, len(report.refused), report.created.total()) == (True, 1, 9)
    assert imported(city, CITY).created == {}


def test_circles_in_a_file_are_refused(city: Database) -> None:
    circle = [{"code": code, "name": code, "parent": parent} for code, parent in (("A", "B"), ("B", "C"), ("C", "A"))]
    report = imported(city, {"departments": [*circle, {"code": "D", "name": "D"}]})
    assert [refused.place for refused in report.refused] == ["departments 1", "departments 2", "departments 3"]


def test_people_need_the_right_to_make_accounts(city: Database) -> None:
    clerk = Actor("account", None, "x", grants=(Grant("clerk", frozenset({"organisation:department:manage"})),))
    with city.writing() as session, pytest.raises(Forbidden):
        import_organisation(session, clerk, list(rows_of(CITY)))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "no column 'kind'"),
        ("a.csv", "code,name\n1,2\n", "no column 'kind'"),
        ("a.csv", "kind,code,code\n", "twice"),
        ("a.csv", "kind,code\n", "holds no row"),
        ("a.csv", 'kind,code\npost,"x\n', "line"),
        ("a.csv", "kind,name\ndepartment,도로과\n".encode("cp949"), "--encoding cp949"),
        ("a.json", "{", "not complete JSON"),
        ("a.json", "[" * 100_000, "nested"),
        ("a.json", "[]", "must hold an object"),
        ("a.json", '{"people": []}', "'people' is not known"),
        ("a.json", '{"posts": {}}', "must be a list"),
        ("a.txt", "kind", ".json or .csv"),
    ],
)
def test_an_unusable_file_is_refused_in_one_line(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    path = csv_file(tmp_path, content, name)
    with pytest.raises(OrganisationFileError) as refused:
        read_rows(path)
    assert reason in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_missing_file_and_a_wrong_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OrganisationFileError, match="cannot be read"):
        read_rows(tmp_path / "none.csv")
    with pytest.raises(OrganisationFileError, match="no encoding"):
        read_rows(csv_file(tmp_path, "kind\n"), "klingon")
    korean = csv_file(tmp_path, "kind,code,name\ndepartment,R,도로과\n".encode("cp949"))
    assert read_rows(korean, "cp949")[0].values == {"code": "R", "name": "도로과"}


def test_lines_with_too_many_cells_or_unknown_kinds_are_named(city: Database, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "kind,code,name\ndepartment,A,Roads, and lights\nking,B,x\n,C,x\n")
    report = imported(city, read_rows(path))
    assert [(one.place, one.reason[:9]) for one in report.refused] == [
        ("line 2", "it has 4 "),
        ("line 3", "its kind "),
        ("line 4", "its kind "),
    ]

"""CSV in and out: a round trip, all or nothing, refusals by line, encodings, and no formulas in spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, SYSTEM
from egovframe.core.i18n import Translated
from egovframe.core.modules.codes import CodeImport, code_of, codes, export_csv, import_csv, put_code, put_code_table
from egovframe.core.modules.codes.reading import neutralised, recovered
from egovframe.core.persistence import Database
from egovframe.errors import Forbidden, Invalid, NotFound

GOOD = """code,parent,title:en,title:ko,position,valid_from,valid_until
leaf,branch,Leaf,잎,1,2026-01-01,2026-12-31
branch,root,Branch,가지,1,,
root,,Root,뿌리,,,
"""


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        put_code_table(session, SYSTEM, "tree", Translated.of("en", en="Tree"))
        yield session


def load(session: Session, text: str | bytes, **options: object) -> CodeImport:
    data = text.encode() if isinstance(text, str) else text
    return import_csv(session, SYSTEM, "tree", data, zone=ZoneInfo("Asia/Seoul"), **options)  # type: ignore[arg-type]


def names(session: Session) -> list[str]:
    return [code.code for code in codes(session, "tree")]


def reasons(report: CodeImport) -> dict[int, str]:
    return {refused.line: str(refused.reason) for refused in report.refused}


def test_children_may_stand_before_their_parents(session: Session) -> None:
    report = load(session, GOOD)
    assert (report.created, report.refused, report.applied) == (3, [], True)
    assert names(session) == ["root", "branch", "leaf"]


def test_a_plain_end_date_is_the_last_day_in_the_citys_zone(session: Session) -> None:
    load(session, GOOD)
    leaf = code_of(session, "tree", "leaf")
    assert leaf is not None
    assert leaf.valid_from is not None
    assert leaf.valid_until is not None
    assert (leaf.valid_from.isoformat(), leaf.valid_until.isoformat()) == (
        "2025-12-31T15:00:00+00:00",
        "2026-12-31T15:00:00+00:00",
    )


def test_the_same_file_again_and_its_export_change_nothing(session: Session) -> None:
    load(session, GOOD)
    for data in (GOOD.encode(), export_csv(session, "tree")):
        report = load(session, data)
        assert (report.created, report.updated, report.unchanged, report.refused) == (0, 0, 3, [])


def test_other_languages_stay_when_a_file_has_only_one(session: Session) -> None:
    load(session, GOOD)
    report = load(session, "code;title\nroot;الجذر\n", language="ar")
    root = code_of(session, "tree", "root")
    assert root is not None
    assert report.updated == 1
    assert dict(root.title.text) == {"en": "Root", "ko": "뿌리", "ar": "الجذر"}


def test_codes_that_the_file_lacks_are_retired_only_when_asked(session: Session) -> None:
    load(session, GOOD)
    only = "code,title:en\nroot,Root\n"
    assert load(session, only).retired == 0
    assert load(session, only, retire_missing=True).retired == 2
    assert load(session, only, retire_missing=True).retired == 0
    assert names(session) == ["root", "branch", "leaf"]


def test_a_trial_stores_nothing(session: Session) -> None:
    report = load(session, GOOD, dry_run=True)
    assert (report.created, report.applied, names(session)) == (3, False, [])


def test_a_language_that_nobody_knows_is_refused(session: Session) -> None:
    assert "qqq" in reasons(load(session, "code,title:qqq\na,b\n"))[2]


def test_every_bad_line_is_listed_and_nothing_is_stored(session: Session) -> None:
    report = load(
        session,
        "code,parent,title:en,position,valid_from,valid_until\n"
        "fine,,Fine,,,\n"
        "a b,,Space in the code,,,\n"
        "twice,,One,,,\n"
        "twice,,Two,,,\n"
        "lost,nowhere,No parent,,,\n"
        "ring1,ring2,Ring,,,\n"
        "ring2,ring1,Ring,,,\n"
        "untitled,,,,,\n"
        "order,,Backwards,,2026-02-01,2026-01-01\n"
        "place,,Place,first,,\n"
        "day,,Day,,2026-02-30,\n"
        "wide,,Wide,,,,more\n"
        '"multi\nline",,Text,,,\n',
    )
    assert sorted(reasons(report)) == [3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]
    assert "line 4" in reasons(report)[5]
    assert "nowhere" in reasons(report)[6]
    assert (report.applied, names(session)) == (False, [])


def test_an_existing_tree_can_be_turned_around(session: Session) -> None:
    load(session, GOOD)
    report = load(session, "code,parent,title:en\nleaf,,Leaf\nbranch,leaf,Branch\nroot,branch,Root\n")
    assert (report.refused, names(session)) == ([], ["leaf", "branch", "root"])


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "first line"),
        (b"name,title\na,b\n", "first line"),
        (b"code,title,code\n", "twice"),
        (b"code,title,colour\n", "colour"),
        (b'code,title\na,"never closed\n', "Line"),
        (("code,title\n" + "도로,보도블록\n" * 40).encode("utf-16"), "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(session: Session, data: bytes, word: str) -> None:
    with pytest.raises(Invalid, match=word):
        load(session, data)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp949", "도로 포장이 파손되었습니다. 가로등이 고장났습니다. 쓰레기가 쌓여 있습니다."),
        ("cp1256", "الطريق متضرر ومصباح الشارع معطل والنفايات متراكمة في الحي القديم من المدينة"),
    ],
)
def test_another_encoding_is_named_and_read_once_it_is_given(session: Session, encoding: str, text: str) -> None:
    data = f"code,title\na,{text}\n".encode(encoding)
    with pytest.raises(Invalid, match="not UTF-8 text, it looks like"):
        load(session, data)
    assert names(session) == []
    assert load(session, data, encoding=encoding, language="ko").created == 1
    stored = code_of(session, "tree", "a")
    assert stored is not None
    assert stored.title.text["ko"] == text


def test_an_unknown_encoding_and_a_huge_file_are_refused(session: Session) -> None:
    with pytest.raises(Invalid, match="not a known encoding"):
        load(session, GOOD, encoding="klingon")
    with pytest.raises(Invalid, match="larger than 10 MB"):
        load(session, b"x" * (10 * 1024 * 1024 + 1))


def test_rights_and_tables_are_checked_first(session: Session) -> None:
    with pytest.raises(Forbidden):
        import_csv(session, ANONYMOUS, "tree", GOOD.encode())
    with pytest.raises(NotFound):
        import_csv(session, SYSTEM, "bush", GOOD.encode())
    with pytest.raises(NotFound):
        export_csv(session, "bush")


def test_an_export_holds_no_formula_and_comes_back_as_it_was(session: Session) -> None:
    title = '=HYPERLINK("http://evil.example";"click")'
    put_code(session, SYSTEM, "tree", "a", Translated.of("en", en=title, ko="'@합계"))
    data = export_csv(session, "tree")
    cells = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1]
    assert cells[:3] == ["a", "'" + title, "''@합계"]
    assert load(session, data).unchanged == 1


@given(st.text())
def test_neutralising_can_always_be_undone(text: str) -> None:
    assert recovered(neutralised(text)) == text
    assert neutralised(text)[:1] not in set("=+-@\t\r\n＝＋－＠")

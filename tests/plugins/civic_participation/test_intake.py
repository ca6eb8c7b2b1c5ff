"""Files as people have them: encodings, separators, broken rows, catalogues of two kinds."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from civic_participation.intake.catalogue import read_catalogue, sentence_case, words_of_code
from civic_participation.intake.columns import BOSTON, recognise
from civic_participation.intake.past_cases import Unusable, parse_line
from civic_participation.intake.tables import Line, Table
from civic_participation.models import Category
from civic_participation.services.catalogue import import_catalogue
from civic_participation.services.filing import TITLE_LENGTH, title_of
from civic_participation.services.redaction import public_text
from flask import Flask
from helpers.complaints import SHARED
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.web import runtime
from egovframe.errors import BadRequest

ZONE = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_a_table_is_read_in_its_own_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "old.csv"
    text = "id;제목\n" + "".join(f"{number};가로등이 꺼져 있어요 어두운 골목길\n" for number in range(60))
    file.write_bytes(text.encode(encoding))
    table = Table(file)
    rows = list(table.lines())
    assert table.headings == ["id", "제목"]
    assert rows[0].cells == {"id": "0", "제목": "가로등이 꺼져 있어요 어두운 골목길"}
    assert [row.number for row in rows[:2]] == [2, 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"   \n ", "empty"),
        (b"\x89PNG\r\n\x00\x00\x00", "not a text file"),
        (b"a,b,a\n1,2,3\n", "twice"),
        (b'a,b\n1,"' + b"x" * 30_000 + b'"\n', "cannot be read"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    with pytest.raises(BadRequest, match=said) as caught:
        list(Table(file).lines())
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="nowhere"):
        Table(tmp_path / "nowhere.csv")


def test_new_yorks_columns_are_recognised() -> None:
    found = recognise(["Unique Key", "Created Date", "Closed Date", "Agency", "Complaint Type", "Borough", "Status"])
    assert found["id"] == "Unique Key"
    assert found["category"] == "Complaint Type"
    assert found["area"] == "Borough"


def test_unknown_columns_can_be_mapped_and_missing_ones_are_named() -> None:
    with pytest.raises(BadRequest, match="opened, category"):
        recognise(["id", "x"])
    found = recognise(["Nr", "Datum", "Art"], {"Nr": "id", "Datum": "opened", "Art": "category"})
    assert found == {"id": "Nr", "opened": "Datum", "category": "Art"}
    with pytest.raises(BadRequest, match="no field"):
        recognise(["Nr"], {"Nr": "number"})
    with pytest.raises(BadRequest, match="no column"):
        recognise(["Nr"], {"Datum": "opened"})


@given(st.dictionaries(st.sampled_from(sorted(BOSTON)), st.text(max_size=60)))
def test_no_line_whatever_it_holds_breaks_the_import(cells: dict[str, str]) -> None:
    columns = {field: heading for heading, field in BOSTON.items()}
    try:
        past = parse_line(Line(2, cells), columns, ZONE)
    except Unusable as error:
        reason = str(error)
    else:
        reason = "" if past.source_id and past.opened.tzinfo is not None else "no id or no zone"
        assert not reason
        return
    assert reason


def test_a_catalogue_of_digit(tmp_path: Path) -> None:
    file = tmp_path / "services.json"
    good = {
        "serviceCode": "NoWater",
        "name": "NO WATER SUPPLY",
        "slaHours": 72,
        "department": "D1",
        "menuPath": "WaterRelated",
    }
    file.write_text(
        json.dumps([{"data": good}, {"data": {**good, "slaHours": -1}}, {"data": good}, 7]), encoding="utf-8"
    )
    read = read_catalogue(file)
    assert [(item.code, item.names["en"], item.hours) for item in read.items] == [("NoWater", "No water supply", 72)]
    assert [(number, reason.split(":")[0]) for number, _code, reason in read.refused] == [
        (2, "slaHours"),
        (3, "the code stands already at 1"),
        (4, "Send an object with named fields."),
    ]


def test_our_own_catalogue_in_several_languages(tmp_path: Path) -> None:
    file = tmp_path / "services.csv"
    file.write_text("code,name_en,name_ko,hours,mode,keywords\nlight,Light,가로등,24,working,lamp\n", encoding="utf-8")
    item = read_catalogue(file).items[0]
    assert dict(item.names) == {"en": "Light", "ko": "가로등"}
    assert (item.hours, item.mode) == (24, "working")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "{", "cannot be read as JSON"),
        ("a.json", '{"a": 1}', "no list"),
        ("a.json", "[" * 100_000, "cannot be read as JSON"),
        ("a.csv", "name\nx\n", "needs the columns"),
        ("a.txt", "x", "give a .json or .csv"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, name: str, content: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadRequest, match=said):
        read_catalogue(file)


def test_a_catalogue_twice_changes_nothing_and_keeps_the_citys_words(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "services.csv"
    file.write_text("code,name_en,department,hours\nlight,Light,roads,24\n", encoding="utf-8")
    database = runtime(app).database
    with app.app_context():
        with database.writing() as session:
            first = import_catalogue(session, SYSTEM, read_catalogue(file))
            category = session.scalars(select(Category)).one()
            category.name = category.name.with_text("ko", "가로등")
        with database.writing() as session:
            second = import_catalogue(session, SYSTEM, read_catalogue(file))
            assert session.scalars(select(Category)).one().name.pick("ko").text == "가로등"
    assert (first.created, first.departments) == (["light"], ["roads"])
    assert (second.unchanged, second.updated) == (["light"], [])


def test_the_real_catalogue_of_nairobi() -> None:
    file = SHARED / "nairobi_service_catalogue.json"
    if not file.exists():
        pytest.skip("shared/data/nairobi_service_catalogue.json is not beside this checkout")
    read = read_catalogue(file)
    assert (len(read.items), read.refused) == (37, [])
    assert all(item.hours and item.department for item in read.items)


def test_names_read_like_words() -> None:
    assert sentence_case("NO WATER SUPPLY") == "No water supply"
    assert sentence_case("WiFi in parks") == "WiFi in parks"
    assert words_of_code("WaterRelated") == "Water related"
    assert words_of_code("dept_01") == "dept 01"


def test_what_reaches_people_is_covered() -> None:
    covered = public_text("Call 010-1234-5678, +82 2 120 3344, kim.lee@city.example or 880101-1234567.")
    assert covered == "Call •••, •••, ••• or •••."
    kept = "House 12, 3rd floor, since 21.11., 4 lamps, C-2026-000001"
    assert public_text(kept) == kept


@given(st.text(max_size=400))
def test_a_title_is_one_short_line_without_personal_data(text: str) -> None:
    title = title_of(text)
    assert len(title) <= TITLE_LENGTH + 1
    assert "\n" not in title
    assert title_of(title).rstrip("….") == title.rstrip("….") or len(title) > 12


def test_covering_reads_hostile_text_once() -> None:
    hostile = "1" * 20_000 + "@" + "a." * 5_000 + "(" * 10_000 + "x" * 60_000
    assert "x" * 60_000 in public_text(hostile)

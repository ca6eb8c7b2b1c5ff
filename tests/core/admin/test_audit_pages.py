"""The auditor finds who did what, follows it in two clicks, verifies and exports it, and can change nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth import account_by_public_id
from egovframe.core.modules.admin.audit_views import filter_of
from egovframe.core.modules.audit import (
    AuditCheck,
    AuditEntry,
    SignedHead,
    audit,
    audit_refusal,
    csv_value,
    daily_heads,
    export_fits,
    heads_key,
    last_check,
    publish_daily_head,
    seal,
    search_entries,
)
from egovframe.core.modules.jobs import build_worker
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.clock import Clock
from egovframe.testing.databases import tamper
from egovframe.testing.factories import Factory
from egovframe.testing.visits import submit, token_of

PAGE = "/en/admin/audit"


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def base(app: Flask) -> Database:
    return runtime(app).database


@pytest.fixture
def officer(make: Factory) -> Actor:
    person = make.account("officer", kind="staff")
    make.official(person, make.department("roads"), "street-lights")
    return person


@pytest.fixture
def auditor(make: Factory) -> FlaskClient:
    return make.client(make.account("auditor", kind="staff"))


@pytest.fixture
def story(base: Database, officer: Actor) -> Actor:
    """Three changes by an officer and a refusal."""
    with base.writing() as session:
        audit(session, officer, "codes:code:put", "code:lamps/7", before={"title": "old"}, after={"title": "new"})
        audit(session, officer, "codes:code:delete", "code:lamps/8", before={"x": {"personal": "t.c"}}, reason="=1+1")
        audit(session, officer, "nowhere:thing:declared", "code:lamps/7", after={"list": [1, True, None]})
    audit_refusal(base, ANONYMOUS, "auth:session:begin", "account:unknown")
    seal(base)
    return officer


def rows(page: str) -> list[str]:
    return re.findall(r'href="/en/admin/audit/entries/(\d+)"', page)


def test_the_list_says_who_did_what_in_words(auditor: FlaskClient, story: Actor) -> None:
    page = auditor.get(PAGE).text
    assert "Deleted a code that was not in use" in page
    assert "Street-Lights" in page  # the post, not the name
    assert story.name not in page
    assert "nowhere:thing:declared" in page  # without a title: the action itself
    assert "Refused" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("thing=code:lamps/7", 2),
        ("thing=code:", 3),
        ("thing=code:lamps", 0),
        ("action=codes:code:put", 1),
        ("action=codes:", 2),
        ("outcome=refused", 1),
        ("outcome=refused&actor=anonymous", 1),
        ("actor=system&outcome=refused", 0),
        ("request_id=nothing", 0),
        ("since=2999-01-01", 0),
        ("until=2000-01-01", 0),
        ("since=2000-01-01&until=2999-01-01&thing=code:", 3),
    ],
)
def test_each_filter_narrows(auditor: FlaskClient, story: Actor, query: str, count: int) -> None:
    assert len(rows(auditor.get(f"{PAGE}?{query}").text)) == count


def test_a_person_is_found_by_label_by_number_and_by_address(
    auditor: FlaskClient, story: Actor, base: Database
) -> None:
    with base.reading() as session:
        account = account_by_public_id(session, story.public_id)
        assert account is not None
        email = account.email
    for asked in (story.label, story.public_id, email):
        assert len(rows(auditor.get(PAGE, query_string={"actor": asked}).text)) == 3, asked
    assert rows(auditor.get(PAGE, query_string={"actor": "stranger@test.example"}).text) == []


def test_days_are_those_of_the_city(app: Flask, base: Database, clock: Clock, officer: Actor) -> None:
    clock.travel_to(datetime(2027, 3, 1, 16, 0, tzinfo=UTC))  # 1 a.m. on 2 March in Seoul
    with base.writing() as session:
        audit(session, officer, "codes:code:put", "code:night/1")
    with app.app_context():
        found = [len(rows_of(base, day)) for day in (date(2027, 3, 1), date(2027, 3, 2), date(2027, 3, 3))]
    assert found == [0, 1, 0]


def rows_of(base: Database, day: date) -> list[AuditEntry]:
    given = {"actor": "", "action": "", "thing": "code:night/1", "outcome": "", "request_id": ""}
    with base.reading() as session:
        return search_entries(session, filter_of(session, {**given, "since": day, "until": day})).items


@pytest.mark.parametrize("query", ["since=tomorrow", "outcome=maybe", "cursor=%00", f"thing={'x' * 300}"])
def test_a_search_that_makes_no_sense_is_said_so(auditor: FlaskClient, query: str) -> None:
    assert auditor.get(f"{PAGE}?{query}").status_code in {400, 422}


def test_what_makes_no_sense_is_named_as_the_page_names_it(auditor: FlaskClient) -> None:
    for page in (PAGE, f"{PAGE}/looks"):
        told = re.search(r"<li>([^<:]+): ", auditor.get(f"{page.replace('/en/', '/ko/')}?since=tomorrow").text)
        assert told is not None
        assert told[1] != "since"
        assert f"<span>{told[1]}</span>" in auditor.get(page.replace("/en/", "/ko/")).text


def test_what_did_this_person_do_and_who_touched_this_are_one_link_away(auditor: FlaskClient, story: Actor) -> None:
    (number,) = rows(auditor.get(f"{PAGE}?action=codes:code:put").text)
    page = auditor.get(f"{PAGE}/entries/{number}").text
    assert "Added or changed a code" in page
    assert "<bdi>old</bdi>" in page
    assert "<strong><bdi>new</bdi></strong>" in page
    assert re.search(r"Link \d+\.", page)
    thing = re.search(r'href="([^"]+)">Everything that was done to this', page)
    person = re.search(r'href="([^"]+)">Everything that this person did', page)
    assert thing is not None
    assert person is not None
    assert len(rows(auditor.get(thing[1].replace("&amp;", "&")).text)) == 2
    assert len(rows(auditor.get(person[1].replace("&amp;", "&")).text)) == 3


def test_neighbours_lead_along_the_chain(auditor: FlaskClient, story: Actor) -> None:
    (number,) = rows(auditor.get(f"{PAGE}?action=codes:code:delete").text)
    page = auditor.get(f"{PAGE}/entries/{number}").text
    assert "(personal, not kept here)" in page
    assert set(rows(page)) - {number} == {str(int(number) - 1), str(int(number) + 1)}


def test_an_entry_that_waits_says_so(auditor: FlaskClient, base: Database, officer: Actor) -> None:
    with base.writing() as session:
        audit(session, officer, "codes:code:put", "code:waits/1")
    (number,) = rows(auditor.get(f"{PAGE}?thing=code:waits/1").text)
    assert "It waits for its seal" in auditor.get(f"{PAGE}/entries/{number}").text
    assert auditor.get(f"{PAGE}/entries/999999").status_code == 404


def test_long_lists_go_on_with_their_filter(auditor: FlaskClient, base: Database, officer: Actor) -> None:
    with base.writing() as session:
        for n in range(120):
            audit(session, officer, "codes:code:put", f"code:many/{n}")
    seen: list[str] = []
    address: str | None = f"{PAGE}?thing=code:many/"[: -len("many/")]
    while address:
        page = auditor.get(address).text
        seen += rows(page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else None
    assert len(seen) == len(set(seen)) == 120


def test_verify_now_runs_as_a_job_and_shows_its_outcome(
    app: Flask, auditor: FlaskClient, base: Database, story: Actor, tmp_path: Path
) -> None:
    hands = build_worker(base, runtime(app).hooks, context=app.app_context, heads=tmp_path / "heads.jsonl")
    assert "has not been verified yet" in auditor.get(f"{PAGE}/chain").text
    assert submit(auditor, f"{PAGE}/chain", f"{PAGE}/verify").status_code == 303
    hands.run_pending()
    page = auditor.get(f"{PAGE}/chain").text
    assert re.search(r"Verified .*: all \d+ links hold", page)
    assert re.search(r'class="code" dir="ltr">[0-9a-f]{64}<', page)  # today's head was published, too
    with base.reading() as session:
        found = last_check(session)
        assert found is not None
        assert found.ok
    tamper(base, "UPDATE core_audit SET reason = 'x' WHERE thing = 'code:lamps/7'")
    submit(auditor, f"{PAGE}/chain", f"{PAGE}/verify")
    hands.run_pending()
    assert "does not fit" in auditor.get(f"{PAGE}/chain").text
    assert "does not fit" in auditor.get(PAGE).text


def test_the_chain_is_verified_and_published_once_a_day(
    app: Flask, base: Database, story: Actor, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "heads.jsonl"
    hands = build_worker(base, runtime(app).hooks, context=app.app_context, heads=path)
    for _ in range(3):
        hands.run_pending()
        hands.run_pending()
        clock.move(timedelta(days=1))
    with base.reading() as session:
        assert session.query(AuditCheck).count() == 3
        assert len(daily_heads(session)) == 3
    assert len(path.read_text().splitlines()) >= 3


def exported(client: FlaskClient, tmp_path: Path, form: str, **narrow: str) -> tuple[bytes, dict[str, Any]]:
    token = token_of(client, PAGE)
    answer = client.post(f"{PAGE}/export", data={"csrf_token": token, "format": form, **narrow})
    assert answer.status_code == 200, answer.text
    data = answer.data
    answer.close()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(f"audit.{form}"), json.loads(archive.read("manifest.json"))


def test_an_export_holds_what_was_asked_for_and_is_itself_recorded(
    auditor: FlaskClient, base: Database, story: Actor, tmp_path: Path
) -> None:
    body, manifest = exported(auditor, tmp_path, "csv", thing="code:")
    lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [line["action"] for line in lines] == ["codes:code:put", "codes:code:delete", "nowhere:thing:declared"]
    assert lines[1]["reason"] == "'=1+1"
    assert csv_value(lines[1]["reason"]) == "=1+1"
    assert manifest["rows"] == 3
    assert manifest["filter"] == {"thing": "code:"}
    (number,) = rows(auditor.get(f"{PAGE}?action=audit:record:export").text)
    assert manifest["sha256"] in auditor.get(f"{PAGE}/entries/{number}").text
    assert "Exported the audit record" in auditor.get(f"{PAGE}/entries/{number}").text
    file = tmp_path / "audit.csv"
    file.write_bytes(body)
    with base.reading() as session:
        key = heads_key(session)
    assert export_fits(file, manifest, key)
    assert not export_fits(file, {**manifest, "rows": 4}, key)
    assert not export_fits(file, manifest, "00" * 32)
    file.write_bytes(body + b"x")
    assert not export_fits(file, manifest, key)


def test_json_lines_keep_every_value(auditor: FlaskClient, story: Actor, tmp_path: Path) -> None:
    body, manifest = exported(auditor, tmp_path, "jsonl", action="nowhere:thing:declared")
    (line,) = [json.loads(text) for text in body.decode().splitlines()]
    assert line["after"] == {"list": [1, True, None]}
    assert line["link"] > 0
    assert manifest["format"] == "jsonl"


def test_nobody_else_gets_in_and_the_auditor_changes_nothing(app: Flask, make: Factory, story: Actor) -> None:
    visitor, officer = app.test_client(), make.client(make.account("officer", kind="staff"))
    for path in (PAGE, f"{PAGE}/chain", f"{PAGE}/entries/1", f"{PAGE}/heads.jsonl"):
        assert visitor.get(path).status_code in {303, 401, 403}, path
        assert officer.get(path).status_code == 403, path
    auditor = make.client(make.account("auditor", kind="staff"))
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin_audit.") and "POST" in (rule.methods or set()):
            assert rule.endpoint in {"admin_audit.verify_now", "admin_audit.export"}
    token = token_of(auditor, f"{PAGE}/chain")
    refused = auditor.post("/en/admin/plugins/civic_participation/switch", data={"csrf_token": token, "enabled": "0"})
    assert refused.status_code == 403
    assert auditor.post(f"{PAGE}/export", data={}).status_code == 400  # without the form's token


def test_programs_of_auditors_search_it_too(app: Flask, client: FlaskClient, make: Factory, story: Actor) -> None:
    auditor, officer = make.token(make.account("auditor", kind="staff")), make.token(make.account("officer"))
    found = client.get("/api/v1/audit?thing=code:&page_size=2", headers=auditor).get_json()
    assert [entry["action"] for entry in found["entries"]] == ["nowhere:thing:declared", "codes:code:delete"]
    more = client.get(f"/api/v1/audit?thing=code:&cursor={found['next_cursor']}", headers=auditor).get_json()
    assert [entry["title"] for entry in more["entries"]] == ["Added or changed a code"]
    assert more["next_cursor"] is None
    (entry,) = more["entries"]
    assert client.get(f"/api/v1/audit/entries/{entry['id']}", headers=auditor).get_json() == entry
    assert client.get("/api/v1/audit", headers=officer).status_code == 403
    assert client.get("/api/v1/audit").status_code == 401
    assert client.get("/api/v1/audit?colour=red", headers=auditor).status_code == 400


def test_anybody_may_keep_the_published_heads(client: FlaskClient, base: Database, story: Actor) -> None:
    assert client.get("/api/v1/audit/heads").get_json()["heads"] == []
    head = publish_daily_head(base)
    assert head is not None
    found = client.get("/api/v1/audit/heads").get_json()
    (kept,) = [SignedHead(**one) for one in found["heads"]]
    assert kept == head
    assert kept.holds(found["public_key"])
    assert not SignedHead(kept.n + 1, kept.hash, kept.at, kept.signature).holds(found["public_key"])
    assert f"{kept.n} {kept.hash}" in client.get("/status").get_json()["facts"]["core.modules.audit"]["audit_head"]

"""One person behind any number of accounts: evidence, clashes, decisions, races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from egovframe.actor import ANONYMOUS, SYSTEM, Actor
from egovframe.core.auth import (
    Account,
    Evidence,
    Outcome,
    Person,
    PersonClash,
    Verification,
    account_by_email,
    actor_of_account,
    count_persons,
    decide_clash,
    declare_identity_settings,
    note_provider_claims,
    person_of,
    verify_resident,
    withdraw_verification,
)
from egovframe.core.auth.hooks import end_verifications
from egovframe.core.auth.persons import PersonKey
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.events import EventRow
from egovframe.core.modules.settings import put
from egovframe.core.persistence import Database, now
from egovframe.errors import Conflict, Forbidden, Invalid
from egovframe.testing.clock import Clock

BORN = date(1980, 2, 29)
MINSEO = Evidence("Kim Min-seo", BORN, "04524")
MOVED = Evidence("Kim Min-seo", BORN, "99999")


def actor(city: Any, account_id: int) -> Actor:
    with city.database.reading() as session:
        return actor_of_account(session, session.get_one(Account, account_id))


def verify(city: Any, account_id: int, evidence: Evidence, by: Actor = SYSTEM) -> Outcome:
    with city.database.writing() as session:
        account = session.get_one(Account, account_id)
        return verify_resident(session, by, account, evidence, source="passport")


def claims(city: Any, account_id: int, subject: str, **said: Any) -> Outcome | None:
    with city.database.writing() as session:
        account = session.get_one(Account, account_id)
        return note_provider_claims(session, account, "nation", subject, {"resident": True, **said})


def persons(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(Person).where(Person.merged_into_id.is_(None))) or 0)


@pytest.fixture
def two(city: Any) -> tuple[int, int]:
    """Two accounts."""
    return city.person("one@city.example"), city.person("two@city.example")


def test_a_verified_account_knows_its_person_and_level(city: Any, two: tuple[int, int]) -> None:
    before = actor(city, two[0])
    assert (before.assurance, before.person_id) == ("registered", None)
    done = verify(city, two[0], MINSEO)
    after = actor(city, two[0])
    assert done.verification is not None
    assert (after.assurance, after.person_id) == ("resident_verified", done.verification.person_id)
    assert after.reaches("contact_verified")
    assert not actor(city, two[1]).reaches("contact_verified")


@pytest.mark.parametrize(
    "again",
    [
        Evidence("  KIM   min-seo ", BORN, "04524"),
        Evidence("\uff2b\uff49\uff4d Min-seo", BORN, " 045 24"),
    ],
)
def test_several_accounts_of_one_person_count_once(city: Any, two: tuple[int, int], again: Evidence) -> None:
    first, second = verify(city, two[0], MINSEO), verify(city, two[1], again)
    assert first.verification is not None
    assert second.verification is not None
    assert first.verification.person_id == second.verification.person_id
    with city.database.reading() as session:
        assert count_persons(session, list(two)) == 1
        assert count_persons(session, select(Account.id)) == 1
        assert count_persons(session, []) == 0


def test_different_people_count_each(city: Any, two: tuple[int, int]) -> None:
    verify(city, two[0], MINSEO)
    verify(city, two[1], Evidence("Lee Ji-ho", BORN, "04524"))
    with city.database.reading() as session:
        assert count_persons(session, list(two)) == 2


def test_nothing_readable_is_stored(city: Any, two: tuple[int, int]) -> None:
    verify(city, two[0], MINSEO)
    claims(city, two[1], "subject-4711", name="Lee Ji-ho", birth_date="1990-01-02", address_code="12-34-door")
    with city.database.reading() as session:
        names = ["core_person", "core_person_key", "core_verification", "core_person_clash", "core_audit", "core_event"]
        everything = str([session.execute(text(f"SELECT * FROM {name}")).all() for name in names]).casefold()
    for word in ("kim", "min-seo", "04524", "1980", "ji-ho", "subject-4711", "12-34-door"):
        assert word not in everything
    assert "passport" in everything  # the control: what may be stored is found


def test_two_hundred_at_once_are_one_person(city: Any) -> None:
    ids = [city.person(f"person{number}@city.example") for number in range(200)]
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda account_id: verify(city, account_id, MINSEO), ids))
    assert all(each.verification is not None for each in done)
    assert persons(city.database) == 1
    with city.database.reading() as session:
        assert count_persons(session, ids) == 1
        assert session.scalar(select(func.count()).select_from(Verification)) == 200


def test_alike_at_once_is_one_person_and_questions(city: Any) -> None:
    """Same name and birth date, ten addresses, at once: one is bound, nine wait for an official."""
    ids = [city.person(f"person{number}@city.example") for number in range(10)]
    with ThreadPoolExecutor(10) as pool:
        jobs = enumerate(ids)
        done = list(pool.map(lambda job: verify(city, job[1], Evidence("Kim Min-seo", BORN, f"door{job[0]}")), jobs))
    assert sorted(each.clash.kind if each.clash else "" for each in done) == [""] + ["likeness"] * 9
    assert persons(city.database) == 1


def test_somebody_alike_waits_for_an_official(city: Any, two: tuple[int, int]) -> None:
    verify(city, two[0], MINSEO)
    doubtful = verify(city, two[1], MOVED)
    assert doubtful.verification is None
    assert doubtful.clash is not None
    assert actor(city, two[1]).assurance == "registered"
    assert verify(city, two[1], MOVED).clash.public_id == doubtful.clash.public_id  # type: ignore[union-attr]


def test_the_account_that_moved_stays_the_person(city: Any, two: tuple[int, int]) -> None:
    first, second = verify(city, two[0], MINSEO), verify(city, two[0], MOVED)
    assert first.verification is not None
    assert second.verification is not None
    assert first.verification.person_id == second.verification.person_id
    third = verify(city, two[1], MOVED)
    assert third.verification is not None
    assert third.verification.person_id == first.verification.person_id


def clash_of(city: Any, two: tuple[int, int]) -> str:
    verify(city, two[0], MINSEO)
    clash = verify(city, two[1], MOVED).clash
    assert clash is not None
    return clash.public_id


@pytest.mark.parametrize(
    ("decision", "count", "level"), [("same", 1, True), ("different", 2, True), ("refused", 1, False)]
)
def test_an_official_decides(city: Any, two: tuple[int, int], decision: str, count: int, level: bool) -> None:
    public_id = clash_of(city, two)
    with city.database.writing() as session:
        decide_clash(session, SYSTEM, public_id, decision, reason="compared with the register")
    assert actor(city, two[1]).reaches("resident_verified") is level
    assert persons(city.database) == count
    with city.database.reading() as session:
        entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "auth:resident:decide"))
        assert entry is not None
        assert entry.reason == "compared with the register"


def test_told_apart_stays_apart(city: Any, two: tuple[int, int]) -> None:
    public_id = clash_of(city, two)
    with city.database.writing() as session:
        decide_clash(session, SYSTEM, public_id, "different", reason="another number in the register")
    third = city.person("three@city.example")
    again = verify(city, third, MOVED)
    assert again.verification is not None
    assert again.verification.person_id == actor(city, two[1]).person_id
    fourth = verify(city, city.person("four@city.example"), Evidence("Kim Min-seo", BORN, "somewhere else"))
    assert fourth.clash is not None
    assert len(fourth.clash.candidates) == 2


def test_a_decision_needs_a_reason_a_right_and_happens_once(city: Any, two: tuple[int, int]) -> None:
    public_id = clash_of(city, two)
    wrong: list[tuple[Actor, str, str, type[Exception]]] = [
        (SYSTEM, "same", " ", Invalid),
        (SYSTEM, "both", "reason", Invalid),
        (actor(city, two[1]), "same", "reason", Forbidden),
        (ANONYMOUS, "same", "reason", Forbidden),
    ]
    for who, decision, reason, refusal in wrong:
        with pytest.raises(refusal), city.database.writing() as session:
            decide_clash(session, who, public_id, decision, reason=reason)
    assert actor(city, two[1]).person_id is None
    with city.database.writing() as session:
        decide_clash(session, SYSTEM, public_id, "same", reason="reason")
    with pytest.raises(Conflict), city.database.writing() as session:
        decide_clash(session, SYSTEM, public_id, "different", reason="reason")


def test_a_provider_vouches(city: Any, two: tuple[int, int]) -> None:
    assert claims(city, two[0], "a", resident=False) is None
    assert actor(city, two[0]).person_id is None
    first, second = claims(city, two[0], "a"), claims(city, two[1], "a")
    assert first is not None
    assert first.verification is not None
    assert second is not None
    assert second.verification is not None
    assert first.verification.person_id == second.verification.person_id


def test_a_provider_that_says_it_again_changes_nothing(city: Any, two: tuple[int, int], clock: Clock) -> None:
    declare_identity_settings(city.database)
    with city.database.writing() as session:
        put(session, SYSTEM, "auth.verification_days", "10")
    claims(city, two[0], "a")
    clock.move(timedelta(days=6))
    claims(city, two[0], "a")
    clock.move(timedelta(days=6))
    assert actor(city, two[0]).assurance == "resident_verified"  # its time began anew
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Verification)) == 1
        assert session.scalar(select(func.count()).where(EventRow.name == "auth.ResidentVerified")) == 1


def test_a_provider_and_a_document_that_disagree_are_asked_about(city: Any, two: tuple[int, int]) -> None:
    verify(city, two[0], MINSEO)
    claims(city, two[1], "a")
    third = city.person("three@city.example")
    both = claims(city, third, "a", name="Kim Min-seo", birth_date=BORN.isoformat(), address_code="04524")
    assert both is not None
    assert both.clash is not None
    assert both.clash.kind == "persons"
    kept = actor(city, two[0]).person_id
    with city.database.writing() as session:
        person = session.get_one(Person, kept)
        decide_clash(session, SYSTEM, both.clash.public_id, "same", person=person.public_id, reason="one human being")
    assert {actor(city, each).person_id for each in (*two, third)} == {kept}
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).where(EventRow.name == "auth.PersonsMerged")) == 1


def test_another_subject_of_the_same_provider_is_asked_about(city: Any, two: tuple[int, int]) -> None:
    facts = {"name": "Kim Min-seo", "birth_date": BORN.isoformat(), "address_code": "04524"}
    claims(city, two[0], "a", **facts)
    other = claims(city, two[1], "b", **facts)
    assert other is not None
    assert other.clash is not None
    assert other.clash.kind == "provider"


def test_an_account_that_becomes_somebody_else_is_asked_about(city: Any, two: tuple[int, int]) -> None:
    verify(city, two[0], MINSEO)
    other = verify(city, two[0], Evidence("Lee Ji-ho", BORN, "1"))
    assert other.clash is not None
    assert other.clash.kind == "other_person"


def test_only_who_may_verifies_and_nobody_verifies_oneself(city: Any, two: tuple[int, int]) -> None:
    official = city.person("registrar@city.example", "registrar", kind="staff")
    assert verify(city, two[0], MINSEO, actor(city, official)).verification is not None
    for who, whom in ((actor(city, two[0]), two[1]), (ANONYMOUS, two[1]), (actor(city, official), official)):
        with pytest.raises(Forbidden):
            verify(city, whom, Evidence("Somebody", BORN, "1"), who)


def test_a_verification_is_withdrawn_with_a_reason(city: Any, two: tuple[int, int]) -> None:
    verify(city, two[0], MINSEO)
    with pytest.raises(Invalid), city.database.writing() as session:
        withdraw_verification(session, SYSTEM, session.get_one(Account, two[0]), "")
    with city.database.writing() as session:
        withdraw_verification(session, SYSTEM, session.get_one(Account, two[0]), "moved away")
    assert (actor(city, two[0]).assurance, actor(city, two[0]).person_id) == ("registered", None)
    with city.database.reading() as session:
        account = account_by_email(session, "one@city.example")
        assert account is not None
        assert person_of(session, account) is None
        assert count_persons(session, list(two)) == 0
        assert session.scalar(select(func.count()).where(EventRow.name == "auth.VerificationEnded")) == 1
    with pytest.raises(Conflict), city.database.writing() as session:
        withdraw_verification(session, SYSTEM, session.get_one(Account, two[0]), "moved away")


def test_a_verification_ends_where_the_city_says_so(city: Any, two: tuple[int, int], clock: Clock) -> None:
    verify(city, two[1], Evidence("Lee Ji-ho", BORN, "1"))
    with city.database.writing() as session:
        put(session, SYSTEM, "auth.verification_days", "365")
    verify(city, two[0], MINSEO)
    clock.move(timedelta(days=366))
    assert actor(city, two[0]).assurance == "registered"  # at once, without waiting for the job
    assert actor(city, two[1]).assurance == "resident_verified"
    with city.database.writing() as session:
        end_verifications(session, {})
        assert session.get_one(Account, two[0]).assurance == "registered"
        ended = session.scalars(select(Verification).where(Verification.ended_as == "expired")).all()
        assert [each.account_id for each in ended] == [two[0]]
        assert ended[0].ended_at is not None
        assert ended[0].ended_at <= now(session)


@pytest.mark.parametrize(
    "evidence", [Evidence("Kim"), Evidence("Kim", BORN), Evidence("", BORN, "1"), Evidence(provider="x")]
)
def test_half_evidence_is_none(city: Any, two: tuple[int, int], evidence: Evidence) -> None:
    with pytest.raises(ValueError, match="evidence"):
        verify(city, two[0], evidence)


def test_every_digest_belongs_to_one_person(city: Any, two: tuple[int, int]) -> None:
    verify(city, two[0], MINSEO)
    with pytest.raises(Exception, match=r"(?i)unique"), city.database.writing() as session:
        key = session.scalars(select(PersonKey)).first()
        person = Person(created_at=now(session))
        session.add(person)
        session.flush()
        session.add(PersonKey(person_id=person.id, kind=key.kind, digest=key.digest, created_at=now(session)))
        session.flush()
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PersonClash)) == 0

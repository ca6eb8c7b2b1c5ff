"""How declared columns lead to people: every table's, by the declaration alone."""

from __future__ import annotations

import pytest
from sqlalchemy import ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from egovframe.app import core_hooks
from egovframe.core.modules.privacy import Subject, Unresolvable, facets, personal, personal_columns
from egovframe.core.modules.privacy.emptying import emptied
from egovframe.core.modules.privacy.subjects import standing_for
from egovframe.core.persistence import BigId
from egovframe.testing.schema import import_models


def test_every_declared_column_of_core_and_plugins_leads_to_somebody() -> None:
    import_models()
    led = {f"{facet.table.name}.{column.name}" for facet in facets() for column in facet.columns}
    assert led == set(personal_columns())
    for facet in facets():
        kinds = [kind for kind in ("account", "case") if facet.of(Subject(kind, 1)) is not None]
        assert kinds, f"{facet.name} leads to nobody"
        assert facet.sheet.title, f"{facet.table.name} has no title: declare subjects({facet.table.name}, title=…)"
        assert facet.table.primary_key.columns


def test_every_kind_of_record_has_words_of_its_own_for_administrators_and_every_column_has_them_for_its_person() -> (
    None
):
    import_models()
    said = [(facet.table.name, str(facet.record)) for facet in facets()]
    assert [name for name, record in said if record == name or record.startswith("core_")] == []
    assert len({record for _name, record in said}) == len(said), "two kinds of records are called the same"
    unnamed = [
        f"{facet.table.name}.{column.name}"
        for facet in facets()
        for column in facet.columns
        if column.name not in facet.sheet.shows
    ]
    assert unnamed == []


def test_every_retention_code_has_a_rule_whose_clock_runs() -> None:
    import_models()
    rules = {rule.code: rule for rule in core_hooks(strict=True).collect("retention_rules")}
    from civic_participation.hooks import retention_rules

    rules.update({rule.code: rule for rule in retention_rules()})
    for facet in facets():
        if facet.retention:
            assert facet.retention in rules, f"{facet.name}: no room answers retention_rules with {facet.retention!r}"
            facet.clock(rules[facet.retention].since)  # raises where the table knows no such instant
    assert [code for code, rule in rules.items() if not str(rule.counted_from)] == []


def test_what_is_overwritten_can_be_empty() -> None:
    import_models()
    for facet in facets():
        if facet.sheet.rows == "overwrite":
            for column in facet.columns:
                emptied(column)


def _town() -> tuple[MetaData, type[DeclarativeBase]]:
    class Town(DeclarativeBase):
        metadata = MetaData()

    return Town.metadata, Town


def test_a_column_that_leads_nowhere_is_refused() -> None:
    metadata, town = _town()

    class Parent(town):  # type: ignore[misc, valid-type]
        __tablename__ = "parent"
        id: Mapped[int] = mapped_column(BigId, primary_key=True)

    class Child(town):  # type: ignore[misc, valid-type]
        __tablename__ = "child"
        id: Mapped[int] = mapped_column(BigId, primary_key=True)
        parent_id: Mapped[int] = mapped_column(ForeignKey(Parent.id))
        words: Mapped[str] = personal(String(20), purpose="x", retention="x", subject="parent_id", openly=True)

    with pytest.raises(Unresolvable, match=r"child.parent_id refers to parent, which leads to nobody"):
        facets(metadata)


def test_a_foreign_key_to_a_table_that_leads_on_is_enough() -> None:
    metadata, town = _town()

    class Visit(town):  # type: ignore[misc, valid-type]
        __tablename__ = "visit"
        id: Mapped[int] = mapped_column(BigId, primary_key=True)
        account_id: Mapped[int | None] = mapped_column(BigId)
        room: Mapped[str] = personal(String(20), purpose="x", retention="x", subject="account_id")

    class Remark(town):  # type: ignore[misc, valid-type]
        __tablename__ = "remark"
        id: Mapped[int] = mapped_column(BigId, primary_key=True)
        visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id))
        words: Mapped[str] = personal(String(20), purpose="x", retention="x", subject="visit_id", openly=True)

    found = {facet.table.name: str(facet.of(Subject("account", 7))) for facet in facets(metadata)}
    assert found["visit"] == "visit.account_id = :account_id_1"
    assert "FROM visit" in found["remark"]
    assert "account_id = " in found["remark"]


def test_an_unknown_kind_of_subject_is_refused() -> None:
    with pytest.raises(Unresolvable, match="no table stands for"):
        standing_for("nobody")

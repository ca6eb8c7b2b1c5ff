"""``/<lang>/admin/privacy``: what is due to go, how long things stay, legal holds, notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, request

from egovframe.core.auth import account_by_email, requires
from egovframe.core.i18n import Translated, day_begins
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.admin.schemas_privacy import HoldSchema, RuleSchema, notice_schema
from egovframe.core.modules.cases import HOLDER, case_by_reference
from egovframe.core.modules.privacy import (
    ACCOUNT,
    MANAGE_HOLDS,
    MANAGE_NOTICES,
    MANAGE_RETENTION,
    READ_RETENTION,
    Rule,
    Subject,
    by_the_system,
    change_rule,
    clocks_in_words,
    facets,
    holds,
    newest_versions,
    place_hold,
    publish_notice,
    release_hold,
    retention_preview,
    retention_report,
    rules_in_force,
    versions_of,
)
from egovframe.core.persistence import now
from egovframe.core.web import actor, form, go, load, notice, reading, render, settings, writing
from egovframe.errors import Conflict, Invalid, NotFound

pages = Blueprint("admin_privacy", __name__, url_prefix="/admin/privacy", template_folder="../templates")
whole_city(pages)


@pages.get("")
@requires(READ_RETENTION)
def retention() -> str:
    """Show for each kind of record the rule in force, what is due, and what a hold keeps: a dry run."""
    session = reading()
    with by_the_system(session):  # counts rows, and shows none of their values
        lines = retention_report(session)
    return render(
        "admin/retention.html",
        lines=lines,
        rules=rules_in_force(session),
        may_change=actor().has(MANAGE_RETENTION, now(session)),
    )


@pages.get("/rules/<code>")
@requires(MANAGE_RETENTION)
def rule(code: str) -> str:
    """Ask for another rule of a code."""
    found = _rule(code)
    values = {name: getattr(found, name) for name in ("keep_days", "action", "on_request", "law")}
    return _rule_page(found, form(_rule_schema(found), values))


@pages.post("/rules/<code>")
@requires(MANAGE_RETENTION)
def save_rule(code: str) -> Any:
    """Add the rule from its day on."""
    present = _rule(code)
    schema = _rule_schema(present)
    try:
        data = {"keep_days": present.keep_days, **load(schema)}
        wanted, begins = _wanted(present, data), day_begins(data["valid_from"])
        if data.pop("seen") != _mark(wanted) and wanted.is_stricter_than(present):
            return _preview(present, wanted, begins, schema)
        with writing() as session:
            change_rule(session, actor(), code, **{**data, "valid_from": begins})
    except (Invalid, Conflict) as error:
        return _rule_page(present, form(schema, request.form, _messages(error))), 422
    notice(_("The rule is stored. The next daily run follows it."))
    return go(".retention")


@pages.get("/holds")
@requires(MANAGE_HOLDS)
def hold_list() -> str:
    """Show the holds, and ask for another."""
    return render("admin/holds.html", holds=holds(reading()), at=now(reading()), f=form(HoldSchema()))


@pages.post("/holds")
@requires(MANAGE_HOLDS)
def hold() -> Any:
    """Hold a person's or a case's data."""
    try:
        data = load(HoldSchema())
        with writing() as session:
            subject = held_subject(session, data["what"])
            place_hold(session, actor(), subject, reason=data["reason"], until=day_begins(data["until"], 1))
    except Invalid as error:
        again = form(HoldSchema(), request.form, _messages(error))
        return render("admin/holds.html", holds=holds(reading()), at=now(reading()), f=again), 422
    notice(_("The hold is in force."))
    return go(".hold_list")


@pages.post("/holds/<public_id>/release")
@requires(MANAGE_HOLDS)
def release(public_id: str) -> Any:
    """Release a hold."""
    with writing() as session:
        release_hold(session, actor(), public_id)
    notice(_("The hold is released. What is due goes with the next daily run."))
    return go(".hold_list")


@pages.get("/notices")
@requires(MANAGE_NOTICES)
def notice_list() -> str:
    """List the notices with their newest versions."""
    return render("admin/notices.html", versions=newest_versions(reading()))


@pages.get("/notices/new")
@requires(MANAGE_NOTICES)
def new_notice() -> str:
    """Ask for the first version of a notice."""
    return _notice_page(None, form(notice_schema(_languages(), new=True), {"asks": "1"}))


@pages.post("/notices/new")
@requires(MANAGE_NOTICES)
def add_notice() -> Any:
    """Publish the first version of a notice."""
    return _published(None)


@pages.get("/notices/<code>")
@requires(MANAGE_NOTICES)
def edit_notice(code: str) -> str:
    """Ask for another version, beginning with the wording that stands."""
    version = versions_of(reading(), code)[0]
    values: dict[str, Any] = {"asks": "1"}
    for language in _languages():
        values[f"title_{language}"] = version.title.text.get(language, "")
        values[f"body_{language}"] = version.body.text.get(language, "")
    return _notice_page(version, form(notice_schema(_languages(), new=False), values))


@pages.post("/notices/<code>")
@requires(MANAGE_NOTICES)
def save_notice(code: str) -> Any:
    """Publish another version."""
    return _published(versions_of(reading(), code)[0])


def held_subject(session: Any, what: str) -> Subject:
    """Return whom an e-mail address or the number of a case names.

    Raises:
        Invalid: nobody and nothing.
    """
    account = account_by_email(session, what) if "@" in what else None
    if account is not None:
        return Subject(ACCOUNT, account.id)
    case = None if "@" in what else case_by_reference(session, what)
    if case is not None:
        return Subject(HOLDER, case.id)
    raise Invalid(errors={"what": [_("There is no account with this address and no case with this number.")]})


def _rule(code: str) -> Rule:
    found = rules_in_force(reading()).get(code)
    if found is None:
        raise NotFound
    return found


def _rule_schema(found: Rule) -> RuleSchema:
    """Return what is asked; not for how long, where a setting says that."""
    return RuleSchema(exclude=("keep_days",) if found.setting else ())


def _wanted(present: Rule, data: Mapping[str, Any]) -> Rule:
    given = {name: data[name] for name in ("keep_days", "action", "on_request", "law")}
    return replace(present, **given)


def _mark(rule: Rule) -> str:
    """Return what names the part of a rule that decides what goes: a preview holds for this and nothing else."""
    return f"{rule.keep_days}-{rule.action}"


def _preview(present: Rule, wanted: Rule, begins: datetime | None, schema: RuleSchema) -> str:
    """Show what the first run under a stricter rule would let go, and ask whether it is meant."""
    session = reading()
    at = max(begins or now(session), now(session))
    with by_the_system(session):  # counts rows, and shows none of their values
        before, after = retention_preview(session, present, at), retention_preview(session, wanted, at)
    values = {**request.form, "seen": _mark(wanted)}
    return render(
        "admin/rule_preview.html",
        rule=present,
        wanted=wanted,
        begins=begins,
        lines=list(zip(before, after, strict=True)),
        f=form(schema, values, widgets=dict.fromkeys(schema.fields, "hidden")),
    )


def _rule_page(found: Rule, f: Any) -> str:
    return render(
        "admin/rule.html",
        rule=found,
        since=clocks_in_words(reading())(found),
        records=[facet.record for facet in facets() if facet.retention == found.code],
        f=f,
    )


def _published(version: Any) -> Any:
    schema = notice_schema(_languages(), new=version is None)
    try:
        data = load(schema)
        with writing() as session:
            publish_notice(
                session,
                actor(),
                version.notice.code if version else data["code"],
                kind=version.notice.kind if version else data["kind"],
                title=_text(data, "title"),
                body=_text(data, "body"),
                asks=data["asks"],
            )
    except (Invalid, Conflict) as error:
        return _notice_page(version, form(schema, request.form, _messages(error))), 422
    notice(_("The notice is published."))
    return go(".notice_list")


def _notice_page(version: Any, f: Any) -> str:
    return render("admin/notice.html", version=version, f=f)


def _languages() -> tuple[str, ...]:
    city = settings().city
    return (city.default_language, *(one for one in city.languages if one != city.default_language))


def _text(data: Mapping[str, Any], part: str) -> Translated:
    texts = {language: data[f"{part}_{language}"] for language in _languages() if data[f"{part}_{language}"]}
    return Translated.from_texts(_languages()[0], texts)


def _messages(error: Invalid | Conflict) -> Mapping[str, Any]:
    return error.errors or {"_schema": [error.detail]}

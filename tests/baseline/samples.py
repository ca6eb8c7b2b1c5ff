"""A value for every parameter that a route's address may have. A parameter without one fails the baseline.

To add one: a function from the town to the text that stands in the address, under the argument's name, or under
``endpoint:argument`` where the same name means another thing. It must name something that exists: what is unknown is
asked for besides, with ``UNKNOWN``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from baseline import things
from baseline.routes import Route
from baseline.town import Town, Visitor
from sqlalchemy import select
from werkzeug.routing import BuildError, IntegerConverter

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    Account,
    Evidence,
    Role,
    RoleGrant,
    account_by_public_id,
    actor_of_account,
    create_account,
    lend_rights,
    verify_resident,
)
from egovframe.core.modules.areas import layers
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.cases import Case
from egovframe.core.modules.privacy import newest_versions, rules_in_force
from egovframe.core.persistence import now
from egovframe.core.web import runtime
from egovframe.testing.visits import submit

Sampler = Callable[[Town], str]
UNKNOWN = "zzzzzzzzzzzzzzzzzzzz"
"""Well-formed where ids are random, and nobody's."""
UNKNOWN_NUMBER = str(10**12)
"""The same where an address takes numbers only."""
TRACK = re.compile(r"/complaints/new/([^/]+)/")

MAY_REFUSE_INSIDE = {
    "admin.index": "shows the doors that the reader may open, and refuses who has none",
}
"""Endpoints that answer 403 to somebody whom their guard lets pass, with the reason."""

COUNTED_UP = {
    "admin_audit.entry": "the record is one numbered chain, and who may read an entry may read all of them",
    "audit_api.get_entry": "the record is one numbered chain, and who may read an entry may read all of them",
    "account.letter_code": "fills a form in with what stands in the address, and looks nothing up",
}
"""Guarded endpoints that may answer to ids that are counted up, with the reason."""

CHANGES_BY_GET: dict[str, str] = {}
"""Endpoints whose GET writes into a table that counts as business, with the reason; empty, and meant to stay so."""


def _first(column: Any, *conditions: Any) -> Sampler:
    def sampler(town: Town) -> str:
        with town.database.reading() as session:
            found = session.scalars(select(column).where(*conditions).limit(1)).first()
        return UNKNOWN if found is None else str(found)

    return sampler


def _text(value: str) -> Sampler:
    return lambda _town: value


def _tracking_code(town: Town) -> str:
    with town.database.reading() as session:
        code: str = session.scalars(select(Case.tracking_code).where(Case.type_code == "complaint").limit(1)).one()
    return code


def _draft(town: Town) -> str:
    """A complaint that somebody is filling in."""
    category = str(_first_category(town))
    answer = submit(town.app.test_client(), "/en/complaints/new", category=category)
    found = TRACK.search(answer.headers.get("Location", ""))
    assert found, (answer.status_code, answer.text[:500])
    return found[1]


def _first_category(town: Town) -> str:
    listed = town.app.test_client().get("/api/v1/complaints/categories").get_json()
    return str(listed[0]["code"])


def _loan(town: Town) -> str:
    """Some days on which a neighbouring post stands in for the officer of the demo."""
    with town.database.writing() as session:
        at = now(session)
        lender = session.get_one(Account, town.demo("officer").account_id)
        delegate = session.get_one(Account, town.demo("officer2").account_id)
        return lend_rights(session, SYSTEM, lender, delegate, valid_from=at, valid_until=at + timedelta(days=3))[
            0
        ].public_id


def _theme(town: Town) -> str:
    return runtime(town.app).theme.digest


def _plugin(town: Town) -> str:
    return next(name for name in runtime(town.app).hooks.names if not name.startswith("core."))


def _of_citizen(name: str, make: things.Maker) -> Sampler:
    """Something that belongs to the citizen of the town."""
    return lambda town: make(town, town.visitors["citizen"])[name]


def _service_account(town: Town) -> str:
    """The account of one program with one token."""
    if "service" not in town.samples:
        with town.database.writing() as session:
            made = create_account(session, SYSTEM, email=None, display_name="baseline", kind="service")
            session.flush()
            program = actor_of_account(session, made)
        town.samples["service"] = program
        town.samples["service token"] = things.token(town, Visitor("program", program))["public_id"]
    return str(town.samples["service"].public_id)


def _token_of_program(town: Town) -> str:
    _service_account(town)
    return str(town.samples["service token"])


def _clash(town: Town) -> str:
    """Somebody with the name and birthday of a verified resident, and another address."""
    town.factory.resident(person="Same Name")
    other = town.factory.account()
    with town.database.writing() as session:
        account = account_by_public_id(session, other.public_id)
        evidence = Evidence("Same Name", date(1990, 1, 1), "99999")
        clash = verify_resident(session, SYSTEM, account, evidence, source="identity_card").clash
        assert clash is not None
        session.flush()
        return clash.public_id


def _rule(town: Town) -> str:
    with town.database.reading() as session:
        return sorted(rules_in_force(session))[0]


def _notice(town: Town) -> str:
    with town.database.reading() as session:
        return newest_versions(session)[0].notice.code


def _layer(town: Town) -> str:
    with town.database.reading() as session:
        return str(layers(session)[0].code)


SAMPLES: dict[str, Sampler] = {
    "reference": _first(Case.reference, Case.is_private.is_(False), Case.hidden.is_(False)),
    "civic_participation.own:code": _tracking_code,
    "civic_participation.reply:code": _tracking_code,
    "civic_participation_short.tracked:code": _tracking_code,
    "code": _draft,
    "action": _text("take"),
    "civic_participation.reply:action": _text("withdraw"),
    "token": _text(UNKNOWN),
    "layer": _layer,
    "table": _text("none"),
    "name": _plugin,
    "path": _text("core/portal.css"),
    "core.theme:digest": _theme,
    "digest": _text("0" * 12),
    "notifications.read:public_id": _of_citizen("public_id", things.message),
    "notifications_api.read_message:public_id": _of_citizen("public_id", things.message),
    "account.end_session:public_id": _of_citizen("public_id", things.other_session),
    "account.stop_token:public_id": _of_citizen("public_id", things.token),
    "account_api.delete_token:public_id": _of_citizen("public_id", things.token),
    "role_code": _first(Role.code, Role.code == "officer"),
    "grant_id": _first(RoleGrant.public_id),
    "loan_id": _loan,
    "number": _first(AuditEntry.id),
    "key": _of_citizen("key", things.contact),
    "setting_key": _text("auth.letter_days"),
    "account.correct_row:table": _text("civic_participation_contact"),
    "account.save_row:table": _text("civic_participation_contact"),
    "account.notice:code": _notice,
    "admin_privacy.edit_notice:code": _notice,
    "admin_privacy.save_notice:code": _notice,
    "admin_privacy.rule:code": _rule,
    "admin_privacy.save_rule:code": _rule,
    "account.letter_code:code": _text("ABCD-EFGH"),
    "provider": _text("nobody"),
    "account.resume:public_id": lambda town: things.kept_form(town, town.once_more("citizen"))["public_id"],
    "account.drop_passkey:public_id": _of_citizen("public_id", things.passkey),
    "account.rename_passkey:public_id": _of_citizen("public_id", things.passkey),
    "account.store_passkey_name:public_id": _of_citizen("public_id", things.passkey),
    "account.disconnect:public_id": _of_citizen("public_id", things.identity),
    "account.withdraw:public_id": _of_citizen("public_id", things.consent),
    "admin_privacy.release:public_id": lambda town: things.hold(town, town.factory.account()),
    "residents.refuse:public_id": lambda town: things.letter(town, town.factory.account()),
    "service_accounts.account:public_id": _service_account,
    "service_accounts.switch:public_id": _service_account,
    "service_accounts.make_token:public_id": _service_account,
    "service_accounts.revoke:token": _token_of_program,
    "service_accounts.revoke:public_id": _service_account,
    "residents.account:public_id": lambda town: town.visitors["citizen"].actor.public_id,
    "residents.verify:public_id": lambda town: town.visitors["citizen"].actor.public_id,
    "residents.withdraw:public_id": lambda town: town.visitors["citizen"].actor.public_id,
    "residents.clash:public_id": _clash,
    "residents.decide:public_id": _clash,
    "account_id": _first(Account.public_id, Account.kind == "staff"),
}


def missing(every: Iterator[Route]) -> list[str]:
    """Return what has no sample, one line a parameter."""
    asked = [(route, name) for route in every for name in route.parameters]
    return sorted({f"{route.endpoint}:{name} ({route.rule.rule})" for route, name in asked if not _of(route, name)})


def _of(route: Route, name: str) -> Sampler | None:
    return SAMPLES.get(f"{route.endpoint}:{name}") or SAMPLES.get(name)


def address(town: Town, route: Route, *, unknown: bool = False, lang: str = "en", **given: str) -> str:
    """Return the route's address with samples for its parameters.

    Args:
        unknown: name nothing that exists, so that an unsafe method can change nothing.
        given: parameters that the caller chooses.
    """
    values: dict[str, str] = {"lang": lang} if "lang" in route.rule.arguments else {}
    for name in route.parameters:
        values[name] = given.get(name) or (_unknown(route, name) if unknown else _value(town, route, name))
    with town.app.test_request_context():
        built = route.rule.build(values, append_unknown=False)
    if built is None:
        raise BuildError(route.endpoint, values, route.method)
    return str(built[1])


def takes_numbers(route: Route, name: str) -> bool:
    """Whether the address takes nothing but a whole number there."""
    return isinstance(route.rule._converters.get(name), IntegerConverter)


def _unknown(route: Route, name: str) -> str:
    return UNKNOWN_NUMBER if takes_numbers(route, name) else UNKNOWN


def _value(town: Town, route: Route, name: str) -> str:
    sampler = _of(route, name)
    assert sampler is not None, f"add a sample for {route.endpoint}:{name}"
    key = f"{route.endpoint}:{name}" if f"{route.endpoint}:{name}" in SAMPLES else name
    if key not in town.samples:
        town.samples[key] = sampler(town)
    return str(town.samples[key])

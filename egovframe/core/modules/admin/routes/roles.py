"""``/<lang>/admin/roles``: what each role may do, right by right, grouped by the room that declares them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from egovframe.core.auth import (
    MANAGE_ROLES,
    READ_ACCOUNTS,
    Role,
    holds_everywhere,
    known_permissions,
    put_role,
    require_second_factor,
    requires,
    requires_any,
    role_by_code,
    roles,
)
from egovframe.core.i18n import Translated
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.people import holders_by_role
from egovframe.core.modules.admin.rights_schemas import NewRoleSchema, RoleSchema, SecondFactorSchema
from egovframe.core.persistence import now
from egovframe.core.web import actor, form, go, language, load, notice, reading, render, runtime, url, writing
from egovframe.errors import Conflict, Invalid

pages = Blueprint("admin_roles", __name__, url_prefix="/admin/roles", template_folder="../templates")
ADMINISTRATOR = "administrator"


@pages.get("", endpoint="roles")
@requires_any(READ_ACCOUNTS, MANAGE_ROLES)
def listing() -> str:
    """List every role with how many rights and holders it has."""
    session = reading()
    return render(
        "admin/roles.html",
        roles=roles(session),
        holders=holders_by_role(session, actor(), now(session)),
        f=form(NewRoleSchema(), {}),
    )


@pages.post("")
@requires(MANAGE_ROLES)
def make() -> Any:
    """Make a role of the city's own, without any right at first."""
    try:
        data = load(NewRoleSchema())
        with writing() as session:
            if any(role.code == data["code"] for role in roles(session)):
                raise Invalid(errors={"code": [_("There is a role with this code already.")]})
            put_role(session, actor(), data["code"], Translated.of(language(), **{language(): data["title"]}), ())
    except Invalid as error:
        session = reading()
        drawn = form(NewRoleSchema(), request.form, error.errors)
        held = holders_by_role(session, actor(), now(session))
        return render("admin/roles.html", roles=roles(session), holders=held, f=drawn), 422
    notice(_("The role is there. Choose what it may do."))
    return go(".role", role_code=data["code"])


@pages.get("/<role_code>")
@requires_any(READ_ACCOUNTS, MANAGE_ROLES)
def role(role_code: str) -> str:
    """Show what a role may do."""
    session = reading()
    return _page(session, role_by_code(session, role_code[:64]))


@pages.post("/<role_code>")
@requires(MANAGE_ROLES)
def change(role_code: str) -> Any:
    """Store what a role may do."""
    try:
        data = load(RoleSchema())
        with writing() as session:
            found = role_by_code(session, role_code[:64])
            wanted = _checked(data["permissions"], found)
            title = found.title.with_text(language(), data["title"])
            put_role(session, actor(), found.code, title, wanted)
    except (Invalid, Conflict) as error:
        messages = getattr(error, "errors", None) or {"_schema": [error.detail]}
        session = reading()
        return _page(session, role_by_code(session, role_code[:64]), request.form, messages), error.status
    notice(_("The role is changed. Whoever holds it has the new rights at once."))
    return go(".role", role_code=role_code)


@pages.post("/<role_code>/second-factor")
@requires(MANAGE_ROLES)
def second_factor(role_code: str) -> Any:
    """Say whether holders of the role need a second factor."""
    code = role_by_code(reading(), role_code[:64]).code
    try:
        data = load(SecondFactorSchema())
        with writing() as session:
            require_second_factor(session, actor(), code, data["required"], data["reason"])
    except Invalid as error:
        session = reading()
        drawn = form(SecondFactorSchema(), request.form, error.errors, prefix="s")
        return _page(session, role_by_code(session, code), factor=drawn), error.status
    notice(
        _("Holders of this role need a second factor from now on.")
        if data["required"]
        else _("This role asks for no second factor any longer.")
    )
    return go(".role", role_code=code)


def grouped() -> dict[str, list[Any]]:
    """Return every declared right by its room."""
    found: dict[str, list[Any]] = {}
    for permission in known_permissions(runtime().hooks).values():
        found.setdefault(permission.name.partition(":")[0], []).append(permission)
    return found


def _checked(wanted: list[str], found: Role) -> set[str]:
    """Return the rights that were chosen, and those of plugins that are away: the page did not show them."""
    known = set(known_permissions(runtime().hooks))
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise Invalid(errors={"permissions": [_("There is no such right: %(names)s.", names=", ".join(unknown)[:200])]})
    return set(wanted) | (set(found.permissions) - known)


def _factor(found: Role) -> Any:
    stored = {"required": "1" if found.needs_second_factor else ""}
    return form(SecondFactorSchema(), stored, prefix="s", sent_to=url(".second_factor", role_code=found.code))


def _page(session: Session, found: Role, values: Any = None, errors: Any = None, factor: Any = None) -> str:
    chosen = set(values.getlist("permissions")) if values is not None else set(found.permissions)
    title = str(found.title.pick().text) if values is None else values.get("title", "")
    known = set(known_permissions(runtime().hooks))
    may_change = holds_everywhere(session, actor(), MANAGE_ROLES)
    drawn = form(RoleSchema(), {"title": title}, errors, only=["title"], sent_to=url(".role", role_code=found.code))
    if drawn.kept is not None:
        chosen = set(drawn.kept.getlist("permissions"))
    return render(
        "admin/role.html",
        role=found,
        rooms=grouped(),
        chosen=chosen,
        away=sorted(set(found.permissions) - known),
        factor=factor or _factor(found),
        may_change=may_change,
        f=drawn,
        fixed=found.code == ADMINISTRATOR or not may_change,
    )

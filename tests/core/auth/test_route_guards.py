"""Guards on functions, on class-based views and behind flask-smorest's decorators."""

from __future__ import annotations

from datetime import UTC, datetime

import marshmallow
import pytest
from flask import Flask
from flask.views import MethodView
from flask_smorest import Api, Blueprint

from egovframe.actor import ANONYMOUS, SYSTEM, Actor, Grant
from egovframe.core.auth import PUBLIC, SIGNED_IN, Guard, check, guard_of, public, requires, requires_any, signed_in
from egovframe.errors import Forbidden, NotSignedIn

AT = datetime(2026, 11, 21, tzinfo=UTC)
READ = "room:thing:read"


def test_functions_say_who_may_call_them() -> None:
    @public
    def home() -> str:
        return ""

    @signed_in
    def mine() -> str:
        return ""

    @requires_any(READ, "room:thing:work")
    def desk() -> str:
        return ""

    def undeclared() -> str:
        return ""

    assert guard_of(home) == PUBLIC
    assert guard_of(mine) == SIGNED_IN
    assert guard_of(desk) == Guard("permission", frozenset({READ, "room:thing:work"}))
    assert guard_of(undeclared) is None


def test_a_second_guard_is_refused() -> None:
    with pytest.raises(TypeError, match="another guard"):
        public(requires(READ)(lambda: ""))


@pytest.mark.parametrize("name", ["", "read", "room:read", "room:thing:read:all", "room::read"])
def test_a_misspelt_permission_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        requires(name)


def test_methods_of_an_api_view_have_guards_of_their_own() -> None:
    app = Flask("t")
    app.config.update(API_TITLE="t", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    blueprint = Blueprint("things", "things")

    class Body(marshmallow.Schema):
        name = marshmallow.fields.String()

    @blueprint.route("/things")
    class Things(MethodView):
        @requires(READ)
        @blueprint.response(200, Body)
        def get(self) -> dict[str, str]:
            return {}

        @blueprint.arguments(Body)
        @blueprint.response(201, Body)
        @signed_in
        def post(self, data: dict[str, str]) -> dict[str, str]:
            return data

        def delete(self) -> None:
            return None

    Api(app).register_blueprint(blueprint)
    view = app.view_functions["things.Things"]
    assert guard_of(view, "GET") == Guard("permission", frozenset({READ}))
    assert guard_of(view, "HEAD") == guard_of(view, "GET")
    assert guard_of(view, "POST") == SIGNED_IN
    assert guard_of(view, "DELETE") is None


def test_check_lets_pass_or_names_the_reason() -> None:
    holder = Actor(kind="account", account_id=1, grants=(Grant("r", frozenset({READ})),))
    other = Actor(kind="account", account_id=2)
    guard = Guard("permission", frozenset({READ}))
    check(PUBLIC, ANONYMOUS, AT)
    check(SIGNED_IN, other, AT)
    check(guard, holder, AT)
    check(guard, SYSTEM, AT)
    with pytest.raises(NotSignedIn):
        check(SIGNED_IN, ANONYMOUS, AT)
    with pytest.raises(NotSignedIn):
        check(guard, ANONYMOUS, AT)
    with pytest.raises(Forbidden):
        check(guard, other, AT)
    with pytest.raises(RuntimeError, match="no guard"):
        check(None, SYSTEM, AT)

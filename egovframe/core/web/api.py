"""The REST API under ``/api/v1``: flask-smorest with our errors, strict input, versions and paging.

A blueprint of a room or plugin is an ``ApiBlueprint``; ``app.py`` mounts it with ``mount_api``.
"""

from __future__ import annotations

import http
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import flask_smorest
from flask import Flask, Response, current_app, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest.utils import prepare_response
from marshmallow import Schema, fields
from webargs import core
from webargs.flaskparser import FlaskParser

import egovframe
from egovframe.core.auth import public
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import NumberedPage
from egovframe.core.web.errors import PROBLEM_TYPE
from egovframe.errors import BadRequest, PreconditionFailed, PreconditionRequired

PREFIX = "/api/v1"
COMMON_QUERY = frozenset({"lang"})
DOCS_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
MAX_JSON_DEPTH = 60
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
"""What a JSON body may call itself: JSON between programs is UTF-8 (RFC 8259, 8.1), another name another text."""


class ProblemSchema(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "A stable name of the kind of problem"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "What happened and what to do"})
    instance = fields.String(metadata={"description": "The id of this request"})
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class StrictJSON(DefaultJSONProvider):
    """JSON that refuses what later becomes a server error: NaN, repeated names, endless nesting."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse; raise ValueError for anything that is no plain JSON."""
        return strict_json(s)


def strict_json(source: str | bytes) -> Any:
    """Parse JSON strictly.

    Raises:
        ValueError: no JSON, NaN or Infinity, a name twice in one object, nesting beyond 60, or no UTF-8.
    """
    text = source.decode("utf-8") if isinstance(source, bytes) else source
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_repeats)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    _check_depth(value)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            raise ValueError("nested too deeply")
        level = [
            part
            for item in level
            if isinstance(item, dict | list)
            for part in (item.values() if isinstance(item, dict) else item)
        ]


class Parser(FlaskParser):
    """webargs with strict JSON: a body that cannot be read is 400, an unknown content type 415."""

    def _raw_load_json(self, req: Any) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return core.missing
        if not req.is_json or req.mimetype_params.get("charset", "utf-8").lower() not in CHARSETS:
            current_app.aborter(415)
        try:
            return strict_json(body)
        except ValueError as error:
            raise BadRequest(_("The body is not valid JSON.")) from error


View = TypeVar("View", bound=Callable[..., Any])


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A part of the API: strict parsers, pages of 20 (at most 100)."""

    ARGUMENTS_PARSER = Parser()
    PAGINATION_ARGUMENTS_PARSER = Parser()
    DEFAULT_PAGINATION_PARAMETERS = {"page": 1, "page_size": 20, "max_page_size": 100}

    if TYPE_CHECKING:
        # flask-smorest ships no types: without these every decorated view would lose its own.
        def _keeping(self, *args: Any, **options: Any) -> Callable[[View], View]: ...

        route = get = post = put = patch = delete = _keeping
        arguments = response = alt_response = paginate = doc = _keeping

        def before_request(self, view: View) -> View: ...

        def after_app_request(self, view: View) -> View: ...

    else:

        def arguments(self, schema: Any, **options: Any) -> Any:
            """Declare what comes in; a schema given as a class is made once, not for every request."""
            return super().arguments(schema() if isinstance(schema, type) else schema, **options)


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest without its error handler, which would turn every page's 404 into JSON.

    Its document is written when somebody asks for it: writing costs more than mounting all the routes.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask, **options: Any) -> None:
        self._unwritten: list[flask_smorest.Blueprint] = []
        self._begun = False
        self._writing = threading.Lock()
        super().__init__(app, **options)

    def register_blueprint(self, blueprint: flask_smorest.Blueprint, **options: Any) -> None:
        """Mount a blueprint now and document it later."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint, **options)
        self._unwritten.append(blueprint)

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document of everything that is mounted."""
        with self._writing:
            if not self._begun:
                self._describe_refusals()
                self._begun = True
            for blueprint in self._unwritten:
                name = blueprint.name
                blueprint.register_views_in_doc(self, self._app, self.spec, name=name, parameters=None)
                self.spec.tag({"name": name, "description": blueprint.description})
            self._unwritten.clear()
            written: dict[str, Any] = self.spec.to_dict()
            return written

    def _register_error_handlers(self) -> None:
        """Leave errors to ``core.web.errors``: problem+json below ``/api/``, headers such as Allow kept."""

    def _register_doc_blueprint(self) -> None:
        """Leave the document's route to ``install``: it needs a guard."""

    def _register_responses(self) -> None:
        """Leave the refusals to ``document``, like everything that is only written."""

    def _describe_refusals(self) -> None:
        """Document every refusal as ``application/problem+json``."""
        for status in http.HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, PROBLEM_TYPE)
            self.spec.components.response(status.name, response, lazy=True)
        default = {"description": "A problem (RFC 9457)", "schema": self.ERROR_SCHEMA}
        prepare_response(default, self.spec, PROBLEM_TYPE)
        self.spec.components.response("DEFAULT_ERROR", default, lazy=True)


def install(app: Flask, title: str) -> Api:
    """Set up the API, its OpenAPI document and its offline documentation page."""
    app.config.update(API_TITLE=title, API_VERSION=egovframe.__version__, OPENAPI_VERSION="3.1.0")
    app.json = StrictJSON(app)
    api = Api(
        app,
        spec_kwargs={
            "servers": [{"url": "/"}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{"bearer": []}, {}],
        },
    )
    app.add_url_rule(f"{PREFIX}/openapi.json", "core.openapi", openapi_document)
    app.add_url_rule("/api/docs", "core.api_docs", api_docs)
    app.before_request(refuse_unknown_query)
    return api


def api_of(app: Flask) -> Api:
    """Return the application's API, for mounting what plugins bring."""
    found: Api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return found


def mount_api(app: Flask, blueprint: flask_smorest.Blueprint) -> None:
    """Mount a blueprint below ``/api/v1`` and document it."""
    api_of(app).register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))


@public
def openapi_document() -> Response:
    """Return the OpenAPI 3.1 document of core and plugins."""
    response = Response(current_app.json.dumps(api_of(current_app).document()), content_type="application/json")
    response.add_etag()
    response.make_conditional(request)
    return response


@public
def api_docs() -> Response:
    """Show the API in Swagger UI, which needs nothing from elsewhere."""
    response = Response(render_template("core/api_docs.html"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = DOCS_POLICY
    return response


def refuse_unknown_query() -> None:
    """Refuse query names that an API view does not declare: a misspelt filter must not look like one that matched all.

    Raises:
        BadRequest: names are unknown.
    """
    if not request.args or not request.path.startswith(PREFIX) or request.endpoint is None:
        return
    declared = declared_query(current_app.view_functions[request.endpoint], request.method)
    unknown = sorted(set(request.args) - declared - COMMON_QUERY) if declared is not None else []
    if unknown:
        raise BadRequest(
            _("These query parameters are not known here: %(names)s", names=", ".join(unknown)[:200]),
            errors={name[:64]: [_("This field is not known here.")] for name in unknown[:20]},
        )


def declared_query(view: Any, method: str) -> set[str] | None:
    """Return the query names a flask-smorest view declares; None for a view that is none."""
    view_class = getattr(view, "view_class", None)
    target = getattr(view_class, method.lower(), view) if view_class else view
    documented = getattr(target, "_apidoc", None)
    if documented is None:
        return None
    parameters = list(documented.get("arguments", {}).get("parameters", ()))
    if "pagination" in documented:
        parameters.append(documented["pagination"]["parameters"])
    names: set[str] = set()
    for parameter in parameters:
        if not isinstance(parameter, Mapping) or parameter.get("in") != "query":
            continue
        schema = parameter["schema"]() if isinstance(parameter.get("schema"), type) else parameter.get("schema")
        names |= {field.data_key or name for name, field in getattr(schema, "load_fields", {}).items()}
        names |= {parameter["name"]} if "name" in parameter else set()
    return names


def require_version(version: int | str) -> None:
    """Compare If-Match with the thing's present version; call it in PUT, PATCH and DELETE.

    Raises:
        PreconditionRequired: no If-Match was sent (428).
        PreconditionFailed: it names another version (412).
    """
    if not request.if_match and not request.if_match.star_tag:
        raise PreconditionRequired(_("Send If-Match with the ETag that you read."))
    if not request.if_match.contains(str(version)):
        raise PreconditionFailed(_("This has changed since you read it. Read it again and repeat your change."))


def tagged(body: Any, version: int | str, status: int = 200, **headers: str) -> Response:
    """Answer JSON with the version as its ETag; 304 where the caller has it already."""
    response: Response = current_app.make_response((current_app.json.response(body), status, headers))
    response.set_etag(str(version))
    if request.method in {"GET", "HEAD"}:
        response.make_conditional(request)
    return response


def paged(page: NumberedPage[Any], items: Sequence[Any]) -> Response:
    """Answer a page of a list with its totals in X-Pagination."""
    response = Response(current_app.json.dumps(list(items)), content_type="application/json")
    totals = {"total": page.total, "page": page.page, "page_size": page.page_size, "total_pages": page.pages}
    response.headers["X-Pagination"] = json.dumps(totals)
    return response


__all__ = [
    "Api",
    "ApiBlueprint",
    "ProblemSchema",
    "api_of",
    "install",
    "mount_api",
    "paged",
    "require_version",
    "strict_json",
    "tagged",
]

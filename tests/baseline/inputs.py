"""What each route takes: names of its query, and the schema of its body or form, found in the code itself."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from baseline.routes import Route
from flask import Flask
from marshmallow import Schema

from egovframe.core.web.api import declared_query
from egovframe.fields import StrictSchema

COMMON = ("q", "next", "lang", "page", "cursor")


def handler_of(app: Flask, route: Route) -> Any:
    """Return the function that answers a route, without its decorators."""
    view = app.view_functions[route.endpoint]
    view_class = getattr(view, "view_class", None)
    found = getattr(view_class, route.method.lower(), view) if view_class else view
    return inspect.unwrap(found)


def query_names(app: Flask, route: Route) -> list[str]:
    """Return the query names that a route may read: declared ones of the API, any that a schema knows of a page."""
    declared = declared_query(app.view_functions[route.endpoint], route.method)
    if declared is not None:
        return sorted(declared)
    read = {name for schema in schemas_of(app, route) for name in schema.load_fields}
    return sorted({*COMMON, *read, *_args_read(handler_of(app, route))})


def schemas_of(app: Flask, route: Route) -> list[Schema]:
    """Return the schemas that a page loads (``load(NameSchema())``) or an API view declares for its JSON body."""
    documented = getattr(_documented(app, route), "_apidoc", None)
    if documented is not None:
        parameters = documented.get("arguments", {}).get("parameters", ())
        found = [each.get("schema") for each in parameters if isinstance(each, dict) and each.get("in") == "json"]
        return [schema() if isinstance(schema, type) else schema for schema in found if schema is not None]
    return [each for each in _loaded(handler_of(app, route)) if isinstance(each, StrictSchema)]


def _documented(app: Flask, route: Route) -> Any:
    view = app.view_functions[route.endpoint]
    view_class = getattr(view, "view_class", None)
    return getattr(view_class, route.method.lower(), view) if view_class else view


def _tree(function: Any) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ast.Module(body=[], type_ignores=[])


def _loaded(function: Any, depth: int = 2) -> Iterator[Any]:
    """Yield an instance of each schema named in a function and in the private helpers of its module that it calls."""
    space = getattr(function, "__globals__", {})
    for node in ast.walk(_tree(function)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        known = space.get(name)
        if isinstance(known, type) and issubclass(known, Schema):
            yield known()
        elif depth and name.startswith("_") and inspect.isfunction(known):
            yield from _loaded(known, depth - 1)


def _args_read(function: Any) -> set[str]:
    """Return the names in ``request.args.get("…")``."""
    return {
        node.args[0].value
        for node in ast.walk(_tree(function))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and ast.unparse(node.func).startswith("request.args.")
    }

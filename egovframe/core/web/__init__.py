"""The web room: the shell around every page and API call, and the face that routes use.

A route reads ``load(schema)``, works in ``with writing() as session:``, and answers with ``render(template, …)`` or
``go(endpoint)``. Templates extend ``core/base.html`` and import the macros beside it.
"""

from egovframe.core.web.api import (
    ApiBlueprint,
    ProblemSchema,
    api_of,
    mount_api,
    paged,
    require_version,
    strict_json,
    tagged,
)
from egovframe.core.web.assets import Assets
from egovframe.core.web.caching import caches
from egovframe.core.web.context import (
    actor,
    forget_actor,
    go,
    is_api,
    is_page,
    language,
    load,
    messages_by_field,
    notice,
    plugin_settings,
    reading,
    render,
    settings,
    url,
    writing,
)
from egovframe.core.web.cookies import SIGNED_IN, delete_cookie, read_cookie, set_cookie
from egovframe.core.web.errors import Problem, register_front
from egovframe.core.web.forms import Form, FormField, Option, form
from egovframe.core.web.guards import undeclared
from egovframe.core.web.idempotency import forget_replies, idempotent, sweep_replies
from egovframe.core.web.kept import never_kept
from egovframe.core.web.languages import mount_pages, remember_language
from egovframe.core.web.limits import caller, forgive, limit, limited, sweep
from egovframe.core.web.logs import configure_logging
from egovframe.core.web.own_data import explained, send_data
from egovframe.core.web.qr import qr_code
from egovframe.core.web.questions import SureSchema, address_code_field, birth_date_field, document_name_field
from egovframe.core.web.requests import request_id
from egovframe.core.web.runtime import Check, Runtime, runtime
from egovframe.core.web.shell import install, new_flask
from egovframe.core.web.templating import asset, icon
from egovframe.core.web.theme import Theme, contrast

__all__ = [
    "SIGNED_IN",
    "ApiBlueprint",
    "Assets",
    "Check",
    "Form",
    "FormField",
    "Option",
    "Problem",
    "ProblemSchema",
    "Runtime",
    "SureSchema",
    "Theme",
    "actor",
    "address_code_field",
    "api_of",
    "asset",
    "birth_date_field",
    "caches",
    "caller",
    "configure_logging",
    "contrast",
    "delete_cookie",
    "document_name_field",
    "explained",
    "forget_actor",
    "forget_replies",
    "forgive",
    "form",
    "go",
    "icon",
    "idempotent",
    "install",
    "is_api",
    "is_page",
    "language",
    "limit",
    "limited",
    "load",
    "messages_by_field",
    "mount_api",
    "mount_pages",
    "never_kept",
    "new_flask",
    "notice",
    "paged",
    "plugin_settings",
    "qr_code",
    "read_cookie",
    "reading",
    "register_front",
    "remember_language",
    "render",
    "request_id",
    "require_version",
    "runtime",
    "send_data",
    "set_cookie",
    "settings",
    "strict_json",
    "sweep",
    "sweep_replies",
    "tagged",
    "undeclared",
    "url",
    "writing",
]

"""Make docs/reference from the code, or with ``--check`` say where it differs.

python scripts/reference.py            write
python scripts/reference.py --check    compare; exit 1 when a page is out of date
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click
from flask import Flask
from marshmallow import Schema
from marshmallow import fields as ma

import egovframe.core
import egovframe.core.modules
from egovframe import config
from egovframe.app import create_app, migrations
from egovframe.cli import cli
from egovframe.cli.context import CityContext
from egovframe.core.auth import guard_of, scoped_models
from egovframe.core.modules.settings import declared
from egovframe.core.persistence import Database, Keyring
from egovframe.core.web import runtime
from egovframe.extending import find_plugins
from egovframe.hooks import Hooks

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
PLAIN = [
    "egovframe",
    "egovframe.actor",
    "egovframe.config",
    "egovframe.errors",
    "egovframe.fields",
    "egovframe.hooks",
    "egovframe.outgoing",
]
TOOLS = ["egovframe.testing.browser", "egovframe.testing.clock", "egovframe.testing.queries"]
NOTE = "<!-- Made by scripts/reference.py from the code: change the code, not this page. -->\n\n"
SECRET = "reference-pages-0123456789abcdefghij"


def main(words: list[str]) -> int:
    """Write or compare every page."""
    with tempfile.TemporaryDirectory() as folder:
        pages = make_pages(scratch_app(Path(folder)))
    if "--check" in words:
        return compare(pages)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(pages)} pages in {FOLDER.relative_to(ROOT)}\n")
    return 0


def compare(pages: Mapping[str, str]) -> int:
    """Say which pages differ from the code, with the first lines of the difference."""
    stale = 0
    for name, text in pages.items():
        path = FOLDER / name
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        if present == text:
            continue
        stale += 1
        lines = difflib.unified_diff(
            present.splitlines(), text.splitlines(), f"docs/reference/{name}", "code", n=0, lineterm=""
        )
        sys.stdout.write("\n".join(list(lines)[:20]) + "\n")
    if stale:
        sys.stdout.write(
            "The reference differs from the code: run python scripts/reference.py, and read the difference.\n"
        )
    return 1 if stale else 0


def scratch_app(folder: Path) -> Flask:
    """Return the application of a city without data, with every bundled plugin."""
    (folder / config.CONFIG_NAME).write_text('environment = "test"\n[log]\nlevel = "error"\n', encoding="utf-8")
    settings = config.load_settings(folder, environ={}, overrides={"secret_key": SECRET})
    database = Database(settings.database_url, Keyring(settings.secrets))
    migrations(settings, database).upgrade()
    database.dispose()
    return create_app(settings)


def make_pages(app: Flask) -> dict[str, str]:
    """Return every page by file name."""
    return {
        "index.md": index_page(),
        "api.txt": "\n".join(api_lines()) + "\n",
        "api.md": api_page(),
        "settings.md": settings_page(app),
        "hooks.md": hooks_page(),
        "commands.md": commands_page(app),
        "routes.md": routes_page(app),
        "access.md": access_page(app),
    }


def index_page() -> str:
    """Say what there is."""
    return NOTE + (
        "# Reference\n\nMade from the code; `python3 dev.py check` fails when it differs.\n\n"
        "| Page | Lists |\n|---|---|\n"
        "| [Public names](api.md) | what plugins may import, with signatures (`api.txt` is the snapshot that reviews compare) |\n"
        "| [Settings](settings.md) | `egovframe.toml`, with types and defaults |\n"
        "| [Commands](commands.md) | `egovframe …` |\n"
        "| [Hooks](hooks.md) | what the framework asks its plugins |\n"
        "| [Addresses](routes.md) | every route with its guard |\n"
        "| [Access](access.md) | every route with its right, assurance, scope, form token and caching; who holds which right by default |\n"
        "| [Case types](case_types.md) | the format of a case type (written by hand) |\n"
    )


# Public names


def rooms() -> list[str]:
    """Return the packages and modules whose names are public, in order."""
    core = [f"egovframe.core.{module.name}" for module in iter_modules(egovframe.core.__path__) if module.ispkg]
    modules = [f"egovframe.core.modules.{module.name}" for module in iter_modules(egovframe.core.modules.__path__)]
    named = [room for room in sorted({*core, *modules}) if find_spec(room) and room != "egovframe.core.modules"]
    return [*PLAIN, *named, *TOOLS]


def public_names(room: str) -> list[tuple[str, Any]]:
    """Return the names of a face: ``__all__``, or for plain modules what they define themselves."""
    module = import_module(room)
    listed = getattr(module, "__all__", None)
    if listed is None:
        listed = [name for name, value in vars(module).items() if getattr(value, "__module__", None) == room]
        listed = [name for name in listed if not name.startswith("_")]
    missing = [name for name in listed if not hasattr(module, name)]
    if missing:
        raise SystemExit(f"{room} lists {', '.join(missing)} in __all__ and has no such name: correct its __init__.py")
    return [(name, getattr(module, name)) for name in sorted(listed)]


def api_lines() -> Iterator[str]:
    """Yield one line for every public name."""
    for room in rooms():
        for name, value in public_names(room):
            yield f"{room}.{signature(name, value)}"
            if inspect.isclass(value):
                yield from (f"{room}.{name}.{line}" for line in members(value))


def api_page() -> str:
    """Return the public names with the first sentence of their documentation."""
    parts = [NOTE + "# Public names\n\nImport these from the room itself, never from a module inside it.\n"]
    for room in rooms():
        parts.append(f"\n## `{room}`\n\n{first_sentence(import_module(room).__doc__)}\n\n| Name | |\n|---|---|\n")
        for name, value in public_names(room):
            words = first_sentence(value.__doc__) if inspect.isclass(value) or inspect.isroutine(value) else ""
            parts.append(f"| `{signature(name, value)}` | {words} |\n".replace("||", "|"))
    return "".join(part.replace("` | None", "` or None") for part in parts)


def signature(name: str, value: Any) -> str:
    """Return a name with its parameters, for functions and classes."""
    if not inspect.isroutine(value) and not (inspect.isclass(value) and is_dataclass(value)):
        return name
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return name
    parameters = [
        one.replace(annotation=Bare.of(one.annotation), default=plain_default(one.default))
        for one in found.parameters.values()
    ]
    return name + stable(str(found.replace(parameters=parameters, return_annotation=Bare.of(found.return_annotation))))


def plain_default(value: Any) -> Any:
    """Return a default as it may be printed: never the content of a mapping, which could be the environment."""
    if (
        value is inspect.Parameter.empty
        or value is None
        or isinstance(value, bool | int | float | str | tuple | frozenset)
    ):
        return value
    return value if type(value).__name__ == "_HAS_DEFAULT_FACTORY_CLASS" else Bare("…")


class Bare(str):
    """An annotation that prints itself without quotes."""

    __slots__ = ()

    @classmethod
    def of(cls, annotation: Any) -> Any:
        """Return annotations that are text in their bare form, and all others as they are."""
        return cls(annotation) if isinstance(annotation, str) else annotation

    def __repr__(self) -> str:
        return str(self)


def stable(text: str) -> str:
    """Return a signature without what changes from run to run or from machine to machine."""
    text = re.sub(r" at 0x[0-9a-f]+", "", text).replace(str(ROOT), "…")
    return re.sub(r"frozenset\(\{[^}]*\}\)", "frozenset(…)", text)


def members(kind: type) -> Iterator[str]:
    """Yield the public members that a class defines itself, by name."""
    own = {field.name for field in fields(kind)} if is_dataclass(kind) else set()
    for name, value in sorted(vars(kind).items()):
        if name.startswith("_") or name in own:
            continue
        if isinstance(value, classmethod | staticmethod):
            yield signature(name, value.__func__)
        elif inspect.isroutine(value):
            yield signature(name, value)
        elif isinstance(value, property) or hasattr(value, "__get__"):
            yield name


def first_sentence(doc: str | None) -> str:
    """Return the first paragraph of a docstring on one line, safe inside a table."""
    text = " ".join((inspect.cleandoc(doc or "").split("\n\n") or [""])[0].split())
    return text.replace("|", "\\|").replace("``", "`")


# Settings


def settings_page(app: Flask) -> str:
    """Return every setting of the core and of the bundled plugins."""
    rows = "".join(setting_rows(config.SettingsSchema(), "", config.Settings))
    page = f"{NOTE}# Settings\n\n`egovframe.toml` in the city folder.\n\n| Setting | Type | Default | Meaning |\n|---|---|---|---|\n{rows}"
    variables = "".join(f"| `{name}` | `{key}` |\n" for name, key in sorted(config.ENVIRONMENT_KEYS.items()))
    page += f"\n## Variables\n\nThey win over the file.\n\n| Variable | Setting |\n|---|---|\n{variables}"
    page += '\nA secret is written `{ "$env" = "NAME" }` or `{ "$file" = "/run/secrets/name" }`.\n'
    return page + "".join(stored_settings(app)) + "".join(plugin_settings(app))


def setting_rows(schema: Schema, prefix: str, defaults: Any) -> Iterator[str]:
    """Yield a table row for every field, nested ones under their section."""
    for name, field in schema.fields.items():
        if isinstance(field, ma.Nested):
            yield from setting_rows(field.schema, f"{prefix}{name}.", default_of(defaults, name))
            continue
        if isinstance(field, ma.Dict) and isinstance(field.value_field, ma.Nested):
            inner: Any = field.value_field.schema
            yield from setting_rows(field.value_field.schema, f"{prefix}{name}.<name>.", inner.target)
            continue
        default = "" if field.metadata.get("secret") else shown(default_of(defaults, name))
        yield f"| `{prefix}{name}` | {type_name(field)} | {default} | {field.metadata.get('label', '')} |\n"


def default_of(owner: Any, name: str) -> Any:
    """Return the default that a settings dataclass gives a field; None where there is none."""
    if not is_dataclass(owner):
        return None
    for field in fields(owner):
        if field.name == name:
            made = field.default_factory() if field.default_factory is not MISSING else field.default
            return None if made is MISSING else made
    return None


def shown(value: Any) -> str:
    """Return a default as it would be written."""
    if value is None or value == "" or isinstance(value, Path):
        return ""
    if isinstance(value, tuple):
        return f"`{list(value)}`" if value else "`[]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def type_name(field: Any) -> str:
    """Return a field's type in words of TOML."""
    name = type(field).__name__
    return f"list of {type(field.inner).__name__.lower()}" if isinstance(field, ma.List) else name.lower()


def stored_settings(app: Flask) -> Iterator[str]:
    """Yield the section of the core's settings that administrators change while the city runs."""
    yield (
        "\n## `[settings.<room>]`\n\nStored settings: administrators change them by page and by `egovframe settings`; "
        "the file says what holds before.\n\n| Setting | Type | Default | Meaning |\n|---|---|---|---|\n"
    )
    with runtime(app).database.reading() as session:
        for one in declared(session):
            if not one.key.startswith(tuple(f"{name}." for name in runtime(app).plugin_settings)):
                said = f"{one.title}. {one.description}" if one.title else one.description
                yield f"| `{one.key}` | {type_name(one.field)} | {shown(one.default)} | {said} |\n"


def plugin_settings(app: Flask) -> Iterator[str]:
    """Yield a section for every bundled plugin that has settings."""
    present = runtime(app)
    for entry in find_plugins(present.settings, present.database).entries:
        manifest = getattr(entry, "manifest", None)
        if manifest is None or not manifest.settings:
            continue
        yield f"\n## `[plugin.{manifest.name}]`\n\n| Setting | Type | Default | By page | Meaning |\n|---|---|---|---|---|\n"
        for name, spec in manifest.settings.items():
            yield f"| `{name}` | {spec.type} | {shown(spec.default)} | {'yes' if spec.changeable else 'no'} | {spec.label.get('en', '')} |\n"


# Hooks, commands, addresses


def hooks_page() -> str:
    """Return every hook."""
    parts = [
        NOTE
        + "# Hooks\n\nThe framework asks; a plugin answers with a function of that name in its `hooks.py`, marked `@hookimpl`.\n"
    ]
    for spec in Hooks().specs:
        doc = inspect.cleandoc(spec.doc).replace("``", "`")
        parts.append(
            f"\n## `{spec.name}({', '.join(spec.arguments)})`\n\n{doc}\n\n"
            f"Answer: {spec.answer.expected}. Asked by {spec.asked_by}. Since {spec.since}.\n"
        )
    return "".join(parts)


def commands_page(app: Flask) -> str:
    """Return every command of the core and of the bundled plugins with its help."""
    context = click.Context(cli, info_name="egovframe", obj=CityContext())
    plugins = {str(command.name): command for command in runtime(app).hooks.collect("commands")}
    context.meta["plugin_commands"] = plugins
    parts = [
        NOTE
        + "# Commands\n\n`egovframe --city FOLDER COMMAND`, or inside the city folder. Exit code 0, 1 (something is wrong) or 2 (wrong use).\n"
    ]
    parts += walk_commands(cli, context, "egovframe")
    return "".join(parts)


def walk_commands(group: click.Group, context: click.Context, path: str) -> Iterator[str]:
    """Yield a section for every command below a group."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            raise LookupError(f"{path} {name} is listed but cannot be found")
        inner = click.Context(command, parent=context, info_name=name, terminal_width=100, max_content_width=100)
        if isinstance(command, click.Group):
            yield from walk_commands(command, inner, f"{path} {name}")
        else:
            help_text = re.sub(r"(?m)[ \t]+$", "", command.get_help(inner)).replace(str(ROOT), "…")
            yield f"\n## `{path} {name}`\n\n```text\n{help_text}\n```\n"


def routes_page(app: Flask) -> str:
    """Return every address with its methods and guard."""
    rows = sorted({(rule.rule, methods_of(rule), guard_words(app, rule.endpoint)) for rule in app.url_map.iter_rules()})
    table = "".join(f"| `{path}` | {methods} | {guard} |\n" for path, methods, guard in rows)
    return f"{NOTE}# Addresses\n\nThe API itself is described at `/api/v1/openapi.json` and `/api/docs`.\n\n| Address | Methods | Who may call |\n|---|---|---|\n{table}"


def methods_of(rule: Any) -> str:
    """Return a rule's methods without those that come by themselves."""
    return ", ".join(sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}))


def guard_words(app: Flask, endpoint: str) -> str:
    """Return who may call a route."""
    view: Callable[..., Any] = app.view_functions[endpoint]
    guard = guard_of(view)
    if guard is None:
        return "everybody (files)"
    if guard.rule == "permission":
        return " or ".join(f"`{name}`" for name in sorted(guard.permissions))
    return {"public": "everybody", "signed_in": "whoever is signed in"}[guard.rule]


# Access


def access_page(app: Flask) -> str:
    """Return what every method of every route asks of its caller and promises about its answer."""
    rows = sorted({row for rule in app.url_map.iter_rules() for row in access_rows(app, rule)})
    table = "".join("| " + " | ".join(row) + " |\n" for row in rows)
    return (
        f"{NOTE}# Access\n\nWhat each route declares, read from the application with every bundled plugin. "
        "`tests/baseline` asks each route as each kind of visitor and holds the answers against this.\n\n"
        "- **Right**: what the caller must hold somewhere; `signed in` or `everybody` where none is asked for.\n"
        "- **Assurance**: how well the person must be known.\n"
        "- **Scope**: by what a grant of the right may be limited, and whether people hold it over their own; "
        "`–` where the right belongs to the whole city or to nobody in particular.\n"
        "- **Form token**: `token, origin` where a browser's cookie is read and the method changes something; "
        "`no cookie` where none is read, so that a foreign site has nothing to ride on.\n"
        "- **Cache**: `no-store` for one person's eyes; `no-store when signed in` where everybody may read.\n\n"
        "| Address | Method | Right | Assurance | Scope | Form token | Cache |\n|---|---|---|---|---|---|---|\n"
        f"{table}{scopes_section(app)}{roles_section(app)}"
    )


def access_rows(app: Flask, rule: Any) -> Iterator[tuple[str, ...]]:
    """Yield a row for each method of a route."""
    view = app.view_functions[rule.endpoint]
    page = "lang" in rule.arguments or rule.endpoint == "core.root"
    for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}):
        guard = guard_of(view, method)
        rights = sorted(guard.permissions) if guard else []
        word = {"public": "everybody", "signed_in": "signed in"}.get(guard.rule, "") if guard else "**undeclared**"
        yield (
            f"`{rule.rule}`",
            method,
            " or ".join(f"`{name}`" for name in rights) or word,
            declared_on(view, method, "__assurance__") or "–",
            ", ".join(dict.fromkeys(words for name in rights for words in scope_words(name))) or "–",
            "–" if method == "GET" else "token, origin" if page else "no cookie",
            declared_on(view, method, "__cache__")
            or ("no-store" if word != "everybody" else "no-store when signed in"),
        )


def declared_on(view: Any, method: str, attribute: str) -> str:
    """Return what a decorator noted on a view function, or on the method of a class-based view."""
    handler = getattr(getattr(view, "view_class", None), method.lower(), None)
    found = getattr(handler, attribute, None) or getattr(view, attribute, None)
    return str(getattr(found, "level", found) or "")


def scope_words(permission: str) -> list[str]:
    """Return by what a grant of the right can be limited: what the model of that name declares."""
    return [*(f"{kind}" for declared in scoped_by(permission) for kind in sorted(declared.kinds))] + [
        "own" for declared in scoped_by(permission) if permission in declared.own
    ]


def scoped_by(permission: str) -> list[Any]:
    """Return the declarations (``scoped``) of the models that the right is about, by room and name."""
    room, thing, _verb = permission.split(":")
    return [
        declared
        for model, declared in scoped_models()
        if room in model.__module__.split(".") and model.__name__.lower() == thing.replace("_", "")
    ]


def scopes_section(app: Flask) -> str:
    """Return what scopes compare, model by model."""
    rows = "".join(
        f"| `{model.__name__}` | {', '.join(f'{kind}: ' + ' or '.join(f'`{one}`' for one in columns) for kind, columns in sorted(declared.kinds.items()))} "
        f"| {', '.join(f'`{right}` by `{column}`' for right, column in sorted(declared.own.items())) or '–'} |\n"
        for model, declared in scoped_models()
    )
    return f"\n## What scopes compare\n\nA kind of scope that a thing does not declare never matches it.\n\n| Thing | Scope: columns | Held over one's own |\n|---|---|---|\n{rows}"


def roles_section(app: Flask) -> str:
    """Return the default roles with their rights."""
    proposed: dict[str, set[str]] = {}
    for template in runtime(app).hooks.collect("roles"):
        proposed.setdefault(template.code, set()).update(template.permissions)
    known = {permission.name: permission for permission in runtime(app).hooks.collect("permissions")}
    proposed["administrator"] = set(known)
    rows = "".join(
        f"| `{name}` | {permission.title} | {', '.join(f'`{code}`' for code in sorted(proposed) if name in proposed[code])} |\n"
        for name, permission in sorted(known.items())
    )
    return f"\n## Rights and the default roles that hold them\n\nA city may change every role but the administrator's.\n\n| Right | | Roles |\n|---|---|---|\n{rows}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``plugin.toml``: what a plugin says about itself, read and checked without importing the plugin.

.. code-block:: toml

    name = "lost_and_found"              # the folder and import name; also the prefix of its tables
    version = "1.0.0"                    # PEP 440
    core = ">=0.1,<1"                    # versions of egovframe it works with
    requires = ["civic_participation"]   # other plugins, with a range where needed: "open_data>=1.2"
    permissions = ["lost_and_found:item:write"]
    events = ["lost_and_found.ItemReturned@1"]
    quality = "bronze"                   # none, bronze, silver, gold; what was checked stands in quality.toml
    title = "Lost and found"             # plain text comes from the plugin's catalogues in other languages;
                                         # [title] en = "…" ko = "…" gives it by language instead
    summary = "Tell the city what you have found."

    [settings.days_kept]                 # read as [plugin.lost_and_found] days_kept = 90
    type = "integer"
    default = 90
    minimum = 1
    label = { en = "Days until a found thing may be given away" }
    title = { en = "How long found things are kept" }   # its name in a few words
    unit = "day"                         # what a number counts: day, hour, minute, second, metre
    changeable = true                    # administrators may change it while the city runs; leave it out for secrets
                                         # and for whatever the plugin reads only when it starts
"""

from __future__ import annotations

import keyword
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from marshmallow import ValidationError, post_load
from marshmallow import fields as ma
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from egovframe import fields
from egovframe.core.i18n import AmountUnit, gettext
from egovframe.errors import ProblemList

MANIFEST_NAME = "plugin.toml"
MAX_BYTES = 64 * 1024
_RESERVED = """
account admin alembic api app city cli conftest core data desk docs egovframe extending flask hooks messages migrations
notifications plugin plugins public queries routes schemas scripts services settings setup site static status system
templates testing tests translations
"""
RESERVED = frozenset(_RESERVED.split())
"""Names that no plugin may take: they would collide with the core's addresses, tables, templates or modules."""
QUALITY = ("none", "bronze", "silver", "gold")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_EVENT = re.compile(r"([a-z][a-z0-9_]*)\.[A-Z][A-Za-z0-9]*@[1-9][0-9]{0,3}")
_PERMISSION = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


class ManifestError(ProblemList):
    """The manifest cannot be used; every problem is listed."""


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting of a plugin: its type, bounds, default and words, as written in the manifest."""

    type: str
    default: Any = None
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    label: Mapping[str, str] = field(default_factory=dict)
    title: Mapping[str, str] = field(default_factory=dict)
    unit: AmountUnit | None = None
    changeable: bool = False

    def field(self) -> ma.Field[Any]:
        """Return the marshmallow field that checks a value."""
        more: dict[str, Any] = {"required": self.required}
        if self.type == "integer":
            return fields.Integer(
                minimum=-(2**63) if self.minimum is None else self.minimum,
                maximum=2**63 - 1 if self.maximum is None else self.maximum,
                **more,
            )
        if self.type == "boolean":
            return fields.Boolean(**more)
        if self.type == "choice":
            return fields.Choice(self.choices, **more)
        if self.type == "list":
            return ma.List(fields.Text(max_length=1000), **more)
        return fields.Text(max_length=1000 if self.maximum is None else self.maximum, **more)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest; texts for people are given by language."""

    name: str
    version: str
    core: str
    title: Mapping[str, str]
    summary: Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    quality: str = "none"
    settings: Mapping[str, SettingSpec] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What every table of the plugin starts with."""
        return f"{self.name}_"

    @property
    def dependencies(self) -> tuple[Requirement, ...]:
        """The plugins it needs."""
        return tuple(Requirement(text) for text in self.requires)

    def fits(self, core_version: str) -> bool:
        """Whether the plugin says that it works with this version of egovframe."""
        return SpecifierSet(self.core).contains(Version(core_version), prereleases=True)

    def title_in(self, language: str) -> str:
        """Return the title in the language: from the manifest, else from the catalogues, else as it stands."""
        return text_in(self.title, language)

    def read_settings(self, section: Mapping[str, Any]) -> dict[str, Any]:
        """Check the city's ``[plugin.<name>]`` table and fill in defaults.

        Raises:
            ManifestError: with everything that is wrong.
        """
        schema = fields.StrictSchema.from_dict({name: spec.field() for name, spec in self.settings.items()})
        try:
            given: dict[str, Any] = schema().load(dict(section))
        except ValidationError as error:
            problems = [f"plugin.{self.name}.{line}" for line in _flatten(dict(error.messages_dict))]
            raise ManifestError(f"The settings of {self.name} cannot be used:", problems) from error
        defaults = {name: spec.default for name, spec in self.settings.items() if spec.default is not None}
        return {**defaults, **given}


def text_in(texts: Mapping[str, str], language: str) -> str:
    """Return a manifest's text in the language: as written there, else from the catalogues, else as it stands."""
    if not texts:
        return ""
    return texts.get(language) or gettext(texts.get("en") or next(iter(texts.values())))


class _SettingSchema(fields.StrictSchema):
    type = fields.Choice(("text", "integer", "boolean", "choice", "list"), required=True)
    default = ma.Raw()
    required = fields.Boolean()
    minimum = fields.Integer()
    maximum = fields.Integer()
    choices = ma.List(fields.Text(max_length=200))
    label = fields.TranslatedField(required=True)
    title = fields.TranslatedField()
    unit = fields.Choice(get_args(AmountUnit))
    changeable = fields.Boolean()

    @post_load
    def _build(self, data: dict[str, Any], **_kwargs: Any) -> SettingSpec:
        data["choices"] = tuple(data.get("choices", ()))
        spec = SettingSpec(**data)
        if spec.type == "choice" and not spec.choices:
            raise fields.FieldError("a choice needs choices", "choices")
        if spec.default is not None:
            try:
                spec.field().deserialize(spec.default)
            except ValidationError as error:
                raise fields.FieldError([f"is no {spec.type}: {error.messages}"], "default") from error
        return spec


class ManifestSchema(fields.StrictSchema):
    """The whole file; the reference page of the format is made from it."""

    name = fields.Text(max_length=40, required=True)
    version = fields.Text(max_length=40, required=True)
    core = fields.Text(max_length=100, required=True)
    title = fields.TranslatedField(max_length=80, required=True)
    summary = fields.TranslatedField(max_length=300)
    requires = ma.List(fields.Text(max_length=100))
    permissions = ma.List(fields.Text(max_length=100))
    events = ma.List(fields.Text(max_length=100))
    quality = fields.Choice(QUALITY)
    settings = ma.Dict(keys=fields.Text(max_length=64, pattern=_KEY), values=ma.Nested(_SettingSchema))


def name_problem(name: str) -> str | None:
    """Say why a plugin cannot have this name, or return None."""
    if not _NAME.fullmatch(name) or len(name) > 40:
        return f"{name!r:.60}: use up to 40 lower-case letters, digits and single underscores, a letter first"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"{name!r} is a word of the Python language"
    if name in RESERVED or name in sys.stdlib_module_names:
        return f"{name!r} is taken by the framework or by Python: choose another"
    return None


def read_manifest(folder: Path) -> Manifest:
    """Read and check ``plugin.toml`` in a plugin's folder.

    Raises:
        ManifestError: it is missing, unreadable or wrong; all problems are listed.
    """
    file = folder / MANIFEST_NAME
    heading = f"{file} cannot be used:"
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ManifestError(heading, [f"it is larger than {MAX_BYTES // 1024} KB"])
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ManifestError(heading, ["it is missing: every plugin folder needs one"]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError(heading, [f"it cannot be read: {error}"]) from error
    problems: list[str] = []
    data = _load(raw, problems)
    problems += _rules(data, folder)
    if problems:
        raise ManifestError(heading, problems)
    values: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in data.items()}
    return Manifest(**values)


def _load(raw: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = ManifestSchema().load(raw)
    except ValidationError as error:
        problems += _flatten(dict(error.messages_dict))
        return dict(error.valid_data or {})
    return loaded


def _rules(data: Mapping[str, Any], folder: Path) -> list[str]:
    """What a schema field alone cannot see."""
    name = str(data.get("name", ""))
    found = []
    if name:
        problem = name_problem(name)
        found += [f"name: {problem}"] if problem else []
        if not problem and name != folder.name:
            found.append(f"name: is {name}, but the folder is {folder.name}: make them equal")
    found += _unreadable("version", data.get("version"), Version, InvalidVersion, "a version such as 1.0.0")
    found += _unreadable("core", data.get("core"), SpecifierSet, InvalidSpecifier, "a range such as >=0.1,<1")
    for text in data.get("requires", ()):
        found += _unreadable("requires", text, Requirement, InvalidRequirement, "a plugin's name, or name>=1.0")
    for permission in data.get("permissions", ()):
        if not _PERMISSION.fullmatch(permission) or not permission.startswith(f"{name}:"):
            found.append(f"permissions: {permission}: write it as {name or 'plugin'}:thing:action")
    for event in data.get("events", ()):
        match = _EVENT.fullmatch(event)
        if match is None or match[1] != name:
            found.append(f"events: {event}: write it as {name or 'plugin'}.SomethingHappened@1")
    return found


def _unreadable(key: str, value: Any, reader: Any, error: type[Exception], expected: str) -> list[str]:
    if not value:
        return []
    try:
        reader(value)
    except error:
        return [f"{key}: {value!r:.60} is not {expected}"]
    return []


def _flatten(messages: Mapping[Any, Any], path: str = "") -> list[str]:
    lines = []
    for key, value in messages.items():
        here = path if key in {"_schema", "value"} else f"{path}.{key}".lstrip(".")
        if isinstance(value, Mapping):
            lines += _flatten(value, here)
        else:
            lines += [f"{here}: {message}" for message in (value if isinstance(value, list | tuple) else [value])]
    return lines

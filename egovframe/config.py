"""Typed settings of one city: ``egovframe.toml``, then ``EGOVFRAME_*`` variables, with secrets by reference.

A secret is written ``{ "$env" = "NAME" }`` or ``{ "$file" = "/run/secrets/name" }`` wherever a text is expected. Every
problem is found before any is reported. Plugins read their own section ``[plugin.<name>]``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from marshmallow import ValidationError
from marshmallow import fields as ma

from egovframe.config_outside import (
    OutgoingSchema,
    OutgoingSettings,
    ProviderName,
    ProviderSchema,
    ProviderSettings,
    outside_problems,
)
from egovframe.config_sections import (
    BackupSchema,
    BackupSettings,
    CitySchema,
    CitySettings,
    LimitSchema,
    LimitSettings,
    LogSchema,
    LogSettings,
    MailSchema,
    MailSettings,
    PluginSettings,
    PluginsSchema,
    SignInSchema,
    SignInSettings,
    ThemeSchema,
    ThemeSettings,
)
from egovframe.errors import SettingsError
from egovframe.fields import (
    Boolean,
    Choice,
    Code,
    Integer,
    StrictSchema,
    Text,
    Url,
)

CONFIG_NAME = "egovframe.toml"
DEMO_MARKER = "demo-city"
"""A file of this name in the data folder marks it as a demo; production refuses such a folder."""
PLACEHOLDERS = ("change-me", "changeme", "secret", "placeholder", "example", "dev-only")
MIN_SECRET = 32
Environment = Literal["development", "test", "production"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything one process needs to know; frozen, so it may be shared by threads."""

    folder: Path
    environment: Environment = "development"
    strict: bool = True
    public_url: str = "http://localhost:8000"
    secret_key: str = ""
    old_secret_keys: tuple[str, ...] = ()
    database_url: str = ""
    data_dir: Path = Path("data")
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    """How many proxies stand before the portal, each of which adds to X-Forwarded-For; 0 believes no such header."""
    demo: bool = False
    city: CitySettings = field(default_factory=CitySettings)
    theme: ThemeSettings = field(default_factory=ThemeSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    plugins: PluginSettings = field(default_factory=PluginSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    log: LogSettings = field(default_factory=LogSettings)
    outgoing: OutgoingSettings = field(default_factory=OutgoingSettings)
    oidc: Mapping[str, ProviderSettings] = field(default_factory=dict)
    """Providers that people can sign in with, by name."""
    backup: BackupSettings = field(default_factory=BackupSettings)
    presets: Mapping[str, Any] = field(default_factory=dict)
    """``[settings.<room>]``: values of stored settings by key, such as ``auth.letter_days``, until an administrator
    stores others; each setting's own field checks its value."""
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Raw ``[plugin.<name>]`` tables; each plugin's own schema checks its table."""

    @property
    def is_production(self) -> bool:
        """Whether refusals apply that development does not know."""
        return self.environment == "production"

    @property
    def is_https(self) -> bool:
        """Whether citizens reach the portal over https, so that cookies may be Secure."""
        return self.public_url.startswith("https://")

    @property
    def second_factor_roles(self) -> tuple[str, ...]:
        """Codes of the roles that begin with a second factor required; none in a demo city: its accounts are public."""
        named = self.sign_in.second_factor_roles
        if self.demo:
            return ()
        return named if named is not None else ("administrator",) if self.is_production else ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The current secret key, then older ones that may still be read."""
        return (self.secret_key, *self.old_secret_keys)


class SettingsSchema(StrictSchema):
    """The whole file. Reference pages and the messages of ``egovframe doctor`` are made from these fields."""

    environment = Choice(("development", "test", "production"), metadata={"label": "What this installation is for"})
    strict = Boolean(metadata={"label": "Whether a bad plugin stops the start (default: not in production)"})
    public_url = Url(metadata={"label": "Where citizens reach the portal"})
    secret_key = Text(max_length=500, metadata={"label": "At least 32 random characters, by reference", "secret": True})
    old_secret_keys = ma.List(
        Text(max_length=500),
        metadata={"label": "Former secret keys, newest first, kept to read old data", "secret": True},
    )
    database_url = Text(
        max_length=1000, metadata={"label": "sqlite:///file or postgresql://…; default: SQLite in data", "secret": True}
    )
    data_dir = Text(max_length=1000, metadata={"label": "Folder of the database and files; default: data"})
    trusted_hosts = ma.List(
        Text(max_length=255), metadata={"label": "Host names answered besides the public address's own"}
    )
    trusted_proxies = Integer(
        minimum=0, maximum=10, metadata={"label": "Proxies before the portal (0: believe no X-Forwarded-For)"}
    )
    demo = Boolean(metadata={"label": "Whether this is a demo city (its accounts are public knowledge)"})
    city = ma.Nested(CitySchema)
    theme = ma.Nested(ThemeSchema)
    mail = ma.Nested(MailSchema)
    plugins = ma.Nested(PluginsSchema)
    limits = ma.Nested(LimitSchema)
    sign_in = ma.Nested(SignInSchema)
    log = ma.Nested(LogSchema)
    outgoing = ma.Nested(OutgoingSchema)
    oidc = ma.Dict(
        keys=ProviderName(),
        values=ma.Nested(ProviderSchema),
        metadata={"label": "Providers that people can sign in with, one table each"},
    )
    backup = ma.Nested(BackupSchema)
    settings = ma.Dict(
        keys=Code(),
        values=ma.Dict(keys=Code()),
        metadata={"label": "One table a room: what its stored settings are until an administrator changes them"},
    )
    plugin = ma.Dict(keys=Code(), values=ma.Dict(), metadata={"label": "One table a plugin, checked by the plugin"})


ENVIRONMENT_KEYS = {
    "EGOVFRAME_DATABASE_URL": "database_url",
    "EGOVFRAME_SECRET_KEY": "secret_key",
    "EGOVFRAME_DATA": "data_dir",
    "EGOVFRAME_PUBLIC_URL": "public_url",
    "EGOVFRAME_STRICT": "strict",
    "EGOVFRAME_ENVIRONMENT": "environment",
}


def load_settings(
    folder: Path | str | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings of the city in a folder (by default ``EGOVFRAME_CONFIG`` or the present one).

    Args:
        folder: the city folder, or the settings file itself.
        environ: where ``EGOVFRAME_*`` and ``$env`` references are looked up.
        overrides: values that win over file and environment (command-line options, tests).

    Raises:
        SettingsError: the file is missing or unreadable, or any values are wrong; all problems are listed.
    """
    file = _settings_file(folder, environ)
    problems: list[str] = []
    raw = _resolve(_read(file), environ, file.parent, (), problems)
    for variable, key in ENVIRONMENT_KEYS.items():
        if environ.get(variable):
            raw[key] = environ[variable]
    raw.update(overrides or {})
    try:
        values: dict[str, Any] = SettingsSchema().load(raw)
    except ValidationError as error:
        problems += _flatten(dict(error.messages_dict))
        raise SettingsError(f"{file} cannot be used:", problems) from error
    if problems:
        raise SettingsError(f"{file} cannot be used:", problems)
    settings = _build(values, file.parent)
    if settings.is_production:
        refuse_unsafe_production(settings)
    return settings


def _settings_file(folder: Path | str | None, environ: Mapping[str, str]) -> Path:
    place = Path(folder or environ.get("EGOVFRAME_CONFIG") or ".").expanduser()
    file = place if place.suffix == ".toml" else place / CONFIG_NAME
    if not file.is_file():
        raise SettingsError(
            "No city here:", [f"{file} is missing: run this in a city folder, or make one with egovframe new city NAME"]
        )
    return file.resolve()


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise SettingsError(f"{file} cannot be read:", [str(error)]) from error


def _resolve(value: Any, environ: Mapping[str, str], folder: Path, path: tuple[str, ...], problems: list[str]) -> Any:
    """Replace ``{$env}`` and ``{$file}`` tables by what they name."""
    if isinstance(value, list):
        return [_resolve(item, environ, folder, path, problems) for item in value]
    if not isinstance(value, dict):
        return value
    name = ".".join(path)
    if set(value) == {"$env"}:
        found = environ.get(str(value["$env"]))
        if found is None:
            problems.append(f"{name}: the variable {value['$env']} is not set")
        return found or ""
    if set(value) == {"$file"}:
        try:
            return (folder / str(value["$file"])).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            problems.append(f"{name}: the file {value['$file']} cannot be read")
            return ""
    return {key: _resolve(item, environ, folder, (*path, key), problems) for key, item in value.items()}


def _flatten(messages: Mapping[Any, Any], path: str = "") -> list[str]:
    found = []
    for key, value in messages.items():
        here = f"{path}.{key}" if path and key != "_schema" else (path or str(key))
        if isinstance(value, Mapping):
            found += _flatten(value, here)
        else:
            found += [f"{here}: {message}" for message in value]
    return found


def _build(values: dict[str, Any], folder: Path) -> Settings:
    data_dir = (folder / values.pop("data_dir", "data")).resolve()
    environment = values.get("environment", "development")
    values["database_url"] = _absolute_sqlite(values.get("database_url") or f"sqlite:///{data_dir}/city.sqlite", folder)
    values.setdefault("strict", environment != "production")
    values["public_url"] = values.get("public_url", "http://localhost:8000").rstrip("/")
    values["sections"] = values.pop("plugin", {})
    rooms = values.pop("settings", {})
    values["presets"] = {f"{room}.{name}": value for room, table in rooms.items() for name, value in table.items()}
    for name in ("old_secret_keys", "trusted_hosts"):
        values[name] = tuple(values.get(name, ()))
    demo = values.pop("demo", False) or (data_dir / DEMO_MARKER).exists()
    return Settings(folder=folder, data_dir=data_dir, demo=demo, **values)


def _absolute_sqlite(address: str, folder: Path) -> str:
    prefix = "sqlite:///"
    if address.startswith(prefix) and not address.startswith(prefix + "/"):
        return prefix + str((folder / address.removeprefix(prefix)).resolve())
    return address


def refuse_unsafe_production(settings: Settings) -> None:
    """Raise SettingsError with everything that must not be in production."""
    problems = list(secret_problems(settings))
    if settings.demo:
        problems.append("demo: this is a demo city with public passwords: start a new city folder")
    if not settings.is_https:
        problems.append(f"public_url: {settings.public_url} is not https")
    if settings.log.level == "debug":
        problems.append("log.level: debug may print what people entered: use info")
    if settings.mail.adapter != "smtp":
        problems.append("mail.adapter: people would get no messages: set up smtp")
    problems += outside_problems(settings.outgoing, settings.oidc)
    if problems:
        raise SettingsError("Production refuses these settings:", problems)


def secret_problems(settings: Settings) -> list[str]:
    """Return what is wrong with the secret keys, without repeating them."""
    found = []
    for name, key in [("secret_key", settings.secret_key), *(("old_secret_keys", k) for k in settings.old_secret_keys)]:
        if not key:
            found.append(f"{name}: is missing: set EGOVFRAME_SECRET_KEY or a reference in {CONFIG_NAME}")
        elif len(key) < MIN_SECRET or len(set(key)) < 10:
            found.append(f"{name}: is too weak: use at least {MIN_SECRET} random characters")
        elif any(word in key.lower() for word in PLACEHOLDERS):
            found.append(f"{name}: is a placeholder: make a random one")
    return found


def host_of(public_url: str) -> str:
    """Return the host (with port where given) of the public address."""
    return urlsplit(public_url).netloc

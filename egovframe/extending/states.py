"""Where each plugin stands, and what is said about it to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import MigrationSource
from egovframe.errors import ProblemList, Text
from egovframe.extending.manifest import Manifest
from egovframe.hooks import HookFailure, Hooks

Stage = Literal["discovery", "validation", "import", "hooks", "rehearsal", "schema", "mount"]
State = Literal[
    "discovered", "validated", "imported", "hooked", "rehearsed", "schema checked", "mounted", "disabled", "failed"
]

HINTS: Mapping[str, Text] = {
    "manifest": _("Its plugin.toml is missing or has mistakes."),
    "name": _("Its name is already used by another plugin or Python package."),
    "core-version": _("It was not made for this version of egovframe."),
    "dependency": _("A plugin that it needs is missing, switched off or broken."),
    "cycle": _("It and another plugin need each other."),
    "settings": _("Its settings in egovframe.toml have mistakes."),
    "code": _("Its code could not be loaded."),
    "tables": _("Its tables are not named after it, or clash with others."),
    "hooks": _("Its hooks do not fit this version of egovframe."),
    "answers": _("One of its hooks failed when the portal started."),
    "routes": _("It uses an address or a name that is already taken."),
    "guards": _("Some of its pages do not say who may open them."),
    "templates": _("One of its templates has a mistake or is in the wrong folder."),
    "schema": _("Its tables are not up to date. Run: egovframe db upgrade"),
    "mount": _("Its pages could not be added to the portal."),
    "switched-off": _("It was switched off."),
    "left-out": _("The city's settings leave it out: see [plugins] in egovframe.toml."),
    "safe-mode": _("The portal was started in safe mode, with the core only."),
}
"""What is wrong and what to do, by kind; safe to show, unlike the text of an exception."""


class PluginsFailed(ProblemList):
    """Plugins cannot be used, in strict mode; each is named with its stage and reason."""


class StageFailed(Exception):
    """A step of a plugin's life found a problem: its kind (a key of HINTS) and the details for staff."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


@dataclass(slots=True)
class PluginEntry:
    """One plugin: where it was found, what it says about itself, how far it came, and what went wrong.

    Attributes:
        name: its name, which is its folder and import package.
        source: ``installed`` (an entry point) or ``city`` (the city's own ``plugins/`` folder).
        folder: its folder; None when it could not be found.
        state: the last state reached, or ``disabled`` or ``failed``.
        stage: the step that failed; empty otherwise.
        kind: the reason for ``failed`` or ``disabled``, a key of HINTS.
        detail: what went wrong in one line, for the log, the command line and the administrator.
        trace: where in the plugin's code it went wrong, for the same.
        error: what was raised; kept until strict mode has decided.
        schema: the revision of its tables in this software; empty without tables.
        settings: its settings, checked, with defaults.
        blueprints: the names of its mounted blueprints.
    """

    name: str
    source: Literal["installed", "city"]
    folder: Path | None = None
    manifest: Manifest | None = None
    state: State = "discovered"
    stage: Stage | Literal[""] = ""
    kind: str = ""
    detail: str = ""
    trace: str = ""
    error: BaseException | None = None
    schema: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    blueprints: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether nothing has gone wrong with it so far and it is wanted."""
        return self.state not in {"failed", "disabled"}

    @property
    def hint(self) -> Text:
        """What is wrong, in words for everybody."""
        return HINTS.get(self.kind, "")

    @property
    def version(self) -> str:
        """Its version, or empty when the manifest could not be read."""
        return self.manifest.version if self.manifest else ""

    def title(self, language: str = "en") -> str:
        """Return its title in the language, or its name when the manifest could not be read."""
        return self.manifest.title_in(language) if self.manifest else self.name

    def fail(self, stage: Stage, kind: str, detail: str, error: BaseException | None = None) -> None:
        """Note that a step failed."""
        self.state, self.stage, self.kind, self.detail, self.error = "failed", stage, kind, detail, error

    def disable(self, kind: str) -> None:
        """Note that the plugin is not wanted."""
        self.state, self.kind = "disabled", kind

    @property
    def migrations(self) -> MigrationSource | None:
        """Where its schema's revisions live, when it has any."""
        if self.manifest is None or self.folder is None:
            return None
        source = MigrationSource(self.name, self.manifest.prefix, self.folder / "migrations")
        return source if source.versions.is_dir() else None


class PluginReport:
    """Every plugin of one process, in the order of their dependencies."""

    def __init__(self, entries: Iterable[PluginEntry], *, safe_mode: bool = False) -> None:
        self.entries = tuple(entries)
        self.safe_mode = safe_mode
        self.routes: dict[tuple[str, str], str] = {}
        """(shape of the address, method) of every route that a plugin brings, with the plugin's name."""
        self.hooks: Hooks | None = None
        """Where the plugins are registered, once mounted: what failed or was suspended since is asked there."""

    @property
    def standing(self) -> tuple[PluginEntry, ...]:
        """Those that are wanted and have not failed."""
        return tuple(entry for entry in self.entries if entry.stands)

    @property
    def failed(self) -> tuple[PluginEntry, ...]:
        """Those that failed."""
        return tuple(entry for entry in self.entries if entry.state == "failed")

    @property
    def sources(self) -> tuple[MigrationSource, ...]:
        """Where the schema of each standing plugin lives, in the order of an upgrade."""
        return tuple(source for entry in self.standing if (source := entry.migrations))

    @property
    def settings(self) -> dict[str, Mapping[str, Any]]:
        """The checked settings of the standing plugins, by name."""
        return {entry.name: entry.settings for entry in self.standing}

    def folders(self, name: str) -> tuple[Path, ...]:
        """Return a sub-folder (``templates``, ``translations``, ``static``) of each standing plugin that has it."""
        found = (entry.folder / name for entry in self.standing if entry.folder)
        return tuple(folder for folder in found if folder.is_dir())

    def entry(self, name: str) -> PluginEntry | None:
        """Return a plugin by name; one that stands before one that was refused the same name."""
        named = [entry for entry in self.entries if entry.name == name]
        return next((entry for entry in named if entry.stands), named[0] if named else None)

    def knows(self, name: str) -> bool:
        """Whether a plugin of this name was found."""
        return self.entry(name) is not None

    def needing(self, name: str) -> list[str]:
        """Name the standing plugins that need this one."""
        return [
            entry.name
            for entry in self.standing
            if entry.manifest and any(needed.name == name for needed in entry.manifest.dependencies)
        ]

    def status(self) -> list[dict[str, str]]:
        """Return what everybody may know, for ``/status``: names, versions, states and stages."""
        return [
            {"name": entry.name, "version": entry.version, "state": self.state_of(entry), "stage": entry.stage}
            for entry in self.entries
        ]

    def state_of(self, entry: PluginEntry) -> str:
        """Return the plugin's state now: ``suspended`` when the watch over slow hooks has taken it out since."""
        suspended = entry.stands and self.hooks is not None and entry.name in self.hooks.suspended
        return "suspended" if suspended else entry.state

    def failures_of(self, entry: PluginEntry) -> list[HookFailure]:
        """Return which of its hooks failed since the start of this process, and how often."""
        return [failure for failure in self.hooks.failures if failure.plugin == entry.name] if self.hooks else []

    def facts(self, language: str = "en") -> list[dict[str, Any]]:
        """Return everything, for the command line and the administrator."""
        return [
            {
                "name": entry.name,
                "title": entry.title(language),
                "version": entry.version,
                "source": entry.source,
                "state": self.state_of(entry),
                "stage": entry.stage,
                "kind": entry.kind,
                "hint": str(entry.hint),
                "detail": entry.detail,
                "trace": entry.trace,
                "schema": entry.schema,
                "quality": entry.manifest.quality if entry.manifest else "",
                "failures": [asdict(failure) for failure in self.failures_of(entry)],
            }
            for entry in self.entries
        ]

    def raise_failures(self) -> None:
        """Raise PluginsFailed when any plugin failed; the first cause is chained."""
        if self.failed:
            lines = [f"{entry.name}: {entry.stage}: {entry.detail or entry.hint}" for entry in self.failed]
            raise PluginsFailed("These plugins cannot be used:", lines) from self.failed[0].error

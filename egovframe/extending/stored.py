"""The settings of plugins that administrators may change, as the settings room knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from egovframe.core.i18n import LazyText, current_language
from egovframe.core.modules.settings import DeclaredSetting, declare, preset
from egovframe.core.persistence import Database
from egovframe.extending.manifest import Manifest, SettingSpec, text_in
from egovframe.extending.states import PluginEntry


def declare_plugin_settings(
    database: Database, plugins: Iterable[PluginEntry], sections: Mapping[str, Mapping[str, Any]]
) -> None:
    """Declare what the manifests mark ``changeable``; what the city's file says stands above their defaults.

    Args:
        database: of the application.
        plugins: those that stand; their file values have been checked.
        sections: the file's ``[plugin.<name>]`` tables.
    """
    for entry in plugins:
        if entry.manifest is None:
            continue
        found = list(_changeable(entry.manifest))
        declare(database, *(_declared(entry.manifest, name, spec) for name, spec in found))
        given = sections.get(entry.name, {})
        preset(database, {f"{entry.name}.{name}": given[name] for name, _spec in found if name in given})


def _changeable(manifest: Manifest) -> Iterator[tuple[str, SettingSpec]]:
    return ((name, spec) for name, spec in manifest.settings.items() if spec.changeable)


def _declared(manifest: Manifest, name: str, spec: SettingSpec) -> DeclaredSetting:
    titled, said = spec.title or spec.label, spec.label if spec.title else {}
    return DeclaredSetting(
        f"{manifest.name}.{name}",
        spec.field(),
        spec.default,
        description=LazyText(_shown, said),
        section=LazyText(_shown, manifest.title),
        title=LazyText(_shown, titled),
        unit=spec.unit,
    )


def _shown(texts: Mapping[str, str]) -> str:
    return text_in(texts, current_language())


__all__ = ["declare_plugin_settings"]

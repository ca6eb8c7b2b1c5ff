"""A plugin's life: found, checked, imported, hooked, rehearsed, mounted; or left out and named."""

from egovframe.core.modules.admin import EXTENSION
from egovframe.extending.discovery import CITY_FOLDER, GROUP, discover
from egovframe.extending.lifecycle import find_plugins, load_plugins, migration_sources, mount
from egovframe.extending.manifest import MANIFEST_NAME, Manifest, ManifestError, name_problem, read_manifest
from egovframe.extending.states import HINTS, PluginEntry, PluginReport, PluginsFailed
from egovframe.extending.stored import declare_plugin_settings

__all__ = [
    "CITY_FOLDER",
    "EXTENSION",
    "GROUP",
    "HINTS",
    "MANIFEST_NAME",
    "Manifest",
    "ManifestError",
    "PluginEntry",
    "PluginReport",
    "PluginsFailed",
    "declare_plugin_settings",
    "discover",
    "find_plugins",
    "load_plugins",
    "migration_sources",
    "mount",
    "name_problem",
    "read_manifest",
]

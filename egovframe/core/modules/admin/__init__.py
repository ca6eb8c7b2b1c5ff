"""Administration: the landing page, and which plugins shall run."""

from egovframe.core.modules.admin.leaving import Left, let_leave, what_is_left
from egovframe.core.modules.admin.models import WantedPlugin
from egovframe.core.modules.admin.people import Right, what, who
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS
from egovframe.core.modules.admin.queries import wanted_states
from egovframe.core.modules.admin.services import EXTENSION, PluginOffice, want_plugin

__all__ = [
    "EXTENSION",
    "MANAGE_PLUGINS",
    "Left",
    "PluginOffice",
    "Right",
    "WantedPlugin",
    "let_leave",
    "want_plugin",
    "wanted_states",
    "what",
    "what_is_left",
    "who",
]

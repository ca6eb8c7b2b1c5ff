"""What the outbox answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from egovframe.core.modules.events.services import DELIVER, deliver
from egovframe.hooks import hookimpl


@hookimpl
def job_handlers() -> Mapping[str, Callable[..., Any]]:
    """The delivery of one event to one subscriber."""
    return {DELIVER: deliver}

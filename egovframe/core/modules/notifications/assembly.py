"""Gives the room what it needs of the application."""

from __future__ import annotations

from flask import Flask

from egovframe.core import web
from egovframe.core.modules.notifications.delivering import Outgoing, Tools
from egovframe.core.modules.notifications.rendering import Renderer
from egovframe.core.modules.notifications.transports import Transport, open_transport


def configure_mail(app: Flask, transport: Transport | None = None) -> None:
    """Let messages of this application be rendered and sent; called once, when it is assembled.

    Args:
        app: an assembled application.
        transport: another way out than the one the settings choose, for tests and plugins with a mail service.
    """
    runtime = web.runtime(app)
    runtime.database.service(Outgoing).tools = Tools(
        runtime.settings,
        runtime.hooks,
        Renderer(app, runtime.settings),
        transport or open_transport(runtime.settings),
    )

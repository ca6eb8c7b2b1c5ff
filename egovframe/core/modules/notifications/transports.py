"""Ways for e-mail to leave: printed, written to a folder, or sent by SMTP."""

from __future__ import annotations

import os
import smtplib
import ssl
import sys
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from egovframe.config import Settings
from egovframe.config_sections import MailSettings

TIMEOUT = 10.0
"""Seconds for every answer of a mail server."""
NOT_TAKEN = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    ConnectionRefusedError,
    ssl.SSLError,
)
"""Errors after which the server certainly has not taken the message; after others it may have."""


class Refused(Exception):
    """The message will never be taken: the address does not exist or cannot be written."""


class Transport(Protocol):
    """Something that takes a finished message."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over.

        Raises:
            Refused: for good.
            OSError, smtplib.SMTPException: not now; one of ``NOT_TAKEN`` when it certainly was not taken.
        """


class ConsoleTransport:
    """Prints messages, for development."""

    def send(self, message: EmailMessage) -> None:
        """Print headers and text."""
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        sys.stdout.write(f"\n--- mail to {message['To']}\nSubject: {message['Subject']}\n\n{text}---\n")
        sys.stdout.flush()


class FileTransport:
    """Writes one ``.eml`` a message, for demo, tests and looking at mail in a browser; sent twice, written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the message under its Message-ID."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        half = self.folder / f".{name}.{os.getpid()}"
        half.write_bytes(message.as_bytes())
        half.replace(self.folder / f"{name}.eml")


class SmtpTransport:
    """Sends over SMTP, with TLS from the start, STARTTLS, or none on a trusted network."""

    def __init__(self, settings: MailSettings, *, timeout: float = TIMEOUT) -> None:
        self._settings = settings
        self._timeout = timeout

    def send(self, message: EmailMessage) -> None:
        """Send the message; each call is a connection of its own."""
        server = self._connect()
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            if all(500 <= code < 600 for code, _text in error.recipients.values()):
                raise Refused from error
            raise
        except smtplib.SMTPNotSupportedError as error:
            raise Refused from error
        finally:
            # Whatever the farewell brings: the message was taken or refused before.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _connect(self) -> smtplib.SMTP:
        settings, context = self._settings, ssl.create_default_context()
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=self._timeout)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.username:
                server.login(settings.username, settings.password)
        except BaseException:
            server.close()
            raise
        return server


def open_transport(settings: Settings) -> Transport:
    """Return the transport that the settings choose; a demo and a test city never send by SMTP."""
    mail = settings.mail
    if mail.adapter == "smtp" and not settings.demo and settings.environment != "test":
        return SmtpTransport(mail)
    if mail.adapter == "console" and not settings.demo:
        return ConsoleTransport()
    return FileTransport(settings.data_dir / "outbox")

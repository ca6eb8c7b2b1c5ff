"""Makes the e-mail of a message: headers that nobody can extend, a stable Message-ID, text and HTML."""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from egovframe.core.modules.notifications.rendering import Rendered, one_line
from egovframe.core.modules.notifications.transports import Refused

ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]{1,253}")


def compose(
    rendered: Rendered,
    page: str,
    *,
    sender: str,
    sender_name: str,
    to: str,
    to_name: str,
    message_id: str,
    public_url: str,
    at: datetime,
) -> EmailMessage:
    """Return the finished message.

    Raises:
        Refused: an address cannot stand in a header.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = address(sender, sender_name)
    message["To"] = address(to, to_name)
    message["Subject"] = one_line(rendered.subject)[:200]
    message["Date"] = at
    message["Message-ID"] = f"<{message_id}@{urlsplit(public_url).hostname or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to a portal
    message.set_content(f"{rendered.text}\n{rendered.link}\n" if rendered.link else rendered.text)
    message.add_alternative(page, subtype="html")
    message["Content-Language"] = rendered.language  # last: setting the content drops every Content- header
    return message


def address(mail: str, name: str) -> Address:
    """Return an address for a header, its domain in ASCII.

    Raises:
        Refused: it is none, or holds a line end.
    """
    if not ADDRESS.fullmatch(mail):
        raise Refused
    local, _at, domain = mail.rpartition("@")
    try:
        return Address(one_line(name), username=local, domain=domain.encode("idna").decode())
    except (ValueError, MessageError) as error:
        raise Refused from error

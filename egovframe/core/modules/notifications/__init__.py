"""Notifications: messages to people, in the portal's inbox exactly once and by e-mail at least once."""

from egovframe.core.modules.notifications.assembly import configure_mail
from egovframe.core.modules.notifications.models import Delivery, Notification
from egovframe.core.modules.notifications.queries import InboxEntry, delivery_counts, inbox, unread_count
from egovframe.core.modules.notifications.rendering import Rendered, Renderer
from egovframe.core.modules.notifications.services import mark_all_read, mark_read, notify
from egovframe.core.modules.notifications.subjects import declare_subjects
from egovframe.core.modules.notifications.transports import FileTransport, Refused, Transport
from egovframe.hooks import Recipient

declare_subjects()

__all__ = [
    "Delivery",
    "FileTransport",
    "InboxEntry",
    "Notification",
    "Recipient",
    "Refused",
    "Rendered",
    "Renderer",
    "Transport",
    "configure_mail",
    "delivery_counts",
    "inbox",
    "mark_all_read",
    "mark_read",
    "notify",
    "unread_count",
]

"""What comes in and what goes out."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import Choice, Instant, Integer, PublicId, StrictSchema, Text
from lost_and_found.models import KEPT, RETURNED


class ItemIn(StrictSchema):
    """A found thing as people describe it; also the form on the page."""

    what = Text(
        required=True,
        min_length=3,
        max_length=200,
        metadata={"label": _("What did you find?"), "hint": _("For example: a black umbrella with a wooden handle")},
    )
    place = Text(
        required=True,
        max_length=200,
        metadata={"label": _("Where did you find it?"), "hint": _("Street, stop or building")},
    )


class ItemOut(StrictSchema):
    """A found thing as everybody may see it."""

    id = PublicId(attribute="public_id")
    what = Text()
    place = Text()
    state = Choice((KEPT, RETURNED))
    created_at = Instant()
    returned_at = Instant()


class ListQuery(StrictSchema):
    """Which page of the list."""

    page = Integer(minimum=1, maximum=100_000, load_default=1)
    page_size = Integer(minimum=1, maximum=100, load_default=20)

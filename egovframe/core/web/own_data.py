"""Answers about one's own data that several rooms give: the file with everything, and what an erasure would do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response

from egovframe.core.modules.privacy import Subject, backups_end, download, note_download, outlook
from egovframe.core.persistence import now
from egovframe.core.web.context import actor, language, load, reading, settings, writing
from egovframe.core.web.limits import limit
from egovframe.fields import Choice, StrictSchema

TYPES = {"html": "text/html; charset=utf-8", "json": "application/json"}
PIECE = 64 * 1024
DOWNLOADS = 20
"""An hour, for each person: each walks through every table."""


class DownloadSchema(StrictSchema):
    """In which form: a page to read, or JSON for programs."""

    format = Choice(("html", "json"), required=True)


def send_data(subject: Subject) -> Response:
    """Answer with everything about somebody, whose right was checked; the audit remembers that it was taken along."""
    wanted = load(DownloadSchema())["format"]
    limit(f"{subject.kind}:{subject.id}", "my-data", DOWNLOADS, timedelta(hours=1))
    with writing() as session:
        note_download(session, actor(), subject, wanted)
    lang = language()
    file = download(reading(), subject, wanted, language=lang, city=settings().city.name_in(lang))
    answer = Response(iter(lambda: file.read(PIECE), b""), content_type=TYPES[wanted])
    answer.call_on_close(file.close)
    answer.headers["Content-Disposition"] = f"attachment; filename=my-data.{wanted}"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def explained(subject: Subject) -> dict[str, Any]:
    """Return what a page needs to explain an erasure."""
    session = reading()
    return {"outlook": outlook(session, subject), "until": backups_end(session), "at": now(session)}

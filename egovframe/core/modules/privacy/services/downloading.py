"""Verb: write everything the city holds about a person into a file, as a page to read or as JSON for programs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Literal

from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import direction, format_datetime, gettext, ngettext
from egovframe.core.modules.audit import audit
from egovframe.core.modules.privacy.rules import Rule
from egovframe.core.modules.privacy.services.collecting import Section, plain, sections, shown
from egovframe.core.modules.privacy.services.people import public_id_of
from egovframe.core.modules.privacy.subjects import Subject
from egovframe.core.persistence import now

Format = Literal["html", "json"]
IN_MEMORY = 1_000_000
"""Bytes of the file kept in memory; the rest goes to a temporary file that has no name."""
STYLE = (
    "body{font:18px/1.6 system-ui,sans-serif;margin:0 auto;max-width:46rem;padding:1rem;overflow-wrap:anywhere}"
    "dl{border-block-start:1px solid #999;margin:0;padding-block:.6rem}dt{font-weight:600}"
    "dd{margin:0 0 .4rem;white-space:pre-wrap}.meta{color:#555}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}.meta{color:#bbb}}"
)


def download(session: Session, subject: Subject, form: Format, *, language: str, city: str) -> IO[bytes]:
    """Return an open file with everything about a person, rewound; the caller closes it.

    Args:
        session: of a reading unit.
        subject: about whom.
        form: ``html`` or ``json``.
        language: of the page; texts are looked up in the language of the moment, which should be the same.
        city: name of the city.

    Raises:
        NotFound: there is no such subject.
    """
    name = f"{subject.kind}:{public_id_of(session, subject)}"
    pieces = _page(session, subject, language, city) if form == "html" else _json(session, subject, language, name)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller sends and closes it
    try:
        for piece in pieces:
            file.write(piece.encode())
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def note_download(session: Session, actor: Actor, subject: Subject, form: Format) -> None:
    """Write into the audit that a person took their data along."""
    name = public_id_of(session, subject)
    audit(session, actor, "privacy:person:download", f"{subject.kind}:{name}", after={"form": form})


def _json(session: Session, subject: Subject, language: str, name: str) -> Iterator[str]:
    head = {"format": "egovframe-my-data", "version": 1, "about": name, "made_at": plain(now(session))}
    yield json.dumps(head, ensure_ascii=False)[:-1] + f', "language": {json.dumps(language)}, "parts": ['
    for number, (section, rows) in enumerate(sections(session, subject)):
        facts = {"table": section.facet.table.name, "title": section.title, "kept": _rule_facts(section.rule)}
        facts["labels"] = {column: str(label) for column, label in section.columns.items()}
        yield (",\n" if number else "\n") + json.dumps(facts, ensure_ascii=False)[:-1] + ', "rows": ['
        yield from _listed(json.dumps({k: plain(v) for k, v in row.items()}, ensure_ascii=False) for row in rows)
        yield "]}"
    yield "\n]}\n"


def _listed(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield (",\n " if number else "\n ") + text


def _rule_facts(rule: Rule | None) -> dict[str, object] | None:
    if rule is None:
        return None
    return {"code": rule.code, "days": rule.keep_days, "since": rule.since, "law": rule.law}


def _page(session: Session, subject: Subject, language: str, city: str) -> Iterator[str]:
    title = gettext("Your data at %(city)s", city=city)
    yield (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        f'<p class="meta">{escape(gettext("Made on %(when)s", when=format_datetime(now(session))))}</p>'
    )
    for section, rows in sections(session, subject):
        yield from _section(session, section, rows, language)
    yield "</main></body></html>\n"


def _section(session: Session, section: Section, rows: Iterable[object], language: str) -> Iterator[str]:
    yield f"<section><h2>{escape(section.title)}</h2>"
    if section.rule is not None:
        yield f'<p class="meta" dir="auto">{_kept(section.rule)}</p>'
    empty = True
    for row in rows:
        empty = False
        yield "<dl>"
        for name, label in section.columns.items():
            value = shown(session, section, name, row, language)  # type: ignore[arg-type]
            yield f'<dt>{escape(label)}</dt><dd dir="auto">{escape(value)}</dd>'
        yield "</dl>"
    if empty:
        yield f"<p>{escape(gettext('Nothing.'))}</p>"
    yield "</section>"


def _kept(rule: Rule) -> Markup:
    if rule.keep_days is None:
        said = gettext("Kept until you ask us to erase it.")
    else:
        said = ngettext(
            "Kept for one day after it is no longer needed.",
            "Kept for %(num)d days after it is no longer needed.",
            rule.keep_days,
        )
    return escape(f"{said} {rule.law}".strip())

"""Verb: write everything the city holds about a person into a file, as a page to read or as JSON for programs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, Literal

from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import direction, format_datetime, gettext, ngettext
from egovframe.core.modules.audit import audit
from egovframe.core.modules.privacy.clocks import clocks_in_words
from egovframe.core.modules.privacy.queries import SeenLook, looks_about, viewer_in_words
from egovframe.core.modules.privacy.rules import Rule
from egovframe.core.modules.privacy.services.collecting import Section, given, plain, sections, shown
from egovframe.core.modules.privacy.services.people import public_id_of
from egovframe.core.modules.privacy.subjects import Subject
from egovframe.core.persistence import now

Format = Literal["html", "json"]
DAYS_OF_A_YEAR = 365
IN_MEMORY = 1_000_000
"""Bytes of the file kept in memory; the rest goes to a temporary file that has no name."""
STYLE = (
    "body{font:18px/1.6 system-ui,sans-serif;margin:0 auto;max-width:46rem;padding:1rem;overflow-wrap:anywhere}"
    "h3{margin-block:1.4rem .4rem}dl{border-block-start:1px solid #999;margin:0;padding-block:.6rem}dt{font-weight:600}"
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
        yield from _listed(json.dumps(given(session, section, row), ensure_ascii=False) for row in rows)
        yield "]}"
    yield '\n], "looks": ['
    yield from _listed(json.dumps(_look_facts(seen), ensure_ascii=False) for seen in looks_about(session, subject))
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
    # Outside of the f-string: what stands inside of one is found by no search for messages.
    made = gettext("Made on %(when)s", when=format_datetime(now(session)))
    yield (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        f'<p class="meta">{escape(made)}</p>'
    )
    filled, empty = set(), []
    for section, rows in sections(session, subject):
        some = _rows(session, section, rows, language)
        first = next(some, None)
        if first is None:
            empty.append(section.title)
            continue
        filled.add(section.title)
        yield f"<section><h2>{escape(section.title)}</h2>{_kept(session, section.rule)}{first}"
        yield from some
        yield "</section>"
    yield from _looks(session, subject)
    yield from _nothing([title for title in dict.fromkeys(empty) if title not in filled])
    yield "</main></body></html>\n"


def _rows(session: Session, section: Section, rows: Iterable[Mapping[str, Any]], language: str) -> Iterator[str]:
    """Yield rows under the number and title of the matter that they belong to; what is empty is left out."""
    matter = ""
    itself = section.facet.sheet.named is not None
    for row in rows:
        values = [(label, shown(session, section, name, row, language)) for name, label in section.columns.items()]
        if not any(value for _label, value in values):
            continue
        if row["_number"] != matter and not itself:
            matter = row["_number"]
            yield f'<h3><bdi dir="ltr">{escape(matter)}</bdi> <bdi>{escape(row["_heading"] or "")}</bdi></h3>'
        yield _listing(values)


def _listing(values: Iterable[tuple[Any, str]]) -> str:
    pairs = (f'<dt>{escape(label)}</dt><dd dir="auto">{escape(value)}</dd>' for label, value in values if value)
    return f"<dl>{''.join(pairs)}</dl>"


def _looks(session: Session, subject: Subject) -> Iterator[str]:
    title, nobody = gettext("Who looked at your data"), gettext("Nobody has looked at your data")
    yield f"<section><h2>{escape(title)}</h2>"
    some = False
    for seen in looks_about(session, subject):
        some = True
        yield _listing(
            [
                (gettext("When"), format_datetime(seen.at)),
                (gettext("Who"), viewer_in_words(seen)),
                (gettext("What for"), str(seen.purpose)),
                (gettext("Reason"), seen.reason),
                (gettext("About"), seen.thing),
                (gettext("What was seen"), "\n".join(seen.kinds)),
            ]
        )
    if not some:
        yield f"<p>{escape(nobody)}</p>"
    yield "</section>"


def _nothing(titles: Iterable[str]) -> Iterator[str]:
    listed = "".join(f"<li>{escape(title)}</li>" for title in titles)
    if listed:
        title = gettext("Of this we hold nothing")
        yield f"<section><h2>{escape(title)}</h2><ul>{listed}</ul></section>"


def _look_facts(seen: SeenLook) -> dict[str, Any]:
    facts = {"at": plain(seen.at), "who": viewer_in_words(seen), "purpose": str(seen.purpose), "reason": seen.reason}
    return {**facts, "about": seen.thing, "seen": list(seen.kinds)}


def _kept(session: Session, rule: Rule | None) -> Markup:
    if rule is None:
        return Markup()
    since = str(clocks_in_words(session)(rule))
    days = rule.keep_days
    if days is None:
        said = gettext("Kept until you ask us to erase it.")
    elif days and days % DAYS_OF_A_YEAR == 0:
        years = days // DAYS_OF_A_YEAR
        said = ngettext(
            "Kept for one year, counted from: %(since)s.",
            "Kept for %(num)d years, counted from: %(since)s.",
            years,
            since=since,
        )
    else:
        said = ngettext(
            "Kept for one day, counted from: %(since)s.",
            "Kept for %(num)d days, counted from: %(since)s.",
            days,
            since=since,
        )
    return Markup('<p class="meta" dir="auto">{}</p>').format(f"{said} {rule.law}".strip())

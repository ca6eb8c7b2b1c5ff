"""A town whose every text is hostile: what people wrote, what machines noted, names in files, translations.

The texts are planted below the verbs, so that a page may not rely on a verb to have cleaned what it shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from baseline.routes import routes
from baseline.samples import address
from baseline.town import Town, build
from sqlalchemy import Column, String, Text, select, update

from egovframe.core.i18n import Translated
from egovframe.core.modules.admin import EXTENSION as PLUGINS
from egovframe.core.modules.notifications import Notification
from egovframe.core.persistence import METADATA, EncryptedText, now
from egovframe.demo.folder import SETTINGS
from egovframe.demo.geometry import CENTRE
from egovframe.testing.databases import tamper

LONG = (
    "'\"><b data-xss></b><script>window.xss=1;alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>"
    "</title></textarea><a href=javascript:alert(4) data-xss>x</a>{{7919*7907}}\u202e"
)
SHORT = '"><b data-xss>'
RUN = "62615533"
"""What a template would make of the product in ``LONG``."""
MACHINES = ("core_job", "core_event", "core_schedule", "core_idempotency", "core_rate", "core_case_type")
"""Tables that machines read; what people see of them is shown elsewhere from other columns."""
RECORDED = {"core_audit": ("thing", "reason", "before", "after", "actor")}
"""Tables that nobody may change, and what readers are shown of them."""
NOT_FREE = {
    "core_account.password_hash": "a hash",
    "core_account.language": "a language tag",
    "core_case.external_source": "a name of an importer",
    "core_case.tracking_code": "found by its digest",
    "core_case.language": "a language tag",
    "core_case.reporter_reference": "a reference that is resolved",
    "core_work_calendar.timezone": "a zone",
    "core_setting.value": "JSON by declared types",
    "core_kept_form.path": "an address of ours, matched against the routes before it is kept",
    "civic_participation_draft.values": "JSON of a form, planted leaf by leaf below",
    "core_notification.facts": "JSON that messages are filled from, planted leaf by leaf below",
    "core_kept_form.fields": "JSON of a form, planted leaf by leaf below",
}
"""Columns that no text of a person reaches as it stands, with what they hold."""
CODES = {"category", "area", "lang", "language", "role", "how", "kind"}
"""Names in JSON whose values are codes that are looked up."""


def free_columns() -> Iterator[Column[Any]]:
    """Yield every column that may hold what somebody wrote."""
    for table in METADATA.sorted_tables:
        if table.name.startswith(MACHINES) or table.name.startswith(tuple(RECORDED)):
            continue
        unique = {column.name for constraint in table.constraints for column in getattr(constraint, "columns", ())}
        unique |= {column.name for index in table.indexes for column in index.columns}
        for column in table.columns:
            bare = column.primary_key or column.unique or column.index or column.foreign_keys or column.name in unique
            if not bare and _is_text(column) and f"{table.name}.{column.name}" not in NOT_FREE:
                yield column


def _is_text(column: Column[Any]) -> bool:
    kind = column.type
    if column.name.endswith(("_hash", "_digest", "_index", "code", "mac", "icon", "language", "kind", "state", "mode")):
        return False
    if type(kind).__name__ == "TranslatedText" or isinstance(kind, EncryptedText):
        return True
    return isinstance(kind, Text) or (isinstance(kind, String) and (kind.length or 1000) >= 60)


def plant(town: Town) -> list[str]:
    """Write the polyglot into every free column of every row; return the columns."""
    planted = []
    with town.database.writing() as session:
        for column in free_columns():
            length = getattr(column.type, "length", None) or 1000
            text: Any = LONG if length >= len(LONG) else SHORT
            if type(column.type).__name__ == "TranslatedText":
                text = Translated("en", dict.fromkeys(town.languages, SHORT + "x"))
            session.connection().execute(update(column.table).values({column.name: text}))
            planted.append(str(column))
    return planted + plant_records(town) + plant_json(town)


def plant_records(town: Town) -> list[str]:
    """Rewrite the audit as an intruder could: its pages show hostile reasons, things and values."""
    tamper(town.database)  # the triggers that refuse it
    planted = []
    with town.database.writing() as session:
        for name, columns in RECORDED.items():
            table = METADATA.tables[name]
            values = {
                column: {LONG: LONG} if column in {"before", "after"} else LONG[: table.c[column].type.length or 1000]  # type: ignore[attr-defined]
                for column in columns
            }
            session.connection().execute(update(table).values(values))
            planted += [f"{name}.{column}" for column in columns]
    return planted


def plant_json(town: Town) -> list[str]:
    """Make every text inside stored JSON hostile: facts of messages, forms that are being filled in."""
    columns = [METADATA.tables[table].c[name] for table, name in _JSON]
    with town.database.writing() as session:
        for column in columns:
            key = next(iter(column.table.primary_key.columns))
            for number, packed in session.connection().execute(select(key, column)).all():
                value = {**_MORE.get(column.table.name, {}), **_as_names(json.loads(packed or "{}"))}
                hostile = json.dumps(_hostile(value) if column.table.name != "core_kept_form" else _pairs(packed))
                session.connection().execute(update(column.table).where(key == number).values({column.name: hostile}))
    return [str(column) for column in columns]


_JSON = (
    ("core_notification", "facts"),
    ("civic_participation_draft", "values"),
    ("core_kept_form", "fields"),
)
_FACTS = ("change", "how", "level", "reason", "reference", "reporter_page", "state", "text", "title", "done")
_DRAFT = ("description", "address", "name", "email", "phone", "contact")
_MORE: dict[str, dict[str, Any]] = {
    "core_notification": dict.fromkeys(_FACTS, "x"),
    "civic_participation_draft": {**dict.fromkeys(_DRAFT, "x"), "placed": True, "private": False},
}


def _as_names(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _pairs(packed: str) -> list[list[str]]:
    return [[name, LONG] for name, _value in json.loads(packed or "[]")]


def _hostile(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: part if name in CODES else _hostile(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_hostile(part) for part in value]
    return LONG if isinstance(value, str) else value


def message_to(town: Town, name: str) -> None:
    """Put one message of each kind that the inbox knows into somebody's inbox."""
    kinds = ("cases.news", "cases.assigned", "cases.received", "auth.verification_ended", "auth.factors_changed")
    with town.database.writing() as session:
        for kind in kinds:
            account = town.visitors[name].actor.account_id
            row = Notification(
                reference=f"auth.account:{account}",
                key=f"hostile {kind}",
                kind=kind,
                thing="case:x",
                facts='{"title": "x"}',
                account_id=account,
                created_at=now(session),
            )
            session.add(row)


def settings_text() -> str:
    """Return the settings file of a city whose name is hostile."""
    names = ", ".join(f"{lang} = '{SHORT}'" for lang in ("en", "ko", "ar"))
    text = SETTINGS.format(latitude=CENTRE[0], longitude=CENTRE[1])
    return re.sub("^name = .*$", f"name = {{ {names} }}", text, flags=re.MULTILINE)


def hostile_catalogues(folder: Path, languages: tuple[str, ...]) -> int:
    """Write catalogues of a city that make every message without plurals hostile; return how many messages."""
    root = Path(__file__).parents[2]
    sources = [root / "egovframe/core/translations/messages.pot"]
    sources += sorted(root.glob("plugins/*/translations/messages.pot"))
    count = 0
    for lang in languages:
        made = polib.POFile()
        made.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": lang}
        for source in sources:
            for entry in polib.pofile(str(source)):
                if entry.msgid_plural or made.find(entry.msgid, msgctxt=entry.msgctxt or False):
                    continue
                text = f"{entry.msgid} {SHORT}"
                made.append(polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt, msgstr=text, flags=entry.flags))
                count += 1
        place = folder / "translations" / lang / "LC_MESSAGES"
        place.mkdir(parents=True)
        made.save(str(place / "messages.po"))
    return count


def hostile_plugins(town: Town) -> None:
    """Give every plugin a hostile title and summary."""
    for entry in town.app.extensions[PLUGINS].entries:
        if entry.manifest is not None:
            for texts in (entry.manifest.title, entry.manifest.summary):
                texts.update(dict.fromkeys(town.languages, SHORT))


def hostile_town(folder: Path, database: str) -> Town:
    """Return a town of its own whose every text is hostile.

    Args:
        folder: empty.
        database: address of a migrated one.
    """
    assert hostile_catalogues(folder / "demo", ("en", "ko", "ar")) > 2000
    town = build(folder, database, settings=settings_text())
    for name in ("citizen", "officer", "auditor", "administrator"):
        message_to(town, name)
    for route in routes(town.app):
        address(town, route)  # samples are looked up while texts still are what they were
    hostile_plugins(town)
    columns = plant(town)
    needed = {"core_account.display_name", "core_case.title", "core_case_entry.text", "core_audit.reason"}
    assert needed <= set(columns)
    return town

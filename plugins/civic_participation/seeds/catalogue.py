"""Categories of the demo city, who is in charge of each where, and two routing rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic_participation.intake.catalogue import Catalogue, CatalogueItem
from civic_participation.models import Category
from civic_participation.services.catalogue import GROUP_PREFIX, import_catalogue
from egovframe.actor import SYSTEM
from egovframe.core.i18n import Translated
from egovframe.core.modules.organisation import post_by_code, put_jurisdiction
from egovframe.core.modules.routing import add_rule, all_rules
from egovframe.hooks import DemoContext

FOLDER = Path(__file__).parents[1] / "demo"
LAYER = "district"


def read_demo_file(name: str) -> dict[str, Any]:
    """Return a file of the plugin's folder ``demo``."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def put_catalogue(session: Session, file: Mapping[str, Any]) -> dict[str, Category]:
    """Make the groups and categories that are not there yet; return the categories by code."""
    items = [_item(number, entry) for number, entry in enumerate(file["category"], start=1)]
    import_catalogue(session, SYSTEM, Catalogue(items, []))
    rows = {one.code: one for one in session.scalars(select(Category))}
    for position, group in enumerate(file["group"]):
        row = rows[f"{GROUP_PREFIX}{group['code']}"]
        row.name, row.position = Translated.from_texts("en", group["name"]), position
    for entry in file["category"]:
        rows[entry["code"]].icon = entry["icon"]
    session.flush()
    return {entry["code"]: rows[entry["code"]] for entry in file["category"]}


def put_jurisdictions(session: Session, demo: DemoContext, file: Mapping[str, Any]) -> None:
    """Put posts in charge: one in each district where the department has such posts, else one for the whole city."""
    posts: Mapping[str, Sequence[tuple[str, str | None]]] = demo.things["organisation.posts"]
    for entry in file["category"]:
        for code, district in posts[entry["department"]]:
            post = post_by_code(session, code)
            area = demo.areas[f"{LAYER}:{district}"] if district else None
            if post is not None:
                put_jurisdiction(session, SYSTEM, post, entry["code"], area)


def put_rules(session: Session, demo: DemoContext, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add the rules that are not there yet, told by their titles."""
    known = {rule.title.text.get("en") for rule in all_rules(session)}
    for entry in entries:
        if entry["title"]["en"] in known:
            continue
        conditions: dict[str, Any] = {"subjects": entry["subjects"]}
        if entry.get("districts"):
            conditions["areas"] = [demo.areas[f"{LAYER}:{code}"].id for code in entry["districts"]]
        if entry.get("channels"):
            conditions["channels"] = entry["channels"]
        title = Translated.from_texts("en", entry["title"])
        department = demo.departments[entry["department"]]
        add_rule(session, SYSTEM, title=title, conditions=conditions, department_id=department.id)


def _item(number: int, entry: Mapping[str, Any]) -> CatalogueItem:
    return CatalogueItem(
        number,
        entry["code"],
        entry["name"],
        department=entry["department"],
        hours=entry["hours"],
        mode=entry["mode"],
        keywords=entry["keywords"],
        group=entry["group"],
        hints=entry.get("hint", {}),
        notices=entry.get("notice", {}),
        private=entry.get("private", False),
        position=number,
    )

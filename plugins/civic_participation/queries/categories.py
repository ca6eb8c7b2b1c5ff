"""Finding categories: the list by groups, search as people type, one by its code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from civic_participation.models import Category, Complaint
from egovframe.core.i18n import Translated
from egovframe.core.persistence import kept


@dataclass(frozen=True, slots=True)
class CategoryGroup:
    """Categories under one heading; ``group`` is None for those without one."""

    group: Category | None
    categories: list[Category]


def category_by_code(session: Session, code: str) -> Category | None:
    """Return the category that complaints can be filed under, or None."""
    return session.scalar(_by_code(), {"code": code})


@kept
def _by_code() -> Select[Category]:
    return select(Category).where(Category.code == bindparam("code"), Category.is_group.is_(False))


def categories_by_id(session: Session, ids: Iterable[int]) -> dict[int, Category]:
    """Return categories by id in one statement."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {one.id: one for one in session.scalars(select(Category).where(Category.id.in_(sorted(wanted))))}


def category_names(session: Session, codes: Iterable[str]) -> dict[str, Translated]:
    """Return the names of categories by code, in one statement."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    return {row.code: row.name for row in session.execute(_named(), {"codes": wanted})}


@kept
def _named() -> Select[str, Translated]:
    return select(Category.code, Category.name).where(Category.code.in_(bindparam("codes", expanding=True)))


def ancestors(session: Session, category: Category) -> list[Category]:
    """Return the groups above a category, the nearest first; the tree is at most ten levels deep."""
    found: list[Category] = []
    while category.parent_id is not None and len(found) < 10:
        parent = session.get(Category, category.parent_id)
        if parent is None:
            break
        found.append(parent)
        category = parent
    return found


def open_categories(session: Session, *, staff: bool = False) -> list[Category]:
    """Return the categories one may file under, in the catalogue's order."""
    return list(session.scalars(_open(staff)))


def offered_categories(session: Session) -> Sequence[Row[str, Translated]]:
    """Return ``code`` and ``name`` of the categories that anybody may file under, in the catalogue's order."""
    return session.execute(_offered()).all()


@kept
def _open(staff: bool) -> Select[Category]:
    statement = select(Category).where(Category.active.is_(True), Category.is_group.is_(False))
    if not staff:
        statement = statement.where(Category.staff_only.is_(False))
    return statement.order_by(Category.position, Category.id)


@kept
def _offered() -> Select[str, Translated]:
    return _open(False).with_only_columns(Category.code, Category.name)


def category_groups(session: Session, *, staff: bool = False) -> list[CategoryGroup]:
    """Return the categories by group, groups in the order of their first category."""
    leaves = open_categories(session, staff=staff)
    groups = categories_by_id(session, {one.parent_id for one in leaves if one.parent_id is not None})
    ordered: dict[int | None, CategoryGroup] = {}
    for leaf in leaves:
        group = groups.get(leaf.parent_id) if leaf.parent_id is not None else None
        ordered.setdefault(group.id if group else None, CategoryGroup(group, [])).categories.append(leaf)
    return list(ordered.values())


def popular_categories(session: Session, limit: int = 5) -> list[Category]:
    """Return the categories most filed under of late (among the newest 2,000 complaints)."""
    newest = select(Complaint.category_id).order_by(Complaint.id.desc()).limit(2000).subquery()
    counted = (
        select(newest.c.category_id, func.count().label("times"))
        .group_by(newest.c.category_id)
        .order_by(func.count().desc(), newest.c.category_id)
        .limit(limit * 2)
    )
    ids = [row.category_id for row in session.execute(counted)]
    found = categories_by_id(session, ids)
    usable = [found[i] for i in ids if i in found and found[i].active and not found[i].staff_only]
    return usable[:limit]


def search_categories(categories: Sequence[Category], text: str, limit: int = 12) -> list[Category]:
    """Return the categories in which every word asked for begins or (Chinese, Japanese, Korean) stands, best first."""
    words = _words(text)[:8]
    if not words:
        return []
    scored = [(score, number, one) for number, one in enumerate(categories) if (score := _score(one, words))]
    return [one for _score_, _number, one in sorted(scored, key=lambda item: (-item[0], item[1]))[:limit]]


def _score(category: Category, words: Sequence[str]) -> int:
    names = [_folded(text) for text in category.name.text.values()]
    others = [_folded(category.keywords), *(_folded(t) for t in (category.hint.text.values() if category.hint else ()))]
    total = 0
    for word in words:
        if any(_stands(word, name) for name in names):
            total += 3
        elif any(_stands(word, other) for other in others):
            total += 1
        else:
            return 0
    return total


def _stands(word: str, text: str) -> bool:
    if not word.isascii():
        return word in text
    return any(part.startswith(word) for part in text.replace(",", " ").split())


def _words(text: str) -> list[str]:
    return _folded(text).replace(",", " ").split()


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    without_marks = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", without_marks)
